"""Parquet parts are scanned as one; what is kept of each is as if each were loaded alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segkit.errors import ColumnsMissingError, SourceError
from segkit.schema import TABLES
from tests.store.support import load_now, rows

TOML = """
name = "parts"
timezone = "Europe/Berlin"
quarantine_limit = 0.5

[[sources]]
name = "log"
format = "parquet"
path = "raw/*.parquet"
[sources.map]
user_id = "id"
time = "at"
event = "what"
"""
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def write_part(root: Path, name: str, users: list[str | None], *, at: int, **more: object) -> None:
    """One part: a row a user, a minute apart, beginning `at` hours after noon."""
    times = [NOON + timedelta(hours=at, minutes=i) for i in range(len(users))]
    stamps = pa.array(times, pa.timestamp("us", "UTC"))
    columns = {"id": users, "at": stamps, "what": ["page_view"] * len(users), **more}
    path = root / "raw" / f"{name}.parquet"
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), path)


def write_parts(root: Path) -> None:
    """Four parts: two of one shape, one with a row that is bad, one with a column more."""
    write_part(root, "a", ["ann", "ben"], at=0)
    write_part(root, "b", ["ann", None, "cat"], at=1)
    write_part(root, "c", ["ben", "cat"], at=2, colour=["red", None])
    write_part(root, "d", ["dan"], at=3)


def test_every_row_and_fault_belongs_to_its_own_file(tmp_path: Path) -> None:
    write_parts(tmp_path)

    result = load_now(tmp_path, TOML)

    (source,) = result.sources
    assert (source.n_files, source.rows_read, source.kept, source.quarantined) == (4, 8, 7, 1)
    assert rows(tmp_path, "loads", "path", "kept", "quarantined", toml=TOML) == [
        ("raw/a.parquet", 2, 0),
        ("raw/b.parquet", 2, 1),
        ("raw/c.parquet", 2, 0),
        ("raw/d.parquet", 1, 0),
    ]
    places = rows(tmp_path, "quarantine", "path", "row_no", "reason", toml=TOML)
    assert places == [("raw/b.parquet", 2, "no user or device id")]
    assert [p for (p,) in rows(tmp_path, "events", "properties", toml=TOML) if p] == [
        '{"colour":"red"}'
    ]


def test_parts_together_are_as_parts_one_after_another(tmp_path: Path) -> None:
    whole, apart = tmp_path / "whole", tmp_path / "apart"
    for root in (whole, apart):
        root.mkdir()
    write_parts(whole)
    write_parts(tmp_path)
    (apart / "raw").mkdir()

    load_now(whole, TOML)
    for part in ("c", "a", "d", "b"):
        (tmp_path / "raw" / f"{part}.parquet").rename(apart / "raw" / f"{part}.parquet")
        load_now(apart, TOML)

    for table in TABLES.keys() - {"loads"}:
        assert rows(whole, table, toml=TOML) == rows(apart, table, toml=TOML), table


def test_a_part_that_is_not_parquet_is_named(tmp_path: Path) -> None:
    write_parts(tmp_path)
    (tmp_path / "raw" / "d.parquet").write_bytes(b"PAR1 cut off")

    with pytest.raises(SourceError, match=r"not whole Parquet.*raw/d\.parquet"):
        load_now(tmp_path, TOML)


def test_parts_without_a_mapped_column_are_named(tmp_path: Path) -> None:
    write_part(tmp_path, "a", ["ann"], at=0)
    for name in ("b", "c"):
        path = tmp_path / "raw" / f"{name}.parquet"
        pq.write_table(pa.table({"id": [name], "what": ["page_view"]}), path)

    with pytest.raises(ColumnsMissingError, match=r"lacks `at`.*raw/b\.parquet and 1 more"):
        load_now(tmp_path, TOML)
