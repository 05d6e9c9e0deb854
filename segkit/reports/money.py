"""Decide in which currency a report speaks of money, or that it cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

from segkit.measures.activity import ActivityTotals


@dataclass(frozen=True, kw_only=True)
class Money:
    """The events that are orders, the currencies of their amounts, and the report's one.

    `currency` is None when there is none or more than one: amounts are then not shown.
    """

    purchases: tuple[str, ...]
    currencies: tuple[str, ...]
    currency: str | None

    @property
    def is_shown(self) -> bool:
        """Whether amounts are shown."""
        return bool(self.purchases) and self.currency is not None


def find_money(
    totals: Sequence[ActivityTotals], *, purchases: Sequence[str], default: str | None
) -> Money:
    """Give the currency of all orders of both sides; `default` stands in for amounts without one.

    >>> euro, pound = (ActivityTotals(currencies=frozenset({c})) for c in ("EUR", "GBP"))
    >>> find_money([euro, euro], purchases=["purchase"], default=None).currency
    'EUR'
    >>> find_money([euro, pound], purchases=["purchase"], default="EUR").is_shown
    False
    """
    found = sorted(frozenset().union(*(side.currencies for side in totals)))
    one = found[0] if len(found) == 1 else None
    return Money(
        purchases=tuple(purchases),
        currencies=tuple(found),
        currency=one if found else default,
    )
