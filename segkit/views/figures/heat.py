"""Heat maps: a deeper cell holds more; one without a value is blank and hatched, zero never is."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from segkit.views.figures.canvas import put_box
from segkit.views.palette import INK, heat, heat_ink, legible

CELL = 0.94


def draw_cell(
    axes: Axes, place: tuple[float, float], weight: float | None, label: str = ""
) -> None:
    """Draw one cell at (column, row); `weight` from 0 to 1, None for a cell without a value.

    A cell with a label takes a colour on which its label is legible.
    """
    if weight is not None and label:
        weight = legible(weight)
    column, row = place
    corner = (column - CELL / 2, row - CELL / 2)
    if weight is None:
        empty = Rectangle(corner, CELL, CELL, fill=False, edgecolor=INK, alpha=0.55, hatch="////")
        empty.set_linewidth(0.4)
        axes.add_artist(empty)
    else:
        put_box(axes, corner, CELL, CELL, color=heat(weight))
    if label:
        colour = INK if weight is None else heat_ink(weight)
        axes.text(column, row, label, ha="center", va="center_baseline", color=colour, fontsize=8.5)


def frame(axes: Axes, columns: Sequence[str], rows: Sequence[str], *, every: int = 1) -> None:
    """Set the axes of a heat map: columns from 0, rows from 0 downwards."""
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(range(0, len(columns), every), columns[::every])
    axes.set_yticks(range(len(rows)), rows)
    axes.spines["bottom"].set_visible(False)
