import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from segkit.errors import SourceError

Reader = Callable[..., Any]
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
BASE = {"anonymousId": "a1", "userId": "u1", "timestamp": "2026-01-01T12:00:00Z"}


def read_messages(read: Reader, *messages: Any, **more: Any) -> dict[str, list[dict[str, Any]]]:
    lines = [
        m if isinstance(m, str) else json.dumps({k: v for k, v in (BASE | m).items() if v != "-"})
        for m in messages
    ]
    tables: dict[str, list[dict[str, Any]]] = read("\n".join(lines), format="segment", **more)
    return tables


def test_views_take_their_page_from_properties_before_the_context(read: Reader) -> None:
    page = {
        "url": "https://s.example/c",
        "path": "/c",
        "title": "C",
        "referrer": "https://r.example",
    }

    rows = read_messages(
        read,
        {"type": "page", "name": "Home", "properties": {"path": "/p"}, "context": {"page": page}},
        {"type": "track", "event": "Buy", "properties": {"path": "/p"}, "context": {"page": page}},
        {"type": "page", "name": "Home"},
        {"type": "screen", "name": "Cart"},
        {"type": "Screen", "event": "Basket"},
    )["events"]

    told = [(r["event"], r["page_path"], r["page_title"], r["page_url"]) for r in rows]
    assert told == [
        ("page_view", "/p", "C", "https://s.example/c"),
        ("Buy", "/c", "C", "https://s.example/c"),
        ("page_view", None, "Home", None),
        ("screen_view", "Cart", "Cart", None),
        ("screen_view", "Basket", "Basket", None),
    ]
    assert rows[0]["referrer_url"] == "https://r.example"


def test_context_gives_campaign_device_and_place(read: Reader) -> None:
    context = {
        "campaign": {"source": "s", "medium": "m", "name": "n", "term": "t", "content": "c"},
        "userAgent": "Agent/1",
        "screen": {"width": 1920, "height": 1080},
        "device": {"type": "iOS"},
        "os": {"name": "iOS", "version": "17"},
        "location": {"country": "Germany", "region": "BE", "city": "Berlin"},
    }

    (row,) = read_messages(read, {"type": "track", "event": "Buy", "context": context})["events"]

    utm = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
    assert [row[c] for c in utm] == ["s", "m", "n", "t", "c"]
    assert [row[c] for c in ("user_agent", "resolution", "device_type", "os", "os_version")] == [
        "Agent/1", "1920x1080", "mobile", "iOS", "17",
    ]  # fmt: skip
    assert [row[c] for c in ("country", "region", "city")] == ["Germany", "BE", "Berlin"]


def test_the_first_of_three_times_counts(read: Reader) -> None:
    rows = read_messages(
        read,
        {"type": "page", "originalTimestamp": "2025-01-01T00:00:00Z"},
        {"type": "page", "timestamp": "", "originalTimestamp": "2026-01-01T17:30:00+05:30"},
        {"type": "page", "timestamp": None, "sentAt": "2026-01-01t12:00:00z"},
        {"type": "page", "timestamp": "soon", "sentAt": "2026-01-01T12:00:00Z"},
        {"type": "page", "timestamp": "-"},
    )["events"]

    assert [r["time"] for r in rows[:3]] == [AT, AT, AT]
    unreadable = "time is not a date that `iso` reads, of 1900 to 2199"
    assert [r["fault"] for r in rows] == [None, None, None, unreadable, "no time"]


def test_ids_have_several_spellings_and_empty_ones_are_missing(read: Reader) -> None:
    rows = read_messages(
        read,
        {"type": "page", "messageId": "m1", "userId": ""},
        {"type": "page", "message_id": "m2", "anonymousId": None},
        {"type": "page", "userId": 17},
        {"type": "page", "userId": "", "anonymousId": "-"},
    )["events"]

    assert [(r["event_id"], r["device_id"], r["user_id"]) for r in rows[:3]] == [
        ("m1", "a1", None),
        ("m2", None, "u1"),
        (None, "a1", "17"),
    ]
    assert rows[3]["fault"] == "no user or device id"


def test_amounts_come_from_revenue_then_value_then_total(read: Reader) -> None:
    rows = read_messages(
        read,
        *(
            {"type": "track", "event": "Buy", "properties": p}
            for p in (
                {"revenue": "48.50", "total": 27.5, "currency": "USD"},
                {"revenue": "much", "value": 12, "currency": "USD"},
                {"total": 27.5},
                {"currency": "USD"},
            )
        ),
    )["events"]

    assert [(r["value"], r["currency"]) for r in rows] == [
        (Decimal("48.5000"), "USD"),
        (Decimal("12.0000"), "USD"),
        (Decimal("27.5000"), None),
        (None, None),
    ]
    assert json.loads(rows[0]["properties"]) == {
        "revenue": "48.50",
        "total": 27.5,
        "currency": "USD",
    }


def test_named_properties_are_carried_alone(read: Reader) -> None:
    message = {"type": "track", "event": "Buy", "properties": {"sku": "S1", "n": 2, "mail": "x"}}

    (row,) = read_messages(read, message, properties=["sku", "n", "none"])["events"]
    (bare,) = read_messages(read, message, properties=[])["events"]

    assert json.loads(row["properties"]) == {"sku": "S1", "n": 2}
    assert bare["properties"] is None


def test_a_group_is_an_event_with_its_traits(read: Reader) -> None:
    tables = read_messages(read, {"type": "group", "groupId": "g1", "traits": {"name": "Acme"}})

    (row,) = tables["events"]
    assert (row["event"], json.loads(row["properties"])) == (
        "group",
        {"groupId": "g1", "name": "Acme"},
    )
    assert tables["attributes"] == []


def test_identify_gives_labels_and_a_link_and_no_event(read: Reader) -> None:
    traits = {
        "anonymousId": "a1",
        "age": 26,
        "vip": True,
        "address": {"city": "Ulm", "zip": None, "street": ""},
        "tags": ["a", "b"],
        "company": {},
    }

    tables = read_messages(
        read, {"type": "identify", "traits": traits, "context": {"traits": {"age": 25, "x": "y"}}}
    )

    assert tables["events"] == []
    assert {r["name"]: r["value"] for r in tables["attributes"]} == {
        "address.city": "Ulm",
        "age": "26",
        "tags": '["a","b"]',
        "vip": "true",
        "x": "y",
    }
    assert {(r["user_id"], r["device_id"], r["time"]) for r in tables["attributes"]} == {
        ("u1", "a1", AT)
    }
    assert [(r["user_id"], r["device_id"], r["previous_id"]) for r in tables["links"]] == [
        ("u1", "a1", None)
    ]


def test_traits_in_the_context_of_any_message_are_labels(read: Reader) -> None:
    tables = read_messages(
        read,
        {"type": "track", "event": "Buy", "context": {"traits": {"plan": "pro"}}},
        {"type": "track", "event": "Buy", "user_properties": {"level": 6}},
        {"type": "track", "event": "Buy", "traits": {"not": "theirs"}, "context": "odd"},
    )

    labels = [(r["row_no"], r["name"], r["value"]) for r in tables["attributes"]]
    assert labels == [(1, "plan", "pro"), (2, "level", "6")]
    assert tables["links"] == []


def test_alias_links_two_ids_and_needs_both(read: Reader) -> None:
    tables = read_messages(
        read,
        {"type": "alias", "previousId": "old", "anonymousId": "-"},
        {"type": "alias"},
        {"type": "alias", "anonymousId": "-"},
    )

    links = [(r["user_id"], r["device_id"], r["previous_id"]) for r in tables["links"]]
    assert links == [("u1", None, "old"), ("u1", "a1", None)]
    assert [(r["row_no"], r["fault"]) for r in tables["events"]] == [(3, "alias without two ids")]


def test_lines_that_are_no_messages_are_faults_of_events(read: Reader) -> None:
    tables = read_messages(
        read,
        {"type": "page"},
        "{broken",
        "[]",
        {},
        {"type": "delete"},
        {"type": "track"},
        {"type": "identify", "timestamp": "-", "traits": {"age": 1}},
    )

    assert [(r["row_no"], r["fault"]) for r in tables["events"]] == [
        (1, None),
        (2, "not JSON"),
        (3, "not a JSON object"),
        (4, "no message type"),
        (5, "unknown message type"),
        (6, "no event name"),
        (7, "no time"),
    ]
    assert tables["events"][1]["raw"] == "{broken"
    assert tables["attributes"] == tables["links"] == []


def test_wall_times_need_the_zone_of_the_source(read: Reader) -> None:
    message = {"type": "page", "timestamp": "2026-01-01 13:00:00"}

    (row,) = read_messages(read, message, timezone="Europe/Berlin")["events"]

    assert row["time"] == AT
    with pytest.raises(SourceError, match="1 of 1 times have no offset"):
        read_messages(read, message)


@pytest.mark.parametrize(
    ("key", "value"), [("map", {"event": "event"}), ("table", "attributes")], ids=["map", "table"]
)
def test_what_the_format_knows_itself_is_refused(read: Reader, key: str, value: Any) -> None:
    with pytest.raises(SourceError, match=f"knows its columns without `{key}`"):
        read_messages(read, {"type": "page"}, **{key: value})
