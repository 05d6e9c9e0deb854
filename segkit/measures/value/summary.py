"""Sum the orders of each buyer, in two vocabularies that share their words and not their meaning.

To a model of repeat buying, *recency* is the age of a buyer at the last order: larger is better. To
a segmentation it is the time since that order: smaller is better. Fed with the wrong one, either
gives plausible nonsense. So no column here is named recency: the model reads `frequency`,
`age_at_last`, `age` and `monetary`, the segmentation `days_since_last`, `n_orders` and `revenue`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from math import fsum
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
from ibis import Table

from segkit.errors import ParameterError, name_some
from segkit.measures.grains import place_of
from segkit.measures.orders import check_orders, count_orders
from segkit.measures.sides import Sides
from segkit.periods import Grain, period_start
from segkit.store.engine import Engine

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DAYS_PER: dict[Grain, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
"""The mean number of days in one period of each grain."""


@dataclass(frozen=True, kw_only=True)
class Buyers:
    """Grain: one entry a buyer, sorted by `user_no`; a buyer has at least one order in the window.

    For models, counted in periods of `grain` (days, ISO weeks, months of the report zone):
    `frequency`, active periods − 1; `age_at_last`, last − first active period; `age`, the period of
    `end_on` − first active period; `monetary`, the mean amount of an active period after the first,
    0 when there is none. For segmentation: `days_since_last`, days from the last order to `end_on`;
    `n_orders`; `revenue`, the sum of all amounts, 0 when none is known. Money is in `currency`,
    None when no order has an amount.

    `n_earlier` buyers have an order before the window too, so their first order, and with it
    their `frequency`, `age_at_last` and `age`, are not the true ones: above 0, models want a window
    that reaches back to the beginning of the data.
    """

    user_no: IntArray
    frequency: IntArray
    age_at_last: IntArray
    age: IntArray
    monetary: FloatArray
    days_since_last: IntArray
    n_orders: IntArray
    revenue: FloatArray
    grain: Grain
    end_on: date
    currency: str | None
    n_earlier: int = 0

    def __len__(self) -> int:
        """Give the number of buyers."""
        return len(self.user_no)

    @property
    def n_repeat(self) -> int:
        """Buyers with a second active period."""
        return int(np.count_nonzero(self.frequency))


def build_buyers(
    sides: Sides,
    *,
    purchases: Sequence[str],
    order_id: str | None = None,
    grain: Grain = "day",
) -> Buyers:
    """Give the segment's buyers of the window, summed.

    Parameters
    ----------
    purchases
        The events that are orders.
    order_id
        The property whose values tell orders apart, where a purchase event is a line of an order.
    grain
        The period in which several orders are one active period; days by default.

    Returns
    -------
    Buyers
        Without entries when nobody in the segment bought in the window.

    Raises
    ------
    UnknownNameError
        For an event or a property that the data does not have.
    ParameterError
        When amounts are in several currencies, which are never added up.

    Notes
    -----
    Amounts of one period are summed before the mean is taken. A period whose amounts are all
    unknown is active, but no part of the mean. Bots' events do not count.

    Source: Fader, Hardie and Lee 2005 (x, t_x, T); the `summary_data_from_transaction_data` of
    lifetimes for `monetary`; Hughes 1994 for the segmentation.

    """
    check_orders(sides.tables.catalogue, purchases, order_id)
    orders = _orders(sides, purchases)
    currency = _one_currency(sides, orders)
    summed = _sum_model(orders, sides, grain)
    counted = orders.group_by("user_no").agg(
        days_since_last=ibis.literal(sides.end_on).delta(orders.day.max(), unit="day"),
        n_orders=orders.n_events.sum(),
        revenue=orders["value"].sum().fill_null(0),
    )
    if order_id is not None:
        known = count_orders(sides, purchases, order_id)
        counted = counted.drop("n_orders").inner_join(known, "user_no")
    table = summed.inner_join(counted, "user_no").order_by("user_no")
    columns = [f.name for f in fields(Buyers)][:8]
    found = read_columns(sides.engine, table.select(columns), money=("monetary", "revenue"))
    return Buyers(
        **found,
        grain=grain,
        end_on=sides.end_on,
        currency=currency,
        n_earlier=_count_earlier(sides, orders, purchases),
    )


def build_spending(
    sides: Sides, *, purchases: Sequence[str], grain: Grain = "day"
) -> tuple[IntArray, IntArray, FloatArray]:
    """Give (`user_no`, active periods, mean amount of an active period) of the window's buyers."""
    periods = _sum_periods(_orders(sides, purchases), sides.start_on, grain)
    table = periods.group_by("user_no").agg(
        n_periods=periods.count(), monetary=periods.amount.mean().fill_null(0)
    )
    found = read_columns(sides.engine, table.order_by("user_no"), money=("monetary",))
    return found["user_no"], found["n_periods"], found["monetary"]


def count_periods(first: date, last: date, grain: Grain) -> int:
    """Give how many periods the period of one day lies after that of another.

    >>> count_periods(date(2026, 1, 31), date(2026, 2, 1), "month")
    1
    """
    if grain == "month":
        return (last.year - first.year) * 12 + last.month - first.month
    days = (period_start(last, grain) - period_start(first, grain)).days
    return days // 7 if grain == "week" else days


def sum_money(amounts: FloatArray) -> Decimal:
    """Give the sum of amounts, exact to four decimals.

    >>> sum_money(np.array([0.1] * 10))
    Decimal('1.0000')
    """
    return Decimal(f"{fsum(amounts):.4f}")


def read_columns(engine: Engine, table: Table, *, money: Sequence[str] = ()) -> dict[str, Any]:
    """Give the columns of a table as arrays: `money` as floats, the others as whole numbers."""
    kinds = {name: "float64" if name in money else "int64" for name in table.columns}
    found = engine.columns(
        table.select(**{name: table[name].cast(kind) for name, kind in kinds.items()})
    )
    return {name: np.asarray(found[name], kind) for name, kind in kinds.items()}


def _orders(sides: Sides, purchases: Sequence[str]) -> Table:
    days = sides.tables.user_days
    bought = days.filter(days.event.isin(list(purchases)) & sides.is_inside(days))
    return bought.semi_join(sides.members, "user_no")


def _one_currency(sides: Sides, orders: Table) -> str | None:
    paid = orders.filter(orders["value"].notnull())
    low, high = sides.engine.rows(paid.agg(low=paid.currency.min(), high=paid.currency.max()))[0]
    if low != high:
        raise ParameterError.build(
            f"The amounts are in {name_some([low, high])}, which are never added up.",
            hint="name purchases whose amounts are in one currency.",
        )
    return None if low is None else str(low)


def _sum_periods(orders: Table, first: date, grain: Grain) -> Table:
    """Give one row a buyer and active period: its place, counted from `first`, and its amount."""
    placed = orders.mutate(period=place_of(orders.day, period_start(first, grain), grain))
    return placed.group_by("user_no", "period").agg(amount=placed["value"].sum())


def _sum_model(orders: Table, sides: Sides, grain: Grain) -> Table:
    end = count_periods(sides.start_on, sides.end_on, grain)
    periods = _sum_periods(orders, sides.start_on, grain)
    own = ibis.window(group_by="user_no")
    periods = periods.mutate(first=periods.period.min().over(own))
    repeats = periods.period > periods["first"]
    return periods.group_by("user_no").agg(
        frequency=periods.count() - 1,
        age_at_last=periods.period.max() - periods.period.min(),
        age=end - periods.period.min(),
        monetary=periods.amount.mean(where=repeats).fill_null(0),
    )


def _count_earlier(sides: Sides, orders: Table, purchases: Sequence[str]) -> int:
    days = sides.tables.user_days
    before = days.filter(days.event.isin(list(purchases)) & (days.day < sides.start_on))
    bought = orders.select("user_no").distinct()
    return int(sides.engine.scalar(bought.semi_join(before, "user_no").count()))
