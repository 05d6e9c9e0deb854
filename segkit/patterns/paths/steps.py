"""Make paths in the engine: one row a step, with the steps after it packed into one number.

A path is one visit, or all that a user did in the window. Nothing of it passes through Python but
counts; the engine sorts once, and spills to disk what does not fit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import ibis
import numpy as np
from ibis import Table
from ibis.expr.types import IntegerColumn

from segkit.patterns.collect import PRIME, Span, choose_kind, count_pages, find_groups, mix_of
from segkit.patterns.page_groups import PageGroups, find_name_groups
from segkit.patterns.paths.grams import BASE, LONGEST, MOST_PLACES, GramCounts
from segkit.patterns.paths.sequences import Sequences, build_sequences
from segkit.schema import PAGE_EVENTS
from segkit.store.engine import Engine

PathUnit = Literal["visit", "user"]
PATH_UNITS: tuple[PathUnit, ...] = ("visit", "user")
PathSteps = Literal["pages", "events"]
PATH_STEPS: tuple[PathSteps, ...] = ("pages", "events")
MOST_STEPS = 200
"""Steps of a path beyond it are not counted, so that no single path weighs too much."""
ROW_COLUMNS = ("side", "user_no", "visit_no", "time", "row_no", "load_id", "place")


@dataclass(frozen=True, kw_only=True)
class Walks:
    """Paths of one or more sides (0, 1, …) as kept rows of the engine.

    Grain of `table`: one row a step. Columns: `side`, `user_no`, `visit_no` (0 where a path is all
    of a user's), `step` from 0, `code` (this step and the four after it, see `grams`), `gap_s`
    (whole seconds to the next step, null at the end of a path). `names` are the places.
    """

    engine: Engine
    table: Table
    names: tuple[str, ...]
    n_sides: int

    @property
    def place(self) -> IntegerColumn:
        """The step's own place + 1."""
        return self.table.code % BASE

    @property
    def next_place(self) -> IntegerColumn:
        """The next step's place + 1, 0 at the end of a path."""
        return self.table.code // BASE % BASE

    def count_paths(self) -> list[tuple[int, int]]:
        """Give (paths, users with a path) of every side."""
        firsts = self.table.filter(self.table.step == 0)
        counted = firsts.group_by("side").agg(n=firsts.count(), n_users=firsts.user_no.nunique())
        found = {side: (int(n), int(m)) for side, n, m in self.engine.rows(counted)}
        return [found.get(side, (0, 0)) for side in range(self.n_sides)]

    def count_codes(self) -> list[GramCounts]:
        """Give how often each step with what follows it was seen, of every side."""
        counted = self.table.group_by("side", "code").agg(n=self.table.count())
        found = self.engine.columns(counted)
        return [
            GramCounts.summed(
                found["code"][found["side"] == side].astype(np.int64),
                found["n"][found["side"] == side].astype(np.int64),
            )
            for side in range(self.n_sides)
        ]

    def count_users(self, codes: Sequence[int]) -> dict[tuple[int, int], int]:
        """Give the users of a side who went each of some ways, by (side, code of the way).

        A way that nobody of a side went is not in it.
        """
        counts: dict[tuple[int, int], int] = {}
        for length in range(1, LONGEST + 1):
            asked = [code for code in codes if BASE ** (length - 1) <= code < BASE**length]
            if not asked:
                continue
            rows = self.table.mutate(way=self.table.code % BASE**length)
            rows = rows.filter(rows.way.isin(asked)).select("side", "way", "user_no").distinct()
            counted = rows.group_by("side", "way").agg(n=rows.count())
            counts |= {(int(s), int(w)): int(n) for s, w, n in self.engine.rows(counted)}
        return counts

    def sample(self, side: int, most: int) -> Sequences:
        """Give about `most` paths of one side, or all; a path is in whatever the others are."""
        own = self.table.filter(self.table.side == side)
        n_paths = self.count_paths()[side][0]
        if n_paths > most:
            own = own.filter(mix_of(own) < PRIME * most // n_paths)
        listed = own.select("user_no", "visit_no", "step", place=own.code % BASE - 1)
        found = self.engine.columns(listed.order_by("user_no", "visit_no", "step"))
        paths = build_sequences(
            found["place"].astype(np.int64),
            found["user_no"].astype(np.int64),
            found["visit_no"].astype(np.int64),
        )
        return replace(paths, n_places=len(self.names))


def build_walks(
    engine: Engine,
    rows: Table,
    names: Sequence[str],
    *,
    n_sides: int,
    collapse: bool = True,
    most_steps: int = MOST_STEPS,
) -> Walks:
    """Order rows to paths and keep them.

    Parameters
    ----------
    rows
        One row an event: the columns `ROW_COLUMNS`. A path are the rows of one `side`, `user_no`
        and `visit_no`, in the order of `time`, then of `row_no` and `load_id`.
    names
        The places that `place` counts, at most 62.
    collapse
        Whether one step stands for a place that is seen several times in a row.
    most_steps
        Steps beyond are left out; the last one that stays keeps what follows it.
    """
    path = [rows.side, rows.user_no, rows.visit_no]
    inside = ibis.window(group_by=path, order_by=[rows.time, rows.row_no, rows.load_id])
    ordered = rows.select(
        "side",
        "user_no",
        "visit_no",
        "place",
        at=ibis.row_number().over(inside),
        before=rows.place.lag().over(inside),
        at_s=rows.time.epoch_seconds(),
    )
    if collapse:
        ordered = ordered.filter(ordered.before.isnull() | (ordered.before != ordered.place))
    after = ibis.window(
        group_by=[ordered.side, ordered.user_no, ordered.visit_no], order_by=ordered.at
    )
    digit = (ordered.place + 1).cast("int64")
    ahead = [digit.lead(k).over(after).fill_null(0) * BASE**k for k in range(1, LONGEST)]
    stepped = ordered.select(
        "side",
        "user_no",
        "visit_no",
        step=ibis.row_number().over(after).cast("int32"),
        code=sum(ahead, digit),
        gap_s=(ordered.at_s.lead(1).over(after) - ordered.at_s).cast("int64"),
    )
    kept = engine.keep(stepped.filter(stepped.step < most_steps), "path_steps")
    return Walks(engine=engine, table=kept, names=tuple(names), n_sides=n_sides)


def choose_places(
    span: Span,
    *,
    of: PathSteps,
    purchases: Sequence[str],
    min_users: int,
    is_nameable: Callable[[str], bool],
) -> PageGroups:
    """Give the places that paths of a span's users lead through.

    Page groups, or events. A group whose name fewer than `min_users` of these users would stand
    behind, or that may not be named, is none of its own: its pages are in the branch above it, or
    in `other`.
    """
    kind, item = choose_kind(span, purchases)
    if of == "events" or kind == "event":
        counts = count_pages(span, "event", purchases=())
        summed = counts.group_by("what").agg(n=counts.n.sum())
        listed = [(str(what), int(n)) for what, n in span.tables.engine.rows(summed)]
        groups = find_name_groups(listed, kind="event", most=MOST_PLACES - 1)
    else:
        groups = find_groups(span, purchases=purchases)
        counts = count_pages(span, kind, purchases=purchases, item=item)
    n_users = _count_by_place(span, groups, counts)
    kept = tuple(
        branch
        for place, branch in enumerate(groups.branches)
        if n_users.get(place, 0) >= min_users and is_nameable(branch)
    )
    return replace(groups, branches=kept)


def _count_by_place(span: Span, groups: PageGroups, counts: Table) -> dict[int, int]:
    engine = span.tables.engine
    known = _placed(engine, counts.select("what").distinct(), groups)
    seen = counts.inner_join(known, "what").select("place", "user_no").distinct()
    found = engine.rows(seen.group_by("place").agg(n=seen.count()))
    return {int(place): int(n) for place, n in found}


def _placed(engine: Engine, whats: Table, groups: PageGroups) -> Table:
    """Give the place of each distinct page or name, so that it is looked up once."""
    placed = whats.select("what", place=groups.place(whats.what).cast("int32"))
    return engine.keep(placed, "path_places")


def read_walks(
    span: Span,
    sides: Table,
    groups: PageGroups,
    *,
    n_sides: int,
    unit: PathUnit = "visit",
    purchases: Sequence[str] = (),
) -> Walks:
    """Give the paths of some users in a window, repeats collapsed.

    Parameters
    ----------
    span
        The window, and every user of `sides`.
    sides
        One row a user: `user_no` and `side`, from 0 to `n_sides` − 1.
    groups
        The places.
    unit
        What a path is: one visit, or all that a user did in the window.
    purchases
        Events that count as orders, for paths of their kinds of goods.
    """
    events, engine = span.tables.events, span.tables.engine
    own = events.filter(events.bot_reason.isnull() & span.is_inside(events))
    match groups.kind:
        case "page":
            own = own.filter(own.event.isin(PAGE_EVENTS))
            what = own.page_path
        case "event":
            what = own.event
        case "item":
            own = own.filter(own.event.isin(list(purchases)))
            what = engine.json_text(own.properties, groups.item)
    told = own.select("user_no", "visit_no", "time", "row_no", "load_id", what=what)
    told = told.filter(told.what.notnull()).inner_join(sides, "user_no")
    known = _placed(engine, told.select("what").distinct(), groups)
    rows = told.inner_join(known, "what").select(*ROW_COLUMNS)
    if unit == "user":
        rows = rows.mutate(visit_no=ibis.literal(0, "int64"))
    return build_walks(engine, rows, groups.names, n_sides=n_sides)


def sides_of(engine: Engine, groups: Mapping[str, Sequence[int]]) -> Table:
    """Give a table of `user_no` and `side` from lists of users, sides in the order given."""
    rows = (
        {"user_no": int(user), "side": side}
        for side, users in enumerate(groups.values())
        for user in users
    )
    return engine.keep(engine.values(rows, {"user_no": "int64", "side": "int32"}), "path_sides")
