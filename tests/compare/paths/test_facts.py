"""Facts of paths: every number with what it is a part of, none of too few users."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from segkit.compare.paths import Asked, build_path_facts
from segkit.patterns.paths.facts import PathFacts
from tests.patterns.paths.walking import walk

LEAST = 10
SIDES = ((1, "ABD"), (0, "CBE"))


def asked(**changes: Any) -> Asked:
    known = {"segment": "s", "as_of": "2026-06-30", "days": 30, "unit": "visit", "of": "pages"}
    return Asked(**{**known, "min_size": LEAST, **changes})


@pytest.fixture(scope="module")
def facts() -> PathFacts:
    """60 users of the segment go A B D, 60 others C B E, all of them B D or B E alone as well."""
    random = np.random.default_rng(0)
    paths = [
        (side, 100 * side + user, text)
        for side, way in SIDES
        for user in range(60)
        for text in (way, way, random.choice(["BD", "BE", "CB", "AB"]))
    ]
    return build_path_facts(walk(paths, names="ABCDE"), asked())


def numbers(data: Any) -> Iterator[int]:
    if isinstance(data, dict):
        for value in data.values():
            yield from numbers(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from numbers(value)
    elif isinstance(data, int) and not isinstance(data, bool):
        yield data


def test_sides_are_counted_with_their_users(facts: PathFacts) -> None:
    assert (facts.n_users, facts.n_paths) == (60, 180)
    assert (facts.n_baseline_users, facts.n_baseline_paths) == (60, 180)


def test_a_share_is_of_all_moves_from_a_page(facts: PathFacts) -> None:
    moves = facts.moves
    begun, ended = moves.names.index("A"), moves.names.index("B")

    assert moves.share(begun, ended) == 1
    assert moves.n_from[begun] == moves.n[begun][ended]
    assert moves.difference(begun, ended) is None or moves.difference(begun, ended) == 0


def test_the_way_of_the_segment_is_told(facts: PathFacts) -> None:
    told = {row.pages: row for row in facts.telling}

    assert (told["A", "B", "D"].n_users, told["A", "B", "D"].n_others) == (60, 0)
    assert told["C", "B", "E"].log_odds < 0


def test_the_way_of_the_segment_is_no_surprise_by_its_moves(facts: PathFacts) -> None:
    assert all(row.n is None or row.n >= LEAST for row in facts.surprising)


def test_columns_of_steps_hold_all_paths(facts: PathFacts) -> None:
    for column in zip(*facts.steps.n, strict=True):
        shown = [n for n in column if n is not None]
        assert sum(shown) == facts.n_paths or len(column) - len(shown) >= 2


def test_no_number_of_moves_or_steps_tells_of_few_users() -> None:
    random = np.random.default_rng(1)
    paths = [
        (side, 1_000 * side + user, "".join(random.choice(list("ABCDE"), 4, p=p)))
        for side, p in ((0, [0.2] * 5), (1, [0.5, 0.3, 0.15, 0.03, 0.02]))
        for user in range(150)
    ]
    found = build_path_facts(walk(paths, names="ABCDE"), asked())

    counts = [*numbers(found.moves.n), *numbers(found.moves.n_baseline), *numbers(found.steps.n)]
    assert not [n for n in counts if 0 < n < LEAST]
    assert any("withheld" in note for note in found.notes)
    assert all(row.n >= LEAST for row in found.times)


def test_nobody_outside_is_no_baseline() -> None:
    found = build_path_facts(walk([(1, user, "ABC") for user in range(20)]), asked())

    assert found.n_baseline_users is None
    assert found.telling == ()
    assert any("nothing to compare" in note for note in found.notes)


def test_a_baseline_of_few_has_no_number() -> None:
    paths = [(1, user, "ABC") for user in range(20)] + [(0, user, "ABC") for user in range(30, 35)]

    found = build_path_facts(walk(paths), asked())

    assert (found.n_baseline_users, found.n_baseline_paths, found.telling) == (None, None, ())
    assert not [n for n in numbers(found.moves.n_baseline) if n]
    assert not [n for n in numbers(found.steps.n_baseline) if n]
    assert all(row.median_baseline_s is None for row in found.times)


def test_facts_are_plain_data(facts: PathFacts) -> None:
    data = facts.to_dict()

    assert data["segment"] == "s"
    assert data["moves"]["names"][0] == "path_start"
