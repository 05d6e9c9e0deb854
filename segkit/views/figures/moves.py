"""Patterns over time: shares window by window, and who went where since the last."""

from collections.abc import Sequence
from math import isnan, nan, sqrt

from matplotlib.axes import Axes

from segkit.formats import MISSING
from segkit.patterns.facts_later import Flows, Windows
from segkit.views.figures.heat import draw_cell, frame
from segkit.views.markup import shorten
from segkit.views.palette import PATTERNS

FLOW_CELL = 26
NAME_LENGTH = 20
APART = 0.045
HEADROOM = 1.12


def draw_windows(windows: Windows, axes: Axes, *, patterns: Sequence[str]) -> None:
    """Draw a line a pattern: its share of all users who came, window by window, from 0."""
    axes.set_title("Share of users who came, by window")
    ends = [row.last_on.isoformat() for row in windows.rows]
    axes.set_xlim(-0.2, len(ends) - 0.8)
    shown = sorted({0, len(ends) - 1})
    axes.set_xticks(shown, [f"to {ends[at]}" for at in shown])
    axes.get_xticklabels()[0].set_horizontalalignment("left")
    axes.get_xticklabels()[-1].set_horizontalalignment("right")
    lines = [(number, _line(windows, name)) for number, name in enumerate(patterns)]
    most = max((v for _, line in lines for v in line if not isnan(v)), default=0.0) or 1.0
    axes.set_ylim(0, most * HEADROOM)
    ticks = [0, most / 2, most]
    axes.set_yticks(ticks, [f"{tick:.0%}" for tick in ticks])
    axes.yaxis.grid(visible=True)
    placed: list[float] = []
    for number, line in sorted(lines, key=lambda pair: -pair[1][-1] if pair[1] else 0.0):
        colour = PATTERNS[number % len(PATTERNS)]
        axes.plot(line, color=colour, marker="o", markersize=4)
        if isnan(line[-1]):
            continue
        at = line[-1]
        while any(abs(at - other) < most * HEADROOM * APART for other in placed):
            at -= most * HEADROOM * APART / 2
        placed.append(at)
        axes.text(
            len(ends) - 1 + 0.12, at, str(number + 1), va="center", color=colour, weight="bold"
        )


def _line(windows: Windows, pattern: str) -> list[float]:
    if pattern not in windows.labels:
        return [nan] * len(windows.rows)
    place = windows.labels.index(pattern)
    shares = [row.shares[place] for row in windows.rows]
    return [nan if share is None else share for share in shares]


def draw_flows(flows: Flows, axes: Axes, *, heads: Sequence[str]) -> None:
    """Draw the users of each label before (rows) by their label now (columns), in percent."""
    axes.set_title("Before (row) to now (column), %")
    names = [
        f"{head}  {shorten(name, NAME_LENGTH)}" if head != name else shorten(name, NAME_LENGTH)
        for head, name in zip(heads, flows.names, strict=True)
    ]
    frame(axes, [shorten(head, 8) for head in heads], names)
    for label in axes.get_xticklabels():
        label.set_rotation(35)
        label.set_horizontalalignment("right")
    for at, (row, total) in enumerate(zip(flows.counts, flows.totals, strict=True)):
        for column, n in enumerate(row):
            if n is None or not total:
                text = MISSING if n is None else f"{n:,}"
                draw_cell(axes, (column, at), None if n is None else 0.0, text)
                continue
            draw_cell(axes, (column, at), sqrt(n / total), f"{n / total:.0%}"[:-1])
