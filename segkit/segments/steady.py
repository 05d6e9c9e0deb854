"""Read once, for several instants, what is known of a visit or a user from some moment on.

The attributes of a visit never change after it began, and neither does who a user was identified
as. So each row is judged once, and an instant only says which rows are looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
from ibis import Table
from ibis.expr.types import BooleanValue

from segkit.segments.conditions import Attribute, VisitAttribute
from segkit.segments.holds import instant_literal, truth
from segkit.segments.leaves import labels_of, visits_told
from segkit.segments.sources import Context, hull, inside
from segkit.segments.windows import Anchored, span_of

Contexts = Sequence[Context]
IDENTIFIED = ("user_id", "registered_at")
"""Labels that a user has from the identification on."""


@dataclass(frozen=True)
class Held:
    """Users (`user_no`) and, instant by instant, whether a condition holds; never null.

    `default` is what holds at any instant for everybody else.
    """

    users: Table
    at: Sequence[BooleanValue]
    default: bool


def visited(condition: VisitAttribute, contexts: Contexts) -> Held | None:
    """Give who had any visit like that, or only such; None for one visit or a user's own window."""
    if condition.touch not in {"any", "every"} or isinstance(condition.during, Anchored):
        return None
    spans = [span_of(condition.during, context.clock) for context in contexts]
    latest = max(contexts, key=lambda context: context.clock.at)
    visits = latest.tables.visits
    visits = visits_told(condition, visits.filter(inside(visits.started_at, hull(spans))), latest)
    chosen: dict[str, BooleanValue] = {}
    for place, span in enumerate(spans):
        within = inside(visits.started_at, span)
        chosen[f"n{place}"] = within.any()
        chosen[f"k{place}"] = (
            (visits.ok & within).any() if condition.touch == "any" else (visits.ok | ~within).all()
        )
    users = visits.group_by("user_no").agg(**chosen)
    default = condition.bound.wants_unknown
    held = [users[f"n{i}"].ifelse(users[f"k{i}"], default) for i in range(len(spans))]
    return Held(users, held, default)


def identified(condition: Attribute, contexts: Contexts) -> Held | None:
    """Give for whom a label from the identification holds; None for other labels."""
    latest = max(contexts, key=lambda context: context.clock.at)
    if condition.name not in IDENTIFIED or condition.name in latest.tables.catalogue.attributes:
        return None
    table, value = labels_of(condition.name, latest)
    told = table.select("user_no", holds=truth(condition.bound, value, latest.clock.zone))
    since = latest.tables.users.select("user_no", at=ibis._.identified_at)
    users = told.inner_join(since, "user_no")
    default = condition.bound.wants_unknown
    held = []
    for context in contexts:
        is_known = users["at"].isnull() | (users["at"] < instant_literal(context.clock.at))
        held.append(is_known.ifelse(users.holds, default))
    return Held(users, held, default)
