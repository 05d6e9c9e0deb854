"""Turn drawings into SVG without a trace: no pyplot, no global settings, the same bytes each time.

The text stays text and takes the page's font; ink takes the page's colour.
"""

import io
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import as_file, files
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from segkit.views.markup import tag
from segkit.views.palette import INK

POINTS = 72
Draw = Callable[[Axes], None]

_TAG = re.compile(r"<[^<>]*>")
_DROPPED = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<defs>\s*<style.*?</defs>", re.DOTALL)
_GAP = re.compile(r">\s+<")
_DECIMALS = re.compile(r"(\d+\.\d{2})\d+")
_FONT = re.compile(r"font: (?:(bold|[5-9]00) )?([\d.]+)px [^;\"]*")
_IDENTIFIER = re.compile(r'(\bid="|\bhref="#|url\(#)([\w-]+)')
_GROUP_ID = re.compile(r'^<g id="[^"]*"')
_FAMILY = re.compile(r"font-family: [^;\"]*;")
_SPACES = re.compile(r"(?<=[:; ]) +")


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One pair of axes: what is drawn on it and how high it is, in points."""

    draw: Draw
    height: float


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A figure: panels one below the other.

    All lengths are in points, which the page shows as pixels or larger. `below` is the space
    under each panel (ticks and axis label), `above` the space over it (title). `title` and `words`
    are the figure's text for who cannot see it. The page turns the colours of a figure that
    `is_heat` round on dark ground, so that more always stands out more.
    """

    panels: Sequence[Panel]
    title: str
    words: str
    width: float = 330
    left: float = 2
    right: float = 54
    above: float = 26
    below: float = 36
    is_heat: bool = False

    @property
    def height(self) -> float:
        """The height of the whole figure."""
        return sum(panel.height + self.above + self.below for panel in self.panels)


def put_line(
    axes: Axes, across: Sequence[float], up: Sequence[float], *, color: str, linewidth: float
) -> None:
    """Draw a line on axes whose limits are set, also beyond them: quicker than `plot`."""
    axes.add_artist(Line2D(across, up, color=color, linewidth=linewidth, clip_on=False))


def put_box(
    axes: Axes, corner: tuple[float, float], width: float, height: float, *, color: str
) -> None:
    """Draw a filled box on axes whose limits are set: quicker than `barh` and `add_patch`."""
    axes.add_artist(Rectangle(corner, width, height, facecolor=color, edgecolor="none"))


@cache
def _style() -> mpl.RcParams:
    with as_file(files("segkit.views").joinpath("segkit.mplstyle")) as path:
        return mpl.rc_params_from_file(path, use_default_template=False)


def style_in(ink: str) -> dict[Any, Any]:
    """Give the settings of the style file with a colour of ink, for paper of a known colour."""
    return {
        name: ink.lstrip("#") if value == INK.lstrip("#") else value
        for name, value in _style().items()
        if name not in {"figure.facecolor", "savefig.facecolor", "savefig.transparent"}
    }


def to_svg(sheet: Sheet) -> Markup:
    """Give a figure as one `<svg>` element for use inside a page."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(_style())
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        raw = _print(sheet)
    return _tidy(raw, sheet)


def _print(sheet: Sheet) -> str:
    figure = Figure(figsize=(sheet.width / POINTS, sheet.height / POINTS), dpi=POINTS)
    canvas = FigureCanvasSVG(figure)
    top = sheet.height
    for panel in sheet.panels:
        top -= sheet.above
        across = (sheet.width - sheet.left - sheet.right) / sheet.width
        box = (sheet.left / sheet.width, (top - panel.height) / sheet.height)
        panel.draw(figure.add_axes((*box, across, panel.height / sheet.height)))
        top -= panel.height + sheet.below
    out = io.StringIO()
    canvas.print_svg(  # type: ignore[no-untyped-call]
        out, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    return out.getvalue()


def _tidy(raw: str, sheet: Sheet) -> Markup:
    prefix = f"sk{sha256(f'{sheet.title}{sheet.words}{raw}'.encode()).hexdigest()[:7]}"
    inner = _DROPPED.sub("", raw[raw.index("<svg") :])
    inner = inner[inner.index(">") + 1 : inner.rindex("</svg>")]
    names: dict[str, str] = {}

    def short(found: re.Match[str]) -> str:
        return f"{found[1]}{prefix}-{names.setdefault(found[2], str(len(names)))}"

    def tidy_tag(found: re.Match[str]) -> str:
        text = _GROUP_ID.sub("<g", found[0]).replace("xlink:href", "href").replace("\n", " ")
        text = _FONT.sub(_font_size, _DECIMALS.sub(r"\1", text.replace(INK, "currentColor")))
        return _SPACES.sub("", _IDENTIFIER.sub(short, _FAMILY.sub("", text)))

    body = _GAP.sub("><", _TAG.sub(tidy_tag, inner)).strip()
    return tag(
        "svg",
        tag("title", sheet.title, id=f"{prefix}-title"),
        tag("desc", sheet.words, id=f"{prefix}-desc"),
        Markup(body),  # noqa: S704  matplotlib escaped every text in it
        viewBox=f"0 0 {sheet.width:g} {sheet.height:g}",
        class_="sk-svg sk-heat" if sheet.is_heat else "sk-svg",
        style=f"min-width:{sheet.width:g}px;max-width:{sheet.width * 1.45:g}px",
        role="img",
        aria_labelledby=f"{prefix}-title {prefix}-desc",
    )


def _font_size(found: re.Match[str]) -> str:
    weight = f"font-weight:{found[1]};" if found[1] else ""
    return f"{weight}font-size:{found[2]}px"
