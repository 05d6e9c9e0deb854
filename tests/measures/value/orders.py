"""Build tables of orders from a list of them: (user number, day, amount), in the zone UTC."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import ibis
import numpy as np

from segkit.measures.sides import Sides
from segkit.measures.value.grouped import Histories
from segkit.measures.value.summary import Buyers
from segkit.periods import Clock
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import build_tables, with_visits

Order = tuple[int, str, float | str | None]


def order_tables(
    engine: Engine, orders: Iterable[Order], *, currency: str = "EUR", event: str = "purchase"
) -> Tables:
    """Give the tables of some orders, each at noon; user 1 is `user_no` 101."""
    raw: list[dict[str, Any]] = [
        {"user": f"u{user:02}", "time": f"{day}T12:00:00Z", "event": event, "bot": None,
         "value": None if amount is None else str(amount), "currency": currency}
        for user, day, amount in orders
    ]  # fmt: skip
    return build_tables(engine, with_visits(raw))


def everyone(tables: Tables, *, end_on: date, start_on: date) -> Sides:
    """Give everyone as the segment, over a window from one day to another."""
    users = tables.users
    groups = users.filter(~users.is_bot).select("user_no")
    return Sides(
        tables=tables,
        groups=groups.mutate(in_segment=ibis.literal(value=True)),
        clock=Clock.at_end_of(end_on, tables.zone),
        days=(end_on - start_on).days + 1,
        n_segment=int(tables.engine.scalar(groups.count())),
        n_baseline=0,
        min_size=1,
    )


def histories(*rows: Sequence[float]) -> Histories:
    """Give histories of one buyer each from rows (x, t_x, age)."""
    x, t_x, age = np.array(rows, np.float64).T
    return Histories(x=x, t_x=t_x, age=age, n=np.ones(len(x)), inverse=np.arange(len(x)))


def make_buyers(**columns: Any) -> Buyers:
    """Give buyers of whom the columns named are known; the others are 0."""
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    n = len(next(iter(arrays.values())))
    whole = ("frequency", "age_at_last", "age", "days_since_last", "n_orders")
    given: dict[str, Any] = {
        **{name: np.zeros(n, np.int64) for name in whole},
        **{name: np.zeros(n) for name in ("monetary", "revenue")},
        "user_no": np.arange(1, n + 1),
        **arrays,
    }
    return Buyers(**given, grain="day", end_on=date(2026, 3, 31), currency="EUR")
