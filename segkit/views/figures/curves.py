"""Retention curves: the share of each cohort still active by its age, and of all together."""

from collections.abc import Sequence
from math import isnan, nan

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from segkit.measures.facts import CurvePoint
from segkit.views.palette import INK, SEGMENT
from segkit.views.triangle import Triangle

PALE = 0.35


def draw_curves(
    triangle: Triangle,
    average: Sequence[CurvePoint],
    axes: Axes,
    *,
    title: str = "Share still active, by age of the cohort",
    since: str = "first seen",
) -> None:
    """Draw a thin line a cohort and a marked one for all, from 0 to 100%; unknown is a gap."""
    ks = list(triangle.weeks)
    for cohort in triangle.cohorts:
        cells = [triangle.by_place.get((cohort, k)) for k in ks]
        shares = [_known(cell.share if cell else None) for cell in cells]
        axes.plot(ks, shares, color=INK, alpha=PALE, linewidth=0.9)
    shares = [_known(point.share) for point in average]
    axes.plot(ks, shares, color=SEGMENT, marker="o", linewidth=1.8)
    known = [k for k, share in zip(ks, shares, strict=True) if not isnan(share)]
    if known:
        axes.text(known[-1] + 0.25, shares[known[-1]], "all cohorts", va="center", ha="left")
    axes.set_title(title)
    axes.set_xlim(-0.3, max(ks) + 0.3)
    axes.set_ylim(0, 1.04)
    axes.set_xlabel(f"{triangle.grain.capitalize()}s since {since}")
    axes.set_ylabel("% of the cohort")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}"))
    axes.yaxis.grid(visible=True)


def _known(share: float | None) -> float:
    return nan if share is None else share
