"""What buyers may yet bring: discounts by hand, published values, and honest refusals."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from segkit.errors import ParameterError
from segkit.measures.value.bg_nbd import BgNbd
from segkit.measures.value.grouped import NoModel, group_histories
from segkit.measures.value.lifetime_value import (
    ValueFacts,
    ValueRow,
    discount_orders,
    measure_value,
    value_buyers,
    withhold_value,
)
from segkit.measures.value.summary import Buyers
from tests.measures.value.orders import histories, make_buyers
from tests.measures.value.test_bg_nbd import make_model
from tests.measures.value.test_bg_nbd import simulate as simulate_orders
from tests.measures.value.test_gamma_gamma import simulate as simulate_amounts

H = histories((0, 0, 298), (6, 142, 292), (2, 9, 183))


@pytest.fixture(scope="module")
def made_up() -> Buyers:
    """Buyers of whom orders and amounts have nothing to do with each other."""
    orders = simulate_orders(make_model(0.5, 20.0, 0.8, 3.0), 4000, length=400, seed=2)
    amounts = simulate_amounts(4000, p=6, q=4, v=15, seed=2)
    x = np.maximum(orders.frequency, 1)
    mean = np.where(amounts.monetary > 0, amounts.monetary, 30.0)
    rng = np.random.default_rng(2)
    spread = rng.gamma(6.0 * x) / (6.0 * x)
    return replace(orders, monetary=np.where(orders.frequency > 0, mean * spread, 0.0))


def test_without_a_discount_it_is_what_is_expected() -> None:
    model = make_model(0.16, 1.86, 1.85, 3.18)

    found = discount_orders(model, H, months=3, discount=0, month=30)

    assert found == pytest.approx(model.expected_orders(H, 90))


def test_each_month_is_discounted_by_its_own_power() -> None:
    model = make_model(0.16, 1.86, 1.85, 3.18)
    first, both = (model.expected_orders(H, t) for t in (30, 60))

    found = discount_orders(model, H, months=2, discount=1, month=30)

    assert found == pytest.approx(first / 2 + (both - first) / 4)


@pytest.mark.parametrize(("months", "discount"), [(0, 0.01), (12, -0.1)])
def test_no_month_and_a_negative_discount_are_refused(months: int, discount: float) -> None:
    with pytest.raises(ParameterError, match=f"found {months} months at {discount}"):
        discount_orders(make_model(1, 1, 1, 1), H, months=months, discount=discount, month=30)


@pytest.mark.shared
def test_the_published_values_of_30_days_come_out(shared: Path) -> None:
    told = json.loads((shared / "vectors/clv/clv_expectations.json").read_text("utf-8"))
    told = told["clv_discounting"]
    model = make_model(*(told["fit"][name] for name in ("r", "alpha", "a", "b")))
    h = histories(*told["head"])

    def factor(months: int, discount: float) -> float:
        found = discount_orders(model, h, months=months, discount=discount, month=30)
        return float(np.median(found / model.expected_orders(h, 30)))

    # The parameters are published with two digits only, the factors with three.
    assert model.expected_orders(h, 30) == pytest.approx(told["predict_30_days"], rel=0.03)
    factors = told["factor"]
    assert factor(1, 0) == pytest.approx(factors["time_1_rate_0"])
    assert factor(1, 1) == pytest.approx(factors["time_1_rate_1"])
    assert factor(2, 0) == pytest.approx(factors["time_2_rate_0"], rel=0.1)
    assert factor(2, 1) == pytest.approx(factors["time_2_rate_1"], rel=0.1)


def test_the_value_is_orders_times_amount(made_up: Buyers) -> None:
    facts = measure_value(made_up, months=1, discount=0)

    assert isinstance(facts, ValueFacts)
    found = value_buyers(made_up, facts.orders_model, facts.amounts_model, months=1, discount=0)
    assert found.value == pytest.approx(found.orders * found.amount)
    assert found.orders.sum() == pytest.approx(facts.n_orders)
    assert float(facts.value) == pytest.approx(found.value.sum(), abs=1e-3)
    month = facts.orders_model.expected_orders(group_histories(made_up), 365.25 / 12)
    assert found.orders.max() == pytest.approx(month.max())


def test_the_facts_name_what_they_rest_on(made_up: Buyers) -> None:
    facts = measure_value(replace(made_up, n_earlier=3))

    assert isinstance(facts, ValueFacts)
    assert (facts.n_buyers, facts.n_earlier, facts.currency) == (4000, 3, "EUR")
    assert (facts.months, facts.monthly_discount) == (12, 0.01)
    alive = facts.orders_model.p_alive(group_histories(made_up))
    assert facts.n_alive == pytest.approx(alive[group_histories(made_up).inverse].sum())
    assert facts.n_repeat == made_up.n_repeat
    assert facts.correlation.n == made_up.n_repeat
    assert not facts.correlation.is_strong
    assert sum(row.value or 0 for row in facts.rows) == pytest.approx(facts.value, abs=Decimal(1))
    assert [row.fifth for row in facts.rows] == [5, 4, 3, 2, 1]
    assert sum(row.n_users or 0 for row in facts.rows) == 4000
    assert facts.value_per_buyer == pytest.approx(float(facts.value) / 4000)


def test_a_higher_discount_makes_them_worth_less(made_up: Buyers) -> None:
    now, later = (measure_value(made_up, discount=d) for d in (0, 0.05))

    assert isinstance(now, ValueFacts)
    assert isinstance(later, ValueFacts)
    assert later.value < now.value
    assert later.n_orders == now.n_orders


def test_too_few_who_came_again_are_answered_as_such() -> None:
    buyers = make_buyers(frequency=[1] * 20, age_at_last=[3] * 20, age=[9] * 20)

    assert measure_value(buyers) == NoModel(reason="too few", n_buyers=20, n_repeat=20, least=100)


def test_too_few_with_an_amount_are_answered_as_such(made_up: Buyers) -> None:
    found = measure_value(replace(made_up, monetary=np.zeros(4000)))

    assert found == NoModel(reason="too few", n_buyers=4000, n_repeat=0, least=100)


def test_fifths_of_few_are_withheld(made_up: Buyers) -> None:
    facts = measure_value(made_up)
    assert isinstance(facts, ValueFacts)
    small = replace(
        facts,
        n_buyers=53,
        rows=tuple(ValueRow(fifth=f, n_users=n, value=Decimal(n)) for f, n in ((5, 3), (4, 50))),
    )

    found = withhold_value(small, 10)

    assert [(row.n_users, row.value) for row in found.rows] == [(None, None), (None, None)]
    assert isinstance(found.orders_model, BgNbd)
