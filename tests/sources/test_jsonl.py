import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from segkit.errors import SourceError

Reader = Callable[..., Any]
MAP = {"user_id": "user.id", "time": "at", "event": "what", "value": "paid"}
GOOD = {"user": {"id": "00001", "plan": None}, "at": "2026-01-01T00:00:00Z", "what": "buy"}


def read_events(read: Reader, *lines: Any, **more: Any) -> list[dict[str, Any]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    rows: list[dict[str, Any]] = read(text, **({"format": "jsonl", "map": MAP} | more))["events"]
    return rows


def test_dotted_names_are_keys_inside_keys(read: Reader) -> None:
    (row,) = read_events(read, GOOD | {"paid": 12.5})

    assert (row["user_id"], row["value"]) == ("00001", Decimal("12.5000"))
    assert row["time"] == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_key_that_has_a_dot_comes_before_a_key_inside_a_key(read: Reader) -> None:
    (row,) = read_events(read, GOOD | {"user.id": "flat"})

    assert row["user_id"] == "flat"


def test_the_rest_keeps_numbers_and_leaves_nulls_and_used_keys_out(read: Reader) -> None:
    more = {"n": 2, "none": None, "list": [1, None], "user": {"id": "1", "age": 30, "plan": None}}

    (row,) = read_events(read, GOOD | more)

    assert json.loads(row["properties"]) == {"n": 2, "list": [1, None], "user": {"age": 30}}


def test_named_properties_are_carried_where_they_are(read: Reader) -> None:
    first, second = read_events(read, GOOD | {"n": 2}, GOOD, properties=["n", "user.id"])

    assert json.loads(first["properties"]) == {"n": 2, "user.id": "00001"}
    assert json.loads(second["properties"]) == {"user.id": "00001"}


def test_nothing_to_carry_is_null(read: Reader) -> None:
    (row,) = read_events(read, GOOD, properties=[])

    assert row["properties"] is None


def test_lines_that_are_no_objects_are_faults_at_their_line(read: Reader) -> None:
    rows = read_events(read, GOOD, "", "{oops", '"text"', "  [1]", "  " + json.dumps(GOOD), "   ")

    assert [(r["row_no"], r["fault"], r["raw"]) for r in rows] == [
        (1, None, None),
        (3, "not JSON", "{oops"),
        (4, "not a JSON object", '"text"'),
        (5, "not a JSON object", "  [1]"),
        (6, None, None),
    ]


def test_a_value_that_is_no_number_is_a_fault(read: Reader) -> None:
    (row,) = read_events(read, GOOD | {"paid": "dear"})

    assert row["fault"] == "value is not a number"


def test_one_json_array_is_refused_with_the_way_out(read: Reader) -> None:
    with pytest.raises(SourceError, match=r"one JSON array(.|\n)*one object a line"):
        read_events(read, [GOOD, GOOD])


def test_labels_of_objects_are_flat_and_missing_ones_left_out(read: Reader) -> None:
    line = {"id": "1", "age": 30, "on": True, "none": None, "empty": "", "a": {"b": {"c": [1, 2]}}}

    tables = read(json.dumps(line), format="jsonl", table="attributes", map={"user_id": "id"})

    labels = {r["name"]: r["value"] for r in tables["attributes"]}
    assert labels == {"age": "30", "on": "true", "a.b.c": "[1,2]"}
    assert [r["user_id"] for r in tables["links"]] == ["1"]


def test_strange_keys_make_no_strange_labels(read: Reader) -> None:
    line = {"id": "1", "a/b": "1", "c~d": "2", 'e"f': "3", "": "4", "g": {"h/i": "5"}}

    tables = read(json.dumps(line), format="jsonl", table="attributes", map={"user_id": "id"})

    labels = {r["name"]: r["value"] for r in tables["attributes"]}
    assert labels == {"a/b": "1", "c~d": "2", 'e"f': "3", "": "4", "g.h/i": "5"}
