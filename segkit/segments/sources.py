"""Choose the smallest exact table for a target and a window, and give its matching rows.

Day rollups answer where they are exact: the target has no `where`, the window begins and ends with
days, and the days are those of the rollup's zone. Everything else reads the events themselves,
bots left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

import ibis
from ibis import Table

from segkit.periods import Clock, offset_steps
from segkit.periods import Window as Span
from segkit.schema import PAGE_EVENTS
from segkit.segments.bounds import Bound
from segkit.segments.holds import Value, instant_literal, truth
from segkit.segments.kinds import EVENT_COLUMNS, EVENT_TIME, MONEY_NAMES
from segkit.segments.targets import (
    Calc,
    EventTarget,
    ExperienceTarget,
    Filters,
    PageTarget,
    Target,
    VisitTarget,
)
from segkit.store.tables import Tables

if TYPE_CHECKING:
    from segkit.segments.model import Definition
    from segkit.segments.pattern_models import PatternModels

ROLLED_UP = ("count", "active_days", "active_weeks", "active_months")
_BEFORE_EVENTS = timedelta(days=366)
"""How long before the first event an exposure may lie and still get its exact day."""
ORDER = ("time", "load_id", "row_no")
"""How events of one user follow each other; equal times keep the order of their file."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every condition of one evaluation shares.

    `universe` are the users who can be members, None while they are being found. `has_rollups` says
    whether the tables have rollups of days.
    """

    tables: Tables
    clock: Clock
    library: "Mapping[str, Definition]"
    lists: Callable[[str], Sequence[Mapping[str, str]]]
    models: "PatternModels"
    universe: Table | None = None
    has_rollups: bool = True

    @property
    def on_rollup_days(self) -> bool:
        """Whether there are rollups, and they count the days of this evaluation's zone."""
        return self.has_rollups and self.tables.zone.key == self.clock.zone.key


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Matching rows of a target, one a thing that happened or a day of them.

    `n` names the column that says how many a row stands for (None: one), `at` the instant, `order`
    what follows what, `keys` of what there is one value: a user, or a stretch of days of one.
    """

    table: Table
    target: Target
    context: Context
    n: str | None = None
    at: str | None = None
    order: tuple[str, ...] = ()
    keys: tuple[str, ...] = ("user_no",)

    @property
    def day(self) -> Any:  # noqa: ANN401  an Ibis date column
        """The calendar day of each row in the evaluation's zone."""
        if "day" in self.table.columns and self.context.on_rollup_days:
            return self.table["day"]
        return local_day_of(self.table[self.at], self.context)

    def property(self, name: str) -> Value:
        """Give a property of each row."""
        if name == EVENT_TIME:
            return Value("instant", self.table[self.at])
        return property_of(self.table, self.target, name, self.context)


def local_day_of(at: Any, context: Context) -> Any:  # noqa: ANN401  Ibis columns
    """Give the calendar day of instants in the evaluation's zone."""
    return local_time_of(at, context).date()


def first_instant(context: Context) -> datetime:
    """Give an instant before everything that is looked at, no later than T."""
    first = (context.tables.catalogue.first_at or context.clock.at) - _BEFORE_EVENTS
    return min(first, context.clock.at).astimezone(UTC)


def local_time_of(at: Any, context: Context) -> Any:  # noqa: ANN401  Ibis columns
    """Give the wall time of instants in the evaluation's zone, by the zone's own steps.

    The column has the type of instants, but shows what a clock on the wall shows.
    """
    steps = offset_steps(context.clock.zone, first_instant(context), context.clock.at)
    local = at + ibis.interval(seconds=steps[0][1])
    for since, seconds in steps[1:]:
        local = ibis.ifelse(
            at >= instant_literal(since), at + ibis.interval(seconds=seconds), local
        )
    return local


def property_of(table: Table, target: Target, name: str, context: Context) -> Value:
    """Give a property of events or visits: money, a canonical column, or a key of `properties`."""
    if isinstance(target, VisitTarget):
        return Value("text", table[name])
    if name in MONEY_NAMES:
        return Value("number", table["value"])
    if name in EVENT_COLUMNS:
        return Value("text", table[name])
    return Value("text", context.tables.engine.json_text(table["properties"], name))


def rows_of(
    target: Target, calc: Calc, span: Span, context: Context, *, by_days: bool = True
) -> Rows:
    """Give the rows of a target in a span, from the smallest table that is exact for the calc.

    Without `by_days` it is never one of day rollups.
    """
    by_days = by_days and _on_days(span, context)
    match target:
        case VisitTarget():
            return _visit_rows(target, span, context)
        case ExperienceTarget():
            return _exposure_rows(target, span, context)
        case EventTarget() if by_days and rolls_up(target, calc):
            return _day_rows(target, span, context)
        case PageTarget() if by_days and rolls_up(target, calc):
            return _page_day_rows(target, span, context)
        case _:
            return _event_rows(target, span, context)


def rolls_up(target: Target, calc: Calc) -> bool:
    """Whether day rollups hold enough to answer a calc of a target."""
    if isinstance(target, EventTarget):
        is_sum = calc.name == "sum" and calc.of in MONEY_NAMES
        return all(name == "currency" for name, _ in target.where) and (
            calc.name in ROLLED_UP or is_sum
        )
    if isinstance(target, PageTarget):
        plain = (
            not (target.where or target.url or target.title or target.group)
            and target.path is not None
        )
        return plain and calc.name in ROLLED_UP and not (target.path and target.path.wants_unknown)
    return False


def _on_days(span: Span, context: Context) -> bool:
    return context.on_rollup_days and span.on_days


def hull(spans: Sequence[Span]) -> Span:
    """Give the smallest span that holds some spans."""
    starts = [span.start for span in spans if span.start is not None]
    is_open = len(starts) < len(spans)
    return Span(None if is_open else min(starts), max(span.end for span in spans), spans[0].zone)


def inside(at: Any, span: Span) -> Any:  # noqa: ANN401  Ibis columns
    """Give whether instants lie in a half-open span."""
    before = at < instant_literal(span.end)
    return before if span.start is None else before & (at >= instant_literal(span.start))


def inside_days(day: Any, span: Span) -> Any:  # noqa: ANN401  Ibis columns
    """Give whether days lie in a span that begins and ends with days."""
    until = day <= ibis.literal(span.to_day)
    return until if span.from_day is None else until & (day >= ibis.literal(span.from_day))


def _satisfied(table: Table, bounds: Mapping[str, Bound | None], context: Context) -> list[Any]:
    zone = context.clock.zone
    return [
        truth(b, Value("text", table[column]), zone)
        for column, b in bounds.items()
        if b is not None
    ]


def _where(table: Table, target: Target, where: Filters, context: Context) -> list[Any]:
    zone = context.clock.zone
    return [truth(bound, property_of(table, target, name, context), zone) for name, bound in where]


def _event_rows(target: EventTarget | PageTarget, span: Span, context: Context) -> Rows:
    events = context.tables.events
    kept = [events.bot_reason.isnull(), inside(events.time, span)]
    if isinstance(target, EventTarget):
        kept.append(events.event.isin(target.names))
    else:
        bounds = {"page_url": target.url, "page_path": target.path, "page_title": target.title}
        kept += [events.event.isin(PAGE_EVENTS), *_satisfied(events, bounds, context)]
    kept += _where(events, target, target.where, context)
    return Rows(
        table=events.filter(reduce(and_, kept)),
        target=target,
        context=context,
        at="time",
        order=ORDER,
    )


def _day_rows(target: EventTarget, span: Span, context: Context) -> Rows:
    days = context.tables.user_days
    kept = [
        days.event.isin(target.names),
        inside_days(days.day, span),
        *_where(days, target, target.where, context),
    ]
    return Rows(table=days.filter(reduce(and_, kept)), target=target, context=context, n="n_events")


def _page_day_rows(target: PageTarget, span: Span, context: Context) -> Rows:
    days = context.tables.page_days
    kept = [inside_days(days.day, span), *_satisfied(days, {"page_path": target.path}, context)]
    return Rows(table=days.filter(reduce(and_, kept)), target=target, context=context, n="n_views")


def _visit_rows(target: VisitTarget, span: Span, context: Context) -> Rows:
    visits = context.tables.visits
    kept = [inside(visits.started_at, span), *_where(visits, target, target.where, context)]
    table = visits.filter(reduce(and_, kept))
    return Rows(
        table=table,
        target=target,
        context=context,
        at="started_at",
        order=("started_at", "visit_no"),
    )


def _exposure_rows(target: ExperienceTarget, span: Span, context: Context) -> Rows:
    exposures = context.tables.exposures
    kept = [exposures.experiment == target.id, inside(exposures.time, span)]
    kept += _satisfied(exposures, {"variant": target.variant}, context)
    table = exposures.filter(reduce(and_, kept))
    # What was said by a device and by a user id is one exposure of their person.
    table = table.select("user_no", "experiment", "variant", "time").distinct()
    return Rows(table=table, target=target, context=context, at="time", order=("time", "variant"))
