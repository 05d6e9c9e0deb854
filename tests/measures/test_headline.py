"""The headline ratios of the buyers, from the sums of test_activity.py and test_traffic.py."""

import pytest

from segkit.measures.activity import Activity, build_activity, measure_activity
from segkit.measures.facts import Measure
from segkit.measures.headline import SideTotals, measure_headline
from segkit.measures.sides import Sides
from segkit.measures.traffic import measure_visits, read_visits
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import build_tables, make_sides, read_events


def headline(
    sides: Sides, activity: Activity, *, has_orders: bool = True, has_money: bool = True
) -> dict[str, Measure]:
    own, other, _, _ = measure_activity(sides, activity)
    own_visits, other_visits, _ = measure_visits(sides, read_visits(sides))
    found = measure_headline(
        sides,
        SideTotals(n_users=4, activity=own, visits=own_visits),
        SideTotals(n_users=8, activity=other, visits=other_visits),
        has_orders=has_orders,
        has_money=has_money,
    )
    return {measure.name: measure for measure in found}


@pytest.mark.parametrize(
    ("name", "own", "other"),
    [
        ("active_share", (4, 4), (6, 8)),
        ("visits_per_user", (10, 4), (12, 8)),
        ("events_per_user", (18, 4), (15, 8)),
        ("page_views_per_visit", (10, 10), (12, 12)),
        ("engaged_time_per_visit", (2116, 10), (2110, 12)),
        ("engagement_rate", (6, 10), (3, 12)),
        ("bounce_rate", (4, 10), (9, 12)),
        ("single_event_rate", (5, 10), (9, 12)),
        ("buyers_share", (3, 4), (0, 8)),
        ("orders_per_buyer", (4, 3), (0, 0)),
        ("revenue_per_user", (65, 4), (0, 8)),
        ("average_order_value", (65, 4), (0, 0)),
    ],
)
def test_ratios_keep_both_their_sums(
    sides: Sides, activity: Activity, name: str, own: tuple[int, int], other: tuple[int, int]
) -> None:
    found = headline(sides, activity)[name]

    assert [found.numerator, found.denominator] == list(own)
    assert [found.baseline_numerator, found.baseline_denominator] == list(other)


def test_both_bounce_rates_stand_side_by_side(sides: Sides, activity: Activity) -> None:
    found = headline(sides, activity)

    rates = [found[n].value for n in ("bounce_rate", "single_event_rate", "engagement_rate")]
    assert rates == pytest.approx([0.4, 0.5, 0.6])


def test_without_one_currency_there_is_no_money(sides: Sides, activity: Activity) -> None:
    found = headline(sides, activity, has_money=False)

    assert found["revenue_per_user"].value is None
    assert found["average_order_value"].baseline is None
    assert found["orders_per_buyer"].value == pytest.approx(4 / 3)


def test_without_orders_nothing_is_said_of_them(sides: Sides, activity: Activity) -> None:
    found = headline(sides, activity, has_orders=False)

    assert not {"buyers_share", "orders_per_buyer", "revenue_per_user"} & set(found)


def test_three_buyers_of_four_are_withheld_at_a_least_of_two(
    tiny: Tables, activity: Activity
) -> None:
    found = headline(make_sides(tiny, min_size=2), activity)

    # One member did not buy: the number of buyers would tell of that one.
    assert found["buyers_share"].numerator is None
    assert found["orders_per_buyer"].denominator is None
    assert found["revenue_per_user"].value == pytest.approx(65 / 4)


def test_data_without_page_views_have_no_measure_of_them(engine: Engine) -> None:
    events = [event for event in read_events() if event["event"] == "purchase"]
    sides = make_sides(build_tables(engine, events))

    found = headline(sides, build_activity(sides, purchases=("purchase",)))

    assert "page_views_per_visit" not in found
    assert "visits_per_user" in found


def test_a_few_orders_more_than_buyers_are_withheld(tiny: Tables, activity: Activity) -> None:
    found = headline(make_sides(tiny, min_size=3), activity)

    # Three buyers, four orders: one of the three ordered twice.
    assert found["orders_per_buyer"].numerator is None
    assert found["average_order_value"].denominator is None


def test_a_few_visits_are_withheld_on_either_side_of_a_rate(
    tiny: Tables, activity: Activity
) -> None:
    found = headline(make_sides(tiny, min_size=5), activity)

    # 10 visits, 6 engaged: the 4 that were not are too few.
    assert found["bounce_rate"].numerator is None
    assert found["engagement_rate"].numerator is None
    assert found["visits_per_user"].baseline_numerator == 12
