"""Runs whose children work on a real Dask cluster: two worker processes on loopback."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from segkit.runs.cluster import Cluster
from segkit.runs.leash import RUN_DIR
from segkit.runs.manifest import read_manifest
from segkit.runs.schedule.make import Desk, make, make_all
from segkit.runs.schedule.plan import Task, choose_period, plan_tasks
from segkit.runs.schedule.spec import ReportSpec
from segkit.store.run_ledger import Ledger
from tests.runs.own_notebook import FINISH, write_notebook
from tests.runs.schedule.conftest import PARAMETERS

ROOT = Path(__file__).parents[3]
NAMES = ("buyers", "others", "third")
KILLS_ITS_WORKER = """\
import psutil, time
if segment == "others":
    psutil.Process().parent().parent().kill()
    time.sleep(60)
"""
Plan = Callable[..., tuple[Desk, ReportSpec, list[Task]]]
Three = tuple[Desk, ReportSpec, list[Task]]
pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.notebook]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Give the address of a cluster; its processes end with the tests."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.runs.schedule.local_cluster"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip().replace("tcp://", "dask://")
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.fixture
def three(planned: Plan, weekly: Path, cluster: str) -> Callable[..., Three]:
    """Give a way to plan reports on three segments on the cluster."""
    text = (weekly / "segments" / "buyers.yml").read_text("utf-8")
    for name in NAMES[1:]:
        own = text.replace("segment: buyers", f"segment: {name}")
        (weekly / "segments" / f"{name}.yml").write_text(own, "utf-8")
    desk, spec, _ = planned()

    def plan(**more: object) -> Three:
        about = {"segments": list(NAMES), "executor": cluster, **more}
        chosen = spec.model_copy(update=about)
        week = choose_period(desk.workspace, chosen, "2026-W26", desk.now())
        return desk, chosen, plan_tasks(desk.workspace, "weekly", chosen, week)

    return plan


def left_by(shop: Path) -> list[int]:
    """Give the processes of runs of a shop."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(RUN_DIR, "").startswith(str(shop)):
                found.append(process.pid)
    return found


def test_runs_on_a_cluster_are_published_like_any_other(
    three: Callable[..., Three], weekly: Path
) -> None:
    says = "import os, psutil; print('worker', psutil.Process().parent().parent().pid)\n"
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code=f"{says}{FINISH}")

    outcomes = make_all(*three())

    assert [one.state for one in outcomes] == ["made"] * 3
    folders = [one.folder for one in outcomes if one.folder is not None]
    assert {(read_manifest(folder) or {})["exit_code"] for folder in folders} == {0}
    pages = [(folder / "executed.ipynb").read_text("utf-8") for folder in folders]
    assert all("worker" in page for page in pages)
    assert not any(f"worker {os.getpid()}" in page for page in pages)
    assert [row["state"] for row in Ledger(weekly).list_runs()] == ["done"] * 3
    assert all(row["cpu_s"] > 0 for row in Ledger(weekly).list_runs())
    assert not list((weekly / ".segkit").glob("errand-*"))
    assert not list((weekly / "reports_out").glob(".building-*"))


def test_a_worker_that_is_killed_fails_its_run_alone_and_the_next_one_works(
    three: Callable[..., Three], weekly: Path
) -> None:
    code = f"{KILLS_ITS_WORKER}{FINISH}"
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code=code)

    outcomes = make_all(*three())
    deadline = time.monotonic() + 5
    while left_by(weekly) and time.monotonic() < deadline:
        time.sleep(0.1)

    states = {one.task.job.segment: (one.state, one.exit_code) for one in outcomes}
    assert states == {"buyers": ("made", 0), "others": ("failed", 32), "third": ("made", 0)}
    assert left_by(weekly) == []
    rows = {row["segment"]: row["state"] for row in Ledger(weekly).list_runs()}
    assert rows == {"buyers": "done", "others": "failed", "third": "done"}
    assert not (weekly / "reports_out" / "weekly-others").exists()

    write_notebook(weekly, "tiny", parameters=PARAMETERS)
    again = make_all(*three())

    assert [one.state for one in again] == ["done", "made", "done"]


def test_limits_hold_on_a_worker_and_a_stopped_run_leaves_nothing_there(
    three: Callable[..., Three], weekly: Path
) -> None:
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code="import time; time.sleep(60)")
    desk, spec, tasks = three()
    limits = spec.limits.model_copy(update={"run": 6})
    slow = spec.model_copy(update={"limits": limits})
    stop = threading.Event()

    (late, *_) = make_all(desk, slow, tasks[:1])
    threading.Timer(4, stop.set).start()
    with closing(Cluster(spec.executor)) as there:
        stopped = make(replace(desk, cluster=there), spec, tasks[1], stop=stop)

    assert (late.exit_code, "took longer than 6 s" in late.message) == (31, True)
    assert stopped.exit_code == 143
    assert left_by(weekly) == []


def test_a_cluster_that_is_not_there_fails_each_run_in_one_sentence(
    three: Callable[..., Three], weekly: Path
) -> None:
    outcomes = make_all(*three(executor="dask://127.0.0.1:9"))

    assert [(one.state, one.exit_code) for one in outcomes] == [("failed", 30)] * 3
    assert "No Dask scheduler answers at `dask://127.0.0.1:9`." in outcomes[0].message
    assert [row["state"] for row in Ledger(weekly).list_runs()] == ["failed"] * 3
