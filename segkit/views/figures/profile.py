"""Features by pattern: as a heat map of lifts with the values in it, or strip by strip."""

from collections.abc import Sequence
from math import log2

from matplotlib.axes import Axes

from segkit.formats import MISSING, Lift
from segkit.patterns.facts import ProfileCell, ProfileRow
from segkit.views.figures.heat import draw_cell, frame
from segkit.views.markup import shorten
from segkit.views.palette import PATTERNS
from segkit.views.pattern_words import name_feature, say_value

CELL_HEIGHT = 31
NAME_LENGTH = 22
DOUBLINGS = 3.0
"""Lifts from ×1/8 to ×8 take the whole range of the heat."""
STRIP_ROW = 19


def draw_profile(
    rows: Sequence[ProfileRow], axes: Axes, *, numbers: Sequence[int], kind: str
) -> None:
    """Draw a row a feature, a column a pattern: mean and lift in the cell, colour by lift."""
    axes.set_title("Mean and lift by pattern")
    names = [shorten(name_feature(r.block, r.column, kind), NAME_LENGTH) for r in rows]
    frame(axes, [str(n) for n in numbers], names)
    axes.set_xlabel("Pattern", loc="left")
    for at, row in enumerate(rows):
        for column, cell in enumerate(row.cells):
            draw_cell(axes, (column, at), weigh(cell), _label(row.block, cell))


def weigh(cell: ProfileCell) -> float | None:
    """Give the heat of a cell, 0 to 1: ×1 in the middle; None without a mean."""
    if cell.mean is None:
        return None
    if cell.lift is None:
        return 1.0 if cell.mean > 0 else 0.5
    if cell.lift <= 0:
        return 0.0
    return min(1.0, max(0.0, 0.5 + log2(cell.lift) / (2 * DOUBLINGS)))


def _label(block: str, cell: ProfileCell) -> str:
    if cell.mean is None:
        return MISSING
    lift = "" if cell.lift is None else f"\n{Lift(digits=1)(cell.lift)}"
    return f"{say_value(block, cell.mean)}{lift}"


def draw_strip(row: ProfileRow, axes: Axes, *, numbers: Sequence[int], kind: str) -> None:
    """Draw one feature: a point and its 95% interval a pattern, from 0."""
    axes.set_title(shorten(name_feature(row.block, row.column, kind), 40))
    known = [cell for cell in row.cells if cell.high is not None]
    most = max((cell.high or 0.0 for cell in known), default=0.0) or 1.0
    axes.set_xlim(0, most * 1.05)
    axes.set_ylim(len(row.cells) - 0.5, -0.5)
    axes.set_yticks(range(len(row.cells)), [str(n) for n in numbers])
    ticks = [0, most / 2, most]
    axes.set_xticks(ticks, [say_value(row.block, tick) for tick in ticks])
    axes.get_xticklabels()[0].set_horizontalalignment("left")
    axes.xaxis.grid(visible=True)
    for at, cell in enumerate(row.cells):
        colour = PATTERNS[(numbers[at] - 1) % len(PATTERNS)]
        if cell.mean is None or cell.low is None or cell.high is None:
            axes.text(0, at, " withheld", va="center", ha="left", fontsize=8)
            continue
        axes.plot([cell.low, cell.high], [at, at], color=colour, linewidth=2)
        axes.plot([cell.mean], [at], "o", color=colour, markersize=6, clip_on=False)
        label = say_value(row.block, cell.mean)
        axes.text(most * 1.09, at, label, va="center", ha="left")
