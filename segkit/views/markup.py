"""Build HTML from values, so that no value of the data ever becomes markup.

Everything goes through `tag`: text children and attribute values are escaped, only what `tag` made
stays markup. Characters that steer the direction of text or the terminal are written out, so that a
name cannot disguise itself.
"""

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

Child = str | Markup
Attribute = str | int | None

_STEERING = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_DATE = re.compile(r"(\b\d{4}-\d{2}-\d{2}\b)")
WITHHELD = Markup('<span class="sk-withheld">– <small>withheld</small></span>')
"""What stands in the place of a number that is withheld; the notes give the reason."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """One part of a view, as HTML and as plain text."""

    html: Markup
    text: str


_TAG = re.compile(r"(<[^>]*>)")
_LONG = re.compile(r"\S{12,}")
_BREAK = re.compile(r"(?<=\w)([/_])(?=\w)")


def plain(text: str) -> str:
    r"""Give text with steering characters written out, everything else as it is.

    >>> plain("a\u202eb")
    'a\\u202eb'
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def shorten(text: str, most: int) -> str:
    """Give text of at most `most` characters; an ellipsis stands for the rest.

    >>> shorten("abcdef", 4)
    'abc…'
    """
    shown = plain(text).replace("\n", " ")
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def join(children: list[Markup]) -> Markup:
    """Give markup after markup, nothing between."""
    return Markup("").join(children)


def tag(name: str, *children: Child, **attributes: Attribute) -> Markup:
    """Give one element; an attribute of None is left out, `data_kind` is `data-kind`.

    >>> tag("p", "1 < 2", class_="sk-note")
    Markup('<p class="sk-note">1 &lt; 2</p>')
    """
    inner = "".join(
        child if isinstance(child, Markup) else escape(plain(child)) for child in children
    )
    return Markup(f"<{name}{_attributes(attributes)}>{inner}</{name}>")  # noqa: S704  all escaped above


def _attributes(attributes: dict[str, Attribute]) -> str:
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(plain(str(value)))}"'
        for name, value in attributes.items()
        if value is not None
    )


def soften(text: Markup) -> Markup:
    """Let long words break behind a slash or an underscore, before they break anywhere.

    >>> soften(Markup("/category/storage"))
    Markup('/category/<wbr>storage')
    >>> soften(Markup("/sale"))
    Markup('/sale')
    """
    parts = _TAG.split(text)
    softer = [part if at % 2 else _LONG.sub(_broken, part) for at, part in enumerate(parts)]
    return Markup("".join(softer))  # noqa: S704  parts of what is markup already


def _broken(word: re.Match[str]) -> str:
    return _BREAK.sub(r"\1<wbr>", word[0])


def strip(cell: Child) -> str:
    """Give what a reader sees of a cell, as plain text."""
    return cell.striptags() if isinstance(cell, Markup) else plain(cell)


def stack(above: Child, below: str, *, joint: str = " ") -> Markup:
    """Give a cell of two lines, the second small; `joint` stands between them where nobody sees.

    >>> strip(stack("12.20", "17,187 / 1,409", joint=" = "))
    '12.20 = 17,187 / 1,409'
    """
    between = tag("span", joint, class_="sk-joint")
    return join([tag("span", above), between, tag("small", below, class_="sk-under")])


def identify(name: str, *, beyond: int = 24, tail: int = 8) -> Markup:
    """Give an id that the page cuts in its middle when it is long.

    The whole id stays in the text, for searching and copying, and is the tooltip.

    >>> identify("m103069")
    Markup('m103069')
    """
    if len(name) <= beyond:
        return escape(plain(name))
    ends = [tag("span", name[:-tail]), tag("span", name[-tail:])]
    return tag("span", *ends, class_="sk-id", title=name)


def dated(text: str) -> Markup:
    """Give text whose ISO dates never break across lines.

    >>> dated("to 2026-06-30")
    Markup('to <span class="sk-date">2026-06-30</span>')
    """
    parts = _DATE.split(text)
    return join(
        [
            tag("span", part, class_="sk-date") if at % 2 else escape(plain(part))
            for at, part in enumerate(parts)
        ]
    )


def clip(text: str, *, beyond: int = 40) -> Markup:
    """Give text that the page cuts after two lines when it is long; the whole text is its tooltip.

    >>> clip("short")
    Markup('short')
    """
    if len(text) <= beyond:
        return escape(plain(text))
    return tag("span", text, class_="sk-clip", title=text)
