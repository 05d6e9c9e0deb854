"""Say pages and ways in words."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from segkit.patterns.page_groups import OTHER
from segkit.patterns.paths.facts import PathFacts
from segkit.patterns.paths.matrices import END, START
from segkit.views.markup import soften

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


def whole_way(names: Sequence[str], between: str = ARROW) -> Markup:
    """Give a way for a cell of a table that is never cut short.

    >>> whole_way(("/category/*", "/product/*"))
    Markup('/category → /product')
    """
    return soften(escape(between.join(page_words(name) for name in names)))


def places(facts: PathFacts) -> str:
    """Give what a path stands on: a page, an event or a kind of goods."""
    return {"pages": "page", "events": "event", "goods": "kind of goods"}[facts.of]


def units(facts: PathFacts) -> str:
    """Give what a step is made of: a view, an event or a purchase."""
    return {"pages": "view", "events": "event", "goods": "purchase"}[facts.of]
