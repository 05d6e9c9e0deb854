"""Count everything that segment and baseline are compared by, in few passes of the engine.

What people did is compared among those who came in the window: a segment of buyers came, by its
very definition, so that everything that comers do would look like a trait of buyers. Whether they
came at all is one comparison of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
from ibis import Table

from segkit.compare.amounts import Amounts
from segkit.compare.facts import ALL_USERS, COMERS, FindingKind
from segkit.compare.findings import (
    AmountCompared,
    Compared,
    Counts,
    ShareCompared,
    Subject,
)
from segkit.compare.labels import compare_labels
from segkit.measures.activity import MOST_BITS, Activity, has_bit
from segkit.measures.facts import Breakdown
from segkit.measures.latest import all_bits
from segkit.measures.roles import holds_mail
from segkit.measures.sides import Sides
from segkit.measures.traffic import SHAPES
from segkit.measures.withhold import find_withheld, is_small, keep_part

MOST_PAGES = 200
MOST_VALUES = 60
"""Values of one attribute of visits that are compared, the most frequent of both sides."""
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
Pair = tuple[int, int]


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

    @cached_property
    def comers(self) -> Table:
        """Users of both sides with any event in the window, and what they did; kept."""
        users = self.activity.users.filter(self.activity.users.n_events > 0)
        seen = self.visits.filter(self.sides.is_inside(self.visits))
        visits = seen.group_by("user_no").agg(n_visits=seen.count(), n_days=seen.day.nunique())
        joined = self.sides.joined(users).left_join(visits, "user_no").drop("user_no_right")
        filled = joined.mutate(
            n_visits=joined.n_visits.fill_null(0), n_days=joined.n_days.fill_null(0)
        )
        return self.sides.engine.keep(filled, "comers")

    @cached_property
    def n_came(self) -> Pair:
        """Users of both sides who came in the window."""
        return _pair(self.sides, self.comers)

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
        own = self.comers.in_segment.cast("int32")
        table = self.comers.select(*columns.values(), n=own, m=1 - own)
        found = self.sides.engine.sums(table, [[c] for c in columns.values()], ["n", "m"])
        for name, rows in zip(columns, found, strict=True):
            title, kind = AMOUNTS[name]
            subject = Subject(
                kind="amount", source=("amount", name), name=name, title=title, of=COMERS,
                group=f"amount {name}", format=kind,
            )  # fmt: skip
            counted = [(float(v), int(n), int(m)) for v, n, m in rows]
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
        names = self.activity.events
        counts = _bits_by_side(self.sides, self.comers, ["event_bits"], len(names))
        for name, pair in zip(names, counts, strict=True):
            yield self._share("event", ("event", name), name, name, pair)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The page paths that are compared: those with the most user days of both sides."""
        read = self.sides.inside(self.sides.tables.page_days)
        counted = read.group_by("page_path").agg(n=read.count())
        top = counted.order_by(ibis.desc("n"), "page_path").limit(MOST_PAGES)
        return tuple(str(path) for path, _ in self.sides.engine.rows(top))

    def _pages(self) -> Iterator[Compared]:
        days = self.sides.tables.page_days
        inside = days.filter(self.sides.is_inside(days))
        for path, pair in _count_users(self.sides, inside, "page_path", self.paths).items():
            yield self._share("page", ("page", path), path, path, pair)

    def _visit_values(self, column: str) -> Iterator[Compared]:
        seen = self.visits.filter(self.sides.is_inside(self.visits))
        known = seen.filter(seen[column].notnull())
        own = self.sides.joined(known.select("user_no", column))
        counted = own.group_by(column).agg(n=own.count())
        top = counted.order_by(ibis.desc("n"), column).limit(MOST_VALUES)
        values = [str(value) for value, _ in self.sides.engine.rows(top)]
        pairs = _count_users(self.sides, known, column, values)
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


def _pair(sides: Sides, table: Table) -> Pair:
    counted = table.agg(n=table.in_segment.sum(), m=(~table.in_segment).sum())
    own, other = sides.engine.rows(counted)[0]
    return int(own or 0), int(other or 0)


def _count_users(sides: Sides, rows: Table, column: str, values: Sequence[str]) -> dict[str, Pair]:
    """Give the users of both sides who have each of some values in any row: one pass.

    A bit a value, 62 of them to one integer a user.
    """
    if not values:
        return {}
    parts = [values[i : i + MOST_BITS] for i in range(0, len(values), MOST_BITS)]
    bits = {
        f"bits_{at}": all_bits(
            sides.engine.numbered(rows[column], {value: 1 << i for i, value in enumerate(part)})
        )
        for at, part in enumerate(parts)
    }
    users = sides.joined(rows.group_by("user_no").agg(**bits))
    found = _bits_by_side(sides, users, list(bits), len(values))
    return dict(zip(values, found, strict=True))


def _bits_by_side(sides: Sides, users: Table, columns: Sequence[str], n: int) -> list[Pair]:
    """Give the users of both sides with each bit of some columns of bits, 62 to a column."""
    if not n:
        return []
    sums: Mapping[str, Any] = {
        f"n_{i}": has_bit(users[columns[i // MOST_BITS]], i % MOST_BITS).sum() for i in range(n)
    }
    table = users.group_by("in_segment").agg(**sums)
    found = {row[0]: row[1:] for row in sides.engine.rows(table)}
    none = (0,) * n
    own, other = found.get(True, none), found.get(False, none)
    return [(int(a or 0), int(b or 0)) for a, b in zip(own, other, strict=True)]
