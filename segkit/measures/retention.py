"""Follow users from the period in which they were first seen: who came back, k periods on.

An average over a short time lies: a cohort counts for period k only when that period is over, and
a cohort of whom nobody returned counts with its zero.
"""

from collections.abc import Callable, Sequence

from ibis import Table

from segkit.measures.activity import Activity, bit_of, has_bit
from segkit.measures.facts import RetentionCell
from segkit.measures.grains import Period, active_bits, list_periods, place_of
from segkit.measures.sides import Sides
from segkit.periods import Clock, Grain

MOST_COHORTS = 26
MembersThen = Callable[[Sequence[Clock]], Table]


def measure_retention(
    sides: Sides,
    activity: Activity,
    *,
    grain: Grain = "week",
    members_then: MembersThen | None = None,
) -> tuple[RetentionCell, ...]:
    """Give the retention of the segment's users, cohort by cohort, k from 0.

    Parameters
    ----------
    grain
        What cohorts and k are counted by: days, ISO weeks (the default), or months of the
        workspace's zone.
    members_then
        Gives the members at some instants: `user_no` and `bits`, of which bit i says that the user
        was in at the i-th. Without it today's members are followed back.

    Returns
    -------
    tuple
        One cell a cohort (its first day) and k, for periods that lie wholly in the window, at most
        the last 26; also of cohorts without users. Empty when the window holds no whole period.

    Notes
    -----
    Cohort: users whose first event ever fell in the period, and who were in the segment at its end;
    nobody is known before it. Whether they have left the segment since does not matter: following
    today's members back would leave out those who went, and show more return than there was.
    Retained at k: at least one event in
    the k-th period after it; k = 0 holds by definition. `n_eligible` is the size of the cohort: its
    users share their periods, so period k is over for all of them or for none.

    Source: DEFINITIONS "Retention" (Amplitude, Mixpanel: on week k; PostHog 58679, 30624).
    """
    whole = [period for period in list_periods(sides, grain) if period.is_complete]
    periods = whole[-MOST_COHORTS:]
    if not periods:
        return ()
    found = _count(sides, activity, periods, grain, members_then)
    none = (0,) * (len(periods) + 1)
    return tuple(
        _cell(period, k, found.get(c, none)[0], found.get(c, none)[1 + c + k])
        for c, period in enumerate(periods)
        for k in range(len(periods) - c)
    )


def follow_members(
    sides: Sides, activity: Activity, *, members_then: MembersThen, grain: Grain = "week"
) -> tuple[RetentionCell, ...]:
    """Give the retention of the members at the end of each period, whenever they were first seen.

    Parameters
    ----------
    members_then, grain
        As of `measure_retention`.

    Returns
    -------
    tuple
        One cell a cohort (the first day of the period at whose end they were members) and k.

    Notes
    -----
    A user is in every cohort at whose beginning the user was a member. Retained at k: at least one
    event in the k-th period after; k = 0 holds by definition. Who left the segment later stays in.
    Most segments are entered long after the first visit: then this tells of their members, and
    `measure_retention` of hardly anybody.

    Source: DEFINITIONS "segment at time".
    """
    whole = [period for period in list_periods(sides, grain) if period.is_complete]
    periods = whole[-MOST_COHORTS:]
    if not periods:
        return ()
    ends = [Clock.at_end_of(period.end_on, sides.clock.zone) for period in periods]
    active = active_bits(sides, activity, periods[0].start_on, grain)
    users = members_then(ends).left_join(active, "user_no")
    was, came = users.bits, users.active.fill_null(0)
    n = len(periods)
    after = {f"after_{c}": has_bit(was, c).cast("boolean").ifelse(came >> c, 0) for c in range(n)}
    lengths = {f"after_{c}": n - c for c in range(n)}
    counted = sides.engine.count_bits(users.select(was=was, **after), {"was": n, **lengths})[None]
    return tuple(
        _cell(period, k, counted["was"][c], counted[f"after_{c}"][k])
        for c, period in enumerate(periods)
        for k in range(n - c)
    )


def _cell(cohort: Period, k: int, size: int, active: int) -> RetentionCell:
    return RetentionCell(
        cohort=cohort.start_on, k=k, n_eligible=size, n_retained=active if k else size
    )


def _count(
    sides: Sides,
    activity: Activity,
    periods: Sequence[Period],
    grain: Grain,
    members_then: MembersThen | None,
) -> dict[int, tuple[int, ...]]:
    """Give (size, active in period 0, in period 1, …) by the cohort's place."""
    first = periods[0].start_on
    users = sides.tables.users.select("user_no", "first_day")
    fresh = users.filter(users.first_day.between(first, periods[-1].end_on))
    fresh = fresh.mutate(cohort=place_of(fresh.first_day, first, grain))
    fresh = _kept(sides, fresh, periods, members_then)
    cohorts = fresh.left_join(active_bits(sides, activity, first, grain), "user_no")
    cohorts = cohorts.mutate(bits=cohorts.active.fill_null(0))
    counted = sides.engine.count_bits(
        cohorts.select("cohort", "bits"), {"bits": len(periods)}, by="cohort"
    )
    return {int(c): (*found[""], *found["bits"]) for c, found in counted.items()}


def _kept(
    sides: Sides, fresh: Table, periods: Sequence[Period], members_then: MembersThen | None
) -> Table:
    """Give those of the users first seen who were in the segment at the end of their period."""
    if members_then is None:
        return fresh.semi_join(sides.members, "user_no")
    zone = sides.clock.zone
    then = members_then([Clock.at_end_of(period.end_on, zone) for period in periods])
    joined = fresh.inner_join(then.select("user_no", then="bits"), "user_no")
    return joined.filter((joined.then & bit_of(joined.cohort)) != 0).drop("then")
