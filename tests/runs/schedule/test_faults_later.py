"""Faults around many runs and around the folder of reports, each with the next run after it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import segkit as sk
from segkit.runs import execute, run
from segkit.runs.nursery import opened
from segkit.runs.publish import newest_run, run_folders
from segkit.runs.schedule.make import Desk, make_all
from segkit.runs.schedule.plan import Task
from segkit.runs.schedule.spec import ReportSpec
from segkit.runs.schedule.tick import tick
from segkit.runs.spec import Spec
from segkit.store.run_ledger import Ledger
from tests.runs.own_notebook import FINISH, write_notebook
from tests.runs.schedule.conftest import PARAMETERS, WEEKLY
from tests.runs.schedule.test_faults import small_disk

__all__ = ["small_disk"]

ROOT = Path(__file__).parents[3]
Plan = Callable[..., tuple[Desk, ReportSpec, list[Task]]]
MONDAY = datetime(2026, 6, 29, 7, 30, tzinfo=UTC)
TICK = """
import sys, time
from pathlib import Path
from segkit.cli.main import main
import segkit.runs.schedule.tick
Path(sys.argv[2]).touch()
while not Path(sys.argv[3]).exists():
    time.sleep(0.001)
sys.exit(main(["-w", sys.argv[1], "tick", "--now", "2026-06-29T07:30:00Z"]))
"""
FIGURES = """\
import base64
from IPython.display import display, Image
dot = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
for _ in range(500):
    display(Image(data=dot, format="png"))
"""
pytestmark = [pytest.mark.slow, pytest.mark.notebook]


def test_four_ticks_in_the_same_moment_make_a_report_once(weekly: Path, tmp_path: Path) -> None:
    start, ready = tmp_path / "start", [tmp_path / f"ready{n}" for n in range(4)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ticks = [
        subprocess.Popen(
            [sys.executable, "-c", TICK, str(weekly), str(one), str(start)], env=environment
        )
        for one in ready
    ]
    while not all(one.exists() for one in ready):
        assert all(one.poll() is None for one in ticks)
        time.sleep(0.01)

    start.touch()
    codes = sorted(one.wait(timeout=120) for one in ticks)

    assert set(codes) <= {0, 75}
    assert codes[0] == 0
    assert len(Ledger(weekly).list_runs()) == 1
    assert len(run_folders(weekly / "reports_out" / "weekly-buyers")) == 1


def test_a_run_whose_process_was_killed_is_taken_up_and_at_last_given_up(weekly: Path) -> None:
    text = WEEKLY + "retries: {times: 1, pause: 1h}\n"
    (weekly / "reports" / "weekly.yml").write_text(text, "utf-8")
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code="import time; time.sleep(60)")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def tick_and_kill() -> None:
        command = [sys.executable, "-m", "segkit", "-w", str(weekly), "tick"]
        one = subprocess.Popen([*command, "--now", MONDAY.isoformat()], env=environment)
        n_before = len(Ledger(weekly).list_runs())
        deadline = time.monotonic() + 60
        while len(Ledger(weekly).list_runs()) == n_before:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        one.send_signal(signal.SIGKILL)
        one.wait()

    tick_and_kill()
    tick_and_kill()
    last = tick(Desk.of(sk.open(weekly), now=lambda: MONDAY + timedelta(hours=3)))

    assert [row["state"] for row in Ledger(weekly).list_runs()] == ["killed"] * 2
    assert (last.outcomes, [word.kind for word in last.words]) == ((), ["given up"])
    assert last.exit_code == 10


def test_a_disk_that_is_full_after_publishing_keeps_the_report_and_mends_the_list(
    planned: Plan, weekly: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filler, show = small_disk / "filler", run.show_newest

    def show_on_a_full_disk(order: run.Order) -> None:
        with suppress(OSError), filler.open("wb") as out:
            while True:
                out.write(bytes(4096))
                out.flush()
        show(order)

    desk, spec, tasks = planned()
    with monkeypatch.context() as patch:
        patch.setattr(run, "show_newest", show_on_a_full_disk)
        (one,) = make_all(desk, spec, tasks)
    filler.unlink()
    (after,) = make_all(desk, spec, tasks)

    assert (one.state, one.exit_code) == ("failed", 40)
    assert (after.state, after.run) == ("made", one.run)
    assert after.folder is not None
    assert run_folders(after.folder.parent.parent) == [after.folder]
    assert (weekly / "reports_out" / "weekly-buyers" / "latest").resolve() == after.folder
    assert after.folder.name in (small_disk / "index.html").read_text("utf-8")


def test_a_folder_of_reports_that_is_read_only_is_said_and_older_ones_stay(
    planned: Plan, small_disk: Path
) -> None:
    desk, spec, tasks = planned("2026-W25")
    (older,) = make_all(desk, spec, tasks)
    mount = shutil.which("mount") or "mount"
    desk, spec, tasks = planned()

    subprocess.run([mount, "-o", "remount,ro", str(small_disk)], check=True)
    (one,) = make_all(desk, spec, tasks)
    subprocess.run([mount, "-o", "remount,rw", str(small_disk)], check=True)
    (after,) = make_all(desk, spec, tasks)

    assert (one.state, one.exit_code) == ("failed", 40)
    assert "Read-only file system" in one.message
    assert after.state == "made"
    report = small_disk / "weekly-buyers"
    assert run_folders(report) == [older.folder, after.folder]


def test_a_folder_of_reports_that_goes_away_fails_the_run_and_comes_back(
    planned: Plan, weekly: Path
) -> None:
    gone = f"import shutil; shutil.rmtree({str(weekly / 'reports_out')!r})"
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code=f"{gone}\n{FINISH}")
    desk, spec, tasks = planned()

    (one,) = make_all(desk, spec, tasks)
    write_notebook(weekly, "tiny", parameters=PARAMETERS)
    (after,) = make_all(desk, spec, planned()[2])

    assert (one.state, one.exit_code in {30, 40}) == ("failed", True)
    assert after.state == "made"
    assert newest_run(weekly / "reports_out" / "weekly-buyers") == after.folder


def test_five_hundred_figures_make_a_report(planned: Plan, weekly: Path) -> None:
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code=f"{FIGURES}\n{FINISH}")

    (one,) = make_all(*planned())

    assert one.state == "made"
    assert one.folder is not None
    page = (one.folder / "report.html").read_text("utf-8")
    assert page.count("data:image/png;base64,") == 500
    assert (one.folder / "report.html").stat().st_size < 3_000_000


def test_two_hundred_kernels_of_four_at_a_time_all_answer(
    tmp_path_factory: pytest.TempPathFactory, weekly: Path
) -> None:
    write_notebook(weekly, "tiny", parameters="days = 7")
    notebook = weekly / "notebooks" / "tiny.ipynb"

    def start(_: int) -> int | None:
        scratch, run_dir = tmp_path_factory.mktemp("s"), tmp_path_factory.mktemp("r")
        shutil.copyfile(notebook, scratch / "notebook.ipynb")
        spec = Spec(
            scratch=str(scratch),
            run_dir=str(run_dir),
            parameters={"days": 7},
            cell_timeout_s=60,
            title="Tiny",
        )
        with execute.started(spec, clearance="public", nursery=nursery) as child:
            return execute.wait_for(child, spec, limits=execute.Limits()).returncode

    with opened() as nursery, ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(start, range(200)))

    assert codes == [0] * 200
