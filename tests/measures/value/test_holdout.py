"""Predicted against actual: who is in the calibration, what counts as after, what is refused."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from segkit.errors import ParameterError
from segkit.measures.sides import Sides
from segkit.measures.value.facts import HoldoutFacts, HoldoutRow
from segkit.measures.value.grouped import NoModel
from segkit.measures.value.holdout import (
    Holdout,
    build_holdout,
    measure_holdout,
    withhold_holdout,
)
from segkit.periods import Grain
from segkit.store.engine import Engine
from tests.measures.value.orders import everyone, order_tables
from tests.measures.value.test_bg_nbd import make_model, simulate

UNTIL = date(2026, 2, 28)
ORDERS = [
    (1, "2026-01-05", 10), (1, "2026-02-28", 20), (1, "2026-03-01", 8), (1, "2026-03-01", 4),
    (1, "2026-03-31", 18), (2, "2026-02-01", 5), (3, "2026-03-02", 7),
]  # fmt: skip


@pytest.fixture(scope="module")
def sides(engine: Engine) -> Sides:
    tables = order_tables(engine, [(u, d, float(a)) for u, d, a in ORDERS])
    return everyone(tables, start_on=date(2026, 1, 1), end_on=date(2026, 3, 31))


def test_buyers_up_to_the_day_are_followed_after_it(sides: Sides) -> None:
    found = build_holdout(sides, until=UNTIL, purchases=["purchase"])

    assert found.calibration.user_no.tolist() == [101, 102]
    assert found.calibration.frequency.tolist() == [1, 0]
    assert found.calibration.age.tolist() == [54, 27]
    assert found.n_periods.tolist() == [2, 0]
    assert found.monetary.tolist() == [15.0, 0.0]
    assert (found.length, found.end_on) == (31, date(2026, 3, 31))


def test_months_are_counted_as_months(sides: Sides) -> None:
    found = build_holdout(sides, until=UNTIL, purchases=["purchase"], grain="month")

    assert (found.n_periods.tolist(), found.length) == ([1, 0], 1)


@pytest.mark.parametrize(
    ("until", "grain"),
    [
        (date(2026, 3, 31), "day"), (date(2025, 12, 31), "day"),
        (date(2026, 2, 27), "month"), (date(2026, 2, 28), "week"),
    ],
    ids=["the last day", "before the window", "within a month", "a Saturday"],
)  # fmt: skip
def test_a_day_that_splits_nothing_or_a_period_is_refused(
    sides: Sides, until: date, grain: Grain
) -> None:
    with pytest.raises(ParameterError, match=rf"`until` is {until}; expected the last day of a"):
        build_holdout(sides, until=until, purchases=["purchase"], grain=grain)


@pytest.fixture(scope="module")
def made_up() -> Holdout:
    """Buyers watched for 200 days of calibration and 100 more, who do as the model says."""
    truth = make_model(0.5, 20.0, 0.8, 3.0)
    rng = np.random.default_rng(4)
    buyers = simulate(truth, 20_000, length=200, seed=4)
    h_age = buyers.age.astype(float)
    x, t_x = buyers.frequency, buyers.age_at_last
    log_odds = np.log(0.8 / (2 + np.maximum(x, 1))) + (0.5 + x) * np.log((20 + h_age) / (20 + t_x))
    alive = (x == 0) | (rng.random(len(x)) < 1 / (1 + np.exp(log_odds)))
    rate, stop = rng.gamma(0.5 + x, 1 / (20 + h_age)), rng.beta(0.8, 3 + x)
    n, at = np.zeros(len(x), np.int64), np.zeros(len(x))
    while alive.any():
        at = at + rng.exponential(1 / rate)
        alive &= at <= 100
        n += alive
        alive &= rng.random(len(x)) >= stop
    return Holdout(
        calibration=buyers, n_periods=n, monetary=np.zeros(len(x)), length=100,
        end_on=date(2026, 7, 9),
    )  # fmt: skip


def test_buyers_who_do_as_the_model_says_are_predicted(made_up: Holdout) -> None:
    facts = measure_holdout(made_up)

    assert isinstance(facts, HoldoutFacts)
    assert facts.n_buyers == 20_000
    assert facts.actual == made_up.n_periods.sum()
    assert facts.error == pytest.approx(0, abs=0.05)
    for row in facts.rows:
        assert row.predicted_mean == pytest.approx(row.actual_mean, rel=0.2, abs=0.03)


def test_rows_are_complete_and_sum_to_the_totals(made_up: Holdout) -> None:
    facts = measure_holdout(made_up)

    assert isinstance(facts, HoldoutFacts)
    assert [row.frequency for row in facts.rows] == [*map(str, range(7)), "7 or more"]
    assert sum(row.n_buyers or 0 for row in facts.rows) == facts.n_buyers
    assert sum(row.actual or 0 for row in facts.rows) == facts.actual
    assert sum(row.predicted or 0 for row in facts.rows) == pytest.approx(facts.predicted)


def test_a_holdout_in_which_nobody_came_has_no_error(made_up: Holdout) -> None:
    facts = measure_holdout(replace(made_up, n_periods=np.zeros(20_000, np.int64)))

    assert isinstance(facts, HoldoutFacts)
    assert (facts.actual, facts.error) == (0, None)


def test_too_few_who_came_again_are_answered_as_such(sides: Sides) -> None:
    holdout = build_holdout(sides, until=UNTIL, purchases=["purchase"])

    found = measure_holdout(holdout)

    assert found == NoModel(reason="too few", n_buyers=2, n_repeat=1, least=100)


def test_rows_of_few_are_withheld(made_up: Holdout) -> None:
    facts = measure_holdout(made_up)
    assert isinstance(facts, HoldoutFacts)
    rows = tuple(
        HoldoutRow(frequency=str(k), n_buyers=n, predicted=1.0, actual=n)
        for k, n in enumerate((60, 30, 4))
    )

    found = withhold_holdout(replace(facts, n_buyers=94, actual=94, rows=rows), 10)

    assert [row.n_buyers for row in found.rows] == [60, None, None]
    assert [row.actual for row in found.rows] == [60, None, None]
    assert found.rows[2].predicted_mean is None


def test_rows_in_which_few_came_are_withheld(made_up: Holdout) -> None:
    facts = measure_holdout(made_up)
    assert isinstance(facts, HoldoutFacts)
    rows = tuple(
        HoldoutRow(frequency=str(k), n_buyers=60, predicted=1.0, actual=n)
        for k, n in enumerate((90, 30, 4))
    )

    found = withhold_holdout(replace(facts, n_buyers=180, actual=124, rows=rows), 10)

    assert [row.actual for row in found.rows] == [90, None, None]
    assert [row.n_buyers for row in found.rows] == [60, None, None]
