"""Intervals against values worked out elsewhere: by hand, by statsmodels, from the papers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.compare.lifts import (
    add_lifts,
    lift_p_value,
    over_among,
    over_represented,
    over_together,
    values_p,
)
from segkit.compare.shares import (
    lift_interval,
    newcombe_difference,
    passes_false_share,
    wilson_interval,
)
from segkit.measures.facts import UNKNOWN, Breakdown, BreakdownRow

SIDE = st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@pytest.mark.parametrize(
    ("n", "total", "low", "high"),
    [
        # statsmodels proportion_confint(n, total, method="wilson")
        (10, 100, 0.0552291371, 0.1743656615),
        (0, 20, 0.0000000000, 0.1611251581),
        (20, 20, 0.8388748419, 1.0000000000),
        (1, 3, 0.0614919447, 0.7923403992),
    ],
)
def test_wilson_agrees(n: int, total: int, low: float, high: float) -> None:
    found = wilson_interval(n, total)

    assert found.low[0] == pytest.approx(low, abs=1e-9)
    assert found.high[0] == pytest.approx(high, abs=1e-9)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe 1998, table II, method 10: cases (a), (b) and (g).
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 10), 0.6075, 1.0000),
        # statsmodels confint_proportions_2indep(…, compare="diff", method="newcomb")
        ((30, 100, 40, 200), -0.001354, 0.207898),
        ((7, 34, 1, 34), 0.018921, 0.340369),
    ],
)
def test_newcombe_agrees(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    found = newcombe_difference(*counts)

    assert found.low[0] == pytest.approx(low, abs=5e-5)
    assert found.high[0] == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "lift", "low", "high"),
    [
        # statsmodels confint_proportions_2indep(…, compare="ratio", method="log")
        ((30, 100, 40, 200), 1.5, 0.9974693, 2.2557086),
        ((300, 1000, 400, 2000), 1.5, 1.3184338, 1.7065704),
        ((5, 50, 20, 1000), 5.0, 1.9572058, 12.7733119),
    ],
)
def test_katz_agrees(
    counts: tuple[int, int, int, int], lift: float, low: float, high: float
) -> None:
    found = lift_interval(*counts)

    assert found.estimate[0] == pytest.approx(lift)
    assert found.low[0] == pytest.approx(low, abs=1e-6)
    assert found.high[0] == pytest.approx(high, abs=1e-6)


def test_zeros_leave_the_side_open_that_they_say_nothing_about() -> None:
    nobody_here, nobody_there, nobody, empty = (
        lift_interval(0, 50, 10, 50),
        lift_interval(10, 50, 0, 50),
        lift_interval(0, 50, 0, 50),
        lift_interval(0, 0, 10, 50),
    )

    assert (nobody_here.estimate[0], nobody_here.low[0]) == (0, 0)
    # 0.5 stands for the zero: ln(0.05) + 1.96 √(2 − 0.02 + 0.1 − 0.02).
    assert nobody_here.high[0] == pytest.approx(0.05 * math.exp(1.959964 * math.sqrt(2.06)))
    assert math.isinf(nobody_there.estimate[0])
    assert math.isinf(nobody_there.high[0])
    assert 1 < nobody_there.low[0] < 20
    assert math.isnan(nobody.estimate[0])
    assert math.isnan(empty.high[0])


def test_where_everybody_has_it_the_lift_is_one_and_not_certain() -> None:
    found = lift_interval(20, 20, 30, 30)

    assert found.estimate[0] == 1
    assert found.low[0] < 1 < found.high[0]


@given(SIDE, SIDE)
def test_the_lift_lies_in_its_interval_and_turns_round(
    one: tuple[int, int], two: tuple[int, int]
) -> None:
    there = lift_interval(one[0], one[1], two[0], two[1])
    back = lift_interval(two[0], two[1], one[0], one[1])

    if one[0] and two[0]:
        assert there.low[0] <= there.estimate[0] <= there.high[0]
        assert there.estimate[0] * back.estimate[0] == pytest.approx(1)
        assert there.low[0] * back.high[0] == pytest.approx(1)
    p = lift_p_value(one[0], one[1], two[0], two[1])
    excludes_one = there.low[0] > 1 or there.high[0] < 1
    assert np.isnan(p) or (p < 0.05) == excludes_one


@given(SIDE)
def test_a_share_and_its_bounds_stay_between_0_and_1(side: tuple[int, int]) -> None:
    found = wilson_interval(*side)

    assert 0 <= found.low[0] <= found.estimate[0] + 1e-12
    assert found.estimate[0] - 1e-12 <= found.high[0] <= 1


def test_many_are_judged_together() -> None:
    p_values = [0.001, 0.012, 0.014, 0.03, 0.2, float("nan")]

    # Six values at 5%: bounds 0.0083, 0.0167, 0.025, 0.0333, 0.0417, 0.05.
    found = passes_false_share(p_values)

    assert found.tolist() == [True, True, True, True, False, False]


def label(rows: list[tuple[str, int | None, int | None]], name: str = "plan") -> Breakdown:
    return Breakdown(
        name=name,
        title=name.capitalize(),
        of="users",
        denominator=1000,
        baseline_denominator=2000,
        is_partition=True,
        rows=[BreakdownRow(value=v, n=n, n_baseline=m) for v, n, m in rows],
    )


def test_shares_and_lifts_follow_from_the_counts_that_are_shown() -> None:
    found = add_lifts(label([("pro", 300, 400), ("free", None, 1600), ("never", 0, 0)]))

    pro, free, never = found.rows
    assert (pro.share, pro.baseline_share) == (0.3, 0.2)
    assert pro.lift == pytest.approx(1.5)
    assert (free.share, free.baseline_share, free.lift, free.lift_low) == (None, 0.8, None, None)
    assert (never.share, never.lift) == (0, None)


def test_over_represented_values_are_sorted_by_what_is_sure() -> None:
    labels = [
        add_lifts(label([("pro", 300, 400), ("free", 700, 1600)])),
        add_lifts(label([("rare", 20, 4), (UNKNOWN, 600, 100), ("often", 380, 200)], "kind")),
    ]

    found = over_represented(labels, min_users=30)

    # `rare` has too few users, unknown is no value, `free` is below the baseline.
    assert [row.value for row in found.rows] == ["Kind: often", "Plan: pro"]
    assert all((row.lift_low or 0) > 1 for row in found.rows)
    assert (found.denominator, found.baseline_denominator, found.n_more) == (1000, 2000, 0)


def test_withheld_values_are_never_over_represented() -> None:
    found = over_represented([add_lifts(label([("pro", None, 10), ("x", 500, None)]))])

    assert found.rows == ()


def test_what_lies_beyond_the_rows_is_counted() -> None:
    labels = [add_lifts(label([("yes", 500 - i, 100)], f"label {i}")) for i in range(5)]

    found = over_represented(labels, most=2)

    assert len(found.rows) == 2
    assert found.n_more == 3


def test_values_of_several_groups_are_one_family() -> None:
    # Alone p = 0.017 is below 1/1 · 5%; among five it must be below 1/5 · 5%.
    weak = [add_lifts(label([("yes", 120, 182)]))]
    others = [[add_lifts(label([("no", 100, 200)], f"label {i}"))] for i in range(4)]

    alone, (first, *_) = over_represented(weak), over_together([weak, *others])

    assert 0.01 < lift_p_value(120, 1000, 182, 2000) < 0.05
    assert [row.value for row in alone.rows] == ["Plan: yes"]
    assert first.rows == ()


def test_values_are_judged_with_all_else_that_the_report_compares() -> None:
    weak = [[add_lifts(label([("yes", 120, 182)]))]]
    p = lift_p_value(120, 1000, 182, 2000)

    (among_chance,) = over_together(weak, beside=[0.6] * 4)
    (among_finds,) = over_together(weak, beside=[0.001] * 4)

    assert values_p(weak) == (p,)
    # Alone in five it must be below 1/5 · 5%; where the four others hold, below 5/5 · 5%.
    assert among_chance.rows == ()
    assert [row.value for row in among_finds.rows] == ["Plan: yes"]


def test_only_values_that_hold_in_the_family_of_the_report_are_listed() -> None:
    labels = [add_lifts(label([("pro", 300, 400), ("free", 700, 1600), ("old", 90, 20)]))]

    found = over_among(labels, {"Plan: pro", "Plan: free"})

    # `free` holds, but is less frequent; `old` is more frequent, but does not hold.
    assert [row.value for row in found.rows] == ["Plan: pro"]
