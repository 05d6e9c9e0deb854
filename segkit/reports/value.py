"""Give a report what its buyers are worth, where there are orders in one currency."""

from dataclasses import replace

from segkit.compare.lifts import add_lifts
from segkit.measures.sides import Sides
from segkit.measures.value.customers import Groups, measure_customers
from segkit.measures.value.facts import CustomerValue
from segkit.measures.value.history import History, build_history
from segkit.reports.money import Money


def measure_value(
    sides: Sides, money: Money, *, order_id: str | None, min_size: int
) -> CustomerValue | None:
    """Give customer value of both sides; None without orders, amounts or buyers.

    All orders up to T count, not only those of the report's window: a model must know every
    buyer's first. Orders in a currency that the window does not have are never added up either.
    """
    if not money.is_shown or has_other_currency(sides, money):
        return None
    history = build_history(
        sides, purchases=money.purchases, order_id=order_id, currency=money.currency
    )
    return value_of(history, sides, min_size) if len(history.buyers) else None


def value_of(
    history: History,
    sides: Sides,
    min_size: int,
    *,
    months: int | None = None,
    discount: float = 0.01,
) -> CustomerValue:
    """Give the value of buyers, withheld, with the lifts of the cells."""
    groups = Groups(
        n_segment=sides.n_segment,
        n_baseline=sides.n_baseline,
        min_size=min_size,
        window_start=sides.start_on,
    )
    found = measure_customers(history, groups, months=months, discount=discount)
    return replace(found, cells=add_lifts(found.cells))


def has_other_currency(sides: Sides, money: Money) -> bool:
    """Say whether orders of either side, ever, have amounts in another currency."""
    if set(sides.tables.catalogue.currencies) <= {money.currency}:
        return False
    days = sides.tables.user_days
    paid = days.filter(
        days.event.isin(list(money.purchases))
        & (days.day <= sides.end_on)
        & days["value"].notnull()
        & (days.currency != money.currency)
    )
    return bool(sides.engine.scalar(paid.semi_join(sides.groups, "user_no").count()))
