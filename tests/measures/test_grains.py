"""Periods of a window: 25 February to 31 March 2026 holds March, four whole weeks and 35 days."""

from datetime import date
from itertools import pairwise

import pytest

from segkit.measures.activity import Activity, build_activity
from segkit.measures.grains import active_bits, list_periods, place_of
from segkit.measures.sides import Sides
from segkit.periods import GRAINS, Grain, period_after, period_start
from segkit.store.tables import Tables
from tests.measures.tiny import make_sides, number


@pytest.mark.parametrize(
    ("grain", "first", "last", "n", "n_complete"),
    [
        ("day", "2026-02-25", "2026-03-31", 35, 35),
        ("week", "2026-W10", "2026-W14", 5, 4),
        ("month", "2026-03", "2026-03", 1, 1),
    ],
)
def test_periods_begin_in_the_window(
    sides: Sides, grain: Grain, first: str, last: str, n: int, n_complete: int
) -> None:
    periods = list_periods(sides, grain)

    assert (periods[0].name, periods[-1].name, len(periods)) == (first, last, n)
    assert sum(period.is_complete for period in periods) == n_complete


@pytest.mark.parametrize("grain", GRAINS)
def test_periods_follow_each_other_without_gap(tiny: Tables, grain: Grain) -> None:
    periods = list_periods(make_sides(tiny, days=400), grain)

    for before, after in pairwise(periods):
        assert period_after(before.start_on, grain) == after.start_on
        assert period_start(before.end_on, grain) == before.start_on


@pytest.mark.parametrize("grain", GRAINS)
def test_the_place_of_a_day_is_that_of_its_period(tiny: Tables, grain: Grain) -> None:
    sides = make_sides(tiny, days=400)
    periods = list_periods(sides, grain)
    first = periods[0].start_on
    days = sides.tables.user_days.filter(sides.is_inside(sides.tables.user_days))

    table = days.select("day", place=place_of(days.day, first, grain))

    for day, place in sides.engine.rows(table):
        assert periods[place].start_on <= day <= periods[place].end_on


def test_bits_say_in_which_weeks_a_user_was_active(sides: Sides, activity: Activity) -> None:
    table = active_bits(sides, activity, date(2026, 3, 9), "week")

    found = dict(sides.engine.rows(table))

    # u01 in the weeks of 2 March, which is before the first, 9 and 23 March; u02 of 9, 16, 23.
    assert found[number("u01")] == 0b101
    assert found[number("u02")] == 0b111


def test_bits_say_in_which_months_a_user_was_active(tiny: Tables) -> None:
    sides = make_sides(tiny, days=100)

    table = active_bits(sides, build_activity(sides, purchases=()), date(2026, 1, 1), "month")

    found = dict(sides.engine.rows(table))
    assert found[number("u04")] == 0b110
    assert found[number("u10")] == 0b001
