"""Number the patterns once, so that figures, tables and sentences mean the same by “2”."""

from markupsafe import Markup

from segkit.patterns.facts import PatternFacts
from segkit.views.markup import Block, join, tag
from segkit.views.palette import PATTERNS


def number_of(facts: PatternFacts) -> dict[str, str]:
    """Give what every label is called for short: a pattern's number, a rest's own name."""
    numbers = {row.pattern: str(i + 1) for i, row in enumerate(facts.found)}
    return {row.pattern: numbers.get(row.pattern, row.name) for row in facts.patterns}


def colour_of(place: int) -> str:
    """Give the colour of the pattern at a place, 0 for the first."""
    return PATTERNS[place % len(PATTERNS)]


def pattern_key(facts: PatternFacts) -> Block:
    """Give the legend of the patterns: number, colour and name."""
    items = [tag("li", dot(i), tag("span", row.name)) for i, row in enumerate(facts.found)]
    text = "; ".join(f"{i + 1} = {row.name}" for i, row in enumerate(facts.found))
    return Block(html=tag("ul", join(items), class_="sk-patterns"), text=text)


def dot(place: int) -> Markup:
    """Give the number of the pattern at a place in its colour."""
    style = f"background-color:{colour_of(place)}"
    return tag("span", str(place + 1), class_="sk-dot", style=style)
