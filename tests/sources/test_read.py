"""Numbers of published data sets, computed from the files by other means than this program."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

Reader = Callable[..., Any]
pytestmark = pytest.mark.shared
PURCHASE = {"event": {"value": "purchase"}, "currency": {"value": "USD"}}


def total(rows: list[dict[str, Any]]) -> Decimal:
    return sum((r["value"] for r in rows if r["value"] is not None), Decimal(0))


def test_cdnow_master_gives_every_purchase(read: Reader, shared: Path) -> None:
    rows = read(
        shared / "data" / "cdnow" / "CDNOW_master.txt.gz",
        format="csv",
        delimiter="whitespace",
        timezone="America/New_York",
        map=PURCHASE
        | {
            "user_id": "customer_id",
            "time": {"column": "date", "format": "%Y%m%d"},
            "value": "dollar_value",
        },
    )["events"]

    assert len(rows) == 69_659
    assert len({r["user_id"] for r in rows}) == 23_570
    assert total(rows) == Decimal("2500315.63")
    assert not any(r["fault"] for r in rows)
    assert rows[0] | {"properties": None} == dict.fromkeys(rows[0]) | {
        "user_id": "00001",
        "time": datetime(1997, 1, 1, 5, tzinfo=UTC),
        "event": "purchase",
        "value": Decimal("11.7700"),
        "currency": "USD",
        "row_no": 1,
    }
    assert rows[0]["properties"] == '{"number_of_cds":"1"}'


def test_cdnow_sample_has_no_header_and_two_ids(read: Reader, shared: Path) -> None:
    rows = read(
        shared / "data" / "cdnow" / "CDNOW_sample.txt",
        format="csv",
        delimiter="whitespace",
        header=False,
        columns=["master_id", "sample_id", "date", "cds", "dollars"],
        timezone="America/New_York",
        map=PURCHASE
        | {
            "user_id": "master_id",
            "time": {"column": "date", "format": "%Y%m%d"},
            "value": "dollars",
        },
    )["events"]

    assert (len(rows), len({r["user_id"] for r in rows})) == (6_919, 2_357)
    assert rows[0]["properties"] == '{"sample_id":"0001","cds":"2"}'


def test_completejourney_times_are_utc_and_sales_exact(read: Reader, shared: Path) -> None:
    rows = read(
        shared / "data" / "completejourney" / "transactions_sample.csv.gz",
        format="csv",
        timezone="UTC",
        map=PURCHASE
        | {
            "user_id": "household_id",
            "time": "transaction_timestamp",
            "value": "sales_value",
        },
    )["events"]

    assert (len(rows), len({r["user_id"] for r in rows})) == (75_000, 2_377)
    assert total(rows) == Decimal("233935.24")
    in_2018 = {r["user_id"] for r in rows if r["time"].year == 2018}
    assert len(in_2018) == 18


def test_completejourney_demographics_are_labels_without_a_past(read: Reader, shared: Path) -> None:
    tables = read(
        shared / "data" / "completejourney" / "demographics.csv",
        format="csv",
        table="attributes",
        map={"user_id": "household_id"},
    )

    labels = tables["attributes"]
    assert len(tables["links"]) == len({r["user_id"] for r in labels}) == 801
    assert {r["name"] for r in labels} == {
        "age", "income", "home_ownership", "marital_status", "household_size",
        "household_comp", "kids_count",
    }  # fmt: skip
    assert {r["value"] for r in labels if r["name"] == "age"} == {
        "19-24", "25-34", "35-44", "45-54", "55-64", "65+",
    }  # fmt: skip
    assert all(r["time"] is None for r in labels)


def test_retentioneering_ecom_gives_events_and_labels_that_change(
    read: Reader, shared: Path
) -> None:
    file = shared / "data" / "retentioneering" / "ecom.csv.gz"
    settings = {"format": "csv", "timezone": "UTC"}
    ids = {"user_id": "user_id", "time": "timestamp"}

    events = read(file, map=ids | {"event": "event"}, **settings)["events"]
    labels = read(
        file, table="attributes", map=ids, attributes=["user_lifecycle", "platform"], **settings
    )["attributes"]

    assert (len(events), len({r["user_id"] for r in events})) == (31_106, 600)
    values: dict[str, dict[str, set[str]]] = {"user_lifecycle": {}, "platform": {}}
    for r in labels:
        values[r["name"]].setdefault(r["user_id"], set()).add(r["value"])
    n_changing = {name: sum(len(v) > 1 for v in of.values()) for name, of in values.items()}
    assert n_changing == {"user_lifecycle": 568, "platform": 180}


def test_retentioneering_ab_test_gives_payments_and_exposures(read: Reader, shared: Path) -> None:
    file = shared / "data" / "retentioneering" / "ab_test_demo.csv"
    settings = {"format": "csv", "timezone": "UTC"}
    ids = {"user_id": "client_id", "time": "timestamp"}

    events = read(file, map=ids | {"event": "event", "value": "transaction_value"}, **settings)
    exposures = read(
        file,
        table="exposures",
        map=ids | {"experiment": {"value": "shop"}, "variant": "user_backet"},
        **settings,
    )["exposures"]

    variant_of = {r["user_id"]: r["variant"] for r in exposures}
    assert Counter(variant_of.values()) == {"control": 573, "not_in_test": 2624, "test": 554}
    spent = Counter[str]()
    for r in events["events"]:
        spent[variant_of[r["user_id"]]] += int(r["value"] or 0)
    assert spent == {"control": 68_702, "not_in_test": 363_257, "test": 98_789}


def test_segment_messages_are_good_or_say_why_not(read: Reader, shared: Path) -> None:
    file = shared / "data" / "segment-spec-rudder" / "messages.ndjson"

    tables = read(file, format="segment")

    bad = {r["row_no"]: r["fault"] for r in tables["events"] if r["fault"]}
    assert bad == {
        **dict.fromkeys((8, 9, 10, 11), "no time"),
        63: "no user or device id",
        110: "alias without two ids",
        127: "time is not a date that `iso` reads, of 1900 to 2199",
    }
    good = [r for r in tables["events"] if not r["fault"]]
    names = Counter(r["event"] for r in good)
    assert (names["page_view"], names["screen_view"], names["group"]) == (14, 10, 11)
    assert len(good) == 96
    assert len(tables["links"]) == 46
    seen = {r["row_no"] for rows in tables.values() for r in rows}
    assert seen == set(range(1, 150))


def test_segment_messages_of_one_id_are_not_all_repeats(read: Reader, shared: Path) -> None:
    file = shared / "data" / "segment-spec-rudder" / "messages.ndjson"

    rows = [r for r in read(file, format="segment")["events"] if not r["fault"]]

    ids = [r["event_id"] for r in rows if r["event_id"]]
    contents = {tuple(v for k, v in r.items() if k != "row_no") for r in rows}
    assert (len(rows), len(ids), len(set(ids)), len(contents)) == (96, 92, 19, 56)
