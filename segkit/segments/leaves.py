"""Turn one condition into the users for whom it is other than for the rest.

A condition has a default: whether it holds for a user of whom nothing is known (no matching event,
no label). A leaf is the default and a table of the users who differ from it, so that members
follow by semi and anti joins on the universe.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import reduce
from math import ceil
from operator import and_
from typing import Any

import ibis
from ibis import Table

from segkit.errors import DefinitionError, name_some
from segkit.periods import Duration
from segkit.segments.bounds import Bound
from segkit.segments.conditions import (
    Attribute,
    Condition,
    Consent,
    Did,
    InList,
    Sample,
    SinceFirst,
    SinceLast,
    VisitAttribute,
)
from segkit.segments.holds import Value, instant_literal, truth
from segkit.segments.kinds import USER_LABELS, holds_for_number
from segkit.segments.metric import measured
from segkit.segments.own_windows import in_window, rows_in
from segkit.segments.rolling import rolling_leaf
from segkit.segments.sources import Context, Rows, rows_of
from segkit.segments.targets import ZERO_CALCS, Calc
from segkit.segments.windows import Ever, Rolling, span_of

_ACTIVE_DAYS = Calc(name="active_days")
_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)
MOST_LITERALS = 500
"""Ids of a list beyond which they are joined as a table."""


@dataclass(frozen=True)
class Leaf:
    """Users (`user_no`, each once) for whom a condition is the opposite of `default`."""

    table: Table
    default: bool


def _leaf(table: Table, satisfied: Any, *, default: bool) -> Leaf:  # noqa: ANN401  an Ibis condition
    differs = ~satisfied if default else satisfied
    return Leaf(table.filter(differs).select("user_no"), default)


def did_leaf(condition: Did, context: Context) -> Leaf:
    """Give the users whose value of `calc` differs from what nobody's behaviour would give."""
    if isinstance(condition.during, Rolling):
        found, by_default = rolling_leaf(condition, condition.during, context)
        return Leaf(found.select("user_no"), by_default)
    rows = rows_in(condition.target, condition.calc, condition.during, context)
    table, value = measured(rows, condition.calc)
    bound = condition.bound
    zero = condition.calc.name in ZERO_CALCS
    default = holds_for_number(bound, 0) if zero else bound.wants_unknown
    if condition.calc.name == "sum":
        value = Value("number", value.column.fill_null(0))
    return _leaf(table, truth(bound, value, context.clock.zone), default=default)


def since_leaf(condition: SinceLast | SinceFirst, context: Context) -> Leaf:
    """Give the users whose time since their first or last matching row satisfies the bound.

    `gte a` means none in the last a; `lte b` means at least one in the last b, as the windows of
    `during` count them.
    """
    rows, when = since_rows(condition, context)
    chosen = when.max() if isinstance(condition, SinceLast) else when.min()
    table = rows.table.group_by("user_no").aggregate(e=chosen)
    satisfied = has_lapsed(condition, table.e, context, is_instant=rows.at is not None)
    return _leaf(table, satisfied, default=condition.bound.wants_unknown)


def since_rows(condition: SinceLast | SinceFirst, context: Context) -> tuple[Rows, Any]:
    """Give the matching rows before T, and the column of their instants or, of rollups, days."""
    span = span_of(Ever(), context.clock)
    by_days = lapses_by_days(condition, context)
    rows = rows_of(condition.target, _ACTIVE_DAYS if by_days else Calc(name="first"), span, context)
    return rows, rows.table[rows.at] if rows.at else rows.table["day"]


def lapses_by_days(condition: SinceLast | SinceFirst, context: Context) -> bool:
    """Say whether all lengths of the bound begin and end with days."""
    return all(context.clock.last(length).on_days for length in _lengths(condition.bound))


def has_lapsed(
    condition: SinceLast | SinceFirst,
    when: Any,  # noqa: ANN401  an Ibis column
    context: Context,
    *,
    is_instant: bool,
) -> Any:  # noqa: ANN401  an Ibis condition
    """Say whether the time from an instant, or a day, to T satisfies the bound."""
    clock = context.clock

    def edge(length: Duration) -> Any:  # noqa: ANN401  an Ibis scalar
        if is_instant:
            return instant_literal(length.before(clock.at, clock.zone))
        return ibis.literal(clock.last(length).from_day)

    return reduce(and_, [_lapsed(op, given, when, edge) for op, given in condition.bound.ops])


def _lengths(bound: Bound) -> list[Duration]:
    return [length for length in bound.values if isinstance(length, Duration)]


def _lapsed(
    op: str,
    given: Any,  # noqa: ANN401  durations
    when: Any,  # noqa: ANN401  an Ibis column
    edge: Callable[[Duration], Any],
) -> Any:  # noqa: ANN401  an Ibis condition
    match op:
        case "gte" | "gt":
            return when < edge(given)
        case "lte" | "lt":
            return when >= edge(given)
        case "between":
            return (when < edge(given[0])) & (when >= edge(given[1]))
        case _:
            return when.notnull() if given else when.isnull()


def latest_labels(name: str, context: Context) -> Table:
    """Give the value of an attribute valid at T: `user_no`, `v`, one row a user who has one."""
    known = context.tables.attributes
    at = context.clock.at
    known = known.filter(
        known.is_valid
        & (known.name == name)
        & (known.valid_from.isnull() | (known.valid_from < instant_literal(at)))
    )
    since = known.valid_from.fill_null(instant_literal(_BEFORE_ALL))
    place = ibis.row_number().over(group_by=known.user_no, order_by=since.desc())
    ranked = known.mutate(place=place)
    return ranked.filter(ranked.place == 0).select("user_no", v="value")


def attribute_leaf(condition: Attribute, context: Context) -> Leaf:
    """Give the users whose label at T satisfies the bound; who has no label is unknown."""
    bound = condition.bound
    table, value = labels_of(condition.name, context)
    default = holds_for_number(bound, 0) if condition.name == "n_visits" else bound.wants_unknown
    return _leaf(table, truth(bound, value, context.clock.zone), default=default)


def labels_of(name: str, context: Context) -> tuple[Table, Value]:
    """Give an attribute of the data, or a label that every user has, as it was at T."""
    if name in context.tables.catalogue.attributes:
        table = latest_labels(name, context)
        return table, Value("text", table.v)
    table = _built_in_labels(name, context)
    return table, Value(USER_LABELS[name], table.v)


def _built_in_labels(name: str, context: Context) -> Table:
    """Give a label that every user has, as it was at T."""
    users, at = context.tables.users, instant_literal(context.clock.at)
    if name in {"user_id", "registered_at"}:
        known = users.filter(
            users.user_id.notnull() & (users.identified_at.isnull() | (users.identified_at < at))
        )
        return known.select(
            "user_no", v=known.user_id if name == "user_id" else known.identified_at
        )
    if name == "last_active_at":
        events = context.tables.events
        events = events.filter(events.bot_reason.isnull() & (events.time < at))
        return events.group_by("user_no").aggregate(v=events.time.max())
    visits = context.tables.visits
    visits = visits.filter(visits.started_at < at)
    if name == "n_visits":
        return visits.group_by("user_no").aggregate(v=visits.count())
    column = name.removeprefix("first_")
    return _touched(visits, "first").select("user_no", v=column)


def _touched(visits: Table, touch: str) -> Table:
    """Give one visit a user: the first, the last, or the last not direct (else the last)."""
    order = [visits.started_at, visits.visit_no]
    if touch != "first":
        order = [o.desc() for o in order]
    if touch == "last_non_direct":
        is_direct = visits.source_type.fill_null("direct") == "direct"
        order = [is_direct.cast("int32"), *order]
    ranked = visits.mutate(place=ibis.row_number().over(group_by=visits.user_no, order_by=order))
    return ranked.filter(ranked.place == 0)


def visit_attribute_leaf(condition: VisitAttribute, context: Context) -> Leaf:
    """Give the users whose visits of the touch satisfy the bound; no visit is unknown."""
    each = visits_asked(condition, context)
    if condition.touch in {"any", "every"}:
        chosen = each.ok.any() if condition.touch == "any" else each.ok.all()
        each = each.group_by("user_no").aggregate(ok=chosen)
    return _leaf(each, each.ok, default=condition.bound.wants_unknown)


def visits_asked(condition: VisitAttribute, context: Context) -> Table:
    """Give the visits that the touch means: `user_no`, the value `v`, and whether it is `ok`."""
    visits = in_window(context.tables.visits, "started_at", condition.during, context)
    if condition.touch not in {"any", "every"}:
        visits = _touched(visits, condition.touch)
    return visits_told(condition, visits, context)


def visits_told(condition: VisitAttribute, visits: Table, context: Context) -> Table:
    """Give some visits with the value `v` of the attribute, and whether it is `ok`."""
    value = Value("text", visits[condition.name])
    ok = truth(condition.bound, value, context.clock.zone)
    return visits.select("user_no", "started_at", v=visits[condition.name], ok=ok)


def consent_leaf(condition: Consent, context: Context) -> Leaf:
    """Give the users whose last consent before T is asked for; a denial wins at one instant."""
    last = latest_consents(condition.purpose, context)
    return _leaf(last, last.state == condition.state, default=condition.state == "unknown")


def latest_consents(purpose: str, context: Context) -> Table:
    """Give the last statement of a consent before T: `user_no` and `state`, one row a user."""
    consents, at = context.tables.consents, instant_literal(context.clock.at)
    consents = consents.filter((consents.purpose == purpose) & (consents.time < at))
    place = ibis.row_number().over(
        group_by=consents.user_no, order_by=[consents.time.desc(), consents.state]
    )
    ranked = consents.mutate(place=place)
    return ranked.filter(ranked.place == 0)


def sample_leaf(condition: Sample, context: Context) -> Leaf:
    """Give the users whose hash, the first 52 bits of SHA-256 of `salt:key`, lies in the range.

    13 hexadecimal digits are 52 bits, and texts of one length sort as the numbers that they write.
    """
    users = context.tables.users
    digits = (ibis.literal(f"{condition.salt}:") + users.user_key).hexdigest("sha256").substr(0, 13)
    low, high = (ceil(Fraction(str(edge)) * 2**52) for edge in condition.range)
    kept = digits >= ibis.literal(f"{low:013x}")
    if high < 2**52:
        kept = kept & (digits < ibis.literal(f"{high:013x}"))
    return Leaf(users.filter(kept).select("user_no"), default=False)


def list_leaf(condition: InList, context: Context) -> Leaf:
    """Give the users whose id, or whose label at T, stands in the list.

    Ids are compared exactly, labels without regard to case and outer spaces.
    """
    if condition.ids:
        table = _among(context.tables.identities, "id", condition.ids)
        return Leaf(table.select("user_no").distinct(), default=False)
    values = _column_of(condition, context)
    kinds = {"user_id": "user", "device_id": "device"}
    if condition.match in kinds:
        identities = context.tables.identities
        identities = identities.filter(identities.kind == kinds[condition.match])
        return Leaf(_among(identities, "id", values).select("user_no").distinct(), default=False)
    labels = latest_labels(condition.match, context)
    labels = labels.select("user_no", v=labels.v.strip().lower())
    return Leaf(
        _among(labels, "v", [v.lower() for v in values]).select("user_no").distinct(),
        default=False,
    )


def _among(table: Table, column: str, values: Iterable[str]) -> Table:
    """Give the rows whose text stands among some; many go to the engine as one long literal."""
    wanted = sorted({value for value in values if "\n" not in value})
    if len(wanted) <= MOST_LITERALS:
        return table.filter(table[column].isin(wanted))
    listed = ibis.literal("\n".join(wanted)).split("\n").unnest().name("wanted").as_table()
    return table.semi_join(listed, table[column] == listed.wanted)


def _column_of(condition: InList, context: Context) -> list[str]:
    file, column = condition.file or "", condition.column or ""
    rows = context.lists(file)
    if rows and column not in rows[0]:
        raise DefinitionError.build(
            f"The list has no column `{column}`; it has {name_some(rows[0])}.",
            where=file,
            hint="name one of its columns.",
        )
    return [row[column].strip() for row in rows if row[column] and row[column].strip()]


LEAVES: dict[type[Condition], Callable[[Any, Context], Leaf]] = {
    Did: did_leaf,
    SinceLast: since_leaf,
    SinceFirst: since_leaf,
    Attribute: attribute_leaf,
    VisitAttribute: visit_attribute_leaf,
    Consent: consent_leaf,
    Sample: sample_leaf,
    InList: list_leaf,
}
"""How each kind of condition finds its users."""
