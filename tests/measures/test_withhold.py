"""What is withheld, and that it cannot be worked out from what is shown."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.measures.facts import (
    Breakdown,
    BreakdownRow,
    FunnelStep,
    Measure,
    Overview,
    RetentionCell,
    TrendRow,
    UserRows,
)
from segkit.measures.withhold import (
    count_withheld,
    find_withheld,
    withhold_breakdown,
    withhold_funnel,
    withhold_measure,
    withhold_overview,
    withhold_retention,
    withhold_trend,
)

MIN = 10
COUNTS = st.lists(st.one_of(st.integers(0, 15), st.integers(0, 300)), min_size=1, max_size=8)
DAY = date(2026, 3, 2)


def solutions(shown: Sequence[int | None], total: int, *, rest: int, n_more: int) -> list[set[int]]:
    """Give, for every withheld cell, the values that the shown numbers leave possible.

    The reader knows that zeros are shown, so that a withheld cell is 1 or more, and that `n_more`
    further values, of 1 or more each, are not listed.
    """
    hidden = [i for i, n in enumerate(shown) if n is None]
    left = total - sum(n for n in shown if n is not None)
    most = left - (len(hidden) - 1) - (n_more if rest else 0)
    if len(hidden) == 1 and not rest:
        return [{left}]
    return [set(range(1, most + 1)) for _ in hidden]


@given(counts=COUNTS, rest=st.integers(0, 40))
def test_no_withheld_part_can_be_worked_out(counts: list[int], rest: int) -> None:
    total = sum(counts) + rest
    n_more = 1 if rest else 0

    hidden = find_withheld(counts, total, MIN, n_more=n_more)

    shown = [None if i in hidden else n for i, n in enumerate(counts)]
    assert all(n == 0 or n >= MIN for n in shown if n is not None)
    if total >= MIN:
        for possible in solutions(shown, total, rest=rest, n_more=n_more):
            assert len(possible) > 1
        left = total - sum(n for n in shown if n is not None)
        assert left == 0 or left >= MIN


@given(counts=COUNTS)
def test_nothing_is_withheld_without_need(counts: list[int]) -> None:
    hidden = find_withheld(counts, sum(counts), MIN)

    if all(n == 0 or n >= MIN for n in counts):
        assert hidden == frozenset()


def breakdown(
    pairs: Sequence[tuple[int, int]], *, is_partition: bool, totals: tuple[int, int] | None = None
) -> Breakdown:
    sums = sum(n for n, _ in pairs), sum(m for _, m in pairs)
    own, other = totals or sums
    return Breakdown(
        name="b",
        title="B",
        of="users",
        denominator=own,
        baseline_denominator=other,
        is_partition=is_partition,
        rows=[
            BreakdownRow(
                value=f"v{i}", n=n, n_baseline=m, share=0.1, baseline_share=0.1, lift=1.0,
                lift_low=0.5, lift_high=2.0, volume=n * 2,
            )
            for i, (n, m) in enumerate(pairs)
        ],
    )  # fmt: skip


def test_one_small_count_takes_the_next_smallest_along() -> None:
    found = withhold_breakdown(breakdown([(60, 50), (25, 50), (5, 50)], is_partition=True), MIN)

    assert {row.value: row.n for row in found.rows} == {"v0": 60, "v1": None, "v2": None}
    assert [row.n_baseline for row in found.rows] == [50, 50, 50]


def test_what_follows_from_a_withheld_count_goes_with_it() -> None:
    found = withhold_breakdown(breakdown([(60, 50), (25, 50), (5, 50)], is_partition=True), MIN)

    for row in found.rows[1:]:
        gone = (row.share, row.volume, row.lift, row.lift_low, row.lift_high)
        assert gone == (None, None, None, None, None)
        assert row.baseline_share is not None


def test_a_withheld_baseline_takes_the_lift_but_not_the_share() -> None:
    found = withhold_breakdown(
        breakdown([(60, 3), (25, 97)], is_partition=False, totals=(100, 120)), MIN
    )

    first = found.rows[0]
    assert (first.n, first.share, first.n_baseline, first.baseline_share) == (60, 0.1, None, None)
    assert (first.lift, first.lift_low, first.lift_high) == (None, None, None)


@pytest.mark.parametrize(
    ("n", "shown"), [(0, 0), (9, None), (10, 10), (90, 90), (91, None), (100, 100)]
)
def test_beside_a_total_the_rest_is_protected_too(n: int, shown: int | None) -> None:
    found = withhold_breakdown(breakdown([(n, 50)], is_partition=False, totals=(100, 100)), MIN)

    assert found.rows[0].n == shown


def test_without_its_denominator_a_side_shows_nothing() -> None:
    given_rows = replace(breakdown([(60, 50), (40, 50)], is_partition=True), denominator=None)

    found = withhold_breakdown(given_rows, MIN)

    assert [row.n for row in found.rows] == [None, None]
    assert [row.n_baseline for row in found.rows] == [50, 50]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6))
def test_the_place_of_a_withheld_row_tells_nothing(pairs: list[tuple[int, int]]) -> None:
    found = withhold_breakdown(breakdown(pairs, is_partition=True), MIN)

    hidden = [row.value for row in found.rows if row.n is None]
    assert [row.value for row in found.rows][len(found.rows) - len(hidden) :] == sorted(hidden)


def test_bands_keep_their_order() -> None:
    bands = replace(breakdown([(5, 50), (60, 50), (70, 9)], is_partition=True), is_ordered=True)

    found = withhold_breakdown(bands, MIN)

    assert [row.value for row in found.rows] == ["v0", "v1", "v2"]


@given(sizes=st.lists(st.integers(0, 60), min_size=1, max_size=6), total_hidden=st.booleans())
def test_cohorts_cannot_be_added_up(sizes: list[int], total_hidden: bool) -> None:  # noqa: FBT001
    cells = [
        RetentionCell(cohort=DAY + timedelta(weeks=i), k=0, n_eligible=n, n_retained=n)
        for i, n in enumerate(sizes)
    ]

    found = withhold_retention(cells, MIN, total_hidden=total_hidden)

    hidden = [n for n, cell in zip(sizes, found, strict=True) if cell.n_eligible is None]
    assert len(hidden) != 1 or sum(sizes) < MIN or len([n for n in sizes if n]) == 1
    assert all(c.n_eligible == 0 or (c.n_eligible or MIN) >= MIN for c in found)
    if total_hidden and any(sizes):
        assert hidden


def test_a_retained_few_and_a_lost_few_are_withheld() -> None:
    cells = [
        RetentionCell(cohort=DAY, k=k, n_eligible=50, n_retained=n)
        for k, n in enumerate([50, 45, 30, 4, 0])
    ]

    found = withhold_retention(cells, MIN)

    assert [cell.n_retained for cell in found] == [50, None, 30, None, 0]


@given(drops=st.lists(st.integers(0, 40), max_size=6), last=st.integers(0, 40))
def test_no_two_shown_steps_differ_by_a_few(drops: list[int], last: int) -> None:
    counts = [last + sum(drops[i:]) for i in range(len(drops) + 1)]
    steps = [
        FunnelStep(step=i, event="e", n_users=n, n_baseline=n) for i, n in enumerate(counts[1:])
    ]

    found = withhold_funnel(steps, MIN, totals=(counts[0], counts[0]))

    shown = [counts[0], *(s.n_users for s in found if s.n_users is not None)]
    for i, early in enumerate(shown):
        for late in shown[i + 1 :]:
            assert early == late or early - late >= MIN
    assert [s.n_users for s in found] == [s.n_baseline for s in found]


@pytest.mark.parametrize(
    ("active", "new", "universe", "shown"),
    [
        (50, 20, 500, (50, 20, 500)),
        (9, 0, 500, (None, 0, 500)),
        (95, 100, 500, (None, 100, 500)),
        (50, 20, 105, (50, 20, None)),
        (0, 0, 100, (0, 0, 100)),
    ],
    ids=["large", "few", "few left", "few others", "everybody"],
)
def test_the_overview_protects_parts_and_rests(
    active: int, new: int, universe: int, shown: tuple[int | None, ...]
) -> None:
    overview = Overview(
        n_users=100,
        n_universe=universe,
        n_active_7d=active,
        n_new_7d=new,
        top_users=UserRows(columns=(), rows=(), n_rows=0),
    )

    found = withhold_overview(overview, MIN)

    assert (found.n_active_7d, found.n_new_7d, found.n_universe) == shown


def trend_rows(sizes: Sequence[int], moves: Sequence[tuple[int, int]]) -> list[TrendRow]:
    return [
        TrendRow(
            period=str(i), start_on=DAY, end_on=DAY, is_complete=True, n_universe=1000, n_users=n,
            n_active=n, n_entered=entered, n_left=left,
        )
        for i, (n, (entered, left)) in enumerate(zip(sizes, moves, strict=True))
    ]  # fmt: skip


def test_a_few_who_left_take_those_who_entered_along() -> None:
    found = withhold_trend(trend_rows([50, 80, 90], [(50, 0), (33, 3), (30, 20)]), MIN)

    assert [(r.n_entered, r.n_left) for r in found] == [(50, 0), (None, None), (30, 20)]


def test_a_small_size_cannot_be_added_up_from_its_neighbours() -> None:
    found = withhold_trend(trend_rows([50, 5, 60], [(50, 0), (0, 45), (60, 5)]), MIN)

    assert [r.n_users for r in found] == [50, None, 60]
    assert [(r.n_entered, r.n_left) for r in found] == [(50, 0), (None, None), (None, None)]
    assert found[1].n_active is None


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6),
    st.integers(0, 60),
)
def test_no_size_or_move_of_the_trend_can_be_worked_out(
    moves: list[tuple[int, int]], start: int
) -> None:
    sizes, kept = [], []
    size = start
    for entered, left in moves:
        gone = min(left, size)
        size += entered - gone
        sizes.append(size)
        kept.append((entered, gone))

    found = withhold_trend(trend_rows(sizes, kept), MIN)

    for before, row in zip([None, *found], found, strict=False):
        assert row.n_users is None or row.n_users == 0 or row.n_users >= MIN
        assert (row.n_entered is None) == (row.n_left is None)
        if row.n_users is None or (before is not None and before.n_users is None):
            assert row.n_entered is None


def measure(numerator: float, denominator: float) -> Measure:
    return Measure(
        name="m", title="M", kind="share", unit="of users", numerator=numerator,
        denominator=denominator, baseline_numerator=50, baseline_denominator=100,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("people", "place", "shown"),
    [
        (5, "numerator", (None, 100)),
        (95, "numerator", (None, 100)),
        (50, "numerator", (50, 100)),
        (95, "denominator", (None, None)),
        (5, "", (None, None)),
        (95, "", (50, 100)),
    ],
)
def test_a_measure_of_a_few_people_is_withheld(
    people: int, place: str, shown: tuple[float | None, float | None]
) -> None:
    found = withhold_measure(
        measure(50, 100), MIN, people=(people, 50), groups=(100, 100), place=place
    )

    assert (found.numerator, found.denominator) == shown
    assert (found.baseline_numerator, found.baseline_denominator) == (50, 100)


def test_withheld_counts_are_counted() -> None:
    blank = FunnelStep(step=1, event="e", n_users=None, n_baseline=3)

    found = count_withheld([blank, RetentionCell(cohort=DAY, k=1, n_eligible=9, n_retained=None)])

    assert found == 2


@pytest.mark.parametrize(
    ("counts", "total", "hidden"),
    [
        ([50, 40, None], 120, [1, 2]),
        ([50, 40, None, None], 120, [2, 3]),
        ([50, None], 50, [0, 1]),
        ([4, 3, 0, 0], 19, [0, 1]),
        ([1] * 12 + [0], 12, list(range(13))),
    ],
    ids=["one gone", "two gone", "nothing left", "a rest beside", "each were one"],
)
def test_what_is_withheld_already_is_protected_too(
    counts: list[int | None], total: int, hidden: list[int]
) -> None:
    n_more = int(total > sum(n or 0 for n in counts) and None not in counts)

    assert sorted(find_withheld(counts, total, MIN, n_more=n_more)) == hidden


def test_the_level_of_the_unknown_protects_last() -> None:
    rows = [(60, 50), (25, 50), (5, 50), (12, 50)]
    given_rows = breakdown(rows, is_partition=True)
    named = [*given_rows.rows[:3], replace(given_rows.rows[3], value="(unknown)")]

    found = withhold_breakdown(replace(given_rows, rows=named), MIN)

    # The same 12 unknown users may stand in the next breakdown, so they would protect nobody.
    assert {r.value: r.n for r in found.rows} == {
        "v0": 60, "v1": None, "v2": None, "(unknown)": 12,
    }  # fmt: skip


def _cohorts(*sizes: int) -> list[RetentionCell]:
    return [
        RetentionCell(cohort=DAY + timedelta(weeks=i), k=0, n_eligible=n, n_retained=n)
        for i, n in enumerate(sizes)
    ]


def test_new_users_of_broken_weeks_are_protected_by_a_cohort() -> None:
    found = withhold_retention(_cohorts(40, 30, 20), MIN, n_new=95)

    assert [c.n_eligible for c in found] == [40, 30, None]


def test_a_cohort_withheld_elsewhere_takes_a_second_along() -> None:
    found = withhold_retention(_cohorts(40, 30, 20), MIN, n_new=90, gone=[DAY])

    assert [c.n_eligible for c in found] == [None, 30, None]


@pytest.mark.parametrize(
    ("n_new", "shown"), [(90, [40, 30, 20]), (85, [40, None, None]), (80, [40, 30, 20])]
)
def test_few_who_left_since_their_week_are_protected(n_new: int, shown: list[int | None]) -> None:
    found = withhold_retention(_cohorts(40, 30, 20), MIN, n_new=n_new)

    # Five of 90 left: their number is the difference of two sums. Ten may be told.
    assert [c.n_eligible for c in found] == shown


@pytest.mark.parametrize(("n_baseline", "shown"), [(400, 500), (395, None), (405, None)])
def test_users_in_neither_group_are_protected(n_baseline: int, shown: int | None) -> None:
    overview = Overview(
        n_users=100, n_universe=500, n_active_7d=50, n_new_7d=45,
        top_users=UserRows(columns=(), rows=(), n_rows=0),
    )  # fmt: skip

    found = withhold_overview(overview, MIN, n_baseline=n_baseline)

    assert found.n_universe == shown
    assert (found.n_active_7d, found.n_new_7d) == (50, None)


def test_a_few_who_stayed_take_the_moves_along() -> None:
    found = withhold_trend(trend_rows([50, 50], [(50, 0), (45, 45)]), MIN)

    assert [(r.n_entered, r.n_left) for r in found] == [(50, 0), (None, None)]
