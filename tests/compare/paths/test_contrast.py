"""Ways that set two sides apart: log-odds by hand, and few false ones among equals."""

from math import log

import numpy as np
import pytest

from segkit.compare.path_contrast import choose_ways, find_telling, log_odds, telling_p
from segkit.patterns.paths.grams import Places, unpack
from tests.patterns.paths.walking import walk

Ways = dict[tuple[int, ...], tuple[int | None, int | None]]
NAMES = tuple("ABCDEFG")


def test_log_odds_are_held_back_by_the_prior() -> None:
    found = log_odds([40], 100, [10], 100, prior=20)

    a, b = 5, 15
    first, second = (40 + a) / (60 + b), (10 + a) / (90 + b)
    assert found.difference[0] == pytest.approx(log(first) - log(second))
    assert found.error[0] ** 2 == pytest.approx(1 / 45 + 1 / 75 + 1 / 15 + 1 / 105)


def test_the_way_that_differs_is_told_with_its_direction() -> None:
    ways: Ways = {(0, 1, 2): (60, 20), (2, 1, 0): (30, 31), (4, 5, 6): (10, 45)}

    rows = find_telling(ways, (100, 100), NAMES)

    signs = {row.pages: row.log_odds > 0 for row in rows}
    assert signs == {("A", "B", "C"): True, ("E", "F", "G"): False}
    assert all(row.surely > 0 for row in rows)
    assert rows[0].odds_interval[0] < rows[0].odds_ratio < rows[0].odds_interval[1]


def test_the_surer_of_nested_ways_stands_for_both() -> None:
    ways = {(0, 1, 2): (60, 20), (0, 1, 2, 3): (59, 20)}

    assert [row.pages for row in find_telling(ways, (100, 100), NAMES)] == [("A", "B", "C")]


def test_a_withheld_way_is_not_told() -> None:
    assert find_telling({(0, 1, 2): (60, None)}, (100, 100), NAMES) == ()
    assert telling_p({(0, 1, 2): (60, None)}, (100, 100)) == ()


def test_a_side_without_users_tells_nothing() -> None:
    assert find_telling({(0, 1, 2): (60, 0)}, (100, 0), NAMES) == ()


def test_equal_sides_rarely_differ() -> None:
    random = np.random.default_rng(0)
    false = 0
    for _ in range(200):
        shares = random.uniform(0.05, 0.5, 20)
        own, other = (random.binomial(400, shares) for _ in range(2))
        pairs = zip(own.tolist(), other.tolist(), strict=True)
        ways: Ways = {(at % 5, 5, at // 5): pair for at, pair in enumerate(pairs)}
        false += bool(find_telling(ways, (400, 400), NAMES))

    assert false / 200 <= 0.05 + 2 * (0.05 * 0.95 / 200) ** 0.5


def test_ways_are_chosen_by_how_often_both_sides_went() -> None:
    walks = walk([(0, u, "ABC") for u in range(12)] + [(1, u, "ABC") for u in range(20, 28)])

    codes = choose_ways(walks.count_codes())

    assert [unpack(code) for code in codes] == [(0, 1, 2)]


def test_ways_are_judged_with_all_else_that_is_compared() -> None:
    ways: dict[Places, tuple[int | None, int | None]] = {(0, 1, 2): (62, 45)}
    (p,) = telling_p(ways, (100, 100))

    assert 0.01 < p < 0.05
    assert len(find_telling(ways, (100, 100), NAMES)) == 1
    assert find_telling(ways, (100, 100), NAMES, beside=[0.6] * 4) == ()
    assert len(find_telling(ways, (100, 100), NAMES, beside=[0.001] * 4)) == 1
