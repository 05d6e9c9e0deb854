"""What an order is worth: the model against made-up buyers, and what it cannot tell."""

import numpy as np
import pytest

from segkit.measures.value.gamma_gamma import (
    GammaGamma,
    fit_gamma_gamma,
    measure_correlation,
)
from segkit.measures.value.grouped import NoModel
from segkit.measures.value.summary import Buyers
from tests.measures.value.orders import make_buyers


def simulate(n: int, *, p: float, q: float, v: float, seed: int) -> Buyers:
    """Give buyers whose order amounts are gamma(p, rate), with rates gamma(q, v) over buyers."""
    rng = np.random.default_rng(seed)
    x = rng.poisson(2, n)
    rate = rng.gamma(q, 1 / v, n)
    total = rng.gamma(p * np.maximum(x, 1)) / rate
    return make_buyers(frequency=x, monetary=np.where(x > 0, total / np.maximum(x, 1), 0.0))


def test_the_parameters_of_made_up_buyers_are_found_again() -> None:
    buyers = simulate(20_000, p=6, q=4, v=15, seed=3)

    model = fit_gamma_gamma(buyers)

    assert isinstance(model, GammaGamma)
    assert (model.p, model.q, model.v) == pytest.approx((6, 4, 15), rel=0.12)
    assert model.mean == pytest.approx(6 * 15 / 3, rel=0.02)
    assert (model.n_buyers, model.n_repeat) == (20_000, int((buyers.frequency > 0).sum()))


def test_the_currency_moves_v_alone() -> None:
    buyers = simulate(3000, p=6, q=4, v=15, seed=3)
    cents = make_buyers(frequency=buyers.frequency, monetary=buyers.monetary * 100)

    whole, small = fit_gamma_gamma(buyers), fit_gamma_gamma(cents)

    assert isinstance(whole, GammaGamma)
    assert isinstance(small, GammaGamma)
    assert (small.p, small.q, small.v / 100) == pytest.approx((whole.p, whole.q, whole.v), rel=1e-5)
    assert small.loglik == pytest.approx(whole.loglik - whole.n_repeat * np.log(100))


def test_a_mean_of_few_orders_is_drawn_towards_that_of_all() -> None:
    model = GammaGamma(p=6, q=4, v=15, loglik=0, n_buyers=1, n_repeat=1, currency="EUR")

    found = model.expected_amount(np.array([0.0, 1, 3, 1e9]), np.array([0.0, 60, 60, 60]))

    # p v / (q − 1) = 30; p (v + x m) / (p x + q − 1) = 6 × 75 / 9 and 6 × 195 / 21.
    assert found == pytest.approx([30, 50, 1170 / 21, 60])


def test_amounts_of_nothing_or_taken_back_are_left_out() -> None:
    buyers = simulate(500, p=6, q=4, v=15, seed=3)
    odd = make_buyers(frequency=[*buyers.frequency, 3, 2], monetary=[*buyers.monetary, 0.0, -5.0])

    model, wanted = fit_gamma_gamma(odd), fit_gamma_gamma(buyers)

    assert isinstance(model, GammaGamma)
    assert isinstance(wanted, GammaGamma)
    assert (model.p, model.n_repeat) == (wanted.p, wanted.n_repeat)
    assert model.expected_amount(np.array([3.0]), np.array([-5.0])) == pytest.approx([model.mean])


def test_few_with_an_amount_make_no_model() -> None:
    buyers = make_buyers(frequency=[2] * 99 + [0] * 9, monetary=[5.0] * 99 + [0.0] * 9)

    found = fit_gamma_gamma(buyers)

    assert found == NoModel(reason="too few", n_buyers=108, n_repeat=99, least=100)


def test_where_all_spend_alike_nothing_settles_the_parameters() -> None:
    found = fit_gamma_gamma(make_buyers(frequency=[2] * 200, monetary=[5.0] * 200))

    assert isinstance(found, NoModel)
    assert found.reason == "no optimum"


def test_amounts_without_a_mean_are_said_to_have_none() -> None:
    found = fit_gamma_gamma(simulate(5000, p=6, q=0.7, v=15, seed=3))

    assert isinstance(found, NoModel)
    assert found.reason == "no mean"


def test_correlation_is_of_those_who_came_again() -> None:
    # Without the two at frequency 0: (1, 10), (2, 30), (3, 20); r = 0.5.
    buyers = make_buyers(frequency=[1, 2, 3, 0, 0], monetary=[10.0, 30.0, 20.0, 0.0, 0.0])

    found = measure_correlation(buyers)

    assert found.r == pytest.approx(0.5)
    assert (found.n, found.is_strong) == (3, True)


@pytest.mark.parametrize(
    ("frequency", "monetary"),
    [([1, 2], [3.0, 4.0]), ([2, 2, 2], [3.0, 4.0, 5.0]), ([1, 2, 3], [4.0, 4.0, 4.0]), ([], [])],
    ids=["two", "one frequency", "one amount", "nobody"],
)
def test_no_correlation_where_nothing_varies(frequency: list[int], monetary: list[float]) -> None:
    buyers = make_buyers(frequency=np.array(frequency, np.int64), monetary=np.array(monetary))

    found = measure_correlation(buyers)

    assert (found.r, found.is_strong) == (None, False)
