"""Gather a site's pages into few groups, from its own paths: patterns are made of these.

A thousand product pages say one thing, "looks at products"; so paths are counted as a tree by their
parts between slashes, and the busiest branches are opened while that tells more. Numbers and keys
never make a branch of their own. The groups are data: frozen with a model, a path of next week
falls into the same one. A shop without pages has events, or kinds of goods, in their place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, StringValue

MOST_GROUPS = 30
LEAST_SHARE = 0.005
OPEN_SHARE = 0.05
PART_SHARE = 0.03
OTHER = "other"
LONG_KEY = 12
_EDGE = " \t\n\r\f/"
_HEX = frozenset("0123456789abcdef")

PageKind = Literal["page", "event", "item"]
"""What is counted as pages: paths of page views, names of events, or a property of purchases."""


@dataclass(frozen=True, kw_only=True)
class PageGroups:
    """Groups of pages, longest branch first, or of what stands in for them.

    A path belongs to the first of `branches` that it equals or lies below, else to `other`. Of the
    kinds `event` and `item` the branches are plain names, and `item` reads them from the property
    `item` of the purchases.
    """

    branches: tuple[str, ...]
    kind: PageKind = "page"
    item: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the groups, `other` last: a branch `/p` is called `/p/*`."""
        if self.kind != "page":
            return (*self.branches, OTHER)
        return (*(name_branch(b) for b in self.branches), OTHER)

    def find(self, path: str) -> int:
        """Give the place of a path's (or event's, or item's) group in `names`."""
        if self.kind != "page":
            return self.branches.index(path) if path in self.branches else len(self.branches)
        clean = clean_path(path)
        for place, branch in enumerate(self.branches):
            # The home page is the root itself, never what lies below it.
            if clean == branch or (branch != "/" and clean.startswith(branch + "/")):
                return place
        return len(self.branches)

    def place(self, path: StringValue) -> IntegerValue:
        """Give the same as `find`, as an Ibis expression."""
        clean = path if self.kind != "page" else _clean(path)
        ways = [(self._holds(branch, clean), i) for i, branch in enumerate(self.branches)]
        other = ibis.literal(len(self.branches), "int64")
        return ibis.cases(*ways, else_=other).cast("int64") if ways else other

    def _holds(self, branch: str, clean: StringValue) -> BooleanValue:
        same = clean == branch
        if self.kind != "page" or branch == "/":
            return same
        return same | clean.startswith(branch + "/")


def name_branch(branch: str) -> str:
    """Give the name of a branch.

    >>> name_branch("/product"), name_branch("/")
    ('/product/*', '/')
    """
    return branch if branch == "/" else f"{branch}/*"


def clean_path(path: str) -> str:
    """Give a path without what does not tell pages apart: query, fragment, last slash, case.

    >>> clean_path("/Sale/Shoes/?size=4")
    '/sale/shoes'
    """
    bare = path.split("?", 1)[0].split("#", 1)[0].lower()
    return "/" + bare.strip(_EDGE)


def _clean(path: StringValue) -> StringValue:
    """Give `clean_path` as an Ibis expression; the patterns mean the same to RE2 and to Java."""
    bare = path.re_replace(r"[?#][\s\S]*", "").lower()
    edge = "[ \\t\\n\\r\\f/]+"
    return ibis.literal("/") + bare.re_replace(f"^{edge}|{edge}$", "")


def is_key(part: str) -> bool:
    """Say whether a part of a path is a number or a key, that names one thing and no kind of page.

    >>> [is_key(part) for part in ("2041", "9f86d081884c7d65", "p-1160", "2026-06-30")]
    [True, True, True, True]
    >>> [is_key(part) for part in ("p1", "v2", "blue-shirt-2024", "face-cream")]
    [False, False, False, False]
    """
    n_digits = sum(c.isdigit() for c in part)
    bare = part.replace("-", "").replace("_", "")
    is_long = n_digits > 1 and len(bare) >= LONG_KEY
    return 2 * n_digits > len(part) or (is_long and (part.isalnum() or set(bare) <= _HEX))


def find_page_groups(
    views: Mapping[str, int] | Iterable[tuple[str, int]], *, most: int = MOST_GROUPS
) -> PageGroups:
    """Give at most `most` groups of the pages seen, `other` not counted.

    Parameters
    ----------
    views
        Page views by path.
    most
        The most groups; the busiest stay.

    Notes
    -----
    Begins with the first part of the path. Then the busiest group with at least 5 % of all views
    is opened where at least two of its branches hold 3 % of all views each and there is room.
    Groups below 0.5 % of all views are `other`, but an opened one stays for what is new below it.
    Equal numbers go by name, so that the order of `views` does not matter.
    """
    pairs = views.items() if isinstance(views, Mapping) else views
    counted: dict[str, int] = {}
    for path, n in pairs:
        clean = clean_path(path)
        counted[clean] = counted.get(clean, 0) + n
    total = sum(counted.values())
    groups = _children("", counted.items(), least=0)
    closed: set[str] = set()
    while True:
        busy = sorted(groups, key=lambda b: (-groups[b], b))
        opened = next((b for b in busy if b not in closed and groups[b] >= OPEN_SHARE * total), "")
        if not opened:
            break
        closed.add(opened)
        below = [(p, n) for p, n in counted.items() if p.startswith(opened + "/")]
        parts = _children(opened, below, least=PART_SHARE * total)
        if len(parts) > 1 and len(groups) + len(parts) <= most:
            groups[opened] -= sum(parts.values())
            groups |= parts
    kept = sorted(groups, key=lambda b: (-groups[b], b))[:most]
    kept = [b for b in kept if b in closed or groups[b] >= LEAST_SHARE * total]
    return PageGroups(branches=_longest_first(kept))


def find_name_groups(
    counts: Iterable[tuple[str, int]],
    *,
    kind: PageKind,
    item: str = "",
    most: int = MOST_GROUPS,
) -> PageGroups:
    """Give at most `most` groups of events or kinds of goods, each name one.

    Names below 0.5 % of all are `other`; equal numbers go by name.
    """
    listed = sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    total = sum(n for _, n in listed)
    kept = [name for name, n in listed[:most] if n >= LEAST_SHARE * total]
    return PageGroups(branches=tuple(kept), kind=kind, item=item)


def _children(branch: str, pages: Iterable[tuple[str, int]], *, least: float) -> dict[str, int]:
    """Give views by the next part of the path, of those with a name and at least `least` views."""
    found: dict[str, int] = {}
    for path, n in pages:
        part = path[len(branch) + 1 :].split("/", 1)[0]
        if not part and branch:
            continue
        if is_key(part):
            continue
        found[f"{branch}/{part}"] = found.get(f"{branch}/{part}", 0) + n
    return {name: n for name, n in found.items() if n >= least}


def _longest_first(branches: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(branches, key=lambda b: (-b.count("/"), b)))
