"""Turn bounds into Ibis conditions that mean the same on every engine.

Numbers are compared as exact decimals, instants as UTC instants, texts by code point. The result
is null where the value is unknown; `truth` makes a plain yes or no of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from operator import and_, or_
from typing import Any
from zoneinfo import ZoneInfo

import ibis
from ibis.expr.types import BooleanValue, StringValue, TimestampValue

from segkit.periods import day_end, day_start
from segkit.segments.bounds import EQUAL, LISTS, TEXTUAL, Bound, is_date
from segkit.segments.kinds import Kind, exact

NUMBER_TEXT = r"^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?\s*$"
"""Texts that are numbers, on every engine; anything else is unknown as a number."""
NUMBER_TYPE = "decimal(28, 6)"
_DATE_TEXT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True)
class Value:
    """One value a row: its kind and column; `scale` divides it, so that no mean is rounded."""

    kind: Kind
    column: Any
    scale: Any = None


def number_of(text: StringValue) -> Any:  # noqa: ANN401  an Ibis column
    """Give a text as an exact number with six decimals, null where it is none."""
    parsed = text.strip().try_cast(NUMBER_TYPE)
    return ibis.ifelse(text.re_search(NUMBER_TEXT), parsed, ibis.null(NUMBER_TYPE))


def decimal_literal(value: object) -> Any:  # noqa: ANN401  an Ibis scalar
    """Give a number of a definition as an exact literal."""
    number = exact(value)
    if number == number.to_integral_value() and abs(number) < 2**53:
        return ibis.literal(int(number), "int64")
    _, digits, exponent = number.as_tuple()
    scale = -int(exponent) if isinstance(exponent, int) and exponent < 0 else 0
    return ibis.literal(number, f"decimal({max(len(digits), scale + 1)}, {scale})")


def truth(bound: Bound, value: Value, zone: ZoneInfo) -> BooleanValue:
    """Give whether a value satisfies a bound: never null; unknown values only where wanted."""
    if bound.ops == (("known", True),):
        return value.column.notnull()
    if bound.ops == (("known", False),):
        return value.column.isnull()
    satisfied = reduce(and_, [_op(op, given, bound, value, zone) for op, given in bound.ops])
    known = satisfied.fill_null(False)  # noqa: FBT003  Ibis takes the value so
    return known | value.column.isnull() if bound.include_missing else known


def _op(op: str, given: Any, bound: Bound, value: Value, zone: ZoneInfo) -> BooleanValue:  # noqa: ANN401
    if value.kind == "instant":
        return _instant_op(op, given, value.column, zone)
    if value.kind == "number":
        return _number_op(op, given, value.column, value.scale)
    first = given[0] if isinstance(given, tuple) else given
    if isinstance(first, bool):
        return _flag_op(op, given, value.column)
    if isinstance(first, int | float):
        return _number_op(op, given, number_of(value.column), None)
    if op in TEXTUAL or op in EQUAL or op in LISTS:
        return _text_op(op, given, value.column, ignore_case=bound.ignore_case)
    days = ibis.ifelse(
        value.column.re_search(_DATE_TEXT), value.column.substr(0, 10), ibis.null("string")
    )
    return _ordered(op, days, given, ibis.literal)


def _ordered(op: str, column: Any, given: Any, literal: Callable[[Any], Any]) -> BooleanValue:  # noqa: ANN401
    match op:
        case "gt":
            return column > literal(given)
        case "gte":
            return column >= literal(given)
        case "lt":
            return column < literal(given)
        case "lte":
            return column <= literal(given)
        case _:
            return (column >= literal(given[0])) & (column <= literal(given[1]))


def _number_op(op: str, given: Any, column: Any, scale: Any) -> BooleanValue:  # noqa: ANN401
    def literal(value: Any) -> Any:  # noqa: ANN401
        return decimal_literal(value) if scale is None else decimal_literal(value) * scale

    if op in EQUAL or op in LISTS:
        values = given if isinstance(given, tuple) else (given,)
        found = reduce(or_, [column == literal(v) for v in values])
        return ~found if op in {"ne", "not_in"} else found
    return _ordered(op, column, given, literal)


def _flag_op(op: str, given: Any, column: StringValue) -> BooleanValue:  # noqa: ANN401
    word = column.strip().lower()
    flag = ibis.ifelse(word.isin(["true", "false"]), word, ibis.null("string"))
    values = ["true" if v else "false" for v in (given if isinstance(given, tuple) else (given,))]
    return ~flag.isin(values) if op in {"ne", "not_in"} else flag.isin(values)


def _text_op(op: str, given: Any, column: StringValue, *, ignore_case: bool) -> BooleanValue:  # noqa: ANN401, PLR0911
    if op == "matches":
        return column.re_search(f"(?i){given}" if ignore_case else given)
    text = column.lower() if ignore_case else column
    values = [
        v.lower() if ignore_case else v for v in (given if isinstance(given, tuple) else (given,))
    ]
    match op:
        case "eq" | "in":
            return text.isin(values)
        case "ne" | "not_in":
            return ~text.isin(values)
        case "contains":
            return text.contains(values[0])
        case "not_contains":
            return ~text.contains(values[0])
        case "starts_with":
            return text.startswith(values[0])
        case _:
            return text.endswith(values[0])


def instant_literal(at: datetime) -> Any:  # noqa: ANN401  an Ibis scalar
    """Give an aware instant as a literal."""
    return ibis.literal(at.astimezone(UTC))


def _edges(text: str, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Give the first instant of a date or an instant, and the first one after a date."""
    if is_date(text):
        day = date.fromisoformat(text)
        return day_start(day, zone), day_end(day, zone)
    return datetime.fromisoformat(text), None


def _instant_op(op: str, given: Any, column: TimestampValue, zone: ZoneInfo) -> BooleanValue:  # noqa: ANN401
    if op in EQUAL or op in LISTS:
        values = given if isinstance(given, tuple) else (given,)
        found = reduce(or_, [_instant_is(column, v, zone) for v in values])
        return ~found if op in {"ne", "not_in"} else found
    if op == "between":
        return _instant_op("gte", given[0], column, zone) & _instant_op(
            "lte", given[1], column, zone
        )
    start, end = _edges(given, zone)
    if op in {"gte", "lt"}:
        edge = instant_literal(start)
        return column >= edge if op == "gte" else column < edge
    if end is None:
        edge = instant_literal(start)
        return column > edge if op == "gt" else column <= edge
    edge = instant_literal(end)
    return column >= edge if op == "gt" else column < edge


def _instant_is(column: TimestampValue, text: str, zone: ZoneInfo) -> BooleanValue:
    start, end = _edges(text, zone)
    if end is None:
        return column == instant_literal(start)
    return (column >= instant_literal(start)) & (column < instant_literal(end))
