"""Follow users by their own days, weeks or months since they were first seen, under named rules.

The triangle of retention asks who came in exactly the k-th period. Tools differ on that: some ask
who came in that period or any later one, others who came within a span of days. Each is a rule
here; the rest is one for all of them. A cohort counts in a span only when the span is over for all
of its users: what is not over is None, never 0, and a cohort of whom nobody came counts with its 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ibis import Table

from segkit.errors import ParameterError, UnknownNameError, near_names
from segkit.measures.facts import CurvePoint, RetentionCell
from segkit.measures.grains import Period, list_periods, place_of
from segkit.measures.sides import Sides
from segkit.periods import Grain, period_after

Span = tuple[int, int | None]


@dataclass(frozen=True, kw_only=True)
class ReturnRule:
    """When a user has returned: active in a span of periods after the first one.

    With `unit` day, period k is the k-th calendar day after the user's first; with week or month,
    the k-th ISO week or month after that of the user's first event. A span (low, high) holds both
    ends; one whose high is None has no end.
    """

    name: str
    title: str
    unit: Grain
    spans: tuple[Span, ...]


def _on(name: str, unit: Grain, ks: Sequence[int]) -> ReturnRule:
    spans = tuple((k, k) for k in ks)
    return ReturnRule(name=name, title=f"Active on {unit} N", unit=unit, spans=spans)


def _on_or_after(name: str, unit: Grain, ks: Sequence[int]) -> ReturnRule:
    spans = tuple((k, None) for k in ks)
    title = f"Active on {unit} N or later"
    return ReturnRule(name=name, title=title, unit=unit, spans=spans)


_DAYS = (0, 1, 3, 7, 14, 30)
_RULES = (
    _on("day_on", "day", _DAYS),
    _on_or_after("day_on_or_after", "day", _DAYS),
    ReturnRule(
        name="day_bracket",
        title="Active within a span of days",
        unit="day",
        spans=((0, 0), (1, 3), (4, 7), (8, 14), (15, 30)),
    ),
    _on("week_on", "week", range(13)),
    _on_or_after("week_on_or_after", "week", range(13)),
    _on("month_on", "month", range(19)),
    _on_or_after("month_on_or_after", "month", range(19)),
)
RULES = {rule.name: rule for rule in _RULES}
"""The named rules. Amplitude calls "on" N-day, "on or after" unbounded and spans brackets."""


def find_rule(name: str) -> ReturnRule:
    """Give a rule by name.

    Raises
    ------
    ParameterError
        When there is none of that name, with near names.
    """
    if name not in RULES:
        raise ParameterError.build(
            f"Unknown rule of retention `{name[:40]}`.", hint=near_names(name, RULES)
        )
    return RULES[name]


@dataclass(frozen=True, kw_only=True)
class CohortCurve:
    """Users first seen in the period that begins on `cohort`, `n_users`: one point a span."""

    cohort: date
    n_users: int
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, kw_only=True)
class RetentionCurves:
    """One curve a cohort, oldest first, and their average weighted by users.

    Every curve has one point for each span of the rule. `cohort_grain` is what cohorts are
    counted by.
    """

    rule: ReturnRule
    cohort_grain: Grain
    cohorts: tuple[CohortCurve, ...]
    average: tuple[CurvePoint, ...]


def measure_curves(
    sides: Sides,
    rule: ReturnRule,
    *,
    cohort_grain: Grain = "week",
    events: Sequence[str] = (),
) -> RetentionCurves:
    """Give the curves of the segment's users who were first seen in the window.

    Parameters
    ----------
    rule
        One of `RULES`, or your own.
    cohort_grain
        What cohorts are counted by where the rule's unit is the day; else they are counted by its
        unit.
    events
        The events that count as a return; any event when empty.

    Returns
    -------
    RetentionCurves
        Cohorts of the periods that lie wholly in the window, also without users; none when the
        window holds no whole period.

    Raises
    ------
    UnknownNameError
        For an event that the data does not have, with near names.

    Notes
    -----
    Cohort: users whose first event ever fell in the period. Point of a cohort: its users with an
    event in the span / its users. Average: sum of retained / sum of eligible over the cohorts for
    whom the span is over, so ten users of whom 20% returned and a hundred of whom none did make
    1.8%. The segment is as of T, so who left it before is in no cohort. An open span gives older
    cohorts more time to return than younger ones.

    Source: Amplitude's retention analysis (on, on or after, brackets; whole periods only).
    """
    for event in events:
        if event not in sides.tables.catalogue.events:
            raise UnknownNameError.of_kind("event", event, sides.tables.catalogue.events)
    grain = cohort_grain if rule.unit == "day" else rule.unit
    periods = [period for period in list_periods(sides, grain) if period.is_complete]
    found = _count(sides, rule, grain, periods, events) if periods else {}
    none = (0,) * (1 + len(rule.spans))
    cohorts = tuple(
        _curve(sides, rule, period, found.get(i, none)) for i, period in enumerate(periods)
    )
    points = zip(*(cohort.points for cohort in cohorts), strict=True)
    return RetentionCurves(
        rule=rule,
        cohort_grain=grain,
        cohorts=cohorts,
        average=tuple(_mean(at) for at in points),
    )


def average_cells(cells: Sequence[RetentionCell]) -> tuple[CurvePoint, ...]:
    """Give the average of a retention triangle, k from 0: one point a k, weighted by users.

    A cell that is withheld is in neither sum.
    """
    by_k: dict[int, list[CurvePoint]] = {}
    for c in cells:
        is_known = c.n_retained is not None and c.n_eligible is not None
        n, eligible = (c.n_retained, c.n_eligible or 0) if is_known else (None, 0)
        point = CurvePoint(
            low=c.k, high=c.k, n_eligible=eligible, n_retained=n, n_cohorts=int(eligible > 0)
        )
        by_k.setdefault(c.k, []).append(point)
    return tuple(_mean(by_k[k]) for k in sorted(by_k))


def _mean(points: Sequence[CurvePoint]) -> CurvePoint:
    over = [p for p in points if p.n_retained is not None]
    return CurvePoint(
        low=points[0].low,
        high=points[0].high,
        n_eligible=sum(p.n_eligible for p in over),
        n_retained=sum(p.n_retained or 0 for p in over) if over else None,
        n_cohorts=sum(p.n_cohorts for p in over),
    )


def _curve(sides: Sides, rule: ReturnRule, period: Period, row: Sequence[int]) -> CohortCurve:
    size, *active = row
    points = []
    for (low, high), n in zip(rule.spans, active, strict=True):
        is_over = _last_day(period, rule.unit, low if high is None else high) <= sides.end_on
        points.append(
            CurvePoint(
                low=low,
                high=high,
                n_eligible=size if is_over else 0,
                n_retained=n if is_over else None,
                n_cohorts=int(is_over and size > 0),
            )
        )
    return CohortCurve(cohort=period.start_on, n_users=size, points=tuple(points))


def _last_day(period: Period, unit: Grain, k: int) -> date:
    """Give the last day of the k-th period of the cohort's last user."""
    if unit == "day":
        return period.end_on + timedelta(days=k)
    start = period.start_on
    for _ in range(k + 1):
        start = period_after(start, unit)
    return start - timedelta(days=1)


def _count(
    sides: Sides, rule: ReturnRule, grain: Grain, periods: Sequence[Period], events: Sequence[str]
) -> dict[int, tuple[int, ...]]:
    """Give (size, active in span 0, in span 1, …) by the cohort's place."""
    first = periods[0].start_on
    users = sides.tables.users.select("user_no", "first_day")
    fresh = users.filter(users.first_day.between(first, periods[-1].end_on))
    fresh = fresh.semi_join(sides.members, "user_no")
    fresh = fresh.mutate(cohort=place_of(fresh.first_day, first, grain))
    days = _active_days(sides, events).inner_join(fresh, "user_no")
    later = _offset(days, first, rule.unit)
    flags: dict[str, Any] = {
        f"span_{i}": (later >= low if high is None else later.between(low, high)).any()
        for i, (low, high) in enumerate(rule.spans)
    }
    seen = days.group_by("user_no").agg(**flags)
    joined = fresh.left_join(seen, "user_no")
    table = joined.group_by("cohort").agg(
        size=joined.count(),
        **{name: joined[name].fill_null(False).sum() for name in flags},  # noqa: FBT003  a value
    )
    return {int(row[0]): tuple(int(n) for n in row[1:]) for row in sides.engine.rows(table)}


def _active_days(sides: Sides, events: Sequence[str]) -> Table:
    days = sides.tables.user_days
    read = days.filter(sides.is_inside(days))
    if events:
        read = read.filter(read.event.isin(list(events)))
    return read.select("user_no", "day").distinct()


def _offset(days: Table, first: date, unit: Grain) -> Any:  # noqa: ANN401  an Ibis column
    """Give how many units a day lies after the user's first one."""
    return place_of(days.day, first, unit) - place_of(days.first_day, first, unit)
