import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

import segkit as sk
from segkit.store.run_ledger import Ledger
from tests.runs.own_notebook import write_notebook
from tests.runs.schedule.conftest import PARAMETERS

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.slow, pytest.mark.notebook]

TICK_RUN_KERNEL = 3
"""Processes below the ticker while a report is at work: the tick, the run's child, its kernel."""


def _start(shop: Path) -> subprocess.Popen[bytes]:
    """Start the ticker; what it says is in the file `said` beside the shop."""
    with _place(shop).open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "segkit", "-w", str(shop), "schedule", "start", "--every", "1"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=said,
        )


def _place(shop: Path) -> Path:
    return shop.parent / f"{shop.name}.said"


def _said(shop: Path) -> str:
    return _place(shop).read_text("utf-8")


def _wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _has_run(shop: Path, state: str) -> bool:
    return any(row["state"] == state for row in Ledger(shop).list_runs())


@pytest.fixture
def fresh(weekly: Path) -> Path:
    """Give the shop with data up to yesterday, since a ticker lives by the machine's clock."""
    today = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    days = [today - timedelta(days=back) for back in range(1, 30)]
    rows = [f"u01,{day:%Y-%m-%dT%H:%M:%SZ},purchase,,10.00" for day in days]
    with (weekly / "data" / "web.csv").open("a", encoding="utf-8") as out:
        out.write("\n".join(rows) + "\n")
    sk.open(weekly).load()
    return weekly


def test_the_ticker_makes_no_two_ticks_at_once_and_ends_politely(weekly: Path) -> None:
    ticker = _start(weekly)
    try:
        _wait_for(lambda: _said(weekly).count("the tick ended with code 20.") >= 2)
        children = psutil.Process(ticker.pid).children()
        ticker.send_signal(signal.SIGTERM)
        ticker.wait(timeout=30)
    finally:
        ticker.kill()

    assert len(children) <= 1
    assert ticker.returncode == 0
    assert _said(weekly).startswith("Ticking every 1 s in ")
    assert _said(weekly).rstrip().endswith("The ticker ends.")


def test_a_report_at_work_ends_unpublished_with_the_ticker(fresh: Path) -> None:
    write_notebook(fresh, "tiny", parameters=PARAMETERS, code="import time; time.sleep(60)")
    ticker = _start(fresh)
    try:
        _wait_for(lambda: _has_run(fresh, "running"))
        at_work = psutil.Process(ticker.pid)
        _wait_for(lambda: len(at_work.children(recursive=True)) >= TICK_RUN_KERNEL)
        family = at_work.children(recursive=True)
        ticker.send_signal(signal.SIGTERM)
        ticker.wait(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            ticker.kill()
    _, left = psutil.wait_procs(family, timeout=5)

    assert ticker.returncode == 0
    assert left == []
    assert not (fresh / "reports_out" / "weekly-buyers").exists()
    assert not list((fresh / "reports_out").glob(".building-*"))
