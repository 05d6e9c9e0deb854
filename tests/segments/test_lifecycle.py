"""First time, regular, stopped, resumed: answers worked out by hand, at the end of 30 June."""

from typing import Any

import pytest

from tests.segments.tiny import Tiny, event, segment, tables_of

LOGINS = {
    # The last four weeks begin on the 3rd, 10th, 17th and 24th of June.
    "u_1": ("06-03", "06-04", "06-10", "06-11", "06-17", "06-18", "06-24", "06-30"),
    "u_2": ("06-03", "06-09", "06-10", "06-16", "06-17", "06-18"),
    "u_3": ("05-01", "06-29"),
    "u_4": ("06-24",),
    "u_5": ("06-23",),
    "u_6": (),
}
"""Days of June on which each logged in; u_6 only looked."""


@pytest.fixture(scope="module")
def habits() -> Tiny:
    looked = [event(user, "2026-04-01T10:00", "page_view") for user in LOGINS]
    came = [
        event(user, f"2026-{day}T10:00", "login", plan="pro")
        for user, days in LOGINS.items()
        for day in days
    ]
    return tables_of(looked + came)


WEEK = {"last": "7d"}


def first_time(during: Any, **target: Any) -> Any:
    return {"first_time": (target or {"event": "login"}) | {"during": during}}


def regularly(periods: Any, of_last: int, per: str = "1w", is_: Any = None) -> Any:
    body = {"event": "login", "per": per, "periods": {"is": periods, "of_last": of_last}}
    return {"regularly": body if is_ is None else body | {"is": is_}}


def stopped(active_in: Any, silent_for: str) -> Any:
    return {"stopped": {"event": "login", "active_in": active_in, "silent_for": silent_for}}


def resumed(silent_for: str, during: Any) -> Any:
    return {"resumed": {"event": "login", "silent_for": silent_for, "during": during}}


CASES = [
    # The week begins on the 24th: u_5 came a day before it, u_1 and u_3 long before.
    (first_time(WEEK), "4"),
    (first_time({"last": "8d"}), "45"),
    (first_time("ever"), "12345"),
    (first_time({"older_than": "7d"}), "1235"),
    (first_time({"from": "2026-06-03", "to": "2026-06-03"}), "12"),
    # A first time may lie in a window that has passed, whatever came after.
    (first_time({"before": "2026-06-01"}), "3"),
    # With a `where` the rollups of days do not answer; the answer is the same.
    (first_time({"last": "8d"}, event="login", where={"plan": "pro"}), "45"),
    (first_time({"last": "8d"}, visit="any"), ""),
    (regularly(4, 4), "1"),
    (regularly({"gte": 3}, 4), "12"),
    (regularly({"gte": 3}, 4, is_={"gte": 2}), "12"),
    (regularly(4, 4, is_={"gte": 2}), "1"),
    # A week without a login has a count of 0, for u_6 all four of them.
    (regularly(4, 4, is_={"lte": 1}), "3456"),
    (regularly(4, 4, is_=0), "6"),
    (regularly({"lte": 1}, 4), "3456"),
    (regularly(0, 2, per="1d"), "2456"),
    # Months are counted back by the calendar: June, May.
    (regularly(2, 2, per="1mo"), "3"),
    (stopped({"last": "30d"}, "7d"), "25"),
    (stopped({"last": "30d"}, "6d"), "245"),
    (stopped("ever", "7d"), "25"),
    (stopped({"older_than": "7d"}, "8d"), "2"),
    # Silence and activity of one length can never both hold.
    (stopped({"last": "7d"}, "7d"), ""),
    (resumed("30d", {"last": "7d"}), "3"),
    # The 24th is the first of the last seven days; the five before it are silent, the sixth is not.
    (resumed("5d", {"last": "7d"}), "13"),
    (resumed("6d", {"last": "7d"}), "3"),
    (resumed("4d", {"last": "2d"}), "13"),
    (resumed("5d", {"last": "2d"}), "3"),
    # Nothing lies before the silence: that is a first time, not a return.
    (resumed("60d", {"last": "7d"}), ""),
]


@pytest.mark.parametrize(("where", "expected"), CASES, ids=str)
def test_habits_are_told(habits: Tiny, where: Any, expected: str) -> None:
    assert habits.members(where) == {f"u_{n}" for n in expected}


def test_who_is_not_among_them_is_the_rest_of_the_universe(habits: Tiny) -> None:
    came = {"did": {"event": "login"}}

    assert habits.members({"not": first_time(WEEK)}, universe=came) == {"u_1", "u_2", "u_3", "u_5"}
    assert habits.members({"not": regularly({"lte": 1}, 4)}) == {"u_1", "u_2"}


def test_habits_are_told_of_another_segment_and_its_universe(habits: Tiny) -> None:
    library = {"fresh": segment(first_time(WEEK), name="fresh")}

    assert habits.members({"in_segment": "fresh"}, library=library) == {"u_4"}
    assert habits.members(regularly(1, 1), universe={"segment": "fresh"}, library=library) == {
        "u_4"
    }


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_days_of_another_zone_are_its_own(zone: str) -> None:
    late = [event("u_1", "2026-06-23T20:00", "login")]
    tiny = tables_of(late)

    found = tiny.members({"first_time": {"event": "login", "during": WEEK}}, timezone=zone)

    # 20:00 UTC on the 23rd is the 24th in Tokyo.
    assert found == ({"u_1"} if zone == "Asia/Tokyo" else set())
