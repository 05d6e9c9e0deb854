"""Visits by hour and weekday."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from segkit.measures.facts import HourCell
from segkit.views.figures.heat import draw_cell, frame

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = range(24)


def draw_hours(cells: Sequence[HourCell], axes: Axes, *, timezone: str) -> None:
    """Draw 7 × 24 cells, Monday first, from 0 (pale) to the busiest hour (deep)."""
    found = {(cell.weekday, cell.hour): cell.n_visits for cell in cells}
    most = max((n for n in found.values() if n is not None), default=0)
    axes.set_title("Visits by hour and weekday")
    frame(axes, [f"{hour:02d}" for hour in HOURS], WEEKDAYS, every=3)
    axes.set_xlabel(f"Hour at which the visit began ({timezone})", loc="left")
    for weekday in range(1, 8):
        for hour in HOURS:
            n = found.get((weekday, hour))
            draw_cell(axes, (hour, weekday - 1), None if n is None else n / max(most, 1))
