"""Tell the head and the headline numbers of a report, before all the rest is measured.

Where somebody waits, these are said first. They are the report's own numbers, found by the same
functions; what only the rest can settle is not said yet.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from segkit.measures.activity import SEVEN_DAYS
from segkit.measures.facts import (
    Attributes,
    Behaviour,
    Breakdown,
    Overview,
    ReportHead,
    SegmentReportFacts,
)
from segkit.measures.grains import list_periods
from segkit.measures.overview import NEW, Origins
from segkit.measures.people import NOBODY
from segkit.measures.withhold import is_small, withhold_breakdown, withhold_overview
from segkit.periods import local_day
from segkit.reports.money import Money

if TYPE_CHECKING:
    from segkit.reports.segment_report import SegmentReport


@dataclass(frozen=True, kw_only=True)
class First:
    """Head and overview of a report: of `facts`, the other parts are empty.

    `is_new_settled` is false while the users new in 7 days may still have to be withheld, for what
    retention says of the same users: then they are None.
    """

    facts: SegmentReportFacts
    is_new_settled: bool


def find_first(report: "SegmentReport") -> First:
    """Give head and overview, as the whole report will say them.

    Raises
    ------
    UnknownNameError
        When the funnel names an event that the data does not have.
    """
    report.check()
    if report.is_withheld:
        return First(facts=report.facts, is_new_settled=True)
    came = withhold_breakdown(report.origins.labels[0], report.request.least)
    n_new = next((row.n for row in came.rows if row.value == NEW), 0)
    overview = build_overview(
        report, report.origins, n_active_7d=_count_active_7d(report), n_new=n_new
    )
    is_settled = overview.n_new_7d is None or not _has_cohort_of_7d(report)
    if not is_settled:
        overview = replace(overview, n_new_7d=None)
    return First(facts=only_overview(build_head(report, None), overview), is_new_settled=is_settled)


def only_overview(
    head: ReportHead, overview: Overview, notes: tuple[str, ...] = ()
) -> SegmentReportFacts:
    """Give facts that say nothing beyond head, overview and notes."""
    of_none = Breakdown(
        name="over", title="", of="users", denominator=None, baseline_denominator=None,
        is_partition=False, rows=(),
    )  # fmt: skip
    return SegmentReportFacts(
        head=head,
        overview=overview,
        behaviour=Behaviour(measures=(), breakdowns=(), hours=(), retention=(), funnel=()),
        attributes=Attributes(breakdowns=(), over=of_none),
        trend=(),
        user_list=NOBODY,
        notes=notes,
    )


def _count_active_7d(report: "SegmentReport") -> int:
    """Give the members with any event in the 7 days before T; those days are read once a T."""
    sides = report.sides
    days = sides.tables.user_days
    last_7d = sides.end_on - timedelta(days=SEVEN_DAYS - 1)
    came = days.filter(days.day.between(last_7d, sides.end_on)).select("user_no").distinct()
    kept = sides.engine.keep(came, "active_7d", is_alike=True)
    return int(sides.engine.scalar(kept.semi_join(sides.members, "user_no").count()))


def _has_cohort_of_7d(report: "SegmentReport") -> bool:
    """Say whether the users new in the 7 days before T are a cohort of the retention too."""
    last_7d = report.sides.end_on - timedelta(days=SEVEN_DAYS - 1)
    periods = list_periods(report.sides, report.retention_grain)
    return any(p.start_on == last_7d for p in periods if p.is_complete)


def build_overview(
    report: "SegmentReport", origins: Origins, *, n_active_7d: int, n_new: int | None
) -> Overview:
    """Give the overview; users new in 7 days and those in the window hold one another."""
    overview = Overview(
        n_users=report.sides.n_segment,
        n_universe=report.n_universe,
        n_active_7d=n_active_7d,
        n_new_7d=origins.n_new_7d,
        top_users=NOBODY,
    )
    least, is_week = report.request.least, report.sides.days == SEVEN_DAYS
    kept = withhold_overview(overview, least, n_baseline=report.sides.n_baseline)
    few_between = n_new is not None and is_small(abs(n_new - origins.n_new_7d), least)
    return replace(kept, n_new_7d=None) if few_between or (is_week and n_new is None) else kept


def build_head(report: "SegmentReport", money: Money | None) -> ReportHead:
    """Give what was asked; the currency is that of the orders, once `money` is known."""
    request, sides = report.request, report.sides
    catalogue = request.tables.catalogue
    zone = request.clock.zone
    hidden = report.is_withheld
    return ReportHead(
        segment=request.segment,
        title=request.title,
        description=request.description,
        as_of=request.clock.day,
        days=request.days,
        start_on=sides.start_on,
        timezone=zone.key,
        currency=money.currency if money else request.currency,
        baseline=request.baseline,
        baseline_title=request.baseline_title,
        n_baseline=None if hidden else sides.n_baseline,
        definition=request.definition,
        definition_text=request.definition_text,
        snapshot=request.tables.snapshot,
        engine=sides.engine.name,
        clearance=request.clearance,
        min_size=request.least,
        data_first_on=local_day(catalogue.first_at, zone) if catalogue.first_at else None,
        data_last_on=local_day(catalogue.last_at, zone) if catalogue.last_at else None,
    )
