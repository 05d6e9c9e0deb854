"""A view: HTML for notebook and page, plain text for the rest; showing it computes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from segkit.measures.facts import SegmentReportFacts
from segkit.views.markup import Block, join, tag


@dataclass(frozen=True)
class Fragment:
    """What a notebook cell shows.

    `html` is safe markup below one `<div class="sk">`. Shown in a notebook it brings its style
    sheet along, unless it is `bare`: for a page that has the style sheet already.

    >>> Fragment("<p>1</p>", "1", bare=True)._repr_mimebundle_()
    {'text/html': '<p>1</p>', 'text/plain': '1'}
    """

    html: str
    text: str
    bare: bool = False

    def _repr_mimebundle_(self, **_wishes: object) -> dict[str, str]:
        """Give both forms to whoever displays it."""
        return {"text/html": self.html if self.bare else styled(self), "text/plain": self.text}

    def __str__(self) -> str:
        return self.text


@cache
def style_sheet() -> str:
    """Give the one style sheet of notebook and page."""
    return files("segkit.views").joinpath("page.css").read_text("utf-8")


def styled(fragment: Fragment) -> str:
    """Give a fragment's HTML with the style sheet before it."""
    return f"<style>{style_sheet()}</style>{fragment.html}"


def gather(blocks: Sequence[Block], *, class_: str = "sk") -> Fragment:
    """Give the fragment that shows some parts, one below the other."""
    html = tag("div", join([block.html for block in blocks]), class_=class_)
    return Fragment(str(html), "\n\n".join(block.text for block in blocks))


def grid(blocks: Sequence[Block]) -> Block:
    """Give parts side by side where the page is wide enough."""
    html = tag("div", join([block.html for block in blocks]), class_="sk-grid")
    return Block(html=html, text="\n\n".join(block.text for block in blocks))


def note(sentence: str) -> Block:
    """Give a sentence that stands where something cannot be shown."""
    return Block(html=tag("p", sentence, class_="sk-note"), text=f"Note: {sentence}")


def absent(facts: SegmentReportFacts, sentence: str) -> Fragment:
    """Give the sentence for a part without facts; a segment that is withheld says that instead."""
    if facts.overview.n_users is None:
        return gather([note("Withheld, because the segment or its baseline is too small.")])
    return gather([note(sentence)])


def heading(text: str) -> Block:
    """Give a heading inside a section."""
    return Block(html=tag("h3", text, class_="sk-heading"), text=text)
