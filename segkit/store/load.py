"""Load new raw files: read, refuse or quarantine, stitch, sessionise, roll up, publish.

Every load writes whole new table versions from the old tables and the new rows, by rules that do
not depend on the order in which files came; the snapshot is published last. A load that finds
nothing new changes nothing.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from segkit.config import SourceConfig, WorkspaceConfig
from segkit.errors import EmptyError, QuarantineError, StoreError, UnknownNameError, name_some
from segkit.schema import TABLES
from segkit.store.catalogue import build_catalogue
from segkit.store.delta import TableWriter, duckdb_columns
from segkit.store.engine import Engine
from segkit.store.identity import build_identities
from segkit.store.incoming import (
    NewFile,
    RowCounts,
    count_rows,
    find_new_files,
    is_current_only,
    open_incoming,
    quarantine_select,
)
from segkit.store.layout import one_writer
from segkit.store.load_result import LoadResult, SourceResult
from segkit.store.people import (
    write_attributes,
    write_identities,
    write_statements,
    write_users,
)
from segkit.store.prepare import Buckets
from segkit.store.progress import Progress
from segkit.store.repeats import Repeats, find_repeats
from segkit.store.rows import insert_rows, prepare_agents
from segkit.store.snapshot import FORMAT, Snapshot, latest, publish, read_snapshot, table_files
from segkit.store.tables import Catalogue


def load(
    root: Path,
    config: WorkspaceConfig,
    *,
    sources: Sequence[str] | None,
    now: datetime,
    progress: Progress,
) -> LoadResult:
    """Load what is new in the named sources (all by default) and publish a snapshot.

    Raises
    ------
    UnknownNameError
        When a source is not in `segkit.toml`.
    SourceError
        When a file is missing, unreadable or not what its source says; nothing is changed.
    QuarantineError
        When more rows of a source are bad than `quarantine_limit` allows; nothing is changed.
    StoreError
        When another load is running or the store cannot be written.
    EmptyError
        When there are no sources, or no row at all could be loaded into an empty store.
    """
    chosen = _choose(config, sources)
    with one_writer(root) as stage:
        return _Load(root, config, stage, now, progress).run(chosen)


def _choose(config: WorkspaceConfig, names: Sequence[str] | None) -> list[SourceConfig]:
    known = {source.name: source for source in config.sources}
    for name in names or ():
        if name not in known:
            raise UnknownNameError.of_kind("source", name, known, where="segkit.toml")
    if not known:
        raise EmptyError.build(
            "The workspace has no sources.",
            where="segkit.toml",
            hint="describe one under [[sources]]; see docs/workspace.md.",
        )
    return [known[name] for name in names] if names else list(known.values())


class _Load:
    """One running load; its temporary tables live in one DuckDB connection."""

    def __init__(
        self, root: Path, config: WorkspaceConfig, stage: Path, now: datetime, progress: Progress
    ) -> None:
        self.root, self.config, self.stage, self.now, self.progress = (
            root,
            config,
            stage,
            now,
            progress,
        )
        self.engine = Engine(memory=config.engine.memory, spill=str(stage / "spill"))
        self.con: duckdb.DuckDBPyConnection = self.engine.backend.con
        self.old: Snapshot | None = read_snapshot(root) if latest(root) else None

    def run(self, sources: list[SourceConfig]) -> LoadResult:
        maps = {source.name: _map_hash(source) for source in self.config.sources}
        before = self.old
        if before is not None and any(
            maps.get(name, sha) != sha for name, sha in before.maps.items()
        ):
            # Another map reads other rows: start anew from the files, never mix the two readings.
            sources = self.config.sources
            self.old = None
        self._open_old()
        known = {
            key: sha
            for source, path, sha in self.con.execute(
                "SELECT source, path, sha256 FROM old_loads ORDER BY loaded_at, path"
            ).fetchall()
            for key in ((source, path), (source, sha))
        }
        files, n_known = find_new_files(sources, self.root, known)
        notes = [f"{n_known} files were loaded before and not read again."] if n_known else []
        if before is not None and self.old is None:
            self._check_all_there(before, files)
            notes.append(
                "A source is described differently than before: all files were read again."
            )
        same_zone = self.old is not None and self.old.timezone == self.config.timezone
        if not files and self.old is not None and same_zone:
            results = tuple(_sum_up(source, [], {}) for source in sources)
            return LoadResult(
                snapshot=self.old.id, is_new=False, sources=results, notes=tuple(notes)
            )
        files = open_incoming(self.engine, files, self.stage, self.progress)
        counts = count_rows(self.con, files)
        self._refuse_bad(sources, files, counts)
        repeats = find_repeats(self.con, sources)
        counts = {
            k: RowCounts(
                rows_read=c.rows_read, quarantined=c.quarantined, repeated=repeats.by_load.get(k, 0)
            )
            for k, c in counts.items()
        }
        snapshot = self._write(files, counts)
        notes += _conflict_notes(repeats)
        publish(self.root, snapshot)
        results = tuple(_sum_up(source, files, counts) for source in sources)
        return LoadResult(snapshot=snapshot.id, is_new=True, sources=results, notes=tuple(notes))

    def _check_all_there(self, before: Snapshot, files: list[NewFile]) -> None:
        rows = self.con.execute(
            f"SELECT source, path, sha256 FROM {_parquet(table_files(self.root, before, 'loads'))}"
        ).fetchall()
        there = {(f.source.name, f.file.sha256) for f in files}
        gone = [path for source, path, sha in rows if (source, sha) not in there]
        if gone:
            raise StoreError.build(
                f"A source is described differently than before, and {len(gone)} files that were "
                f"loaded are gone or changed: {name_some(gone)}.",
                where="segkit.toml",
                hint="put the files back, or undo the change of the source's map; nothing was "
                "changed.",
            )

    def _open_old(self) -> None:
        """Create `old_<table>` over the snapshot before, or empty."""
        for name, schema in TABLES.items():
            if self.old is None:
                self.con.execute(f"CREATE TEMP TABLE old_{name} ({duckdb_columns(schema.columns)})")
            else:
                self.con.execute(
                    f"CREATE TEMP VIEW old_{name} AS SELECT * FROM "
                    f"{_parquet(table_files(self.root, self.old, name))}"
                )

    def _refuse_bad(
        self, sources: list[SourceConfig], files: list[NewFile], counts: dict[str, RowCounts]
    ) -> None:
        for source in sources:
            own = [counts[f.load_id] for f in files if f.source.name == source.name]
            n_read, n_bad = sum(c.rows_read for c in own), sum(c.quarantined for c in own)
            if n_read and n_bad / n_read > self.config.quarantine_limit:
                reasons = self.con.execute(
                    f"SELECT reason, count(*) AS n FROM ({quarantine_select()}) WHERE source = ? "
                    "GROUP BY 1 ORDER BY n DESC, 1",
                    [source.name],
                ).fetchall()
                first = self.con.execute(
                    f"SELECT load_id, row_no FROM ({quarantine_select()}) WHERE source = ? ORDER "
                    "BY load_id, row_no LIMIT 1",
                    [source.name],
                ).fetchone()
                place = next(
                    (
                        f"{f.file.name}, row {first[1]}"
                        for f in files
                        if first and f.load_id == first[0]
                    ),
                    "",
                )
                raise QuarantineError.build(
                    f"Source `{source.name}`: {n_bad:,} of {n_read:,} rows are bad "
                    f"({n_bad / n_read:.1%}, allowed "
                    f"{self.config.quarantine_limit:.1%}): "
                    f"{name_some(f'{reason} ({n})' for reason, n in reasons)}; nothing was loaded.",
                    where=f"first: {place}",
                    hint="mend the file or its [sources.map], or raise quarantine_limit in "
                    "segkit.toml.",
                )

    def _write(self, files: list[NewFile], counts: dict[str, RowCounts]) -> Snapshot:
        con = self.con
        self.progress.step("identity", 0, 1)
        build_identities(con)
        if not con.execute("SELECT 1 FROM people LIMIT 1").fetchone():
            raise EmptyError.build(
                "The sources hold no rows.", where="segkit.toml", hint="check each source's path."
            )
        self.progress.step("identity", 1, 1)
        prepare_agents(con)
        con.execute("CREATE TEMP TABLE new_ids (load_id VARCHAR)")
        ids = [(f.load_id,) for f in files]
        insert_rows(con, "new_ids", columns=("load_id",), rows=ids)
        writers = {name: TableWriter(self.root, name) for name in TABLES}
        buckets = Buckets(con, writers, self.config.zone)
        n_rows = sum(c.kept for c in counts.values()) + (
            self.old.tables["events"].rows if self.old else 0
        )
        buckets.run(n_rows=n_rows, progress=self.progress)
        self.progress.step("publish", 0, 1)
        self._write_people(writers)
        self._write_loads(writers, files, counts)
        catalogue = self._catalogue(writers, buckets)
        versions = {name: writer.commit() for name, writer in writers.items()}
        self.progress.step("publish", 1, 1)
        return Snapshot(
            id=self._snapshot_id(),
            created_at=self.now,
            timezone=self.config.timezone,
            maps={source.name: _map_hash(source) for source in self.config.sources},
            tables=versions,
            catalogue=catalogue,
        )

    def _write_people(self, writers: dict[str, TableWriter]) -> None:
        write_identities(self.con, writers["identities"])
        writers["links"].write(self.con, "SELECT * FROM links ORDER BY kind, id, user_id")
        write_attributes(self.con, writers["attributes"])
        write_statements(self.con, writers["consents"], "consents", ("purpose", "state"))
        write_statements(self.con, writers["exposures"], "exposures", ("experiment", "variant"))
        write_users(self.con, writers["users"], writers["visits"].paths)

    def _write_loads(
        self, writers: dict[str, TableWriter], files: list[NewFile], counts: dict[str, RowCounts]
    ) -> None:
        self.con.execute(f"CREATE TEMP TABLE now_loads ({duckdb_columns(TABLES['loads'].columns)})")
        for f in files:
            c = counts[f.load_id]
            self.con.execute(
                "INSERT INTO now_loads VALUES (?, ?, ?, ?, make_timestamptz(?), ?, ?, ?, ?)",
                [
                    f.load_id,
                    f.source.name,
                    f.file.name,
                    f.file.sha256,
                    int(self.now.timestamp() * 1_000_000),
                    c.rows_read,
                    c.kept,
                    c.repeated,
                    c.quarantined,
                ],
            )
        # The same content loaded again (a current-only file that changed back) takes the place of
        # its older row.
        writers["loads"].write(
            self.con,
            "SELECT * FROM old_loads WHERE load_id NOT IN (SELECT "
            "load_id FROM now_loads) UNION "
            "ALL SELECT * FROM now_loads ORDER BY source, path, load_id",
        )
        bad = (
            " UNION ALL SELECT q.load_id, q.source, l.path, q.row_no, q.reason, q.raw "
            f"FROM ({quarantine_select()}) q JOIN now_loads l USING (load_id)"
            if any(c.quarantined for c in counts.values())
            else ""
        )
        writers["quarantine"].write(
            self.con, f"SELECT * FROM old_quarantine{bad} ORDER BY source, path, row_no"
        )

    def _catalogue(self, writers: dict[str, TableWriter], buckets: Buckets) -> Catalogue:
        n_users = self.con.execute(
            f"SELECT count(*) FROM {_parquet(writers['users'].paths)} WHERE NOT is_bot"
        ).fetchone()
        return build_catalogue(
            self.con,
            old=self.old.catalogue if self.old else Catalogue(),
            attributes=_parquet(writers["attributes"].paths),
            statements=(
                _parquet(writers["exposures"].paths),
                _parquet(writers["consents"].paths),
            ),
            n_users=int(n_users[0]) if n_users else 0,
            span=(buckets.first_at, buckets.last_at),
        )

    def _snapshot_id(self) -> str:
        """Hash what was loaded and how.

        The same files in any order, or loaded twice, give the same id.
        """
        ids = self.con.execute(
            "SELECT load_id FROM old_loads UNION SELECT load_id FROM now_loads ORDER BY load_id"
        ).fetchall()
        current = [source.name for source in self.config.sources if is_current_only(source)]
        newest = self.con.execute(
            "SELECT source, path, arg_max(load_id, loaded_at) FROM (SELECT * FROM old_loads "
            "UNION ALL SELECT * FROM now_loads) "
            "WHERE list_contains(?, source) GROUP BY 1, 2 ORDER BY 1, 2",
            [current],
        ).fetchall()
        maps = [
            f"{source.name} {_map_hash(source)}"
            for source in sorted(self.config.sources, key=lambda s: s.name)
        ]
        said = [
            str(FORMAT),
            self.config.timezone,
            self.config.preset,
            *maps,
            *(row[0] for row in ids),
            *map(str, newest),
        ]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def _map_hash(source: SourceConfig) -> str:
    return hashlib.sha256(source.model_dump_json(exclude={"path"}).encode()).hexdigest()[:12]


def _parquet(files: Sequence[str]) -> str:
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"read_parquet([{listed}])"


def _sum_up(
    source: SourceConfig, files: list[NewFile], counts: dict[str, RowCounts]
) -> SourceResult:
    own = [counts[f.load_id] for f in files if f.source.name == source.name]
    return SourceResult(
        name=source.name,
        n_files=len(own),
        rows_read=sum(c.rows_read for c in own),
        kept=sum(c.kept for c in own),
        repeated=sum(c.repeated for c in own),
        quarantined=sum(c.quarantined for c in own),
    )


def _conflict_notes(repeats: Repeats) -> list[str]:
    return [
        f"Source `{name}`: {n:,} repeated event ids carry different content; the earliest of "
        "each was kept. "
        'Set identity = "content" to keep them all.'
        for name, n in sorted(repeats.conflicts.items())
    ]
