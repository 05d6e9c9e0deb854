"""CDNOW's customers: the summary, parameters and curves that others have published for them."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segkit.measures.curves import find_rule, measure_curves
from segkit.measures.sides import Sides
from segkit.measures.value.bg_nbd import BgNbd, fit_bg_nbd, log_likelihood
from segkit.measures.value.facts import HoldoutFacts
from segkit.measures.value.gamma_gamma import GammaGamma, fit_gamma_gamma, measure_correlation
from segkit.measures.value.grouped import Histories, group_histories
from segkit.measures.value.holdout import build_holdout, measure_holdout
from segkit.measures.value.lifetime_value import ValueFacts, measure_value
from segkit.measures.value.scores import measure_cells, measure_spenders, score_buyers
from segkit.measures.value.summary import Buyers, build_buyers
from tests.measures.value.orders import everyone, histories
from tests.shared_data.support import load_documented
from tests.shared_data.test_cdnow import JANUARY

pytestmark = pytest.mark.shared

START, UNTIL, END = date(1997, 1, 1), date(1997, 9, 30), date(1998, 6, 30)
BUY = ["purchase"]


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (shared / "vectors" / "clv" / "clv_expectations.json").read_text("utf-8")
    )
    return found


@pytest.fixture(scope="module")
def sample(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Sides:
    """A tenth of the customers, over 18 months."""
    root = tmp_path_factory.mktemp("sample")
    loaded = load_documented(root, "cdnow", "music sample", shared / "data" / "cdnow")
    return everyone(loaded.workspace.tables, start_on=START, end_on=END)


@pytest.fixture(scope="module")
def whole(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Sides:
    """All customers, over 18 months."""
    root = tmp_path_factory.mktemp("whole")
    loaded = load_documented(root, "cdnow", "music", shared / "data" / "cdnow")
    return everyone(loaded.workspace.tables, start_on=START, end_on=END)


@pytest.fixture(scope="module")
def buyers(sample: Sides) -> Buyers:
    """The sample's customers over the 39 weeks of calibration."""
    return build_buyers(everyone(sample.tables, start_on=START, end_on=UNTIL), purchases=BUY)


@pytest.fixture(scope="module")
def weekly(buyers: Buyers) -> Histories:
    """Their histories in weeks, to the two digits with which they were published."""
    h = group_histories(buyers, per_unit=7)
    return replace(h, t_x=np.round(h.t_x, 2), age=np.round(h.age, 2))


@pytest.fixture(scope="module")
def model(weekly: Histories) -> BgNbd:
    fitted = fit_bg_nbd(weekly)
    assert isinstance(fitted, BgNbd)
    return fitted


def test_the_summary_is_the_published_one(buyers: Buyers, expected: dict[str, Any]) -> None:
    told, first = expected["data"], expected["raw_to_summary"]["first_row_daily_end_1997_09_30"]

    assert (len(buyers), len(buyers) - buyers.n_repeat) == (told["n"], told["zero_repeat"])
    assert buyers.frequency.mean() == pytest.approx(told["mean_frequency"], abs=5e-5)
    assert buyers.age_at_last.mean() / 7 == pytest.approx(told["mean_recency"], abs=1e-4)
    assert buyers.age.mean() / 7 == pytest.approx(told["mean_T"], abs=1e-4)
    rows = zip(buyers.frequency, buyers.age_at_last, buyers.age, buyers.monetary, strict=True)
    wanted = tuple(first[name] for name in ("frequency", "recency", "T", "monetary"))
    assert wanted in {(int(x), int(t), int(age), round(float(m), 4)) for x, t, age, m in rows}
    assert (buyers.currency, buyers.n_earlier) == ("USD", 0)


def test_amounts_are_spread_as_published(buyers: Buyers, expected: dict[str, Any]) -> None:
    amounts, told = buyers.monetary[buyers.frequency > 0], expected["raw_to_summary"]["monetary"]

    assert len(amounts) == expected["raw_to_summary"]["repeat_customers"]
    found = {
        "mean": amounts.mean(), "std": amounts.std(ddof=1), "min": amounts.min(),
        "median": np.median(amounts), "max": amounts.max(),
    }  # fmt: skip
    assert {name: round(float(value)) for name, value in found.items()} == told


def test_two_thousand_customers_are_a_thousand_histories(weekly: Histories) -> None:
    assert (len(weekly.n), weekly.n_buyers, weekly.n_repeat) == (1016, 2357, 946)


def test_the_parameters_are_the_published_ones(
    model: BgNbd, weekly: Histories, expected: dict[str, Any]
) -> None:
    told = expected["bg_nbd"]["full_precision_recomputed"]
    published = [told[name] for name in ("r", "alpha", "a", "b")]

    assert [model.r, model.alpha, model.a, model.b] == pytest.approx(published, rel=2e-5)
    printed = [expected["bg_nbd"][name] for name in ("r", "alpha", "a", "b")]
    assert published == pytest.approx(printed, abs=5.5e-4)
    assert model.loglik == pytest.approx(expected["bg_nbd"]["loglik"], abs=1e-4)
    value, _ = log_likelihood(weekly, *published)
    assert model.loglik >= value @ weekly.n


def test_what_is_expected_of_customers_is_as_published(
    model: BgNbd, expected: dict[str, Any]
) -> None:
    told, start = expected["bg_nbd"]["conditional"], expected["bg_nbd"]["expected_purchases"]
    h = histories((told["x"], told["t_x"], told["T"]), (0, 0, 10), (10, 100, 1000))

    assert model.expected_orders(h, told["t"])[0] == pytest.approx(told["recomputed"], abs=2e-5)
    assert told["recomputed"] == pytest.approx(told["expected"], abs=5e-4)
    assert model.p_alive(h) == pytest.approx([told["p_alive_recomputed"], 1, 0], abs=5e-6)
    *early, last = model.expected_from_start(start["t"])
    assert early == pytest.approx(start["value"][:-1], abs=5e-5)
    # At 78 weeks the published parameters give 1.8580 by the exact formula, not 1.8576.
    assert last == pytest.approx(start["value"][-1], abs=5e-4)


def test_probabilities_of_repeats_are_as_published(expected: dict[str, Any]) -> None:
    told = expected["bg_nbd"]["pmf_published_params"]
    published = BgNbd(**told["params"], loglik=0.0, n_buyers=1, n_repeat=1)

    assert published.probability_of(0, 39) == pytest.approx(told["P_0_at_39"], abs=1e-7)
    assert published.probability_of(10, 2) == pytest.approx(told["P_10_at_2"], rel=1e-5)
    later = published.probability_of(np.arange(11, 21), 30)
    assert later == pytest.approx(told["P_11_to_20_at_30"], rel=1e-6)


def test_many_orders_do_not_overflow(expected: dict[str, Any]) -> None:
    told = expected["bg_nbd"]["stable_logp"]
    h = histories(*((c["frequency"], c["recency"], told["T"]) for c in told["cases"]))

    value, _ = log_likelihood(h, *(told["params"][name] for name in ("r", "alpha", "a", "b")))

    assert value == pytest.approx([c["logp"] for c in told["cases"]], abs=1e-4)


def test_amounts_have_the_published_parameters(buyers: Buyers, expected: dict[str, Any]) -> None:
    told = expected["gamma_gamma"]["full_precision_recomputed"]
    cents = replace(buyers, monetary=np.floor(buyers.monetary * 100 + 0.5 + 1e-9) / 100)

    found = fit_gamma_gamma(cents)

    assert isinstance(found, GammaGamma)
    assert (found.p, found.q, found.v) == pytest.approx((told["p"], told["q"], told["v"]), rel=2e-6)
    assert found.loglik == pytest.approx(told["loglik"], abs=1e-4)
    assert found.mean == pytest.approx(
        expected["gamma_gamma"]["population_mean_recomputed"], abs=1e-3
    )
    printed = [expected["gamma_gamma"][name] for name in ("p", "q", "v")]
    assert (found.p, found.q, found.v) == pytest.approx(printed, abs=0.01)
    assert measure_correlation(buyers).r == pytest.approx(0.11, abs=0.005)


def test_the_first_ten_customers_have_the_published_amounts(
    shared: Path, sample: Sides, buyers: Buyers, expected: dict[str, Any]
) -> None:
    found = fit_gamma_gamma(buyers)
    assert isinstance(found, GammaGamma)
    lines = (shared / "data/cdnow/CDNOW_sample.txt").read_text("utf-8").splitlines()
    first_ids = list(dict.fromkeys(line.split()[0] for line in lines))[:10]
    users = sample.tables.users
    number = dict(sample.tables.engine.rows(users.select("user_key", "user_no")))
    first = [buyers.user_no.tolist().index(number[user_id]) for user_id in first_ids]

    means = found.expected_amount(buyers.frequency[first].astype(float), buyers.monetary[first])

    told = expected["gamma_gamma"]["conditional_mean_first_10"]
    assert means == pytest.approx(told, abs=expected["gamma_gamma"]["atol"])


def test_the_first_history_in_weeks_is_the_published_one(
    buyers: Buyers, expected: dict[str, Any]
) -> None:
    h, told = group_histories(buyers, per_unit=7), expected["raw_to_summary"]["first_row_weekly"]

    rows = {tuple(round(float(v), 6) for v in row) for row in zip(h.x, h.t_x, h.age, strict=True)}

    assert tuple(round(told[name], 6) for name in ("frequency", "recency", "T")) in rows


def test_the_first_days_come_as_published(
    sample: Sides, buyers: Buyers, model: BgNbd, expected: dict[str, Any]
) -> None:
    told = expected["bg_nbd"]["cumulative_first_days"]
    days = [date.fromisoformat(day) for day in told["dates"]]
    first_on = (UNTIL - START).days - buyers.age

    came_again = [
        int(build_buyers(everyone(sample.tables, start_on=START, end_on=day), purchases=BUY)
            .frequency.sum())
        for day in days
    ]  # fmt: skip
    # The library counts the day itself: 11 days have passed at the end of 11 January.
    passed = [(day - START).days + 1 for day in days]
    predicted = [model.expected_from_start(np.maximum(n - first_on, 0) / 7).sum() for n in passed]

    assert came_again == told["actual"]
    assert predicted == pytest.approx(told["predicted"], abs=0.006)


def test_the_purchases_of_the_sample_are_all_there(sample: Sides, expected: dict[str, Any]) -> None:
    told, events = expected["data"]["raw"], sample.tables.events
    engine = sample.tables.engine
    days = events.time.date()

    assert engine.scalar(events.count()) == told["rows"]
    assert engine.scalar(events.user_no.nunique()) == told["customers"]
    assert engine.scalar(events.value.sum()) == Decimal(str(told["spend"]))
    properties = [json.loads(text) for (text,) in engine.rows(events.select("properties"))]
    assert sum(int(p["number_of_cds"]) for p in properties) == told["cds"]
    assert [str(engine.scalar(day))[:10] for day in (days.min(), days.max())] == [
        told["first"], told["last"],
    ]  # fmt: skip


def test_the_next_39_weeks_come_near_to_what_was_predicted(sample: Sides) -> None:
    facts = measure_holdout(build_holdout(sample, until=UNTIL, purchases=BUY))

    assert isinstance(facts, HoldoutFacts)
    assert (facts.n_buyers, facts.length, len(facts.rows)) == (2357, 273, 8)
    assert facts.rows[0].n_buyers == 1411
    assert facts.error == pytest.approx(0, abs=0.15)


def test_the_customers_of_half_a_year_have_a_value(buyers: Buyers) -> None:
    facts = measure_value(buyers)

    assert isinstance(facts, ValueFacts)
    assert (facts.n_buyers, facts.n_repeat, facts.currency) == (2357, 946, "USD")
    assert not facts.correlation.is_strong
    # 0.9 orders of 35 USD in 12 months, by the published parameters.
    assert facts.value_per_buyer == pytest.approx(33, abs=5)


def test_all_customers_and_all_revenue_are_in_cells(whole: Sides) -> None:
    found = build_buyers(whole, purchases=BUY)

    cells, spenders = measure_cells(score_buyers(found)), measure_spenders(found)

    for groups in (cells, spenders):
        assert sum(g.n_users or 0 for g in groups) == 23_570
        assert sum(g.revenue or 0 for g in groups) == Decimal("2500315.63")
    assert all(g.n_users for g in cells)
    assert spenders[0].share == pytest.approx(0.2, abs=0.002)


def test_the_january_cohort_is_followed_over_18_months(whole: Sides) -> None:
    found = measure_curves(whole, find_rule("month_on"))

    assert [c.n_users for c in found.cohorts][:4] == [7846, 8476, 7248, 0]
    january = found.cohorts[0]
    assert [p.n_retained for p in january.points] == [*JANUARY, None]
    over = [p.n_eligible for p in found.average]
    assert over == [*[23_570] * 16, 16_322, 7846, 0]
