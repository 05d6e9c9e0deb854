"""Pages with others between: as counted by looking at every path, and nothing by chance."""

from itertools import product

import numpy as np
import pytest

from segkit.patterns.paths.gapped import count_holders, find_gapped
from tests.patterns.paths.walking import sequences

LETTERS = "ABCDEFG"


def holds(path: str, wanted: str, gap: int, after: int | None = None) -> bool:
    """Look at every way to place the letters, the slow way."""
    if not wanted:
        return True
    reach = range(len(path)) if after is None else range(after + 1, min(after + gap + 2, len(path)))
    return any(path[at] == wanted[0] and holds(path, wanted[1:], gap, at) for at in reach)


def by_chance(n: int, seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    return ["".join(random.choice(list("ABCD"), random.integers(1, 9))) for _ in range(n)]


@pytest.mark.parametrize("gap", [0, 1, 2])
def test_holders_are_those_that_looking_finds(gap: int) -> None:
    paths = by_chance(60, gap)
    told = sequences(paths)

    for wanted in map("".join, product("ABC", repeat=3)):
        expected = sum(holds(path, wanted, gap) for path in paths)
        places = tuple(LETTERS.index(letter) for letter in wanted)
        assert count_holders(told, places, most_gap=gap) == expected


def test_pages_with_two_between_are_found() -> None:
    paths = [f"A{one}{two}B" for one in "CDEFG" for two in "CDEFG"] * 6 + ["BA", "CD", "GE"] * 40

    (first, *_) = find_gapped(sequences(paths), min_users=10, longest=2)

    assert (first.places, first.n_paths, first.n_users) == ((0, 1), 150, 150)
    assert 60 < first.expected < 90


def test_of_nested_ones_the_surer_is_given() -> None:
    paths = [f"A{one}{two}B" for one in "CDEFG" for two in "CDEFG"] * 6 + ["BA", "CD", "GE"] * 40

    found = [one.places for one in find_gapped(sequences(paths), min_users=10)]

    assert (0, 1) not in found
    assert all(places[0] == 0 and places[-1] == 1 and len(places) == 3 for places in found[:5])


def test_order_by_chance_is_no_finding() -> None:
    assert find_gapped(sequences(by_chance(2_000, 1)), min_users=10) == []


def test_what_few_users_do_is_not_found() -> None:
    paths = ["ACB"] * 200 + ["BA"] * 20

    assert find_gapped(sequences(paths, one_user=True), min_users=10) == []


def test_no_paths_hold_nothing() -> None:
    assert find_gapped(sequences(["A"]), min_users=10) == []
