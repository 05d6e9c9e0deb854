"""Say what kind of value stands behind a name, and which bounds fit it.

Checking and evaluating ask here, so that what is refused before evaluation is exactly what could
not be evaluated.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, TypeAlias

from segkit.schema import DEVICE, PLACE, UTM
from segkit.segments.bounds import ORDERED, Bound, is_date, is_instant
from segkit.segments.targets import (
    AMOUNTS,
    Calc,
    EventTarget,
    ExperienceTarget,
    PageTarget,
    Target,
    VisitTarget,
)

Kind: TypeAlias = Literal["number", "text", "instant"]

MONEY_NAMES = ("value", "revenue")
"""Both names mean an event's amount of money, the canonical `value`."""
EVENT_TIME = "event_time"
EVENT_COLUMNS = (
    "page_url",
    "page_path",
    "page_title",
    "referrer_url",
    *UTM,
    *DEVICE,
    *PLACE,
    "currency",
)
"""Canonical text columns of events, which `where` and `calc` may name beside properties."""
VISIT_ATTRIBUTES = (
    "visit_type",
    "landing_page",
    "referrer_url",
    "referrer_host",
    *UTM,
    *DEVICE,
    *PLACE,
    "channel",
    "source_type",
)
"""What is known of a visit when it starts."""
USER_LABELS: dict[str, Kind] = {
    "last_active_at": "instant",
    "registered_at": "instant",
    "n_visits": "number",
    "first_referrer_host": "text",
    "first_referrer_url": "text",
    "user_id": "text",
}
"""Labels that every user has unidentified; an attribute of the data of that name goes first."""


def property_kind(target: Target, name: str) -> Kind:
    """Give the kind of a property of a target's rows."""
    if name == EVENT_TIME:
        return "instant"
    if name in MONEY_NAMES and isinstance(target, EventTarget | PageTarget):
        return "number"
    return "text"


def calc_kind(target: Target, calc: Calc) -> Kind:
    """Give the kind of the value that a calc makes."""
    if calc.of is None or calc.name in {"sum", "avg", "median", "quantile", "distinct"}:
        return "number"
    kind = property_kind(target, calc.of)
    return "number" if calc.name in {"min", "max"} and kind == "text" else kind


def calc_fault(target: Target, calc: Calc) -> str:
    """Say why a calc cannot be made of a target; empty when it can."""
    if isinstance(target, ExperienceTarget):
        if calc.name == "visits":
            return "exposures do not belong to visits"
        if calc.of not in {None, EVENT_TIME}:
            return "exposures have no properties"
    if calc.of == EVENT_TIME and calc.name not in {"min", "max", "first", "last"}:
        return f"`{calc.name}` of a time has no meaning"
    if isinstance(target, VisitTarget) and calc.name in AMOUNTS and calc.of != EVENT_TIME:
        return "the attributes of visits are texts"
    return ""


def bound_fault(bound: Bound, kind: Kind) -> str:
    """Say what a bound needs to fit a kind of value; empty when it fits."""
    values = [v for v in bound.values if ("known", v) not in bound.ops]
    if kind == "number":
        fits = not bound.is_textual and all(
            isinstance(v, int | float) and not isinstance(v, bool) for v in values
        )
        return "" if fits else "a number"
    if kind == "instant":
        fits = not bound.is_textual and all(is_date(v) or is_instant(v) for v in values)
        return "" if fits else "a date like '2026-06-30'"
    ordered = [v for op, given in bound.ops if op in (*ORDERED, "between") for v in _flat(given)]
    return (
        "a number or a date without a time"
        if any(is_instant(v) and not is_date(v) for v in ordered)
        else ""
    )


def _flat(given: object) -> Iterable[object]:
    return given if isinstance(given, tuple) else (given,)


def holds_for_number(bound: Bound, number: int | Decimal) -> bool:
    """Whether a known number satisfies a bound that fits numbers."""
    return all(_holds(op, given, Decimal(number)) for op, given in bound.ops)


def _holds(op: str, given: object, number: Decimal) -> bool:  # noqa: PLR0911  one a comparator
    if op == "known":
        return bool(given)
    values = [exact(v) for v in _flat(given)]
    match op:
        case "eq" | "in":
            return number in values
        case "ne" | "not_in":
            return number not in values
        case "between":
            return values[0] <= number <= values[1]
        case "gt":
            return number > values[0]
        case "gte":
            return number >= values[0]
        case "lt":
            return number < values[0]
        case _:
            return number <= values[0]


def exact(value: object) -> Decimal:
    """Give the decimal that a number of a definition is written as.

    >>> exact(0.1), exact(500.0)
    (Decimal('0.1'), Decimal('500'))
    """
    number = Decimal(str(value))
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number
