"""Overlaps against counting by hand, and against somebody who works out what is withheld."""

import json
import math
import random
from collections import Counter
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit.compare.disclosure import Cells, protect
from segkit.compare.facts import Overlap
from segkit.compare.overlap import describe_overlap, measure_overlap
from segkit.errors import ParameterError
from segkit.store.engine import Engine
from segkit.views.overlap import render_overlap

COUNTS = st.lists(st.integers(0, 30), min_size=8, max_size=8)
NAMES = [("a", "A"), ("b", "B"), ("c", "C")]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(memory="500MB")


def measured(engine: Engine, sets: list[set[int]], n: int, *, min_size: int = 1) -> Overlap:
    tables = [
        engine.keep(
            engine.values([{"user_no": u} for u in sorted(users)], {"user_no": "int64"}), "s"
        )
        for users in (*sets, set(range(n)))
    ]
    named = {(f"s{i}", f"Set {i}"): table for i, table in enumerate(tables[:-1])}
    return measure_overlap(engine, tables[-1], named, min_size=min_size)


@pytest.mark.shared
def test_the_example_of_a_peer_library_is_reproduced(shared: Path) -> None:
    told = json.loads((shared / "vectors" / "overlap" / "upset.json").read_text("utf-8"))
    cells = {
        sum(int(row[f"cat{i}"]) << i for i in range(3)): row["count"] for row in told["counts"]
    }

    found = describe_overlap(cells, [(f"cat{i}", f"cat{i}") for i in range(3)], min_size=1)

    assert found.n_universe == told["total"]
    assert {s.segment: s.n_users for s in found.segments} == told["category_totals"]
    order = [part["n"] for part in told["sort_by_cardinality"] if any(part["key"])]
    assert [part.n_users for part in found.intersections] == order
    assert found.n_none == told["counts"][0]["count"]
    for pair in found.pairs:
        expected = told["pairs"][f"{pair.first},{pair.second}"]
        assert (pair.n_both, pair.n_either) == (expected["intersection"], expected["union"])
        assert pair.jaccard == pytest.approx(expected["jaccard"])
        assert pair.first_in_second == pytest.approx(expected["a_in_b"])
        assert pair.lift == pytest.approx(expected["lift"])
        larger = max(pair.first_in_second or 0, pair.second_in_first or 0)
        assert larger == pytest.approx(expected["overlap_coefficient"])


@pytest.mark.shared
def test_the_selections_of_a_peer_library_are_told_by_the_combinations(shared: Path) -> None:
    told = json.loads((shared / "vectors" / "overlap" / "upset.json").read_text("utf-8"))
    cells = {
        sum(int(row[f"cat{i}"]) << i for i in range(3)): row["count"] for row in told["counts"]
    }

    found = describe_overlap(cells, [(f"cat{i}", f"cat{i}") for i in range(3)], min_size=1)

    sizes = {part.segments: part.n_users for part in found.intersections}
    assert [n for n in sizes.values() if n and n >= 500] == told["min_subset_size_500"]
    several = [n or 0 for segments, n in sizes.items() if len(segments) >= 2]
    assert sorted(several) == sorted(told["min_degree_2"])
    one_without_other = [n or 0 for s, n in sizes.items() if "cat1" in s and "cat0" not in s]
    assert sorted(one_without_other) == sorted(told["present_cat1_absent_cat0"])
    by_size = sorted(found.segments, key=lambda s: -(s.n_users or 0))
    assert [s.segment for s in by_size] == told["category_order"]


@pytest.mark.shared
def test_lists_and_memberships_of_a_peer_library_are_counted(engine: Engine, shared: Path) -> None:
    told = json.loads((shared / "vectors" / "overlap" / "upset.json").read_text("utf-8"))
    listed = told["from_contents"]
    users = {name: at for at, name in enumerate(listed["membership"])}

    lists = [{users[name] for name in names} for names in listed["input"].values()]
    by_list = measured(engine, lists, len(users))
    rows = told["from_memberships"]["input"]
    in_rows = [{at for at, row in enumerate(rows) if f"cat{i}" in row} for i in (1, 2, 3)]
    by_row = measured(engine, in_rows, len(rows))

    assert _combinations(by_list) == Counter(
        frozenset(int(name[-1]) - 1 for name in names) for names in listed["membership"].values()
    )
    assert _combinations(by_row) + Counter({frozenset(): by_row.n_none}) == Counter(
        frozenset(int(name[-1]) - 1 for name in row) for row in rows
    )


def _combinations(overlap: Overlap) -> Counter[frozenset[int]]:
    """Give how many users are in exactly which of the sets, by place."""
    places = {s.segment: at for at, s in enumerate(overlap.segments)}
    return Counter(
        {frozenset(places[s] for s in i.segments): i.n_users for i in overlap.intersections}
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_engine_counts_what_counting_by_hand_gives(engine: Engine, seed: int) -> None:
    chance, n = random.Random(seed), 300
    sets = [set(chance.sample(range(n), chance.randrange(20, 250))) for _ in range(5)]

    found = measured(engine, sets, n)

    assert found.n_none == n - len(set().union(*sets))
    listed = {part.segments: part.n_users for part in found.intersections}
    for bits in product([0, 1], repeat=5):
        names = tuple(f"s{i}" for i in range(5) if bits[i])
        who = [
            u for u in range(n) if all((u in s) == bool(b) for s, b in zip(sets, bits, strict=True))
        ]
        assert not names or listed.get(names, 0) == len(who)
    for pair, (i, j) in zip(found.pairs, combinations(range(5), 2), strict=True):
        assert pair.n_both == len(sets[i] & sets[j])
        assert pair.jaccard == pytest.approx(len(sets[i] & sets[j]) / len(sets[i] | sets[j]))


def test_members_outside_of_the_universe_are_left_out(engine: Engine) -> None:
    found = measured(engine, [{1, 2, 99}, {2, 3}], 10)

    assert [s.n_users for s in found.segments] == [2, 2]
    assert found.n_universe == 10


def test_at_most_forty_combinations_are_listed_and_the_rest_summed(engine: Engine) -> None:
    sets = [{u for u in range(256) if u >> i & 1} for i in range(8)]

    found = measured(engine, sets, 256)

    assert len(found.intersections) == 40
    assert (found.n_more, found.n_users_more) == (255 - 40, 215)


@pytest.mark.parametrize("n", [1, 21])
def test_too_few_or_too_many_segments_are_refused(engine: Engine, n: int) -> None:
    with pytest.raises(ParameterError, match=f"of 2 to 20 segments, found {n}"):
        measured(engine, [{1}] * n, 5)


@settings(max_examples=40)
@given(COUNTS)
def test_nothing_small_is_shown_or_can_be_worked_out(counts: list[int]) -> None:
    least = 10
    cells = protect(Cells.of(dict(enumerate(counts)), 3), least)

    for bits, n in enumerate(counts):
        assert bits in cells.hidden or n == 0 or n >= least
    for i in cells.sizes:
        assert not 0 < cells.size(i) < least
    assert [
        f"{b} can be at most {most}" for b, most in _bounds(cells, counts) if most < least
    ] == []


def _bounds(cells: Cells, counts: list[int]) -> list[tuple[int, int]]:
    """Give how large each small hidden cell could be, tried out for two cells exchanged at a time.

    Who sees the sums may move users along any change that leaves all of them as they are.
    """
    hidden = sorted(cells.hidden)
    rows = [[float(b in summed) for b in hidden] for summed in cells.sums()]
    if not rows or not hidden:
        return []
    free = _null_space(np.array(rows))
    found = []
    for at, bits in enumerate(hidden):
        if 0 < counts[bits] < 10:
            reach = np.abs(free[at]).max() if free.size else 0.0
            # Nothing that moves it: it is known exactly.
            found.append((bits, counts[bits] if reach < 1e-9 else 10))
    return found


def _null_space(rows: "np.typing.NDArray[np.float64]") -> "np.typing.NDArray[np.float64]":
    _, values, turned = np.linalg.svd(rows)
    rank = int((values > 1e-9).sum())
    return np.asarray(turned[rank:].T, dtype=np.float64)


def test_two_segments_with_few_in_both_do_not_tell_how_many() -> None:
    found = describe_overlap({0: 100, 1: 60, 2: 50, 3: 4}, NAMES[:2], min_size=10)

    assert found.pairs[0].n_both is None
    assert found.n_none is None
    assert all(part.n_users is None for part in found.intersections)


def test_nothing_is_withheld_where_nothing_is_small() -> None:
    found = describe_overlap({0: 100, 1: 60, 2: 50, 3: 40}, NAMES[:2], min_size=10)

    assert (found.n_universe, found.n_none) == (250, 100)
    assert [part.n_users for part in found.intersections] == [60, 50, 40]
    assert found.pairs[0].n_both == 40


@pytest.mark.slow
def test_intervals_of_the_lift_cover() -> None:
    chance = np.random.default_rng(4)
    p = np.array([0.42, 0.2, 0.23, 0.15])  # in none, in a, in b, in both
    truth = 0.15 / (0.35 * 0.38)
    inside = 0
    for draw in chance.multinomial(800, p, 4000):
        pair = describe_overlap(dict(enumerate(map(int, draw))), NAMES[:2], min_size=1).pairs[0]
        inside += (pair.lift_low or math.inf) <= truth <= (pair.lift_high or 0)

    assert 0.93 <= inside / 4000 <= 0.97


def test_the_view_shows_combinations_sizes_and_pairs() -> None:
    found = describe_overlap({0: 100, 1: 60, 2: 50, 3: 40, 7: 20}, NAMES, min_size=10)

    shown = render_overlap(found)

    assert "<svg" in shown.html
    assert "in none of the segments: 100" in shown.text
    assert "a · b" in shown.text


def test_pairs_that_are_withheld_are_counted_and_not_listed() -> None:
    found = describe_overlap({0: 100, 1: 60, 2: 50, 3: 40, 4: 30, 5: 3}, NAMES, min_size=10)
    hidden = sum(pair.n_both is None for pair in found.pairs)

    shown = render_overlap(found)

    assert 0 < hidden < 3
    assert f"{hidden} of 3 pairs of segments " in shown.text
    table = shown.text[shown.text.index("Every two segments") :]
    assert next(line for line in table.splitlines() if "withheld" in line).startswith("Note: ")
    assert 'class="sk-table sk-live sk-stack"' in shown.html


def test_the_size_of_a_segment_stands_with_its_whole_title_and_id() -> None:
    title = "Members who come week after week, last seen on a phone"
    names = [("loyal_on_mobile", title), ("b", "B")]

    shown = render_overlap(describe_overlap({0: 100, 1: 60, 2: 50, 3: 40}, names, min_size=10))

    sizes = shown.html[shown.html.index("Size of the segments") :]
    assert f"<span>{title}</span>" in sizes
    assert "loyal_on_mobile</small>" in sizes
