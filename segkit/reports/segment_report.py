"""Put one segment report together: measure, compare, withhold, note."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ibis import Table

from segkit.compare.shares import add_lifts, over_represented
from segkit.measures.activity import Activity, build_activity, find_purchases, measure_activity
from segkit.measures.facts import (
    Attributes,
    Behaviour,
    Breakdown,
    HourCell,
    Overview,
    ReportHead,
    SegmentReportFacts,
)
from segkit.measures.funnel import check_funnel, measure_funnel
from segkit.measures.headline import SideTotals, measure_headline
from segkit.measures.labels import measure_labels
from segkit.measures.overview import NEW, Origins, measure_origins
from segkit.measures.pages import measure_pages
from segkit.measures.people import NOBODY, describe_users, list_users
from segkit.measures.retention import measure_retention
from segkit.measures.sides import Sides
from segkit.measures.traffic import measure_traffic, measure_visits, read_visits
from segkit.measures.trend import measure_trend
from segkit.measures.withhold import (
    is_small,
    keep_part,
    withhold_breakdown,
    withhold_funnel,
    withhold_overview,
    withhold_retention,
    withhold_trend,
)
from segkit.periods import local_day
from segkit.reports.document import facts_document
from segkit.reports.groups import build_sides
from segkit.reports.money import Money, find_money
from segkit.reports.notes import (
    describe_data,
    describe_facts,
    describe_money,
    describe_small,
    least_over,
)
from segkit.reports.request import ReportRequest

__all__ = ["ReportRequest", "SegmentReport", "build_facts", "facts_document", "open_report"]


@dataclass(frozen=True, kw_only=True)
class SegmentReport:
    """One report whose groups are settled; the rest is computed when it is first asked for."""

    request: ReportRequest
    sides: Sides
    n_universe: int

    @property
    def is_withheld(self) -> bool:
        """Whether segment or baseline is so small that nothing at all is said."""
        groups = (self.sides.n_segment, self.sides.n_baseline)
        return any(is_small(n, self.request.least) for n in groups)

    @cached_property
    def purchases(self) -> tuple[str, ...]:
        """The events that are orders."""
        if self.request.purchases is not None:
            return tuple(self.request.purchases)
        return find_purchases(self.request.tables.catalogue)

    @cached_property
    def activity(self) -> Activity:
        """What users did in the window."""
        return build_activity(self.sides, purchases=self.purchases)

    @cached_property
    def visits(self) -> Table:
        """The visits begun before T."""
        return read_visits(self.sides)

    @cached_property
    def users(self) -> Table:
        """One row a member; the user list and its export read it."""
        return describe_users(self.sides, self.activity, self.visits)

    @cached_property
    def facts(self) -> SegmentReportFacts:
        """All that the report says."""
        check_funnel(self.sides, self.request.funnel)
        return _withheld(self) if self.is_withheld else _measure(self)


def open_report(request: ReportRequest) -> SegmentReport:
    """Evaluate segment and baseline at T and give the report on them.

    Raises
    ------
    EmptyError
        When the universe or the segment holds nobody.
    ParameterError
        When T does not end a day.
    """
    sides, n_universe = build_sides(request)
    return SegmentReport(request=request, sides=sides, n_universe=n_universe)


def build_facts(request: ReportRequest) -> SegmentReportFacts:
    """Give all that one segment report says.

    Raises
    ------
    EmptyError
        When the universe or the segment holds nobody.
    ParameterError
        When T does not end a day.
    UnknownNameError
        When the funnel names an event that the data does not have.
    """
    return open_report(request).facts


def _measure(report: SegmentReport) -> SegmentReportFacts:
    request, sides = report.request, report.sides
    origins = measure_origins(sides)
    own_labels = measure_labels(sides, columns=request.columns, clearance=request.clearance)
    labels = _compared((*origins.labels, *own_labels), request.least)
    new_hidden = any(r.value == NEW and r.n is None for r in labels[0].rows)
    behaviour, money, n_active_7d = _behaviour(report, new_hidden=new_hidden)
    top, listed = list_users(
        sides, report.users, request.reader, most=request.list_rows, has_money=money.is_shown
    )
    overview = _overview(report, origins, n_active_7d=n_active_7d, new_hidden=new_hidden)
    trend = measure_trend(
        sides,
        report.activity,
        members_at=request.members_at,
        universe_at=request.universe_at,
        n_universe=report.n_universe,
    )
    facts = SegmentReportFacts(
        head=_head(report, money),
        overview=replace(overview, top_users=top),
        behaviour=behaviour,
        attributes=Attributes(
            breakdowns=labels, over=over_represented(labels, min_users=least_over(request))
        ),
        trend=withhold_trend(trend, request.least),
        user_list=listed,
    )
    return replace(facts, notes=_notes(report, facts, money))


def _behaviour(report: SegmentReport, *, new_hidden: bool) -> tuple[Behaviour, Money, int]:
    """Give the behaviour, withheld, with the money it speaks of and who was active in 7 days."""
    sides, least = report.sides, report.request.least
    own, other, events, purchases = measure_activity(sides, report.activity)
    own_visits, other_visits, hours = measure_visits(sides, report.visits)
    money = find_money((own, other), purchases=report.purchases, default=report.request.currency)
    totals = (
        SideTotals(n_users=sides.n_segment, activity=own, visits=own_visits),
        SideTotals(n_users=sides.n_baseline, activity=other, visits=other_visits),
    )
    traffic = measure_traffic(
        sides, report.visits, totals=(own_visits.n_visits, other_visits.n_visits)
    )
    breakdowns = [measure_pages(sides), *(_without_few(b, totals, least) for b in traffic), events]
    if report.purchases:
        breakdowns.append(_without_buyers(purchases, totals, least))
    funnel = measure_funnel(sides, report.activity, report.request.funnel)
    retention = measure_retention(sides, report.activity)
    behaviour = Behaviour(
        measures=measure_headline(
            sides, *totals, has_orders=bool(report.purchases), has_money=money.is_shown
        ),
        breakdowns=_compared(breakdowns, least),
        hours=_hours(hours, own.n_active, least),
        retention=withhold_retention(retention, least, total_hidden=new_hidden),
        funnel=withhold_funnel(funnel, least, totals=(sides.n_segment, sides.n_baseline)),
    )
    return behaviour, money, own.n_active_7d


def _compared(breakdowns: Sequence[Breakdown], min_size: int) -> tuple[Breakdown, ...]:
    return tuple(add_lifts(withhold_breakdown(b, min_size)) for b in breakdowns)


def _without_few(
    breakdown: Breakdown, totals: tuple[SideTotals, SideTotals], min_size: int
) -> Breakdown:
    """Drop the denominators of visits on a side where too few people made them."""
    few = [is_small(side.activity.n_active, min_size) for side in totals]
    return replace(
        breakdown,
        denominator=None if few[0] else breakdown.denominator,
        baseline_denominator=None if few[1] else breakdown.baseline_denominator,
    )


def _without_buyers(
    breakdown: Breakdown, totals: tuple[SideTotals, SideTotals], min_size: int
) -> Breakdown:
    """Drop the number of buyers on a side where it is withheld."""
    kept = [keep_part(side.activity.n_buyers, side.n_users, min_size) for side in totals]
    return replace(breakdown, denominator=kept[0], baseline_denominator=kept[1])


def _hours(hours: Sequence[HourCell], n_active: int, min_size: int) -> tuple[HourCell, ...]:
    is_few = is_small(n_active, min_size)
    return tuple(replace(cell, n_visits=None) if is_few else cell for cell in hours)


def _overview(
    report: SegmentReport, origins: Origins, *, n_active_7d: int, new_hidden: bool
) -> Overview:
    """Give the overview; in a window of 7 days, both numbers of new users are one."""
    overview = Overview(
        n_users=report.sides.n_segment,
        n_universe=report.n_universe,
        n_active_7d=n_active_7d,
        n_new_7d=origins.n_new_7d,
        top_users=NOBODY,
    )
    kept = withhold_overview(overview, report.request.least)
    same = report.sides.days == 7  # noqa: PLR2004  the 7 of the measure's name
    return replace(kept, n_new_7d=None) if same and new_hidden else kept


def _notes(report: SegmentReport, facts: SegmentReportFacts, money: Money) -> tuple[str, ...]:
    users = report.request.tables.users
    n_bots = int(report.sides.engine.scalar(users.is_bot.sum()) or 0)
    return (
        *describe_data(report.request, report.sides, n_bots=n_bots),
        *describe_money(money),
        *describe_facts(report.request, facts),
    )


def _head(report: SegmentReport, money: Money | None) -> ReportHead:
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


def _withheld(report: SegmentReport) -> SegmentReportFacts:
    """Give a report that says nothing but why."""
    of_none = Breakdown(
        name="over", title="", of="users", denominator=None, baseline_denominator=None,
        is_partition=False, rows=(),
    )  # fmt: skip
    return SegmentReportFacts(
        head=_head(report, None),
        overview=Overview(
            n_users=None, n_universe=None, n_active_7d=None, n_new_7d=None, top_users=NOBODY
        ),
        behaviour=Behaviour(measures=(), breakdowns=(), hours=(), retention=(), funnel=()),
        attributes=Attributes(breakdowns=(), over=of_none),
        trend=(),
        user_list=NOBODY,
        notes=describe_small(report.request),
    )
