"""The warning about `not` around unknown values."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segkit.periods import Clock
from segkit.segments.unknown import warn_unknown
from tests.segments.tiny import Tiny, event, label, segment, tables_of

CLOCK = Clock.at_end_of(date(2026, 6, 30), ZoneInfo("UTC"))


@pytest.fixture(scope="module")
def members() -> Tiny:
    """99 users with a plan and 2 without."""
    known = [label(f"u_{n}", "plan", "pro" if n < 50 else "free") for n in range(99)]
    return tables_of(
        [event("u_98", "2026-06-01T10:00"), event("d_1", "2026-06-01T10:00")],
        attributes=known,
        people={"u_x": None},
    )


def warned(tiny: Tiny, where: Any, **document: Any) -> list[str]:
    definition = segment(where, **document)
    return [str(f.sentence) for f in warn_unknown(definition, tables=tiny.tables, clock=CLOCK)]


PRO = {"attribute": {"name": "plan", "is": "pro"}}


def test_a_not_that_lets_unknown_people_in_is_warned_of(members: Tiny) -> None:
    told = "2 of 101 users meet this only because a value is unknown."

    assert warned(members, {"not": PRO}) == [told]
    assert warned(members, {"any": [{"not": {"all": [PRO]}}, PRO]}) == [told]


def test_nothing_is_said_where_unknown_people_stay_out(members: Tiny) -> None:
    known = {"attribute": {"name": "plan", "is": {"known": True}}}
    tolerant = {"attribute": {"name": "plan", "is": {"eq": "pro", "missing": "include"}}}

    assert warned(members, PRO) == []
    assert warned(members, {"not": known}) == []
    assert warned(members, {"not": tolerant}) == []
    assert warned(members, {"did_not": {"event": "page_view"}}) == []
    assert warned(members, {"not": PRO}, universe=known) == []


def test_a_mean_that_is_unknown_is_warned_of(members: Tiny) -> None:
    mean = {"event": "page_view", "calc": {"avg": "value"}, "is": {"gte": 1}}

    assert warned(members, {"did_not": mean}) == [
        "101 of 101 users meet this only because a value is unknown."
    ]
