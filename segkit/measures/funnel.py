"""Count who goes through ordered steps, event by event."""

import operator
from collections.abc import Sequence
from itertools import pairwise

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
    reached = _first_step(sides, activity, steps[0])
    if steps[1:]:
        walked = _reached(_times(sides, steps), steps)
        reached = sides.joined(sides.engine.keep(walked, "funnel", is_alike=True))
    table = reached.group_by("in_segment").agg(
        **{f"step_{place}": reached[f"at_{place}"].count() for place in range(len(steps))}
    )
    found = {row[0]: row[1:] for row in sides.engine.rows(table)}
    none = (0,) * len(steps)
    return tuple(
        FunnelStep(step=place + 1, event=event, n_users=int(n), n_baseline=int(m))
        for place, (event, n, m) in enumerate(
            zip(steps, found.get(True, none), found.get(False, none), strict=True)
        )
    )


def _first_step(sides: Sides, activity: Activity, step: str) -> Table:
    """Give who did the one step of a funnel, from the rollup alone; `at_0` is never null."""
    if step in activity.events:
        users = activity.users
        did = users.filter(has_bit(users.event_bits, activity.events.index(step)) == 1)
    else:
        days = sides.tables.user_days
        did = days.filter(sides.is_inside(days) & (days.event == step))
    return sides.joined(did.select("user_no", at_0="user_no").distinct())


def _times(sides: Sides, steps: Sequence[str]) -> Table:
    """Give one row a user: `at_0`, the earliest first step, and `times_k`, all of step k."""
    events = sides.tables.events
    window = sides.window
    start, end = (ibis.literal(at, INSTANT) for at in (window.start, window.end))
    hits = events.filter(
        ibis.array(sorted(set(steps))).contains(events.event)
        & events.bot_reason.isnull()
        & (events.time >= start)
        & (events.time < end)
    )
    first = hits.time.min(where=hits.event == steps[0])
    later = {
        f"times_{place}": hits.time.collect(where=hits.event == step)
        for place, step in enumerate(steps[1:], start=1)
    }
    return hits.group_by("user_no").agg(at_0=first, **later)


def _reached(users: Table, steps: Sequence[str]) -> Table:
    """Give one row a user: `at_k`, the earliest time of step k after the steps before it.

    The alias keeps Ibis from writing the step before into the search for the next, time by time.
    """
    for place, (before, step) in enumerate(pairwise(steps), start=1):
        reached_at = users[f"at_{place - 1}"]
        is_next = operator.gt if step == before else operator.ge
        later = users[f"times_{place}"].filter(
            lambda at, is_next=is_next, reached_at=reached_at: is_next(at, reached_at)
        )
        users = users.mutate(**{f"at_{place}": later.mins()}).alias(f"step_{place}")
    return users.select("user_no", *(f"at_{place}" for place in range(len(steps))))
