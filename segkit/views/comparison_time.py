"""Segments over time: lines of size, share and rates; shifts and outlying days also in words."""

from collections.abc import Sequence

from segkit.compare.comparison import ComparisonHead, LineRow, SegmentLine, Shift
from segkit.compare.shifts import LEAST_DAYS, LEAST_PERIODS
from segkit.measures.facts import ratio
from segkit.views.breakdown import number_cell
from segkit.views.figure import figure, is_enough, too_few, unfigured
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import WITHHELD, Block, Child, stack, tag
from segkit.views.outlying import RING, outlying_sentences
from segkit.views.pattern_key import dot
from segkit.views.table import Column, Table
from segkit.views.words import count, share, some

TITLES = {
    "n_users": "Size at the end of the period (users)",
    "share": "Share of the universe (%)",
    "active": "Members who came in the period (%)",
    "buyers": "Members who ordered in the period (%)",
}
_SAID = {
    "n_users": "the size",
    "active": "the share of members who came in a period",
    "buyers": "the share of members who ordered in a period",
}
PANEL_HEIGHT = 120
LABEL_WIDTH = 6.0
MOST_NAMED = 3
"""With more segments the lines carry numbers, and a key tells their names."""


def render_over_time(head: ComparisonHead, lines: Sequence[SegmentLine]) -> Fragment:
    """Give the lines of all segments, what stepped to another level, and the table."""
    shown = [line for line in lines if line.rows]
    if not shown:
        return gather(
            [note("There are no lines: no period ends in the window, or all is withheld.")]
        )
    return gather([_shifts(shown), *_outlying(shown), *_figure(head, shown)])


def _key(lines: Sequence[SegmentLine]) -> Block:
    """Give the legend of many lines: number, colour and name."""
    items = [tag("li", dot(i), tag("span", line.title)) for i, line in enumerate(lines)]
    text = "; ".join(f"{i + 1} = {line.title}" for i, line in enumerate(lines))
    return Block(html=tag("ul", *items, class_="sk-patterns"), text=text)


def _shifts(lines: Sequence[SegmentLine]) -> Block:
    said = [_tell(line, shift) for line in lines for shift in line.shifts]
    looked = [line for line in lines if line.n_periods]
    if not looked:
        return note(
            f"Level shifts are not looked for: that takes {LEAST_PERIODS} complete weeks or "
            f"months, or {LEAST_DAYS} days, none of them withheld."
        )
    if not said:
        return note("No level shift: what goes up and down here is not more than chance explains.")
    html = tag("ul", *(tag("li", sentence) for sentence in said), class_="sk-notes")
    return Block(html=html, text="\n".join(f"- {sentence}" for sentence in said))


def _outlying(lines: Sequence[SegmentLine]) -> list[Block]:
    """Say which days lie out; nothing where periods are longer than days."""
    said = [s for line in lines for s in outlying_sentences(line.outlying, of=line.title)]
    if said:
        html = tag("ul", *(tag("li", sentence) for sentence in said), class_="sk-notes")
        return [Block(html=html, text="\n".join(f"- {sentence}" for sentence in said))]
    if any(line.n_days for line in lines):
        return [note("No single day lies out by more than chance explains.")]
    return []


def _tell(line: SegmentLine, shift: Shift) -> str:
    verb = "rose" if shift.after > shift.before else "fell"
    before, after = (_level(shift.measure, v) for v in (shift.before, shift.after))
    return (
        f"{line.title}: {_SAID[shift.measure]} {verb} with {shift.period} from {before} to {after} "
        "(medians of the periods before and since) and stayed there."
    )


def _level(measure: str, value: float) -> str:
    return some(round(value), "users") if measure == "n_users" else share(value)


def measures_of(lines: Sequence[SegmentLine]) -> list[str]:
    """Give the measures of which any line knows anything."""
    return [
        name
        for name in TITLES
        if any(row.value(name) is not None for line in lines for row in line.rows)
    ]


def _figure(head: ComparisonHead, lines: Sequence[SegmentLine]) -> list[Block]:
    rows = lines[0].rows
    table = _table(lines)
    caption = (
        f"n at the end of {head.as_of}: "
        f"{', '.join(f'{line.title} {_last(line)}' for line in lines)}; "
        f"{some(len(rows), 'periods')}, {rows[0].start_on} to {rows[-1].end_on}. Came and ordered: "
        "of the members at the period's end. Hollow: the period is not over. Dashed upright line: "
        f"a level shift.{RING if any(line.outlying for line in lines) else ''} "
        "Gap: withheld or unknown."
    )
    sizes = [row.n_users for line in lines for row in line.rows if row.n_users is not None]
    if not is_enough(max(sizes, default=None)):
        return [unfigured(table, caption=caption, reason=too_few("Lines"))]
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.segment_lines import (  # noqa: PLC0415
        describe_lines,
        draw_lines,
        labels_of,
        tick_room,
    )

    names = measures_of(lines)

    def panel(name: str) -> Panel:
        return Panel(
            draw=lambda axes: draw_lines(lines, name, axes, title=TITLES[name]), height=PANEL_HEIGHT
        )

    longest = max(len(part) for label in labels_of(lines) for part in label)
    sheet = Sheet(
        panels=[panel(name) for name in names],
        title=table.caption,
        words=describe_lines(lines),
        left=tick_room(lines),
        right=longest * LABEL_WIDTH + 12,
        below=30,
    )
    key = [_key(lines)] if len(lines) > MOST_NAMED else []
    return [*key, figure(to_svg(sheet), table, caption=caption)]


def _last(line: SegmentLine) -> str:
    return "withheld" if line.rows[-1].n_users is None else count(line.rows[-1].n_users)


def _table(lines: Sequence[SegmentLine]) -> Table:
    columns = [
        Column("Segment"),
        Column("Period"),
        Column("First day", "day"),
        Column("Last day", "day"),
        Column("In segment (users)", "count"),
        Column("Share of its universe", "share"),
        Column("Came (share of members)", "share"),
        Column("Ordered (share of members)", "share"),
    ]
    rows = [_cells(line, row) for line in lines for row in line.rows]
    return Table(
        caption="Segments by period: size, share and rates",
        columns=columns,
        rows=rows,
        is_live=True,
    )


def _cells(line: SegmentLine, row: LineRow) -> list[Child]:
    period = row.period if row.is_complete else f"{row.period} (not over)"
    return [
        line.title,
        period,
        row.start_on.isoformat(),
        row.end_on.isoformat(),
        number_cell(row.n_users),
        _part(row.n_users, row.n_universe),
        _part(row.n_active, row.n_users),
        _part(row.n_buyers, row.n_users),
    ]


def _part(n: int | None, whole: int | None) -> Child:
    if n is None or whole is None:
        return WITHHELD
    return stack(share(ratio(n, whole)), f"{count(n)} / {count(whole)}", joint=" = ")
