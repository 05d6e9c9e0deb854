"""Read Parquet: DuckDB scans it lazily, with the types that it has."""

from typing import Any

import duckdb
import ibis

from segkit.config import SourceConfig
from segkit.errors import SourceError
from segkit.sources.files import RawFile
from segkit.sources.frames import Frame, pack_json

_NUMBER = "file_row_number"


def read_parquet(backend: Any, source: SourceConfig, file: RawFile) -> Frame:  # noqa: ANN401  Ibis backends have no common stub
    """Give the rows of a Parquet file; nothing is read but its schema.

    Raises
    ------
    SourceError
        When it is not a whole Parquet file.
    """
    try:
        table = backend.read_parquet(str(file.path), **{_NUMBER: True})
    except duckdb.Error as exc:
        raise SourceError.build(
            f"Source `{source.name}`: the file is not whole Parquet.",
            where=file.name,
            hint="it may still be written; or set another `format`.",
        ) from exc
    names = [name for name in table.columns if name != _NUMBER]
    return Frame(
        table=table,
        row_no=table[_NUMBER] + 1,
        fault=ibis.literal(None, "string"),
        raw=pack_json({name: table[name] for name in names}),
        columns={name: name for name in names},
        nulls=source.null_values,
        is_fast=True,
    )
