"""Retention by first-seen week or month: who came back in which, and which are not over."""

from collections.abc import Sequence
from datetime import date

from segkit.formats import MISSING, Day
from segkit.measures.facts import CurvePoint, MembersFollowed, SegmentReportFacts
from segkit.views.breakdown import number_cell
from segkit.views.figure import figure, is_enough, too_few, unfigured
from segkit.views.followed import followed_blocks
from segkit.views.fragment import Fragment, absent, gather, note
from segkit.views.markup import WITHHELD, Block, Child, tag
from segkit.views.table import Column, Table
from segkit.views.triangle import Triangle
from segkit.views.words import count, share, some

LEAST_POINTS = 2
CELL_WIDTH, CELL_HEIGHT, LETTER_WIDTH = 27, 21, 6.2
UNFINISHED = tag("span", "not over", class_="sk-muted")


def render_retention(
    facts: SegmentReportFacts, followed: MembersFollowed | None = None
) -> Fragment:
    """Give the share of each cohort active k periods on; one not over is blank, never 0.

    The members of past periods who were `followed` have a figure of their own below.
    """
    grain = facts.behaviour.retention_grain
    triangle = Triangle(facts.behaviour.retention, grain)
    if not triangle.cells:
        whole = f"The window holds no whole {grain} in which users could be first seen."
        return absent(facts, whole)
    below = followed_blocks(followed) if followed else []
    if not triangle.cohorts:
        nobody = (
            f"Nobody was in the segment at the end of the {grain} in which they were first seen, "
            f"in the whole {grain}s of this window."
        )
        return gather([note(nobody), *below]) if below else absent(facts, nobody)
    return gather([*_first_seen(facts, triangle), *below])


def _first_seen(facts: SegmentReportFacts, triangle: Triangle) -> list[Block]:
    grain = triangle.grain
    table = _table(triangle)
    sizes = [triangle.size(cohort) for cohort in triangle.cohorts]
    n_shown = sum(size for size in sizes if size is not None)
    caption = (
        f"n = {some(n_shown, 'users')} first seen in the {some(len(sizes), f'{grain}s')} shown, to "
        f"{Day()(facts.head.as_of)}, and in the segment at the end of that {grain}; who has left "
        "it since is followed too. "
        f"Each cell: users active in that {grain} / n of the cohort, in percent. "
        f"Hatched: the {grain} is not over; –: withheld, or nobody.{_left_out(triangle)}"
    )
    if not is_enough(n_shown, facts.overview.n_users):
        return [unfigured(table, caption=caption, reason=too_few("Retention"))]
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.curves import draw_curves  # noqa: PLC0415
    from segkit.views.figures.triangle import draw_triangle  # noqa: PLC0415

    panel = Panel(draw=lambda axes: draw_triangle(triangle, axes), height=len(sizes) * CELL_HEIGHT)
    longest = max(len(triangle.name(cohort)) for cohort in triangle.cohorts)
    left = round(longest * LETTER_WIDTH) + 8
    sheet = Sheet(
        panels=[panel],
        title=table.caption,
        words=_said(triangle),
        width=max(330, left + CELL_WIDTH * len(triangle.weeks) + 4),
        left=left,
        right=4,
        is_heat=True,
    )
    grid = figure(to_svg(sheet), table, caption=caption)
    average = [p for p in facts.behaviour.retention_average if p.low in triangle.weeks]
    if sum(point.share is not None for point in average) < LEAST_POINTS:
        return [grid]
    curves = Sheet(
        panels=[Panel(draw=lambda axes: draw_curves(triangle, average, axes), height=150)],
        title=f"Retention by {grain} since first seen",
        words=_said_of_all(average, grain),
        left=40,
        right=72,
        below=40,
    )
    shown = figure(
        to_svg(curves), _average_table(average, grain), caption=_curve_caption(grain, n_shown)
    )
    return [grid, shown]


def _left_out(triangle: Triangle) -> str:
    if not triangle.n_empty:
        return ""
    return f" Not shown: {some(triangle.n_empty, f'{triangle.grain}s')} before or after, of nobody."


def _said(triangle: Triangle) -> str:
    oldest = triangle.cohorts[0]
    row = [
        f"{triangle.grain} {k} {share(triangle.by_place[oldest, k].share)}"
        for k in triangle.weeks
        if not triangle.is_unfinished(oldest, k)
    ]
    return f"Oldest cohort, {triangle.period(oldest)}: {', '.join(row[:6])}."


def _said_of_all(average: Sequence[CurvePoint], grain: str) -> str:
    known = [f"{grain} {p.low} {share(p.share)}" for p in average if p.share is not None]
    return f"All cohorts together: {', '.join(known[:6])}."


def _curve_caption(grain: str, n_shown: int) -> str:
    return (
        f"n = {some(n_shown, 'users')}. Thin lines: one cohort each. Marked line: users active in "
        f"that {grain} / users of the cohorts for which it is over and shown. "
        "Gap: withheld, or not over."
    )


def _average_table(average: Sequence[CurvePoint], grain: str) -> Table:
    columns = [
        Column(f"{grain.capitalize()} since first seen", "number"),
        Column("Cohorts", "number"),
        Column("Users of the cohorts", "count"),
        Column("Active", "count"),
        Column("Share of these users", "share"),
    ]
    rows: list[list[Child]] = [
        [count(p.low), count(p.n_cohorts), count(p.n_eligible), count(p.n_retained), share(p.share)]
        for p in average
        if p.share is not None
    ]
    return Table(
        caption=f"Retention of all cohorts together, by {grain}", columns=columns, rows=rows
    )


def _table(triangle: Triangle) -> Table:
    grain = triangle.grain
    columns = [
        Column("First seen in" if grain == "month" else f"First seen in the {grain} of", "day"),
        Column("Cohort (users)", "count"),
        *(Column(f"Active in {grain} {k}: users (share)", "count") for k in triangle.weeks),
    ]
    rows: list[list[Child]] = [
        [
            triangle.period(cohort),
            number_cell(triangle.size(cohort)),
            *(_cell(triangle, cohort, k) for k in triangle.weeks),
        ]
        for cohort in triangle.cohorts
    ]
    caption = f"Retention of the segment by first-seen {grain}"
    return Table(caption=caption, columns=columns, rows=rows)


def _cell(triangle: Triangle, cohort: date, k: int) -> Child:
    if triangle.is_unfinished(cohort, k):
        return UNFINISHED
    cell = triangle.by_place[cohort, k]
    if cell.n_retained is None or cell.n_eligible is None:
        return WITHHELD
    if not cell.n_eligible:
        return MISSING
    return f"{count(cell.n_retained)} ({share(cell.share)})"
