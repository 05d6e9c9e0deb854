"""Bring new raw files to the loader: which are new, their rows as views, and which rows are bad.

Every view `new_<table>` has the columns of the raw table and `load_id`, `source`, `file_no`; a
table that no source fills is an empty view, so that later stages ask no questions.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import ibis

from segkit.config import SourceConfig
from segkit.schema import RAW_TABLES
from segkit.sources.files import RawFile, find_files
from segkit.sources.read import group_files, read_files
from segkit.store.delta import duckdb_columns
from segkit.store.engine import Engine
from segkit.store.progress import Progress


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A raw file that the store does not hold yet.

    `load_id` is the hash of its source's name and its content.
    """

    source: SourceConfig
    file: RawFile
    load_id: str
    tables: tuple[str, ...] = ()


def is_current_only(source: SourceConfig) -> bool:
    """Whether a source keeps only what is true now.

    So that its newest file takes the place of the older ones.
    """
    return source.table == "attributes" and source.format != "segment" and "time" not in source.map


def find_new_files(
    sources: Sequence[SourceConfig], root: Path, known: dict[tuple[str, str], str]
) -> tuple[list[NewFile], int]:
    """Give the files to load, sorted by source and name, and how many are known already.

    `known` maps (source, path) to the hash loaded last from there, and (source, hash) to itself. A
    source that keeps only current values is read again when its file changed back to an older
    content.
    """
    found: dict[str, NewFile] = {}
    n_known = 0
    for source in sources:
        for file in find_files(source, root):
            if is_current_only(source):
                seen = known.get((source.name, file.name)) == file.sha256
            else:
                seen = (source.name, file.sha256) in known
            load_id = hashlib.sha256(f"{source.name}:{file.sha256}".encode()).hexdigest()[:16]
            if seen or load_id in found:
                n_known += 1
            else:
                found[load_id] = NewFile(source=source, file=file, load_id=load_id)
    return list(found.values()), n_known


def open_incoming(
    engine: Engine, files: Sequence[NewFile], stage: Path, progress: Progress
) -> list[NewFile]:
    """Create the views `new_<table>` and give the files with the tables that each fills."""
    con = engine.backend.con
    opened: list[NewFile] = []
    parts: dict[str, list[str]] = {name: [] for name in RAW_TABLES}
    for number, group in enumerate(_group(files)):
        progress.step("read", len(opened), len(files))
        source, load_ids = group[0].source, [new.load_id for new in group]
        raw = [new.file for new in group]
        tables = read_files(engine.backend, source, raw, stage=stage / load_ids[0])
        for name, table in tables.items():
            view = f"raw_{name}_{number}"
            con.execute(f"CREATE TEMP VIEW {view} AS {ibis.to_sql(table, dialect='duckdb')}")
            parts[name].append(_named(view, source, load_ids, first=len(opened)))
        opened += [replace(new, tables=tuple(tables)) for new in group]
    progress.step("read", len(files), len(files))
    for name, selects in parts.items():
        if selects:
            con.execute(f"CREATE TEMP VIEW new_{name} AS {' UNION ALL BY NAME '.join(selects)}")
        else:
            columns = duckdb_columns(
                {
                    **RAW_TABLES[name].columns,
                    "load_id": "string",
                    "source": "string",
                    "file_no": "int64",
                }
            )
            con.execute(f"CREATE TEMP TABLE new_{name} ({columns})")
    return opened


def _group(files: Sequence[NewFile]) -> list[list[NewFile]]:
    """Give the files, in their order, in groups that are read as one."""
    by_source: dict[str, list[NewFile]] = {}
    for new in files:
        by_source.setdefault(new.source.name, []).append(new)
    known = {(new.source.name, new.file): new for new in files}
    return [
        [known[own[0].source.name, file] for file in group]
        for own in by_source.values()
        for group in group_files(own[0].source, [new.file for new in own])
    ]


def _named(view: str, source: SourceConfig, load_ids: Sequence[str], *, first: int) -> str:
    """Give the query of a view's rows with the load, source and number of the file of each."""
    if not load_ids[1:]:
        return (
            f"SELECT *, '{load_ids[0]}' AS load_id, '{source.name}' AS source, {first} AS file_no "
            f"FROM {view}"
        )
    which = " ".join(f"WHEN {place} THEN '{load_id}'" for place, load_id in enumerate(load_ids))
    return (
        f"SELECT * EXCLUDE (file_no), CASE file_no {which} END AS load_id, "
        f"'{source.name}' AS source, file_no + {first} AS file_no FROM {view}"
    )


@dataclass(frozen=True, kw_only=True)
class RowCounts:
    """Rows of one file: read = kept + repeated + quarantined."""

    rows_read: int
    quarantined: int
    repeated: int = 0

    @property
    def kept(self) -> int:
        """Rows that are in the store because of this file."""
        return self.rows_read - self.quarantined - self.repeated


def count_rows(con: duckdb.DuckDBPyConnection, files: Sequence[NewFile]) -> dict[str, RowCounts]:
    """Count the rows read and the rows with a fault of every file, by load id.

    A raw row that gives several records (an identify with ten traits) counts once; it is bad when
    any of its records is.
    """
    simple = [f.load_id for f in files if f.tables == ("events",)]
    counts: dict[str, RowCounts] = {}
    if simple:
        listed = ", ".join(f"'{load_id}'" for load_id in simple)
        rows = con.execute(
            f"SELECT load_id, count(*), count(fault) FROM new_events WHERE load_id IN ({listed}) "
            "GROUP BY 1"
        ).fetchall()
        counts |= {load_id: RowCounts(rows_read=n, quarantined=bad) for load_id, n, bad in rows}
    others = [f for f in files if f.tables != ("events",)]
    if others:
        listed = ", ".join(f"'{f.load_id}'" for f in others)
        names = sorted({name for f in others for name in f.tables})
        union = " UNION ALL ".join(
            f"SELECT load_id, row_no, fault FROM new_{name} WHERE load_id IN ({listed})"
            for name in names
        )
        rows = con.execute(
            "SELECT load_id, count(*), count(*) FILTER (is_bad) FROM (SELECT load_id, row_no, "
            "bool_or(fault IS NOT NULL) AS is_bad "
            f"FROM ({union}) GROUP BY 1, 2) GROUP BY 1"
        ).fetchall()
        counts |= {load_id: RowCounts(rows_read=n, quarantined=bad) for load_id, n, bad in rows}
    return {f.load_id: counts.get(f.load_id, RowCounts(rows_read=0, quarantined=0)) for f in files}


def quarantine_select() -> str:
    """Give the query of all bad rows: where they were, why they are bad, and their text."""
    union = " UNION ALL ".join(
        f"SELECT load_id, source, row_no, fault AS reason, raw FROM new_{name} WHERE fault IS "
        "NOT NULL"
        for name in RAW_TABLES
    )
    return (
        "SELECT load_id, source, row_no, min(reason) AS reason, min(raw) AS raw FROM "
        f"({union}) GROUP BY 1, 2, 3"
    )
