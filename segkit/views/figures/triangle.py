"""Retention by first-seen week: a triangle whose missing corner is not over yet."""

from math import sqrt

from matplotlib.axes import Axes

from segkit.formats import MISSING
from segkit.views.figures.heat import draw_cell, frame
from segkit.views.triangle import Triangle


def draw_triangle(triangle: Triangle, axes: Axes) -> None:
    """Draw one row a cohort and one column a week; each cell says its share in percent."""
    cohorts, weeks, places = triangle.cohorts, triangle.weeks, triangle.by_place
    axes.set_title("Percent of each cohort active")
    frame(axes, [str(k) for k in weeks], [triangle.name(cohort) for cohort in cohorts])
    axes.set_xlabel(f"{triangle.grain.capitalize()}s since first seen", loc="left")
    for row, cohort in enumerate(cohorts):
        for k in weeks:
            value = None if triangle.is_unfinished(cohort, k) else places[cohort, k].share
            weight = None if value is None else sqrt(value)
            label = "" if triangle.is_unfinished(cohort, k) else MISSING
            draw_cell(axes, (k, row), weight, label if value is None else f"{value:.0%}"[:-1])
