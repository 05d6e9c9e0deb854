"""Draw a course of numbers as small as a word: one line from 0, the last point marked."""

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from segkit.views.markup import tag
from segkit.views.words import count

WIDTH, HEIGHT, EDGE = 96, 26, 3
_MOST_SAID = 2


def draw_spark(numbers: Sequence[int | None], *, words: str) -> Markup:
    """Give a course as inline SVG in the ink of the text; what is withheld is a gap.

    `words` say what is counted and when; the ends, the least and the most are added for who cannot
    see it. Empty with fewer than two known numbers.
    """
    known = [n for n in numbers if n is not None]
    if len(known) < _MOST_SAID:
        return Markup("")
    top = max(*known, 1)
    across = (WIDTH - 2 * EDGE) / max(len(numbers) - 1, 1)
    points = [
        (None if n is None else (EDGE + at * across, EDGE + (HEIGHT - 2 * EDGE) * (1 - n / top)))
        for at, n in enumerate(numbers)
    ]
    lines = [
        tag("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in run), fill="none",
            stroke="currentColor", style="stroke-width:1.5")
        for run in _runs(points)
    ]  # fmt: skip
    last = [point for point in points if point is not None][-1]
    dot = tag("circle", cx=f"{last[0]:.1f}", cy=f"{last[1]:.1f}", r="2.5", fill="currentColor")
    said = (
        f"{words}: {count(known[0])} to {count(known[-1])}, "
        f"lowest {count(min(known))}, highest {count(max(known))}"
    )
    return tag(
        "svg", tag("title", said), *lines, dot,
        viewBox=f"0 0 {WIDTH} {HEIGHT}", width=WIDTH, height=HEIGHT, class_="sk-spark",
        role="img", aria_label=said,
    )  # fmt: skip


def _runs(
    points: Sequence[tuple[float, float] | None],
) -> list[list[tuple[float, float]]]:
    """Give the stretches without a gap."""
    runs = [
        [point for point in group if point is not None]
        for is_gap, group in groupby(points, key=lambda point: point is None)
        if not is_gap
    ]
    return [run for run in runs if len(run) > 1]
