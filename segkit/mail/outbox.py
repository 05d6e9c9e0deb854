"""Keep what is to be mailed and what became of it: one row a run, channel and recipient.

::

    queued ──► sending ──► sent          the server took it
      ▲           ├──────► bounced       refused for good (5xx)
      └───────────┤                      refused for now (4xx), or no connection: again later
                  ├──────► failed        refused for now too often
                  └──────► unknown       the connection, or this program, ended after the message
                                         had begun to leave: it may have arrived; never sent again
    suppressed                           the recipient wants no mail

A row is `sending` on disk before the server hears of it, so that nobody is mailed twice.
"""

import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from segkit.errors import RunError
from segkit.mail.letter import read_address

OUTBOX = "outbox.sqlite"
CHANNEL = "mail"
MOST_ATTEMPTS = 6
FIRST_WAIT_S = 60
BUSY = 75
_TABLES = """
CREATE TABLE IF NOT EXISTS outbox (
    run TEXT NOT NULL, channel TEXT NOT NULL, recipient TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_s REAL NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '', link TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run, channel, recipient));
CREATE TABLE IF NOT EXISTS suppressed (recipient TEXT PRIMARY KEY);
"""


class State(StrEnum):
    """What became of one row."""

    queued = "queued"
    sending = "sending"
    sent = "sent"
    failed = "failed"
    bounced = "bounced"
    unknown = "unknown"
    suppressed = "suppressed"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One mail to send: a run (its path below `reports_out`) to a recipient, the nth attempt."""

    run: str
    recipient: str
    attempts: int
    link: str


class Outbox:
    """The outbox of a workspace, in one SQLite file; addresses stand nowhere else.

    Parameters
    ----------
    path
        The file; made when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: sqlite3.Connection | None = None
        with self._open() as store:
            store.execute("PRAGMA journal_mode = WAL")
            store.executescript(_TABLES)
        path.chmod(0o600)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if self._held is not None:
            with self._held:
                yield self._held
            return
        with closing(sqlite3.connect(self._path, timeout=30)) as store, store:
            yield store

    def queue(self, run: str, recipients: Sequence[str], *, link: str = "") -> int:
        """Queue a run for recipients; give how many rows are new.

        Who has a row for this run keeps it, whatever its state: nobody gets a run twice. Who wants
        no mail gets a row that is suppressed.

        Raises
        ------
        ParameterError
            When an address cannot be read; then nothing is queued.
        """
        addresses = [_fold(recipient) for recipient in recipients]
        with self._open() as store:
            before = store.total_changes
            store.executemany(
                "INSERT OR IGNORE INTO outbox (run, channel, recipient, state, link)"
                " SELECT ?, ?, ?, CASE WHEN EXISTS"
                " (SELECT 1 FROM suppressed WHERE recipient = ?) THEN ? ELSE ? END, ?",
                [(run, CHANNEL, a, a, State.suppressed, State.queued, link) for a in addresses],
            )
            return store.total_changes - before

    def suppress(self, recipient: str) -> None:
        """Mail this recipient no more: neither what is queued nor what comes.

        Raises
        ------
        ParameterError
            When the address cannot be read.
        """
        address = _fold(recipient)
        with self._open() as store:
            store.execute("INSERT OR IGNORE INTO suppressed VALUES (?)", (address,))
            store.execute(
                "UPDATE outbox SET state = ? WHERE recipient = ? AND state = ?",
                (State.suppressed, address, State.queued),
            )

    def count_states(self) -> list[dict[str, str | int]]:
        """Give the outbox by run: grain one row a run, state and reason, with `n` recipients."""
        names = ("run", "state", "reason", "n")
        with self._open() as store:
            rows = store.execute(
                "SELECT run, state, reason, count(*) FROM outbox GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            ).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    @contextmanager
    def drain(self) -> Iterator[None]:
        """Hold the outbox for sending: one program at a time.

        What an earlier program left `sending` when it was killed becomes `unknown`.

        Raises
        ------
        RunError
            With exit code 75 when another program sends.
        """
        with self._path.with_suffix(".lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                text = "Another program sends this outbox.\nHint: wait until it is done."
                raise RunError(text, exit_code=BUSY) from exc
            with closing(sqlite3.connect(self._path, timeout=30)) as held:
                self._held = held
                try:
                    with self._open() as store:
                        store.execute(
                            "UPDATE outbox SET state = ?, reason = ? WHERE state = ?",
                            (State.unknown, "the program ended while sending", State.sending),
                        )
                    yield
                finally:
                    self._held = None

    def claim(self, now_s: float) -> Job | None:
        """Give the next row that is due and mark it `sending` on disk; None when none is due."""
        with self._open() as store:
            row = store.execute(
                "UPDATE outbox SET state = ?, attempts = attempts + 1 WHERE rowid = (SELECT rowid"
                " FROM outbox WHERE state = ? AND next_s <= ? ORDER BY next_s, rowid LIMIT 1)"
                " RETURNING run, recipient, attempts, link",
                (State.sending, State.queued, now_s),
            ).fetchone()
        return row and Job(run=row[0], recipient=row[1], attempts=row[2], link=row[3])

    def settle(self, job: Job, state: State, *, reason: str = "") -> None:
        """Write down what became of a row."""
        self._set(job, state, reason, 0)

    def put_off(self, job: Job, now_s: float, *, reason: str) -> None:
        """Queue a row again, twice as long after each attempt; after six it has failed."""
        if job.attempts >= MOST_ATTEMPTS:
            self._set(job, State.failed, reason, 0)
        else:
            self._set(job, State.queued, reason, now_s + FIRST_WAIT_S * 2 ** (job.attempts - 1))

    def _set(self, job: Job, state: State, reason: str, next_s: float) -> None:
        with self._open() as store:
            store.execute(
                "UPDATE outbox SET state = ?, reason = ?, next_s = ?"
                " WHERE run = ? AND channel = ? AND recipient = ?",
                (state, reason, next_s, job.run, CHANNEL, job.recipient),
            )


def _fold(recipient: str) -> str:
    """Give an address with its domain in small letters, so that one person has one row."""
    address = read_address(recipient)
    return f"{address.username}@{address.domain.lower()}"
