"""What the reader must know to read the numbers right."""

from segkit.measures.facts import SegmentReportFacts
from segkit.views.fragment import Fragment, gather
from segkit.views.markup import Block, tag


def render_notes(facts: SegmentReportFacts) -> Fragment:
    """Give the report's notes, then how the marks in it are read."""
    head = facts.head
    said = [
        *facts.notes,
        (
            f"“– withheld” stands for a number about fewer than {head.min_size} users, or from "
            "which such a number could be worked out; a lone “–” for a value that is unknown or "
            "has nothing to be divided by."
        ),
        f"Days and hours are in the time zone {head.timezone}. A week runs from Monday to Sunday.",
    ]
    html = tag("ul", *(tag("li", sentence) for sentence in said), class_="sk-notes")
    return gather([Block(html=html, text="\n".join(f"- {sentence}" for sentence in said))])
