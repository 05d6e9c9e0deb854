"""Say pages and ways in words."""

from collections.abc import Sequence

from segkit.patterns.page_groups import OTHER
from segkit.patterns.paths.facts import PathFacts
from segkit.patterns.paths.matrices import END, START

ARROW = " → "
_WORDS = {START: "(start)", END: "(end)", OTHER: "other", "/": "/ (home)"}


def page_words(name: str) -> str:
    """Give what a place is called: a group of pages by its branch.

    >>> page_words("/product/*"), page_words("path_end"), page_words("/")
    ('/product', '(end)', '/ (home)')
    """
    return _WORDS.get(name, name.removesuffix("/*"))


def join_pages(names: Sequence[str]) -> str:
    """Give a way as one line.

    >>> join_pages(("/category/*", "/product/*", "/cart/*"))
    '/category → /product → /cart'
    """
    return ARROW.join(page_words(name) for name in names)


def units(facts: PathFacts) -> str:
    """Give what a step is made of: a view, an event or a purchase."""
    return {"pages": "view", "events": "event", "goods": "purchase"}[facts.of]
