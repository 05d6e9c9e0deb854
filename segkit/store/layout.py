"""Know where things lie in a workspace's `store/`.

And write files so that a crash leaves the old one whole.

::

    store/
      CURRENT                 the id of the published snapshot
      snapshots/<id>.json     one version of every table, their files, the catalogue
      tables/<name>/          Delta Lake tables; data files are never changed
      staging/                what a running load needs; emptied by the next one
      LOCK                    held by the one load that runs
"""

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segkit.errors import StoreError


def store_dir(root: Path) -> Path:
    """Give the store's folder of a workspace."""
    return root / "store"


def table_dir(root: Path, name: str) -> Path:
    """Give the folder of one Delta table."""
    return store_dir(root) / "tables" / name


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that readers see the old or the new one, never a part.

    It is on disk when this returns.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    with aside.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(path)


@contextmanager
def one_writer(root: Path) -> Iterator[Path]:
    """Hold the store for one load and give a fresh staging folder, gone afterwards.

    The lock is the kernel's, so that a killed load frees it.

    Raises
    ------
    StoreError
        When another load is running, or the store cannot be written.
    """
    base = store_dir(root)
    try:
        (base / "staging").mkdir(parents=True, exist_ok=True)
        lock = (base / "LOCK").open("w")
    except OSError as exc:
        raise StoreError.build(
            f"The store cannot be written: {exc.strerror}.",
            where=str(base),
            hint="check the folder's permissions.",
        ) from exc
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise StoreError.build(
                "Another load of this workspace is running.",
                where=str(base),
                hint="wait until it has ended.",
            ) from exc
        for left in (base / "staging").iterdir():
            shutil.rmtree(left, ignore_errors=True)
        stage = base / "staging" / uuid.uuid4().hex[:12]
        stage.mkdir()
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)
