"""Settle who is compared in a report on several segments, and measure what all parts need once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

import ibis
from ibis import Table

from segkit.compare.candidates import VISIT_COLUMNS
from segkit.compare.crowd import Codes, Crowd
from segkit.measures.activity import (
    Activity,
    ActivityTotals,
    build_activity,
    find_purchases,
    measure_activity,
)
from segkit.measures.facts import Breakdown
from segkit.measures.headline import SideTotals
from segkit.measures.label_codes import count_label_codes, side_counts
from segkit.measures.labels import measure_labels
from segkit.measures.orders import check_orders
from segkit.measures.overview import Origins, measure_origins
from segkit.measures.sides import Sides
from segkit.measures.traffic import measure_visits, read_visits
from segkit.measures.withhold import is_small
from segkit.periods import Clock, day_start, local_day
from segkit.reports.groups import build_sides
from segkit.reports.money import Money, find_money
from segkit.reports.request import REST, ReportRequest
from segkit.segments.over_time import Timeline

NO_CODES: Codes = frozenset()


@dataclass(frozen=True)
class Group:
    """One segment of a comparison with its baseline, measured when it is first asked for.

    The sums are of both sides: the segment's first.
    """

    request: ReportRequest
    sides: Sides
    n_universe: int
    activity: Activity
    visits: Table
    own: Codes = NO_CODES
    other: Codes = NO_CODES

    @property
    def is_withheld(self) -> bool:
        """Whether segment or baseline is so small that nothing at all is said."""
        sizes = (self.sides.n_segment, self.sides.n_baseline)
        return any(is_small(n, self.sides.min_size) for n in sizes)

    @cached_property
    def origins(self) -> Origins:
        """What the first visit tells of users."""
        return measure_origins(self.sides)

    @cached_property
    def totals(self) -> tuple[SideTotals, SideTotals]:
        """All sums of the segment and of its baseline."""
        own, other, _, _ = measure_activity(self.sides, self.activity)
        own_visits, other_visits, _ = measure_visits(self.sides, self.visits)
        return (
            SideTotals(n_users=self.sides.n_segment, activity=own, visits=own_visits),
            SideTotals(n_users=self.sides.n_baseline, activity=other, visits=other_visits),
        )


class ComparisonStudy:
    """The segments of one comparison and their baseline, at one instant of one snapshot.

    Parameters
    ----------
    requests
        One a segment, all of one snapshot, clock, window, baseline and reader.
    """

    def __init__(self, requests: Sequence[ReportRequest]) -> None:
        self.requests = tuple(requests)
        self.first = self.requests[0]
        self.least = max(request.least for request in requests)

    @cached_property
    def purchases(self) -> tuple[str, ...]:
        """The events that are orders."""
        if self.first.purchases is not None:
            return tuple(self.first.purchases)
        return find_purchases(self.first.tables.catalogue)

    @cached_property
    def _settled(self) -> tuple[tuple[Sides, int], ...]:
        check_orders(self.first.tables.catalogue, self.purchases, self.first.order_id)
        found = [build_sides(request) for request in self.requests]
        return tuple((replace(sides, min_size=self.least), n) for sides, n in found)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The segments in the order given; what users did is summed once for all of them.

        Raises
        ------
        EmptyError
            When a universe or a segment holds nobody.
        """
        return tuple(
            Group(
                request, sides, n, self.activity, self.visits,
                own=self._codes_with(1 << at),
                other=self._codes_with(1 << (at + len(self.requests))),
            )
            for at, (request, (sides, n)) in enumerate(
                zip(self.requests, self._settled, strict=True)
            )
        )  # fmt: skip

    @cached_property
    def codes(self) -> Table:
        """All users of all groups: bit i of `code` for the i-th segment, then for its baseline."""
        k = len(self.requests)
        parts = []
        for at, (sides, _) in enumerate(self._settled):
            bits = sides.groups.in_segment.ifelse(1 << at, 1 << (at + k)).cast("int64")
            parts.append(sides.groups.select("user_no", bit=bits))
        every = ibis.union(*parts) if parts[1:] else parts[0]
        users = every.group_by("user_no").agg(code=every.bit.sum().cast("int64"))
        return self._settled[0][0].engine.keep(users, "codes")

    @cached_property
    def known_codes(self) -> tuple[int, ...]:
        """The combinations of groups that there are."""
        rows = self._settled[0][0].engine.rows(self.codes.select("code").distinct())
        return tuple(sorted(int(code) for (code,) in rows))

    def _codes_with(self, bit: int) -> Codes:
        return frozenset(code for code in self.known_codes if code & bit)

    @cached_property
    def crowd(self) -> Crowd:
        """What the users of all groups did, counted once for all comparisons."""
        return Crowd(
            sides=self._settled[0][0],
            codes=self.codes,
            activity=self.activity,
            visits=self.visits,
            columns=tuple(VISIT_COLUMNS),
        )

    @cached_property
    def _label_counts(self) -> Table | None:
        asked = self.first
        return count_label_codes(
            self._settled[0][0], self.codes, self.known_codes,
            columns=asked.columns, clearance=asked.clearance,
        )  # fmt: skip

    def labels(self, group: Group) -> tuple[Breakdown, ...]:
        """Give every label of the users of both sides of a group, nothing withheld yet."""
        asked, counted = self.first, self._label_counts
        if counted is None:
            return group.origins.labels
        own = measure_labels(
            group.sides,
            columns=asked.columns,
            clearance=asked.clearance,
            counted=side_counts(counted, self.known_codes, group.own, group.other),
        )
        return (*group.origins.labels, *own)

    @cached_property
    def activity(self) -> Activity:
        """What everybody did in the window."""
        sides = self._settled[0][0]
        return build_activity(sides, purchases=self.purchases, order_id=self.first.order_id)

    @cached_property
    def visits(self) -> Table:
        """The visits begun before T."""
        return read_visits(self._settled[0][0])

    @cached_property
    def others(self) -> Group:
        """The users of the baseline who are in none of the segments, as a group of its own."""
        asked, sides = self.first, self._settled[0][0]
        source = asked.universe_at if asked.baseline_at is None else asked.baseline_at
        users = source(asked.clock).select("user_no")
        for group in self.groups:
            users = users.anti_join(group.sides.members, "user_no")
        kept = sides.engine.keep(users.mutate(in_segment=ibis.literal(value=True)), "others")
        n = int(sides.engine.scalar(kept.count()))
        alone = replace(sides, groups=kept, n_segment=n, n_baseline=0)
        return Group(asked, alone, self.groups[0].n_universe, self.activity, self.visits)

    @cached_property
    def money(self) -> Money:
        """The currency of all orders of all groups."""
        users = self.activity.users.semi_join(self.codes, "user_no")
        ends = users.agg(first=users.first_currency.min(), last=users.last_currency.max())
        found = self.first.tables.engine.rows(ends)[0]
        orders = ActivityTotals(currencies=frozenset(str(code) for code in found if code))
        return find_money([orders], purchases=self.purchases, default=self.first.currency)

    @cached_property
    def before(self) -> tuple[ReportRequest, ...]:
        """The same requests a window earlier."""
        clock = self.first.clock
        day = clock.day - timedelta(days=self.first.days)
        then = Clock(day_start(day + timedelta(days=1), clock.zone), clock.zone)
        return tuple(replace(request, clock=then) for request in self.requests)

    @property
    def has_before(self) -> bool:
        """Whether the data covers the whole window before."""
        asked = self.before[0]
        first_at = asked.tables.catalogue.first_at
        start_on = asked.clock.day - timedelta(days=asked.days - 1)
        return first_at is not None and local_day(first_at, asked.clock.zone) <= start_on

    def members_before(self, place: int) -> Sides:
        """Give who was in a segment a window earlier, with nobody beside them."""
        asked, sides = self.before[place], self.groups[place].sides
        members = asked.members_at(asked.clock).select("user_no")
        kept = sides.engine.keep(
            members.mutate(in_segment=ibis.literal(value=True)), "members_before"
        )
        n = int(sides.engine.scalar(kept.count()))
        return replace(sides, groups=kept, clock=asked.clock, n_segment=n, n_baseline=0)

    def timeline(self, place: int, clocks: Sequence[Clock]) -> Timeline:
        """Give universe and members of a segment at some clocks, computed once."""
        asked, engine = self.requests[place], self.first.tables.engine
        if asked.timeline is None:
            raise NotImplementedError
        found = asked.timeline(clocks)
        return Timeline(
            universe=engine.keep(found.universe, "line_universe"),
            members=engine.keep(found.members, "line_members"),
        )

    @property
    def has_rest(self) -> bool:
        """Whether the baseline is everyone else of the universe."""
        return self.first.baseline == REST
