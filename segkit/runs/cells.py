"""Turn the cells of an executed notebook into safe parts of a page: prose and outputs, no code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from segkit.runs.clean import clean
from segkit.views.markup import shorten, tag

MOST_TEXT = 20_000
"""Characters of one plain-text output that a page shows."""

MOST_ERROR = 600
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the contents: an anchor of the page and the heading it leads to."""

    anchor: str
    text: str


def read_prose(source: str) -> Markup:
    """Give Markdown as safe HTML; its headings have no anchors yet."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return clean(str(MarkdownWithMath(renderer=renderer).render(source)))


def anchor_headings(prose: Markup, taken: set[str]) -> tuple[Markup, list[Entry]]:
    """Give prose whose headings are anchors, and the contents' entries: its second level.

    No name of an anchor comes twice; `taken` is what the page has already.
    """
    entries = []

    def anchor(found: re.Match[str]) -> str:
        text = str(Markup(found[2]).striptags())  # noqa: S704  cleaned before
        name = base = _NOT_WORD.sub("-", text.lower()).strip("-") or "section"
        while name in taken:
            name = f"{base}-{len(taken)}"
        taken.add(name)
        if found[1] == "2":
            entries.append(Entry(anchor=name, text=text))
        return f'<h{found[1]} id="{name}">{found[2]}</h{found[1]}>'

    return Markup(_HEADING.sub(anchor, prose)), entries  # noqa: S704  cleaned before


def split_title(prose: Markup) -> tuple[str, Markup]:
    """Give the text of the first heading of the first level, and the prose without it."""
    found = next((match for match in _HEADING.finditer(prose) if match[1] == "1"), None)
    if found is None:
        return "", prose
    rest = Markup(prose[: found.start()] + prose[found.end() :])  # noqa: S704  cleaned before
    return str(Markup(found[2]).striptags()), rest  # noqa: S704


def show_output(output: Mapping[str, Any]) -> Markup:
    """Give one output as a part of the page.

    Richest form first: HTML, SVG, picture, Markdown, text. An error is one sentence; its traceback
    stays in the executed copy. What a library wrote to standard error is not for readers.
    """
    match output["output_type"]:
        case "stream":
            return _show_text(output["text"]) if output.get("name") == "stdout" else Markup()
        case "error":
            return _show_error(output)
        case "display_data" | "execute_result":
            return _show_data(output["data"], output.get("metadata", {}))
        case _:
            return Markup()


def _show_data(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Markup:
    for kind in ("text/html", "image/svg+xml"):
        if kind in data:
            return tag("div", clean(_joined(data[kind])), class_="sk-output")
    for kind in PICTURES:
        if kind in data:
            return tag("div", _picture(kind, _joined(data[kind]), metadata), class_="sk-output")
    if "text/markdown" in data:
        return tag("div", read_prose(_joined(data["text/markdown"])), class_="sk-output sk-prose")
    return _show_text(data["text/plain"]) if "text/plain" in data else Markup()


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _picture(kind: str, encoded: str, metadata: Mapping[str, Any]) -> Markup:
    alt = metadata.get("alt") or metadata.get(kind, {}).get("alt") or "Picture without description"
    packed = "".join(encoded.split())
    return clean(tag("img", src=f"data:{kind};base64,{packed}", alt=str(alt)))


def _show_text(text: str | list[str]) -> Markup:
    whole = str(strip_ansi(_joined(text)))  # type: ignore[no-untyped-call]
    if not whole.strip():
        return Markup()
    cut = len(whole) - MOST_TEXT
    shown = whole if cut <= 0 else f"{whole[:MOST_TEXT]}\n… {cut:,} more characters"
    return tag("div", tag("pre", shown), class_="sk-output")


def _show_error(output: Mapping[str, Any]) -> Markup:
    sentence = str(strip_ansi(str(output.get("evalue", ""))))  # type: ignore[no-untyped-call]
    head = tag("strong", f"This part failed: {output.get('ename', 'an error')}")
    return tag(
        "div", head, tag("p", shorten(sentence, MOST_ERROR)), class_="sk-error", role="alert"
    )
