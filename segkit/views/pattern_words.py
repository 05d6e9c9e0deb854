"""Say patterns in words: what was found of each, and apart from it what could be done."""

from collections.abc import Sequence
from dataclasses import dataclass

from segkit.formats import MISSING, Lift, Number
from segkit.patterns.facts import Apart, PatternFacts, PatternRow
from segkit.patterns.facts_parts import Part
from segkit.patterns.rules import COUNTED, VIEWED, VIEWS
from segkit.views.markup import WITHHELD, Child, stack
from segkit.views.words import count, listed, share, some

KINDS = {
    "page": ("page views", "see", "pages"),
    "event": ("events", "do", "events"),
    "item": ("purchases", "buy", "kinds of goods"),
}
BROUGHT = {"n_orders": "Orders", "revenue": "Revenue"}
MOST_SAID = 3
STRONG, WEAK = 1.5, 0.67


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one pattern, and apart from it what could be done; either may be empty."""

    pattern: str
    name: str
    said: tuple[str, ...]
    ideas: tuple[str, ...]


def name_volume(column: str, kind: str = "page") -> str:
    """Give a column of volume as people read it, by what stands for pages.

    >>> name_volume("n_page_views"), name_volume("n_page_views", "event")
    ('page views', 'events')
    """
    counted = COUNTED | dict(zip(VIEWS, VIEWED[kind], strict=True))
    return counted.get(column, column)


def name_feature(block: str, column: str, kind: str = "page") -> str:
    """Give a feature as people read it.

    >>> name_feature("pages", "/sale/*"), name_feature("volume", "n_visits")
    ('/sale/*', 'visits')
    >>> name_feature("source", "Email"), name_feature("device", "mobile")
    ('visits by Email', 'visits on mobile')
    """
    if block == "volume":
        return name_volume(column, kind)
    if block == "source":
        return f"visits by {column}"
    if block == "device":
        return f"visits on {column}"
    if kind == "page" and column == "/":
        return "home page"
    return column


def say_value(block: str, value: float | None) -> str:
    """Give a mean of a feature: a share in percent, a number with one digit."""
    return Number()(value) if block == "volume" else share(value)


def say_part(part: Part, noun: str = "") -> str:
    """Give a share with what it is a share of; a withheld one by its bound, if it has any.

    >>> say_part(Part(n=40, total=80, share=0.5), "users")
    '50.0% (40 of 80 users)'
    >>> say_part(Part(n=None, total=None, share=None, at_least=0.9))
    'at least 90%'
    """
    if part.n is not None:
        of = f" {noun}" if noun else ""
        return f"{share(part.share)} ({count(part.n)} of {count(part.total)}{of})"
    if part.at_least is not None:
        return f"at least {part.at_least:.0%}"
    return MISSING if part.at_most is None else f"at most {part.at_most:.0%}"


def part_cell(part: Part) -> Child:
    """Give a share above its numbers as a cell; a withheld one without a bound says so."""
    if part.n is not None:
        numbers = f"{count(part.n)}\u00a0/\u00a0{count(part.total)}"
        return stack(share(part.share), numbers, joint=" = ")
    text = say_part(part)
    return WITHHELD if text == MISSING else text


def say_terms(terms: Sequence[Apart], kind: str = "page", *, most: int = 4) -> str:
    """Give the strongest terms in one line, with the mean inside and outside the pattern."""
    return "; ".join(say_term(term, kind) for term in terms[:most]) or MISSING


def say_words(terms: Sequence[Apart], *, most: int = 4) -> str:
    """Give the strongest terms in words alone."""
    return "; ".join(term.words for term in terms[:most]) or MISSING


def say_term(term: Apart, kind: str = "page") -> str:
    """Give one term: what, its mean inside and its mean in all other patterns."""
    inside, outside = say_value(term.block, term.inside), say_value(term.block, term.outside)
    if term.block == "volume":
        return f"{term.words} (mean {inside}, others {outside})"
    of = KINDS[kind][0] if term.block == "pages" else "visits"
    return f"{term.words} ({inside} of {of}, others {outside})"


def say_brought(column: str) -> str:
    """Give an outcome as a heading: `n_add_to_cart` is “add to cart”."""
    return BROUGHT.get(column, column.removeprefix("n_").replace("_", " "))


def find_words(facts: PatternFacts) -> tuple[Finding, ...]:
    """Give each pattern's finding in sentences, and ideas kept apart from them."""
    return tuple(
        Finding(
            pattern=row.pattern,
            name=row.name,
            said=tuple(_find(row, facts)),
            ideas=tuple(_suggest(row, facts)),
        )
        for row in facts.found
    )


def _find(row: PatternRow, facts: PatternFacts) -> list[str]:
    if row.n_users is None:
        return ["Withheld, because it, or another pattern by subtraction, has too few users."]
    said = [
        (
            f"{some(row.n_users, 'users')}, {share(row.share)} of the "
            f"{some(facts.n_users, 'users')} who came."
        )
    ]
    if row.terms:
        said.append(
            f"What sets them apart from the other patterns: "
            f"{say_terms(row.terms, facts.kind, most=MOST_SAID)}."
        )
    else:
        said.append("No single feature sets them apart by half a standard deviation.")
    if row.who:
        values = [f"{w.value} ({_say_who(w.share, w.others_share)})" for w in row.who[:2]]
        said.append(f"Among them are more often users with {listed(values)}.")
    orders = next((b for b in row.brings if b.column == "n_orders"), None)
    if orders is not None and orders.any_.n:
        said.append(
            f"{say_part(orders.any_, 'users')} ordered in the window"
            f"{_say_lift_of_orders(orders.mean, orders.others_mean)}."
        )
    elif orders is not None and orders.any_.n == 0:
        said.append("None of them ordered in the window.")
    return said


def _say_who(own: float, others: float | None) -> str:
    return f"{share(own)} of them" + (f", others {share(others)}" if others is not None else "")


def _say_lift_of_orders(mean: float | None, others: float | None) -> str:
    if mean is None or not others:
        return ""
    return f"; {mean:.2f} orders a user, {others:.2f} in the other patterns"


def _suggest(row: PatternRow, facts: PatternFacts) -> list[str]:
    """Give what could be tried, from what sets the pattern apart; never a promise."""
    if row.n_users is None or not row.terms:
        return []
    ideas = []
    pages = [t for t in row.terms if t.block == "pages" and t.difference > 0]
    if pages:
        names = listed([f"“{name_feature('pages', t.column, facts.kind)}”" for t in pages[:2]])
        verb = KINDS[facts.kind][1]
        ideas.append(f"Speak to them where they are: they {verb} {names} more than the others do.")
    source = next((t for t in row.terms if t.block == "source" and t.difference > 0), None)
    if source is not None:
        ideas.append(f"Reach them by {source.column}, the way they come more often than others.")
    if any(t.column == "days_since_last" and t.difference > 0 for t in row.terms):
        ideas.append("They have not been seen lately: a reason to come back could be tested.")
    orders = next((b for b in row.brings if b.column == "n_orders"), None)
    if orders is not None and orders.mean is not None and orders.others_mean:
        lift = orders.mean / orders.others_mean
        if lift >= STRONG:
            ideas.append(
                f"They order {Lift(digits=1)(lift)} as much a user as the other patterns: worth "
                "keeping."
            )
        elif lift <= WEAK and pages:
            ideas.append(
                "They look and seldom order: ask what is missing, and test an offer on half of "
                "them."
            )
    return ideas
