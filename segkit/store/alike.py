"""Compute once what several reports of one fan-out ask of a snapshot alike.

Each report is made by a process of its own, with an engine of its own. A table that hangs on the
snapshot's files alone is the same for all of them, so whoever asks for it first leaves it in a
folder that they share, under a name made of the very statement that computes it. The folder ends
with the fan-out; without one, or when it cannot be used, everybody computes alone.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

ALIKE = "SEGKIT_ALIKE"
"""Names the variable of the environment that holds the folder."""


@contextmanager
def turn(statement: str) -> Iterator[Path | None]:
    """Give the place of what a statement computes, while no other process has it.

    Whoever finds no file there computes it and writes one in a single step. None
    without a folder to share.
    """
    folder = os.environ.get(ALIKE)
    if not folder:
        yield None
        return
    place = Path(folder) / f"{sha256(statement.encode()).hexdigest()[:32]}.parquet"
    try:
        handle = os.open(place.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield None
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield place
    finally:
        os.close(handle)


def aside(place: Path) -> Path:
    """Give where a file is written before it is renamed to its place."""
    return place.with_suffix(f".{os.getpid()}")
