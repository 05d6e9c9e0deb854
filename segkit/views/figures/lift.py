"""Lifts with their 95% intervals on a logarithmic axis; ×1 is the baseline."""

from collections.abc import Sequence
from math import ceil, floor, log2

from matplotlib.axes import Axes

from segkit.formats import Lift
from segkit.measures.facts import BreakdownRow
from segkit.views.figures.bars import NAME_LENGTH
from segkit.views.markup import shorten
from segkit.views.palette import INK, SEGMENT

LARGEST = 6
"""Intervals are drawn up to ×64 and down to ×1/64, as powers of two."""
SMALLEST_DECIMAL = -2
"""Ticks below ×0.25 are fractions, which are shorter."""
EDGE = 0.05
"""A label this near to the left edge, in parts of the axis, would be cut if it were centred."""


ONLY_HERE = "only here"
"""The lift of a value that nobody of the baseline has."""


def draw_lifts(rows: Sequence[BreakdownRow], axes: Axes, *, title: str) -> None:
    """Draw one point and interval a row; a value that nobody of the baseline has is an arrow."""
    low, high = _span(rows)
    axes.set_title(shorten(title, NAME_LENGTH))
    axes.set_xlim(low, high)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    ticks = [
        at for at in range(ceil(low), floor(high) + 1) if (at % 2 == 0 or high - low <= LARGEST)
    ]
    axes.set_xticks(ticks, [_spoken_tick(at) for at in ticks])
    for at, label in zip(ticks, axes.get_xticklabels(), strict=True):
        if at - low < (high - low) * EDGE:
            label.set_horizontalalignment("left")
    axes.set_xlabel("Lift: share in segment / share in baseline", loc="left")
    axes.xaxis.grid(visible=True)
    for at, row in enumerate(rows):
        _draw_lift(row, at, axes, (low, high))


def _spoken_tick(at: int) -> str:
    return f"×1/{2**-at}" if at < SMALLEST_DECIMAL else f"×{2.0**at:g}"


def _draw_lift(row: BreakdownRow, at: int, axes: Axes, span: tuple[float, float]) -> None:
    low, high = span
    axes.text(low, at - 0.12, shorten(row.value, NAME_LENGTH), va="bottom", ha="left")
    middle = at + 0.14
    axes.plot([0, 0], [middle - 0.26, middle + 0.3], color=INK, linewidth=1.2)
    if not row.lift:
        if _is_only_here(row):
            axes.plot([high], [middle], ">", color=SEGMENT, markersize=7, clip_on=False)
            axes.text(high + (high - low) * 0.035, middle, ONLY_HERE, va="center", ha="left")
        return
    if row.lift_low is not None and row.lift_high is not None:
        ends = [_place(row.lift_low, low, high), _place(row.lift_high, low, high)]
        axes.plot(ends, [middle, middle], color=SEGMENT, linewidth=2, solid_capstyle="butt")
    axes.plot(
        [_place(row.lift, low, high)], [middle], "o", color=SEGMENT, markersize=6, clip_on=False
    )
    axes.text(high + (high - low) * 0.025, middle, Lift()(row.lift), va="center", ha="left")


def _is_only_here(row: BreakdownRow) -> bool:
    return bool(row.n) and row.n_baseline == 0


def _place(lift: float, low: float, high: float) -> float:
    return min(high, max(low, log2(lift))) if lift > 0 else low


def _span(rows: Sequence[BreakdownRow]) -> tuple[float, float]:
    parts = [part for row in rows for part in (row.lift, row.lift_low, row.lift_high) if part]
    logs = [log2(part) for part in parts if part > 0]
    low, high = min([*logs, -1.0]), max([*logs, 1.0])
    return max(low - 0.2, -LARGEST), min(high + 0.2, LARGEST)


def describe_lifts(rows: Sequence[BreakdownRow]) -> str:
    """Give the first lifts in words."""
    said = (ONLY_HERE if _is_only_here(row) else Lift()(row.lift) for row in rows)
    named = (
        f"{shorten(row.value, NAME_LENGTH)} {text}" for row, text in zip(rows, said, strict=True)
    )
    return "; ".join(list(named)[:5])
