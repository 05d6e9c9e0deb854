"""List the numbers of any report that are followed from period to period, each with its parts.

What a report follows is told by the shape of its facts: one on a segment, on several segments, on
patterns, a review, or a notebook of the workspace's own.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from segkit.measures.facts import ratio

Document = Mapping[str, Any]
"""The document of a report as `facts.json` holds it."""
KINDS = ("count", "share", "number", "money", "duration")
"""What a number can be, as its formats tell them apart."""
SIZES = {
    **dict.fromkeys(("size", "active_7d", "new_7d", "entered", "left"), "count"),
    **dict.fromkeys(("share", "active_7d_share"), "share"),
}
"""The numbers of a report on one segment beside the measures of its behaviour, and their kinds."""
ASKED = frozenset({"days", "min_size", "seed", "n_periods"})
"""Numbers that say what was asked, not what was found."""
DEEPEST, MOST_OWN = 3, 200
"""How deep numbers of an own notebook may lie, and how many are followed."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_PARTS = frozenset({"numerator", "denominator"})


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One number of one report: a count, or numerator / denominator.

    `denominator` is None for a plain count (`is_count`) and where it is withheld. `about` names the
    segment or pattern in a report on several, `made` what it is made by: two numbers that were made
    otherwise are not compared.
    """

    name: str
    title: str
    kind: str
    numerator: float | None
    denominator: float | None = None
    is_count: bool = False
    about: str = ""
    made: str = ""

    @property
    def value(self) -> float | None:
        """The count, or numerator / denominator; None when withheld or the denominator is 0."""
        return self.numerator if self.is_count else ratio(self.numerator, self.denominator)

    @property
    def label(self) -> str:
        """The title, after what it is about."""
        return f"{self.about}: {self.title}" if self.about else self.title


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """One kind of report.

    It is known by the types of some parts; `same` says why two of it are not compared where a part
    differs, `remade` why a number is not; `read` are the parts that it takes to compare.
    """

    shape: Mapping[str, type]
    follow: Callable[[Document], tuple[Quantity, ...]]
    same: Mapping[str, str]
    read: tuple[str, ...] = ()
    remade: str = "the definition changed"


def list_quantities(document: Document) -> tuple[Quantity, ...]:
    """Give the numbers of a report that are followed from period to period.

    Returns
    -------
    tuple of Quantity
        Of a report on one segment: `size`, `share` (members / universe), `active_7d`, `new_7d`
        (counts), `active_7d_share` (active / members), `entered` and `left` (of the trend's last
        period, when that one ends on `as_of`), then each measure of the behaviour, in the report's
        order. Of a comparison and a review the same of each segment, named like `loyal.size`. Of
        patterns `came`, `enough` (with enough data, / came), `patterns` (how many), then of each
        pattern `p1.size`, `p1.share` (/ came) and `p1.buyers_share`. Of any other report its
        numbers by their paths; a mapping with numerator and denominator is one number.
    """
    return _kind_of(document).follow(document)


def why_not(now: Document, then: Document) -> str:
    """Give why two reports are not compared at all; empty when they are."""
    same = _kind_of(now).same
    return next((why for key, why in same.items() if now.get(key) != then.get(key)), "")


def why_not_number(document: Document, now: Quantity, then: Quantity) -> str:
    """Give why a number of a report is not compared with an earlier one; empty when it is."""
    return "" if now.made == then.made else _kind_of(document).remade


def keep_followed(document: Document) -> dict[str, Any]:
    """Give the parts of a report that it takes to set a later one against it."""
    kind = _kind_of(document)
    if kind is not _OWN:
        return {key: document[key] for key in kind.read if key in document}
    kept = (int, float, str, Mapping)
    return {key: value for key, value in document.items() if isinstance(value, kept)}


def is_followed(document: Document) -> bool:
    """Whether the numbers of a report can be read: a foreign notebook may name its parts alike."""
    try:
        list_quantities(document)
    except (KeyError, TypeError, AttributeError, IndexError):
        return False
    return True


def _kind_of(document: Document) -> _Kind:
    for kind in (_SEGMENT, _COMPARISON, _REVIEW, _PATTERNS):
        if all(isinstance(document.get(key), of) for key, of in kind.shape.items()):
            return kind
    return _OWN


def _count(name: str, title: str, n: float | None) -> Quantity:
    return Quantity(name=name, title=title, kind="count", numerator=n, is_count=True)


def _share(name: str, title: str, n: float | None, of: float | None) -> Quantity:
    return Quantity(name=name, title=title, kind="share", numerator=n, denominator=of)


def _follow_segment(document: Document) -> tuple[Quantity, ...]:
    over = document["overview"]
    n, last = over["n_users"], _last_period(document)
    head = (
        _count("size", "Users", n),
        _share("share", "Share of all users", n, over["n_universe"]),
        _count("active_7d", "Active in 7 days", over["n_active_7d"]),
        _share("active_7d_share", "Active in 7 days, of the segment", over["n_active_7d"], n),
        _count("new_7d", "New in 7 days", over["n_new_7d"]),
        _count("entered", "Entered in the period", last.get("n_entered")),
        _count("left", "Left in the period", last.get("n_left")),
    )
    keys = ("name", "title", "kind", "numerator", "denominator")
    measures = document["behaviour"]["measures"].values()
    return head + tuple(Quantity(**{key: m[key] for key in keys}) for m in measures)


def _last_period(document: Document) -> Document:
    whole = [row for row in document["trend"] if row["is_complete"]]
    if not whole or whole[-1]["end_on"] != document["as_of"]:
        return {}
    return dict(whole[-1])


def _follow_comparison(document: Document) -> tuple[Quantity, ...]:
    return tuple(
        Quantity(
            name=f"{one['segment']}.{line['name']}",
            title=line["title"],
            kind=line["kind"],
            numerator=line["values"][place]["numerator"],
            denominator=line["values"][place]["denominator"],
            about=one["title"],
            made=one["definition"],
        )
        for place, one in enumerate(document["segments"])
        for line in document["beside"]
    )


def _follow_review(document: Document) -> tuple[Quantity, ...]:
    keys = ("title", "kind", "numerator", "denominator", "is_count")
    return tuple(
        Quantity(
            name=f"{one['segment']}.{change['now']['name']}",
            about=one["title"],
            made=one["definition"],
            **{key: change["now"][key] for key in keys},
        )
        for one in document["segments"]
        for change in one["since_before"]
    )


def _follow_patterns(document: Document) -> tuple[Quantity, ...]:
    n = document["n_users"]
    found = [one for one in document["patterns"] if one["jaccard"] is not None]
    made = _made_by(document)
    head = (
        _count("came", "Users who came", n),
        _share("enough", "With enough data to tell a pattern", document["n_eligible"], n),
        _count("patterns", "Patterns", len(found)),
    )
    return head + tuple(number for one in found for number in _follow_pattern(one, n, made))


def _follow_pattern(one: Document, n: int | None, made: str) -> tuple[Quantity, ...]:
    name, inside = one["pattern"], one["n_users"]
    found = (
        _count(f"{name}.size", "Users", inside),
        _share(f"{name}.share", "Share of those who came", inside, n),
        _share(f"{name}.buyers_share", "With an order", one["n_buyers"], inside),
    )
    return tuple(replace(number, about=one["name"], made=made) for number in found)


def _made_by(document: Document) -> str:
    """Name the model; one that was found anew is another in each report."""
    model = document["model"]
    name = model["name"] or f"found anew for {document['as_of']}"
    return f"{name}, {model['first_on']} to {model['last_on']}"


def _follow_own(document: Document) -> tuple[Quantity, ...]:
    return tuple(found for found, _ in zip(_numbers(document), range(MOST_OWN), strict=False))


def _numbers(tree: Document, path: tuple[str, ...] = ()) -> Iterator[Quantity]:
    """Give the numbers of facts by their paths, in the order of the facts.

    Names that are no plain words, as of users, are left out with all below them.
    """
    for key, value in tree.items():
        if not _NAME.fullmatch(str(key)) or key in ASKED or key == "changes":
            continue
        name = ".".join((*path, key))
        if isinstance(value, Mapping) and not value.keys() >= _PARTS:
            if len(path) + 1 < DEEPEST:
                yield from _numbers(value, (*path, key))
        else:
            found = read_number(name, value)
            if found is not None:
                yield found


def read_number(name: str, value: Any) -> Quantity | None:  # noqa: ANN401  whatever facts hold
    """Give what stands at a path of facts as a number; None when it is none.

    A mapping with numerator and denominator is one, of the kind that it names.
    """
    title = title_of(name)
    if isinstance(value, Mapping) and value.keys() >= _PARTS:
        said = value.get("kind")
        kind = said if said in KINDS else "number"
        above, below = _number(value["numerator"]), _number(value["denominator"])
        return Quantity(name=name, title=title, kind=kind, numerator=above, denominator=below)
    found = _number(value)
    if found is None:
        return None
    kind = "count" if isinstance(found, int) else "number"
    return Quantity(name=name, title=title, kind=kind, numerator=found, is_count=True)


def _number(value: Any) -> float | None:  # noqa: ANN401  whatever facts hold
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None


def title_of(name: str) -> str:
    """Give the path of a number as words.

    >>> title_of("orders.n_orders")
    'Orders: orders'
    """
    words = ": ".join(part.removeprefix("n_").replace("_", " ") for part in name.split("."))
    return f"{words[:1].upper()}{words[1:]}"


_WINDOW = {
    "days": "the window has another length",
    "timezone": "the time zone changed",
    "min_size": "the smallest group shown changed",
}
_DEFINED = {"definition": "the definition changed", **_WINDOW}
_SEGMENT = _Kind(
    shape={"overview": Mapping, "behaviour": Mapping, "trend": list},
    follow=_follow_segment,
    same=_DEFINED,
    read=("segment", "as_of", *_DEFINED, "currency", "overview", "behaviour", "trend"),
)
_COMPARISON = _Kind(
    shape={"segments": list, "beside": list},
    follow=_follow_comparison,
    same={"baseline": "the baseline changed", **_WINDOW},
    read=("as_of", "baseline", *_WINDOW, "currency", "segments", "beside"),
)
_REVIEW = _Kind(
    shape={"segments": list, "alerts": list},
    follow=_follow_review,
    same={"period": "the periods have another length", **_WINDOW},
    read=("as_of", "period", *_WINDOW, "segments", "alerts"),
)
_PATTERNS = _Kind(
    shape={"patterns": list, "model": Mapping},
    follow=_follow_patterns,
    same=_DEFINED,
    read=("segment", "as_of", *_DEFINED, "n_users", "n_eligible", "model", "patterns"),
    remade="the patterns were found anew",
)
_OWN = _Kind(shape={}, follow=_follow_own, same={})
