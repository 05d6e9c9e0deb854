"""Draw the charts of a mail as PNG: mail clients show no SVG and no data URI."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from segkit.measures.facts import BreakdownRow, TrendRow
from segkit.views.figure import is_enough

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from segkit.compare.comparison import SegmentLine
    from segkit.patterns.facts_later import Windows

_INK, _PAPER, _DPI = "#1b1f23", "#ffffff", 150
_WIDTH, _HEIGHT = 4.4, 3.4
MOST_LIFTS, LEAST_WINDOWS = 6, 2


def draw_trend_png(rows: Sequence[dict[str, Any]]) -> bytes | None:
    """Give size and active users over time as PNG on white paper; None with too few users.

    The same rows give the same bytes.
    """
    trend = [_trend_row(row) for row in rows]
    sizes = [row.n_users for row in trend if row.n_users is not None]
    if not is_enough(max(sizes, default=None)):
        return None
    from segkit.views.figures.trend import draw_size  # noqa: PLC0415  matplotlib only for a figure

    return _draw(lambda axes: draw_size(trend, axes), (0.17, 0.13, 0.62, 0.74))


def draw_over_png(document: Mapping[str, Any]) -> bytes | None:
    """Give the values of largest lift with their intervals as PNG; None with too few users."""
    over = document["attributes"]["over"]
    if not over["rows"] or not is_enough(over["denominator"], over["baseline_denominator"]):
        return None
    from segkit.views.figures.lift import draw_lifts  # noqa: PLC0415  matplotlib only for a figure

    names = BreakdownRow.__dataclass_fields__
    rows = [
        BreakdownRow(**{key: row.get(key) for key in names}) for row in over["rows"][:MOST_LIFTS]
    ]
    title = "More frequent than in the baseline"
    return _draw(lambda axes: draw_lifts(rows, axes, title=title), (0.04, 0.14, 0.80, 0.76))


def draw_sizes_png(lines: "Sequence[SegmentLine]") -> bytes | None:
    """Give the sizes of segments over time as PNG on white paper; None with too few users."""
    sizes = [row.n_users for line in lines for row in line.rows if row.n_users is not None]
    if not is_enough(max(sizes, default=None)):
        return None
    from segkit.views.figures.segment_lines import draw_lines  # noqa: PLC0415  only for a figure

    return _draw(
        lambda axes: draw_lines(lines, "n_users", axes, title="Size (users)"),
        (0.14, 0.13, 0.48, 0.74),
    )


def draw_windows_png(windows: "Windows", patterns: Sequence[str]) -> bytes | None:
    """Give the shares of patterns by window as PNG on white paper; None below two windows."""
    counts = [row.n_users for row in windows.rows if row.n_users is not None]
    if (
        len(windows.rows) < LEAST_WINDOWS
        or not patterns
        or not is_enough(min(counts, default=None))
    ):
        return None
    from segkit.views.figures.moves import draw_windows  # noqa: PLC0415  only for a figure

    return _draw(
        lambda axes: draw_windows(windows, axes, patterns=patterns), (0.13, 0.13, 0.78, 0.74)
    )


def _draw(draw: "Callable[[Axes], None]", box: tuple[float, float, float, float]) -> bytes:
    import matplotlib as mpl  # noqa: PLC0415  only for a figure
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    from segkit.views.figures.canvas import style_in  # noqa: PLC0415

    with mpl.rc_context(style_in(_INK)):
        figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DPI, facecolor=_PAPER)
        canvas = FigureCanvasAgg(figure)
        draw(figure.add_axes(box))
        out = io.BytesIO()
        canvas.print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


def _trend_row(row: dict[str, Any]) -> TrendRow:
    days = {key: date.fromisoformat(row[key]) for key in ("start_on", "end_on")}
    return TrendRow(**{**row, **days})
