"""Sum the day rollup to one row a user, once, for everything that a report asks about events.

Which events a user did, and in which weeks, are kept as bits of one integer: then counting users
of 60 events or 26 weeks is one pass over users, not one over days for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import ibis
from ibis import Table
from ibis.expr.types import IntegerColumn, IntegerValue

from segkit.measures.facts import Breakdown
from segkit.measures.latest import all_bits
from segkit.measures.orders import count_orders
from segkit.measures.sides import Shape, Sides, build_breakdown
from segkit.schema import PAGE_EVENTS
from segkit.store.tables import Catalogue

PURCHASES = ("purchase", "Order Completed", "order_completed", "transaction")
"""Names under which the common sources report an order: GA4, Segment, and older ones."""
MOST_BITS = 62
SEVEN_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What users did, summed to one row a user, people outside the report's groups included.

    Columns of `users`: `user_no`, and inside the window `n_events`, `n_page_views`, `n_orders`,
    `revenue` (of the orders), `first_currency` and `last_currency` (equal when there is one),
    `event_bits` (bit i is `events[i]`), `week_bits` (bit k is the ISO week from `first_week` + 7k
    days), `last_day`; and `is_active_7d`: any event in the 7 days before T.
    """

    users: Table
    events: tuple[str, ...]
    purchases: tuple[str, ...]
    first_week: date


def find_purchases(catalogue: Catalogue) -> tuple[str, ...]:
    """Give the events that count as orders: those of `PURCHASES` that the data has."""
    return tuple(name for name in PURCHASES if name in catalogue.events)


def has_bit(bits: IntegerValue, place: int) -> IntegerValue:
    """Give 1 where a bit is set, else 0."""
    return (bits >> place) & 1


def bit_of(index: IntegerColumn) -> IntegerColumn:
    """Give the integer whose one bit is `index`; 0 for an index that is negative or has no bit."""
    fits = index.between(0, MOST_BITS - 1)
    shifted = ibis.literal(1, "int64") << fits.ifelse(index, 0).cast("int64")
    return fits.ifelse(shifted, ibis.literal(0, "int64"))


def first_monday(day: date) -> date:
    """Give the first Monday on or after a day.

    >>> first_monday(date(2026, 7, 1))
    datetime.date(2026, 7, 6)
    """
    return day + timedelta(days=-day.weekday() % 7)


def first_whole_week(sides: Sides) -> date:
    """Give the Monday of the window's first whole week that still has a bit."""
    this_week = sides.end_on - timedelta(days=sides.end_on.weekday())
    return max(first_monday(sides.start_on), this_week - timedelta(weeks=MOST_BITS - 1))


def build_activity(
    sides: Sides, *, purchases: Sequence[str], order_id: str | None = None
) -> Activity:
    """Sum the window's days to one row a user and keep them.

    `purchases` are the events that are orders; those of a user with the same value of the property
    `order_id` are one.

    Users without an event in the window (or in the last 7 days, where the window is shorter) have
    no row.
    """
    days = sides.tables.user_days
    counts = sides.tables.catalogue.events
    events = tuple(sorted(counts, key=lambda name: (-counts[name].n, name))[:MOST_BITS])
    last_7d = sides.end_on - timedelta(days=SEVEN_DAYS - 1)
    first_week = first_whole_week(sides)
    read = days.filter(days.day.between(min(sides.start_on, last_7d), sides.end_on))
    inside = None if sides.start_on <= last_7d else read.day >= sides.start_on
    week = (read.day.delta(first_week, unit="day") // 7).cast("int64")
    views = [name for name in PAGE_EVENTS if name in counts]
    summed = read.group_by("user_no").agg(
        n_events=read.n_events.sum(where=inside).fill_null(0),
        n_page_views=read.n_events.sum(where=_and(read.event.isin(views), inside)).fill_null(0),
        event_bits=all_bits(_inside(_event_bits(read, events), inside)),
        week_bits=all_bits(_inside(bit_of(week), inside)),
        last_day=read.day.max(),
    )
    summed = summed.mutate(is_active_7d=summed.last_day >= last_7d)
    bought = _sum_orders(days.filter(sides.is_inside(days)), purchases)
    if order_id is not None:
        orders = count_orders(sides, purchases, order_id)
        bought = bought.drop("n_orders").join(orders, "user_no")
    summed = summed.left_join(bought, "user_no").drop("user_no_right")
    summed = summed.mutate(
        n_orders=summed.n_orders.fill_null(0), revenue=summed.revenue.fill_null(0)
    )
    users = sides.engine.keep(summed, "activity", is_alike=True)
    return Activity(users=users, events=events, purchases=tuple(purchases), first_week=first_week)


def _event_bits(days: Table, events: Sequence[str]) -> IntegerColumn:
    none = ibis.literal(0, "int64")
    cases = [(name, ibis.literal(1 << i, "int64")) for i, name in enumerate(events)]
    return days.event.cases(*cases, else_=none) if cases else none


def _sum_orders(days: Table, purchases: Sequence[str]) -> Table:
    """Give one row a buyer; the rollup lies sorted by event, so that little of it is read."""
    orders = days.filter(days.event.isin(list(purchases)))
    has_amount = orders["value"].notnull()
    return orders.group_by("user_no").agg(
        n_orders=orders.n_events.sum(),
        revenue=orders["value"].sum(),
        first_currency=orders.currency.min(where=has_amount),
        last_currency=orders.currency.max(where=has_amount),
    )


def _inside(bits: IntegerColumn, inside: Any) -> IntegerColumn:  # noqa: ANN401  Ibis booleans
    """Give bits only where a row lies in the window."""
    return bits if inside is None else inside.ifelse(bits, ibis.literal(0, "int64"))


def _and(test: Any, other: Any) -> Any:  # noqa: ANN401  Ibis booleans, scalar or column
    return test if other is None else test & other


@dataclass(frozen=True, kw_only=True)
class ActivityTotals:
    """Sums of one side over the window; `n_active` are users with any event in it.

    `n_active_7d` are users with any event in the 7 days before T. `currencies` are those of the
    orders; with more than one, `revenue` means nothing.
    """

    n_active: int = 0
    n_active_7d: int = 0
    n_events: int = 0
    n_page_views: int = 0
    n_orders: int = 0
    n_buyers: int = 0
    revenue: Decimal = Decimal(0)
    currencies: frozenset[str] = frozenset()


def measure_activity(
    sides: Sides, activity: Activity
) -> tuple[ActivityTotals, ActivityTotals, Breakdown, Breakdown]:
    """Give the sums of both sides, the events that users did, and how often buyers bought.

    Returns
    -------
    tuple
        Totals of the segment, totals of the baseline; `events` (users who did the event, of all
        users of the side; not a partition); `purchases` (buyers by number of orders, of all
        buyers; a partition).
    """
    users = sides.joined(activity.users)
    columns: dict[str, Any] = {
        "n_active": (users.n_events > 0).sum(),
        "n_active_7d": users.is_active_7d.sum(),
        "n_events": users.n_events.sum(),
        "n_page_views": users.n_page_views.sum(),
        "n_orders": users.n_orders.sum(),
        "n_buyers": (users.n_orders > 0).sum(),
        "revenue": users.revenue.sum(),
        "first_currency": users.first_currency.min(),
        "last_currency": users.last_currency.max(),
    }
    columns |= {f"orders_{k}": (users.n_orders == k).sum() for k in range(1, 5)}
    columns |= {f"event_{i}": has_bit(users.event_bits, i).sum() for i in _places(activity)}
    table = users.group_by("in_segment").agg(**columns)
    found = {row[0]: dict(zip(table.columns, row, strict=True)) for row in sides.engine.rows(table)}
    own, other = (found.get(side, dict.fromkeys(columns, 0)) for side in (True, False))
    events = {
        e: (own[f"event_{i}"], other[f"event_{i}"])
        for i, e in zip(_places(activity), activity.events, strict=True)
    }
    return (
        _totals(own),
        _totals(other),
        build_breakdown(
            Shape(name="events", title="Events", of="users", is_partition=False),
            events,
            totals=(sides.n_segment, sides.n_baseline),
            min_size=sides.min_size,
        ),
        _orders_breakdown(own, other),
    )


def _places(activity: Activity) -> range:
    return range(len(activity.events))


def _totals(row: dict[str, Any]) -> ActivityTotals:
    currencies = frozenset(row[c] for c in ("first_currency", "last_currency") if row[c])
    names = ("n_active", "n_active_7d", "n_events", "n_page_views", "n_orders", "n_buyers")
    counts = {name: int(row[name] or 0) for name in names}
    return ActivityTotals(**counts, revenue=Decimal(row["revenue"] or 0), currencies=currencies)


def fold_orders(orders: Breakdown) -> Breakdown:
    """Give buyers by number of orders in two rows: one order, and more."""
    first, rest = orders.rows[0], orders.rows[1:]
    more = replace(
        rest[0],
        value="2 or more orders",
        n=sum(row.n or 0 for row in rest),
        n_baseline=sum(row.n_baseline or 0 for row in rest),
    )
    return replace(orders, rows=(first, more))


def _orders_breakdown(own: dict[str, Any], other: dict[str, Any]) -> Breakdown:
    names = {1: "1 order", 2: "2 orders", 3: "3 orders", 4: "4 orders"}
    counts = {title: (own[f"orders_{k}"], other[f"orders_{k}"]) for k, title in names.items()}
    buyers = own["n_buyers"], other["n_buyers"]
    few = tuple(sum(pair[side] for pair in counts.values()) for side in (0, 1))
    counts["5 or more orders"] = (buyers[0] - few[0], buyers[1] - few[1])
    return build_breakdown(
        Shape(name="purchases", title="Orders of a buyer", of="buyers", is_partition=True),
        counts,
        totals=buyers,
        min_size=0,
        keep_order=True,
    )
