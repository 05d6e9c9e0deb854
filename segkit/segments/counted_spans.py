"""Count the rows of each user in many spans of time at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import ibis
from ibis import Table
from ibis.expr.types import IntegerValue

from segkit.periods import Window as Span
from segkit.segments.holds import instant_literal
from segkit.segments.metric import count_of, counted_of
from segkit.segments.sources import Rows, inside, inside_days
from segkit.segments.targets import Calc

_DIGITS = 21
_MOST_DAYS = (1 << _DIGITS) - 1
_SPREAD = sum(1 << _DIGITS * part for part in range(3))
"""Days, weeks and months of a user are added up three spans at a time: none has 2 million."""


def count_in(rows: Rows, calc: Calc, spans: Sequence[Span]) -> Table:
    """Give `n0`, `n1`, … a user: the count of the rows in each span, null or 0 for none.

    What is counted once however often it comes (days, visits) is first brought to one row each,
    with a bit for every span that any of its rows lies in.
    """
    if calc.name == "count":
        tests = [
            inside(rows.table[rows.at], span) if rows.at else inside_days(rows.table["day"], span)
            for span in spans
        ]
        counts = {f"n{i}": count_of(rows, calc, where=test) for i, test in enumerate(tests)}
        return rows.table.group_by("user_no").agg(**counts)
    is_packed = calc.name != "visits"
    places = _packed_places(len(spans)) if is_packed else list(range(len(spans)))
    bits = _bits_of_spans(rows, spans, places)
    each = rows.table.select("user_no", thing=counted_of(rows, calc), bits=bits)
    each = each.filter(each.thing.notnull()).group_by("user_no", "thing")
    once = each.agg(bits=lambda table: table.bits.bit_or())
    if not is_packed:
        sums = {f"n{i}": ((once.bits >> i) & 1).sum() for i in places}
        return once.group_by("user_no").agg(**sums)
    sums = {f"s{i}": ((once.bits >> i) & _SPREAD).sum() for i in places if i < _DIGITS}
    users = once.group_by("user_no").agg(**sums)
    counts = {
        f"n{i}": (users[f"s{at % _DIGITS}"] >> at // _DIGITS * _DIGITS) & _MOST_DAYS
        for i, at in enumerate(places)
    }
    return users.select("user_no", **counts)


def _packed_places(n_spans: int) -> list[int]:
    """Give the bits of spans so that three are added up at once, each with digits of its own."""
    n_sums = -(-n_spans // 3)
    return [i % n_sums + i // n_sums * _DIGITS for i in range(n_spans)]


def _bits_of_spans(rows: Rows, spans: Sequence[Span], places: Sequence[int]) -> IntegerValue:
    """Give of each row the bits of the spans that it lies in, each at its place.

    Between two edges of spans the bits are the same, so the edges are searched by halves.
    """
    if rows.at:
        when, literal = rows.table[rows.at], instant_literal
        limits: list[tuple[Any, Any]] = [(span.start, span.end) for span in spans]
    else:
        when, literal = rows.table["day"], ibis.literal
        limits = [(span.from_day, span.to_day + timedelta(days=1)) for span in spans]
    edges = sorted({edge for pair in limits for edge in pair if edge is not None})

    def bits_after(edge: Any) -> int:  # noqa: ANN401  an instant or a day; None before all
        return sum(
            1 << place
            for place, (start, end) in zip(places, limits, strict=True)
            if (start is None or (edge is not None and start <= edge))
            and (edge is None or edge < end)
        )

    def searched(low: int, high: int) -> IntegerValue:
        if low == high:
            return ibis.literal(bits_after(edges[low - 1] if low else None), "int64")
        middle = (low + high) // 2
        is_later = when >= literal(edges[middle])
        return is_later.ifelse(searched(middle + 1, high), searched(low, middle))

    return searched(0, len(edges))
