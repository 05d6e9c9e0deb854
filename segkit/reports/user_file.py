"""Hold a list of users that leaves segkit, and write it as CSV or Parquet."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


@dataclass(frozen=True, kw_only=True)
class UserFile:
    """Grain: one row a user, in the order of the page.

    `columns` are (name, kind) with kind text, count, money or instant; a null is unknown.
    """

    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Any]]

    def csv(self) -> bytes:
        """Give the rows as CSV in UTF-8; a text that a spreadsheet would compute is quoted."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([_cell(name) for name, _ in self.columns])
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return out.getvalue().encode()

    def parquet(self) -> bytes:
        """Give the rows as Parquet, instants in UTC microseconds."""
        import pyarrow as pa  # noqa: PLC0415  only where a file is written
        from pyarrow import parquet  # noqa: PLC0415

        kinds = {
            "text": pa.string(),
            "count": pa.int64(),
            "money": pa.float64(),
            "instant": pa.timestamp("us", tz="UTC"),
        }
        columns = list(zip(*self.rows, strict=True)) or [()] * len(self.columns)
        arrays = [
            pa.array(values, kinds[kind])
            for values, (_, kind) in zip(columns, self.columns, strict=True)
        ]
        sink = pa.BufferOutputStream()
        parquet.write_table(pa.table(arrays, names=[name for name, _ in self.columns]), sink)
        return bytes(sink.getvalue())


def _cell(value: Any) -> Any:  # noqa: ANN401  a value of any kind
    if isinstance(value, datetime):
        return value.isoformat()
    is_formula = isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value)
    return f"'{value}" if is_formula else value
