import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.store.bucket import VISIT_GAP_S, number_visits
from segkit.store.prepare import local_time
from tests.store.support import load_now, page, rows, write_lines

START = datetime(2025, 1, 1, tzinfo=UTC)


def visit_index(users: list[object], seconds: list[int]) -> list[int]:
    """The number of each event's visit within its user, from 1, for events sorted by user and
    time."""
    codes = np.unique(np.array([str(u) for u in users]), return_inverse=True)[1]
    at = np.array(seconds, dtype=np.int64) * 1_000_000
    visits = number_visits(codes.astype(np.int64), at, np.zeros(len(at), dtype=bool)).to_pylist()
    seen: dict[tuple[object, int], int] = {}
    per_user: dict[object, int] = {}
    for user, visit in zip(users, visits, strict=True):
        if (user, visit) not in seen:
            per_user[user] = per_user.get(user, 0) + 1
            seen[user, visit] = per_user[user]
    return [seen[key] for key in zip(users, visits, strict=True)]


@pytest.mark.shared
def test_visits_split_as_peer_libraries_do(shared: Path) -> None:
    cases = json.loads((shared / "vectors/sessions/session_splitting.json").read_text("utf-8"))[
        "timeout"
    ]
    half_hour = [case for case in cases if case.get("timeout") == "30m"]

    for case in half_hour:
        users = [user for user, _, _ in case["events"]]
        seconds = [
            int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp())
            for _, _, at in case["events"]
        ]

        assert visit_index(users, seconds) == case["expected_session_index"], case["id"]
    assert len(half_hour) == 2


@pytest.mark.parametrize(
    ("gap", "n_visits"), [(VISIT_GAP_S, 1), (VISIT_GAP_S + 1, 2)], ids=["exactly", "one more"]
)
def test_a_gap_of_exactly_half_an_hour_stays_in_the_visit(gap: int, n_visits: int) -> None:
    assert max(visit_index(["u", "u"], [0, gap])) == n_visits


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20_000)), min_size=1, max_size=40))
def test_events_of_one_visit_are_never_further_apart_than_the_gap(
    events: list[tuple[int, int]],
) -> None:
    events = sorted(events)
    numbers = visit_index([u for u, _ in events], [s for _, s in events])

    for (one, at, number), (other, later, next_number) in zip(
        [(u, s, n) for (u, s), n in zip(events, numbers, strict=True)],
        [(u, s, n) for (u, s), n in zip(events, numbers, strict=True)][1:],
        strict=False,
    ):
        same = one == other and later - at <= VISIT_GAP_S
        assert (number == next_number) == same if one == other else next_number == 1


@given(
    st.integers(0, 2 * 365 * 86_400).map(lambda s: START + timedelta(seconds=s)),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
)
def test_local_time_is_that_of_the_zone_over_clock_changes(instant: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    sql = local_time(
        "time", zone, datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    )
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")

    found = con.execute(
        f"SELECT {sql} FROM (SELECT TIMESTAMPTZ '{instant.isoformat()}' AS time)"
    ).fetchone()

    assert found == (instant.astimezone(zone).replace(tzinfo=None),)


def test_visits_take_the_first_touch_device_and_pages_in_order(tmp_path: Path) -> None:
    first = page("10:00:00", "/landing", id="a", device="d")
    first["context"] |= {
        "campaign": {"source": "news", "medium": "email", "name": "spring"},
        "location": {"country": "DE"},
    }
    second = page("10:01:00", "/middle", id="b", device="d")
    second["context"]["page"]["referrer"] = "https://shop.example/landing"
    third = page("10:02:00", "/end", id="c", device="d")
    write_lines(tmp_path, "one", [third, first, second])

    load_now(tmp_path)

    assert rows(
        tmp_path,
        "visits",
        "landing_page",
        "exit_page",
        "channel",
        "utm_campaign",
        "country",
        "n_page_views",
        "engaged_s",
    ) == [("/landing", "/end", "Email", "spring", "DE", 3, 120)]


def test_weekday_hour_and_day_of_a_visit_are_local(tmp_path: Path) -> None:
    instant = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
    write_lines(
        tmp_path,
        "one",
        [
            page(instant.isoformat(), id="a", device="d"),
            page((instant + timedelta(seconds=1)).isoformat(), id="b", device="e"),
        ],
    )

    load_now(tmp_path)

    assert [
        (str(day), hour, weekday)
        for day, hour, weekday in rows(tmp_path, "visits", "day", "hour", "weekday")
    ] == [
        ("2026-03-29", 1, 7),
        ("2026-03-29", 3, 7),
    ]
