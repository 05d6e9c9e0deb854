"""Any stretch of days inside a window: answers worked out by hand, at the end of 30 June."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segkit.periods import Clock
from tests.segments.tiny import Tiny, event, segment, tables_of

VIEWS = {
    # Three on days 10 to 12, three on 20 to 23, three at the window's edge, three long ago.
    "u_1": ("06-10", "06-11", "06-12"),
    "u_2": ("06-20", "06-21", "06-23"),
    "u_3": ("06-16", "06-17", "06-15"),
    "u_4": ("05-01", "05-02", "05-02"),
    "u_5": ("06-30",),
    "u_6": (),
}


@pytest.fixture(scope="module")
def pages() -> Tiny:
    logins = [event(user, "2026-04-01T10:00", "login") for user in VIEWS]
    views = [
        event(user, f"2026-{day}T{hour}:00", "page_view", value=hour)
        for user, days in VIEWS.items()
        for hour, day in enumerate(days, start=10)
    ]
    return tables_of(logins + views)


def did(is_: Any, length: str, inside: Any, calc: Any = "count") -> Any:
    during = {"any": length, "inside": inside}
    return {"did": {"event": "page_view", "is": is_, "calc": calc, "during": during}}


FORTNIGHT = {"last": "15d"}
"""From 16 to 30 June."""


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (did({"gte": 3}, "3d", {"last": "30d"}), "13"),
        (did({"gte": 3}, "4d", {"last": "30d"}), "123"),
        (did({"gte": 3}, "2d", "ever"), "4"),
        # The stretch lies inside the window as a whole: the 15th does not.
        (did({"gte": 3}, "4d", FORTNIGHT), "2"),
        (did({"gte": 2}, "4d", FORTNIGHT), "23"),
        (did({"gte": 1}, "15d", FORTNIGHT), "235"),
        # No stretch of 16 days fits into 15.
        (did({"gte": 1}, "16d", FORTNIGHT), ""),
        (did({"lte": 9}, "16d", FORTNIGHT), ""),
        # Some day without a view is found for everybody, and in what has no beginning too.
        (did(0, "1d", FORTNIGHT), "123456"),
        (did(0, "3d", "ever"), "123456"),
        # No day of the last one is without a view of u_5.
        (did(0, "1d", {"last": "1d"}), "12346"),
        # From 20 to 23 June every stretch of two days holds a view of u_2.
        (did(0, "2d", {"from": "2026-06-20", "to": "2026-06-23"}), "13456"),
        # Stretches of a month: only June is one in June.
        (did({"gte": 3}, "1mo", {"calendar": "this_month"}), "123"),
        (did({"gte": 3}, "1mo", {"from": "2026-04-15", "to": "2026-05-14"}), "4"),
        (did({"gte": 1}, "1mo", {"from": "2026-06-02", "to": "2026-06-30"}), ""),
        # Other values of a stretch: 21 and 22 on the 11th and 12th of u_1, 10 + 11 of u_2.
        (did({"gte": 23}, "2d", {"last": "30d"}, {"sum": "revenue"}), "1"),
        (did({"gte": 21}, "2d", FORTNIGHT, {"sum": "revenue"}), "23"),
        (did({"lt": 11}, "1d", {"last": "30d"}, {"avg": "revenue"}), "1235"),
        (did({"gte": 3}, "3d", {"last": "30d"}, "active_days"), "13"),
        # A mean of nothing is unknown, which is asked for.
        (did({"known": False}, "1d", {"last": "1d"}, {"avg": "revenue"}), "12346"),
    ],
    ids=str,
)
def test_any_stretch_is_found(pages: Tiny, where: Any, expected: str) -> None:
    assert pages.members(where) == {f"u_{n}" for n in expected}


def test_measure_says_the_same_and_did_not_the_opposite(pages: Tiny) -> None:
    body = did({"gte": 3}, "3d", {"last": "30d"})["did"]
    of = {key: body[key] for key in ("event", "calc", "during")}

    assert pages.members({"measure": {"of": of, "is": body["is"]}}) == {"u_1", "u_3"}
    assert pages.members({"did_not": body}) == {"u_2", "u_4", "u_5", "u_6"}


def test_days_that_are_not_over_are_in_no_stretch() -> None:
    events = [event("u_1", f"2026-06-{day}T10:00", "page_view") for day in (28, 29, 30)]
    tiny = tables_of(events)
    noon = Clock(datetime(2026, 6, 30, 12, tzinfo=UTC), ZoneInfo("UTC"))

    found = tiny.evaluate(segment(did({"gte": 3}, "3d", {"last": "30d"})), noon)

    assert tiny.users(found.members) == set()
    assert tiny.members(did({"gte": 3}, "3d", {"last": "30d"})) == {"u_1"}
