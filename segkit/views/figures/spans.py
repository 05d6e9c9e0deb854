"""Times as spans: the median as a dot, the middle half of all as a line, the baseline as a tick."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from segkit.formats import Duration
from segkit.views.markup import shorten
from segkit.views.palette import BASELINE, SEGMENT

ROW_HEIGHT = 33
NAME_LENGTH = 44


@dataclass(frozen=True, kw_only=True)
class TimeSpan:
    """One row: its name, the quartiles and the median in seconds, the baseline's median or None."""

    name: str
    low_s: float
    median_s: float
    high_s: float
    baseline_s: float | None


def draw_spans(spans: Sequence[TimeSpan], axes: Axes, *, title: str) -> None:
    """Draw times on an axis of seconds from 0."""
    axes.set_title(title)
    ends = [s.high_s for s in spans] + [s.baseline_s or 0 for s in spans]
    axes.set_xlim(0, max([*ends, 1]) * 1.02)
    axes.set_ylim(len(spans) - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xlabel("Time from one to the next (s)", loc="left")
    axes.xaxis.grid(visible=True)
    for at, span in enumerate(spans):
        axes.text(0, at - 0.12, shorten(span.name, NAME_LENGTH), va="bottom", ha="left")
        middle = at + 0.16
        axes.plot([span.low_s, span.high_s], [middle, middle], color=SEGMENT, linewidth=3)
        axes.plot([span.median_s], [middle], color=SEGMENT, marker="o", markersize=7)
        if span.baseline_s is not None:
            ends_of_tick = [middle - 0.13, middle + 0.2]
            axes.plot([span.baseline_s] * 2, ends_of_tick, color=BASELINE, linewidth=2.4)
        axes.text(
            1.03,
            middle,
            Duration()(span.median_s),
            va="center",
            ha="left",
            transform=axes.get_yaxis_transform(),
        )


def describe_spans(spans: Sequence[TimeSpan]) -> str:
    """Give the first medians in words."""
    return "; ".join(f"{span.name} {Duration()(span.median_s)}" for span in spans[:6])
