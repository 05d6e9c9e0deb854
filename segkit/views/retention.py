"""Retention by first-seen week: who came back in which week, and which weeks are not over."""

from datetime import date

from segkit.formats import MISSING, Day
from segkit.measures.facts import SegmentReportFacts
from segkit.views.breakdown import number_cell
from segkit.views.figure import figure, is_enough, too_few, unfigured
from segkit.views.fragment import Fragment, absent, gather
from segkit.views.markup import WITHHELD, Child, tag
from segkit.views.table import Column, Table
from segkit.views.triangle import Triangle
from segkit.views.words import count, share, some

CELL_WIDTH, CELL_HEIGHT = 27, 21
UNFINISHED = tag("span", "not over", class_="sk-muted")


def render_retention(facts: SegmentReportFacts) -> Fragment:
    """Give the share of each cohort active k weeks on; a week not over is blank, never 0."""
    triangle = Triangle(facts.behaviour.retention)
    if not triangle.cells:
        return absent(facts, "The window holds no whole week in which users could be first seen.")
    table = _table(triangle)
    sizes = [triangle.size(cohort) for cohort in triangle.cohorts]
    n_shown = sum(size for size in sizes if size is not None)
    caption = (
        f"n = {some(n_shown, 'users')} first seen in the {some(len(sizes), 'weeks')} shown, of "
        f"{some(facts.overview.n_users, 'users')} in the segment, to {Day()(facts.head.as_of)}. "
        "Each cell: users active in that week / n of the cohort, in percent. "
        "Hatched: the week is not over; –: withheld, or nobody."
        ""
    )
    if not is_enough(n_shown, facts.overview.n_users):
        return gather([unfigured(table, caption=caption, reason=too_few("Retention"))])
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.triangle import draw_triangle  # noqa: PLC0415

    panel = Panel(draw=lambda axes: draw_triangle(triangle, axes), height=len(sizes) * CELL_HEIGHT)
    width = max(330, 134 + CELL_WIDTH * len(triangle.weeks))
    sheet = Sheet(
        panels=[panel], title=table.caption, words=_said(triangle), width=width, left=130, right=4
    )
    return gather([figure(to_svg(sheet), table, caption=caption)])


def _said(triangle: Triangle) -> str:
    oldest = triangle.cohorts[0]
    row = [
        f"week {k} {share(triangle.by_place[oldest, k].share)}"
        for k in triangle.weeks
        if not triangle.is_unfinished(oldest, k)
    ]
    return f"Oldest cohort, {Day()(oldest)}: {', '.join(row[:6])}."


def _table(triangle: Triangle) -> Table:
    columns = [
        Column("First seen in the week of", "day"),
        Column("Cohort (users)", "count"),
        *(Column(f"Active in week {k}: users (share)", "count") for k in triangle.weeks),
    ]
    rows: list[list[Child]] = [
        [
            Day()(cohort),
            number_cell(triangle.size(cohort)),
            *(_cell(triangle, cohort, k) for k in triangle.weeks),
        ]
        for cohort in triangle.cohorts
    ]
    return Table(caption="Retention of the segment by first-seen week", columns=columns, rows=rows)


def _cell(triangle: Triangle, cohort: date, k: int) -> Child:
    if triangle.is_unfinished(cohort, k):
        return UNFINISHED
    cell = triangle.by_place[cohort, k]
    if cell.n_retained is None or cell.n_eligible is None:
        return WITHHELD
    if not cell.n_eligible:
        return MISSING
    return f"{count(cell.n_retained)} ({share(cell.share)})"
