import csv
import io
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest

from segkit.reports.user_file import UserFile

COLUMNS = [("user", "text"), ("n_visits", "count"), ("last", "instant"), ("revenue", "money")]


def _file(*users: str | None) -> UserFile:
    noon = datetime(2026, 6, 30, 12, tzinfo=UTC)
    return UserFile(columns=COLUMNS, rows=[(user, 3, noon, 1.5) for user in users])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=cmd()", "'=cmd()"),
        ("+49 30", "'+49 30"),
        ("-5", "-5"),
        ("+1.5", "+1.5"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("a=b", "a=b"),
        ('say "no"\nor', 'say "no"\nor'),
        ("", ""),
        (None, ""),
    ],
)
def test_a_text_that_a_spreadsheet_would_compute_is_quoted(text: str | None, written: str) -> None:
    (row,) = csv.DictReader(io.StringIO(_file(text).csv().decode(), newline=""))

    assert row["user"] == written
    assert row["last"] == "2026-06-30T12:00:00+00:00"


def test_parquet_keeps_texts_as_they_are_and_kinds() -> None:
    table = pq.read_table(io.BytesIO(_file("=cmd()", None).parquet()))

    assert table.column("user").to_pylist() == ["=cmd()", None]
    kinds = [str(field.type) for field in table.schema]
    assert kinds == ["string", "int64", "timestamp[us, tz=UTC]", "double"]


def test_an_empty_list_has_its_headings() -> None:
    empty = _file()

    assert empty.csv() == b"user,n_visits,last,revenue\n"
    assert pq.read_table(io.BytesIO(empty.parquet())).num_rows == 0


def test_a_heading_that_a_spreadsheet_would_compute_is_quoted() -> None:
    file = UserFile(columns=[("user", "text"), ("=1+1", "text")], rows=[])

    assert file.csv() == b"user,'=1+1\n"
