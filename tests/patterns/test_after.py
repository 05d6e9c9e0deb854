"""What came next is counted a pattern and set against what recency and money say alone."""

import numpy as np
import pytest

from segkit.patterns.after import After, Later, measure_after, split_by_rfm
from tests.patterns.small import build

N = 600


def later(returned: np.ndarray, revenue: np.ndarray) -> Later:
    return Later(
        days=30,
        has_returned=returned.astype(bool),
        n_orders=(revenue > 0).astype(float),
        revenue=revenue.astype(float),
    )


def contest(found: After, of: str) -> tuple[float, float, str]:
    row = next(c for c in found.contests if c.of == of)
    return row.patterns, row.rfm, row.verdict


def test_each_label_is_counted_rests_too() -> None:
    users = build([[9, 0, 0]] * 6)
    labels = np.array(["p1", "p1", "p1", "p1", "p2", "one visit"])
    after = later(np.array([1, 1, 1, 0, 0, 1]), np.array([0, 20, 0, 20, 0, 7]))

    found = measure_after(users, labels, after, patterns=["p1", "p2"], seed=1)

    one, two, rest = found.patterns
    assert (one.n_users, one.n_returned, one.returned_share, one.n_buyers) == (4, 3, 0.75, 2)
    assert one.revenue_per_user == 10.0
    assert one.revenue_low is not None
    assert one.revenue_high is not None
    assert 0.0 <= one.revenue_low < 10.0 < one.revenue_high <= 20.0
    assert (two.n_returned, two.revenue, two.revenue_high) == (0, 0.0, 0.0)
    assert (rest.label, rest.n_users, rest.revenue) == ("one visit", 1, 7.0)


def test_patterns_that_know_more_than_recency_are_better() -> None:
    # Recency, frequency and money are the same for all; only the pattern knows.
    users = build([[9, 0, 0]] * N, since=[i % 7 for i in range(N)])
    is_first = np.arange(N) < N // 2
    labels = np.where(is_first, "p1", "p2").astype(np.str_)

    found = measure_after(
        users, labels, later(is_first, np.where(is_first, 50, 0)), patterns=["p1", "p2"], seed=1
    )

    patterns, rfm, verdict = contest(found, "who comes back")
    assert patterns == 1.0
    assert rfm < 0.6
    assert verdict == "better"
    assert contest(found, "revenue")[0] == pytest.approx(1.0)
    assert str(found.contests[0]).startswith("Patterns tell who comes back better than")


def test_where_recency_knows_all_the_patterns_are_worse() -> None:
    users = build([[9, 0, 0]] * N, since=[0.0, 29.0] * (N // 2))
    labels = np.where(np.arange(N) < N // 2, "p1", "p2").astype(np.str_)
    recent = np.arange(N) % 2 == 0

    found = measure_after(users, labels, later(recent, 9.0 * recent), patterns=["p1", "p2"], seed=1)

    patterns, rfm, verdict = contest(found, "who comes back")
    assert (patterns, rfm, verdict) == (0.5, 1.0, "worse")


def test_chance_is_not_taken_for_knowledge() -> None:
    rng = np.random.default_rng(3)
    users = build([[9, 0, 0]] * N, since=rng.integers(0, 30, N).tolist())
    labels = np.where(rng.random(N) < 0.5, "p1", "p2").astype(np.str_)
    after = later(rng.random(N) < 0.5, rng.integers(0, 3, N))

    found = measure_after(users, labels, after, patterns=["p1", "p2"], seed=1)

    assert contest(found, "who comes back")[2] == "not shown to differ"
    assert str(found.contests[0]).startswith("Patterns do not tell who comes back better")


def test_a_single_pattern_has_no_contest() -> None:
    users = build([[9, 0, 0]] * 5)

    found = measure_after(
        users, np.full(5, "p1"), later(np.ones(5), np.ones(5)), patterns=["p1", "p2"], seed=1
    )

    assert found.contests == ()
    assert (found.patterns[1].n_users, found.patterns[1].returned_share) == (0, None)


def test_rfm_parts_users_by_recency_and_money() -> None:
    users = build([[9, 0, 0]] * 4, since=[0, 0, 29, 29], revenue=[0, 0, 90, 90])

    groups = split_by_rfm(users, 5, seed=1)

    assert groups[0] == groups[1] != groups[2] == groups[3]


def test_the_same_seed_gives_the_same_intervals() -> None:
    users = build([[9, 0, 0]] * 50, since=[i % 9 for i in range(50)])
    labels = np.where(np.arange(50) % 3 == 0, "p1", "p2").astype(np.str_)
    after = later(np.arange(50) % 2, np.arange(50) % 5)

    first, second = (
        measure_after(users, labels, after, patterns=["p1", "p2"], seed=4) for _ in range(2)
    )

    assert first == second
