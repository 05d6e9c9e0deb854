"""Count who ordered in each period, among members who may be others in every period."""

from collections.abc import Sequence

from ibis import Table

from segkit.measures.activity import bit_of, has_bit
from segkit.measures.grains import Period, find_grain, place_of
from segkit.measures.latest import all_bits
from segkit.measures.sides import Sides


def buyer_bits(sides: Sides, purchases: Sequence[str], periods: Sequence[Period]) -> Table:
    """Give one row a buyer: `user_no` and `bits`, bit i for an order in the i-th period."""
    days, first = sides.tables.user_days, periods[0].start_on
    orders = days.filter(days.day.between(first, sides.end_on), days.event.isin(list(purchases)))
    place = place_of(orders.day, first, find_grain(sides.days))
    return orders.group_by("user_no").agg(bits=all_bits(bit_of(place)))


def count_buyers(sides: Sides, members: Table, buyers: Table, n_periods: int) -> list[int]:
    """Give how many members of each period's end ordered in that period.

    Parameters
    ----------
    members
        `user_no` and `bits`: bit 0 is the end of the period before the first, bit i + 1 the end of
        the i-th.
    buyers
        As of `buyer_bits`.
    """
    both = members.inner_join(buyers.select("user_no", bought="bits"), "user_no")
    counts = {
        f"n_{i}": (has_bit(both.bits, i + 1) * has_bit(both.bought, i)).sum()
        for i in range(n_periods)
    }
    return [int(n or 0) for n in sides.engine.rows(both.agg(**counts))[0]]
