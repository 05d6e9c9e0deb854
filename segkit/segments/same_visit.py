"""Say what must be met inside one visit, and see one visit as if it were a user."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ibis import Table

from segkit.errors import DefinitionError
from segkit.segments.conditions import (
    EVER,
    All,
    AnyOf,
    AtLeast,
    Condition,
    Did,
    DidNot,
    Not,
    VisitAttribute,
)
from segkit.segments.forms import CONDITION, PARTS
from segkit.segments.holds import instant_literal
from segkit.segments.own_windows import in_window
from segkit.segments.shapes import Part, Place, walk
from segkit.segments.sources import Context
from segkit.segments.standing import Compare, Measure
from segkit.segments.targets import ExperienceTarget
from segkit.segments.windows import WINDOW, Anchored, Rolling, Window, span_of
from segkit.store.tables import Tables

_OF_A_VISIT = (All, AnyOf, AtLeast, Not, Did, DidNot, VisitAttribute, Measure, Compare)
_KEY = "own_visit"


@dataclass(frozen=True, kw_only=True)
class SameVisit(Condition):
    """Some visit that began in the window meets the condition all by itself."""

    kind: ClassVar[str] = "same_visit"
    of: Condition
    during: Window = EVER


def _read(node: Any, place: Place) -> SameVisit:  # noqa: ANN401
    if not isinstance(node, dict):
        raise place.refuse("`same_visit` must be a mapping of one condition and `during`.")
    during = WINDOW.read(node["during"], place.at("during")) if "during" in node else EVER
    rest = {key: body for key, body in node.items() if key != "during"}
    return SameVisit(of=CONDITION.read(rest, place), during=during)


def _write(condition: SameVisit, normal: bool) -> dict[str, Any]:  # noqa: FBT001
    tree: dict[str, Any] = CONDITION.write(condition.of, normal)
    if condition.during == EVER:
        return tree
    return tree | {"during": WINDOW.write(condition.during, normal)}


PARTS |= {"same_visit": Part(_read, _write)}


def same_visit_faults(
    condition: SameVisit, start: Place
) -> Iterator[tuple[DefinitionError, Place]]:
    """Give the refusals of what one visit cannot tell."""
    for part, place in walk(condition.of, start):
        if isinstance(part, Condition) and not isinstance(part, _OF_A_VISIT):
            sentence = f"`{part.kind}` is about a user, not about one visit."
            yield place.refuse(sentence, "say it beside `same_visit`, joined by `all`."), place
        if isinstance(part, ExperienceTarget):
            sentence = "Exposures do not belong to visits."
            yield place.refuse(sentence, "say it beside `same_visit`, joined by `all`."), place
        if isinstance(part, Anchored | Rolling):
            sentence = "This window looks beyond one visit."
            yield place.refuse(sentence, "give `during` to `same_visit` itself."), place


def visits_of(condition: SameVisit, context: Context) -> tuple[Table, Table, Context]:
    """Give the visits that may meet the condition, the same as if users, and their context.

    The first table has each visit's `user_no` and its key, the second the key as `user_no`; in the
    context events and visits bear that key too, so that every rule about a user is about a visit.
    """
    tables = context.tables
    began = in_window(tables.visits, "started_at", condition.during, context)
    visits, events = _keyed(began), _keyed(_events_since(condition.during, context))
    own = {"visits": _as_users(visits), "events": _as_users(events)}
    apart = Tables(
        tables.engine,
        zone=tables.zone,
        catalogue=tables.catalogue,
        snapshot=tables.snapshot,
        open_table=own.__getitem__,
    )
    inner = replace(context, tables=apart, has_rollups=False, universe=None)
    return visits.select("user_no", _KEY), own["visits"].select("user_no"), inner


def users_with(kept: Table, visits: Table) -> Table:
    """Give the users of the visits that were kept, each once."""
    told = kept.select(**{_KEY: "user_no"})
    return visits.semi_join(told, _KEY).select("user_no").distinct()


def _events_since(window: Window, context: Context) -> Table:
    """Give the events of people's visits, without those before a window that has a beginning."""
    events = context.tables.events
    events = events.filter(events.bot_reason.isnull() & events.visit_no.notnull())
    start = None if isinstance(window, Anchored) else span_of(window, context.clock).start
    return events if start is None else events.filter(events.time >= instant_literal(start))


def _keyed(table: Table) -> Table:
    key = table.user_no.cast("string") + ":" + table.visit_no.cast("string")
    return table.mutate(**{_KEY: key})


def _as_users(table: Table) -> Table:
    return table.mutate(user_no=table[_KEY]).drop(_KEY)
