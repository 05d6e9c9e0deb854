"""Read the raw features of a segment's users from the rollups: one pass a block.

The engine sums, numpy lays out: no row of a user passes through Python.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import pi

import ibis
import numpy as np
import numpy.typing as npt
from ibis import Table
from ibis.expr.types import BooleanValue, IntegerValue

from segkit.patterns.features import Block, Features, FloatArray, IntArray
from segkit.patterns.page_groups import (
    OTHER,
    PageGroups,
    PageKind,
    find_name_groups,
    find_page_groups,
)
from segkit.periods import Clock, day_start
from segkit.schema import INSTANT, PAGE_EVENTS
from segkit.store.tables import Tables

DEVICES = ("mobile", "pc", "tablet", OTHER)
VOLUME = (
    *("n_visits", "n_page_views", "n_active_days", "days_since_last"),
    *("minutes_per_visit", "pages_per_visit"),
)
TIME = ("hour_sin", "hour_cos", "weekday_sin", "weekday_cos")
UNKNOWN = "(unknown)"
ITEM_PROPERTIES = ("category", "item_category", "product_category", "department")
"""Properties of purchases that tell kinds of goods; the first that the data has is taken."""
MOST_PATHS = 100_000
"""The most distinct paths that page groups are made from, the busiest."""
PRIME, _FACTOR = 2_147_483_647, 48_271


@dataclass(frozen=True, kw_only=True)
class Span:
    """Whose features, over which days: the last `days` whole days before the clock's instant.

    `users` holds one row a user (`user_no`). With `half` 0 or 1 only one half of the visits
    counts: which one a visit is of depends on its user and its start alone.
    """

    tables: Tables
    users: Table
    clock: Clock
    days: int
    half: int | None = None

    @property
    def first_day(self) -> date:
        """The first day of the window."""
        return self.clock.day - timedelta(days=self.days - 1)

    def within(self, rows: Table) -> Table:
        """Give the rows of these users on these days, of a table with `user_no` and `day`."""
        own = rows.filter(rows.day.between(self.first_day, self.clock.day))
        return own.semi_join(self.users, "user_no")

    @property
    def visits(self) -> Table:
        """The visits that count."""
        return self._half(self.within(self.tables.visits))

    def events(self, condition: BooleanValue) -> Table:
        """Give the events that count, bots' left out, for which a condition holds."""
        events = self.tables.events
        kept = events.filter(events.bot_reason.isnull() & condition & self.is_inside(events))
        return self._half(kept.semi_join(self.users, "user_no"))

    def is_inside(self, events: Table) -> BooleanValue:
        """Say of each event whether it lies in the window."""
        start, end = day_start(self.first_day, self.clock.zone), self.clock.at
        return (events.time >= ibis.literal(start, INSTANT)) & (
            events.time < ibis.literal(end, INSTANT)
        )

    def _half(self, rows: Table) -> Table:
        return rows if self.half is None else rows.filter(half_of(rows) == self.half)


def mix_of(rows: Table) -> IntegerValue:
    """Give a number from 0 to 2^31 − 2, as by chance, for each row by its `user_no` and `visit_no`.

    It is the same on every engine.

    Source: Park and Miller 1988, Comm. ACM 31 (two steps of their generator).
    """
    mixed = ((rows.user_no % PRIME) * _FACTOR + rows.visit_no // 1_000_000) % PRIME
    for _ in range(2):
        mixed = (mixed * _FACTOR) % PRIME
    return mixed


def half_of(rows: Table) -> IntegerValue:
    """Give 0 or 1 for each row by its `user_no` and `visit_no`, the same on every engine."""
    return (mix_of(rows) // 65_536) % 2


def choose_kind(
    span: Span, purchases: Sequence[str], goals: Sequence[str] = ()
) -> tuple[PageKind, str]:
    """Say what counts as pages, and the property of an `item`.

    Page views where the data has any; else events other than purchases and goals, where there are
    two or more; else what the purchases are of.
    """
    known = span.tables.catalogue.events
    if any(name in known for name in PAGE_EVENTS):
        return "page", ""
    if len(set(known) - {*purchases, *goals}) > 1:
        return "event", ""
    held = {key for name in purchases if name in known for key in known[name].properties}
    item = next((name for name in ITEM_PROPERTIES if name in held), "")
    return ("item", item) if item else ("event", "")


def count_pages(
    span: Span,
    kind: PageKind,
    *,
    purchases: Sequence[str],
    goals: Sequence[str] = (),
    item: str = "",
) -> Table:
    """Count what stands for pages: one row a user and `what`, with `n` (rows may repeat).

    Where events stand for pages, purchases and goals are none: they are outcomes.
    """
    outcomes = [*purchases, *goals]
    if kind == "item":
        bought = span.events(span.tables.events.event.isin(list(purchases)))
        what = span.tables.engine.json_text(bought.properties, item)
        return _count(bought.select("user_no", what=what))
    if span.half is not None:
        events = span.tables.events
        if kind == "page":
            views = span.events(events.event.isin(PAGE_EVENTS))
            return _count(views.select("user_no", what=views.page_path))
        done = span.events(~events.event.isin(outcomes))
        return _count(done.select("user_no", what=done.event))
    if kind == "page":
        days = span.within(span.tables.page_days)
        return days.select("user_no", what=days.page_path, n=days.n_views)
    days = span.within(span.tables.user_days)
    done = days.filter(~days.event.isin(outcomes))
    return done.select("user_no", what=done.event, n=done.n_events)


def _count(rows: Table) -> Table:
    named = rows.filter(rows.what.notnull())
    return named.group_by("user_no", "what").agg(n=named.count())


def find_groups(span: Span, *, purchases: Sequence[str], goals: Sequence[str] = ()) -> PageGroups:
    """Give the page groups of what the span's users did; purchases and goals are in none."""
    kind, item = choose_kind(span, purchases, goals)
    pages = count_pages(span, kind, purchases=purchases, goals=goals, item=item)
    counted = pages.group_by("what").agg(n=pages.n.sum())
    busiest = counted.order_by(ibis.desc("n"), "what").limit(MOST_PATHS)
    counts = [(str(what), int(n)) for what, n in span.tables.engine.rows(busiest)]
    if kind == "page":
        return find_page_groups(counts)
    return find_name_groups(counts, kind=kind, item=item)


def collect_features(
    span: Span,
    *,
    purchases: Sequence[str],
    goals: Sequence[str] = (),
    left_out: Sequence[str] | None = None,
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
    goals
        Further events that count as conversions: outcomes `n_EVENT`, and no features.
    left_out
        The events that are no features beside purchases: the goals of a frozen model; by default
        `goals`.
    groups, channels
        Those of a frozen model; found anew by default.

    Notes
    -----
    Users without a visit in the window are left out, but for those whom the store holds for bots
    for what they did in it: they have their reason and no visits. `days_since_last` counts whole
    days from the last active day to T; hour and weekday are local, as angles, averaged over
    visits.
    """
    apart = goals if left_out is None else left_out
    seen = groups or find_groups(span, purchases=purchases, goals=apart)
    people = _read_visits(span)
    bots = _read_bots(span)
    reasons = np.append(np.full(len(people["user_no"]), ""), bots["bot_reason"]).astype(np.str_)
    users = UserRows(
        np.append(people["user_no"], bots["user_no"]).astype(np.int64),
        np.append(people["user_key"], bots["user_key"]).astype(np.str_),
    )
    views = _pages(span, users, seen, purchases, apart)
    features = Features(
        user_no=users.user_no,
        user_key=users.user_key,
        bot_reason=reasons[users.order],
        blocks={
            "pages": views,
            "source": _by_visits(span, users, "channel", channels),
            "device": _by_visits(span, users, "device_type", DEVICES),
            "time": Block(columns=TIME, values=users.lay_all(people, TIME)),
            "volume": _volume(users, people, views.values.sum(axis=1)),
        },
        outcomes=sum_outcomes(span, users, purchases, goals),
    )
    return features, seen


def collect_halves(
    span: Span,
    *,
    purchases: Sequence[str],
    left_out: Sequence[str] = (),
    groups: PageGroups,
    channels: Sequence[str],
) -> tuple[Features, Features]:
    """Give the features of either half of each user's visits, counted as a frozen model does."""
    first, second = (
        collect_features(
            replace(span, half=half),
            purchases=purchases,
            left_out=left_out,
            groups=groups,
            channels=channels,
        )[0]
        for half in (0, 1)
    )
    return first, second


class UserRows:
    """The users in the order of their keys, and where a number's row is.

    `order` puts what was given in the order of the keys.
    """

    def __init__(self, user_no: IntArray, user_key: npt.NDArray[np.str_]) -> None:
        self.order = np.argsort(user_key, kind="stable")
        self.user_no, self.user_key = user_no[self.order], user_key[self.order]
        self._by_no = np.argsort(self.user_no, kind="stable")
        self._sorted = self.user_no[self._by_no]

    def rows(self, user_no: IntArray) -> tuple[IntArray, npt.NDArray[np.bool_]]:
        """Give the row of each number and whether there is one."""
        place = np.minimum(np.searchsorted(self._sorted, user_no), len(self._sorted) - 1)
        return self._by_no[place], self._sorted[place] == user_no

    def lay(self, user_no: IntArray, values: npt.ArrayLike) -> FloatArray:
        """Give one value a user, 0 where there is none."""
        return self.table(user_no, np.zeros(len(user_no), np.int64), values, 1)[:, 0]

    def lay_all(
        self, found: dict[str, npt.NDArray[np.generic]], names: Sequence[str]
    ) -> FloatArray:
        """Give several columns of what was found, one row a user."""
        user_no = found["user_no"].astype(np.int64)
        return np.column_stack([self.lay(user_no, found[name]) for name in names])

    def table(
        self, user_no: IntArray, column: IntArray, values: npt.ArrayLike, n_columns: int
    ) -> FloatArray:
        """Add values up into one row a user; unknown ones count as 0."""
        shape = len(self.user_no), n_columns
        if not len(self.user_no) or not len(user_no):
            return np.zeros(shape)
        rows, found = self.rows(user_no)
        place = rows[found] * n_columns + np.asarray(column)[found]
        given = np.nan_to_num(np.asarray(values, dtype=np.float64)[found])
        laid = np.bincount(place, weights=given, minlength=shape[0] * n_columns)
        return np.asarray(laid, dtype=np.float64).reshape(shape)


def _read_visits(span: Span) -> dict[str, npt.NDArray[np.generic]]:
    """Give one row a user: visits, active days, engaged seconds, days since the last, mean hour."""
    visits = span.visits
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
    return dict(span.tables.engine.columns(told.drop("last_day")))


def _read_bots(span: Span) -> dict[str, npt.NDArray[np.generic]]:
    """Give one row a user of the span who is a bot with all of his events: key and reason."""
    users = span.tables.users
    bots = users.filter(users.is_bot).semi_join(span.users, "user_no")
    events = span.tables.events
    told = events.filter(events.bot_reason.notnull() & span.is_inside(events))
    reasons = told.group_by("user_no").agg(bot_reason=told.bot_reason.max())
    listed = bots.select("user_no", "user_key")
    if not span.tables.engine.scalar(bots.count()):
        return dict.fromkeys(("user_no", "user_key", "bot_reason"), np.empty(0, dtype=object))
    return dict(span.tables.engine.columns(listed.inner_join(reasons, "user_no")))


def _volume(
    users: UserRows, people: dict[str, npt.NDArray[np.generic]], n_views: FloatArray
) -> Block:
    told = users.lay_all(people, ("n_visits", "n_days", "days_since_last", "engaged_s"))
    n_visits, n_days, days_since_last, seconds = told.T
    per_visit = np.maximum(n_visits, 1)
    columns = [
        *(n_visits, n_views, n_days, days_since_last),
        *(seconds / 60 / per_visit, n_views / per_visit),
    ]
    return Block(columns=VOLUME, values=np.column_stack(columns))


def _pages(
    span: Span,
    users: UserRows,
    groups: PageGroups,
    purchases: Sequence[str],
    goals: Sequence[str],
) -> Block:
    """Count page views by group; each distinct path is looked up once."""
    engine = span.tables.engine
    pages = count_pages(span, groups.kind, purchases=purchases, goals=goals, item=groups.item)
    paths = pages.select("what").distinct()
    known = engine.keep(paths.mutate(place=groups.place(paths.what)), "page_groups")
    grouped = pages.inner_join(known, "what")
    counted = grouped.group_by("user_no", "place").agg(n=grouped.n.sum())
    found = engine.columns(counted)
    values = users.table(found["user_no"], found["place"], found["n"], len(groups.names))
    return Block(columns=groups.names, values=values)


def _by_visits(span: Span, users: UserRows, column: str, names: Sequence[str] | None) -> Block:
    """Count visits by a column's values; `other` is last, for a value not among `names`."""
    engine, visits = span.tables.engine, span.visits
    value = visits[column].fill_null(UNKNOWN)
    if names is None:
        seen = engine.rows(visits.select(value=value).distinct())
        names = (*sorted(str(name) for (name,) in seen), OTHER)
    listed = tuple(names)
    ways = [(name, ibis.literal(i, "int64")) for i, name in enumerate(listed)]
    told = visits.select("user_no", place=value.cases(*ways, else_=listed.index(OTHER)))
    counted = told.group_by("user_no", "place").agg(n=told.count())
    found = engine.columns(counted)
    values = users.table(found["user_no"], found["place"], found["n"], len(listed))
    return Block(columns=listed, values=values)


def sum_outcomes(
    span: Span, users: UserRows, purchases: Sequence[str], goals: Sequence[str]
) -> Block:
    """Count orders, sum their values, count goals; currencies are not told apart here."""
    days = span.within(span.tables.user_days)
    own = days.filter(days.event.isin([*purchases, *goals]))
    is_order = own.event.isin(list(purchases))
    none = ibis.literal(0, "int64")
    counts = {f"n_{goal}": (own.event == goal).ifelse(own.n_events, none).sum() for goal in goals}
    summed = own.group_by("user_no").agg(
        n_orders=is_order.ifelse(own.n_events, none).sum(),
        revenue=is_order.ifelse(own["value"], None).sum().cast("float64"),
        **counts,
    )
    found = span.tables.engine.columns(summed)
    names = ("n_orders", "revenue", *counts)
    return Block(columns=names, values=users.lay_all(found, names))
