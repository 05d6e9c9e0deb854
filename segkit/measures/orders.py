"""Say what one order is: a purchase event, or all purchase events that share an id.

Tills and warehouses deliver a line a product. Counted as orders, lines make every average of
orders wrong by as much as a basket has lines.
"""

from collections.abc import Sequence

import ibis
from ibis import Table

from segkit.errors import UnknownNameError
from segkit.measures.sides import Sides
from segkit.schema import INSTANT
from segkit.store.tables import Catalogue


def check_orders(catalogue: Catalogue, purchases: Sequence[str], order_id: str | None) -> None:
    """Refuse purchases or an id of orders that the data does not have.

    Raises
    ------
    UnknownNameError
        For the first unknown event or property, with near names.
    """
    for event in purchases:
        if event not in catalogue.events:
            raise UnknownNameError.of_kind(
                "event", event, catalogue.events, where="[report] purchases"
            )
    known = sorted({key for event in purchases for key in catalogue.events[event].properties})
    if order_id is not None and order_id not in known:
        raise UnknownNameError.of_kind("property", order_id, known, where="[report] order_id")


def count_orders(sides: Sides, purchases: Sequence[str], order_id: str) -> Table:
    """Give one row a buyer of the window: `user_no` and `n_orders`.

    Notes
    -----
    n_orders = different values of the property `order_id` over the user's purchase events, plus
    the purchase events without one. Bots' events do not count.
    """
    events = sides.tables.events
    start, end = (ibis.literal(at, INSTANT) for at in (sides.window.start, sides.window.end))
    bought = events.filter(
        events.event.isin(list(purchases))
        & events.bot_reason.isnull()
        & (events.time >= start)
        & (events.time < end)
    )
    orders = bought.select("user_no", order=sides.engine.json_text(bought.properties, order_id))
    return orders.group_by("user_no").agg(
        n_orders=orders.order.nunique() + orders.order.isnull().sum()
    )
