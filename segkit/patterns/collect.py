"""Read the raw features of a segment's users from the rollups: one pass a block.

The engine sums, numpy lays out: no row of a user passes through Python.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import pi
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
from ibis import Table
from ibis.expr.types import BooleanValue

from segkit.patterns.features import Block, Features, FloatArray, IntArray
from segkit.patterns.page_groups import OTHER, PageGroups, find_page_groups
from segkit.periods import Clock
from segkit.store.tables import Tables

DEVICES = ("mobile", "pc", "tablet", OTHER)
VOLUME = (
    *("n_visits", "n_page_views", "n_active_days", "days_since_last"),
    *("minutes_per_visit", "pages_per_visit"),
)
TIME = ("hour_sin", "hour_cos", "weekday_sin", "weekday_cos")
UNKNOWN = "(unknown)"


@dataclass(frozen=True, kw_only=True)
class Span:
    """Whose features, over which days: the last `days` whole days before the clock's instant.

    `users` holds one row a user (`user_no`).
    """

    tables: Tables
    users: Table
    clock: Clock
    days: int

    def within(self, rows: Table) -> Table:
        """Give the rows of these users on these days, of a table with `user_no` and `day`."""
        own = rows.filter(self._is_inside(rows))
        return own.semi_join(self.users, "user_no")

    @property
    def first_day(self) -> date:
        """The first day of the window."""
        return self.clock.day - timedelta(days=self.days - 1)

    def _is_inside(self, rows: Table) -> BooleanValue:
        return rows.day.between(self.first_day, self.clock.day)


def count_paths(span: Span) -> list[tuple[str, int]]:
    """Give the page views of every path."""
    rows = span.within(span.tables.page_days)
    counted = rows.group_by("page_path").agg(n=rows.n_views.sum())
    return [(str(path), int(n)) for path, n in span.tables.engine.rows(counted)]


def collect_features(
    span: Span,
    *,
    purchases: Sequence[str],
    groups: PageGroups | None = None,
    channels: Sequence[str] | None = None,
) -> tuple[Features, PageGroups]:
    """Give the raw features of the span's users, and the page groups that they are counted by.

    Parameters
    ----------
    span
        Whose features over which days.
    purchases
        Events that count as orders; they are outcomes only.
    groups, channels
        Those of a frozen model; found anew by default.

    Notes
    -----
    Users without a visit in the window are left out. `days_since_last` counts whole days from the
    last active day to T; hour and weekday are local, as angles, averaged over visits.
    """
    seen = groups or find_page_groups(count_paths(span))
    people = _read_visits(span)
    users = _Users(people["user_no"], people["user_key"].astype(np.str_))
    views = _pages(span, users, seen)
    n_views = views.values.sum(axis=1)
    n_visits = users.lay(people["user_no"], people["n_visits"])
    per_visit = np.maximum(n_visits, 1)
    seconds = users.lay(people["user_no"], people["engaged_s"])
    active, last = (users.lay(people["user_no"], people[c]) for c in ("n_days", "days_since_last"))
    volume = np.column_stack(
        [n_visits, n_views, active, last, seconds / 60 / per_visit, n_views / per_visit]
    )
    time = np.column_stack([users.lay(people["user_no"], people[c]) for c in TIME])
    features = Features(
        user_no=users.user_no,
        user_key=users.user_key,
        bot_reason=np.full(len(users.user_no), "", dtype=np.str_),
        blocks={
            "pages": views,
            "source": _by_visits(span, users, "channel", channels),
            "device": _by_visits(span, users, "device_type", DEVICES),
            "time": Block(columns=TIME, values=time),
            "volume": Block(columns=VOLUME, values=volume),
        },
        outcomes=_outcomes(span, users, purchases),
    )
    return features, seen


class _Users:
    """The users in the order of their keys, and where a number's row is."""

    def __init__(self, user_no: IntArray, user_key: npt.NDArray[np.str_]) -> None:
        order = np.argsort(user_key, kind="stable")
        self.user_no, self.user_key = user_no[order], user_key[order]
        self._by_no = np.argsort(self.user_no, kind="stable")
        self._sorted = self.user_no[self._by_no]

    def rows(self, user_no: IntArray) -> tuple[IntArray, npt.NDArray[np.bool_]]:
        """Give the row of each number and whether there is one."""
        place = np.minimum(np.searchsorted(self._sorted, user_no), len(self._sorted) - 1)
        return self._by_no[place], self._sorted[place] == user_no

    def lay(self, user_no: IntArray, values: npt.ArrayLike) -> FloatArray:
        """Give one value a user, 0 where there is none."""
        return self.table(user_no, np.zeros(len(user_no), np.int64), values, 1)[:, 0]

    def table(
        self, user_no: IntArray, column: IntArray, values: npt.ArrayLike, n_columns: int
    ) -> FloatArray:
        """Add values up into one row a user."""
        laid = np.zeros((len(self.user_no), n_columns))
        if len(self.user_no) and len(user_no):
            rows, found = self.rows(user_no)
            given = np.asarray(values, dtype=np.float64)
            np.add.at(laid, (rows[found], np.asarray(column)[found]), given[found])
        return laid


def _read_visits(span: Span) -> dict[str, Any]:
    """Give one row a user: visits, active days, engaged seconds, days since the last, mean hour."""
    visits = span.within(span.tables.visits)
    hour, weekday = visits.hour * (2 * pi / 24), (visits.weekday - 1) * (2 * pi / 7)
    summed = visits.group_by("user_no").agg(
        n_visits=visits.count(),
        n_days=visits.day.nunique(),
        engaged_s=visits.engaged_s.sum(),
        last_day=visits.day.max(),
        hour_sin=hour.sin().mean(),
        hour_cos=hour.cos().mean(),
        weekday_sin=weekday.sin().mean(),
        weekday_cos=weekday.cos().mean(),
    )
    today = ibis.literal(span.clock.day, "date")
    users = span.tables.users.select("user_no", "user_key")
    told = summed.inner_join(users, "user_no").mutate(
        days_since_last=today.delta(summed.last_day, unit="day")
    )
    return span.tables.engine.columns(told.drop("last_day"))


def _pages(span: Span, users: _Users, groups: PageGroups) -> Block:
    """Count page views by group; each distinct path is looked up once."""
    engine = span.tables.engine
    days = span.within(span.tables.page_days)
    paths = engine.keep(days.group_by("page_path").agg(n=days.n_views.sum()), "paths")
    known = [
        {"page_path": str(path), "page_group": groups.find(str(path))}
        for path, _ in engine.rows(paths)
    ]
    schema = {"page_path": "string", "page_group": "int64"}
    looked_up = engine.keep(engine.values(known, schema), "page_groups")
    grouped = days.inner_join(looked_up, "page_path")
    counted = grouped.group_by("user_no", "page_group").agg(n=grouped.n_views.sum())
    found = engine.columns(counted)
    n_columns = len(groups.names)
    values = users.table(found["user_no"], found["page_group"], found["n"], n_columns)
    return Block(columns=groups.names, values=values)


def _by_visits(span: Span, users: _Users, column: str, names: Sequence[str] | None) -> Block:
    """Count visits by a column's values; `other` is last, for a value not among `names`."""
    visits = span.within(span.tables.visits)
    told = visits.mutate(value=visits[column].fill_null(UNKNOWN))
    counted = told.group_by("user_no", "value").agg(n=told.count())
    found = span.tables.engine.columns(counted)
    values = found["value"].astype(np.str_)
    listed = tuple(names) if names is not None else (*sorted(set(values.tolist())), OTHER)
    place = {name: i for i, name in enumerate(listed)}
    distinct, inverse = np.unique(values, return_inverse=True)
    code = np.array([place.get(name, place[OTHER]) for name in distinct.tolist()], np.int64)
    laid = users.table(found["user_no"], code[inverse], found["n"], len(listed))
    return Block(columns=listed, values=laid)


def _outcomes(span: Span, users: _Users, purchases: Sequence[str]) -> Block:
    """Count orders and sum their values; amounts of several currencies are not told apart here."""
    days = span.within(span.tables.user_days)
    orders = days.filter(days.event.isin(list(purchases)))
    summed = orders.group_by("user_no").agg(
        n_orders=orders.n_events.sum(), revenue=orders["value"].sum().cast("float64")
    )
    found = span.tables.engine.columns(summed)
    columns = [
        users.lay(found["user_no"], np.nan_to_num(found[c])) for c in ("n_orders", "revenue")
    ]
    return Block(columns=("n_orders", "revenue"), values=np.column_stack(columns))
