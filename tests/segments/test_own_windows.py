"""Windows that hang on an event of each user: answers worked out by hand, at the end of June."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segkit.periods import Clock
from tests.segments.tiny import Tiny, event, segment, tables_of

EVENTS = [
    # u_1 signed up twice, and bought on the last minute of the first week and after it.
    *(("u_1", day, "sign_up") for day in ("2026-06-01T09:00", "2026-06-20T09:00")),
    *(("u_1", day, "buy") for day in ("2026-06-08T08:59", "2026-06-08T09:00", "2026-06-19T09:00")),
    # u_2 bought at the very instant of the sign-up, u_3 just before it.
    ("u_2", "2026-06-01T09:00", "sign_up"),
    ("u_2", "2026-06-01T09:00", "buy"),
    ("u_3", "2026-06-01T09:00", "sign_up"),
    ("u_3", "2026-06-01T08:59", "buy"),
    # u_4 never signed up; u_5 did so only after T.
    ("u_4", "2026-06-01T09:00", "buy"),
    ("u_5", "2026-06-30T12:00", "buy"),
    ("u_5", "2026-07-01T09:00", "sign_up"),
]


@pytest.fixture(scope="module")
def shop() -> Tiny:
    return tables_of([event(user, at, name, value=5) for user, at, name in EVENTS])


def buys(side: str, which: str, length: str, **more: Any) -> Any:
    during = {side: {which: "sign_up"}, "for": length}
    return {"did": {"event": "buy", "during": during} | more}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (buys("after", "first", "7d"), "12"),
        (buys("after", "first", "7d", **{"is": 1}), "12"),
        (buys("after", "first", "8d", **{"is": 2}), "1"),
        (buys("after", "last", "7d"), "2"),
        (buys("before", "first", "1d"), "3"),
        (buys("before", "last", "2d"), "13"),
        (buys("before", "last", "1mo", **{"is": {"gte": 3}}), "1"),
        # No sign-up, no window, no buying in it: a count of 0, and a mean that is unknown.
        (buys("after", "first", "7d", **{"is": 0}), "345"),
        (buys("after", "first", "7d", calc={"avg": "revenue"}, **{"is": {"lte": 9}}), "12"),
        ({"not": buys("after", "first", "7d")}, "345"),
        # The window reaches beyond T; what is later does not exist.
        (buys("after", "first", "1y"), "12"),
    ],
    ids=str,
)
def test_windows_hang_on_each_user_s_own_event(shop: Tiny, where: Any, expected: str) -> None:
    assert shop.members(where) == {f"u_{n}" for n in expected}


def test_before_t_only_counts_what_had_happened(shop: Tiny) -> None:
    assert shop.members(buys("after", "first", "30d"), "2026-06-07") == {"u_2"}
    assert shop.members(buys("after", "last", "30d"), "2026-06-18") == {"u_1", "u_2"}
    assert shop.members(buys("before", "last", "1d"), "2026-07-01") == {"u_1", "u_3", "u_5"}


def test_key_actions_of_a_first_week_are_counted_k_of_n(shop: Tiny) -> None:
    week = {"after": {"first": "sign_up"}, "for": "7d"}
    came = {"did": {"visit": "any", "calc": "active_days", "is": {"gte": 2}, "during": week}}

    found = shop.members(
        {"at_least": {"n": 2, "of": [buys("after", "first", "7d"), came]}},
        universe={"did": {"event": "sign_up", "during": {"older_than": "7d"}}},
    )

    assert found == {"u_1"}


def test_metrics_and_visits_look_into_such_windows_too(shop: Tiny) -> None:
    week = {"after": {"first": "sign_up"}, "for": "7d"}
    month = {"after": {"first": "sign_up"}, "for": "1mo"}
    left, right = ({"event": "buy", "during": window} for window in (month, week))

    assert shop.members({"compare": {"left": left, "op": "gt", "right": right}}) == {"u_1"}
    assert shop.members({"rank": {"by": left, "top": 1}}) == {"u_1"}
    visits = {"name": "visit_type", "is": "returning", "during": week}
    assert shop.members({"visit_attribute": visits}) == {"u_1"}


@pytest.mark.parametrize(
    ("bought_at", "expected"), [("08:59", {"u_1"}), ("09:00", set()), ("10:30", set())]
)
def test_a_day_after_nine_is_nine_where_the_clock_changes(
    bought_at: str, expected: set[str]
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    signed = datetime(2026, 3, 28, 9, tzinfo=berlin)  # 23 hours before 9:00 on the 29th
    bought = datetime.fromisoformat(f"2026-03-29T{bought_at}").replace(tzinfo=berlin)
    events = [event("u_1", signed, "sign_up"), event("u_1", bought, "buy")]
    tiny = tables_of(events, zone="Europe/Berlin")

    assert tiny.members(buys("after", "first", "1d")) == expected


def test_hours_are_hours_where_the_clock_changes() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    signed = datetime(2026, 3, 28, 9, tzinfo=berlin)
    bought = datetime(2026, 3, 29, 9, 30, tzinfo=berlin)
    events = [event("u_1", signed, "sign_up"), event("u_1", bought, "buy")]
    tiny = tables_of(events, zone="Europe/Berlin")
    clock = Clock(datetime(2026, 3, 30, 12, tzinfo=UTC), berlin)

    found = tiny.evaluate(segment(buys("after", "first", "24h")), clock)

    assert tiny.users(found.members) == {"u_1"}
    assert tiny.members(buys("after", "first", "1d")) == set()
