"""Count everything that segment and baseline are compared by, in few passes of the engine.

What people did is compared among those who came in the window: a segment of buyers came, by its
very definition, so that everything that comers do would look like a trait of buyers. Whether they
came at all is one comparison of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ibis import Table

from segkit.compare.amounts import Amounts
from segkit.compare.crowd import Codes, Crowd, Pair
from segkit.compare.facts import ALL_USERS, COMERS, FindingKind
from segkit.compare.findings import (
    AmountCompared,
    Compared,
    Counts,
    ShareCompared,
    Subject,
)
from segkit.compare.labels import compare_labels
from segkit.measures.activity import Activity
from segkit.measures.facts import Breakdown
from segkit.measures.roles import holds_mail
from segkit.measures.sides import Sides
from segkit.measures.traffic import SHAPES
from segkit.measures.withhold import find_withheld, is_small, keep_part

VISIT_COLUMNS = {
    "channel": "Channel",
    "source": "Source",
    "device_type": "Device",
    "browser": "Browser",
    "country": "Country",
    "landing_page": "Entry page",
}
AMOUNTS = {
    "visits": ("Visits", "number"),
    "days": ("Days with a visit", "number"),
    "page_views": ("Page views", "number"),
    "events": ("Events", "number"),
    "orders": ("Orders", "number"),
    "revenue": ("Revenue", "money"),
}
"""Amounts a user who came, by name: title and format."""


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """The comparisons of one segment with its baseline.

    Parameters
    ----------
    sides, activity
        Who is compared, and what they did in the window.
    visits
        Visits as far as they are known at T: `user_no`, `day` and the columns of `VISIT_COLUMNS`.
    labels
        Breakdowns of labels over all users of both sides, before anything is withheld, so that
        labels as a whole are whole.
    has_money
        Whether all revenue is in one known currency.
    hidden
        (name of a breakdown, value) of what the report withholds in the breakdowns that it shows of
        events, pages and visits: what is not said there is not said here.
    """

    sides: Sides
    activity: Activity
    visits: Table
    labels: Sequence[Breakdown]
    has_money: bool
    hidden: frozenset[tuple[str, str]] = frozenset()
    shared: Crowd | None = None
    own: Codes = frozenset({1})
    other: Codes = frozenset({0})

    @cached_property
    def crowd(self) -> Crowd:
        """What users of both sides did, counted by side."""
        if self.shared is not None:
            return self.shared
        return Crowd.of_sides(self.sides, self.activity, self.visits, list(VISIT_COLUMNS))

    @cached_property
    def n_came(self) -> Pair:
        """Users of both sides who came in the window."""
        return self.crowd.count_all(self.own, self.other)

    @cached_property
    def shown_came(self) -> tuple[int | None, int | None]:
        """The same as far as it may be shown; None where few came or few did not."""
        least, wholes = self.sides.min_size, (self.sides.n_segment, self.sides.n_baseline)
        own, other = (keep_part(n, w, least) for n, w in zip(self.n_came, wholes, strict=True))
        return own, other

    def compare(self) -> Iterator[Compared]:
        """Give every comparison, withheld where it would tell of too few users."""
        yield self._active()
        if self._has_comers:
            yield from self._amounts()
            yield from self._events()
            yield from self._pages()
            for column in VISIT_COLUMNS:
                yield from self._visit_values(column)
        yield from compare_labels(self.labels, self.sides)

    @property
    def _has_comers(self) -> bool:
        """Whether the numbers who came may be shown, and are not nobody, on both sides."""
        return all(n for n in self.shown_came)

    def _active(self) -> Compared:
        wholes = (self.sides.n_segment, self.sides.n_baseline)
        counts = (self.n_came[0], wholes[0], self.n_came[1], wholes[1])
        subject = Subject(
            kind="active", source=("amount", "active"), name="active",
            title="Came in the window", of=ALL_USERS, group="active",
        )  # fmt: skip
        return ShareCompared(
            subject=subject, counts=counts if None not in self.shown_came else None
        )

    def _amounts(self) -> Iterator[Compared]:
        columns = {
            "visits": "n_visits", "days": "n_days", "page_views": "n_page_views",
            "events": "n_events",
        }  # fmt: skip
        if self.activity.purchases:
            columns["orders"] = "n_orders"
            if self.has_money:
                columns["revenue"] = "revenue"
        for name, column in columns.items():
            title, kind = AMOUNTS[name]
            subject = Subject(
                kind="amount", source=("amount", name), name=name, title=title, of=COMERS,
                group=f"amount {name}", format=kind,
            )  # fmt: skip
            counted = self.crowd.amounts(column, self.own, self.other)
            yield AmountCompared(subject=subject, amounts=self._kept_amounts(name, counted))

    def _kept_amounts(self, name: str, rows: Sequence[tuple[float, int, int]]) -> Amounts | None:
        """Give amounts; None where those with any, or without, are few, or repeated orders are."""
        least = self.sides.min_size
        for side, whole in ((1, self.n_came[0]), (2, self.n_came[1])):
            some = sum(int(row[side]) for row in rows if row[0])
            more = sum((row[0] - 1) * row[side] for row in rows if row[0])
            if keep_part(some, whole, least) is None:
                return None
            if name == "orders" and is_small(round(more), least):
                return None
        return Amounts.from_counts(rows)

    def _events(self) -> Iterator[Compared]:
        for name, pair in self._pairs("event").items():
            yield self._share("event", ("event", name), name, name, pair)

    def _pairs(self, column: str) -> dict[str, Pair]:
        """Give the users of both sides with each value of a column; none that neither has."""
        found = self.crowd.count(column, self.own, self.other)
        return {v: p for v, p in found.items() if sum(p) or column == "event"}

    @property
    def paths(self) -> tuple[str, ...]:
        """The page paths that are compared."""
        return self.crowd.paths

    def _pages(self) -> Iterator[Compared]:
        for path, pair in self._pairs("page_path").items():
            yield self._share("page", ("page", path), path, path, pair)

    def _visit_values(self, column: str) -> Iterator[Compared]:
        pairs = self._pairs(column)
        kind: FindingKind = "entry_page" if column == "landing_page" else "visit"
        hidden = self._hidden_values(list(pairs.values()))
        for place, (value, pair) in enumerate(pairs.items()):
            source = ("entry_page", value) if kind == "entry_page" else ("visit", column)
            title = f"{VISIT_COLUMNS[column]}: {value}"
            yield self._share(kind, source, value, title, None if place in hidden else pair)

    def _hidden_values(self, pairs: Sequence[Pair]) -> frozenset[int]:
        """Give the places of values that others would give away: nearly every user has just one."""
        hidden: frozenset[int] = frozenset()
        for side in (0, 1):
            counts, total = [pair[side] for pair in pairs], self.n_came[side]
            if sum(counts) <= total + self.sides.min_size:
                whole = max(total, sum(counts))
                hidden |= find_withheld(counts, whole, self.sides.min_size)
        return hidden

    def _share(
        self, kind: FindingKind, source: tuple[str, str], name: str, title: str, pair: Pair | None
    ) -> Compared:
        subject = Subject(
            kind=kind, source=source, name=name, title=title, of=COMERS,
            group=f"visit {source[1]}" if kind == "visit" else kind,
        )  # fmt: skip
        is_hidden = (_breakdown_of(subject), name) in self.hidden
        if pair is None or is_hidden or sum(pair) < self.sides.min_size or holds_mail(name):
            return ShareCompared(subject=subject, counts=None)
        return ShareCompared(subject=subject, counts=keep_counts(pair, self.n_came, self.sides))


def _breakdown_of(subject: Subject) -> str:
    """Give the name of the report's breakdown that shows the same values."""
    if subject.kind == "visit":
        return SHAPES[subject.source[1]].name
    return {"page": "pages", "entry_page": "entry_pages"}.get(subject.kind, "events")


def keep_counts(pair: Pair, totals: Pair, sides: Sides) -> Counts | None:
    """Give the counts of a share on both sides; None where one of them may not be shown."""
    kept = [keep_part(n, whole, sides.min_size) for n, whole in zip(pair, totals, strict=True)]
    return None if None in kept else (pair[0], totals[0], pair[1], totals[1])
