"""Tell what the buyers of today may yet bring: expected orders times expected amounts, discounted.

The value is of orders to come, not of those that were; it knows no costs, and nobody who has not
bought yet.

Source: Fader, Hardie and Lee 2005, RFM and CLV, Journal of Marketing Research 42.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from segkit.errors import ParameterError
from segkit.measures.value.bg_nbd import BgNbd, fit_bg_nbd
from segkit.measures.value.gamma_gamma import (
    Correlation,
    GammaGamma,
    fit_gamma_gamma,
    measure_correlation,
)
from segkit.measures.value.grouped import LEAST_REPEAT, Histories, NoModel, group_histories
from segkit.measures.value.scores import LEVELS, score_values
from segkit.measures.value.summary import DAYS_PER, Buyers, FloatArray, sum_money
from segkit.measures.withhold import find_withheld

MONTHS = 12
DISCOUNT = 0.01
"""What money loses in value a month; 0.01 is 12.7% a year."""


@dataclass(frozen=True, kw_only=True)
class BuyerValues:
    """Grain: one entry a buyer, in the order of the `Buyers` valued.

    `p_alive`, from 0 to 1; `orders`, the active periods to expect within the horizon; `amount`, the
    mean amount of one; `value`, what they sum to, discounted. Money is in `currency`.
    """

    p_alive: FloatArray
    orders: FloatArray
    amount: FloatArray
    value: FloatArray
    currency: str | None


@dataclass(frozen=True, kw_only=True)
class ValueRow:
    """Buyers of one fifth by expected value, 5 the highest: `n_users`, and their value in sum."""

    fifth: int
    n_users: int | None
    value: Decimal | None


@dataclass(frozen=True, kw_only=True)
class ValueFacts:
    """What `n_buyers` may bring within `months`: `value` in `currency`, discounted.

    `n_alive` is the sum of the probabilities to be active still, `n_orders` that of the active
    periods to expect. `rows` are fifths of buyers, the highest first; buyers of equal value are in
    one row, so rows may be empty. A `correlation` that is strong, or `n_earlier` buyers whose first
    order lies before the window, put the numbers in doubt.
    """

    n_buyers: int
    n_repeat: int
    n_earlier: int
    months: int
    monthly_discount: float
    n_alive: float
    n_orders: float
    value: Decimal
    currency: str | None
    correlation: Correlation
    orders_model: BgNbd
    amounts_model: GammaGamma
    rows: tuple[ValueRow, ...]

    @property
    def value_per_buyer(self) -> float | None:
        """Value / buyers."""
        return float(self.value) / self.n_buyers if self.n_buyers else None


def discount_orders(
    model: BgNbd, h: Histories, *, months: int, discount: float, month: float
) -> FloatArray:
    """Give the active periods to expect of each history, those of later months discounted.

    Parameters
    ----------
    months
        The horizon, 1 or more.
    discount
        What money loses in value a month, 0 or more.
    month
        The length of a month in the unit of the model: 30.4375 for days.

    Notes
    -----
    sum over t = 1..months of (E(t) − E(t − 1)) / (1 + discount)^t, where E(t) is the number of
    active periods to expect in t months.

    Raises
    ------
    ParameterError
        When there is no month, or the discount is negative.
    """
    _check_horizon(months, discount)
    ahead = model.expected_until(h, month * np.arange(1.0, months + 1))
    return _discount(ahead, discount)


def _check_horizon(months: int, discount: float) -> None:
    if months < 1 or discount < 0:
        raise ParameterError.build(
            f"A value looks 1 or more months ahead at a discount of 0 or more; "
            f"found {months} months at {discount}.",
        )


def _discount(ahead: FloatArray, discount: float) -> FloatArray:
    """Give discounted sums of what each month adds; `ahead` holds the sums up to each month."""
    gained = np.diff(ahead, axis=0, prepend=0.0)
    return np.asarray((1 + discount) ** -np.arange(1.0, len(ahead) + 1) @ gained)


def value_buyers(
    buyers: Buyers,
    orders: BgNbd,
    amounts: GammaGamma,
    *,
    months: int = MONTHS,
    discount: float = DISCOUNT,
) -> BuyerValues:
    """Give what each buyer may bring in the coming months.

    Parameters, formula and errors are those of `discount_orders`; `orders` was fitted to the same
    buyers, in their own periods.
    """
    _check_horizon(months, discount)
    h = group_histories(buyers)
    month = DAYS_PER["month"] / DAYS_PER[buyers.grain]
    ahead = orders.expected_until(h, month * np.arange(1.0, months + 1))
    amount = amounts.expected_amount(buyers.frequency.astype(np.float64), buyers.monetary)
    return BuyerValues(
        p_alive=orders.p_alive(h)[h.inverse],
        orders=ahead[-1][h.inverse],
        amount=amount,
        value=_discount(ahead, discount)[h.inverse] * amount,
        currency=buyers.currency,
    )


def measure_value(
    buyers: Buyers,
    *,
    months: int = MONTHS,
    discount: float = DISCOUNT,
    least: int = LEAST_REPEAT,
) -> ValueFacts | NoModel:
    """Give what the buyers may bring in the coming months, or why nobody can tell.

    `least` buyers must have come again, and as many with an amount. The other parameters, and the
    errors, are those of `discount_orders`.
    """
    orders = fit_bg_nbd(group_histories(buyers), least=least)
    if isinstance(orders, NoModel):
        return orders
    amounts = fit_gamma_gamma(buyers, least=least)
    if isinstance(amounts, NoModel):
        return amounts
    found = value_buyers(buyers, orders, amounts, months=months, discount=discount)
    return ValueFacts(
        n_buyers=len(buyers),
        n_repeat=buyers.n_repeat,
        n_earlier=buyers.n_earlier,
        months=months,
        monthly_discount=discount,
        n_alive=float(found.p_alive.sum()),
        n_orders=float(found.orders.sum()),
        value=sum_money(found.value),
        currency=buyers.currency,
        correlation=measure_correlation(buyers),
        orders_model=orders,
        amounts_model=amounts,
        rows=_fifths(found.value),
    )


def _fifths(value: FloatArray) -> tuple[ValueRow, ...]:
    score = score_values(value)
    return tuple(
        ValueRow(
            fifth=fifth,
            n_users=int(np.count_nonzero(score == fifth)),
            value=sum_money(value[score == fifth]),
        )
        for fifth in range(LEVELS, 0, -1)
    )


def withhold_value(facts: ValueFacts, min_size: int) -> ValueFacts:
    """Give the facts without fifths of too few, protected by further ones."""
    counts = [row.n_users for row in facts.rows]
    gone = find_withheld(counts, facts.n_buyers, min_size)
    rows = (
        replace(row, n_users=None, value=None) if i in gone else row
        for i, row in enumerate(facts.rows)
    )
    return replace(facts, rows=tuple(rows))
