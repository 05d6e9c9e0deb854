"""When the segment comes: hours and weekdays."""

from collections.abc import Sequence

from segkit.measures.facts import HourCell, SegmentReportFacts
from segkit.views.breakdown import number_cell
from segkit.views.figure import figure, is_enough, too_few, unfigured
from segkit.views.fragment import Fragment, absent, gather, note
from segkit.views.markup import Child
from segkit.views.table import Column, Table
from segkit.views.words import count, some, window

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CELL_HEIGHT = 19
DAYS_ALONE = "Every visit begins at midnight: the data tell days, but no time of day."


def render_when(facts: SegmentReportFacts) -> Fragment:
    """Give the heat map of visits by hour and weekday, in local time; weekdays alone without."""
    cells, head = facts.behaviour.hours, facts.head
    if not cells:
        return absent(facts, "There were no visits in this window.")
    if _has_days_alone(cells):
        return gather([note(DAYS_ALONE), _weekdays(facts).block()])
    table = _table(facts)
    known = [cell.n_visits for cell in cells if cell.n_visits is not None]
    busiest = max(cells, key=lambda cell: cell.n_visits or 0)
    caption = (
        f"n = {some(facts.overview.n_users, 'users')}; {window(head)}. "
        f"The more a cell stands out, the more visits: from 0 to {count(max(known, default=0))} "
        "in one hour of the week over the window. Hatched: withheld."
    )
    if not is_enough(facts.overview.n_users):
        return gather([unfigured(table, caption=caption, reason=too_few("Hours and weekdays"))])
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.hours import draw_hours  # noqa: PLC0415

    panel = Panel(
        draw=lambda axes: draw_hours(cells, axes, timezone=head.timezone), height=7 * CELL_HEIGHT
    )
    sheet = Sheet(
        panels=[panel],
        title=table.caption,
        words=_busiest(busiest),
        width=330,
        left=34,
        right=2,
        is_heat=True,
    )
    return gather([figure(to_svg(sheet), table, caption=caption)])


def _has_days_alone(cells: Sequence[HourCell]) -> bool:
    """Say whether every visit began in the first hour of its day: then no hours are known."""
    some_visits = any(cell.n_visits for cell in cells if not cell.hour)
    return some_visits and all(cell.n_visits == 0 for cell in cells if cell.hour)


def _weekdays(facts: SegmentReportFacts) -> Table:
    found = {cell.weekday: cell.n_visits for cell in facts.behaviour.hours if not cell.hour}
    rows: list[list[Child]] = [
        [name, number_cell(found.get(day))] for day, name in enumerate(WEEKDAYS, start=1)
    ]
    caption = f"Visits of the segment by weekday, {window(facts.head)}"
    return Table(caption=caption, columns=[Column("Weekday"), Column("Visits", "count")], rows=rows)


def _busiest(cell: HourCell) -> str:
    when = f"{WEEKDAYS[cell.weekday - 1]} {cell.hour:02d}:00 to {cell.hour:02d}:59"
    return f"Busiest: {when} with {some(cell.n_visits, 'visits')}."


def _table(facts: SegmentReportFacts) -> Table:
    found = {(cell.weekday, cell.hour): cell.n_visits for cell in facts.behaviour.hours}
    rows: list[list[Child]] = [
        [f"{hour:02d}:00", *(number_cell(found.get((day, hour))) for day in range(1, 8))]
        for hour in range(24)
    ]
    columns = [Column(f"Hour ({facts.head.timezone})"), *(Column(day, "count") for day in WEEKDAYS)]
    return Table(caption="Visits of the segment by hour and weekday", columns=columns, rows=rows)
