"""Patterns on the plane of the two widest axes: where they lie, and how many sit between."""

from collections.abc import Mapping
from math import atan2, degrees, sqrt

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, Rectangle

from segkit.patterns.facts_plane import Between, Plane, Spot
from segkit.views.palette import INK, PATTERNS

WHITE = "#ffffff"
SPREAD = 1.5
"""Ellipses reach so many standard deviations: about two of three users."""
THINNEST, THICKEST = 1.0, 7.0
MARK = 15


def draw_plane(plane: Plane, axes: Axes, *, order: Mapping[str, int]) -> None:
    """Draw squares, ellipses with the patterns' numbers, and lines as wide as users between.

    `order` gives the place of each pattern, for colour and number.
    """
    axes.set_title("Where the patterns lie")
    width, height = plane.side
    for square in plane.squares:
        if square.pattern not in order:
            continue
        corner = (square.x - width / 2, square.y - height / 2)
        alpha = 0.34 if square.is_clear else 0.14
        axes.add_patch(
            Rectangle(
                corner, width, height, color=_colour(order, square.pattern), alpha=alpha, lw=0
            )
        )
    spots = {spot.pattern: spot for spot in plane.spots if spot.pattern in order}
    _draw_between(plane.between, spots, axes)
    for spot in spots.values():
        _draw_spot(spot, order, axes)
    xs = [square.x for square in plane.squares] + [spot.x for spot in spots.values()]
    ys = [square.y for square in plane.squares] + [spot.y for spot in spots.values()]
    axes.set_xlim(min(xs) - width, max(xs) + width)
    axes.set_ylim(min(ys) - height, max(ys) + height)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)


def _draw_between(pairs: tuple[Between, ...], spots: Mapping[str, Spot], axes: Axes) -> None:
    most = max((pair.n_users or 0 for pair in pairs), default=0)
    for pair in pairs:
        if not pair.n_users or pair.first not in spots or pair.second not in spots:
            continue
        one, other = spots[pair.first], spots[pair.second]
        line = THINNEST + (THICKEST - THINNEST) * pair.n_users / most
        axes.plot([one.x, other.x], [one.y, other.y], color=INK, alpha=0.3, linewidth=line)
        middle = (one.x + other.x) / 2, (one.y + other.y) / 2
        axes.text(*middle, f"{pair.n_users:,}", ha="center", va="center", fontsize=8)


def _draw_spot(spot: Spot, order: Mapping[str, int], axes: Axes) -> None:
    covariance = np.array([[spot.var_x, spot.cov_xy], [spot.cov_xy, spot.var_y]])
    values, vectors = np.linalg.eigh(covariance)
    minor, major = (2 * SPREAD * sqrt(max(float(v), 0.0)) for v in values)
    angle = degrees(atan2(float(vectors[1, 1]), float(vectors[0, 1])))
    colour = _colour(order, spot.pattern)
    ring = Ellipse(
        (spot.x, spot.y), major, minor, angle=angle, fill=False, edgecolor=colour, linewidth=1.6
    )
    axes.add_patch(ring)
    axes.plot([spot.x], [spot.y], "o", color=colour, markersize=MARK)
    axes.text(
        spot.x,
        spot.y,
        str(order[spot.pattern] + 1),
        ha="center",
        va="center_baseline",
        color=WHITE,
        weight="bold",
    )


def _colour(order: Mapping[str, int], pattern: str) -> str:
    return PATTERNS[order[pattern] % len(PATTERNS)]
