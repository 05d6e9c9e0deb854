import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segkit.mail.outbox import Outbox
from segkit.store.run_ledger import Claim, Job, Ledger
from segkit.store.written_ahead import connect_written_ahead

NOW = "2026-06-30T12:00:00+00:00"


def test_who_opens_a_new_ledger_together_is_never_told_that_it_is_locked(tmp_path: Path) -> None:
    together = threading.Barrier(4, timeout=10)

    def claim(place: tuple[int, int]) -> bool:
        folder, number = place
        together.wait()
        job = Job(report="weekly", period="2026-W26", key=f"k{number}")
        return isinstance(Ledger(tmp_path / f"w{folder}").claim(job, now=NOW), Claim)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(claim, [(folder, n) for folder in range(60) for n in range(4)]))

    assert found == [True] * 240


def test_who_opens_a_new_outbox_together_is_never_told_that_it_is_locked(tmp_path: Path) -> None:
    together = threading.Barrier(4, timeout=10)

    def queue(place: tuple[int, int]) -> int:
        folder, number = place
        together.wait()
        return Outbox(tmp_path / f"{folder}.sqlite").queue("run", [f"{number}@example.org"])

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(queue, [(folder, n) for folder in range(60) for n in range(4)]))

    assert found == [1] * 240


def test_a_file_that_stays_locked_is_an_error_after_the_wait(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "held.sqlite", isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connect_written_ahead(tmp_path / "held.sqlite", wait_s=0.05)
