"""Make one value a user of the rows of a target: the `calc` of the language.

Only users with a matching row (and, where a property is asked for, a known value) come back; what
everyone else has, zero or unknown, is for the caller to say. Means, medians and quantiles come as
a numerator with a scale, so that comparing them needs no rounding.
"""

from fractions import Fraction
from typing import Any

import ibis
from ibis import Table

from segkit.segments.holds import Value, number_of
from segkit.segments.sources import Rows
from segkit.segments.targets import Calc

_SUM_TYPE = "decimal(38, 6)"


def measured(rows: Rows, calc: Calc) -> tuple[Table, Value]:
    """Give a table with the keys of the rows, one row each, and its value as a column of it."""
    if calc.of is None:
        return _counted(rows, calc)
    if calc.name in {"first", "last"}:
        return _picked(rows, calc)
    if calc.name == "most_frequent":
        return _most_frequent(rows, calc)
    if calc.name in {"median", "quantile"}:
        return _quantile(rows, calc)
    return _amount(rows, calc)


def _counted(rows: Rows, calc: Calc) -> tuple[Table, Value]:
    grouped = rows.table.group_by(*rows.keys).aggregate(v=count_of(rows, calc))
    return grouped, Value("number", grouped.v)


def count_of(rows: Rows, calc: Calc, *, where: Any = None) -> Any:  # noqa: ANN401  Ibis columns
    """Give a count of the rows that meet `where` (all by default), as an aggregate.

    Null or 0 where there is none.
    """
    table = rows.table
    if calc.name == "count":
        return table.count(where=where) if rows.n is None else table[rows.n].sum(where=where)
    return counted_of(rows, calc).nunique(where=where)


def counted_of(rows: Rows, calc: Calc) -> Any:  # noqa: ANN401  Ibis columns
    """Give what of each row a calc counts once: its visit, day, week or month."""
    match calc.name:
        case "visits":
            return rows.table["visit_no"]
        case "active_days":
            return rows.day
        case "active_weeks":
            return rows.day.truncate("W")
        case _:
            return rows.day.truncate("M")


def _known(rows: Rows, name: str, *, as_number: bool) -> tuple[Table, str]:
    """Give the rows whose property is known, with the property as column `p`, and its kind."""
    value = rows.property(name)
    column = number_of(value.column) if as_number and value.kind == "text" else value.column
    kind = "number" if as_number and value.kind == "text" else value.kind
    order = [rows.table[c].name(f"o{i}") for i, c in enumerate(rows.order)]
    table = rows.table.select(*rows.keys, column.name("p"), *order)
    return table.filter(table.p.notnull()), kind


def _amount(rows: Rows, calc: Calc) -> tuple[Table, Value]:
    table, kind = _known(rows, calc.of or "", as_number=calc.name != "distinct")
    if calc.name == "distinct":
        grouped = table.group_by(*rows.keys).aggregate(v=table.p.nunique())
        return grouped, Value("number", grouped.v)
    if calc.name in {"min", "max"}:
        grouped = table.group_by(*rows.keys).aggregate(
            v=table.p.min() if calc.name == "min" else table.p.max()
        )
        return grouped, Value("instant" if kind == "instant" else "number", grouped.v)
    grouped = table.group_by(*rows.keys).aggregate(
        v=table.p.sum().cast(_SUM_TYPE), s=table.p.count()
    )
    return grouped, Value("number", grouped.v, grouped.s if calc.name == "avg" else None)


def _ranked(table: Table, by: tuple[str, ...], order: list[Any]) -> Table:
    place = ibis.row_number().over(group_by=by, order_by=order)
    return table.mutate(place=place)


def _picked(rows: Rows, calc: Calc) -> tuple[Table, Value]:
    table, kind = _known(rows, calc.of or "", as_number=False)
    order = [table[f"o{i}"] for i in range(len(rows.order))]
    ranked = _ranked(table, rows.keys, order if calc.name == "first" else [o.desc() for o in order])
    chosen = ranked.filter(ranked.place == 0).select(*rows.keys, v="p")
    return chosen, Value(kind, chosen.v)  # type: ignore[arg-type]


def _most_frequent(rows: Rows, calc: Calc) -> tuple[Table, Value]:
    table, kind = _known(rows, calc.of or "", as_number=False)
    counted = table.group_by(*rows.keys, "p").aggregate(n=table.count())
    ranked = _ranked(counted, rows.keys, [counted.n.desc(), counted.p])
    chosen = ranked.filter(ranked.place == 0).select(*rows.keys, v="p")
    return chosen, Value(kind, chosen.v)  # type: ignore[arg-type]


def _quantile(rows: Rows, calc: Calc) -> tuple[Table, Value]:
    """Give the linear quantile (Hyndman-Fan type 7) × scale: neighbours in whole weights."""
    share = Fraction(str(calc.q if calc.name == "quantile" else 0.5))
    table, _ = _known(rows, calc.of or "", as_number=True)
    ranked = _ranked(table, rows.keys, [table.p])
    ranked = ranked.mutate(n=ibis._.p.count().over(group_by=rows.keys))
    at = (ranked.n - 1) * share.numerator
    low, rest = at // share.denominator, at % share.denominator
    weight = ibis.cases(
        (ranked.place == low, ibis.literal(share.denominator) - rest),
        (ranked.place == low + 1, rest),
        else_=0,
    )
    weighed = ranked.mutate(w=weight)
    grouped = weighed.group_by(*rows.keys).aggregate(
        v=(weighed.p * weighed.w).sum().cast(_SUM_TYPE)
    )
    grouped = grouped.mutate(s=ibis.literal(share.denominator, "int64"))
    return grouped, Value("number", grouped.v, grouped.s)
