"""The RFM map: eleven named cells on the plane of recency against frequency and money."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from segkit.formats import MISSING, Share
from segkit.measures.value.scores import LEVELS, RULES, find_cell
from segkit.views.palette import INK, heat, heat_ink, legible

ROW_HEIGHT, COLUMN_WIDTH = 31, 70
ROWS = range(2, 2 * LEVELS + 1)
GAP = 0.025
LEAST_SHOWN = 0.005
_WRAPPED = {
    "Needs attention": "Needs\nattention",
    "About to sleep": "About\nto sleep",
    "Cannot lose": "Cannot\nlose",
    "Potential loyalists": "Potential loyalists",
}
_LABELS = {
    "champions": (4.5, 9.0),
    "loyal": (3.0, 8.5),
    "at_risk": (2.0, 8.0),
}
"""Where the label of a cell stands that is no rectangle, or whose middle is not the best place."""


@dataclass(frozen=True, kw_only=True)
class MapCell:
    """One cell: its share of buyers and of revenue; None is withheld or has nothing to share."""

    cell: str
    title: str
    share: float | None
    revenue_share: float | None


def draw_map(cells: Sequence[MapCell], axes: Axes) -> None:
    """Draw the cells, deeper for a larger share of buyers; a withheld one is hatched."""
    axes.set_title("Share of buyers and of their revenue")
    axes.set_xlim(0.5, LEVELS + 0.5)
    axes.set_ylim(ROWS[0] - 0.5, ROWS[-1] + 0.5)
    axes.set_xticks(range(1, LEVELS + 1), ["1\nlong ago", "2", "3", "4", "5\nlately"])
    axes.set_yticks([ROWS[0], 4, 6, 8, ROWS[-1]], ["2 low", "4", "6", "8", "10 high"])
    axes.set_xlabel("Recency score of the last order", loc="left")
    axes.set_ylabel("Frequency + money score")
    axes.spines["bottom"].set_visible(False)
    for cell in cells:
        _draw_cell(cell, axes)


def _draw_cell(cell: MapCell, axes: Axes) -> None:
    weight = None if cell.share is None else legible(sqrt(cell.share))
    for left, bottom, width, height in _pieces(cell.cell):
        box = Rectangle((left, bottom), width, height, edgecolor="none")
        if weight is None:
            box.set(fill=False, edgecolor=INK, alpha=0.55, hatch="////", linewidth=0)
        else:
            box.set_facecolor(heat(weight))
        axes.add_patch(box)
    x, y = _LABELS.get(cell.cell) or _middle(cell.cell)
    colour = INK if weight is None else heat_ink(weight)
    name = _WRAPPED.get(cell.title, cell.title)
    axes.text(x, y, f"{name}\n{_say(cell)}", ha="center", va="center", color=colour, fontsize=7.8)


def _say(cell: MapCell) -> str:
    if cell.share is None:
        return "withheld"
    return f"{_part(cell.share)} buyers\n{_part(cell.revenue_share)} revenue"


def _part(share: float | None) -> str:
    """Give a share without decimals; what would be shown as 0% and is not, as less than 1%."""
    if share is None:
        return MISSING
    return "<1%" if 0 < share < LEAST_SHOWN else Share(digits=0)(share)


def _pieces(cell: str) -> list[tuple[float, float, float, float]]:
    """Give the rectangles (left, bottom, width, height) that make up a cell, a gap around it."""
    pieces = []
    for r in range(1, LEVELS + 1):
        rows = [fm for fm in ROWS if _cell_at(r, fm) == cell]
        if not rows:
            continue
        left, right = (r - 0.5 + GAP, r + 0.5 - GAP)
        if any(_cell_at(r - 1, fm) == cell for fm in rows if r > 1):
            # Cells are wider than one column only where the shorter side is common to both.
            common = [fm for fm in rows if _cell_at(r - 1, fm) == cell]
            low, high = common[0] - 0.5 + GAP, common[-1] + 0.5 - GAP
            pieces.append((left - 3 * GAP, low, 4 * GAP, high - low))
        low, high = rows[0] - 0.5 + GAP, rows[-1] + 0.5 - GAP
        pieces.append((left, low, right - left, high - low))
    return pieces


def _cell_at(r: int, fm: int) -> str:
    f = max(1, fm - LEVELS)
    return find_cell(r, f, fm - f)


def _middle(cell: str) -> tuple[float, float]:
    rule = next(rule for rule in RULES if rule.cell == cell)
    return sum(rule.r) / 2, sum(rule.fm) / 2


def describe_map(cells: Sequence[MapCell]) -> str:
    """Give the largest cells in words."""
    known = sorted(
        (cell for cell in cells if cell.share), key=lambda cell: (-(cell.share or 0), cell.title)
    )
    return "; ".join(f"{cell.title}: {_say(cell)}".replace("\n", ", ") for cell in known[:5])
