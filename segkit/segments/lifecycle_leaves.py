"""Find the users by when they did something: how often in each of some windows, in one pass."""

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from operator import add

from ibis import Table
from ibis.expr.types import BooleanValue

from segkit.periods import Clock, Duration
from segkit.periods import Window as Span
from segkit.segments.holds import Value, truth
from segkit.segments.kinds import holds_for_number
from segkit.segments.leaves import Leaf
from segkit.segments.lifecycle import FirstTime, Regularly, Resumed, Stopped
from segkit.segments.metric import count_of
from segkit.segments.sources import Context, hull, inside, inside_days, rows_of
from segkit.segments.targets import COUNT, Target
from segkit.segments.windows import span_of


def first_time_leaf(condition: FirstTime, context: Context) -> Leaf:
    """Give the users whose first matching row ever lies in the window."""
    return _kept(condition, context)


def stopped_leaf(condition: Stopped, context: Context) -> Leaf:
    """Give the users with a matching row in the window and none in the last `silent_for`."""
    return _kept(condition, context)


def resumed_leaf(condition: Resumed, context: Context) -> Leaf:
    """Give the users with a matching row in the window and earlier, but none just before it."""
    return _kept(condition, context)


def spans_of(
    condition: FirstTime | Stopped | Resumed, clock: Clock
) -> tuple[Sequence[Span], Sequence[Span]]:
    """Give the spans in each of which it was done, and those in which it was not."""
    match condition:
        case Stopped():
            active = span_of(condition.active_in, clock)
            return [active], [clock.last(condition.silent_for)]
        case FirstTime():
            span = span_of(condition.during, clock)
            return [span], [] if span.start is None else [Span(None, span.start, span.zone)]
        case _:
            span = span_of(condition.during, clock)
            if span.start is None:
                raise AssertionError(condition)
            since = condition.silent_for.before(span.start, span.zone)
            return [span, Span(None, since, span.zone)], [Span(since, span.start, span.zone)]


def _kept(condition: FirstTime | Stopped | Resumed, context: Context) -> Leaf:
    """Give the users with a row in each of some spans, and none in others."""
    active, silent = spans_of(condition, context.clock)
    table = counts_in([*active, *silent], condition.target, context)
    for place in range(len(active)):
        table = table.filter(table[f"n{place}"] > 0)
    for place in range(len(active), len(active) + len(silent)):
        table = table.filter(table[f"n{place}"] == 0)
    return Leaf(table.select("user_no"), default=False)


def regularly_leaf(condition: Regularly, context: Context) -> Leaf:
    """Give the users whose count is in bound in enough of the last periods, or the others.

    A period without a matching row has a count of 0.
    """
    table = periods_met(condition, context)
    bound = condition.periods.bound
    default = holds_for_number(bound, met_by_nothing(condition))
    kept = truth(bound, Value("number", table.met), context.clock.zone)
    return Leaf(table.filter(~kept if default else kept).select("user_no"), default=default)


def met_by_nothing(condition: Regularly) -> int:
    """Give how many periods satisfy the bound for who never did it."""
    return condition.periods.of_last if holds_for_number(condition.bound, 0) else 0


def periods_met(condition: Regularly, context: Context) -> Table:
    """Give in how many of the last periods the count satisfies the bound: `user_no`, `met`."""
    spans = periods_asked(condition, context)
    table = counts_in(spans, condition.target, context)
    met = [
        _satisfied(condition, table, place, context).cast("int32") for place in range(len(spans))
    ]
    return table.select("user_no", met=reduce(add, met))


def _satisfied(condition: Regularly, table: Table, place: int, context: Context) -> BooleanValue:
    return truth(condition.bound, Value("number", table[f"n{place}"]), context.clock.zone)


def periods_asked(condition: Regularly, context: Context) -> list[Span]:
    """Give the last periods, the latest first; each ends where the one after it begins."""
    clock, per = context.clock, condition.per
    edges = [clock.at] + [
        Duration(per.n * i, per.unit).before(clock.at, clock.zone)
        for i in range(1, condition.periods.of_last + 1)
    ]
    return [Span(start, end, clock.zone) for end, start in pairwise(edges)]


def counts_in(spans: Sequence[Span], target: Target, context: Context) -> Table:
    """Give how many matching rows each user has in each span: `user_no`, `n0`, `n1`, …, never null.

    Users with no matching row before the last span's end are left out.
    """
    whole = hull(spans)
    by_days = all(span.on_days for span in spans)
    rows = rows_of(target, COUNT, whole, context, by_days=by_days)
    tests = [
        inside(rows.table[rows.at], span) if rows.at else inside_days(rows.table["day"], span)
        for span in spans
    ]
    counts = {f"n{i}": count_of(rows, COUNT, where=test) for i, test in enumerate(tests)}
    counted = rows.table.group_by("user_no").aggregate(**counts)
    return counted.select("user_no", **{name: counted[name].fill_null(0) for name in counts})
