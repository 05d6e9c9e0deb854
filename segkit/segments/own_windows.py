"""Find the rows of a window that hangs on each user's own first or last event.

A user without that event has no such window, and so no row in it. Whole days and longer move the
wall clock of the zone, as everywhere: seven days after nine o'clock is nine o'clock, also where the
clock changed between.
"""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import ibis
from ibis import Table

from segkit.periods import Duration, local_steps
from segkit.segments.holds import instant_literal
from segkit.segments.sources import Context, Rows, first_instant, inside, local_time_of, rows_of
from segkit.segments.targets import Calc, Target
from segkit.segments.windows import Anchor, Anchored, Window, span_of

_PARTS = {
    "mi": ("minutes", 1),
    "h": ("hours", 1),
    "d": ("days", 1),
    "w": ("days", 7),
    "mo": ("months", 1),
    "q": ("months", 3),
    "y": ("months", 12),
}


def rows_in(target: Target, calc: Calc, window: Window, context: Context) -> Rows:
    """Give the rows of a target in any window, from the smallest table exact for the calc."""
    if not isinstance(window, Anchored):
        return rows_of(target, calc, span_of(window, context.clock), context)
    rows = rows_of(target, calc, context.clock.ever(), context, by_days=False)
    return replace(rows, table=in_own_window(rows.table, str(rows.at), window, context))


def in_window(table: Table, at: str, window: Window, context: Context) -> Table:
    """Give the rows of a table with `user_no` whose instant `at` lies in any window."""
    if isinstance(window, Anchored):
        return in_own_window(table, at, window, context)
    return table.filter(inside(table[at], span_of(window, context.clock)))


def in_own_window(table: Table, at: str, window: Anchored, context: Context) -> Table:
    """Give the rows whose instant lies in the window of their own user, and before T.

    The window after an event begins with it, the window before an event ends just before it.
    """
    anchors = anchors_of(window.anchor, context)
    sign = 1 if window.side == "after" else -1
    other = _moved(anchors.anchor, window.length, sign, context)
    start, end = (anchors.anchor, other) if sign > 0 else (other, anchors.anchor)
    spans = anchors.select(own_user="user_no", own_start=start, own_end=end)
    joined = table.inner_join(spans, table.user_no == spans.own_user)
    within = (joined[at] >= joined.own_start) & (joined[at] < joined.own_end)
    before = joined[at] < instant_literal(context.clock.at)
    return joined.filter(within & before).select(*table.columns)


def anchors_of(anchor: Anchor, context: Context) -> Table:
    """Give the instant of each user's first or last event of a name before T."""
    events = context.tables.events
    known = events.bot_reason.isnull() & inside(events.time, context.clock.ever())
    kept = events.filter(known & (events.event == anchor.event))
    chosen = kept.time.min() if anchor.which == "first" else kept.time.max()
    return kept.group_by("user_no").aggregate(anchor=chosen)


def _moved(at: Any, length: Duration, sign: int, context: Context) -> Any:  # noqa: ANN401  Ibis columns
    """Give instants some time on or back; days and months move the clock on the wall."""
    unit, factor = _PARTS[length.unit]
    step = ibis.interval(**{unit: length.n * factor})
    if length.is_clock:
        return at + step if sign > 0 else at - step
    local = local_time_of(at, context)
    return _instant_of(local + step if sign > 0 else local - step, context)


def _instant_of(wall: Any, context: Context) -> Any:  # noqa: ANN401  Ibis columns
    """Give the instants of wall times: the first of two, and past a gap the time after it."""
    zone, at = context.clock.zone, context.clock.at.astimezone(UTC)
    # Beyond T any offset will do: no row lies there.
    first, last = first_instant(context) - timedelta(days=1), at + timedelta(days=2)
    steps = local_steps(zone, first.replace(tzinfo=None), last.replace(tzinfo=None))
    instant = wall - ibis.interval(seconds=steps[0][1])
    for since, seconds in steps[1:]:
        moved = wall - ibis.interval(seconds=seconds)
        instant = ibis.ifelse(wall >= instant_literal(since.replace(tzinfo=UTC)), moved, instant)
    return instant
