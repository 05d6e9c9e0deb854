"""Count who goes through ordered steps, event by event."""

from collections.abc import Sequence

import ibis
from ibis import Table

from segkit.errors import UnknownNameError
from segkit.measures.activity import Activity, has_bit
from segkit.measures.facts import FunnelStep
from segkit.measures.sides import Sides
from segkit.schema import INSTANT


def check_funnel(sides: Sides, steps: Sequence[str]) -> None:
    """Refuse a funnel of events that the data does not have.

    Raises
    ------
    UnknownNameError
        For the first unknown event, with near names.
    """
    for step in steps:
        if step not in sides.tables.catalogue.events:
            raise UnknownNameError.of_kind(
                "event", step, sides.tables.catalogue.events, where="[report] funnel"
            )


def measure_funnel(
    sides: Sides, activity: Activity, steps: Sequence[str]
) -> tuple[FunnelStep, ...]:
    """Give the users who did every step up to each, in order, inside the window; never rising.

    Notes
    -----
    A step counts at or after the step before it (after it, where both are the same event). It is
    taken as early as possible: if any choice of events runs through the steps, the earliest one
    does.
    """
    check_funnel(sides, steps)
    if not steps:
        return ()
    reached = [_first_step(sides, activity, steps)]
    hits = sides.engine.keep(_hits(sides, activity, steps), "funnel") if steps[1:] else None
    before: Table | None = None
    for place, step in enumerate(steps):
        if hits is None:
            break
        repeats = place > 0 and steps[place - 1] == step
        done = _next_step(hits, before, list(dict.fromkeys(steps)).index(step), repeats=repeats)
        before = sides.engine.keep(done, f"funnel_{place}") if steps[place + 1 :] else done
        if place:
            reached.append(_by_side(before, place))
    rows = sides.engine.rows(ibis.union(*reached) if reached[1:] else reached[0])
    found = {(place, side): int(n) for place, side, n in rows}
    return tuple(
        FunnelStep(
            step=place + 1,
            event=step,
            n_users=found.get((place, True), 0),
            n_baseline=found.get((place, False), 0),
        )
        for place, step in enumerate(steps)
    )


def _first_step(sides: Sides, activity: Activity, steps: Sequence[str]) -> Table:
    """Count who did the first step, from the rollup alone."""
    if steps[0] in activity.events:
        users = activity.users
        did = users.filter(has_bit(users.event_bits, activity.events.index(steps[0])) == 1)
    else:
        days = sides.tables.user_days
        did = days.filter(sides.is_inside(days) & (days.event == steps[0]))
    return _by_side(sides.joined(did.select("user_no").distinct()), 0)


def _by_side(users: Table, place: int) -> Table:
    return users.group_by("in_segment").agg(n=users.count()).select(
        place=ibis.literal(place, "int64"), in_segment="in_segment", n="n"
    )  # fmt: skip


def _hits(sides: Sides, activity: Activity, steps: Sequence[str]) -> Table:
    """Give the steps' events in the window, of users who did the first two at any time in it."""
    events = sides.tables.events
    window = sides.window
    start, end = (ibis.literal(at, INSTANT) for at in (window.start, window.end))
    hits = events.filter(
        events.event.isin(sorted(set(steps)))
        & events.bot_reason.isnull()
        & (events.time >= start)
        & (events.time < end)
    )
    places = [(name, ibis.literal(i, "int8")) for i, name in enumerate(dict.fromkeys(steps))]
    hits = hits.select("user_no", "time", event=hits.event.cases(*places))
    users = activity.users
    for step in steps[:2]:
        if step in activity.events:
            users = users.filter(has_bit(users.event_bits, activity.events.index(step)) == 1)
    return hits.inner_join(sides.joined(users.select("user_no")), "user_no")


def _next_step(hits: Table, before: Table | None, event: int, *, repeats: bool) -> Table:
    """Give each user's earliest time of a step at or after the one before."""
    own = hits.filter(hits.event == event).select("user_no", "in_segment", "time")
    if before is not None:
        own = own.inner_join(before.select("user_no", "reached_at"), "user_no")
        is_later = own.time > own.reached_at if repeats else own.time >= own.reached_at
        own = own.filter(is_later)
    return own.group_by("user_no", "in_segment").agg(reached_at=own.time.min())
