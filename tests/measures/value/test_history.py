"""One pass over the orders says what the single summaries say, for both sides and both parts."""

from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pytest

from segkit.errors import ParameterError
from segkit.measures.sides import Sides
from segkit.measures.value.history import build_history
from segkit.measures.value.holdout import build_holdout
from segkit.measures.value.summary import build_buyers
from segkit.store.engine import Engine
from tests.measures.value.orders import Order, everyone, order_tables

START, END = date(2026, 1, 1), date(2026, 3, 31)
BUY = ["purchase"]
ORDERS: list[Order] = [
    (1, "2026-01-01", None), (1, "2026-01-20", 12), (1, "2026-01-20", 8), (1, "2026-03-01", None),
    (2, "2026-02-10", 5), (3, "2026-01-02", 7), (3, "2026-02-28", 9), (3, "2026-03-31", 2),
    (4, "2026-03-15", 40), (5, "2026-01-15", 3), (5, "2026-01-16", -3),
]  # fmt: skip


@pytest.fixture(scope="module")
def sides(engine: Engine) -> Sides:
    """Users 1 to 3 in the segment, 4 and 5 in the baseline."""
    whole = everyone(order_tables(engine, ORDERS), start_on=START, end_on=END)
    groups = whole.groups.mutate(in_segment=ibis._.user_no <= 103)
    return replace(whole, groups=groups, n_segment=3, n_baseline=2)


def test_both_sides_are_read_as_one_summary_of_everyone(sides: Sides) -> None:
    everybody = everyone(sides.tables, start_on=START, end_on=END)

    found = build_history(sides, purchases=BUY, currency="EUR")

    wanted = build_buyers(everybody, purchases=BUY)
    names = ("user_no", "frequency", "age_at_last", "age", "days_since_last", "n_orders")
    for name in (*names, "monetary", "revenue"):
        assert getattr(found.buyers, name).tolist() == getattr(wanted, name).tolist(), name
    assert found.in_segment.tolist() == [True, True, True, False, False]
    assert (found.start_on, found.days) == (START, 90)


def test_the_past_is_split_as_a_holdout_splits_it(sides: Sides) -> None:
    until = date(2026, 2, 28)

    found = build_history(sides, purchases=BUY, until=until).watched

    everybody = everyone(sides.tables, start_on=START, end_on=END)
    wanted = build_holdout(everybody, until=until, purchases=BUY)
    assert found is not None
    for name in ("frequency", "age_at_last", "age"):
        told = getattr(wanted.calibration, name)
        assert getattr(found.repeats, name).tolist() == told.tolist(), name
    assert found.n_periods.tolist() == wanted.n_periods.tolist() == [1, 0, 1, 0]
    assert (found.length, found.until, found.end_on) == (31, until, END)


def test_two_thirds_of_the_days_come_before_the_split(sides: Sides) -> None:
    watched = build_history(sides, purchases=BUY).watched

    assert watched is not None
    assert (watched.until, watched.length) == (date(2026, 3, 1), 30)


@pytest.mark.parametrize("until", [date(2025, 12, 31), END])
def test_a_day_that_splits_nothing_is_refused(sides: Sides, until: date) -> None:
    with pytest.raises(ParameterError, match=f"`until` is {until}; expected a day from 2026-01-01"):
        build_history(sides, purchases=BUY, until=until)


def test_a_window_leaves_out_what_was_before_it(sides: Sides) -> None:
    found = build_history(sides, purchases=BUY, days=31)

    assert (found.buyers.user_no - 100).tolist() == [1, 3, 4]
    assert found.buyers.n_orders.tolist() == [1, 1, 1]
    assert found.start_on == date(2026, 3, 1)


def test_orders_before_the_reports_window_are_told_apart(sides: Sides) -> None:
    found = build_history(replace(sides, days=31), purchases=BUY)

    assert found.n_before.tolist() == [3, 1, 2, 0, 2]


def test_nobody_who_ordered_is_no_history(sides: Sides) -> None:
    none = replace(sides, groups=sides.groups.filter(ibis._.user_no > 900))

    found = build_history(none, purchases=BUY)

    assert len(found.buyers) == 0
    assert found.watched is not None
    assert np.array_equal(found.watched.n_periods, [])
