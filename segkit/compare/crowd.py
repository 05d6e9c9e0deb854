"""Count what users did once, for all the comparisons that they are part of.

A report on several segments sets each against its baseline, and two against each other. Each of
these sides is a union of exact combinations of groups. So users are counted by combination, in one
pass over what they did, and every comparison adds up the combinations that it is about.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
from ibis import Table

from segkit.measures.activity import MOST_BITS, Activity
from segkit.measures.latest import all_bits
from segkit.measures.sides import Sides

MOST_PAGES = 200
MOST_VALUES = 60
"""Values of one attribute of visits that are compared, the most frequent of all sides."""
Pair = tuple[int, int]
Codes = frozenset[int]
PAGES = "page_path"
EVENTS = "event"


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Users by combination of groups, and what they did in the window.

    Parameters
    ----------
    sides
        The window and the tables; its two groups are not looked at.
    codes
        Who is looked at: one row a user, `user_no` and `code`, the same for users of the same
        groups.
    activity, visits
        What users did; visits with `user_no`, `day` and the columns of `columns`.
    columns
        Attributes of visits whose values are compared.
    whole
        The users of `codes`, where they are known without the groups.
    """

    sides: Sides
    codes: Table
    activity: Activity
    visits: Table
    columns: tuple[str, ...]
    whole: Table | None = None

    @classmethod
    def of_sides(
        cls, sides: Sides, activity: Activity, visits: Table, columns: Sequence[str]
    ) -> "Crowd":
        """Give the crowd of one comparison: code 1 for the segment, 0 for the baseline."""
        codes = sides.groups.select("user_no", code=sides.groups.in_segment.cast("int64"))
        return cls(
            sides=sides,
            codes=codes,
            activity=activity,
            visits=visits,
            columns=tuple(columns),
            whole=sides.whole,
        )

    @property
    def _people(self) -> Table:
        return self.codes if self.whole is None else self.whole

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The page paths that are compared: those with the most user days."""
        days = self.sides.tables.page_days
        read = days.filter(self.sides.is_inside(days)).semi_join(self._people, "user_no")
        counted = read.group_by(PAGES).agg(n=read.count())
        top = counted.order_by(ibis.desc("n"), PAGES).limit(MOST_PAGES)
        return tuple(str(path) for path, _ in self.sides.engine.rows(top))

    @cached_property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The values of each attribute of visits that are compared: those of most visits."""
        seen = self._seen.semi_join(self._people, "user_no")
        table = seen.select(*self.columns, n=ibis.literal(1, "int32"))
        found = self.sides.engine.sums(table, [[column] for column in self.columns], ["n"])
        return {
            column: tuple(
                str(value)
                for value, _ in sorted(
                    ((v, int(n)) for v, n in rows if v is not None), key=lambda r: (-r[1], r[0])
                )[:MOST_VALUES]
            )
            for column, rows in zip(self.columns, found, strict=True)
        }

    @property
    def _seen(self) -> Table:
        return self.visits.filter(self.sides.is_inside(self.visits))

    @cached_property
    def comers(self) -> Table:
        """Users with any event in the window, one row each, and what they did as bits."""
        return self._doings.inner_join(self.codes, "user_no")

    @cached_property
    def _doings(self) -> Table:
        """What everybody did who came in the window, whatever the groups; kept."""
        users = self.activity.users.filter(self.activity.users.n_events > 0)
        seen = self._seen
        visits = seen.group_by("user_no").agg(
            n_visits=seen.count(),
            n_days=seen.day.nunique(),
            **self._bits_of(seen, {column: self.values[column] for column in self.columns}),
        )
        days = self.sides.tables.page_days
        inside = days.filter(self.sides.is_inside(days))
        joined = users.left_join(visits, "user_no").drop("user_no_right")
        if self.paths:
            pages = inside.group_by("user_no").agg(**self._bits_of(inside, {PAGES: self.paths}))
            joined = joined.left_join(pages, "user_no").drop("user_no_right")
        numbers = [c for c in joined.columns if c.startswith(("n_visits", "n_days", "bits_"))]
        filled = joined.mutate(**{name: joined[name].fill_null(0) for name in numbers})
        return self.sides.engine.keep(filled, "comers", is_alike=True)

    def _bits_of(self, rows: Table, values: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Give, as aggregates, a bit a value that a user has in any row, 62 to one integer."""
        return {
            name: all_bits(
                self.sides.engine.numbered(rows[column], {v: 1 << i for i, v in enumerate(part)})
            )
            for column, listed in values.items()
            for name, part in _parts(column, listed).items()
        }

    def listed(self, column: str) -> tuple[str, ...]:
        """Give what is counted of a column: `event`, `page_path` or an attribute of visits."""
        if column == EVENTS:
            return self.activity.events
        return self.paths if column == PAGES else self.values[column]

    @cached_property
    def _counts(self) -> dict[str, dict[int, list[int]]]:
        """Give by column and code how many users have each of its values; `""` counts comers."""
        columns = [EVENTS, PAGES, *self.columns]
        parts = {column: _parts(column, self.listed(column)) for column in columns}
        bits = {name: len(part) for found in parts.values() for name, part in found.items()}
        by_code = self._by_code({name: n for name, n in bits.items() if n})
        counts = {"": {code: found[""] for code, found in by_code.items()}}
        for column in columns:
            counts[column] = {
                code: [n for name in parts[column] if bits[name] for n in found[name]]
                for code, found in by_code.items()
            }
        return counts

    def _by_code(self, bits: Mapping[str, int]) -> dict[int, dict[str, list[int]]]:
        """Give by code how many users have each bit.

        Of a segment and all others, the others are everybody less the segment: what everybody did
        is the same for every segment.
        """
        engine, users = self.sides.engine, self.comers
        if self.whole is None:
            return engine.count_bits(users.select("code", *bits), bits, by="code")
        own = engine.count_bits(users.filter(users.code == 1).select(*bits), bits)[None]
        everybody = self._doings.semi_join(self.whole, "user_no").select(*bits)
        every = engine.count_bits(everybody, bits)[None]
        rest = {
            name: [n - m for n, m in zip(found, own[name], strict=True)]
            for name, found in every.items()
        }
        return {code: found for code, found in ((1, own), (0, rest)) if found[""][0]}

    def count(self, column: str, own: Collection[int], other: Collection[int]) -> dict[str, Pair]:
        """Give the users of two sides who have each value of a column in any row."""
        counts = self._counts[column]
        sides = [[counts[c] for c in codes if c in counts] for codes in (own, other)]
        summed = [[sum(n) for n in zip(*rows, strict=True)] for rows in sides]
        names = self.listed(column)
        none = [0] * len(names)
        return dict(zip(names, zip(summed[0] or none, summed[1] or none, strict=True), strict=True))

    def count_all(self, own: Collection[int], other: Collection[int]) -> Pair:
        """Give the users of two sides who came."""
        counts = self._counts[""]
        n, m = (sum(counts.get(c, [0])[0] for c in codes) for codes in (own, other))
        return n, m

    @cached_property
    def _amounts(self) -> dict[str, list[tuple[float, dict[int, int]]]]:
        """Give by column the users of each code with every amount."""
        users, codes = self.comers, sorted(self._counts[""])
        names = ["n_visits", "n_days", "n_page_views", "n_events", "n_orders", "revenue"]
        flags = {f"is_{i}": (users.code == c).cast("int32") for i, c in enumerate(codes)}
        table = users.select(*names, **flags)
        found = self.sides.engine.sums(table, [[name] for name in names], list(flags))
        return {
            name: [
                (float(v), {c: int(n) for c, n in zip(codes, ns, strict=True) if n})
                for v, *ns in rows
            ]
            for name, rows in zip(names, found, strict=True)
        }

    def amounts(
        self, column: str, own: Collection[int], other: Collection[int]
    ) -> list[tuple[float, int, int]]:
        """Give (amount, users of the one side, of the other) of a column of the comers."""
        return [
            (value, sum(by.get(c, 0) for c in own), sum(by.get(c, 0) for c in other))
            for value, by in (self._amounts[column] if self._counts[""] else [])
        ]


def _parts(column: str, values: Sequence[str]) -> dict[str, Sequence[str]]:
    starts = range(0, len(values), MOST_BITS)
    return {_place(column, at): values[at : at + MOST_BITS] for at in starts}


def _place(column: str, at: int) -> str:
    """Give the column of bits that holds the value at a place."""
    return "event_bits" if column == EVENTS else f"bits_{column}_{at // MOST_BITS}"
