"""Put one segment report together: measure, compare, withhold, note."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from ibis import Table

from segkit.compare.lifts import add_lifts, over_represented
from segkit.measures.activity import (
    SEVEN_DAYS,
    Activity,
    build_activity,
    find_purchases,
    fold_orders,
    measure_activity,
)
from segkit.measures.curves import average_cells
from segkit.measures.facts import (
    Attributes,
    Behaviour,
    Breakdown,
    HourCell,
    Overview,
    SegmentReportFacts,
    TrendRow,
)
from segkit.measures.few import hide_few
from segkit.measures.funnel import check_funnel, measure_funnel
from segkit.measures.grains import find_grain
from segkit.measures.headline import SideTotals, measure_headline
from segkit.measures.labels import measure_labels
from segkit.measures.orders import check_orders
from segkit.measures.overview import NEW, Origins, measure_origins
from segkit.measures.pages import measure_pages
from segkit.measures.people import NOBODY, describe_users, list_users
from segkit.measures.retention import measure_retention
from segkit.measures.sides import Sides
from segkit.measures.traffic import measure_traffic, measure_visits, read_visits
from segkit.measures.trend import measure_trend
from segkit.measures.value.facts import CustomerValue
from segkit.measures.withhold import (
    find_withheld,
    is_small,
    keep_part,
    withhold_breakdown,
    withhold_funnel,
    withhold_retention,
    withhold_trend,
)
from segkit.periods import Grain
from segkit.reports.at_first import build_head, build_overview, only_overview
from segkit.reports.collector import no_collection
from segkit.reports.document import facts_document
from segkit.reports.groups import build_sides
from segkit.reports.moments import Moments
from segkit.reports.money import Money, find_money
from segkit.reports.notes import (
    describe_data,
    describe_export,
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
        order_id = self.request.order_id
        return build_activity(self.sides, purchases=self.purchases, order_id=order_id)

    @property
    def retention_grain(self) -> Grain:
        """What cohorts are counted by: months where the trend is, else weeks."""
        return "month" if find_grain(self.sides.days) == "month" else "week"

    @cached_property
    def moments(self) -> Moments:
        """Who was in the segment at which instants."""
        return Moments(request=self.request)

    @cached_property
    def visits(self) -> Table:
        """The visits begun before T."""
        return read_visits(self.sides)

    @cached_property
    def users(self) -> Table:
        """One row a member; the user list and its export read it."""
        return describe_users(self.sides, self.activity, self.visits)

    @cached_property
    def origins(self) -> Origins:
        """What the first visit tells of users."""
        return measure_origins(self.sides)

    @cached_property
    def labels(self) -> tuple[Breakdown, ...]:
        """Every label of the users, nothing withheld yet: those of the first visit come first."""
        asked = self.request
        own = measure_labels(self.sides, columns=asked.columns, clearance=asked.clearance)
        return (*self.origins.labels, *own)

    @property
    def facts(self) -> SegmentReportFacts:
        """All that the report says, but for what is found out only when it is asked for."""
        return self._measured[0]

    @cached_property
    def value(self) -> CustomerValue | None:
        """What buyers are worth; None without orders in one currency, or where all is withheld."""
        from segkit.reports.value import measure_value  # noqa: PLC0415  scipy is slow to import

        money, asked = self._measured[1], self.request
        if money is None:
            return None
        return measure_value(self.sides, money, order_id=asked.order_id, min_size=asked.least)

    def check(self) -> None:
        """Refuse what the data do not have, before anything is counted.

        Raises
        ------
        UnknownNameError
            When the funnel names an event, or the orders a property, that the data does not have.
        """
        check_funnel(self.sides, self.request.funnel)
        check_orders(self.sides.tables.catalogue, self.purchases, self.request.order_id)

    @cached_property
    def _measured(self) -> tuple[SegmentReportFacts, Money | None]:
        self.check()
        with no_collection():
            return (_withheld(self), None) if self.is_withheld else _measure(self)


def open_report(request: ReportRequest) -> SegmentReport:
    """Evaluate segment and baseline at T and give the report on them.

    Raises
    ------
    EmptyError
        When the universe or the segment holds nobody.
    ParameterError
        When T does not end a day.
    """
    with no_collection():
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


def _measure(report: SegmentReport) -> tuple[SegmentReportFacts, Money]:
    request, sides = report.request, report.sides
    labels = _compared(report.labels, request.least)
    n_new = next((r.n for r in labels[0].rows if r.value == NEW), 0)
    trend = measure_trend(
        sides,
        report.activity,
        members_at=request.members_at,
        universe_at=request.universe_at,
        timeline=report.moments.timeline,
        n_universe=report.n_universe,
    )
    behaviour, money, overview = _behaviour(report, report.origins, n_new=n_new)
    top, listed = list_users(
        sides, report.users, request.reader, most=request.list_rows, has_money=money.is_shown
    )
    facts = SegmentReportFacts(
        head=build_head(report, money),
        overview=replace(overview, top_users=top),
        behaviour=behaviour,
        attributes=Attributes(
            breakdowns=labels, over=over_represented(labels, min_users=least_over(request))
        ),
        trend=_trend(trend, overview, request),
        user_list=listed,
    )
    return replace(facts, notes=_notes(report, facts, money)), money


def _behaviour(
    report: SegmentReport, origins: Origins, *, n_new: int | None
) -> tuple[Behaviour, Money, Overview]:
    """Give the behaviour, withheld, with the money it speaks of, and the overview.

    `n_new` are the users shown as new in the window.
    """
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
    traffic, hours = hide_few(sides, report.visits, traffic, hours)
    breakdowns = [measure_pages(sides), *(_without_few(b, totals, least) for b in traffic), events]
    if report.purchases:
        breakdowns.append(_orders(purchases, totals, least))
    funnel = measure_funnel(sides, report.activity, report.request.funnel)
    overview = build_overview(report, origins, n_active_7d=own.n_active_7d, n_new=n_new)
    last_week = sides.end_on - timedelta(days=SEVEN_DAYS - 1)
    retention = withhold_retention(
        measure_retention(
            sides,
            report.activity,
            grain=report.retention_grain,
            members_then=report.moments.members,
        ),
        least,
        total_hidden=n_new is None,
        n_new=n_new,
        gone=(last_week,) if overview.n_new_7d is None else (),
    )
    behaviour = Behaviour(
        measures=measure_headline(
            sides, *totals, has_orders=bool(report.purchases), has_money=money.is_shown
        ),
        breakdowns=_compared(breakdowns, least),
        hours=_hours(hours, own.n_active, own_visits.n_visits, least),
        retention=retention,
        funnel=withhold_funnel(funnel, least, totals=(sides.n_segment, sides.n_baseline)),
        retention_grain=report.retention_grain,
        retention_average=average_cells(retention),
    )
    if any(c.cohort == last_week and c.n_eligible is None for c in retention):
        overview = replace(overview, n_new_7d=None)
    return behaviour, money, overview


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


def _orders(
    breakdown: Breakdown, totals: tuple[SideTotals, SideTotals], min_size: int
) -> Breakdown:
    """Drop the number of buyers on a side where it is withheld.

    Buyers by number of orders become two rows where more would be withheld: the sum of all orders
    is shown elsewhere, and would give some of the withheld away.
    """
    kept = [keep_part(side.activity.n_buyers, side.n_users, min_size) for side in totals]
    whole = replace(breakdown, denominator=kept[0], baseline_denominator=kept[1])
    blanks = [
        row
        for row in withhold_breakdown(whole, min_size).rows
        if (row.n is None and kept[0]) or (row.n_baseline is None and kept[1])
    ]
    return fold_orders(whole) if blanks else whole


def _hours(
    hours: Sequence[HourCell], n_active: int, n_visits: int, min_size: int
) -> tuple[HourCell, ...]:
    """Give the hours, withheld; they sum to the visits, which are shown."""
    if is_small(n_active, min_size) or is_small(n_visits, min_size):
        return tuple(replace(cell, n_visits=None) for cell in hours)
    hidden = find_withheld([cell.n_visits for cell in hours], n_visits, min_size)
    return tuple(
        replace(cell, n_visits=None) if i in hidden else cell for i, cell in enumerate(hours)
    )


def _trend(
    rows: Sequence[TrendRow], overview: Overview, request: ReportRequest
) -> tuple[TrendRow, ...]:
    """Give the trend, withheld; at T it shows no universe that the overview withholds."""
    return tuple(
        replace(row, n_universe=None)
        if overview.n_universe is None and row.end_on >= request.clock.day
        else row
        for row in withhold_trend(rows, request.least)
    )


def _notes(report: SegmentReport, facts: SegmentReportFacts, money: Money) -> tuple[str, ...]:
    users = report.request.tables.users
    n_bots = int(report.sides.engine.scalar(users.is_bot.sum()) or 0)
    return (
        *describe_data(report.request, report.sides, n_bots=n_bots),
        *describe_money(money, order_id=report.request.order_id),
        *describe_export(report.request),
        *describe_facts(report.request, facts),
    )


def _withheld(report: SegmentReport) -> SegmentReportFacts:
    """Give a report that says nothing but why."""
    nothing = Overview(
        n_users=None, n_universe=None, n_active_7d=None, n_new_7d=None, top_users=NOBODY
    )
    return only_overview(build_head(report, None), nothing, describe_small(report.request))
