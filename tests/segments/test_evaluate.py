"""Members: the meaning of the language, its traps, its windows, its clocks."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segkit.errors import DefinitionError, NotYetError, UnknownNameError
from segkit.periods import Clock
from tests.segments.tiny import Tiny, event, label, segment, tables_of

BUYS = [
    event("u_0", "2026-06-01T10:00"),
    event("u_1", "2026-06-10T10:00", "purchase", value=10, plan="pro", seconds=1),
    *(
        event("u_3", f"2026-06-{day}T10:00", "purchase", value=20, plan="free", seconds=n)
        for n, day in enumerate((10, 20, 30))
    ),
    event("u_5", "2026-06-30T10:00", "purchase", plan=None),
]


@pytest.fixture(scope="module")
def buys() -> Tiny:
    """Users with no purchase, with 1, with 3, and with one of which nothing is known."""
    return tables_of(BUYS)


def did(**body: Any) -> Any:
    return {"did": {"event": "purchase"} | body}


# Traps ------------------------------------------------------------------------------------------


def test_at_most_3_includes_those_with_none(buys: Tiny) -> None:
    assert buys.members(did(**{"is": {"lte": 3}})) == {"u_0", "u_1", "u_3", "u_5"}


def test_exactly_zero_finds_those_who_never_did(buys: Tiny) -> None:
    assert buys.members(did(**{"is": 0})) == {"u_0"}
    assert buys.members({"did_not": {"event": "purchase"}}) == {"u_0"}


def test_not_equal_leaves_unknown_values_out(buys: Tiny) -> None:
    calc = {"calc": {"last": "plan"}}

    assert buys.members(did(**calc, **{"is": {"ne": "pro"}})) == {"u_3"}
    assert buys.members(did(**calc, **{"is": {"ne": "pro", "missing": "include"}})) == {
        "u_0",
        "u_3",
        "u_5",
    }
    assert buys.members({"not": did(**calc, **{"is": "pro"})}) == {"u_0", "u_3", "u_5"}


def test_two_pages_may_be_seen_by_one_user_in_different_events() -> None:
    tiny = tables_of(
        [event("u_1", f"2026-06-0{n}T10:00", page_path=p) for n, p in enumerate(("/a", "/b"), 1)]
    )

    assert tiny.members({"all": [{"did": {"page": {"path": p}}} for p in ("/a", "/b")]}) == {"u_1"}


def test_nested_combinations_are_never_dropped(buys: Tiny) -> None:
    where = {"all": [{"any": [{"not": did(**{"is": {"gte": 3}})}, did(**{"is": 99})]}, did()]}

    assert buys.members(where) == {"u_1", "u_5"}


def test_an_unknown_name_is_refused_and_not_empty(buys: Tiny) -> None:
    with pytest.raises(UnknownNameError, match="Unknown event `purchse`"):
        buys.members({"did": {"event": "purchse"}})


def test_what_cannot_be_evaluated_yet_is_refused_by_name(buys: Tiny) -> None:
    where = {"sequence": {"steps": [{"event": "purchase"}, {"event": "purchase"}]}}

    with pytest.raises(NotYetError, match="`sequence` is part of the language but cannot be"):
        buys.members(where)


def test_later_events_do_not_exist(buys: Tiny) -> None:
    assert buys.members(did(), day="2026-06-09") == set()
    assert buys.members(did(**{"is": 0}), day="2026-06-10") == {"u_0"}
    assert buys.members({"attribute": {"name": "n_visits", "is": 2}}, day="2026-06-29") == {"u_3"}


# Calculations -----------------------------------------------------------------------------------

CALCS: list[tuple[Any, Any, set[str]]] = [
    ("count", 3, {"u_3"}),
    ("active_days", 3, {"u_3"}),
    ("active_weeks", 3, {"u_3"}),
    ("active_months", 1, {"u_1", "u_3", "u_5"}),
    ("visits", 3, {"u_3"}),
    ({"sum": "revenue"}, 60, {"u_3"}),
    ({"sum": "revenue"}, 0, {"u_0", "u_5"}),
    ({"avg": "value"}, 20, {"u_3"}),
    ({"avg": "value"}, {"known": False}, {"u_0", "u_5"}),
    ({"min": "seconds"}, 0, {"u_3"}),
    ({"max": "seconds"}, 2, {"u_3"}),
    ({"median": "seconds"}, 1, {"u_1", "u_3"}),
    ({"quantile": {"of": "seconds", "q": 0.9}}, 1.8, {"u_3"}),
    ({"distinct": "plan"}, 1, {"u_1", "u_3"}),
    ({"distinct": "plan"}, 0, {"u_0", "u_5"}),
    ({"first": "seconds"}, 0, {"u_3"}),
    ({"last": "seconds"}, 2, {"u_3"}),
    ({"most_frequent": "plan"}, "free", {"u_3"}),
    ({"last": "event_time"}, "2026-06-30", {"u_3", "u_5"}),
    ({"first": "event_time"}, {"lte": "2026-06-10"}, {"u_1", "u_3"}),
    ({"last": "event_time"}, {"gt": "2026-06-30"}, set()),
]


@pytest.mark.parametrize(("calc", "bound", "expected"), CALCS, ids=lambda v: str(v)[:30])
def test_every_calc_counts_as_the_language_says(
    buys: Tiny, calc: Any, bound: Any, expected: set[str]
) -> None:
    assert buys.members(did(calc=calc, **{"is": bound})) == expected


def test_equal_times_keep_the_order_of_the_file() -> None:
    same = [event("u_1", "2026-06-01T10:00", plan=plan) for plan in ("b", "a")]
    tiny = tables_of(same)

    first, last = (
        tiny.members({"did": {"event": "page_view", "calc": {pick: "plan"}, "is": plan}})
        for pick, plan in (("first", "b"), ("last", "a"))
    )

    assert first == last == {"u_1"}


def test_the_most_frequent_of_two_equals_is_the_first_by_name() -> None:
    tiny = tables_of([event("u_1", "2026-06-01T10:00", plan=plan) for plan in ("b", "a")])

    assert tiny.members(
        {"did": {"event": "page_view", "calc": {"most_frequent": "plan"}, "is": "a"}}
    ) == {"u_1"}


def test_a_mean_is_compared_without_rounding() -> None:
    tiny = tables_of([event("u_1", "2026-06-01T10:00", value=v) for v in ("0.1", "0.1", "0.2")])
    third = {"event": "page_view", "calc": {"avg": "value"}}

    assert tiny.members({"did": third | {"is": {"gt": 0.133333}}}) == {"u_1"}
    assert tiny.members({"did": third | {"is": {"lt": 0.133334}}}) == {"u_1"}


# Windows ----------------------------------------------------------------------------------------

WINDOWS: list[tuple[Any, set[str]]] = [
    ("ever", {"u_1", "u_3", "u_5"}),
    ({"last": "1d"}, {"u_3", "u_5"}),
    ({"last": "21d"}, {"u_1", "u_3", "u_5"}),
    ({"last": "20d"}, {"u_3", "u_5"}),
    ({"last": "1mo"}, {"u_1", "u_3", "u_5"}),
    ({"last": "1d", "ending": "20d"}, {"u_1", "u_3"}),
    ({"from": "2026-06-10", "to": "2026-06-10"}, {"u_1", "u_3"}),
    ({"from": "2026-06-11", "to": "2026-06-19"}, set()),
    ({"since": "2026-06-30"}, {"u_3", "u_5"}),
    ({"since": "2027-01-01"}, set()),
    ({"before": "2026-06-10"}, set()),
    ({"before": "2026-06-11"}, {"u_1", "u_3"}),
    ({"older_than": "20d"}, {"u_1", "u_3"}),
    ({"older_than": "21d"}, set()),
    ({"calendar": "this_day"}, {"u_3", "u_5"}),
    ({"calendar": "last_day"}, set()),
    ({"calendar": "this_week"}, {"u_3", "u_5"}),
    ({"calendar": "last_week"}, set()),
    ({"calendar": "this_month"}, {"u_1", "u_3", "u_5"}),
    ({"calendar": "last_month"}, set()),
    ({"calendar": "this_quarter"}, {"u_1", "u_3", "u_5"}),
    ({"calendar": "last_year"}, set()),
]


@pytest.mark.parametrize(("during", "expected"), WINDOWS, ids=lambda v: str(v)[:40])
def test_windows_hold_whole_days(buys: Tiny, during: Any, expected: set[str]) -> None:
    assert buys.members(did(during=during)) == expected


@pytest.mark.parametrize(("during", "expected"), WINDOWS, ids=lambda v: str(v)[:40])
def test_windows_mean_the_same_without_rollups(buys: Tiny, during: Any, expected: set[str]) -> None:
    another_name_of_the_zone = "Etc/UTC"

    assert buys.members(did(during=during), timezone=another_name_of_the_zone) == expected


CLOCK_CHANGES = [
    ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00", "2026-03-29T21:59:59"),
    ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", "2026-10-25T22:59:59"),
    ("America/New_York", "2026-03-08", "2026-03-08T05:00", "2026-03-09T03:59:59"),
    ("America/New_York", "2026-11-01", "2026-11-01T04:00", "2026-11-02T04:59:59"),
    ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00", "2018-11-05T01:59:59"),
]


@pytest.mark.parametrize(("zone", "day", "first", "last"), CLOCK_CHANGES)
@pytest.mark.parametrize("tables_zone", ["same", "UTC"])
def test_a_day_with_a_clock_change_is_one_day(
    zone: str, day: str, first: str, last: str, tables_zone: str
) -> None:
    before = datetime.fromisoformat(first).replace(tzinfo=UTC).timestamp() - 1
    after = datetime.fromisoformat(last).replace(tzinfo=UTC).timestamp() + 1
    tiny = tables_of(
        [
            event("u_in", first),
            event("u_in", last),
            event("u_before", datetime.fromtimestamp(before, UTC)),
            event("u_after", datetime.fromtimestamp(after, UTC)),
        ],
        zone=zone if tables_zone == "same" else "UTC",
    )
    body = {"event": "page_view", "calc": "active_days", "is": 1}
    clock = {"timezone": zone, "as_of": day}

    assert tiny.members({"did": body | {"during": {"last": "1d"}}}, **clock) == {"u_in"}
    assert tiny.members({"did": body | {"during": {"from": day, "to": day}}}, **clock) == {"u_in"}
    assert tiny.members({"did": body | {"during": {"last": "2d"}}}, **clock) == {"u_in", "u_before"}


def test_hours_count_from_an_instant_and_are_refused_at_the_end_of_a_day(buys: Tiny) -> None:
    where = did(during={"last": "3h"})

    assert buys.members(where, as_of="2026-06-30T12:00:00+00:00") == {"u_3", "u_5"}
    assert buys.members(where, as_of="2026-06-30T13:00:01+00:00") == set()
    with pytest.raises(DefinitionError, match="`3h` counts hours or minutes, but `as_of` is the"):
        buys.members(where)


def test_visits_have_the_days_of_the_definition_s_zone() -> None:
    tiny = tables_of([event("u_1", "2026-06-01T14:00"), event("u_1", "2026-06-01T16:00")])
    two_days = {"did": {"visit": "any", "calc": "active_days", "is": 2}}

    assert tiny.members(two_days) == set()
    assert tiny.members(two_days, timezone="Asia/Tokyo") == {"u_1"}


def test_weeks_begin_on_monday() -> None:
    tiny = tables_of([event("u_1", "2026-06-28T12:00"), event("u_1", "2026-06-29T12:00")])

    assert tiny.members({"did": {"event": "page_view", "calc": "active_weeks", "is": 2}}) == {"u_1"}


# Universe ---------------------------------------------------------------------------------------


def test_everyone_is_who_was_known_at_t_and_no_bot() -> None:
    tiny = tables_of(
        [
            event("u_1", "2026-06-10T10:00"),
            event("d_bot", "2026-06-10T10:00", bot_reason="crawler"),
            event("u_late", "2026-07-02T10:00"),
        ],
        people={"u_crm": None, "u_joined": "2026-06-20T00:00:00+00:00"},
    )
    anybody = {"did_not": {"event": "page_view", "where": {"country": "XX"}}}

    assert tiny.members(anybody) == {"u_1", "u_crm", "u_joined"}
    assert tiny.members(anybody, day="2026-06-15") == {"u_1", "u_crm"}
    assert tiny.members(anybody, day="2026-07-02") == {"u_1", "u_crm", "u_joined", "u_late"}


def test_members_lie_inside_every_kind_of_universe(buys: Tiny) -> None:
    never = {"did_not": {"event": "purchase", "during": {"last": "7d"}}}
    library = {"buyers": segment(did(), name="buyers")}

    assert buys.members(never) == {"u_0", "u_1"}
    assert buys.members(never, universe={"active": "25d"}) == {"u_1"}
    assert buys.members(never, universe={"segment": "buyers"}, library=library) == {"u_1"}
    assert buys.members(never, universe=did()) == {"u_1"}


def test_the_universe_is_given_beside_the_members(buys: Tiny) -> None:
    clock = Clock.at_end_of(date(2026, 6, 30), ZoneInfo("UTC"))

    found = buys.evaluate(segment(did(), universe={"active": "25d"}), clock)

    assert buys.users(found.universe) == {"u_1", "u_3", "u_5"}
    assert buys.users(found.members) == {"u_1", "u_3", "u_5"}
    assert found.clock == clock


# Labels, visits, lists, references ----------------------------------------------------------------


def test_labels_are_those_valid_at_t() -> None:
    tiny = tables_of(
        [],
        attributes=[
            label("u_1", "plan", "free", "2026-06-01T00:00"),
            label("u_1", "plan", "pro", "2026-06-20T00:00"),
            label("u_2", "plan", "pro"),
            label("u_3", "plan", "pro", "2026-06-01T00:00"),
            label("u_3", "plan", None, "2026-06-02T00:00"),
            label("u_4", "other", "x"),
            label("u_4", "plan", "free"),
            label("u_4", "plan", "pro", is_valid=False),
        ],
    )
    pro = {"attribute": {"name": "plan", "is": "pro"}}

    assert tiny.members(pro) == {"u_1", "u_2"}
    assert tiny.members(pro, day="2026-06-19") == {"u_2"}
    assert tiny.members({"attribute": {"name": "plan", "is": {"known": False}}}) == {"u_3"}
    changed_at_t = label("u_5", "plan", "pro", "2026-07-01T00:00")
    assert tables_of([], attributes=[changed_at_t]).members(pro) == set()


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ({"gte": 18}, {"u_18", "u_100"}),
        ({"lt": 18}, {"u_9"}),
        ({"between": [9, 18]}, {"u_9", "u_18"}),
        ({"ne": 9}, {"u_18", "u_100"}),
        ({"not_in": [9, 18]}, {"u_100"}),
    ],
    ids=str,
)
def test_numbers_in_texts_are_compared_as_numbers(bound: Any, expected: set[str]) -> None:
    tiny = tables_of([], attributes=[label(f"u_{n}", "age", f"{n}") for n in (9, 18, 100)])

    assert tiny.members({"attribute": {"name": "age", "is": bound}}) == expected


TOUCHES = [
    ("first", {"u_1"}),
    ("last", {"u_2"}),
    ("any", {"u_1", "u_2"}),
    ("every", set()),
    ("last_non_direct", {"u_1", "u_2"}),
]


@pytest.mark.parametrize(("touch", "expected"), TOUCHES)
def test_visits_are_looked_at_by_touch(touch: str, expected: set[str]) -> None:
    def visit(user: str, day: int, channel: str) -> Any:
        source = "direct" if channel == "Direct" else "campaign"
        return event(user, f"2026-06-{day:02}T10:00", channel=channel, source_type=source)

    tiny = tables_of(
        [
            *(visit("u_1", 1, "Email"), visit("u_1", 2, "Direct")),
            *(visit("u_2", 1, "Direct"), visit("u_2", 2, "Email")),
            *(visit("u_3", 1, "Direct"), visit("u_3", 2, "Direct")),
        ]
    )

    found = tiny.members({"visit_attribute": {"name": "channel", "is": "Email", "touch": touch}})

    assert found == expected


def test_lists_match_ids_exactly_and_labels_without_case() -> None:
    tiny = tables_of(
        [event("u_1", "2026-06-01T10:00"), event("d_2", "2026-06-01T10:00")],
        attributes=[label("u_3", "email", "Ann@Example.com")],
    )
    rows = [{"id": "u_1", "mail": " ann@example.COM "}, {"id": "d_2", "mail": ""}]

    def lists(file: str) -> list[dict[str, str]]:
        return rows if file == "lists/a.csv" else []

    named = {"file": "lists/a.csv"}

    assert tiny.members({"in_list": {"ids": ["u_1", "d_2", "U_3"]}}) == {"u_1", "d_2"}
    assert tiny.members({"in_list": named | {"column": "id"}}, lists=lists) == {"u_1"}
    by_device = named | {"column": "id", "match": "device_id"}
    assert tiny.members({"in_list": by_device}, lists=lists) == {"d_2"}
    by_mail = named | {"column": "mail", "match": "email"}
    assert tiny.members({"in_list": by_mail}, lists=lists) == {"u_3"}
    with pytest.raises(DefinitionError, match="no column `nr`; it has `id`, `mail`"):
        tiny.members({"in_list": named | {"column": "nr"}}, lists=lists)
    with pytest.raises(DefinitionError, match=r"The list `lists/a\.csv` cannot be read here"):
        tiny.members({"in_list": named | {"column": "id"}})


def test_a_long_list_is_joined() -> None:
    tiny = tables_of([event("u_1", "2026-06-01T10:00"), event("u_2", "2026-06-01T10:00")])
    ids = [f"u_{n}" for n in range(1, 1000) if n != 2]

    assert tiny.members({"in_list": {"ids": ids}}) == {"u_1"}


def test_references_are_evaluated_at_the_same_t(buys: Tiny) -> None:
    library = {
        "a": segment(did(during={"last": "1d"}), name="a", as_of="2026-06-10"),
        "b": segment(did(calc={"sum": "value"}, **{"is": {"gte": 60}}), name="b"),
    }

    assert buys.members({"in_segment": "a"}, library=library) == {"u_3", "u_5"}
    assert buys.members({"set": "a - b"}, library=library) == {"u_5"}
    assert buys.members({"set": "(a | b) & b"}, library=library) == {"u_3"}
    assert buys.members({"not": {"set": "a | b"}}, library=library) == {"u_0", "u_1"}


def test_consent_is_the_last_one_told() -> None:
    def told(user: str, day: int, state: str) -> Any:
        at = datetime(2026, 6, day, tzinfo=UTC)
        return {"user": user, "purpose": "mail", "state": state, "time": at}

    tiny = tables_of(
        [event("u_0", "2026-06-01T10:00")],
        consents=[
            told("u_1", 1, "denied"),
            told("u_1", 2, "granted"),
            told("u_2", 1, "granted"),
            told("u_2", 2, "granted"),
            told("u_2", 2, "denied"),
        ],
    )

    for state, expected in (("granted", "u_1"), ("denied", "u_2"), ("unknown", "u_0")):
        assert tiny.members({"consent": {"purpose": "mail", "is": state}}) == {expected}


def test_an_exposure_that_two_ids_tell_counts_once() -> None:
    def told(user: str, day: int, device: str | None = None) -> Any:
        at = datetime(2026, 6, day, tzinfo=UTC)
        place = {"user": user, "experiment": "exp", "variant": "A", "time": at}
        return place | {"device_id": device, "user_id": user}

    tiny = tables_of(
        [],
        exposures=[told("u_1", 1), told("u_1", 1, "d"), told("u_2", 1), told("u_2", 2)],
    )

    twice = {"did": {"experience": {"id": "exp"}, "is": {"gte": 2}}}
    assert tiny.members(twice) == {"u_2"}


def test_samples_split_everyone() -> None:
    tiny = tables_of([event(f"u_{n}", "2026-06-01T10:00") for n in range(200)])
    edges = [0, 0.1, 0.5, 1.0]

    parts = [
        tiny.members({"sample": {"salt": "s", "range": [low, high]}})
        for low, high in pairwise(edges)
    ]

    assert sum(map(len, parts)) == 200
    assert set.union(*parts) == {f"u_{n}" for n in range(200)}
    assert 5 <= len(parts[0]) <= 40


def test_an_empty_store_has_no_members() -> None:
    tiny = tables_of([])

    assert tiny.members({"did": {"visit": "any"}}) == set()
    assert tiny.members({"did_not": {"visit": "any"}}) == set()
