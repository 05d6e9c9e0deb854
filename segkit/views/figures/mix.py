"""The two parts of a change as bars from 0: who is in, and what they do; one row a label."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from segkit.compare.comparison import RateChange
from segkit.compare.mix import Mix
from segkit.views.markup import shorten
from segkit.views.palette import BASELINE, INK, SEGMENT

NAME_LENGTH = 34
LEAST_REACH = 0.005
_HATCH = "////"


def reach_of(changes: Sequence[RateChange], most: int) -> float:
    """Give how far the axes reach to both sides, so that no bar and no label leaves them."""
    parts = [part for change in changes for part in change.parts[:most]]
    return max([LEAST_REACH, *(max(abs(p.mix), abs(p.behaviour)) for p in parts)]) * 1.45


def draw_mix(parts: Sequence[Mix], axes: Axes, *, title: str, reach: float) -> None:
    """Draw mix above behaviour for each label, in points, on one scale to both sides."""
    axes.set_title(title)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(len(parts) - 0.4, -0.6)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, symmetric=True))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value * 100:+.3g}".replace("-", "−") if value else "0")
    )
    axes.xaxis.grid(visible=True)
    axes.set_xlabel("Points. Full bar: mix, hatched: behaviour", loc="left")
    axes.axvline(0, color=INK, linewidth=1)
    for at, part in enumerate(parts):
        axes.text(
            -reach, at - 0.26, shorten(f"by {part.title}", NAME_LENGTH), va="bottom", ha="left"
        )
        _bar(part.mix, at - 0.06, axes, is_mix=True)
        _bar(part.behaviour, at + 0.22, axes, is_mix=False)


def _bar(value: float, at: float, axes: Axes, *, is_mix: bool) -> None:
    if is_mix:
        axes.barh(at, value, height=0.22, color=SEGMENT)
    else:
        axes.barh(
            at, value, height=0.22, facecolor="none", edgecolor=BASELINE, hatch=_HATCH, linewidth=1
        )
    side = "left" if value >= 0 else "right"
    axes.annotate(
        _points(value * 100), (value, at), xytext=(3 if value >= 0 else -3, 0),
        textcoords="offset points", va="center", ha=side, fontsize=8.5,
    )  # fmt: skip


def _points(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−") if abs(value) >= 0.05 else "0"  # noqa: PLR2004  no sign


def describe_mix(changes: Sequence[RateChange]) -> str:
    """Give the first changes with their strongest split in words."""
    said = [
        f"{change.title} {_points(100 * (change.change or 0))} points: by "
        f"{change.parts[0].title} {_points(100 * change.parts[0].mix)} mix and "
        f"{_points(100 * change.parts[0].behaviour)} behaviour"
        for change in changes[:4]
    ]
    return "; ".join(said)
