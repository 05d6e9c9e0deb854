"""Open an SQLite file that is written ahead (WAL), whoever opens it at the same moment."""

import sqlite3
import time
from pathlib import Path

PAUSE_S = 0.01
"""Seconds between two tries to set the journal."""


def connect_written_ahead(path: Path, *, wait_s: float) -> sqlite3.Connection:
    """Give a connection whose journal is a WAL, in autocommit mode.

    SQLite answers "locked" at once, without its own wait, to all but one of those who turn a new
    file into a written-ahead one together; so the wait is here.

    Parameters
    ----------
    path
        The file; made when it is not there. Its folder must exist.
    wait_s
        Seconds to wait for others, here and in each statement later.

    Raises
    ------
    sqlite3.Error
        The file is no database, cannot be written, or stays locked for longer than `wait_s`.
    """
    connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None)
    end = time.monotonic() + wait_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as exc:
            is_busy = getattr(exc, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > end:
                connection.close()
                raise
            time.sleep(PAUSE_S)
        else:
            return connection
