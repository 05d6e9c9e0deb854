from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segkit.errors import ColumnsMissingError, SourceError

Reader = Callable[..., Any]
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
MAP = {"user_id": "id", "time": "at", "event": "what", "value": "paid"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    table = pa.table(
        {
            "id": pa.array([1.0, None, 3.0]),
            "at": pa.array([AT, AT, None], pa.timestamp("us", "UTC")),
            "what": ["buy", "look", "look"],
            "paid": pa.array([11.77, float("nan"), None]),
            "n": pa.array([2, None, 3]),
            "tags": [["a", "b"], None, []],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


def test_typed_columns_become_canonical_ones(read: Reader, file: Path) -> None:
    rows = read(file, format="parquet", map=MAP)["events"]

    assert (rows[0]["user_id"], rows[0]["time"], rows[0]["value"]) == ("1", AT, Decimal("11.7700"))
    assert rows[0]["properties"] == '{"n":2,"tags":["a","b"]}'
    assert [r["row_no"] for r in rows] == [1, 2, 3]


def test_rows_with_a_fault_keep_their_content(read: Reader, file: Path) -> None:
    rows = read(file, format="parquet", map=MAP)["events"]

    assert [r["fault"] for r in rows] == [None, "no user or device id", "no time"]
    assert rows[0]["raw"] is None
    assert rows[2]["raw"] == '{"id":3.0,"what":"look","n":3,"tags":[]}'


def test_not_a_number_is_no_amount(read: Reader, file: Path) -> None:
    rows = read(file, format="parquet", map=MAP | {"user_id": {"value": "u"}})["events"]

    assert rows[1]["fault"] == "value is not a number"


def test_nothing_is_carried_when_nothing_is_named(read: Reader, file: Path) -> None:
    rows = read(file, format="parquet", map=MAP, properties=[])["events"]

    assert [r["properties"] for r in rows] == [None, None, None]


def test_named_properties_that_the_file_lacks_are_refused(read: Reader, file: Path) -> None:
    with pytest.raises(ColumnsMissingError, match="lacks `m`"):
        read(file, format="parquet", map=MAP, properties=["n", "m"])


def test_labels_of_a_wide_table_are_text(read: Reader, file: Path) -> None:
    rows = read(
        file,
        format="parquet",
        table="attributes",
        map={"user_id": "id", "time": "at"},
        attributes=["n", "tags", "what"],
    )["attributes"]

    labels = [(r["user_id"], r["name"], r["value"]) for r in rows if r["fault"] is None]
    assert labels == [("1", "n", "2"), ("1", "tags", '["a","b"]'), ("1", "what", "buy")]


def test_a_file_that_is_not_parquet_is_refused(read: Reader) -> None:
    with pytest.raises(SourceError, match="is not whole Parquet"):
        read("id,at\n", format="parquet", map=MAP)
