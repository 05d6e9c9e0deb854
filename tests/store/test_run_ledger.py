import multiprocessing
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from segkit.errors import StoreError
from segkit.store import boot, run_ledger
from segkit.store.run_ledger import Claim, Job, Ledger, Refused

NOW = "2026-06-30T12:00:00+00:00"
JOB = Job(report="weekly", period="2026-W26", key="k", segment="buyers")
DONE = {"exit_code": 0, "message": "The report is ready.", "wall_s": 1.5, "cpu_s": 1.0,
        "peak_mb": 300, "folder": "reports_out/weekly-buyers/2026-W26/r1"}  # fmt: skip


def _claimed(found: Claim | Refused) -> Claim:
    assert isinstance(found, Claim)
    return found


def _race(root: str, barrier: Any, won: Any) -> None:
    ledger = Ledger(Path(root))
    for n in range(50):
        barrier.wait()
        job = Job(report="weekly", period=f"p{n}", key="k")
        if isinstance(ledger.claim(job, now=NOW), Claim):
            won.put(n)
    barrier.wait()


@pytest.mark.slow
def test_of_four_processes_that_claim_at_once_one_wins_fifty_times(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier, won = context.Barrier(4), context.Queue()
    racers = [context.Process(target=_race, args=(str(tmp_path), barrier, won)) for _ in range(4)]
    for racer in racers:
        racer.start()
    winners = sorted(won.get(timeout=60) for _ in range(50))
    for racer in racers:
        racer.join(60)

    assert winners == list(range(50))
    assert won.empty()


def test_a_job_is_done_once_and_again_only_as_a_correction(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    claim = _claimed(ledger.claim(JOB, now=NOW))
    ledger.begin(claim, "r1", now=NOW, snapshot="s1")
    ledger.close(claim, "r1", state="done", now=NOW, facts=DONE)

    refused = ledger.claim(JOB, now=NOW)
    again = _claimed(ledger.claim(JOB, now=NOW, again=True))

    assert refused == Refused(why="done", run="r1")
    assert again.corrects == "r1"
    (row,) = ledger.list_runs()
    assert (row["run"], row["phase"], row["wall_s"], row["peak_mb"]) == ("r1", "done", 1.5, 300)


def test_a_correction_that_fails_leaves_the_good_run_good(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first = _claimed(ledger.claim(JOB, now=NOW))
    ledger.begin(first, "r1", now=NOW, snapshot="s1")
    ledger.close(first, "r1", state="done", now=NOW, facts=DONE)
    again = _claimed(ledger.claim(JOB, now=NOW, again=True))
    ledger.begin(again, "r2", now=NOW, snapshot="s1")

    ledger.close(again, "r2", state="failed", now=NOW, facts={"exit_code": 30, "message": "no"})

    assert ledger.claim(JOB, now=NOW) == Refused(why="done", run="r1")


def test_a_claim_at_work_is_refused_until_its_lease_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path, lease_s=60)
    seconds = [1000.0]
    monkeypatch.setattr(run_ledger, "boot_seconds", lambda: seconds[0])
    claim = _claimed(ledger.claim(JOB, now=NOW))
    ledger.begin(claim, "r1", now=NOW, snapshot="s1")

    assert ledger.claim(JOB, now=NOW) == Refused(why="claimed", run="r1")
    seconds[0] += 59
    assert ledger.renew(claim)
    seconds[0] += 59
    assert isinstance(ledger.claim(JOB, now=NOW), Refused)
    seconds[0] += 2
    taken = _claimed(ledger.claim(JOB, now=NOW))
    assert taken.left == ("r1", "execute")
    assert not ledger.renew(claim)
    assert not ledger.enter(claim, "r1", "publish")


def test_who_lost_a_claim_cannot_close_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, lease_s=-1)
    lost = _claimed(ledger.claim(JOB, now=NOW))
    ledger.begin(lost, "r1", now=NOW, snapshot="s1")
    taken = _claimed(ledger.claim(JOB, now=NOW))

    ledger.close(lost, "r1", state="done", now=NOW, facts=DONE)

    assert ledger.find_job(JOB) is not None
    assert (ledger.find_job(JOB) or {})["state"] == "claimed"
    assert ledger.renew(taken)


def test_a_reboot_voids_every_lease(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(tmp_path, lease_s=1e9)
    _claimed(ledger.claim(JOB, now=NOW))
    other = tmp_path / "boot_id"
    other.write_text("another-boot\n", "ascii")

    monkeypatch.setattr(boot, "BOOT_ID", other)

    assert isinstance(ledger.claim(JOB, now=NOW), Claim)


def test_a_killed_holder_voids_its_lease_at_once(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib; from segkit.store.run_ledger import Job, Ledger;"
        f"Ledger(pathlib.Path(sys.argv[1]), lease_s=1e9).claim({JOB!r}, now='x');"
        "os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )

    assert ended.returncode == -9
    assert isinstance(Ledger(tmp_path).claim(JOB, now=NOW), Claim)


def test_what_a_dead_process_left_is_still_known_after_a_second_death(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, lease_s=-1)
    first = _claimed(ledger.claim(JOB, now=NOW))
    ledger.begin(first, "r1", now=NOW, snapshot="s1")
    ledger.enter(first, "r1", "publish")

    second = _claimed(ledger.claim(JOB, now=NOW))
    third = _claimed(ledger.claim(JOB, now=NOW))

    assert second.left == third.left == ("r1", "publish")


def test_waiting_for_data_is_no_attempt(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for _ in range(3):
        claim = _claimed(ledger.claim(JOB, now=NOW))
        facts = {"exit_code": 20, "message": "wait"}
        ledger.close(claim, None, state="waiting", now=NOW, facts=facts)

    assert _claimed(ledger.claim(JOB, now=NOW)).attempts == 1


def test_a_notice_is_noted_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)

    assert not ledger.is_queued("r1", "a@example.com")
    assert ledger.note_queued("r1", "a@example.com", now=NOW)
    assert ledger.is_queued("r1", "a@example.com")
    assert not ledger.note_queued("r1", "a@example.com", now=NOW)


def test_a_damaged_ledger_is_refused_with_a_way_out(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.path.parent.mkdir()
    ledger.path.write_bytes(b"no database" * 500)

    with pytest.raises(StoreError, match=r"cannot be used[\s\S]*remove it if it is damaged"):
        ledger.claim(JOB, now=NOW)


def test_the_ledger_is_written_ahead(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.claim(JOB, now=NOW)

    with sqlite3.connect(ledger.path) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()
