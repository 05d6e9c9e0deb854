"""Buyers active in a period; u01 came on 3, 10, 28 and 29 March, u02 on 9, 16 and 24, u03 on 23
and 31, u04 on 10 February and 17 March."""

from datetime import date

import pytest

from segkit.measures.active import measure_active, withhold_active
from segkit.measures.facts import ActiveRow
from segkit.measures.sides import Sides
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import build_tables, make_sides


def test_weeks_count_each_user_once(sides: Sides) -> None:
    rows = measure_active(sides, grain="week")

    assert [(row.period, row.n_active, row.is_complete) for row in rows] == [
        ("2026-W10", 1, True),
        ("2026-W11", 2, True),
        ("2026-W12", 2, True),
        ("2026-W13", 3, True),
        ("2026-W14", 1, False),
    ]
    assert {row.n_users for row in rows} == {4}


def test_months_without_anybody_are_zero(tiny: Tables) -> None:
    rows = measure_active(make_sides(tiny, days=200), grain="month")

    found = {row.period: row.n_active for row in rows}
    assert found == {
        "2025-10": 0, "2025-11": 0, "2025-12": 0, "2026-01": 0, "2026-02": 1, "2026-03": 4,
    }  # fmt: skip
    assert rows[-1].share == 1.0


def test_days_are_those_of_the_zone_also_when_the_clock_moves(sides: Sides) -> None:
    rows = measure_active(sides, grain="day")

    found = {row.start_on: row.n_active for row in rows}
    # 22:30 UTC on 28 March is 23:30 in Berlin; 21:59 UTC on 31 March is 23:59, an hour later.
    assert [found[date(2026, 3, day)] for day in (28, 29, 30, 31)] == [1, 1, 0, 1]


def test_a_window_in_which_no_month_begins_has_no_rows(tiny: Tables) -> None:
    assert measure_active(make_sides(tiny, days=30), grain="month") == ()


def test_no_events_give_zeros(engine: Engine) -> None:
    sides = make_sides(build_tables(engine, [], extra=["u13"]), members=["u13"])

    rows = measure_active(sides, grain="month")

    assert [(row.n_active, row.n_users) for row in rows] == [(0, 1)]


@pytest.mark.parametrize(
    ("n_users", "n_active", "shown"),
    [(50, 20, (50, 20)), (50, 4, (50, None)), (50, 45, (50, None)), (9, 9, (None, None))],
    ids=["enough", "few active", "few others", "few users"],
)
def test_counts_of_few_are_withheld(
    n_users: int, n_active: int, shown: tuple[int | None, int | None]
) -> None:
    row = ActiveRow(
        period="2026-03",
        start_on=date(2026, 3, 1),
        end_on=date(2026, 3, 31),
        is_complete=True,
        n_users=n_users,
        n_active=n_active,
    )

    (found,) = withhold_active([row], 10)

    assert (found.n_users, found.n_active) == shown
