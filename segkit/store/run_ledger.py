"""Keep the ledger of runs: what is due is claimed here once, and what became of it stays.

One SQLite file in a workspace, written ahead (WAL) so that readers never wait. A **job** is one
report on one segment for one period with its parameters; its key is unique, so two schedulers
cannot both make it. A claim is a lease: it ends by itself unless it is renewed, it is void when its
process has ended or the machine was booted anew, and whoever lost it may not publish. A **run** is
one attempt at a job.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segkit.errors import StoreError
from segkit.store.boot import Holder, boot_seconds
from segkit.store.written_ahead import connect_written_ahead

LEDGER = ".segkit/runs.sqlite"
LEASE_S = 90.0
WAIT_S = 30.0
ENDED = frozenset({"done", "failed", "skipped", "waiting"})
"""Phases that a run is left in when it was closed."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  job INTEGER PRIMARY KEY,
  report TEXT NOT NULL, period TEXT NOT NULL, key TEXT NOT NULL,
  segment TEXT, parameters TEXT NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  run TEXT, good_run TEXT, exit_code INTEGER, message TEXT, changed_at TEXT,
  token TEXT, lease REAL, boot TEXT, space TEXT, pid INTEGER, began REAL,
  UNIQUE (report, period, key)
);
CREATE TABLE IF NOT EXISTS runs (
  run TEXT PRIMARY KEY, job INTEGER NOT NULL REFERENCES jobs (job),
  phase TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT,
  exit_code INTEGER, message TEXT, corrects TEXT, folder TEXT,
  snapshot TEXT, wall_s REAL, cpu_s REAL, peak_mb INTEGER
);
CREATE INDEX IF NOT EXISTS runs_of_job ON runs (job);
CREATE TABLE IF NOT EXISTS notices (
  run TEXT NOT NULL, recipient TEXT NOT NULL, queued_at TEXT NOT NULL,
  PRIMARY KEY (run, recipient)
);
"""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is claimed: one report on one segment (or none) for one period.

    `key` names report, segment and parameters together; `parameters` are their JSON text.
    """

    report: str
    period: str
    key: str
    segment: str | None = None
    parameters: str = "{}"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A lease on a job.

    `corrects` is the good run that this one replaces, `left` the run before with its phase, when it
    failed or its process died, `attempts` how many there were with this one.
    """

    job: int
    token: str
    attempts: int
    corrects: str | None
    left: tuple[str, str] | None


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A job that cannot be claimed: it is `done` (by `run`), or `claimed` by another."""

    why: str
    run: str | None


class Ledger:
    """The ledger of one workspace.

    Parameters
    ----------
    root
        The workspace's folder.
    lease_s
        Seconds after which a claim that was not renewed is void.
    """

    def __init__(self, root: Path, *, lease_s: float = LEASE_S) -> None:
        self.path = root / LEDGER
        self.lease_s = lease_s

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give a connection of its own inside one transaction that nobody else writes in."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = connect_written_ahead(self.path, wait_s=WAIT_S)
        except (OSError, sqlite3.Error) as exc:
            raise self._refuse(exc) from exc
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            for statement in filter(str.strip, _SCHEMA.split(";")):
                connection.execute(statement)
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as exc:
            raise self._refuse(exc) from exc
        finally:
            connection.close()

    def _refuse(self, exc: Exception) -> StoreError:
        return StoreError.build(
            f"The ledger of runs cannot be used: {exc}.",
            where=str(self.path),
            hint="free disk space or mend the file's permissions; remove it if it is damaged.",
        )

    # ------------------------------------------------------------------ claims

    def claim(self, job: Job, *, now: str, again: bool = False) -> Claim | Refused:
        """Take a job, or say why it cannot be taken.

        Parameters
        ----------
        now
            The instant to note, as ISO text; no decision hangs on it.
        again
            Take also a job that is done: the run will be marked as a correction.
        """
        with self._open() as db:
            row = self._row(db, job, now)
            if row["state"] == "claimed" and not self._is_void(row):
                return Refused(why="claimed", run=row["run"])
            if row["state"] in {"done", "skipped"} and not again:
                return Refused(why=row["state"], run=row["good_run"])
            token, me = secrets.token_hex(8), Holder.this()
            db.execute(
                "UPDATE jobs SET state = 'claimed', attempts = attempts + 1, token = ?, lease = ?,"
                " boot = ?, space = ?, pid = ?, began = ?, changed_at = ?,"
                " run = CASE WHEN state IN ('claimed', 'failed') THEN run END WHERE job = ?",
                (token, boot_seconds() + self.lease_s, me.boot, me.space, me.pid, me.began, now,
                 row["job"]),
            )  # fmt: skip
            return Claim(
                job=row["job"],
                token=token,
                attempts=row["attempts"] + 1,
                corrects=row["good_run"],
                left=self._left(db, row, now),
            )

    def _row(self, db: sqlite3.Connection, job: Job, now: str) -> sqlite3.Row:
        db.execute(
            "INSERT OR IGNORE INTO jobs (report, period, key, segment, parameters, state,"
            " changed_at) VALUES (?, ?, ?, ?, ?, 'new', ?)",
            (job.report, job.period, job.key, job.segment, job.parameters, now),
        )
        found: sqlite3.Row = db.execute(
            "SELECT * FROM jobs WHERE report = ? AND period = ? AND key = ?",
            (job.report, job.period, job.key),
        ).fetchone()
        return found

    def _is_void(self, row: sqlite3.Row) -> bool:
        holder = Holder(boot=row["boot"], space=row["space"], pid=row["pid"], began=row["began"])
        return holder.is_gone() or row["lease"] < boot_seconds()

    def _left(self, db: sqlite3.Connection, row: sqlite3.Row, now: str) -> tuple[str, str] | None:
        """Give the run before with its phase, unless it ended well; one left open is closed."""
        if row["state"] not in {"claimed", "failed"} or row["run"] is None:
            return None
        left = db.execute("SELECT run, phase FROM runs WHERE run = ?", (row["run"],)).fetchone()
        db.execute(
            "UPDATE runs SET ended_at = ?, exit_code = 32,"
            " message = 'The runner ended before the run was done.' WHERE run = ?"
            " AND ended_at IS NULL",
            (now, row["run"]),
        )
        return None if left is None else (left["run"], left["phase"])

    def renew(self, claim: Claim) -> bool:
        """Make the lease long again; False when the claim is another's by now."""
        with self._open() as db:
            done = db.execute(
                "UPDATE jobs SET lease = ? WHERE job = ? AND token = ? AND state = 'claimed'",
                (boot_seconds() + self.lease_s, claim.job, claim.token),
            )
            return done.rowcount == 1

    # ------------------------------------------------------------------ runs

    def begin(self, claim: Claim, run: str, *, now: str, snapshot: str) -> None:
        """Note that a run begins."""
        with self._open() as db:
            db.execute(
                "INSERT INTO runs (run, job, phase, started_at, corrects, snapshot)"
                " VALUES (?, ?, 'execute', ?, ?, ?)",
                (run, claim.job, now, claim.corrects, snapshot),
            )
            db.execute(
                "UPDATE jobs SET run = ? WHERE job = ? AND token = ?", (run, claim.job, claim.token)
            )

    def enter(self, claim: Claim, run: str, phase: str) -> bool:
        """Note the phase that a run enters; False, and nothing is noted, when the claim is lost."""
        with self._open() as db:
            done = db.execute(
                "UPDATE runs SET phase = ? WHERE run = ? AND EXISTS (SELECT 1 FROM jobs"
                " WHERE job = ? AND token = ? AND state = 'claimed')",
                (phase, run, claim.job, claim.token),
            )
            return done.rowcount == 1

    def close(
        self, claim: Claim, run: str | None, *, state: str, now: str, facts: dict[str, Any]
    ) -> None:
        """Note what became of a run and let the job go.

        Parameters
        ----------
        run
            None when the job ended without one.
        state
            `done`, `skipped`, `waiting` (data not ready) or `failed`.
        facts
            Of the run: `exit_code`, `message`, and any of `folder, wall_s, cpu_s, peak_mb`.
        """
        costs = ("folder", "wall_s", "cpu_s", "peak_mb")
        with self._open() as db:
            db.execute(
                "UPDATE runs SET phase = ?, ended_at = ?, exit_code = ?, message = ?, folder = ?,"
                " wall_s = ?, cpu_s = ?, peak_mb = ? WHERE run = ?",
                (state, now, facts["exit_code"], facts["message"],
                 *(facts.get(name) for name in costs), run),
            )  # fmt: skip
            kept = "done" if claim.corrects is not None else state
            db.execute(
                "UPDATE jobs SET state = ?, exit_code = ?, message = ?, changed_at = ?,"
                " token = NULL, attempts = attempts - ?, good_run = COALESCE(?, good_run)"
                " WHERE job = ? AND token = ?",
                (kept, facts["exit_code"], facts["message"], now, int(state == "waiting"),
                 run if state == "done" else None, claim.job, claim.token),
            )  # fmt: skip

    def note_skipped(self, job: Job, *, now: str, message: str) -> bool:
        """Note a period that will not be made by itself; False when the job is known already."""
        with self._open() as db:
            done = db.execute(
                "INSERT OR IGNORE INTO jobs (report, period, key, segment, parameters, state,"
                " message, changed_at) VALUES (?, ?, ?, ?, ?, 'passed', ?, ?)",
                (job.report, job.period, job.key, job.segment, job.parameters, message, now),
            )
            return done.rowcount == 1

    # ------------------------------------------------------------------ reading

    def find_job(self, job: Job) -> dict[str, Any] | None:
        """Give what is known of a job; None when nothing is."""
        if not self.path.exists():
            return None
        with self._open() as db:
            row = db.execute(
                "SELECT * FROM jobs WHERE report = ? AND period = ? AND key = ?",
                (job.report, job.period, job.key),
            ).fetchone()
        return None if row is None else dict(row)

    def list_jobs(self, report: str) -> list[dict[str, Any]]:
        """Give all jobs of a report, oldest first.

        Beside the job: `phase` is that of its newest run, `is_void` says that it is claimed by a
        process that is gone.
        """
        if not self.path.exists():
            return []
        with self._open() as db:
            rows = db.execute(
                "SELECT jobs.*, runs.phase FROM jobs LEFT JOIN runs ON runs.run = jobs.run"
                " WHERE report = ? ORDER BY jobs.job",
                (report,),
            ).fetchall()
        return [
            {**dict(row), "is_void": row["state"] == "claimed" and self._is_void(row)}
            for row in rows
        ]

    def list_runs(self, *, report: str | None = None, most: int = 50) -> list[dict[str, Any]]:
        """Give the newest runs with their jobs, newest first.

        `state` is done, failed, skipped, `running`, or `killed` when its process ended before.
        """
        return [row for _, row in zip(range(most), self._runs(report=report), strict=False)]

    def find_run(self, run: str) -> dict[str, Any] | None:
        """Give one run with its job, as `list_runs` does; None when it is not known."""
        return next((row for row in self._runs() if row["run"] == run), None)

    def _runs(self, *, report: str | None = None) -> Iterator[dict[str, Any]]:
        if not self.path.exists():
            return
        with self._open() as db:
            rows = db.execute(
                "SELECT runs.run, report, period, segment, phase, started_at, ended_at,"
                " runs.exit_code, runs.message, corrects, folder, snapshot, wall_s, cpu_s, peak_mb,"
                " key, parameters, jobs.run AS newest, state, lease, boot, space, pid, began"
                " FROM runs JOIN jobs USING (job) WHERE ? IS NULL OR report = ?"
                " ORDER BY started_at DESC, runs.rowid DESC",
                (report, report),
            ).fetchall()
        hidden = {"newest", "lease", "boot", "space", "pid", "began"}
        for row in rows:
            shown = {key: row[key] for key in row.keys() if key not in hidden}  # noqa: SIM118  a Row
            yield {**shown, "state": self._state_of(row)}

    def _state_of(self, row: sqlite3.Row) -> str:
        if row["ended_at"] is not None:
            return row["phase"] if row["phase"] in ENDED else "killed"
        is_held = row["state"] == "claimed" and row["newest"] == row["run"]
        return "running" if is_held and not self._is_void(row) else "killed"

    def forget_folder(self, run: str) -> None:
        """Note that the folder of a run was removed on purpose."""
        with self._open() as db:
            db.execute("UPDATE runs SET folder = NULL WHERE run = ?", (run,))

    # ------------------------------------------------------------------ notices

    def is_queued(self, run: str, recipient: str) -> bool:
        """Whether a notice of a run was handed over for a recipient."""
        with self._open() as db:
            found = db.execute(
                "SELECT 1 FROM notices WHERE run = ? AND recipient = ?", (run, recipient)
            ).fetchone()
        return found is not None

    def note_queued(self, run: str, recipient: str, *, now: str) -> bool:
        """Note that a notice of a run was handed over; False when it was before.

        What is about no run has a name of its own in its place, like `late weekly 2026-W26`.
        """
        with self._open() as db:
            done = db.execute(
                "INSERT OR IGNORE INTO notices (run, recipient, queued_at) VALUES (?, ?, ?)",
                (run, recipient, now),
            )
            return done.rowcount == 1
