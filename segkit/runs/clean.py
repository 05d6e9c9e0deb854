"""Let through what a report may show, and nothing that runs, loads or reaches outside its place.

Views escape already; this is the second wall, for whatever else a notebook displays.
"""

import re

import nh3
from markupsafe import Markup


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEXT_TAGS = _names("""
    a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl
    dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp
    section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var
    wbr
    """)
_SVG_TAGS = _names("""
    svg g path use text tspan title desc defs clipPath rect pattern line circle ellipse
    polygon polyline
    """)
_SVG_ATTRIBUTES = _names("""
    d transform clip-path fill stroke x y x1 x2 y1 y2 cx cy r rx ry width height points
    patternUnits viewBox preserveAspectRatio href text-anchor
    """)
_STYLES = _names("""
    fill fill-opacity fill-rule stroke stroke-opacity stroke-width stroke-dasharray
    stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit opacity font-size
    font-weight font-style text-anchor min-width max-width color background-color text-align
    white-space vertical-align
    """)
_ANYWHERE = {"class", "id", "style", "role", "title", "lang", "dir", "tabindex"}
_ATTRIBUTES = {
    "*": _ANYWHERE,
    "a": {"href", "download"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "details": {"open"},
    **dict.fromkeys(_SVG_TAGS, _SVG_ATTRIBUTES),
}
_OWN_ID = re.compile(r"^sk[0-9a-f]{7}-[\w-]+$")
_OUTSIDE_URL = re.compile(r"url\((?!#sk[0-9a-f]{7}-)|\\", re.IGNORECASE)
_IMAGE = re.compile(r"^data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$")
_LINK = re.compile(r"^(https?://|mailto:|#|[\w.-]+(/[\w.-]+)*$)", re.IGNORECASE)


def clean(html: str) -> Markup:
    """Give HTML without scripts, styles, handlers, frames and anything that would be fetched."""
    safe = nh3.clean(
        html,
        tags=_TEXT_TAGS | _SVG_TAGS,
        clean_content_tags={
            "script",
            "style",
            "iframe",
            "object",
            "template",
            "noscript",
            "textarea",
        },
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        generic_attribute_prefixes={"aria-", "data-"},
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )
    return Markup(safe)  # noqa: S704  cleaned


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    """Drop ids that are not a figure's, links of other schemes, and pictures to be fetched."""
    match name:
        case "id":
            keep = bool(_OWN_ID.match(value))
        case "src":
            keep = bool(_IMAGE.match(value))
        case "href":
            keep = bool(_LINK.match(value)) if tag == "a" else value.startswith("#")
        case _:
            keep = not _OUTSIDE_URL.search(value)
    return value if keep else None
