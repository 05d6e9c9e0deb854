"""Read Parquet: DuckDB scans it lazily, with the types that it has.

Files of one shape are scanned as one: an engine plans a scan of twenty files once, but twenty scans
put together twenty times over.
"""

from collections.abc import Sequence
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from segkit.config import SourceConfig
from segkit.errors import SourceError
from segkit.sources.files import RawFile
from segkit.sources.frames import Frame, pack_json

_NUMBER = "file_row_number"
_NAME = "segkit_file"


def group_alike(source: SourceConfig, files: Sequence[RawFile]) -> list[list[RawFile]]:
    """Give the files in groups that `read_parquet` can scan as one: of equal columns and types.

    Raises
    ------
    SourceError
        When one is not a whole Parquet file.
    """
    groups: dict[str, list[RawFile]] = {}
    for file in files:
        try:
            shape = str(pq.read_schema(file.path).remove_metadata())
        except (pa.ArrowException, OSError) as exc:
            raise _not_whole(source, file) from exc
        groups.setdefault(shape, []).append(file)
    return list(groups.values())


def read_parquet(backend: Any, source: SourceConfig, files: Sequence[RawFile]) -> Frame:  # noqa: ANN401  Ibis backends have no common stub
    """Give the rows of Parquet files of one shape; nothing is read but their schema.

    Raises
    ------
    SourceError
        When the first is not a whole Parquet file.
    """
    try:
        table = backend.read_parquet(
            [str(file.path) for file in files], **{_NUMBER: True, "filename": _NAME}
        )
    except duckdb.Error as exc:
        raise _not_whole(source, files[0]) from exc
    names = [name for name in table.columns if name not in {_NUMBER, _NAME}]
    places = [(table[_NAME] == str(file.path), place) for place, file in enumerate(files)]
    return Frame(
        table=table,
        row_no=table[_NUMBER] + 1,
        fault=ibis.literal(None, "string"),
        raw=pack_json({name: table[name] for name in names}),
        columns={name: name for name in names},
        nulls=source.null_values,
        is_fast=True,
        file_no=ibis.cases(*places) if files[1:] else None,
    )


def _not_whole(source: SourceConfig, file: RawFile) -> SourceError:
    return SourceError.build(
        f"Source `{source.name}`: the file is not whole Parquet.",
        where=file.name,
        hint="it may still be written; or set another `format`.",
    )
