"""Follow users from the week in which they were first seen: who came back, k weeks on.

An average over a short time lies: a cohort counts for week k only when that week is over, and a
cohort of whom nobody returned counts with its zero.
"""

from datetime import date, timedelta

from segkit.measures.activity import Activity, has_bit
from segkit.measures.facts import RetentionCell
from segkit.measures.sides import Sides

MOST_COHORTS = 26
WEEK = timedelta(days=7)


def measure_retention(sides: Sides, activity: Activity) -> tuple[RetentionCell, ...]:
    """Give the weekly retention of the segment's users, cohort by cohort, k from 0.

    Returns
    -------
    tuple
        One cell a cohort (Monday of an ISO week in the workspace's zone that lies wholly in the
        window, at most the last 26) and k, for weeks that are over at T; also of cohorts without
        users. Empty when the window holds no whole week.

    Notes
    -----
    Cohort: users whose first event ever fell in the week. Retained at k: at least one event in the
    k-th week after it; k = 0 holds by definition. `n_eligible` is the size of the cohort: its
    users share their weeks, so week k is over for all of them or for none. The segment is as of T,
    so who left it before is in no cohort.

    Source: DEFINITIONS "Retention" (Amplitude, Mixpanel: on week k; PostHog 58679, 30624).
    """
    first = activity.first_week
    n_weeks = (sides.end_on + timedelta(days=1) - first).days // 7
    if n_weeks < 1:
        return ()
    oldest = max(n_weeks - MOST_COHORTS, 0)
    found = _count(sides, activity, n_weeks=n_weeks)
    none = (0,) * (n_weeks + 1)
    return tuple(
        _cell(first + c * WEEK, k, found.get(c, none)[0], found.get(c, none)[1 + c + k])
        for c in range(oldest, n_weeks)
        for k in range(n_weeks - c)
    )


def _cell(cohort: date, k: int, size: int, active: int) -> RetentionCell:
    return RetentionCell(cohort=cohort, k=k, n_eligible=size, n_retained=active if k else size)


def _count(sides: Sides, activity: Activity, *, n_weeks: int) -> dict[int, tuple[int, ...]]:
    """Give (size, active in week 0, in week 1, …) by the cohort's place, from the first week."""
    users = sides.tables.users
    end = activity.first_week + n_weeks * WEEK - timedelta(days=1)
    fresh = users.filter(users.first_day.between(activity.first_week, end))
    fresh = fresh.select("user_no", "first_day").semi_join(sides.members, "user_no")
    cohorts = fresh.left_join(activity.users.select("user_no", "week_bits"), "user_no")
    cohorts = cohorts.mutate(
        cohort=(cohorts.first_day.delta(activity.first_week, unit="day") // 7).cast("int64"),
        bits=cohorts.week_bits.fill_null(0),
    )
    table = cohorts.group_by("cohort").agg(
        size=cohorts.count(),
        **{f"week_{w}": has_bit(cohorts.bits, w).sum() for w in range(n_weeks)},
    )
    rows = sides.engine.rows(table)
    return {int(row[0]): tuple(int(n) for n in row[1:]) for row in rows}
