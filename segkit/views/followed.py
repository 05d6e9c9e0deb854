"""Show how many of the members of each past week or month came in those after."""

from collections.abc import Sequence

from segkit.measures.facts import CurvePoint, MembersFollowed
from segkit.views.figure import figure, is_enough, too_few, unfigured
from segkit.views.markup import Block, Child
from segkit.views.table import Column, Table
from segkit.views.triangle import Triangle
from segkit.views.words import count, share, some

LEAST_POINTS = 2


def followed_blocks(followed: MembersFollowed) -> list[Block]:
    """Give a figure of all cohorts and the table behind it; nothing without two known points."""
    grain, triangle = followed.grain, Triangle(followed.cells, followed.grain)
    average = [p for p in followed.average if p.low in triangle.weeks]
    known = [p for p in average if p.share is not None]
    if len(known) < LEAST_POINTS:
        return []
    table = _table(known, grain)
    sizes = [triangle.size(cohort) or 0 for cohort in triangle.cohorts]
    caption = (
        f"n = {some(len(sizes), 'cohorts')} of at most {some(max(sizes), 'users')}: the members "
        f"at the end of each {grain}, whether they are in the segment now or not; one user may be "
        f"in several. Thin lines: one cohort each. Marked line: users active in that {grain} / "
        f"users of the cohorts for which it is over and shown. {grain.capitalize()} 0: everybody, "
        "by definition. Gap: withheld, or not over."
    )
    if not is_enough(max(sizes)):
        return [unfigured(table, caption=caption, reason=too_few("Retention"))]
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.curves import draw_curves  # noqa: PLC0415

    panel = Panel(
        draw=lambda axes: draw_curves(
            triangle,
            average,
            axes,
            title=f"Members of past {grain}s: share still active",
            since="they were in it",
        ),
        height=150,
    )
    sheet = Sheet(
        panels=[panel], title=table.caption, words=_said(known, grain), left=40, right=72, below=40
    )
    return [figure(to_svg(sheet), table, caption=caption)]


def _said(known: Sequence[CurvePoint], grain: str) -> str:
    parts = [f"{grain} {p.low} {share(p.share)}" for p in known]
    return f"Members of each past {grain}, all cohorts together: {', '.join(parts[:6])}."


def _table(known: Sequence[CurvePoint], grain: str) -> Table:
    columns = [
        Column(f"{grain.capitalize()} since they were in it", "number"),
        Column("Cohorts", "number"),
        Column("Members of the cohorts", "count"),
        Column("Active", "count"),
        Column("Share of these members", "share"),
    ]
    rows: list[list[Child]] = [
        [count(p.low), count(p.n_cohorts), count(p.n_eligible), count(p.n_retained), share(p.share)]
        for p in known
    ]
    caption = f"Retention of the members of each past {grain}: all cohorts together"
    return Table(caption=caption, columns=columns, rows=rows)
