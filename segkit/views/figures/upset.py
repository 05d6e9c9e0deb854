"""Exact combinations of sets: one row a combination, a dot for every set in it, a bar of its users.

Rows rather than columns, so that forty combinations fit a phone: the page scrolls down anyway.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes

from segkit.compare.facts import Intersection, OverlapSegment
from segkit.views.markup import shorten
from segkit.views.palette import INK, SEGMENT
from segkit.views.words import count

ROW_HEIGHT = 17
NAME_LENGTH = 24
HEAD_HEIGHT = 124
COLUMN_WIDTH = 15.0


def draw_upset(
    rows: Sequence[Intersection], segments: Sequence[OverlapSegment], axes: Axes, *, width: float
) -> None:
    """Draw combinations as dots and bars; `width` is the width of the axes in points.

    A combination that is withheld has dots and no bar.
    """
    largest = max([row.n_users or 0 for row in rows], default=0) or 1
    room = COLUMN_WIDTH * len(segments)
    per_user = (width - room - 10) / largest
    axes.set_xlim(0, width)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    places = {s.segment: (i + 0.5) * COLUMN_WIDTH for i, s in enumerate(segments)}
    for s in segments:
        axes.text(places[s.segment] - 2, -0.8, shorten(s.title, NAME_LENGTH), rotation=50,
                  va="bottom", ha="left", fontsize=9, rotation_mode="anchor")  # fmt: skip
    for at, row in enumerate(rows):
        _draw_row(row, at, axes, places)
        if row.n_users is not None:
            axes.barh(at, row.n_users * per_user, left=room + 8, height=0.62, color=SEGMENT)
        end = room + 8 + (row.n_users or 0) * per_user
        said = "withheld" if row.n_users is None else count(row.n_users)
        axes.text(end + 4, at, said, va="center", ha="left", fontsize=9)


def _draw_row(row: Intersection, at: int, axes: Axes, places: dict[str, float]) -> None:
    inside = [places[name] for name in row.segments]
    outside = [place for name, place in places.items() if name not in row.segments]
    axes.plot(outside, [at] * len(outside), "o", color=INK, markersize=2.4, alpha=0.3)
    if len(inside) > 1:
        axes.plot([min(inside), max(inside)], [at, at], color=INK, linewidth=1.4)
    axes.plot(inside, [at] * len(inside), "o", color=INK, markersize=6)


def describe_upset(rows: Sequence[Intersection]) -> str:
    """Give the first combinations in words."""
    said = (f"{' and '.join(row.segments)}: {count(row.n_users)}" for row in rows[:5])
    return "; ".join(said)
