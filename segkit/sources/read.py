"""Read raw files as canonical raw rows, whatever their format."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ibis import Table

from segkit.config import SourceConfig
from segkit.sources.canonical import build_tables, check_map, used_columns
from segkit.sources.delimited import read_delimited
from segkit.sources.files import RawFile, drop_working, stage_path
from segkit.sources.frames import Frame
from segkit.sources.jsonl import read_jsonl
from segkit.sources.parquet import group_alike, read_parquet
from segkit.sources.segment import read_segment


def group_files(source: SourceConfig, files: Sequence[RawFile]) -> list[list[RawFile]]:
    """Give the files of a source in groups that can be read as one: events in Parquet of one shape.

    Raises
    ------
    SourceError
        When one is not a whole Parquet file.
    """
    if source.format == "parquet" and source.table == "events":
        return group_alike(source, files)
    return [[file] for file in files]


def read_files(
    backend: Any,  # noqa: ANN401  Ibis backends have no common stub
    source: SourceConfig,
    files: Sequence[RawFile],
    *,
    stage: Path,
) -> dict[str, Table]:
    """Give the rows of a group of files by canonical table.

    That is: events, attributes, consents, exposures, links. Each table has exactly the columns of
    its `RAW_*` schema, and events of several files `file_no`, the place in `files`. `fault` is null
    in a good row, else the reason; `raw` is the row's text where it has a fault. Parquet is scanned
    when the table is used; text is read now, in bounded memory, and written down below `stage`.

    Parameters
    ----------
    backend
        An Ibis DuckDB backend whose session zone is UTC.
    source
        What the file is and how its columns are called.
    files
        One of the groups that `group_files` gave.
    stage
        A folder for intermediate files; it must outlive the tables.

    Raises
    ------
    ColumnsMissingError
        When a file lacks columns that the map names.
    SourceError
        When the map is wrong, a file cannot be read, or its times have no zone.
    """
    file = files[0]
    if files[1:]:
        file = replace(file, name=f"{file.name} and {len(files) - 1} more")

    def keep(table: Table, what: str) -> Table:
        target = stage_path(stage, source, file, f"{what}.parquet")
        backend.to_parquet(table, target)
        return backend.read_parquet(str(target))

    if source.format == "segment":
        tables = read_segment(backend, source, file, stage, keep)
    else:
        check_map(source)
        frame = _open(backend, source, files, stage)
        tables = build_tables(backend, source, file, frame, keep)
    drop_working(stage, source, file)
    return tables


def _open(backend: Any, source: SourceConfig, files: Sequence[RawFile], stage: Path) -> Frame:  # noqa: ANN401
    if source.format == "parquet":
        return read_parquet(backend, source, files)
    file = files[0]
    if source.format == "csv":
        return read_delimited(backend, source, file, stage)
    return read_jsonl(backend, source, file, stage, used_columns(source))
