"""Say what a value must be: the `is` of the language.

A bound is one or more comparators that must all hold. An unknown value satisfies none of them,
negative ones included, unless the bound says `missing: include`; `known: false` asks for the
unknown itself.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from segkit.errors import name_some
from segkit.periods import Duration
from segkit.segments.shapes import (
    DURATION,
    FLAG,
    SCALAR,
    Part,
    Place,
    Scalar,
    check_keys,
    kind_of,
    normal_scalar,
    read_flag,
)

EQUAL = ("eq", "ne")
ORDERED = ("gt", "gte", "lt", "lte")
LISTS = ("in", "not_in")
TEXTUAL = ("contains", "not_contains", "starts_with", "ends_with", "matches")
COMPARATORS = (*EQUAL, *ORDERED, "between", *LISTS, *TEXTUAL, "known")
_NOT_PORTABLE = re.compile(r"\(\?[=!<P]|\\[1-9]|\(\?>|[*+?}]\+")


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Comparators that must all hold, sorted by name, with what they compare to.

    `ignore_case` applies to texts. `include_missing` lets an unknown value satisfy the bound.
    `is_default` says that nobody gave it; it bounds the same.
    """

    ops: tuple[tuple[str, Any], ...]
    ignore_case: bool = False
    include_missing: bool = False
    is_default: bool = field(default=False, compare=False)

    @property
    def values(self) -> tuple[Any, ...]:
        """Everything compared to, flat."""
        return tuple(
            v for _, given in self.ops for v in (given if isinstance(given, tuple) else (given,))
        )

    @property
    def is_textual(self) -> bool:
        """Whether a comparator looks into the text of the value."""
        return any(op in TEXTUAL for op, _ in self.ops)

    @property
    def wants_unknown(self) -> bool:
        """Whether an unknown value satisfies it."""
        return self.include_missing or ("known", False) in self.ops

    @property
    def fixed(self) -> Scalar | None:
        """The only value that satisfies it, None when there may be several."""
        match self.ops:
            case (("eq", value),):
                return None if self.wants_unknown else value
            case (("in", (value,)),):
                return None if self.wants_unknown else value
        return None


def at_least(value: float) -> Bound:
    """Give the bound `gte value`."""
    return Bound(ops=(("gte", value),))


def equal_to(value: Scalar) -> Bound:
    """Give the bound `eq value`."""
    return Bound(ops=(("eq", value),))


def is_date(text: object) -> bool:
    """Whether a value is a text that is a calendar date."""
    try:
        return (
            isinstance(text, str)
            and len(text) == len("2026-06-30")
            and bool(date.fromisoformat(text))
        )
    except ValueError:
        return False


def is_instant(text: object) -> bool:
    """Whether a value is a text that is a date and time with an offset."""
    try:
        return isinstance(text, str) and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _family(value: Scalar) -> type:
    if isinstance(value, bool):
        return bool
    return float if isinstance(value, int | float) else str


def _alike(values: tuple[Scalar, ...], place: Place) -> tuple[Scalar, ...]:
    if len({_family(v) for v in values}) > 1:
        raise place.refuse(
            "Texts and numbers are mixed.", "a text in quotes and a number are never equal."
        )
    return values


def _read_op(op: str, node: Any, place: Place) -> Any:  # noqa: ANN401
    if op == "known":
        return read_flag(node, place)
    if op in LISTS:
        if not isinstance(node, list) or not node:
            raise place.refuse(f"`{op}` needs a list of at least 1, found {kind_of(node)}.")
        return _alike(tuple(SCALAR.read(v, place.at(i)) for i, v in enumerate(node)), place)
    if op == "between":
        return _read_between(node, place)
    value = SCALAR.read(node, place)
    if op in ORDERED and (isinstance(value, bool) or not _is_orderable(value)):
        raise place.refuse(
            f"`{op}` needs a number or a date, found `{value}`.",
            "write a number without a unit, or '2026-06-30'.",
        )
    if op in TEXTUAL:
        return _read_textual(op, value, place)
    return value


def _is_orderable(value: Scalar) -> bool:
    return not isinstance(value, str) or is_date(value) or is_instant(value)


def _read_between(node: Any, place: Place) -> tuple[Scalar, Scalar]:  # noqa: ANN401
    if not isinstance(node, list) or len(node) != 2:  # noqa: PLR2004  a low and a high
        raise place.refuse(f"`between` needs a list of two, low and high, found {kind_of(node)}.")
    low, high = _alike(tuple(SCALAR.read(v, place.at(i)) for i, v in enumerate(node)), place)
    if isinstance(low, bool) or not (_is_orderable(low) and _is_orderable(high)):
        raise place.refuse(
            "`between` needs two numbers or two dates.", "write dates like '2026-06-30'."
        )
    if low > high:  # type: ignore[operator]
        raise place.refuse(
            f"`between` starts at `{low}` and ends before it, at `{high}`.", "swap them."
        )
    return low, high


def _read_textual(op: str, value: Scalar, place: Place) -> str:
    if not isinstance(value, str) or not value:
        raise place.refuse(f"`{op}` needs a text, found `{value}`.", "put it in quotes.")
    if op == "matches":
        try:
            re.compile(value)
        except re.error as exc:
            raise place.refuse(f"`{value}` is not a regular expression: {exc}.") from exc
        if _NOT_PORTABLE.search(value):
            raise place.refuse(
                f"`{value}` uses a look-around, a back-reference or a possessive repeat.",
                "these differ between query engines; write it without.",
            )
    return value


def _read_bound(node: Any, place: Place) -> Bound:  # noqa: ANN401
    if isinstance(node, list):
        return Bound(ops=(("in", _read_op("in", node, place)),))
    if not isinstance(node, dict):
        if node is None:
            raise place.refuse(
                "Expected a value, found nothing.", "ask for unknown values by {known: false}."
            )
        return Bound(ops=(("eq", SCALAR.read(node, place)),))
    check_keys(node, (*COMPARATORS, "ignore_case", "missing"), place, "is")
    ops = tuple(
        sorted((op, _read_op(op, node[op], place.at(op))) for op in node if op in COMPARATORS)
    )
    if not ops:
        raise place.refuse(
            "There is no comparator.", f"use one of {name_some(COMPARATORS, most=20)}."
        )
    if "known" in node and len(node) > 1:
        raise place.refuse(
            "`known` stands alone.", "other comparators already ask for a known value."
        )
    ignore_case = FLAG.read(node.get("ignore_case", False), place.at("ignore_case"))
    return Bound(ops=ops, ignore_case=ignore_case, include_missing=_read_missing(node, place))


def _read_missing(node: dict[str, Any], place: Place) -> bool:
    missing = node.get("missing", "exclude")
    if missing not in ("exclude", "include"):
        raise place.at("missing").refuse(f"Expected `exclude` or `include`, found `{missing}`.")
    return bool(missing == "include")


def _write_value(value: Any, normal: bool) -> Any:  # noqa: ANN401, FBT001
    if isinstance(value, tuple):
        return [_write_value(v, normal) for v in value]
    if isinstance(value, Duration):
        return DURATION.write(value, normal)
    return normal_scalar(value, normal)


def _write_bound(bound: Bound, normal: bool) -> Any:  # noqa: ANN401, FBT001
    tree = {op: _write_value(value, normal) for op, value in bound.ops}
    if bound.ignore_case:
        tree["ignore_case"] = True
    if bound.include_missing:
        tree["missing"] = "include"
    if not normal and set(tree) in ({"eq"}, {"in"}):
        return next(iter(tree.values()))
    return tree


def _read_lapse(node: Any, place: Place) -> Bound:  # noqa: ANN401
    allowed = (*ORDERED, "between", "known", "missing")
    if not isinstance(node, dict):
        raise place.refuse(
            f"Expected a mapping like {{gte: 30d}}, found `{node}`.",
            "time since something is compared by order.",
        )
    check_keys(node, allowed, place, "is")
    ops: list[tuple[str, Any]] = []
    for op in sorted(k for k in node if k != "missing"):
        below = place.at(op)
        if op == "known":
            ops.append((op, read_flag(node[op], below)))
        elif op == "between":
            pair = node[op]
            if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004
                raise below.refuse("`between` needs a list of two durations, short and long.")
            ops.append((op, tuple(DURATION.read(v, below.at(i)) for i, v in enumerate(pair))))
        else:
            ops.append((op, DURATION.read(node[op], below)))
    if not ops or ("known" in node and len(node) > 1):
        raise place.refuse("Expected one or more of gte, gt, lte, lt, between; or `known` alone.")
    return Bound(ops=tuple(ops), include_missing=_read_missing(node, place))


BOUND: Part[Bound] = Part(_read_bound, _write_bound)
"""The `is` of a value: a value, a list, or comparators."""

LAPSE: Part[Bound] = Part(_read_lapse, _write_bound)
"""The `is` of a length of time since something: comparators with durations."""
