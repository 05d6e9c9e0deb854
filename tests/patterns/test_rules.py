"""A rule is read aloud as it is measured."""

import numpy as np
import pytest

from segkit.patterns.page_groups import PageKind
from segkit.patterns.rules import Bound, Rule, find_rules
from tests.patterns.small import build

N = 400


def test_a_plain_cut_is_found_whole() -> None:
    is_forum = np.arange(N) % 4 < 2
    views = np.column_stack([np.where(is_forum, 30, 10), np.where(is_forum, 10, 30), np.zeros(N)])
    users = build(views.tolist())
    labels = np.where(is_forum, "p1", "p2").astype(np.str_)

    forum, product = find_rules(users, labels, ["p1", "p2"])

    assert (forum.n_pattern, forum.precision, forum.recall) == (N // 4, 1.0, 1.0)
    # The shares are .25 and .75, cut half way.
    assert str(forum) in {
        "at least 50% page views on /forum/*.",
        "less than 50% page views on /product/*.",
    }
    assert (product.precision, product.recall) == (1.0, 1.0)


def test_a_pattern_of_two_kinds_takes_two_ways() -> None:
    rng = np.random.default_rng(0)
    share, visits = rng.random(2 * N), rng.integers(2, 20, 2 * N).astype(float)
    views = np.column_stack([100 * share, 100 * (1 - share), np.zeros(2 * N)])
    inside = (share < 0.2) & (visits >= 10) | (share >= 0.8)
    users = build(views.tolist(), visits=visits.tolist())

    rule, _ = find_rules(users, np.where(inside, "p1", "p2").astype(np.str_), ["p1", "p2"])

    assert len(rule.ways) == 2
    assert rule.precision is not None
    assert rule.recall is not None
    assert min(rule.precision, rule.recall) > 0.85


def test_what_chance_made_is_not_told_precisely() -> None:
    rng = np.random.default_rng(1)
    users = build(rng.integers(1, 40, (N, 3)).tolist())
    labels = np.where(rng.random(N) < 0.5, "p1", "p2").astype(np.str_)

    rule, _ = find_rules(users, labels, ["p1", "p2"])

    assert rule.precision is not None
    assert rule.precision < 0.65


def test_users_of_no_pattern_are_left_out() -> None:
    is_forum = np.arange(N) % 2 < 1
    views = np.where(is_forum[:, None], [30, 10, 0], [10, 30, 0])
    labels = np.where(np.arange(N) < N // 2, np.where(is_forum, "p1", "p2"), "mixed").astype(
        np.str_
    )

    rules = find_rules(build(views.tolist()), labels, ["p1", "p2"])

    assert sum(rule.n_pattern for rule in rules) == N // 4


def test_one_pattern_alone_has_no_rule() -> None:
    (rule,) = find_rules(build([[9, 0, 0]] * 20), np.full(20, "p1"), ["p1"])

    assert rule.ways == ()
    assert str(rule) == "No short rule tells this pattern."
    assert rule.precision is None


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.31, None, "at least 31% page views on /forum/*"),
        (None, 0.005, "less than 0.5% page views on /forum/*"),
        (0.1, 0.25, "at least 10% but less than 25% page views on /forum/*"),
    ],
)
def test_bounds_are_worded_with_their_unit(
    low: float | None, high: float | None, words: str
) -> None:
    assert str(Bound(block="pages", column="/forum/*", low=low, high=high)) == words


@pytest.mark.parametrize(
    ("kind", "pages", "volume"),
    [
        ("page", "less than 5% page views on cart", "at least 3 pages a visit"),
        ("event", "less than 5% “cart” events", "at least 3 events a visit"),
        ("item", "less than 5% purchases of cart", "at least 3 purchases a visit"),
    ],
)
def test_rules_say_what_was_counted_as_pages(kind: PageKind, pages: str, volume: str) -> None:
    shown = Bound(block="pages", column="cart", low=None, high=0.05)
    paced = Bound(block="volume", column="pages_per_visit", low=3.0, high=None)
    rule = Rule(label="p1", ways=((shown, paced),), n_pattern=4, n_rule=2, n_both=1)

    assert rule.say(kind) == f"{pages} and {volume}."


def test_bounds_of_volume_are_in_its_unit() -> None:
    bound = Bound(block="volume", column="minutes_per_visit", low=None, high=2.5)

    held = bound.holds(np.array([2.4, 2.5, np.nan]))

    assert str(bound) == "less than 2.5 minutes a visit"
    assert held.tolist() == [True, False, False]


def test_ways_are_read_as_alternatives() -> None:
    one = Bound(block="volume", column="n_visits", low=3.0, high=None)
    two = Bound(block="source", column="Email", low=0.5, high=None)
    rule = Rule(label="p1", ways=((one, two), (two,)), n_pattern=4, n_rule=2, n_both=1)

    assert str(rule) == (
        "at least 3 visits and at least 50% visits by Email; or at least 50% visits by Email."
    )
    assert (rule.precision, rule.recall) == (0.5, 0.25)
