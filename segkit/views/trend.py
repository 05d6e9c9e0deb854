"""The segment over time: how many users, how many active, who came and who went."""

from collections.abc import Sequence

from markupsafe import Markup

from segkit.compare.facts import OutlyingDay
from segkit.measures.facts import SegmentReportFacts, TrendRow
from segkit.views.breakdown import number_cell
from segkit.views.figure import figure, is_enough, too_few, unfigured
from segkit.views.fragment import Fragment, absent, gather
from segkit.views.markup import Child, tag
from segkit.views.outlying import RING, tell_outlying
from segkit.views.table import Column, Table
from segkit.views.words import some

PANEL_HEIGHT, LABEL_HEIGHT = 130, 14


def render_trend(facts: SegmentReportFacts, outlying: Sequence[OutlyingDay] = ()) -> Fragment:
    """Give size and active users as lines, who entered and left as bars; unfinished is marked.

    Days of `outlying` are told in sentences and ringed in the figure.
    """
    rows = facts.trend
    if not rows:
        return absent(facts, "There is no trend: no period ends before the report's day.")
    table = _table(rows)
    is_still = all(row.n_entered == 0 and row.n_left == 0 for row in rows)
    caption = (
        f"n = {some(facts.overview.n_users, 'users')} at the end of {facts.head.as_of}; "
        f"{some(len(rows), 'periods')}, {rows[0].start_on} to {rows[-1].end_on}. "
        "Circles: users in the segment; squares: active in the period. "
        "Hollow or hatched: the period is not over. Gap: withheld or unknown."
        f"{RING if outlying else ''}{' Nobody entered or left.' if is_still else ''}"
    )
    told = [tell_outlying(outlying)] if outlying else []
    sizes = [row.n_users for row in rows if row.n_users is not None]
    if not is_enough(max(sizes, default=None)):
        return gather([*told, unfigured(table, caption=caption, reason=too_few("Trend"))])
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.trend import draw_flow, draw_size, tick_room  # noqa: PLC0415

    panels = [Panel(draw=lambda axes: draw_size(rows, axes, outlying), height=PANEL_HEIGHT)]
    if not is_still:
        panels.append(Panel(draw=lambda axes: draw_flow(rows, axes), height=PANEL_HEIGHT))
    sheet = Sheet(
        panels=panels,
        title=table.caption,
        words=_said(rows),
        width=330,
        left=tick_room(rows) + LABEL_HEIGHT,
        right=66,
        below=32,
    )
    return gather([*told, figure(to_svg(sheet), table, caption=caption)])


def _said(rows: Sequence[TrendRow]) -> str:
    first, last = rows[0], rows[-1]
    ends = [f"{row.period}: {some(row.n_users, 'users')}" for row in (first, last)]
    return f"{'; '.join(ends)}."


def _table(rows: Sequence[TrendRow]) -> Table:
    columns = [
        Column("Period"),
        Column("First day", "day"),
        Column("Last day", "day"),
        Column("In segment (users)", "count"),
        Column("Universe (users)", "count"),
        Column("Active (users)", "count"),
        Column("Entered (users)", "count"),
        Column("Left (users)", "count"),
    ]
    cells: list[list[Child]] = [
        [
            row.period if row.is_complete else _unfinished(row.period),
            row.start_on.isoformat(),
            row.end_on.isoformat(),
            *map(
                number_cell, (row.n_users, row.n_universe, row.n_active, row.n_entered, row.n_left)
            ),
        ]
        for row in rows
    ]
    return Table(caption="Size and change of the segment by period", columns=columns, rows=cells)


def _unfinished(period: str) -> Markup:
    return tag("span", period, " ", tag("small", "not over"))
