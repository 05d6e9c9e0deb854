"""Write canonical tables as Delta Lake: DuckDB writes the Parquet files.

One commit adds them and drops the old ones.

Files are never changed, so an older snapshot stays readable; a commit that no snapshot names is
invisible to readers.
"""

import json
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from segkit.schema import TABLES
from segkit.store.layout import table_dir

_DELTA_TYPES = {
    "string": "string",
    "int64": "long",
    "int32": "integer",
    "boolean": "boolean",
    "date": "date",
    "timestamp('UTC', 6)": "timestamp",
    "decimal(18, 4)": "decimal(18,4)",
}
_DUCKDB_TYPES = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "int32": "INTEGER",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp('UTC', 6)": "TIMESTAMPTZ",
    "decimal(18, 4)": "DECIMAL(18,4)",
}


@dataclass(frozen=True, kw_only=True)
class TableVersion:
    """One committed version of a table.

    Its number, its files (relative to the table's folder) and how many rows they hold.
    """

    version: int
    files: tuple[str, ...]
    rows: int


def typed_columns(name: str, categories: frozenset[str] = frozenset()) -> str:
    """Give the select list that casts every column of a canonical table to its type, in order.

    Columns of `categories` come as ENUM, which Parquet files hold as text without a cast.
    """
    return ", ".join(
        f'"{c}"' if c in categories else f'CAST("{c}" AS {_DUCKDB_TYPES[t]}) AS "{c}"'
        for c, t in TABLES[name].columns.items()
    )


def duckdb_columns(columns: dict[str, str]) -> str:
    """Give the column list of a CREATE TABLE for Ibis types."""
    return ", ".join(f'"{c}" {_DUCKDB_TYPES[t]}' for c, t in columns.items())


class TableWriter:
    """Collect the parts of one table's next version, then commit them at once."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self.folder = table_dir(root, name)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._parts: list[tuple[str, int]] = []

    @property
    def paths(self) -> list[str]:
        """The files written so far."""
        return [str(self.folder / file) for file, _ in self._parts]

    def write(
        self,
        con: duckdb.DuckDBPyConnection,
        select: str,
        categories: frozenset[str] = frozenset(),
    ) -> None:
        """Write the rows of a query, cast to the table's contract, as one more file.

        `categories` are its columns of type ENUM with few values: each part of the file repeats
        all values of such a column.
        """
        file = f"part-{uuid.uuid4().hex}.parquet"
        target = str(self.folder / file).replace("'", "''")
        columns = typed_columns(self.name, categories)
        done = con.execute(
            f"COPY (SELECT {columns} FROM ({select})) TO '{target}' (FORMAT parquet, COMPRESSION "
            "snappy)"
        ).fetchone()
        self._parts.append((file, int(done[0]) if done else 0))

    def commit(self) -> TableVersion:
        """Make the written files the table's newest version."""
        from deltalake import DeltaTable  # noqa: PLC0415  not needed by readers
        from deltalake.transaction import AddAction, create_table_with_add_actions  # noqa: PLC0415

        actions = [
            AddAction(
                file,
                (self.folder / file).stat().st_size,
                {},
                int(time.time() * 1000),
                data_change=True,
                stats=json.dumps({"numRecords": rows}),
            )
            for file, rows in self._parts
        ]
        schema = _delta_schema(self.name)
        if (self.folder / "_delta_log").exists():
            DeltaTable(self.folder).create_write_transaction([*actions], "overwrite", schema)
        else:
            create_table_with_add_actions(str(self.folder), schema, actions, mode="overwrite")
        return TableVersion(
            version=DeltaTable(self.folder).version(),
            files=tuple(file for file, _ in self._parts),
            rows=sum(rows for _, rows in self._parts),
        )


def _delta_schema(name: str) -> Any:  # noqa: ANN401  a lazily imported type
    from deltalake import Field, Schema  # noqa: PLC0415
    from deltalake.schema import PrimitiveType  # noqa: PLC0415

    return Schema(
        [Field(c, PrimitiveType(_DELTA_TYPES[t])) for c, t in TABLES[name].columns.items()]
    )
