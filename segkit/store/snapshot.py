"""Name one version of every table, publish it last, and open it for readers.

A snapshot is one small JSON file that lists the tables' data files, so that a reader needs neither
a lock nor the Delta log. `CURRENT` is replaced in one step after everything else is on disk: a
crash at any moment leaves the previous snapshot whole.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ibis import Table

from segkit.config import WorkspaceConfig
from segkit.errors import StoreError
from segkit.store.delta import TableVersion
from segkit.store.engine import Engine
from segkit.store.layout import store_dir, table_dir, write_atomically
from segkit.store.tables import AttributeInfo, Catalogue, EventInfo, Tables

FORMAT = 2
"""Version of the snapshot file; a store written by another one is refused."""

PINNED = "SEGKIT_SNAPSHOT"
"""Environment variable that names the snapshot which a run's processes read."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One published state of the store.

    `id` is a hash of what was loaded and how, so that the same data gives the same id in whatever
    order it came. `timezone` is the zone of the day columns; `maps` holds the hash of every
    source's description that rows were read with.
    """

    id: str
    created_at: datetime
    timezone: str
    maps: Mapping[str, str]
    tables: Mapping[str, TableVersion]
    catalogue: Catalogue


def latest(root: Path) -> str | None:
    """Give the id of the published snapshot, None when nothing was loaded yet.

    Raises
    ------
    StoreError
        When the store cannot be read.
    """
    pointer = store_dir(root) / "CURRENT"
    try:
        return pointer.read_text("utf-8").strip() if pointer.exists() else None
    except (OSError, UnicodeDecodeError) as exc:
        raise StoreError.build(
            "The name of the newest snapshot cannot be read.",
            where=str(pointer),
            hint="mend its permissions, or remove it and run `segkit load`.",
        ) from exc


def publish(root: Path, snapshot: Snapshot) -> None:
    """Make a snapshot the one that new readers open."""
    document = {"format": FORMAT, **asdict(snapshot)}
    text = json.dumps(
        document, default=datetime.isoformat, ensure_ascii=False, indent=1, sort_keys=True
    )
    write_atomically(store_dir(root) / "snapshots" / f"{snapshot.id}.json", text)
    write_atomically(store_dir(root) / "CURRENT", snapshot.id + "\n")


def read_snapshot(root: Path, snapshot: str | None = None) -> Snapshot:
    """Give a snapshot, the newest by default.

    Raises
    ------
    StoreError
        When nothing was loaded yet, or the named snapshot is not there or not readable.
    """
    name = snapshot or latest(root)
    if name is None:
        raise StoreError.build(
            "Nothing is loaded yet.", where=str(store_dir(root)), hint="run `segkit load`."
        )
    path = store_dir(root) / "snapshots" / f"{Path(name).name}.json"
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise StoreError.build(
            f"Snapshot `{name}` cannot be read.",
            where=str(path),
            hint="run `segkit load` to build it anew.",
        ) from exc
    if document.get("format") != FORMAT:
        raise StoreError.build(
            f"Snapshot `{name}` has format {document.get('format')}, expected {FORMAT}.",
            where=str(path),
            hint="remove the folder `store` and run `segkit load`.",
        )
    return _from_document(document)


def _from_document(document: dict[str, Any]) -> Snapshot:
    raw = document["catalogue"]
    catalogue = Catalogue(
        events={
            k: EventInfo(n=v["n"], properties=tuple(v["properties"]))
            for k, v in raw["events"].items()
        },
        attributes={k: AttributeInfo(**v) for k, v in raw["attributes"].items()},
        experiments={k: tuple(v) for k, v in raw["experiments"].items()},
        purposes=tuple(raw["purposes"]),
        currencies=tuple(raw["currencies"]),
        n_events=raw["n_events"],
        n_users=raw["n_users"],
        first_at=_instant(raw["first_at"]),
        last_at=_instant(raw["last_at"]),
    )
    tables = {
        k: TableVersion(version=v["version"], files=tuple(v["files"]), rows=v["rows"])
        for k, v in document["tables"].items()
    }
    created = datetime.fromisoformat(document["created_at"])
    return Snapshot(
        id=document["id"],
        created_at=created,
        timezone=document["timezone"],
        maps=document["maps"],
        tables=tables,
        catalogue=catalogue,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def table_files(root: Path, snapshot: Snapshot, name: str) -> list[str]:
    """Give the paths of one table's data files.

    Raises
    ------
    StoreError
        When a file is gone.
    """
    paths = [table_dir(root, name) / file for file in snapshot.tables[name].files]
    for path in paths:
        if not path.exists():
            raise StoreError.build(
                f"A data file of snapshot `{snapshot.id}` is gone.",
                where=str(path),
                hint="restore the folder `store`, or remove it and run `segkit load`.",
            )
    return [str(path) for path in paths]


def open_tables(
    root: Path, config: WorkspaceConfig, *, engine: Engine, snapshot: str | None = None
) -> Tables:
    """Open the tables of a snapshot, the newest by default, for reading.

    A run names its snapshot in the environment, so that a load meanwhile changes nothing in it.

    Raises
    ------
    StoreError
        When nothing was loaded yet, the snapshot cannot be read, or its days are of another zone
        than the workspace's.
    """
    found = read_snapshot(root, snapshot or os.environ.get(PINNED))
    if found.timezone != config.timezone:
        raise StoreError.build(
            f"Snapshot `{found.id}` counts days in {found.timezone}, the workspace in "
            f"{config.timezone}.",
            where="timezone in segkit.toml",
            hint="run `segkit load` to count them anew.",
        )

    def open_table(name: str) -> Table:
        return engine.read(table_files(root, found, name))

    return Tables(
        engine,
        zone=config.zone,
        catalogue=found.catalogue,
        snapshot=found.id,
        open_table=open_table,
    )
