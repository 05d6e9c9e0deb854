"""Keep what is to be told and what became of it: one row a run, channel and recipient.

::

    queued ──► sending ──► sent          the server took it
      ▲           ├──────► bounced       refused for good (5xx)
      └───────────┤                      refused for now (4xx), or no connection: again later
                  ├──────► failed        refused for now too often
                  └──────► unknown       the connection, or this program, ended after the message
                                         had begun to leave: it may have arrived; never sent again
    suppressed                           the recipient wants no mail

A row is `sending` on disk before the server hears of it, so that nobody is told twice. `run` is the
path of a published run below `reports_out`, or the name of a notice whose words are kept here too.
"""

import fcntl
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from segkit.config import Role
from segkit.errors import RunError, StoreError
from segkit.mail.letter import read_address
from segkit.store.written_ahead import connect_written_ahead

OUTBOX = "outbox.sqlite"
CHANNEL = "mail"
MOST_ATTEMPTS = 6
FIRST_WAIT_S = 60
BUSY = 75
WAIT_S = 30.0
_TABLES = """
CREATE TABLE IF NOT EXISTS outbox (
    run TEXT NOT NULL, channel TEXT NOT NULL, recipient TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_s REAL NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '', link TEXT NOT NULL DEFAULT '',
    clearance TEXT NOT NULL DEFAULT 'pseudonymous',
    PRIMARY KEY (run, channel, recipient));
CREATE TABLE IF NOT EXISTS suppressed (recipient TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS notices (run TEXT PRIMARY KEY, document TEXT NOT NULL);
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
    """One message to send: a run to a recipient over a channel, the nth attempt.

    `clearance` is what the recipient may see of the run.
    """

    run: str
    recipient: str
    attempts: int
    link: str
    channel: str = CHANNEL
    clearance: Role = "pseudonymous"


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
            store.executescript(_TABLES)
            if "clearance" not in {row[1] for row in store.execute("PRAGMA table_info(outbox)")}:
                column = "clearance TEXT NOT NULL DEFAULT 'pseudonymous'"
                store.execute(f"ALTER TABLE outbox ADD COLUMN {column}")
        path.chmod(0o600)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if self._held is not None:
            with self._held:
                yield self._held
            return
        try:
            with closing(connect_written_ahead(self._path, wait_s=WAIT_S)) as store:
                store.isolation_level = "DEFERRED"
                with store:
                    yield store
        except sqlite3.Error as exc:
            raise StoreError.build(
                f"The outbox cannot be used: {exc}.",
                where=self._path.name,
                hint="free disk space or mend the file's permissions.",
            ) from exc

    def queue(
        self,
        run: str,
        recipients: Sequence[str],
        *,
        link: str = "",
        channel: str = CHANNEL,
        clearance: Role = "pseudonymous",
    ) -> int:
        """Queue a run for recipients of a channel; give how many rows are new.

        Who has a row for this run keeps it, whatever its state: nobody gets a run twice. Who wants
        no mail gets a row that is suppressed.

        Raises
        ------
        ParameterError
            When an address of the channel `mail` cannot be read; then nothing is queued.
        """
        named = [_fold(one) if channel == CHANNEL else one for one in recipients]
        with self._open() as store:
            before = store.total_changes
            store.executemany(
                "INSERT OR IGNORE INTO outbox (run, channel, recipient, state, link, clearance)"
                " SELECT ?, ?, ?, CASE WHEN EXISTS"
                " (SELECT 1 FROM suppressed WHERE recipient = ?) THEN ? ELSE ? END, ?, ?",
                [
                    (run, channel, one, one, State.suppressed, State.queued, link, clearance)
                    for one in named
                ],
            )
            return store.total_changes - before

    def queue_notice(self, run: str, document: dict[str, Any], recipient: str) -> int:
        """Queue words that have no run of their own for one address; give how many rows are new.

        The same name again changes nothing: its first words stay.

        Raises
        ------
        ParameterError
            When the address cannot be read; then nothing is queued.
        """
        address = _fold(recipient)
        text = json.dumps(document, ensure_ascii=False, sort_keys=True)
        with self._open() as store:
            store.execute("INSERT OR IGNORE INTO notices VALUES (?, ?)", (run, text))
        return self.queue(run, [address])

    def find_notice(self, run: str) -> dict[str, Any] | None:
        """Give the words kept under a name; None for a run."""
        with self._open() as store:
            row = store.execute("SELECT document FROM notices WHERE run = ?", (run,)).fetchone()
        found: dict[str, Any] | None = row and json.loads(row[0])
        return found

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

    def list_pending(self) -> tuple[str, ...]:
        """Give the runs that somebody has still to be told of."""
        with self._open() as store:
            rows = store.execute(
                "SELECT DISTINCT run FROM outbox WHERE state IN (?, ?) ORDER BY run",
                (State.queued, State.sending),
            ).fetchall()
        return tuple(run for (run,) in rows)

    def count_missed(self, runs: Sequence[str]) -> dict[str, list[tuple[State, str, int]]]:
        """Give by run (state, reason, recipients) of what will not be sent, or perhaps arrived."""
        with self._open() as store:
            rows = store.execute(
                "SELECT run, state, reason, count(*) FROM outbox WHERE state IN (?, ?, ?)"
                " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
                (State.bounced, State.failed, State.unknown),
            ).fetchall()
        wanted: dict[str, list[tuple[State, str, int]]] = {}
        for run, state, reason, n in rows:
            if run in runs:
                wanted.setdefault(run, []).append((State(state), reason, n))
        return wanted

    def is_complete(self, runs: Sequence[str]) -> bool:
        """Whether everybody has some runs, those who want no mail apart."""
        with self._open() as store:
            rows = store.execute(
                "SELECT DISTINCT run FROM outbox WHERE state NOT IN (?, ?)",
                (State.sent, State.suppressed),
            ).fetchall()
        return not {run for (run,) in rows} & set(runs)

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

    def claim(self, now_s: float, channel: str = CHANNEL) -> Job | None:
        """Give the next row of a channel that is due and mark it `sending` on disk, or None."""
        with self._open() as store:
            row = store.execute(
                "UPDATE outbox SET state = ?, attempts = attempts + 1 WHERE rowid = (SELECT rowid"
                " FROM outbox WHERE state = ? AND channel = ? AND next_s <= ?"
                " ORDER BY next_s, rowid LIMIT 1)"
                " RETURNING run, recipient, attempts, link, channel, clearance",
                (State.sending, State.queued, channel, now_s),
            ).fetchone()
        names = ("run", "recipient", "attempts", "link", "channel", "clearance")
        return row and Job(**dict(zip(names, row, strict=True)))

    def settle(self, job: Job, state: State, *, reason: str = "") -> None:
        """Write down what became of a row."""
        self._set(job, state, reason, 0)

    def put_off(self, job: Job, now_s: float, *, reason: str, at_least_s: float = 0.0) -> None:
        """Queue a row again, twice as long after each attempt; after six it has failed."""
        if job.attempts >= MOST_ATTEMPTS:
            self._set(job, State.failed, reason, 0)
        else:
            wait = max(FIRST_WAIT_S * 2 ** (job.attempts - 1), at_least_s)
            self._set(job, State.queued, reason, now_s + wait)

    def _set(self, job: Job, state: State, reason: str, next_s: float) -> None:
        with self._open() as store:
            store.execute(
                "UPDATE outbox SET state = ?, reason = ?, next_s = ?"
                " WHERE run = ? AND channel = ? AND recipient = ?",
                (state, reason, next_s, job.run, job.channel, job.recipient),
            )


def _fold(recipient: str) -> str:
    """Give an address with its domain in small letters, so that one person has one row."""
    address = read_address(recipient)
    return f"{address.username}@{address.domain.lower()}"
