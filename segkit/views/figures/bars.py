"""Shares as bars: one row a value, the baseline as a tall tick, the interval below the bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup
from matplotlib.axes import Axes

from segkit.measures.facts import Breakdown, FunnelStep, ratio
from segkit.views.figures.canvas import Panel, Sheet, put_box, put_line, to_svg
from segkit.views.markup import shorten
from segkit.views.palette import BASELINE, INK, SEGMENT
from segkit.views.words import share

ROW_HEIGHT = 35
NAME_LENGTH = 42
KEPT = 64
"""Pictures kept: those of about three reports."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One row: name, share (None is a gap), the baseline's share, the words beside it, interval."""

    name: str
    value: float | None
    baseline: float | None
    label: str
    low: float | None = None
    high: float | None = None


def breakdown_bars(breakdown: Breakdown, *, has_baseline: bool, most: int = 10) -> list[Bar]:
    """Give the first rows of a breakdown as bars.

    The interval is that of the lift, set around the segment's share at the baseline's scale.
    """
    return [
        Bar(
            name=row.value,
            value=row.share,
            baseline=row.baseline_share if has_baseline else None,
            label=share(row.share) if row.share is not None else "withheld",
            low=_times(row.lift_low, row.baseline_share) if has_baseline else None,
            high=_times(row.lift_high, row.baseline_share) if has_baseline else None,
        )
        for row in breakdown.rows[:most]
    ]


def _times(lift: float | None, baseline: float | None) -> float | None:
    return None if lift is None or baseline is None else min(1.0, lift * baseline)


def funnel_bars(steps: Sequence[FunnelStep], *, has_baseline: bool) -> list[Bar]:
    """Give the steps of a funnel as bars: users who reached the step / users of the first step."""
    first = steps[0]
    return [
        Bar(
            name=f"{step.step}. {step.event}",
            value=ratio(step.n_users, first.n_users),
            baseline=ratio(step.n_baseline, first.n_baseline) if has_baseline else None,
            label=share(ratio(step.n_users, first.n_users))
            if step.n_users is not None
            else "withheld",
        )
        for step in steps
    ]


def draw_bars(bars: Sequence[Bar], axes: Axes, *, title: str, quantity: str) -> None:
    """Draw shares of one whole on axes from 0 to 100%; `quantity` names share and denominator."""
    axes.set_title(shorten(title, NAME_LENGTH))
    axes.set_xlim(0, 1)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100%"])
    axes.get_xticklabels()[0].set_horizontalalignment("left")
    axes.set_xlabel(quantity, loc="left")
    axes.xaxis.grid(visible=True)
    for at, bar in enumerate(bars):
        _draw_bar(bar, at, axes)


def _draw_bar(bar: Bar, at: int, axes: Axes) -> None:
    axes.text(0, at - 0.12, shorten(bar.name, NAME_LENGTH), va="bottom", ha="left")
    middle = at + 0.12
    if bar.value is not None:
        put_box(axes, (0, middle - 0.12), bar.value, 0.24, color=SEGMENT)
    if bar.low is not None and bar.high is not None:
        _draw_interval(bar.low, bar.high, middle + 0.22, axes)
    if bar.baseline is not None:
        ends = [middle - 0.17, middle + 0.2]
        put_line(axes, [bar.baseline] * 2, ends, color=BASELINE, linewidth=2.4)
    axes.text(1.03, middle, bar.label, va="center", ha="left")


def _draw_interval(low: float, high: float, at: float, axes: Axes) -> None:
    put_line(axes, [low, high], [at, at], color=INK, linewidth=1)
    for end in (low, high):
        put_line(axes, [end, end], [at - 0.06, at + 0.06], color=INK, linewidth=1)


@lru_cache(maxsize=KEPT)
def render_bars(bars: tuple[Bar, ...], *, title: str, quantity: str, subject: str) -> Markup:
    """Give the picture of shares; the same shares asked for again are not drawn anew.

    A report of which only the window changes keeps its labels: drawing them takes longest.
    `subject` names the picture for who cannot see it.
    """
    panel = Panel(
        draw=lambda axes: draw_bars(bars, axes, title=title, quantity=quantity),
        height=len(bars) * ROW_HEIGHT,
    )
    return to_svg(Sheet(panels=[panel], title=subject, words=describe_bars(bars)))


def describe_bars(bars: Sequence[Bar]) -> str:
    """Give the first bars in words."""
    said = [
        f"{shorten(bar.name, NAME_LENGTH)} {bar.label}"
        + (f" (baseline {share(bar.baseline)})" if bar.baseline is not None else "")
        for bar in bars[:5]
    ]
    return "; ".join(said)
