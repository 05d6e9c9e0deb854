"""Effects with their 95% intervals on one scale, strongest first; 0 is the baseline."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from segkit.compare.effect_words import THRESHOLDS, EffectKind
from segkit.views.figures.bars import NAME_LENGTH
from segkit.views.markup import shorten
from segkit.views.palette import BASELINE, INK, SEGMENT

LEAST_SPAN = 2.5


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One row: name, effect with its bounds in its own kind, and the two values in words."""

    name: str
    kind: EffectKind
    effect: float
    low: float | None
    high: float | None
    label: str

    def scaled(self, effect: float) -> float:
        """Give an effect in multiples of what its kind calls small."""
        return effect / THRESHOLDS[self.kind][0]


def draw_forest(rows: Sequence[Effect], axes: Axes, *, title: str) -> None:
    """Draw one point and interval a row; more than the baseline lies right, less lies left."""
    reach = max([LEAST_SPAN, *(abs(row.scaled(row.effect)) + 0.6 for row in rows)])
    axes.set_title(shorten(title, NAME_LENGTH + 16))
    axes.set_xlim(-reach, reach)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    step = 1 if reach <= 4 else 2 if reach <= 8 else 4  # noqa: PLR2004  few ticks
    ticks = [at for at in range(-int(reach), int(reach) + 1) if at % step == 0]
    axes.set_xticks(ticks, [f"{at:+d}".replace("-", "−") if at else "0" for at in ticks])
    axes.set_xlabel("Less ◂ effect, in multiples of a small one ▸ more", loc="center")
    axes.xaxis.grid(visible=True)
    axes.axvspan(-1, 1, color=INK, alpha=0.06, linewidth=0)
    axes.axvline(0, color=INK, linewidth=1.2)
    for at, row in enumerate(rows):
        _draw_effect(row, at, axes, reach)


def _draw_effect(row: Effect, at: int, axes: Axes, reach: float) -> None:
    middle, value = at + 0.16, row.scaled(row.effect)
    colour, marker = (SEGMENT, "o") if value > 0 else (BASELINE, "s")
    axes.text(-reach, at - 0.1, shorten(row.name, NAME_LENGTH), va="bottom", ha="left")
    if row.low is not None and row.high is not None:
        ends = [max(-reach, min(reach, row.scaled(end))) for end in (row.low, row.high)]
        axes.plot(ends, [middle, middle], color=colour, linewidth=2, solid_capstyle="butt")
    axes.plot([value], [middle], marker, color=colour, markersize=6)
    axes.text(reach * 1.03, middle, row.label, va="center", ha="left")


def describe_forest(rows: Sequence[Effect]) -> str:
    """Give the first effects in words."""
    named = (f"{shorten(row.name, NAME_LENGTH)} {row.label}" for row in rows[:5])
    return "; ".join(named)
