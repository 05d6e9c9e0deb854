"""Follow the members of each past week or month, whoever is in the segment now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from segkit.measures.curves import average_cells
from segkit.measures.facts import MembersFollowed, RetentionCell, TrendRow
from segkit.measures.retention import follow_members
from segkit.measures.withhold import is_small, keep_part
from segkit.periods import Grain, period_after
from segkit.reports.segment_report import SegmentReport


def find_followed(report: SegmentReport) -> MembersFollowed | None:
    """Give the retention of those who were members at the end of each whole week or month.

    Returns
    -------
    MembersFollowed or None
        None where the report is withheld, or the window holds no whole period.
    """
    if report.is_withheld:
        return None
    grain, facts = report.retention_grain, report.facts
    cells = follow_members(
        report.sides, report.activity, members_then=report.moments.members, grain=grain
    )
    if not cells:
        return None
    kept = withhold_followed(
        cells, facts.trend, facts.behaviour.retention, report.request.least, grain=grain
    )
    return MembersFollowed(grain=grain, cells=kept, average=average_cells(kept))


def withhold_followed(
    cells: Sequence[RetentionCell],
    trend: Sequence[TrendRow],
    first_seen: Sequence[RetentionCell],
    least: int,
    *,
    grain: Grain,
) -> tuple[RetentionCell, ...]:
    """Give cells without those that tell of few users, alone or set against others.

    Notes
    -----
    A cohort is withheld where it is small or the trend hides its size. Cohorts share users: of two
    cells on one period the one may hold the other. So a cell is withheld where its count, or that
    of who did not come, differs by few from that of an earlier cohort, of the trend, or of those of
    `first_seen`, in the same period.
    """
    hidden = {row.end_on for row in trend if row.n_users is None}
    shown: dict[date, list[tuple[int | None, int | None]]] = {}
    for other in first_seen:
        shown.setdefault(_period(other, grain), []).append((other.n_retained, other.n_eligible))
    for row in trend:
        if row.end_on == _last_day(row.start_on, grain):
            shown.setdefault(row.start_on, []).append((row.n_active, row.n_users))
    kept = []
    for cell in cells:
        size = cell.n_eligible or 0
        if is_small(size, least) or _last_day(cell.cohort, grain) in hidden:
            kept.append(replace(cell, n_eligible=None, n_retained=None))
            continue
        on = _period(cell, grain)
        others = shown.setdefault(on, [])
        n = keep_part(cell.n_retained, size, least) if cell.k else size
        if cell.k and _tells(n, size, others, least):
            n = None
        if cell.k and n is not None:
            others.append((n, size))
        kept.append(replace(cell, n_retained=n))
    return tuple(kept)


def _period(cell: RetentionCell, grain: Grain) -> date:
    """Give the first day of the period in which a cell asks who came."""
    start = cell.cohort
    for _ in range(cell.k):
        start = period_after(start, grain)
    return start


def _last_day(start: date, grain: Grain) -> date:
    return period_after(start, grain) - timedelta(days=1)


def _tells(
    n: int | None, size: int, others: Sequence[tuple[int | None, int | None]], least: int
) -> bool:
    """Say whether a count, or the rest, differs by few from one shown of the same period."""
    if n is None:
        return False
    return any(
        is_small(abs(n - m), least) or is_small(abs((size - n) - (whole - m)), least)
        for m, whole in others
        if m is not None and whole is not None
    )
