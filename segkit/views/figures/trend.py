"""The segment over time: size and active users as lines, who entered and left as bars."""

from collections.abc import Sequence
from math import isnan, nan

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import offset_copy

from segkit.compare.facts import OutlyingDay
from segkit.measures.facts import TrendRow
from segkit.views.palette import BASELINE, ENTERED, INK, LEFT, SEGMENT

MOST_TICKS = 3
HEADROOM = 1.08
LETTER_WIDTH, TICK_GAP = 6.2, 8


def draw_size(rows: Sequence[TrendRow], axes: Axes, outlying: Sequence[OutlyingDay] = ()) -> None:
    """Draw size and active users from 0; a missing value is a gap, an unfinished period hollow.

    A ring stands around every day that lies out.
    """
    axes.set_title("Size and active users")
    _frame(rows, axes)
    _draw_line(rows, [row.n_users for row in rows], axes, style=(SEGMENT, "o", "in segment"))
    _draw_line(rows, [row.n_active for row in rows], axes, style=(BASELINE, "s", "active"))
    places = {row.start_on: at for at, row in enumerate(rows)}
    for one in outlying:
        draw_ring(places[one.day], one.value, axes)
    axes.set_ylim(0, max(1.0, axes.dataLim.y1 * HEADROOM if axes.dataLim.y1 > 0 else 1.0))
    axes.set_ylabel("users")


def draw_ring(at: float, value: float, axes: Axes) -> None:
    """Draw a ring around the mark of one day."""
    axes.plot(
        [at], [value], marker="o", markersize=11, markeredgewidth=1.6, fillstyle="none", color=INK
    )


def draw_flow(rows: Sequence[TrendRow], axes: Axes) -> None:
    """Draw who entered upwards and who left downwards from 0; an unfinished period is hatched."""
    axes.set_title("Entered (up) and left (down)")
    _frame(rows, axes)
    axes.axhline(0, color=INK, linewidth=0.8)
    for at, row in enumerate(rows):
        hatch = None if row.is_complete else "////"
        for n, sign, colour in ((row.n_entered, 1, ENTERED), (row.n_left, -1, LEFT)):
            if n is not None:
                face = colour if row.is_complete else "none"
                axes.bar(at, sign * n, width=0.7, facecolor=face, edgecolor=colour, hatch=hatch)
    if axes.dataLim.height == 0:
        axes.set_ylim(-1, 1)
    axes.spines["bottom"].set_visible(False)
    axes.set_ylabel("users")


def tick_room(rows: Sequence[TrendRow]) -> float:
    """Give the points that the longest tick label needs left of the axes, the same on both."""
    numbers = [n for row in rows for n in (row.n_users, row.n_active, row.n_entered, row.n_left)]
    largest = max((n for n in numbers if n is not None), default=0)
    return len(f"{largest * HEADROOM:,.0f}") * LETTER_WIDTH + TICK_GAP


def _frame(rows: Sequence[TrendRow], axes: Axes) -> None:
    every = -(-len(rows) // MOST_TICKS)
    places = range(0, len(rows), every)
    axes.set_xlim(-0.6, len(rows) - 0.4)
    axes.set_xticks(places, [rows[at].period for at in places])
    axes.tick_params(axis="x", pad=9)
    beside = offset_copy(
        axes.transAxes, fig=axes.get_figure(root=True), x=-tick_room(rows), units="points"
    )
    axes.yaxis.set_label_coords(0, 0.5, transform=beside)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(_spoken_tick))
    axes.yaxis.grid(visible=True)


def _spoken_tick(value: float, _at: int | None) -> str:
    return f"{abs(value):,.0f}"


def _draw_line(
    rows: Sequence[TrendRow],
    numbers: Sequence[int | None],
    axes: Axes,
    *,
    style: tuple[str, str, str],
) -> None:
    colour, marker, label = style
    values = [nan if n is None else float(n) for n in numbers]
    done = [value if row.is_complete else nan for value, row in zip(values, rows, strict=True)]
    axes.plot(values, color=colour, linestyle=":", linewidth=1.2)
    axes.plot(done, color=colour, marker=marker)
    for at, (row, value) in enumerate(zip(rows, values, strict=True)):
        if not row.is_complete:
            axes.plot([at], [value], marker=marker, color=colour, fillstyle="none", markersize=6)
    known = [at for at, value in enumerate(values) if not isnan(value)]
    if known:
        axes.text(known[-1] + 0.35, values[known[-1]], label, va="center", ha="left")
