"""Say what a condition finds of one user where it looks: how often, which value, at which place.

The tables are those by which members are found, so that what is said is what was compared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ibis import Table

from segkit.periods import Window as Span
from segkit.segments.conditions import (
    Attribute,
    Condition,
    Consent,
    Did,
    DidNot,
    SinceFirst,
    SinceLast,
    VisitAttribute,
)
from segkit.segments.describe_standing import describe_metric
from segkit.segments.describe_words import describe_calc, length_in_words, quoted
from segkit.segments.evaluate import people_of
from segkit.segments.holds import Value
from segkit.segments.kinds import calc_kind
from segkit.segments.leaves import labels_of, latest_consents, visits_asked
from segkit.segments.lifecycle import FirstTime, Regularly, Resumed, Stopped
from segkit.segments.lifecycle_leaves import (
    counts_in,
    met_by_nothing,
    periods_asked,
    periods_met,
    spans_of,
)
from segkit.segments.own_windows import anchors_of
from segkit.segments.rolling import values_in_stretches
from segkit.segments.sources import Context, hull, rows_of
from segkit.segments.standing import Compare, Measure, Rank
from segkit.segments.standing_leaves import as_did, places_of, value_of
from segkit.segments.targets import ZERO_CALCS, Calc, Metric
from segkit.segments.windows import Anchored, Rolling, span_of

Plain = int | float | str | date | datetime | None
MOST_COUNTS = 12
"""Periods whose numbers are told one by one; of more only how many fulfil the condition."""
_SPOKEN: dict[type[Condition], tuple[str, ...]] = {
    FirstTime: ("number of times", "number of times before"),
    Stopped: ("number of times", "number of times in the silence"),
    Resumed: (
        "number of times",
        "number of times before the silence",
        "number of times in the silence",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One thing that was found: what it is, and its value; None where that is unknown.

    `of` is how many there are, where the value counts some of them. `from_on` and `to_on` are the
    first and last day that were looked at; both None where no days were. `n_behind` is the number
    of users whose values stand behind it; None where only the user's own do.
    """

    what: str
    value: Plain
    of: int | None = None
    from_on: date | None = None
    to_on: date | None = None
    n_behind: int | None = None


def seen_of(condition: Condition, user_no: int, context: Context) -> tuple[Seen, ...]:
    """Give what a condition without conditions inside finds of one user; nothing for some kinds."""
    found = _FINDERS.get(type(condition))
    return () if found is None else found(condition, user_no, context)


def _row(table: Table, user_no: int, context: Context) -> tuple[Any, ...] | None:
    rows = context.tables.engine.rows(table.filter(table.user_no == user_no).drop("user_no"))
    return rows[0] if rows else None


def _plain(value: Any, scale: Any = None) -> Plain:  # noqa: ANN401  what an engine gives
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        number = Decimal(str(value)) / (1 if scale is None else int(scale))
        return int(number) if number == number.to_integral_value() else round(float(number), 6)
    plain: Plain = value
    return plain


def _valued(table: Table, value: Value) -> Table:
    columns = [table.user_no, value.column.name("v")]
    return table.select(*columns, *([] if value.scale is None else [value.scale.name("s")]))


def _within(seen: Seen, span: Span) -> Seen:
    return replace(seen, from_on=span.from_day, to_on=span.to_day)


def _metric(metric: Metric, user_no: int, context: Context, *, what: str = "") -> tuple[Seen, ...]:
    """Give the value of a metric, and the event on which its window hangs."""
    during = metric.during
    if isinstance(during, Rolling):
        return ()
    noun = what or _noun(describe_calc(metric.calc), is_count=metric.calc.name == "count")
    found = _row(_valued(*value_of(metric, context)), user_no, context)
    value = None if found is None else _plain(*found)
    if value is None and metric.calc.name in ZERO_CALCS:
        value = 0
    if isinstance(during, Anchored):
        return (_anchor(during, user_no, context), Seen(what=noun, value=value))
    return (_within(Seen(what=noun, value=value), span_of(during, context.clock)),)


def _noun(told: str, *, is_count: bool) -> str:
    return "number of times" if is_count else told.removeprefix("a ")


def _anchor(window: Anchored, user_no: int, context: Context) -> Seen:
    found = _row(anchors_of(window.anchor, context), user_no, context)
    what = f"{window.anchor.which} {quoted(window.anchor.event)}"
    return Seen(what=what, value=None if found is None else found[0])


def _did(condition: Did | DidNot, user_no: int, context: Context) -> tuple[Seen, ...]:
    if isinstance(condition.during, Rolling):
        return _in_stretches(condition, condition.during, user_no, context)
    metric = Metric(target=condition.target, calc=condition.calc, during=condition.during)
    return _metric(metric, user_no, context)


def _in_stretches(
    condition: Did | DidNot, window: Rolling, user_no: int, context: Context
) -> tuple[Seen, ...]:
    """Give the least and the most of any stretch, where the value is a number."""
    did = condition.positive if isinstance(condition, DidNot) else condition
    if calc_kind(did.target, did.calc) != "number":
        return ()
    table, value, n = values_in_stretches(did, window, context)
    own = _valued(table, value)
    rows = context.tables.engine.rows(own.filter(own.user_no == user_no).drop("user_no"))
    values = [_plain(*row) for row in rows if row[0] is not None]
    if did.calc.name in ZERO_CALCS and (n is None or len(values) < n):
        values.append(0)
    known = [number for number in values if isinstance(number, int | float)]
    noun = _noun(describe_calc(did.calc), is_count=did.calc.name == "count")
    span, length = span_of(window.inside, context.clock), length_in_words(window.length)
    return tuple(
        _within(
            Seen(what=f"{word} {noun} within any {length}", value=edge(known, default=None)), span
        )
        for word, edge in (("smallest", min), ("largest", max))
    )


def _since(condition: SinceLast | SinceFirst, user_no: int, context: Context) -> tuple[Seen, ...]:
    rows = rows_of(condition.target, Calc(name="first"), context.clock.ever(), context)
    is_last = isinstance(condition, SinceLast)
    when = rows.table[rows.at]
    moments = rows.table.group_by("user_no").aggregate(e=when.max() if is_last else when.min())
    found = _row(moments, user_no, context)
    what = "last time" if is_last else "first time"
    return (Seen(what=what, value=None if found is None else found[0]),)


def _label(condition: Attribute, user_no: int, context: Context) -> tuple[Seen, ...]:
    table, value = labels_of(condition.name, context)
    found = _row(_valued(table, value), user_no, context)
    is_zero = condition.name == "n_visits"
    return (Seen(what="value", value=(0 if is_zero else None) if found is None else found[0]),)


def _visit(condition: VisitAttribute, user_no: int, context: Context) -> tuple[Seen, ...]:
    """Give the value of the one visit that the touch means, else how many visits have it."""
    visits = visits_asked(condition, context)
    own = visits.filter(visits.user_no == user_no)
    if condition.touch in {"any", "every"}:
        counted = own.aggregate(n=own.ok.cast("int64").sum(), of=own.count())
        n, of = context.tables.engine.rows(counted)[0]
        seen = Seen(what="visits where this holds", value=int(n or 0), of=int(of))
    else:
        found = _row(own.select("user_no", "v"), user_no, context)
        seen = Seen(what="value", value=None if found is None else found[0])
    window = condition.during
    if isinstance(window, Anchored):
        return (_anchor(window, user_no, context), seen)
    return (_within(seen, span_of(window, context.clock)),)


def _lifecycle(
    condition: FirstTime | Stopped | Resumed, user_no: int, context: Context
) -> tuple[Seen, ...]:
    spans = [span for listed in spans_of(condition, context.clock) for span in listed]
    found = _row(counts_in(spans, condition.target, context), user_no, context)
    counts = found or (0,) * len(spans)
    spoken = zip(_SPOKEN[type(condition)], counts, spans, strict=False)
    return tuple(_within(Seen(what=what, value=int(n)), span) for what, n, span in spoken)


def _regularly(condition: Regularly, user_no: int, context: Context) -> tuple[Seen, ...]:
    spans = periods_asked(condition, context)
    found = _row(periods_met(condition, context), user_no, context)
    met = met_by_nothing(condition) if found is None else int(found[0])
    seen = (_within(Seen(what="periods where this holds", value=met, of=len(spans)), hull(spans)),)
    if len(spans) > MOST_COUNTS:
        return seen
    counts = _row(counts_in(spans, condition.target, context), user_no, context)
    told = ", ".join(str(n) for n in counts or (0,) * len(spans))
    return (*seen, Seen(what="numbers of times, the latest period first", value=told))


def _measure(condition: Measure, user_no: int, context: Context) -> tuple[Seen, ...]:
    return _did(as_did(condition), user_no, context)


def _compare(condition: Compare, user_no: int, context: Context) -> tuple[Seen, ...]:
    return tuple(
        seen
        for side in (condition.left, condition.right)
        for seen in _metric(side, user_no, context, what=describe_metric(side).removeprefix("a "))
    )


def _rank(condition: Rank, user_no: int, context: Context) -> tuple[Seen, ...]:
    seen = _metric(condition.by, user_no, context)
    found = _row(places_of(condition, people_of(condition, context), context), user_no, context)
    if found is None:
        return (*seen, Seen(what="place from the top", value=None))
    *_key, lower, equal, n, higher = found
    percentile = _plain(round(100 * (lower + equal / 2) / n, 2))
    return (
        *seen,
        Seen(what="place from the top", value=int(higher) + 1, of=int(n), n_behind=int(n)),
        Seen(what="percentile", value=percentile, n_behind=int(n)),
    )


def _consent(condition: Consent, user_no: int, context: Context) -> tuple[Seen, ...]:
    last = latest_consents(condition.purpose, context).select("user_no", "state")
    found = _row(last, user_no, context)
    return (Seen(what="last statement", value="unknown" if found is None else found[0]),)


_FINDERS: Mapping[type[Condition], Callable[[Any, int, Context], tuple[Seen, ...]]] = {
    Did: _did,
    DidNot: _did,
    SinceLast: _since,
    SinceFirst: _since,
    Attribute: _label,
    VisitAttribute: _visit,
    FirstTime: _lifecycle,
    Stopped: _lifecycle,
    Resumed: _lifecycle,
    Regularly: _regularly,
    Measure: _measure,
    Compare: _compare,
    Rank: _rank,
    Consent: _consent,
}
