"""Cohorts of the buyers by the week of their first event, weeks of 2, 9, 16 and 23 March.

u01 came first on 3 March, u02 on 9 March, u03 on 23 March; u04 before the window. u01 returned in
the weeks of 9 and 23 March, u02 in those of 16 and 23 March. The week of 30 March is not over.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial

from ibis import Table

from segkit.measures.activity import Activity, build_activity
from segkit.measures.retention import follow_members, measure_retention
from segkit.measures.sides import Sides
from segkit.measures.trend import bits_at
from segkit.periods import Clock
from segkit.store.tables import Tables
from tests.measures.tiny import ZONE, buyers_at, everyone_at, make_sides

PEOPLE = tuple(f"u{n:02}" for n in range(1, 12))


def test_cells_are_those_counted_by_hand(sides: Sides, activity: Activity) -> None:
    cells = measure_retention(sides, activity)

    found = [(c.cohort.day, c.k, c.n_retained, c.n_eligible) for c in cells]
    assert found == [
        (2, 0, 1, 1), (2, 1, 1, 1), (2, 2, 0, 1), (2, 3, 1, 1),
        (9, 0, 1, 1), (9, 1, 1, 1), (9, 2, 1, 1),
        (16, 0, 0, 0), (16, 1, 0, 0),
        (23, 0, 1, 1),
    ]  # fmt: skip


def test_week_zero_is_everybody(sides: Sides, activity: Activity) -> None:
    cells = measure_retention(sides, activity)

    assert {c.share for c in cells if c.k == 0} == {1.0, None}


def ever_bought(tables: Tables, clocks: Sequence[Clock]) -> Table:
    return bits_at(clocks, partial(buyers_at, tables))


def test_members_of_past_weeks_are_those_counted_by_hand(sides: Sides, activity: Activity) -> None:
    cells = follow_members(sides, activity, members_then=partial(ever_bought, sides.tables))

    # At the ends of the weeks u01 and u04; the same; with u02; with u03. In the weeks after came
    # u01 (9 and 23 March), u02 (16 and 23 March), u03 (23 March), u04 (16 March).
    found = [(c.cohort.day, c.k, c.n_retained, c.n_eligible) for c in cells]
    assert found == [
        (2, 0, 2, 2), (2, 1, 1, 2), (2, 2, 1, 2), (2, 3, 1, 2),
        (9, 0, 2, 2), (9, 1, 1, 2), (9, 2, 1, 2),
        (16, 0, 3, 3), (16, 1, 2, 3),
        (23, 0, 4, 4),
    ]  # fmt: skip


def test_members_who_have_left_since_are_followed_all_the_same(
    sides: Sides, activity: Activity
) -> None:
    def first_week(clocks: Sequence[Clock]) -> Table:
        early = ever_bought(sides.tables, clocks)
        return early.mutate(bits=early.bits & 1)

    cells = follow_members(sides, activity, members_then=first_week)

    # The segment is empty from the second week on; who was in it in the first is followed.
    assert [(c.n_retained, c.n_eligible) for c in cells if c.cohort.day == 2] == [
        (2, 2), (1, 2), (1, 2), (1, 2),
    ]  # fmt: skip
    assert {c.n_eligible for c in cells if c.cohort.day > 2} == {0}


def test_a_window_without_a_whole_week_has_nobody_to_follow(tiny: Tables) -> None:
    sides = make_sides(tiny, days=7)
    activity = build_activity(sides, purchases=())

    assert follow_members(sides, activity, members_then=partial(ever_bought, tiny)) == ()


def test_only_whole_weeks_of_the_window_are_cohorts(tiny: Tables) -> None:
    sides = make_sides(tiny, days=13)

    cells = measure_retention(sides, build_activity(sides, purchases=()))

    # 19 to 31 March holds one whole week, that of 23 March.
    assert [(c.cohort, c.k) for c in cells] == [(date(2026, 3, 23), 0)]


def test_a_window_without_a_whole_week_has_no_cohorts(tiny: Tables) -> None:
    sides = make_sides(tiny, days=7)

    cells = measure_retention(sides, build_activity(sides, purchases=()))

    assert cells == ()


def test_a_long_window_keeps_the_last_26_cohorts(tiny: Tables) -> None:
    sides = make_sides(tiny, days=900)

    cells = measure_retention(sides, build_activity(sides, purchases=()))

    cohorts = sorted({c.cohort for c in cells})
    assert len(cohorts) == 26
    assert cohorts[-1] == date(2026, 3, 23)
    assert next(c.n_eligible for c in cells if c.cohort == date(2026, 3, 2)) == 1


def test_months_follow_cohorts_over_calendar_months(tiny: Tables) -> None:
    sides = make_sides(tiny, days=90)

    cells = measure_retention(sides, build_activity(sides, purchases=()), grain="month")

    # u04 came first in February and again in March; the others in March. January is not empty of
    # users, but of buyers.
    found = [(c.cohort.month, c.k, c.n_retained, c.n_eligible) for c in cells]
    assert found == [
        (1, 0, 0, 0), (1, 1, 0, 0), (1, 2, 0, 0), (2, 0, 1, 1), (2, 1, 1, 1), (3, 0, 3, 3),
    ]  # fmt: skip


def test_a_month_that_is_not_over_is_no_cohort(tiny: Tables) -> None:
    sides = make_sides(tiny, days=90, clock=Clock.at_end_of(date(2026, 3, 30), ZONE))

    cells = measure_retention(sides, build_activity(sides, purchases=()), grain="month")

    assert {c.cohort.month for c in cells} == {1, 2}


def test_a_cohort_holds_those_who_were_members_at_the_end_of_its_own_week(
    tiny: Tables, sides: Sides, activity: Activity
) -> None:
    then = partial(bits_at, users_at=partial(buyers_at, tiny))

    cells = measure_retention(sides, activity, members_then=then)

    # u02, first seen on 9 March, bought on the 16th: no buyer yet at the end of that first week.
    found = [(c.cohort.day, c.k, c.n_retained, c.n_eligible) for c in cells]
    assert found == [
        (2, 0, 1, 1), (2, 1, 1, 1), (2, 2, 0, 1), (2, 3, 1, 1),
        (9, 0, 0, 0), (9, 1, 0, 0), (9, 2, 0, 0),
        (16, 0, 0, 0), (16, 1, 0, 0),
        (23, 0, 1, 1),
    ]  # fmt: skip


def test_who_left_the_segment_since_is_followed_too(tiny: Tables, activity: Activity) -> None:
    today = make_sides(tiny, members=["u01"])
    then = partial(bits_at, users_at=partial(everyone_at, tiny))

    cells = measure_retention(today, activity, members_then=then)

    of_today = measure_retention(today, activity)
    everyone = measure_retention(make_sides(tiny, members=PEOPLE), activity)
    assert cells == everyone
    assert sum(c.n_eligible or 0 for c in cells) > sum(c.n_eligible or 0 for c in of_today)
