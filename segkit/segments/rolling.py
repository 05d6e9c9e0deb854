"""Find the users who did so much in any stretch of some days inside a window.

A stretch is made of whole calendar days and lies wholly inside; it may begin on any of them. So
each row counts in as many stretches as hold its day, and all stretches that no row of a user
touches are alike: nothing was done there.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import ibis
from ibis import Table

from segkit.periods import Duration, add_months, day_start, local_day
from segkit.periods import Window as Span
from segkit.segments.conditions import Did
from segkit.segments.holds import Value, truth
from segkit.segments.kinds import holds_for_number
from segkit.segments.metric import measured
from segkit.segments.sources import Context, Rows, rows_of
from segkit.segments.targets import ZERO_CALCS
from segkit.segments.windows import Rolling, span_of

_MONTHS = {"mo": 1, "q": 3, "y": 12}
_DAYS = {"d": 1, "w": 7}
_LONGEST_MONTH = 31


@dataclass(frozen=True, kw_only=True)
class Stretches:
    """The stretches of a length whose first day is at least `first` and that end before `until`.

    `first` is None where the window has no beginning.
    """

    length: Duration
    first: date | None
    until: date

    @classmethod
    def inside(cls, length: Duration, span: Span) -> "Stretches":
        """Give those made of whole days inside a span."""
        until = local_day(span.end, span.zone)
        if span.start is None:
            return cls(length=length, first=None, until=until)
        day = local_day(span.start, span.zone)
        is_whole = day_start(day, span.zone) == span.start
        return cls(length=length, first=day if is_whole else day + timedelta(days=1), until=until)

    @property
    def most_days(self) -> int:
        """The most days that one of them can have."""
        n, unit = self.length.n, self.length.unit
        return n * _DAYS[unit] if unit in _DAYS else n * _MONTHS[unit] * _LONGEST_MONTH

    def end(self, first: date) -> date:
        """Give the day after the last one of the stretch that begins on a day."""
        n, unit = self.length.n, self.length.unit
        if unit in _DAYS:
            return first + timedelta(days=n * _DAYS[unit])
        return add_months(first, n * _MONTHS[unit])

    @property
    def n(self) -> int | None:
        """How many there are; None where there is no end to them."""
        if self.first is None:
            return None
        days = range((self.until - self.first).days)
        return sum(self.end(self.first + timedelta(days=i)) <= self.until for i in days)


def rolling_leaf(condition: Did, window: Rolling, context: Context) -> tuple[Table, bool]:
    """Give the users for whom `did` in any stretch is other than for who did nothing, and that."""
    zone, bound = context.clock.zone, condition.bound
    table, value, n = values_in_stretches(condition, window, context)
    told = table.mutate(ok=truth(bound, value, zone))
    users = told.group_by("user_no").aggregate(ok=told.ok.any(), n=told.count())
    is_zero = condition.calc.name in ZERO_CALCS
    default = (holds_for_number(bound, 0) if is_zero else bound.wants_unknown) and n != 0
    if not default:
        return users.filter(users.ok), False
    # Who has a stretch without a row fulfils the condition there.
    return users.filter(~users.ok & (ibis.literal(n is not None) & (users.n == (n or 0)))), True


def values_in_stretches(
    condition: Did, window: Rolling, context: Context
) -> tuple[Table, Value, int | None]:
    """Give the value of each stretch with a row in it, and how many stretches there are.

    One row a user and stretch. None is for stretches without end.
    """
    stretches = Stretches.inside(window.length, span_of(window.inside, context.clock))
    zone = context.clock.zone
    start = None if stretches.first is None else day_start(stretches.first, zone)
    end = day_start(stretches.until, zone)
    days = Span(start if start is None else min(start, end), end, zone)
    rows = _in_stretches(rows_of(condition.target, condition.calc, days, context), stretches)
    table, value = measured(rows, condition.calc)
    if condition.calc.name == "sum":
        value = Value("number", value.column.fill_null(0))
    return table, value, stretches.n


def _in_stretches(rows: Rows, stretches: Stretches) -> Rows:
    """Give each row once for every stretch that holds its day, with its first day as `stretch`."""
    table = rows.table.mutate(own_day=rows.day)
    back = ibis.range(stretches.most_days).unnest().name("back")
    each = table.mutate(back)
    each = each.mutate(stretch=_days_back(each))
    ends = _ends(each.stretch, stretches.length)
    kept = (ends > each.own_day) & (ends <= ibis.literal(stretches.until))
    if stretches.first is not None:
        kept = kept & (each.stretch >= ibis.literal(stretches.first))
    return replace(rows, table=each.filter(kept), keys=("user_no", "stretch"))


def _days_back(table: Table) -> Any:  # noqa: ANN401  an Ibis column
    return (table.own_day - table.back.as_interval("D")).cast("date")


def _ends(first: Any, length: Duration) -> Any:  # noqa: ANN401  Ibis columns
    if length.unit in _DAYS:
        step = ibis.interval(days=length.n * _DAYS[length.unit])
    else:
        step = ibis.interval(months=length.n * _MONTHS[length.unit])
    return (first + step).cast("date")
