"""What the buyers did from 25 February to 31 March; the numbers are counted in tiny_events.csv.

Events in the window: u01 8, u02 5, u03 3 (its last lies after T), u04 2 (it bought before). Page
views: 5, 3, 1, 1. Orders: u01 20 + 30 EUR, u02 10, u03 5. Everyone else: u05 4, u06 3, u07 2, u08
2, u09 2, u11 2 events, 12 of them page views; u10 came in January, u13 never.
"""

from datetime import date

import pytest

from segkit.measures.activity import Activity, build_activity, first_monday, measure_activity
from segkit.measures.facts import Breakdown
from segkit.measures.sides import Sides
from segkit.periods import Clock
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import ZONE, build_tables, make_sides, with_visits


def by_value(breakdown: Breakdown) -> dict[str, tuple[int | None, int | None]]:
    return {row.value: (row.n, row.n_baseline) for row in breakdown.rows}


def test_totals_are_those_counted_by_hand(sides: Sides, activity: Activity) -> None:
    own, other, _, _ = measure_activity(sides, activity)

    assert (own.n_active, own.n_active_7d, own.n_events, own.n_page_views) == (4, 2, 18, 10)
    assert (own.n_orders, own.n_buyers, int(own.revenue)) == (4, 3, 65)
    assert (other.n_active, other.n_active_7d, other.n_events, other.n_page_views) == (6, 3, 15, 12)
    assert (other.n_orders, other.n_buyers, int(other.revenue)) == (0, 0, 0)
    assert own.currencies == {"EUR"}


def test_events_count_users_and_not_occurrences(sides: Sides, activity: Activity) -> None:
    _, _, events, _ = measure_activity(sides, activity)

    assert by_value(events) == {
        "page_view": (4, 5),
        "purchase": (3, 0),
        "add_to_cart": (3, 1),
        "scroll": (1, 1),
        "search": (0, 1),
    }
    assert (events.denominator, events.baseline_denominator) == (4, 8)


def test_buyers_are_told_apart_by_their_orders(sides: Sides, activity: Activity) -> None:
    _, _, _, purchases = measure_activity(sides, activity)

    assert [row.n for row in purchases.rows] == [2, 1, 0, 0, 0]
    assert purchases.denominator == 3
    assert purchases.is_ordered


def test_a_window_of_one_day_still_knows_who_was_active_in_seven(tiny: Tables) -> None:
    sides = make_sides(tiny, days=1)

    own, _, _, _ = measure_activity(sides, build_activity(sides, purchases=("purchase",)))

    assert (own.n_active, own.n_active_7d, own.n_events) == (1, 2, 1)


def test_nobody_in_the_window_gives_zeros(tiny: Tables) -> None:
    sides = make_sides(tiny, days=5, clock=Clock.at_end_of(date(2026, 2, 20), ZONE))

    own, other, events, purchases = measure_activity(
        sides, build_activity(sides, purchases=("purchase",))
    )

    assert (own.n_active, other.n_active, int(own.revenue)) == (0, 0, 0)
    assert events.rows == ()
    assert [row.n for row in purchases.rows] == [0, 0, 0, 0, 0]


def test_two_currencies_are_both_named(engine: Engine) -> None:
    rows: list[dict[str, str | None]] = [
        {"user": "u01", "time": "2026-03-10T09:00:00Z", "event": "purchase", "value": "1"},
        {
            "user": "u01",
            "time": "2026-03-11T09:00:00Z",
            "event": "purchase",
            "value": "2",
            "currency": "USD",
        },
    ]
    sides = make_sides(build_tables(engine, with_visits(rows)))

    own, _, _, _ = measure_activity(sides, build_activity(sides, purchases=("purchase",)))

    assert own.currencies == {"EUR", "USD"}


def test_a_day_is_a_day_of_the_zone(engine: Engine) -> None:
    rows: list[dict[str, str | None]] = [
        {"user": "u01", "time": "2026-03-31T21:59:59Z", "event": "purchase", "value": "1"},
        {"user": "u02", "time": "2026-03-30T21:59:59Z", "event": "purchase", "value": "1"},
        {"user": "u03", "time": "2026-03-30T22:00:00Z", "event": "purchase", "value": "1"},
    ]
    sides = make_sides(build_tables(engine, with_visits(rows)), days=1)

    own, _, _, _ = measure_activity(sides, build_activity(sides, purchases=("purchase",)))

    assert own.n_active == 2


@pytest.mark.parametrize(
    ("day", "monday"),
    [(date(2026, 3, 2), date(2026, 3, 2)), (date(2026, 3, 3), date(2026, 3, 9))],
    ids=["a Monday", "a Tuesday"],
)
def test_the_first_whole_week_begins_on_a_monday(day: date, monday: date) -> None:
    found = first_monday(day)

    assert found == monday
