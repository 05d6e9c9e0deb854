"""Look at the size of a segment back in time: who was in it at the end of every day, week or month.

Membership is evaluated anew at each period's end, all periods into one table of bits, one row a
user; sizes and moves are then counted in one pass.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

import ibis
from ibis import Table
from ibis.expr.types import IntegerScalar

from segkit.measures.activity import Activity, has_bit
from segkit.measures.facts import TrendRow
from segkit.measures.grains import DAILY_UP_TO, Period, active_bits, find_grain, list_periods
from segkit.measures.latest import all_bits
from segkit.measures.sides import Sides
from segkit.periods import Clock

MOST_PERIODS = 26
At = Callable[[Clock], Table]


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
    sides: Sides, activity: Activity, *, members_at: At, universe_at: At, n_universe: int
) -> tuple[TrendRow, ...]:
    """Give the segment's size, its active users and its moves, one row a period, oldest first.

    Parameters
    ----------
    members_at, universe_at
        Give the members and the universe (one column `user_no`, one row a user) as of a clock.
    n_universe
        The universe at T, which is known already.

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
    bits = _member_bits(sides, clocks, members_at)
    active = active_bits(sides, activity, periods[0].start_on, find_grain(sides.days))
    sizes = _count_moves(sides, bits, active, len(periods))
    universes = _count_universes(sides, clocks[1:], universe_at, n_universe)
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


def _member_bits(sides: Sides, clocks: Sequence[Clock], members_at: At) -> Table:
    """Keep one row an ever-member: bit i says that the user was in at the i-th clock."""
    listed = [
        (sides.members if c == sides.clock else members_at(c))
        .select("user_no")
        .mutate(bit=ibis.literal(1 << i, "int64"))
        for i, c in enumerate(clocks)
    ]
    every = ibis.union(*listed)
    return sides.engine.keep(every.group_by("user_no").agg(bits=all_bits(every.bit)), "members")


def _count_moves(
    sides: Sides, bits: Table, active: Table, n_periods: int
) -> list[tuple[int, int, int, int]]:
    """Give (members, active members, entered, left) by period."""
    users = bits.left_join(active.select("user_no", "active"), "user_no")
    users = users.mutate(active=users.active.fill_null(0))
    columns: dict[str, IntegerScalar] = {}
    for i in range(n_periods):
        now, before = has_bit(users.bits, i + 1), has_bit(users.bits, i)
        columns |= {
            f"size_{i}": now.sum(),
            f"active_{i}": (now * has_bit(users.active, i)).sum(),
            f"entered_{i}": (now * (1 - before)).sum(),
            f"left_{i}": (before * (1 - now)).sum(),
        }
    row = [int(n or 0) for n in sides.engine.rows(users.agg(**columns))[0]]
    return [(row[i], row[i + 1], row[i + 2], row[i + 3]) for i in range(0, len(row), 4)]


def _count_universes(
    sides: Sides, clocks: Sequence[Clock], universe_at: At, n_universe: int
) -> list[int]:
    counted = [
        universe_at(c).agg(n=ibis._.count()).mutate(place=ibis.literal(i, "int64"))
        for i, c in enumerate(clocks)
        if c != sides.clock
    ]
    found: dict[int, int] = {}
    if counted:
        rows = sides.engine.rows(ibis.union(*counted) if counted[1:] else counted[0])
        found = {int(place): int(n) for n, place in rows}
    return [found.get(i, n_universe) for i in range(len(clocks))]
