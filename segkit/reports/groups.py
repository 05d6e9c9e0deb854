"""Settle who is compared with whom: the segment and its baseline as one table of users."""

import ibis
from ibis import Table

from segkit.errors import EmptyError
from segkit.measures.sides import Sides
from segkit.reports.request import ReportRequest


def build_sides(request: ReportRequest) -> tuple[Sides, int]:
    """Evaluate segment and baseline at T and give them with the size of the universe.

    Raises
    ------
    EmptyError
        When the universe or the segment holds nobody.
    """
    engine = request.tables.engine
    whole = _whole(request)
    groups = engine.keep(_groups(request, whole), "groups")
    counted = groups.agg(n=groups.count(), n_segment=groups.in_segment.sum())
    n, n_segment = (int(value or 0) for value in engine.rows(counted)[0])
    n_universe = n
    if request.baseline_at is not None:
        universe = request.universe_at(request.clock)
        n_universe = int(engine.scalar(universe.count()))
    _check_not_empty(request, n_universe, n_segment)
    sides = Sides(
        tables=request.tables,
        groups=groups,
        clock=request.clock,
        days=request.days,
        n_segment=n_segment,
        n_baseline=n - n_segment,
        min_size=request.least,
        whole=whole,
    )
    return sides, n_universe


def _whole(request: ReportRequest) -> Table | None:
    """Give the universe where the baseline is the rest of it; None for another baseline."""
    if request.baseline_at is not None:
        return None
    universe = request.universe_at(request.clock).select("user_no")
    return request.tables.engine.keep(universe, "people", is_alike=True)


def _groups(request: ReportRequest, whole: Table | None) -> Table:
    engine = request.tables.engine
    members = request.members_at(request.clock).select("user_no")
    members = engine.keep(members, "members", is_held=True)
    if request.baseline_at is None:
        others = request.universe_at(request.clock) if whole is None else whole
        own = members.select(member="user_no")
        found = others.left_join(own, others.user_no == own.member)
        return found.select("user_no", in_segment=found.member.notnull())
    others = request.baseline_at(request.clock).select("user_no")
    own = members.mutate(in_segment=ibis.literal(value=True))
    rest = others.anti_join(members, "user_no").mutate(in_segment=ibis.literal(value=False))
    return ibis.union(own, rest)


def _check_not_empty(request: ReportRequest, n_universe: int, n_segment: int) -> None:
    day = request.clock.day
    if not n_universe:
        raise EmptyError.build(
            f"The universe of segment `{request.segment}` holds nobody on {day}.",
            hint="load data of that time, or ask for another day with --as-of.",
        )
    if not n_segment:
        raise EmptyError.build(
            f"Segment `{request.segment}` has no members on {day}: there is nothing to report.",
            hint=f"`segkit segments count {request.segment} --as-of DAY` tells other days' sizes.",
        )
