"""Shares as a heat map: rows and columns by name, percent in every cell that holds enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from matplotlib.axes import Axes

from segkit.formats import MISSING
from segkit.views.figures.heat import draw_cell, frame
from segkit.views.markup import shorten

NAME_LENGTH = 16
CELL_HEIGHT = 20
CELL_WIDTH = 25
LETTER, AXIS_HEIGHT = 4.7, 36
LEAST_SAID = 0.005


@dataclass(frozen=True, kw_only=True)
class ShareGrid:
    """What a heat map of shares shows; a share is 0 to 1, None where it is withheld."""

    title: str
    across: str
    rows: Sequence[str]
    columns: Sequence[str]
    shares: Sequence[Sequence[float | None]]

    @property
    def height(self) -> float:
        """The height of the cells, in points."""
        return len(self.rows) * CELL_HEIGHT

    @property
    def width(self) -> float:
        """The width of the cells, in points."""
        return len(self.columns) * CELL_WIDTH

    @property
    def below(self) -> float:
        """The room for the names of the columns, which stand upright, in points."""
        longest = max((len(shorten(name, NAME_LENGTH)) for name in self.columns), default=0)
        return AXIS_HEIGHT + longest * LETTER


def draw_shares(grid: ShareGrid, axes: Axes) -> None:
    """Draw one cell a share; below half a percent it says nothing, withheld it is hatched."""
    axes.set_title(grid.title)
    columns = [shorten(name, NAME_LENGTH) for name in grid.columns]
    frame(axes, columns, [shorten(name, NAME_LENGTH) for name in grid.rows])
    if any(not name.isdigit() for name in columns):
        axes.tick_params(axis="x", labelrotation=90)
    axes.set_xlabel(grid.across, loc="left")
    for row, shares in enumerate(grid.shares):
        for column, share in enumerate(shares):
            label = MISSING if share is None else f"{share:.0%}"[:-1]
            weight = None if share is None else sqrt(share)
            is_said = share is None or share >= LEAST_SAID
            draw_cell(axes, (column, row), weight, label if is_said else "")


def describe_shares(grid: ShareGrid) -> str:
    """Give the largest shares in words."""
    told = [
        (share, row, column)
        for row, shares in zip(grid.rows, grid.shares, strict=True)
        for column, share in zip(grid.columns, shares, strict=True)
        if share
    ]
    return "; ".join(f"{a} to {b} {s:.0%}" for s, a, b in sorted(told, reverse=True)[:6])
