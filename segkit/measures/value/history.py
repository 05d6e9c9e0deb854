"""Read the orders of segment and baseline once, from the first day of the data up to T.

Scores, models and their test ask the same three things of every buyer: when the first order was,
when the last, and on how many days between. One pass over the day rollup answers them for both
sides of a report, for all of the time and for the part before a day in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import numpy as np
import numpy.typing as npt
from ibis import Table

from segkit.errors import ParameterError
from segkit.measures.orders import check_orders, count_orders
from segkit.measures.sides import Sides
from segkit.measures.value.grouped import Repeats
from segkit.measures.value.holdout import Watched
from segkit.measures.value.summary import Buyers, IntArray, read_columns
from segkit.periods import local_day

BoolArray = npt.NDArray[np.bool_]
CALIBRATION = 2 / 3
"""The part of the days that a model is fitted to when it is put to the test on the rest."""


@dataclass(frozen=True, kw_only=True)
class History:
    """Buyers of segment and baseline with all their orders from `start_on`, the data's first day.

    `in_segment` and `n_before` are in the order of `buyers`: whether one is in the segment, and the
    orders before the report's window. `watched` is the same history split in two; None when it is
    too short to be split.
    """

    buyers: Buyers
    in_segment: BoolArray
    n_before: IntArray
    start_on: date
    watched: Watched | None

    @property
    def days(self) -> int:
        """The days from the first of the data up to T."""
        return (self.buyers.end_on - self.start_on).days + 1


def build_history(
    sides: Sides,
    *,
    purchases: Sequence[str],
    order_id: str | None = None,
    currency: str | None = None,
    until: date | None = None,
    days: int | None = None,
) -> History:
    """Give the buyers among segment and baseline, with what they ordered up to T.

    Parameters
    ----------
    purchases, order_id
        The events that are orders, and the property whose values tell orders apart where a purchase
        event is a line of an order.
    currency
        The one that all amounts are in; who asks makes sure that there is no other.
    until
        The last day of what a model is fitted to for its test; by default two thirds of all days.
    days
        Look at no more than the last so many days up to T. Scores can do with them; models cannot,
        who must know every buyer's first order.

    Raises
    ------
    UnknownNameError
        For an event or a property that the data does not have.
    ParameterError
        When `until` is not a day from the first of the data to before T.

    Notes
    -----
    Words and definitions are those of `Buyers`, with days as periods. The baseline is that of
    `sides`, so the buyers are those of the universe where the baseline is the rest of it.
    """
    check_orders(sides.tables.catalogue, purchases, order_id)
    first_at = sides.tables.catalogue.first_at
    start_on = local_day(first_at, sides.clock.zone) if first_at else sides.start_on
    if days is not None:
        start_on = max(start_on, sides.end_on - timedelta(days=days - 1))
    start_on = min(start_on, sides.end_on)
    split = _split(start_on, sides.end_on, until)
    table = _sum_users(_order_days(sides, purchases, start_on), sides, split)
    if order_id is not None:
        whole = _whole(sides, start_on)
        known = count_orders(whole, purchases, order_id)
        table = table.drop("n_orders").inner_join(known, "user_no")
    found = read_columns(
        sides.engine, table.order_by("user_no"), money=("revenue", "repeat_amount")
    )
    buyers = _buyers(found, sides, currency)
    return History(
        buyers=buyers,
        in_segment=found["in_segment"].astype(np.bool_),
        n_before=found["n_before"],
        start_on=start_on,
        watched=_watch(found, split, sides.end_on) if split else None,
    )


def _split(start_on: date, end_on: date, until: date | None) -> date | None:
    days = (end_on - start_on).days + 1
    if until is None:
        return start_on + timedelta(days=round(days * CALIBRATION) - 1) if days > 2 else None  # noqa: PLR2004  two days are no past and future
    if not start_on <= until < end_on:
        raise ParameterError.build(
            f"`until` is {until}; expected a day from {start_on} to before {end_on}.",
            hint="name the last day of what the model is fitted to.",
        )
    return until


def _whole(sides: Sides, start_on: date) -> Sides:
    """Give the sides with a window that reaches back to the first day of the data."""
    return Sides(
        tables=sides.tables,
        groups=sides.groups,
        clock=sides.clock,
        days=(sides.end_on - start_on).days + 1,
        n_segment=sides.n_segment,
        n_baseline=sides.n_baseline,
        min_size=sides.min_size,
    )


def _order_days(sides: Sides, purchases: Sequence[str], start_on: date) -> Table:
    """Give one row a user and day with an order up to T: orders and their amount."""
    days = sides.tables.user_days
    is_order = days.event.isin(list(purchases))
    bought = days.filter(is_order & days.day.between(start_on, sides.end_on))
    return bought.group_by("user_no", "day").agg(
        n_orders=bought.n_events.sum(), amount=bought["value"].sum()
    )


def _sum_users(days: Table, sides: Sides, split: date | None) -> Table:
    """Give one row a buyer of either side.

    `to_first`, `to_last` and `to_split` are days from the first and last order up to T, and from
    the last one of the first part up to its end.
    """
    until = split or sides.end_on
    early = days.day <= until
    known_first = days.amount.notnull().cast("int64").argmin(days.day)
    summed = days.group_by("user_no").agg(
        first=days.day.min(),
        last=days.day.max(),
        n_days=days.count(),
        n_early=days.count(where=early),
        last_early=days.day.max(where=early),
        n_before=days.n_orders.sum(where=days.day < sides.start_on).fill_null(0),
        n_orders=days.n_orders.sum(),
        revenue=days.amount.sum().fill_null(0),
        repeat_amount=days.amount.sum().fill_null(0) - days.amount.fill_null(0).argmin(days.day),
        n_repeat_known=days.amount.count() - known_first,
    )
    end, middle = ibis.literal(sides.end_on), ibis.literal(until)
    joined = sides.joined(sides.engine.keep(summed, "orders", is_alike=True))
    return joined.select(
        "user_no",
        "in_segment",
        "n_days",
        "n_early",
        "n_before",
        "n_orders",
        "revenue",
        "repeat_amount",
        "n_repeat_known",
        to_first=end.delta(joined["first"], unit="day"),
        to_last=end.delta(joined["last"], unit="day"),
        to_split=middle.delta(joined.last_early, unit="day").fill_null(0),
    )


def _buyers(found: dict[str, IntArray], sides: Sides, currency: str | None) -> Buyers:
    known = found["n_repeat_known"]
    return Buyers(
        user_no=found["user_no"],
        frequency=found["n_days"] - 1,
        age_at_last=found["to_first"] - found["to_last"],
        age=found["to_first"],
        monetary=np.where(known > 0, found["repeat_amount"] / np.maximum(known, 1), 0.0),
        days_since_last=found["to_last"],
        n_orders=found["n_orders"],
        revenue=np.asarray(found["revenue"], np.float64),
        grain="day",
        end_on=sides.end_on,
        currency=currency,
    )


def _watch(found: dict[str, IntArray], until: date, end_on: date) -> Watched:
    early = found["n_early"] > 0
    length = (end_on - until).days
    age = found["to_first"][early] - length
    return Watched(
        repeats=Repeats(
            frequency=found["n_early"][early] - 1,
            age_at_last=age - found["to_split"][early],
            age=age,
        ),
        n_periods=(found["n_days"] - found["n_early"])[early],
        until=until,
        end_on=end_on,
        grain="day",
        length=length,
    )
