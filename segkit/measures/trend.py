"""Look at the size of a segment back in time: who was in it at the end of every day, week or month.

Membership at each period's end is a bit of one integer a user; sizes and moves are counted in one
pass.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

import ibis
from ibis import Table

from segkit.measures.activity import Activity
from segkit.measures.facts import TrendRow
from segkit.measures.grains import DAILY_UP_TO, Period, active_bits, find_grain, list_periods
from segkit.measures.latest import all_bits
from segkit.measures.sides import Sides
from segkit.periods import Clock
from segkit.segments.over_time import Timeline

MOST_PERIODS = 26
At = Callable[[Clock], Table]
TimelineAt = Callable[[Sequence[Clock]], Timeline]


def find_periods(sides: Sides) -> tuple[Period, ...]:
    """Give the periods that begin in the window and are not before the data.

    Days up to 31, weeks up to 182 days, else months: the last 26 of weeks and months. The last may
    be unfinished.
    """
    grain = find_grain(sides.days)
    first_at = sides.tables.catalogue.first_at
    first_on = first_at.astimezone(sides.clock.zone).date() if first_at else sides.start_on
    periods = [p for p in list_periods(sides, grain) if p.end_on >= first_on]
    return tuple(periods[-(DAILY_UP_TO if grain == "day" else MOST_PERIODS) :])


def measure_trend(
    sides: Sides,
    activity: Activity,
    *,
    members_at: At,
    universe_at: At,
    n_universe: int,
    timeline: TimelineAt | None = None,
) -> tuple[TrendRow, ...]:
    """Give the segment's size, its active users and its moves, one row a period, oldest first.

    Parameters
    ----------
    members_at, universe_at
        Give the members and the universe (one column `user_no`, one row a user) as of a clock.
    n_universe
        The universe at T, which is known already.
    timeline
        Gives members and universe at several clocks at once; by default they are asked for clock by
        clock.

    Notes
    -----
    A period is evaluated at its end, an unfinished one at T. Active: members at the end with an
    event in the period. Entered: member at the end and not at the end of the period before. Left:
    the other way round; a user may have left the universe too.
    """
    periods = find_periods(sides)
    if not periods:
        return ()
    clocks = [Clock.at_end_of(periods[0].start_on - timedelta(days=1), sides.clock.zone)]
    clocks += [Clock.at_end_of(min(p.end_on, sides.end_on), sides.clock.zone) for p in periods]
    users = (
        timeline(clocks)
        if timeline
        else Timeline(universe=bits_at(clocks, universe_at), members=bits_at(clocks, members_at))
    )
    active = active_bits(sides, activity, periods[0].start_on, find_grain(sides.days))
    sizes = _count_moves(sides, users.members, active, len(periods))
    universes = _count_bits(sides, users.universe, len(clocks))[1:]
    if clocks[-1] == sides.clock:
        universes[-1] = n_universe
    return tuple(
        TrendRow(
            period=p.name,
            start_on=p.start_on,
            end_on=p.end_on,
            is_complete=p.is_complete,
            n_universe=universe,
            n_users=found[0],
            n_active=found[1],
            n_entered=found[2],
            n_left=found[3],
        )
        for p, universe, found in zip(periods, universes, sizes, strict=True)
    )


def bits_at(clocks: Sequence[Clock], users_at: At) -> Table:
    """Give `user_no` and `bits`, one row a user: bit i says that the user is in at the i-th clock.

    `users_at` is asked clock by clock; there are at most 62.
    """
    listed = [
        users_at(clock).select("user_no").mutate(bit=ibis.literal(1 << i, "int64"))
        for i, clock in enumerate(clocks)
    ]
    every = ibis.union(*listed) if listed[1:] else listed[0]
    return every.group_by("user_no").agg(bits=all_bits(every.bit))


def _count_moves(
    sides: Sides, bits: Table, active: Table, n_periods: int
) -> list[tuple[int, int, int, int]]:
    """Give (members, active members, entered, left) by period."""
    users = bits.left_join(active.select("user_no", "active"), "user_no")
    now, before = users.bits >> 1, users.bits
    users = users.select(
        size=now,
        active=now & users.active.fill_null(0),
        entered=now - (now & before),
        left=before - (now & before),
    )
    counted = sides.engine.count_bits(users, dict.fromkeys(users.columns, n_periods))[None]
    columns = [counted[name] for name in users.columns]
    return [(row[0], row[1], row[2], row[3]) for row in zip(*columns, strict=True)]


def _count_bits(sides: Sides, users: Table, n_bits: int) -> list[int]:
    """Give how many users have each bit."""
    return sides.engine.count_bits(users.select("bits"), {"bits": n_bits})[None]["bits"]
