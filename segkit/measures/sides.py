"""Hold the two groups of users that a report compares, and the window that it looks at.

Every measure needs the same three things: who is in the segment, who is in the baseline, which
days count. They are settled here once, so that no measure has a denominator of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from ibis import Table
from ibis.expr.types import BooleanValue

from segkit.errors import ParameterError
from segkit.measures.facts import Breakdown, BreakdownRow
from segkit.measures.roles import holds_mail
from segkit.periods import Clock, Window, day_start
from segkit.store.engine import Engine
from segkit.store.tables import Tables

TOP_ROWS = 15
"""The most values that a breakdown shows."""


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Segment and baseline of one report, with its window.

    `groups` holds one row a user: `user_no` and `in_segment`, true for the segment, false for the
    baseline; who is in neither is not in it. `whole` are the users of both, where they are known
    without the segment: what is asked of them is the same for every segment. The window is the
    last `days` whole days before the clock's instant. Counts below `min_size` never lend a value
    its own row.

    Raises
    ------
    ParameterError
        When the clock does not stand at the end of a day: the rollups count whole days.
    """

    tables: Tables
    groups: Table
    clock: Clock
    days: int
    n_segment: int
    n_baseline: int
    min_size: int = 10
    whole: Table | None = None

    def __post_init__(self) -> None:
        if not self.clock.is_day_end or self.days < 1:
            raise ParameterError.build(
                f"A report looks at 1 or more whole days; found {self.days} up to {self.clock.at}.",
                hint="give `as_of` as a date like 2026-06-30 and `days` as a number like 90.",
            )

    @property
    def engine(self) -> Engine:
        """The engine of the tables."""
        return self.tables.engine

    @property
    def end_on(self) -> date:
        """The last day of the window."""
        return self.clock.day

    @property
    def start_on(self) -> date:
        """The first day of the window."""
        return self.end_on - timedelta(days=self.days - 1)

    @property
    def window(self) -> Window:
        """The window as instants."""
        return Window(day_start(self.start_on, self.clock.zone), self.clock.at, self.clock.zone)

    @cached_property
    def members(self) -> Table:
        """The segment's users: one column, `user_no`."""
        return self.groups.filter(self.groups.in_segment).select("user_no")

    @cached_property
    def people(self) -> Table:
        """The users of segment and baseline: one column, `user_no`."""
        return self.groups.select("user_no") if self.whole is None else self.whole

    def is_inside(self, table: Table) -> BooleanValue:
        """Say of each row of a table with a `day` whether it lies in the window."""
        return table.day.between(self.start_on, self.end_on)

    def joined(self, table: Table) -> Table:
        """Give the rows of segment and baseline users, with `in_segment`."""
        return table.inner_join(self.groups, "user_no")

    def inside(self, table: Table) -> Table:
        """Give the rows of segment and baseline users in the window, with `in_segment`."""
        return self.joined(table.filter(self.is_inside(table)))

    def count_by(self, table: Table, *keys: str) -> list[tuple[Any, ...]]:
        """Give (key …, rows of the segment, rows of the baseline) of a table with `in_segment`."""
        counted = table.group_by(list(keys)).agg(
            n=table.in_segment.sum(), n_baseline=(~table.in_segment).sum()
        )
        return self.engine.rows(counted)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a breakdown is called, and what it counts."""

    name: str
    title: str
    of: str
    is_partition: bool
    volume_title: str | None = None


def build_breakdown(  # noqa: PLR0913  one figure each
    shape: Shape,
    counts: Mapping[str, tuple[int, int]],
    *,
    totals: tuple[int | None, int | None],
    min_size: int,
    most: int = TOP_ROWS,
    keep_order: bool = False,
    volumes: Mapping[str, int] | None = None,
) -> Breakdown:
    """Give a breakdown from counts, the values most frequent in the segment first.

    Parameters
    ----------
    counts
        (n, n_baseline) by value.
    totals
        The two denominators.
    min_size
        A value that fewer have, segment and baseline together, gets no row: its very name could
        tell of a person. Nor does one that holds an e-mail address.
    most
        The most rows.
    keep_order
        Whether rows keep the order of `counts` (bands, periods) instead of the largest first;
        then all of them are shown.
    volumes
        The further count by value, of the segment.
    """
    nameable = {v: c for v, c in counts.items() if sum(c) >= min_size and not holds_mail(v)}
    ordered = list(nameable.items())
    if not keep_order:
        ordered.sort(key=lambda item: (-item[1][0], -item[1][1], item[0]))
        ordered = ordered[:most]
    rows = tuple(
        BreakdownRow(value=v, n=n, n_baseline=m, volume=(volumes or {}).get(v))
        for v, (n, m) in ordered
    )
    seen = sum(1 for n, m in counts.values() if n or m)
    return Breakdown(
        name=shape.name,
        title=shape.title,
        of=shape.of,
        denominator=totals[0],
        baseline_denominator=totals[1],
        is_partition=shape.is_partition,
        rows=rows,
        n_more=max(seen - len(rows), 0),
        volume_title=shape.volume_title,
        is_ordered=keep_order,
    )
