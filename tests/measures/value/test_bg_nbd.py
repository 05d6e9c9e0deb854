"""The model of repeat buying against published numbers, exact formulas, and data of its own making.

The published parameters are those of CDNOW: r .243, alpha 4.414 weeks, a .793, b 2.426.
"""

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1
from scipy.stats import beta

from segkit.measures.value import bg_nbd as module
from segkit.measures.value.bg_nbd import BgNbd, fit_bg_nbd, log_likelihood
from segkit.measures.value.grouped import Histories, NoModel, group_histories
from segkit.measures.value.summary import Buyers
from tests.measures.value.orders import histories, make_buyers


def make_model(r: float, alpha: float, a: float, b: float) -> BgNbd:
    return BgNbd(r=r, alpha=alpha, a=a, b=b, loglik=0.0, n_buyers=1, n_repeat=1)


CDNOW = make_model(0.243, 4.414, 0.793, 2.426)


def simulate(model: BgNbd, n: int, *, length: int, seed: int) -> Buyers:
    """Give buyers who do as the model says, watched for `length` days or fewer."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(model.r, 1 / model.alpha, n)
    stop = rng.beta(model.a, model.b, n)
    age = rng.integers(length // 2, length, n)
    x, last, at, alive = np.zeros(n, np.int64), np.zeros(n), np.zeros(n), np.ones(n, bool)
    while alive.any():
        at = at + rng.exponential(1 / rate)
        alive &= at <= age
        x += alive
        last = np.where(alive, at, last)
        alive &= rng.random(n) >= stop
    return make_buyers(frequency=x, age_at_last=last.astype(np.int64), age=age)


# Probabilities and expectations -----------------------------------------------------------------


def test_the_published_example_is_alive_and_expected() -> None:
    h = histories((2, 30.43, 38.86))

    assert CDNOW.p_alive(h)[0] == pytest.approx(0.7266, abs=2e-4)
    assert CDNOW.expected_orders(h, 39)[0] == pytest.approx(1.226, abs=1e-3)


def test_without_a_repeat_one_counts_as_active() -> None:
    assert CDNOW.p_alive(histories((0, 0, 5), (0, 0, 500))).tolist() == [1.0, 1.0]


def test_the_longer_the_silence_the_less_likely_alive() -> None:
    found = CDNOW.p_alive(histories(*((5, 20, age) for age in (20, 30, 60, 1000)))).tolist()

    assert all(later < sooner for sooner, later in pairwise(found))
    assert found[-1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("a", [0.3, 0.793, 1.7])
def test_expectations_equal_the_papers_formula(a: float) -> None:
    model, t, r, b = make_model(0.243, 4.414, a, 2.426), 39.0, 0.243, 2.426
    h = histories((0, 0, 38.86), (2, 30.43, 38.86), (26, 30.86, 31))

    x, at = h.x, 4.414 + h.age
    rest = (at / (at + t)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, t / (at + t))
    wanted = (a + b + x - 1) / (a - 1) * (1 - rest) * model.p_alive(h)
    assert model.expected_orders(h, t) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize(
    ("a", "b"), [(2.0, 8.0), (20.0, 80.0), (300.0, 2.0), (1721.0, 8278.0), (90.0, 9910.0)]
)
def test_expectations_hold_where_buyers_stop_nearly_alike(a: float, b: float) -> None:
    model = make_model(0.5, 20.0, a, b)
    h, t = histories((0, 0, 100), (3, 50, 100), (12, 90, 100)), 120.0

    found = model.expected_orders(h, t) / model.p_alive(h)

    for x, got in zip(h.x.tolist(), found.tolist(), strict=True):
        stops = beta(a, b + x)
        s, n = t / 120.0, 0.5 + x

        def integrand(p: float, stops: Any = stops, s: float = s, n: float = n) -> float:
            return float((1 - (1 + p * s) ** -n) / p * stops.pdf(p))

        middle = [float(stops.ppf(q)) for q in (1e-12, 0.01, 0.5, 0.99, 1 - 1e-12)]
        parts = [quad(integrand, *ends, epsabs=0, epsrel=1e-10)[0] for ends in pairwise(middle)]
        assert got == pytest.approx(sum(parts), rel=1e-8)


@pytest.mark.parametrize(("a", "b"), list(product((0.05, 0.5, 1.0, 4.0), (0.1, 0.5, 3.0))))
def test_expectations_have_no_gaps_and_no_overflow(a: float, b: float) -> None:
    model = make_model(0.25, 4.0, a, b)
    rows = ((0, 0, 1), (1, 1, 400), (1000, 399, 400), (100_000, 399, 400))

    found = [model.expected_orders(histories(*rows), t) for t in (1, 40, 5000)]

    assert np.isfinite(found).all()
    assert (np.diff(found, axis=0) > 0).all()


def test_the_limit_of_all_time_is_known_by_hand() -> None:
    # Of one who stops with probability p after each order, 1/p orders come: (a + b − 1)/(a − 1)
    # is the mean of 1/p for a newcomer, (2 + 3 − 1)/(2 − 1) = 4.
    assert make_model(2, 4, 2, 3).expected_from_start(1e12) == pytest.approx(4, rel=1e-9)


def test_probabilities_of_repeats_sum_to_1_and_average_to_the_expectation() -> None:
    n = np.arange(400)
    p = CDNOW.probability_of(n, 30.0)

    assert p.sum() == pytest.approx(1, abs=1e-9)
    assert p @ n == pytest.approx(float(CDNOW.expected_from_start(30.0)), rel=1e-6)


# The fit ----------------------------------------------------------------------------------------


def test_the_gradient_is_that_of_the_likelihood() -> None:
    h = histories((0, 0, 40), (1, 3, 40), (7, 30, 31), (200, 38, 40))
    logs = np.log([0.25, 4.0, 0.8, 2.5])

    _, gradient = log_likelihood(h, *np.exp(logs))

    step = 1e-6 * np.eye(4)
    for i in range(4):
        up, _ = log_likelihood(h, *np.exp(logs + step[i]))
        down, _ = log_likelihood(h, *np.exp(logs - step[i]))
        assert gradient[i] == pytest.approx((up - down) / 2e-6, abs=1e-6, rel=1e-5)


def test_the_parameters_of_made_up_buyers_are_found_again() -> None:
    truth = make_model(0.5, 20.0, 0.8, 3.0)
    h = group_histories(simulate(truth, 40_000, length=400, seed=5))

    model = fit_bg_nbd(h)

    assert isinstance(model, BgNbd)
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx(
        (0.5, 20.0, 0.8, 3.0), rel=0.12
    )
    value, _ = log_likelihood(h, truth.r, truth.alpha, truth.a, truth.b)
    assert 0 < model.loglik - value @ h.n < 12  # no worse than the truth, and hardly better


def test_weighted_histories_fit_as_single_buyers_do() -> None:
    grouped = group_histories(simulate(make_model(0.5, 20.0, 0.8, 3.0), 3000, length=200, seed=1))
    single = Histories(
        x=grouped.x[grouped.inverse], t_x=grouped.t_x[grouped.inverse],
        age=grouped.age[grouped.inverse], n=np.ones(3000), inverse=np.arange(3000),
    )  # fmt: skip

    found, wanted = fit_bg_nbd(grouped), fit_bg_nbd(single)

    assert isinstance(found, BgNbd)
    assert isinstance(wanted, BgNbd)
    assert len(grouped.n) < 3000 == found.n_buyers == wanted.n_buyers
    assert (found.r, found.b) == pytest.approx((wanted.r, wanted.b), rel=1e-5)


def test_the_unit_of_time_moves_alpha_alone() -> None:
    buyers = simulate(make_model(0.5, 20.0, 0.8, 3.0), 3000, length=200, seed=1)

    days, weeks = (fit_bg_nbd(group_histories(buyers, per_unit=n)) for n in (1, 7))

    assert isinstance(days, BgNbd)
    assert isinstance(weeks, BgNbd)
    assert (weeks.r, weeks.alpha * 7, weeks.a, weeks.b) == pytest.approx(
        (days.r, days.alpha, days.a, days.b), rel=1e-5
    )


@pytest.mark.parametrize("n", [99, 0])
def test_few_who_came_again_make_no_model(n: int) -> None:
    h = group_histories(
        make_buyers(
            frequency=[1] * n + [0] * 500, age_at_last=[5] * n + [0] * 500, age=[9] * (n + 500)
        )
    )

    found = fit_bg_nbd(h)

    assert found == NoModel(reason="too few", n_buyers=n + 500, n_repeat=n, least=100)


def test_where_nobody_ever_stops_nothing_settles_the_parameters() -> None:
    rng = np.random.default_rng(0)
    x = rng.poisson(rng.gamma(2, 2, 2000)) + 1
    h = group_histories(make_buyers(frequency=x, age_at_last=[100] * 2000, age=[100] * 2000))

    found = fit_bg_nbd(h)

    assert isinstance(found, NoModel)
    assert (found.reason, found.n_repeat) == ("no optimum", 2000)


def test_where_all_stop_alike_the_probability_is_found_and_said() -> None:
    truth = make_model(0.5, 20.0, 2e6, 8e6)
    h = group_histories(simulate(truth, 3000, length=300, seed=3))

    model = fit_bg_nbd(h)

    assert isinstance(model, BgNbd)
    assert model.is_alike
    assert model.a + model.b == pytest.approx(1e4)
    assert model.a / (model.a + model.b) == pytest.approx(0.2, abs=0.02)
    assert (model.r, model.alpha) == pytest.approx((0.5, 20.0), rel=0.15)


def test_starts_on_rounded_ages_end_where_those_on_exact_ones_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    h = group_histories(simulate(make_model(0.5, 20.0, 0.8, 3.0), 20_000, length=700, seed=5))
    few = h.coarsened()

    found = fit_bg_nbd(h)
    monkeypatch.setattr(module, "_MANY", len(h.x))
    wanted = fit_bg_nbd(h)

    assert len(few.x) < len(h.x) / 2
    assert (few.n.sum(), few.n_repeat) == (h.n.sum(), h.n_repeat)
    assert isinstance(found, BgNbd)
    assert isinstance(wanted, BgNbd)
    assert not found.is_alike
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx(
        (wanted.r, wanted.alpha, wanted.a, wanted.b), rel=1e-5
    )


def test_several_times_at_once_are_each_expected_as_alone() -> None:
    h = histories((0, 0, 38.86), (2, 30.43, 38.86))

    found = CDNOW.expected_until(h, [1, 39])

    assert found == pytest.approx(
        np.stack([CDNOW.expected_orders(h, 1), CDNOW.expected_orders(h, 39)]), rel=1e-10
    )


def test_no_buyers_are_no_histories() -> None:
    h = group_histories(make_buyers(frequency=np.zeros(0, np.int64), age=np.zeros(0, np.int64)))

    assert (h.n_buyers, h.n_repeat, len(h.x)) == (0, 0, 0)
    assert isinstance(fit_bg_nbd(h), NoModel)


def test_equal_histories_are_one_row_and_every_buyer_finds_theirs() -> None:
    buyers = make_buyers(frequency=[1, 0, 1], age_at_last=[14, 0, 14], age=[21, 7, 21])

    h = group_histories(buyers, per_unit=7)

    rows = np.stack([h.x, h.t_x, h.age, h.n], axis=1)
    assert rows.tolist() == [[0, 0, 1, 1], [1, 2, 3, 2]]
    assert h.inverse.tolist() == [1, 0, 1]
