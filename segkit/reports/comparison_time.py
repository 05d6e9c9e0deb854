"""Look at several segments back in time: where one stepped to another level, what days lie out."""

from collections.abc import Sequence

from segkit.compare.comparison import LineRow, SegmentLine, Shift
from segkit.compare.facts import OutlyingDay
from segkit.compare.outliers import LEAST_DAYS as LEAST_OF_OUTLIERS
from segkit.compare.shifts import LEAST_DAYS, LEAST_PERIODS, find_shifts
from segkit.measures.buyers import buyer_bits, count_buyers
from segkit.measures.facts import TrendRow
from segkit.measures.grains import find_grain
from segkit.measures.trend import find_periods, measure_trend
from segkit.measures.withhold import keep_part, withhold_trend
from segkit.periods import Clock
from segkit.reports.comparison_study import ComparisonStudy
from segkit.reports.outlying import name_outliers
from segkit.segments.over_time import Timeline

LEVELS = ("n_users", "active", "buyers")
"""A step of the size is a step of its share too; it is told once."""


def build_over_time(study: ComparisonStudy) -> tuple[SegmentLine, ...]:
    """Give one line a segment, all over the same periods; empty rows where it is withheld."""
    rows = [_measure(study, place) for place in range(len(study.groups))]
    is_daily = find_grain(study.first.days) == "day"
    least = LEAST_DAYS if is_daily else LEAST_PERIODS
    series = [{name: _series(found, name) for name in _levels(study)} for found in rows]
    n_series = sum(len(s) >= least for told in series for s in told.values())
    return tuple(
        SegmentLine(
            segment=asked.segment,
            title=asked.title,
            rows=found,
            shifts=_shifts(found, told, n_series=n_series, is_daily=is_daily),
            n_periods=len(told["n_users"]) if len(told["n_users"]) >= least else 0,
            outlying=_outlying(found, told, n_series=n_series) if is_daily else (),
            n_days=_n_days(told) if is_daily else 0,
        )
        for asked, found, told in zip(study.requests, rows, series, strict=True)
    )


def _levels(study: ComparisonStudy) -> tuple[str, ...]:
    return LEVELS if study.purchases else LEVELS[:-1]


def _measure(study: ComparisonStudy, place: int) -> tuple[LineRow, ...]:
    group, asked = study.groups[place], study.requests[place]
    periods = find_periods(group.sides)
    if group.is_withheld or not periods:
        return ()
    known: list[Timeline] = []

    def timeline(clocks: Sequence[Clock]) -> Timeline:
        known.append(study.timeline(place, clocks))
        return known[0]

    trend = measure_trend(
        group.sides,
        study.activity,
        members_at=asked.members_at,
        universe_at=asked.universe_at,
        timeline=timeline,
        n_universe=group.n_universe,
    )
    buyers: list[int | None] = [None] * len(trend)
    if study.purchases:
        bits = buyer_bits(group.sides, study.purchases, periods)
        buyers = [*count_buyers(group.sides, known[0].members, bits, len(periods))]
    kept = withhold_trend(trend, study.least)
    return tuple(_row(row, n, study.least) for row, n in zip(kept, buyers, strict=True))


def _row(row: TrendRow, n_buyers: int | None, least: int) -> LineRow:
    shown = keep_part(n_buyers, row.n_users, least)
    if row.n_active is not None:
        shown = keep_part(shown, row.n_active, least)
    return LineRow(
        period=row.period, start_on=row.start_on, end_on=row.end_on, is_complete=row.is_complete,
        n_universe=row.n_universe, n_users=row.n_users, n_active=row.n_active, n_buyers=shown,
    )  # fmt: skip


def _series(rows: Sequence[LineRow], measure: str) -> list[float]:
    """Give the values of the complete periods; nothing where one of them is withheld."""
    values = [row.value(measure) for row in rows if row.is_complete]
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else []


def _shifts(
    rows: Sequence[LineRow], series: dict[str, list[float]], *, n_series: int, is_daily: bool
) -> tuple[Shift, ...]:
    complete = [row for row in rows if row.is_complete]
    found = [
        Shift(
            measure=measure, period=complete[step.at].period,
            start_on=complete[step.at].start_on, before=step.before, after=step.after,
        )
        for measure, values in series.items()
        for step in find_shifts(values, n_series=max(n_series, 1), is_daily=is_daily)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda s: s.start_on))


def _n_days(series: dict[str, list[float]]) -> int:
    n = len(series["n_users"])
    return n if n >= LEAST_OF_OUTLIERS else 0


def _outlying(
    rows: Sequence[LineRow], series: dict[str, list[float]], *, n_series: int
) -> tuple[OutlyingDay, ...]:
    days = [row.start_on for row in rows if row.is_complete]
    return name_outliers(days, series, n_series=max(n_series, 1))
