"""Find what many visits say of few users: a page that one person alone keeps coming back to.

Breakdowns of visits and hours count visits, so a value may be large and still be one person's. A
value with more visits than `min_size` − 1 users could ever have made needs no look; only for the
others are users counted, and those are few.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
from ibis import Table
from ibis.expr.types import StringValue

from segkit.measures.facts import NO_PAGE, UNKNOWN, Breakdown, BreakdownRow, HourCell
from segkit.measures.sides import Sides
from segkit.measures.traffic import SHAPES

FEW = "(of few users)"
"""The level that holds the visits of all values which fewer users have than may be shown."""
HOURS = "hours"
_COLUMNS = {shape.name: column for column, shape in SHAPES.items()}
Wanted = Mapping[tuple[str, bool], Collection[str]]
Found = Mapping[tuple[str, bool, str], int]


@dataclass(frozen=True, kw_only=True)
class FewUsers:
    """How many users stand behind those values of visits that may be of few."""

    min_size: int
    found: Found

    def are_few(self, name: str, value: str, *, in_segment: bool) -> bool:
        """Say whether some users of a side stand behind a value, but too few."""
        return 0 < self.found.get((name, in_segment, value), self.min_size) < self.min_size


def hide_few(
    sides: Sides, visits: Table, breakdowns: Sequence[Breakdown], hours: Sequence[HourCell]
) -> tuple[tuple[Breakdown, ...], tuple[HourCell, ...]]:
    """Give breakdowns of visits and hours without the counts that few users stand behind.

    A value that fewer than `min_size` users of both sides have goes into one row `(of few users)`,
    for its very name could tell of a person; otherwise the count of the side that has fewer is
    None.
    """
    wanted = _doubtful(breakdowns, hours, _sure_beyond(sides, visits))
    few = FewUsers(min_size=sides.min_size, found=_count_users(sides, visits, wanted))
    hidden = tuple(
        replace(cell, n_visits=None)
        if few.are_few(HOURS, _hour_name(cell.weekday, cell.hour), in_segment=True)
        else cell
        for cell in hours
    )
    return tuple(_hide(breakdown, few) for breakdown in breakdowns), hidden


def _sure_beyond(sides: Sides, visits: Table) -> int:
    """Give the number of visits beyond which at least `min_size` users must have made them."""
    if sides.min_size <= 1:
        return 0
    inside = sides.inside(visits.select("user_no", "day"))
    by_user = inside.group_by("user_no").agg(n=inside.count())
    return int(sides.engine.scalar(by_user.n.max()) or 0) * (sides.min_size - 1)


def _doubtful(
    breakdowns: Sequence[Breakdown], hours: Sequence[HourCell], sure_beyond: int
) -> dict[tuple[str, bool], list[str]]:
    wanted: dict[tuple[str, bool], list[str]] = {}
    for b in breakdowns:
        for row in b.rows:
            for in_segment, n in ((True, row.n), (False, row.n_baseline)):
                if 0 < (n or 0) <= sure_beyond:
                    wanted.setdefault((b.name, in_segment), []).append(row.value)
    listed = [_hour_name(c.weekday, c.hour) for c in hours if 0 < (c.n_visits or 0) <= sure_beyond]
    return {**wanted, (HOURS, True): listed} if listed else wanted


def _hour_name(weekday: int, hour: int) -> str:
    return str(weekday * 24 + hour)


def _count_users(sides: Sides, visits: Table, wanted: Wanted) -> dict[tuple[str, bool, str], int]:
    parts = [
        _users_of(sides, visits, name, values, in_segment=in_segment)
        for (name, in_segment), values in wanted.items()
    ]
    if not parts:
        return {}
    users = (ibis.union(*parts) if parts[1:] else parts[0]).distinct()
    counted = users.group_by("name", "in_segment", "value").agg(n=users.count())
    return {(name, side, value): int(n) for name, side, value, n in sides.engine.rows(counted)}


def _users_of(
    sides: Sides, visits: Table, name: str, values: Collection[str], *, in_segment: bool
) -> Table:
    """Give the users of a side behind some values: columns name, in_segment, value, user_no."""
    columns = ["weekday", "hour"] if name == HOURS else [_COLUMNS[name]]
    inside = sides.inside(visits.select("user_no", "day", *columns))
    own = inside.filter(inside.in_segment == in_segment)
    own = own.mutate(value=_value(own, name))
    own = own.filter(own["value"].isin(sorted(values)))
    return own.select("in_segment", "value", "user_no", name=ibis.literal(name))


def _value(visits: Table, name: str) -> StringValue:
    if name == HOURS:
        return (visits.weekday.cast("int64") * 24 + visits.hour.cast("int64")).cast("string")
    column = _COLUMNS[name]
    return visits[column].fill_null(NO_PAGE if column.endswith("_page") else UNKNOWN)


def _hide(breakdown: Breakdown, few: FewUsers) -> Breakdown:
    lone = [row for row in breakdown.rows if _is_lone(breakdown.name, row, few)]
    named = [
        replace(
            row,
            n=None if few.are_few(breakdown.name, row.value, in_segment=True) else row.n,
            n_baseline=None
            if few.are_few(breakdown.name, row.value, in_segment=False)
            else row.n_baseline,
        )
        for row in breakdown.rows
        if row not in lone
    ]
    if not lone:
        return replace(breakdown, rows=tuple(named))
    rest = BreakdownRow(
        value=FEW,
        n=None if any(row.n for row in lone) else 0,
        n_baseline=None if any(row.n_baseline for row in lone) else 0,
    )
    return replace(breakdown, rows=(*named, rest), n_more=breakdown.n_more + len(lone) - 1)


def _is_lone(name: str, row: BreakdownRow, few: FewUsers) -> bool:
    """Say whether fewer than the least users of both sides together have a value."""
    users = [
        few.found.get((name, in_segment, row.value), few.min_size if n else 0)
        for in_segment, n in ((True, row.n), (False, row.n_baseline))
    ]
    return sum(users) < few.min_size
