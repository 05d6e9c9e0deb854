"""Who had ever bought, at the end of every week: u04, then u01 (3 March), u02 (16), u03 (23)."""

from datetime import date, timedelta
from functools import partial
from itertools import pairwise

import pytest
from ibis import Table

from segkit.measures.activity import Activity, build_activity
from segkit.measures.sides import Sides
from segkit.measures.trend import find_periods, measure_trend
from segkit.periods import Clock
from segkit.store.tables import Tables
from tests.measures.tiny import ZONE, buyers_at, everyone_at, make_sides


def test_rows_are_those_counted_by_hand(sides: Sides, activity: Activity) -> None:
    rows = measure_trend(
        sides,
        activity,
        members_at=partial(buyers_at, sides.tables),
        universe_at=partial(everyone_at, sides.tables),
        n_universe=12,
    )

    found = [(r.period, r.n_universe, r.n_users, r.n_active, r.n_entered, r.n_left) for r in rows]
    assert found == [
        ("2026-W10", 5, 2, 1, 1, 0),
        ("2026-W11", 7, 2, 1, 0, 0),
        ("2026-W12", 8, 3, 2, 1, 0),
        ("2026-W13", 12, 4, 3, 1, 0),
        ("2026-W14", 12, 4, 1, 0, 0),
    ]
    assert [r.is_complete for r in rows] == [True, True, True, True, False]


@pytest.mark.parametrize("days", [28, 60, 300], ids=["days", "weeks", "months"])
def test_entered_less_left_is_the_change_in_size(tiny: Tables, days: int) -> None:
    sides = make_sides(tiny, days=days)
    universe = partial(everyone_at, tiny)

    def active_lately(clock: Clock) -> Table:
        seen = tiny.user_days
        lately = seen.filter(seen.day.between(clock.day - timedelta(days=days // 10), clock.day))
        return lately.select("user_no").distinct()

    activity = build_activity(sides, purchases=())
    rows = measure_trend(
        sides,
        activity,
        members_at=active_lately,
        universe_at=universe,
        n_universe=12,
    )

    for before, after in pairwise(rows):
        assert after.n_users is not None
        assert before.n_users is not None
        assert after.n_users - before.n_users == (after.n_entered or 0) - (after.n_left or 0)
        assert 0 <= (after.n_active or 0) <= after.n_users
    assert any(row.n_left for row in rows)


def test_members_of_the_day_are_active_on_it(tiny: Tables) -> None:
    sides = make_sides(tiny, days=31)

    rows = measure_trend(
        sides,
        build_activity(sides, purchases=()),
        members_at=partial(buyers_at, tiny),
        universe_at=partial(everyone_at, tiny),
        n_universe=12,
    )

    active = {r.start_on.day: r.n_active for r in rows if r.n_active}
    assert len(rows) == 31
    # u01 on 3, 10, 28, 29; u02 on 16, 24 (on 9 no member yet); u03 on 23, 31; u04 on 17.
    assert active == dict.fromkeys([3, 10, 16, 17, 23, 24, 28, 29, 31], 1)


@pytest.mark.parametrize(
    ("days", "first", "last", "n"),
    [
        (31, "2026-03-01", "2026-03-31", 31),
        (35, "2026-W10", "2026-W14", 5),
        (183, "2026-01", "2026-03", 3),
    ],
    ids=["days", "whole weeks", "months of the data"],
)
def test_the_grain_suits_the_window(tiny: Tables, days: int, first: str, last: str, n: int) -> None:
    periods = find_periods(make_sides(tiny, days=days))

    assert (periods[0].name, periods[-1].name, len(periods)) == (first, last, n)


def test_a_month_that_ends_at_t_is_complete(tiny: Tables) -> None:
    periods = find_periods(make_sides(tiny, days=200))

    assert periods[-1].is_complete
    assert not find_periods(
        make_sides(tiny, days=200, clock=Clock.at_end_of(date(2026, 3, 30), ZONE))
    )[-1].is_complete
