"""Several segments over time: one line each with its name at the end.

Level shifts are uprights, days that lie out have a ring.
"""

from collections.abc import Sequence
from math import isnan, nan
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from segkit.compare.comparison import LineRow, SegmentLine
from segkit.measures.facts import ratio
from segkit.views.figures.trend import draw_ring
from segkit.views.palette import PATTERNS
from segkit.views.words import count

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
HEADROOM = 1.12
APART = 0.105
"""The part of the axes that one line of a name takes."""
NAME_LENGTH, NAME_LINES = 18, 3
MOST_NAMED = 3
"""With more lines, numbers stand beside them; the page has a key of their names."""
LETTER_WIDTH, TICK_GAP = 6.2, 8


def draw_lines(lines: Sequence[SegmentLine], measure: str, axes: Axes, *, title: str) -> None:
    """Draw one measure of all segments from 0; an unfinished period is hollow."""
    axes.set_title(title)
    rows = lines[0].rows
    places = sorted({0, len(rows) - 1})
    axes.set_xlim(-0.4, len(rows) - 0.6)
    axes.set_xticks(places, [rows[at].period for at in places])
    if len(places) > 1:
        axes.get_xticklabels()[0].set_horizontalalignment("left")
        axes.get_xticklabels()[-1].set_horizontalalignment("right")
    axes.yaxis.grid(visible=True)
    series = [[_value(row, measure) for row in line.rows] for line in lines]
    most = max((v for values in series for v in values if not isnan(v)), default=0.0) or 1.0
    axes.set_ylim(0, most * HEADROOM)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=measure == "n_users"))
    form = "{:,.0f}" if measure == "n_users" else "{:.0%}" if most > 0.04 else "{:.1%}"  # noqa: PLR2004  few ticks
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: form.format(value)))
    for number, (line, values) in enumerate(zip(lines, series, strict=True)):
        _draw(number, line, values, axes)
        _mark(number, line, measure, axes)
    _name(lines, series, most * HEADROOM, axes)


def _value(row: LineRow, measure: str) -> float:
    found = {
        "n_users": row.n_users,
        "share": ratio(row.n_users, row.n_universe),
        "active": ratio(row.n_active, row.n_users),
        "buyers": ratio(row.n_buyers, row.n_users),
    }[measure]
    return nan if found is None else float(found)


def _draw(number: int, line: SegmentLine, values: Sequence[float], axes: Axes) -> None:
    colour, marker = PATTERNS[number % len(PATTERNS)], MARKERS[number % len(MARKERS)]
    done = [v if row.is_complete else nan for v, row in zip(values, line.rows, strict=True)]
    axes.plot(values, color=colour, linestyle=":", linewidth=1.2)
    axes.plot(done, color=colour, marker=marker, markersize=4)
    for at, (row, value) in enumerate(zip(line.rows, values, strict=True)):
        if not row.is_complete:
            axes.plot([at], [value], marker=marker, color=colour, fillstyle="none", markersize=6)


def _mark(number: int, line: SegmentLine, measure: str, axes: Axes) -> None:
    colour = PATTERNS[number % len(PATTERNS)]
    places = {row.period: at for at, row in enumerate(line.rows)}
    for shift in line.shifts:
        if shift.measure == measure:
            at = places[shift.period] - 0.5
            axes.axvline(at, color=colour, linestyle="--", linewidth=1.4)
    days = {row.start_on: at for at, row in enumerate(line.rows)}
    for one in line.outlying:
        if one.measure == measure:
            draw_ring(days[one.day], one.value, axes)


def _name(
    lines: Sequence[SegmentLine], series: Sequence[Sequence[float]], most: float, axes: Axes
) -> None:
    """Write the segments' names beside their last values, none over another, none outside."""
    lasts = sorted(
        (next((v for v in reversed(values) if not isnan(v)), 0.0) / most, number)
        for number, values in enumerate(series)
        if any(not isnan(v) for v in values)
    )
    names = labels_of(lines)
    heights = [len(names[number]) * APART for _, number in lasts]
    for (_, number), middle in zip(lasts, spread([at for at, _ in lasts], heights), strict=True):
        axes.text(
            len(lines[number].rows) - 0.45, middle * most, "\n".join(names[number]),
            color=PATTERNS[number % len(PATTERNS)], va="center", ha="left", fontsize=9,
            weight="bold", linespacing=1.15,
        )  # fmt: skip


def spread(wished: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Give middles near those wished, from below, so that heights lie apart within 0 and 1.

    >>> [round(at, 2) for at in spread([0.5, 0.5, 0.98], [0.1, 0.1, 0.2])]
    [0.5, 0.6, 0.9]
    """
    placed, lowest = [], 0.0
    for at, height in zip(wished, heights, strict=True):
        placed.append(max(at, lowest + height / 2))
        lowest = placed[-1] + height / 2
    highest = 1.0
    for i in reversed(range(len(placed))):
        placed[i] = min(placed[i], highest - heights[i] / 2)
        highest = placed[i] - heights[i] / 2
    return placed


def labels_of(lines: Sequence[SegmentLine]) -> list[list[str]]:
    """Give what stands beside each line: its name, or its number where there are many."""
    if len(lines) > MOST_NAMED:
        return [[str(number + 1)] for number in range(len(lines))]
    return [name_lines(line.title) for line in lines]


def name_lines(title: str) -> list[str]:
    """Give a segment's title as short lines, at most three; an ellipsis stands for the rest.

    >>> name_lines("Live on the sale pages")
    ['Live on the sale', 'pages']
    """
    found = wrap(title, NAME_LENGTH) or [title]
    kept = found[:NAME_LINES]
    return kept if len(found) <= NAME_LINES else [*kept[:-1], f"{kept[-1][: NAME_LENGTH - 1]}…"]


def tick_room(lines: Sequence[SegmentLine]) -> float:
    """Give the points that the longest tick label needs left of the axes."""
    most = max((row.n_users or 0 for line in lines for row in line.rows), default=0)
    return max(len(f"{most * HEADROOM:,.0f}"), 4) * LETTER_WIDTH + TICK_GAP


def describe_lines(lines: Sequence[SegmentLine]) -> str:
    """Give the first and last size of the segments in words."""
    ends = (f"{line.title}: {count(line.rows[0].n_users)} to {count(line.rows[-1].n_users)} users"
            for line in lines[:5])  # fmt: skip
    return "; ".join(ends)
