"""Draw the chart of a mail as PNG: mail clients show no SVG and no data URI."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from segkit.measures.facts import TrendRow
from segkit.views.figure import is_enough

_INK, _PAPER, _DPI = "#1b1f23", "#ffffff", 160
_WIDTH, _HEIGHT = 6.4, 2.6


def draw_trend_png(rows: Sequence[dict[str, Any]]) -> bytes | None:
    """Give size and active users over time as PNG on white paper; None with too few users.

    The same rows give the same bytes.
    """
    trend = [_trend_row(row) for row in rows]
    sizes = [row.n_users for row in trend if row.n_users is not None]
    if not is_enough(max(sizes, default=None)):
        return None
    import matplotlib as mpl  # noqa: PLC0415  only for a figure
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    from segkit.views.figures.canvas import style_in  # noqa: PLC0415
    from segkit.views.figures.trend import draw_size  # noqa: PLC0415

    with mpl.rc_context(style_in(_INK)):
        figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DPI, facecolor=_PAPER)
        canvas = FigureCanvasAgg(figure)
        draw_size(trend, figure.add_axes((0.13, 0.15, 0.71, 0.68)))
        out = io.BytesIO()
        canvas.print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


def _trend_row(row: dict[str, Any]) -> TrendRow:
    days = {key: date.fromisoformat(row[key]) for key in ("start_on", "end_on")}
    return TrendRow(**{**row, **days})
