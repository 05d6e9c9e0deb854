from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from segkit.errors import SourceError

Reader = Callable[..., Any]


@pytest.mark.parametrize(
    ("table", "map_", "message"),
    [
        ("events", {"tme": "at"}, r"`tme` is not a column of events(.|\n)*Did you mean `time`"),
        ("events", {"row_no": "n"}, "`row_no` is not a column of events"),
        ("events", {"user_id": "id", "time": "at"}, "the map lacks `event`"),
        ("events", {"time": "at", "event": "what"}, "the map lacks `user_id`"),
        ("attributes", {"time": "at"}, "the map lacks `user_id`"),
        ("attributes", {"user_id": "id", "name": "n"}, "the map lacks `value`"),
        ("consents", {"user_id": "id", "time": "at"}, "lacks `purpose` and `state`"),
        ("exposures", {"device_id": "id", "time": "at"}, "lacks `experiment` and `variant`"),
    ],
)
def test_a_map_that_cannot_work_is_refused(
    read: Reader, table: str, map_: dict[str, str], message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        read("id,at\n", format="csv", table=table, map=map_)


def test_constants_stand_in_every_row(read: Reader) -> None:
    rows = read(
        "id,paid\n1,2.5\n2,3\n",
        format="csv",
        map={
            "device_id": "id",
            "time": {"value": "2026-01-01T00:00:00Z"},
            "event": {"value": "purchase"},
            "value": "paid",
            "currency": {"value": "EUR"},
        },
    )["events"]

    assert [(r["event"], r["currency"]) for r in rows] == [("purchase", "EUR")] * 2
    assert {r["time"] for r in rows} == {datetime(2026, 1, 1, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("state", "read_as"),
    [
        ("granted", "granted"),
        ("Yes", "granted"),
        (" TRUE", "granted"),
        ("1", "granted"),
        ("denied", "denied"),
        ("no", "denied"),
        ("False", "denied"),
        ("0", "denied"),
    ],
)
def test_states_of_consent_have_several_words(read: Reader, state: str, read_as: str) -> None:
    (row,) = read(
        f"id,state,at\n1,{state},2026-01-01\n",
        format="csv",
        table="consents",
        timezone="UTC",
        map={"user_id": "id", "purpose": {"value": "mail"}, "state": "state", "time": "at"},
    )["consents"]

    assert (row["purpose"], row["state"], row["fault"]) == ("mail", read_as, None)


def test_the_first_reason_of_a_bad_row_is_told(read: Reader) -> None:
    rows = read(
        "id,what,state,at\n,mail,maybe,\n,mail,maybe,2026-01-01\n1,,maybe,2026-01-01\n"
        "1,mail,maybe,2026-01-01\n1,mail,,2026-01-01\n",
        format="csv",
        table="consents",
        timezone="UTC",
        map={"user_id": "id", "purpose": "what", "state": "state", "time": "at"},
    )["consents"]

    assert [r["fault"] for r in rows] == [
        "no time",
        "no user or device id",
        "no purpose",
        "unknown consent state",
        "no consent state",
    ]


def test_exposures_need_a_variant(read: Reader) -> None:
    good, bad = read(
        "id,bucket,at\n1,test,2026-01-01\n2,,2026-01-01\n",
        format="csv",
        table="exposures",
        timezone="UTC",
        map={
            "user_id": "id",
            "experiment": {"value": "price"},
            "variant": "bucket",
            "time": "at",
        },
    )["exposures"]

    assert (good["experiment"], good["variant"], good["fault"]) == ("price", "test", None)
    assert bad["fault"] == "no variant"


def test_amounts_are_exact_and_what_is_none_is_a_fault(read: Reader) -> None:
    rows = read(
        "id,paid\n1,0.1\n1,1e3\n1,-2.00005\n1,\n1,12 EUR\n1,inf\n1,999999999999999\n",
        format="csv",
        map={
            "user_id": "id",
            "time": {"value": "2026-01-01T00:00:00Z"},
            "event": {"value": "buy"},
            "value": "paid",
        },
    )["events"]

    assert [str(r["value"]) for r in rows[:4]] == ["0.1000", "1000.0000", "-2.0001", "None"]
    assert [r["fault"] for r in rows] == [None] * 4 + ["value is not a number"] * 3


def test_properties_may_be_a_column_of_json(read: Reader) -> None:
    good, bad = read(
        'id;p\n1;{"n":1}\n2;n=1\n',
        format="csv",
        delimiter=";",
        map={
            "user_id": "id",
            "time": {"value": "2026-01-01T00:00:00Z"},
            "event": {"value": "buy"},
            "properties": "p",
        },
    )["events"]

    assert (good["properties"], good["fault"]) == ('{"n":1}', None)
    assert bad["fault"] == "properties are not JSON"


WIDE = "id,dev,age,city\n1,d1,030,\n2,,40,Ulm\n,,50,Bonn\n3,d3,,\n"


def test_a_wide_table_gives_a_row_a_label_and_a_link_a_person(read: Reader) -> None:
    tables = read(WIDE, format="csv", table="attributes", map={"user_id": "id", "device_id": "dev"})

    labels = [(r["row_no"], r["name"], r["value"], r["fault"]) for r in tables["attributes"]]
    assert labels == [
        (1, "age", "030", None),
        (2, "age", "40", None),
        (2, "city", "Ulm", None),
        (3, None, None, "no user or device id"),
    ]
    links = [(r["row_no"], r["user_id"], r["device_id"]) for r in tables["links"]]
    assert links == [(1, "1", "d1"), (2, "2", None), (4, "3", "d3")]
    assert all(r["time"] is None for r in tables["attributes"] + tables["links"])


def test_only_the_named_labels_are_taken(read: Reader) -> None:
    tables = read(
        WIDE, format="csv", table="attributes", map={"user_id": "id"}, attributes=["city"]
    )

    assert {r["name"] for r in tables["attributes"] if r["fault"] is None} == {"city"}


def test_a_table_of_ids_alone_makes_its_people_known(read: Reader) -> None:
    tables = read("id\n1\n2\n", format="csv", table="attributes", map={"user_id": "id"})

    assert tables["attributes"] == []
    assert [r["user_id"] for r in tables["links"]] == ["1", "2"]


def test_a_long_table_gives_its_labels_with_their_past(read: Reader) -> None:
    tables = read(
        "id,label,is,at\n1,plan,pro,2026-01-01\n1,plan,,2026-02-01\n1,,x,2026-02-01\n",
        format="csv",
        table="attributes",
        timezone="Europe/Berlin",
        map={"user_id": "id", "name": "label", "value": "is", "time": "at"},
    )

    told = [(r["row_no"], r["name"], r["value"], r["fault"]) for r in tables["attributes"]]
    assert told == [(1, "plan", "pro", None), (3, None, "x", "no label name")]
    assert tables["attributes"][0]["time"] == datetime(2025, 12, 31, 23, tzinfo=UTC)
