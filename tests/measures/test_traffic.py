"""Visits from 25 February to 31 March, counted by hand.

Buyers: u01 four (3 March; 10; 28; 29), u02 three (9; 16; 24), u03 two (23; 31), u04 one (17): 10.
Engaged are 3 March, 29 March (bought), u02's 9 March and 16 March (bought), u03's 23 March
(bought), u04's (11 s): 6. u03's visit of 31 March goes on after T; before T it is one page view.
One event: u01's 10 and 28 March, u02's 16 and 24 March, u03's 31 March: 5. Seconds: 900 + 5 + 1200
+ 11 = 2116. Everyone else: 12 visits; engaged: u05's 4 March, u07's, u11's (10.5 s): 3; one event:
9; seconds 1800 + 300 + 10.
"""

from segkit.measures.facts import Breakdown
from segkit.measures.sides import Sides
from segkit.measures.traffic import measure_traffic, measure_visits, read_visits
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import build_tables, make_sides, with_visits


def counts(
    breakdowns: tuple[Breakdown, ...], name: str
) -> dict[str, tuple[int | None, int | None]]:
    found = next(b for b in breakdowns if b.name == name)
    return {row.value: (row.n, row.n_baseline) for row in found.rows}


def test_totals_are_those_counted_by_hand(sides: Sides) -> None:
    own, other, _ = measure_visits(sides, read_visits(sides))

    assert (own.n_visits, own.n_engaged, own.n_single, own.engaged_s) == (10, 6, 5, 2116)
    assert (other.n_visits, other.n_engaged, other.n_single, other.engaged_s) == (12, 3, 9, 2110)


def test_hours_are_local_and_the_grid_is_whole(sides: Sides) -> None:
    _, _, hours = measure_visits(sides, read_visits(sides))

    # 28 March 22:30 UTC is Saturday 23:30, 29 March 10:00 UTC is Sunday 12:00 (summer time).
    found = {(cell.weekday, cell.hour): cell.n_visits for cell in hours if cell.n_visits}
    assert len(hours) == 168
    assert found == {
        (1, 9): 2, (1, 21): 1, (2, 9): 1, (2, 10): 2, (2, 11): 1, (2, 23): 1,
        (6, 23): 1, (7, 12): 1,
    }  # fmt: skip


def test_entry_and_exit_pages_end_at_t(sides: Sides) -> None:
    breakdowns = measure_traffic(sides, read_visits(sides), totals=(10, 12))

    assert counts(breakdowns, "entry_pages") == {
        "/home": (7, 7), "(no page)": (2, 1), "/shoes": (1, 1), "/sale": (0, 3),
    }  # fmt: skip
    # u03 went on to /sale after T; before T its visit ended on /home.
    assert counts(breakdowns, "exit_pages") == {
        "/home": (5, 6), "/shoes": (3, 1), "(no page)": (2, 1), "/sale": (0, 4),
    }  # fmt: skip


def test_unknown_is_a_level_and_every_breakdown_adds_up(sides: Sides) -> None:
    breakdowns = measure_traffic(sides, read_visits(sides), totals=(10, 12))

    # u01 is on mobile three times and once on pc; u02's last visit has no device.
    assert counts(breakdowns, "devices") == {
        "mobile": (4, 4), "pc": (5, 6), "(unknown)": (1, 0), "tablet": (0, 2),
    }  # fmt: skip
    for breakdown in breakdowns:
        assert sum(row.n or 0 for row in breakdown.rows) == 10
        assert sum(row.n_baseline or 0 for row in breakdown.rows) == 12


def test_a_visit_wholly_before_t_is_read_as_it_is(tiny: Tables) -> None:
    sides = make_sides(tiny)
    last_at = tiny.catalogue.last_at

    visits = sides.engine.rows(read_visits(sides).select("ended_at"))

    assert last_at is not None
    assert last_at > sides.clock.at
    assert max(row[0] for row in visits) < sides.clock.at


def test_ten_seconds_are_not_longer_than_ten_seconds(engine: Engine) -> None:
    rows: list[dict[str, str | None]] = [
        {"user": user, "time": time, "event": "scroll"}
        for user, times in {
            "u01": ("2026-03-10T09:00:00Z", "2026-03-10T09:00:10Z"),
            "u02": ("2026-03-10T09:00:00Z", "2026-03-10T09:00:10.000001Z"),
            "u03": ("2026-03-10T09:00:00Z", "2026-03-10T09:00:11Z"),
        }.items()
        for time in times
    ]
    sides = make_sides(build_tables(engine, with_visits(rows)), members=["u01", "u02", "u03"])

    own, other, _ = measure_visits(sides, read_visits(sides))

    assert (own.n_visits, own.n_engaged) == (3, 2)
    assert other.n_visits == 0
