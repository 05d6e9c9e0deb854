"""Count a segment at the ends of many periods: its size, who was active or new, who came and went.

Membership at each period's end is a bit of one integer a user. What users did is read once for all
segments, and all of them are counted in one pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from operator import or_

import ibis
from ibis import Table
from ibis.expr.types import BooleanColumn, IntegerScalar, IntegerValue

from segkit.measures.activity import has_bit
from segkit.measures.facts import TrendRow
from segkit.measures.withhold import keep_part, withhold_trend
from segkit.segments.over_time import Timeline
from segkit.store.tables import Tables

_COUNTS = 5


@dataclass(frozen=True, kw_only=True)
class SizeRow:
    """One segment at the end of one period.

    `n_active` members had an event, `n_new` their first one ever, in the days that end on `end_on`;
    `n_entered` were no members at the end of the period before, `n_left` were and are no more. None
    is withheld.
    """

    end_on: date
    n_universe: int | None
    n_users: int | None
    n_active: int | None
    n_new: int | None
    n_entered: int | None
    n_left: int | None


@dataclass(frozen=True, kw_only=True)
class Span:
    """One period to be counted: its last day and the last day of the period before it."""

    before_on: date
    end_on: date


def build_doings(tables: Tables, spans: Sequence[Span], days: int) -> Table:
    """Give one row a user, kept: bit i of `active` and of `new` stands for the i-th span.

    Parameters
    ----------
    spans
        At most 62 periods.
    days
        How many days up to a span's end count.

    Notes
    -----
    Active: any event. New: the first event ever. Who did nothing in any span has no row.
    """
    rows = tables.user_days
    first = min(span.end_on for span in spans) - timedelta(days=days - 1)
    read = rows.filter(rows.day.between(first, max(span.end_on for span in spans)))
    users = tables.users.select("user_no", "first_day")
    did = read.group_by("user_no").agg(
        **{f"a{i}": _inside(read.day, span, days).max() for i, span in enumerate(spans)}
    )
    joined = did.left_join(users, "user_no")
    active = [_bit(joined[f"a{i}"], i) for i in range(len(spans))]
    new = [_bit(_inside(joined.first_day, span, days), i) for i, span in enumerate(spans)]
    bits = joined.select("user_no", active=reduce(or_, active), new=reduce(or_, new))
    return tables.engine.keep(bits, "doings")


def _inside(day: ibis.expr.types.DateColumn, span: Span, days: int) -> BooleanColumn:
    return day.between(span.end_on - timedelta(days=days - 1), span.end_on)


def _bit(holds: BooleanColumn, place: int) -> IntegerValue:
    known = holds.fill_null(False)  # noqa: FBT003  Ibis takes the value so
    return known.ifelse(ibis.literal(1 << place, "int64"), 0)


def keep_members(tables: Tables, timeline: Timeline, place: int) -> Table:
    """Compute who is in a segment once, and keep it: `user_no`, `bits`, and the segment's place."""
    members = timeline.members
    told = members.select("user_no", "bits", place=ibis.literal(place, "int64"))
    return tables.engine.keep(told, "tracked")


def count_universe(
    tables: Tables, timeline: Timeline, spans: Sequence[Span], days: Sequence[date]
) -> tuple[int, ...]:
    """Give how many users could be in a segment at the end of each span."""
    bits = timeline.universe.bits
    counts = {f"n_{i}": has_bit(bits, days.index(s.end_on)).sum() for i, s in enumerate(spans)}
    return tuple(int(n or 0) for n in tables.engine.rows(timeline.universe.agg(**counts))[0])


def measure_sizes(
    tables: Tables,
    members: Sequence[Table],
    doings: Table,
    spans: Sequence[Span],
    days: Sequence[date],
) -> dict[int, tuple[SizeRow, ...]]:
    """Give the counts of some segments by their places: one row a span, in the order of the spans.

    Parameters
    ----------
    members
        What `keep_members` gave for each segment, a bit for each of `days`.
    doings
        What `build_doings` gave for the spans.

    Returns
    -------
    dict
        Universes are not counted yet. A segment without a member on any day has no entry.
    """
    every = ibis.union(*members) if members[1:] else members[0]
    users = every.left_join(doings, "user_no").select(
        place=every.place,
        bits=every.bits,
        active=doings.active.fill_null(0),
        new=doings.new.fill_null(0),
    )
    columns: dict[str, IntegerScalar] = {}
    for i, span in enumerate(spans):
        now, before = (has_bit(users.bits, days.index(d)) for d in (span.end_on, span.before_on))
        columns |= {
            f"size_{i}": now.sum(),
            f"active_{i}": (now * has_bit(users.active, i)).sum(),
            f"new_{i}": (now * has_bit(users.new, i)).sum(),
            f"entered_{i}": (now * (1 - before)).sum(),
            f"left_{i}": (before * (1 - now)).sum(),
        }
    found = tables.engine.rows(users.group_by("place").agg(**columns))
    return {int(place): _rows([int(n or 0) for n in counts], spans) for place, *counts in found}


def no_members(spans: Sequence[Span]) -> tuple[SizeRow, ...]:
    """Give the counts of a segment that never had a member; its universe is not counted yet."""
    return _rows([0] * (_COUNTS * len(spans)), spans)


def _rows(counts: Sequence[int], spans: Sequence[Span]) -> tuple[SizeRow, ...]:
    parts = [counts[at : at + _COUNTS] for at in range(0, len(counts), _COUNTS)]
    return tuple(
        SizeRow(
            end_on=span.end_on,
            n_universe=None,
            n_users=part[0],
            n_active=part[1],
            n_new=part[2],
            n_entered=part[3],
            n_left=part[4],
        )
        for span, part in zip(spans, parts, strict=True)
    )


def withhold_sizes(rows: Sequence[SizeRow], min_size: int) -> tuple[SizeRow, ...]:
    """Give rows of neighbouring periods, oldest first, without what is too small.

    As in a trend: sizes, what they leave of the universe, who was active, and moves, which go
    together. New users are part of the active ones, and are protected within them.
    """
    trend = withhold_trend([_as_trend(row) for row in rows], min_size)
    return tuple(
        replace(
            row,
            n_universe=kept.n_universe,
            n_users=kept.n_users,
            n_active=kept.n_active,
            n_new=_new(row, kept, min_size),
            n_entered=kept.n_entered,
            n_left=kept.n_left,
        )
        for row, kept in zip(rows, trend, strict=True)
    )


def _new(row: SizeRow, kept: TrendRow, min_size: int) -> int | None:
    """Give who is new, as part of the active, or of all where these are withheld."""
    whole = kept.n_users if kept.n_active is None else kept.n_active
    return keep_part(row.n_new, whole, min_size)


def _as_trend(row: SizeRow) -> TrendRow:
    return TrendRow(
        period=row.end_on.isoformat(),
        start_on=row.end_on,
        end_on=row.end_on,
        is_complete=True,
        n_universe=row.n_universe,
        n_users=row.n_users,
        n_active=row.n_active,
        n_entered=row.n_entered,
        n_left=row.n_left,
    )
