"""Hold things by name so that a notebook offers the names: as keys, and as attributes on Tab."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from segkit.errors import UnknownNameError, near_names
from segkit.formats import Count, html_table
from segkit.store.tables import Catalogue

T = TypeVar("T")


class ByName(Mapping[str, T]):
    """A mapping whose values can be asked for as attributes too, where their name is one.

    What the class itself has goes first; `["name"]` always works.
    """

    _kind = "name"

    def __getattr__(self, name: str) -> T:
        if name.startswith("_") or name not in self:
            hint = "" if name.startswith("_") else f" {near_names(name, self)}"
            raise AttributeError(f"no {self._kind} `{name}`.{hint}")
        return self[name]

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for name in self if name.isidentifier())})

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


def text_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give rows in columns as wide as their widest cell.

    >>> print(text_table(["a", "b"], [["one", "2"]]))
    a    b
    one  2
    """
    every = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in every)
    return "\n".join(line.rstrip() for line in lines)


class EventName(str):
    """The name of an event, as it stands in definitions, with what the snapshot knows of it."""

    __slots__ = ("n_events", "properties")
    n_events: int
    properties: tuple[str, ...]


class AttributeName(str):
    """The name of a user label, as it stands in definitions, with what the snapshot knows of it."""

    __slots__ = ("has_history", "kind", "n_users")
    has_history: bool
    kind: str
    n_users: int


class Names(ByName[T]):
    """Names of one kind in the snapshot, with a row of text each.

    Parameters
    ----------
    kind
        What they name.
    rows
        Each name with its cells, the first of which is the name.
    headings
        Of the cells.
    """

    def __init__(
        self, kind: str, known: Mapping[str, T], rows: list[tuple[str, ...]], *, headings: list[str]
    ) -> None:
        self._kind = kind
        self._known = dict(known)
        self._rows = rows
        self._headings = headings

    def __getitem__(self, name: str) -> T:
        if name not in self._known:
            raise UnknownNameError.of_kind(self._kind, name, self._known)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __repr__(self) -> str:
        return text_table(self._headings, self._rows)

    def _repr_html_(self) -> str:
        return html_table(self._headings, self._rows, n_texts=len(self._headings) - 1)


def name_events(catalogue: Catalogue) -> Names[EventName]:
    """Give the events of a snapshot, the most frequent first."""
    known: dict[str, EventName] = {}
    rows: list[tuple[str, ...]] = []
    for text, info in sorted(catalogue.events.items(), key=lambda pair: (-pair[1].n, pair[0])):
        name = EventName(text)
        name.n_events, name.properties = info.n, info.properties
        known[text] = name
        rows.append((text, ", ".join(info.properties), Count()(info.n)))
    return Names("event", known, rows, headings=["event", "properties", "events"])


def name_attributes(catalogue: Catalogue) -> Names[AttributeName]:
    """Give the user labels of a snapshot, by name."""
    known: dict[str, AttributeName] = {}
    rows: list[tuple[str, ...]] = []
    for text, info in sorted(catalogue.attributes.items()):
        name = AttributeName(text)
        name.kind, name.n_users, name.has_history = info.kind, info.n_users, info.has_history
        known[text] = name
        past = "over time" if info.has_history else "current values"
        rows.append((text, info.kind, past, Count()(info.n_users)))
    return Names("attribute", known, rows, headings=["attribute", "kind", "known", "users"])
