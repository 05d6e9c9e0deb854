"""One row a buyer: the published example of six customers, and what is refused or unknown."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segkit.errors import ParameterError, UnknownNameError
from segkit.measures.sides import Sides
from segkit.measures.value.holdout import build_holdout
from segkit.measures.value.summary import Buyers, build_buyers, count_periods, sum_money
from segkit.periods import Grain
from segkit.store.engine import Engine
from segkit.store.tables import EventInfo
from tests.measures.tiny import build_tables, make_sides, with_visits
from tests.measures.value.orders import Order, everyone, order_tables

START = date(2015, 1, 1)
END = date(2015, 2, 7)
# Buyer 1: 1 January for 10, 3 January for 4 and 6, 9 January for 20 (a Friday).
# Buyer 2: 5 January for 7, once.
ORDERS: tuple[Order, ...] = (
    (1, "2015-01-01", 10), (1, "2015-01-03", 4), (1, "2015-01-03", 6), (1, "2015-01-09", 20),
    (2, "2015-01-05", 7),
)  # fmt: skip


@pytest.fixture(scope="module")
def two(engine: Engine) -> Sides:
    return everyone(order_tables(engine, ORDERS), start_on=START, end_on=date(2015, 1, 15))


def model(buyers: Buyers) -> list[tuple[float, ...]]:
    columns = (buyers.frequency, buyers.age_at_last, buyers.age, buyers.monetary)
    return list(zip(*(c.tolist() for c in columns), strict=True))


def test_models_read_ages_and_segmentations_read_days_since(two: Sides) -> None:
    buyers = build_buyers(two, purchases=["purchase"])

    assert buyers.user_no.tolist() == [101, 102]
    assert model(buyers) == [(2, 8, 14, 15.0), (0, 0, 10, 0.0)]
    assert buyers.days_since_last.tolist() == [6, 10]
    assert buyers.n_orders.tolist() == [4, 1]
    assert buyers.revenue.tolist() == [40.0, 7.0]
    assert (buyers.currency, buyers.n_repeat, len(buyers)) == ("EUR", 1, 2)


@pytest.mark.parametrize(
    ("grain", "rows"),
    [
        # ISO weeks of 29 December and 5 January; the window ends in that of 12 January.
        ("week", [(1, 1, 2, 20.0), (0, 0, 1, 0.0)]),
        ("month", [(0, 0, 0, 0.0), (0, 0, 0, 0.0)]),
    ],
)
def test_orders_of_one_week_or_month_are_one_active_period(
    two: Sides, grain: Grain, rows: list[tuple[float, ...]]
) -> None:
    assert model(build_buyers(two, purchases=["purchase"], grain=grain)) == rows


def test_the_order_of_the_rows_changes_nothing(engine: Engine) -> None:
    orders = [(1, "2014-04-09", 20), (1, "2014-03-14", 10), (1, "2014-05-21", 25)]
    sides = everyone(
        order_tables(engine, orders), start_on=date(2014, 1, 1), end_on=date(2014, 12, 31)
    )

    assert build_buyers(sides, purchases=["purchase"]).monetary.tolist() == [22.5]


def test_a_period_of_unknown_amounts_is_active_and_no_part_of_the_mean(engine: Engine) -> None:
    orders = [(1, "2015-01-01", 5), (1, "2015-01-02", None), (1, "2015-01-03", 8)]
    sides = everyone(order_tables(engine, orders), start_on=START, end_on=END)

    buyers = build_buyers(sides, purchases=["purchase"])

    assert (buyers.frequency.tolist(), buyers.monetary.tolist()) == ([2], [8.0])
    assert buyers.revenue.tolist() == [13.0]


def test_buyers_from_before_the_window_are_counted(two: Sides) -> None:
    late = everyone(two.tables, start_on=date(2015, 1, 4), end_on=END)

    buyers = build_buyers(late, purchases=["purchase"])

    assert (len(buyers), buyers.n_earlier) == (2, 1)
    assert build_buyers(two, purchases=["purchase"]).n_earlier == 0


def test_nobody_bought_in_an_empty_window(two: Sides) -> None:
    early = everyone(two.tables, start_on=date(2014, 1, 1), end_on=date(2014, 12, 31))

    buyers = build_buyers(early, purchases=["purchase"])

    assert (len(buyers), buyers.currency) == (0, None)
    assert buyers.revenue.dtype == np.float64


def test_only_members_are_buyers(tiny: Any) -> None:
    sides = make_sides(tiny, members=["u02", "u05"])

    buyers = build_buyers(sides, purchases=["purchase"])

    assert (buyers.user_no.tolist(), buyers.revenue.tolist()) == ([102], [10.0])
    assert buyers.days_since_last.tolist() == [15]


def test_lines_of_one_order_are_one_order(engine: Engine) -> None:
    lines = [("2026-03-10", "a"), ("2026-03-10", "a"), ("2026-03-12", "b")]
    raw: list[dict[str, Any]] = [
        {"user": "u01", "time": f"{day}T10:00:00Z", "event": "purchase", "value": "10",
         "bot": None, "properties": json.dumps({"order": order})}
        for day, order in lines
    ]  # fmt: skip
    tables = build_tables(engine, with_visits(raw))
    known = {"purchase": EventInfo(n=3, properties=("order",))}
    tables.catalogue = replace(tables.catalogue, events=known)

    buyers = build_buyers(make_sides(tables), purchases=["purchase"], order_id="order")

    assert (buyers.n_orders.tolist(), buyers.revenue.tolist()) == ([2], [30.0])


def test_currencies_are_never_added_up(engine: Engine) -> None:
    raw: list[dict[str, Any]] = [
        {"user": "u01", "time": "2026-03-10T10:00:00Z", "event": "purchase", "value": "5",
         "bot": None, "currency": currency}
        for currency in ("EUR", "GBP")
    ]  # fmt: skip
    sides = make_sides(build_tables(engine, with_visits(raw)))

    with pytest.raises(ParameterError, match=r"in `EUR`.*`GBP`, which are never added up"):
        build_buyers(sides, purchases=["purchase"])


def test_an_unknown_purchase_is_refused_with_near_names(two: Sides) -> None:
    with pytest.raises(UnknownNameError, match=r"`purchse`(.|\n)*purchase"):
        build_buyers(two, purchases=["purchse"])


def test_periods_are_counted_between_periods() -> None:
    assert count_periods(date(2015, 1, 4), date(2015, 1, 5), "week") == 1
    assert count_periods(date(2014, 12, 31), date(2015, 1, 1), "month") == 1
    assert count_periods(START, END, "day") == 37


def test_money_is_exact_to_four_decimals() -> None:
    amounts = np.array([0.1] * 3 + [1e9, 0.0001])

    assert sum_money(amounts) == Decimal("1000000000.3001")


# The published example ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (shared / "vectors" / "clv" / "rfm_expectations.json").read_text("utf-8")
    )
    return found


def published(engine: Engine, rows: Sequence[Order], end_on: date = END) -> Sides:
    return everyone(order_tables(engine, rows), start_on=START, end_on=end_on)


@pytest.mark.shared
def test_the_published_daily_example_comes_out(engine: Engine, expected: dict[str, Any]) -> None:
    buyers = build_buyers(published(engine, expected["transactions"]), purchases=["purchase"])

    assert model(buyers) == [tuple(row[1:]) for row in expected["daily"]]
    seen = expected["with_first_transaction"]
    assert (buyers.frequency + 1).tolist() == [row[1] for row in seen]
    assert buyers.days_since_last.tolist() == [row[2] for row in seen]
    assert (buyers.revenue / (buyers.frequency + 1)).tolist() == [row[3] for row in seen]


@pytest.mark.shared
def test_the_published_variant_without_a_second_order_of_the_day_comes_out(
    engine: Engine, expected: dict[str, Any]
) -> None:
    rows = [row for row in expected["transactions"] if row != [4, "2015-02-05", 6]]

    buyers = build_buyers(published(engine, rows), purchases=["purchase"])

    assert len(rows) == len(expected["transactions"]) - 1
    user, *row = expected["daily_lifetimes_variant"]["row_4"]
    assert model(buyers)[user - 1] == tuple(row)


@pytest.mark.shared
def test_the_published_weekly_example_comes_out(engine: Engine, expected: dict[str, Any]) -> None:
    sides = published(engine, expected["transactions"])

    buyers = build_buyers(sides, purchases=["purchase"], grain="week")

    assert [row[:3] for row in model(buyers)] == [tuple(row[1:]) for row in expected["weekly"]]


@pytest.mark.shared
def test_the_published_small_example_comes_out(engine: Engine, expected: dict[str, Any]) -> None:
    rows = [(user, day, 1.0) for user, day in expected["small"]["transactions"]]

    buyers = build_buyers(published(engine, rows), purchases=["purchase"])

    assert [row[:3] for row in model(buyers)] == [tuple(r[1:]) for r in expected["small"]["rows"]]


@pytest.mark.shared
def test_the_published_split_into_calibration_and_holdout_comes_out(
    engine: Engine, expected: dict[str, Any]
) -> None:
    sides, split = published(engine, expected["transactions"]), expected["train_test_2015_02_01"]
    until = date(2015, 2, 1)

    by_day = build_holdout(sides, until=until, purchases=["purchase"])
    by_week = build_holdout(sides, until=until, purchases=["purchase"], grain="week")

    told = split["test_frequency"]
    assert (by_day.calibration.user_no - 100).tolist() == told["ids"]
    assert by_day.calibration.monetary.tolist() == told["daily_monetary_train"]
    assert by_day.monetary.tolist() == told["daily_monetary_test"]
    assert [
        (*row[:3], n, by_week.length)
        for row, n in zip(model(by_week.calibration), by_week.n_periods.tolist(), strict=True)
    ] == [tuple(row[1:]) for row in split["weekly_rows"]]
