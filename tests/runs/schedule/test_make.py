import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from segkit.errors import ParameterError
from segkit.runs.manifest import read_manifest
from segkit.runs.schedule import make
from segkit.runs.schedule.beside import Beside
from segkit.runs.schedule.make import Desk, make_all, worst
from segkit.runs.schedule.plan import Task, choose_period, find_report, plan_tasks
from segkit.runs.schedule.spec import ReportSpec
from segkit.store.run_ledger import Claim
from tests.runs.own_notebook import FINISH, write_notebook
from tests.runs.schedule.conftest import PARAMETERS

Plan = Callable[..., tuple[Desk, ReportSpec, list[Task]]]
PEOPLE = {"recipients": "{all: [a@example.com, b@example.com]}"}
WRITES = """\
import os, time
open(os.environ["SEGKIT_RUN_DIR"] + "/x", "wb").truncate(10**8)
time.sleep(60)
"""


@dataclass
class Told:
    """Remembers whom it was asked to tell what."""

    said: list[tuple[str, str]] = field(default_factory=list)

    def published(self, folder: Path, manifest: dict[str, Any], recipient: str) -> None:
        assert (folder / "report.html").is_file()
        self.said.append((recipient, "corrected" if "corrects" in manifest else "published"))

    def failed(self, report: str, period: str, owner: str, sentence: str) -> None:
        del report, period, sentence
        self.said.append((owner, "failed"))

    def late(self, report: str, period: str, owner: str, sentence: str) -> None:
        del report, period, sentence
        self.said.append((owner, "late"))

    def drain(self) -> int:
        raise AssertionError


@pytest.mark.slow
@pytest.mark.notebook
def test_a_period_is_reported_once_and_corrected_when_asked(planned: Plan, weekly: Path) -> None:
    desk, spec, tasks = planned(**PEOPLE)
    told = Told()
    desk = Desk.of(desk.workspace, now=desk.now, notifier=told)

    (first,) = make_all(desk, spec, tasks)
    (second,) = make_all(desk, spec, tasks)
    (third,) = make_all(desk, spec, tasks, force=True)

    assert (first.state, second.state, third.state) == ("made", "done", "made")
    assert second.folder == first.folder
    assert third.corrects == first.run
    assert first.folder is not None
    assert third.folder is not None
    assert third.folder.parent == weekly / "reports_out" / "weekly-buyers" / "2026-W26"
    manifest = read_manifest(third.folder) or {}
    assert (manifest["corrects"], manifest["as_of"]) == (first.run, "2026-06-28")
    assert (third.folder.parent.parent / "latest").resolve() == third.folder
    assert "corrected" in (weekly / "reports_out" / "index.html").read_text("utf-8")
    people = ["a@example.com", "b@example.com"]
    assert told.said == [(p, kind) for kind in ("published", "corrected") for p in people]
    runs = desk.ledger.list_runs(report="weekly")
    assert [row["exit_code"] for row in runs] == [0, 0]
    assert all(row["cpu_s"] > 0 and row["peak_mb"] > 0 and row["wall_s"] > 0 for row in runs)


@pytest.mark.slow
@pytest.mark.notebook
def test_a_number_below_its_bound_holds_the_report_back(planned: Plan, weekly: Path) -> None:
    desk, spec, tasks = planned(checks="[{fact: days, at_least: 8, otherwise: hold}]")
    told = Told()

    (one,) = make_all(Desk.of(desk.workspace, now=desk.now, notifier=told), spec, tasks)

    assert (one.state, one.exit_code) == ("failed", 20)
    assert "The report is held back: `days` is 7, less than 8." in one.message
    assert told.said == [("owner@example.com", "failed")]
    assert not (weekly / "reports_out" / "weekly-buyers").exists()


@pytest.mark.slow
@pytest.mark.notebook
def test_a_number_out_of_bounds_warns(planned: Plan) -> None:
    desk, spec, tasks = planned(checks="[{fact: days, at_most: 6}]")

    (one,) = make_all(desk, spec, tasks)

    assert (one.state, one.exit_code) == ("made", 10)
    assert one.folder is not None
    assert (read_manifest(one.folder) or {})["warnings"] == list(one.warnings)
    assert one.warnings == ("`days` is 7, more than 6.",)
    assert (read_manifest(one.folder) or {})["broken"] == ["days above 6"]


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize(("on_empty", "state"), [("skip", "skipped"), ("fail", "failed")])
def test_nobody_to_report_on_is_said_and_not_published(
    planned: Plan, weekly: Path, on_empty: str, state: str
) -> None:
    code = 'from segkit.errors import EmptyError\nraise EmptyError("Segment has no members.")'
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code=code)
    desk, spec, tasks = planned(on_empty=on_empty)

    (one,) = make_all(desk, spec, tasks)

    assert (one.state, one.exit_code) == (state, 10 if state == "skipped" else 2)
    assert "Segment has no members." in one.message
    assert not (weekly / "reports_out" / "weekly-buyers").exists()


@pytest.mark.slow
@pytest.mark.notebook
@pytest.mark.parametrize(
    ("code", "limits", "exit_code", "sentence"),
    [
        ("import time; time.sleep(60)", "{cell: 6s}", 31, "a cell took longer than 6 s"),
        ("import time; time.sleep(60)", "{run: 8s}", 31, "The run took longer than 8 s"),
        ("x = bytearray(10**9); import time; time.sleep(60)", "{memory: 900MB}", 32, "900 MB of"),
        (WRITES, "{output: 50MB}", 30, "wrote more than 50 MB"),
        ("sum(range(10**12))", "{run: 8s}", 31, "The run took longer than 8 s"),
    ],
    ids=["cell", "run", "memory", "output", "holds the lock"],
)
def test_a_run_over_its_limits_is_ended_and_the_next_one_works(
    planned: Plan, weekly: Path, code: str, limits: str, exit_code: int, sentence: str
) -> None:
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code=code)
    desk, spec, tasks = planned(limits=limits)

    (one,) = make_all(desk, spec, tasks)

    assert (one.state, one.exit_code) == ("failed", exit_code)
    assert sentence in one.message
    assert not (weekly / "reports_out" / "weekly-buyers").exists()
    assert not list((weekly / "reports_out").glob(".building-*"))
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code=FINISH)
    (after,) = make_all(*planned()[:2], planned()[2])
    assert after.state == "made"


@pytest.mark.slow
@pytest.mark.notebook
def test_a_segment_that_fails_stops_no_other(planned: Plan, weekly: Path) -> None:
    text = (weekly / "segments" / "buyers.yml").read_text("utf-8")
    for name in ("others", "third"):
        own = text.replace("segment: buyers", f"segment: {name}")
        (weekly / "segments" / f"{name}.yml").write_text(own, "utf-8")
    code = f"assert segment != 'others'\n{FINISH}"
    write_notebook(weekly, "tiny", parameters=PARAMETERS, code=code)
    (weekly / "reports" / "weekly.yml").unlink()
    spec = planned()[1].model_copy(update={"segments": ["buyers", "others", "third"]})
    desk = planned()[0]
    week = choose_period(desk.workspace, spec, "2026-W26", desk.now())
    tasks = plan_tasks(desk.workspace, "weekly", spec, week)

    outcomes = make_all(desk, spec, tasks)

    assert [one.state for one in outcomes] == ["made", "failed", "made"]
    assert worst(outcomes) == 30
    assert len({task.order.snapshot for task in tasks}) == 1
    assert len(desk.ledger.list_runs()) == 3


def test_data_that_ends_before_the_period_is_waited_for(planned: Plan) -> None:
    desk, spec, tasks = planned("2026-W27")

    (one,) = make_all(desk, spec, tasks)

    assert (one.state, one.exit_code) == ("waiting", 20)
    assert "The data ends on 2026-06-30, the period on 2026-07-05" in one.message
    assert desk.ledger.list_runs() == []


def test_what_another_process_makes_is_left_to_it(planned: Plan) -> None:
    desk, spec, tasks = planned()
    assert isinstance(desk.ledger.claim(tasks[0].job, now="now"), Claim)

    (one,) = make_all(desk, spec, tasks)

    assert (one.state, one.exit_code) == ("claimed", 75)


def test_a_defect_in_one_run_is_its_own(planned: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(make, "run_order", break_down)
    desk, spec, tasks = planned()

    (one,) = make_all(desk, spec, tasks)

    assert (one.state, one.exit_code) == ("failed", 30)
    assert one.message == "The run failed with ZeroDivisionError."
    assert (desk.ledger.find_job(tasks[0].job) or {})["state"] == "failed"


def test_a_lease_that_is_lost_stops_the_run(planned: Plan) -> None:
    desk, spec, tasks = planned()
    desk.ledger.lease_s = 0.03
    claim = desk.ledger.claim(tasks[0].job, now="now")
    assert isinstance(claim, Claim)
    stop = threading.Event()
    with Beside(desk.ledger, claim, tasks[0], spec, stop).kept():
        desk.ledger.close(claim, None, state="failed", now="now",
                          facts={"exit_code": 30, "message": ""})  # fmt: skip

        assert stop.wait(5)


def test_an_interrupt_ends_all_at_work(planned: Plan) -> None:
    _, _, tasks = planned()
    begun, ended = threading.Event(), []

    def work(task: Task, stop: threading.Event) -> make.Outcome:
        if task is tasks[0]:
            begun.wait(5)
            raise KeyboardInterrupt
        begun.set()
        ended.append(stop.wait(5))
        raise AssertionError

    with pytest.raises(KeyboardInterrupt):
        list(make.run_together([tasks[0], Task(job=tasks[0].job, order=tasks[0].order)], work, 2))

    assert ended == [True]


def test_a_notebook_without_a_schedule_is_run_by_day(weekly: Path, planned: Plan) -> None:
    desk, _, _ = planned()
    spec = find_report(desk.workspace, "tiny", ["buyers"])
    day = choose_period(desk.workspace, spec, None, desk.now())

    (task,) = plan_tasks(desk.workspace, "tiny", spec, day, settings={"days": "3"})

    assert task.job.period == "2026-06-30"
    assert json.loads(task.job.parameters) == {"segment": "buyers", "days": 3}
    assert task.order.folder == "tiny-buyers"
    assert weekly.exists()


def test_a_period_that_is_not_over_is_refused(planned: Plan) -> None:
    desk, spec, _ = planned()

    with pytest.raises(ParameterError, match=r"2026-W27 is not over[\s\S]*is 2026-W26"):
        choose_period(desk.workspace, spec, "2026-W27", desk.now())


def test_other_parameters_are_another_job(planned: Plan) -> None:
    desk, spec, (task,) = planned()
    week = choose_period(desk.workspace, spec, None, desk.now())

    (other,) = plan_tasks(desk.workspace, "weekly", spec, week, settings={"days": "3"})

    assert str(week) == "2026-W26"
    assert other.job.key != task.job.key
    with pytest.raises(ParameterError, match="not about `gold`"):
        plan_tasks(desk.workspace, "weekly", spec, week, only=["gold"])


def test_leases_are_renewed_while_a_run_works(planned: Plan) -> None:
    desk, spec, tasks = planned()
    desk.ledger.lease_s = 0.6
    claim = desk.ledger.claim(tasks[0].job, now="now")
    assert isinstance(claim, Claim)
    with Beside(desk.ledger, claim, tasks[0], spec, threading.Event()).kept():
        time.sleep(0.9)

        assert not isinstance(desk.ledger.claim(tasks[0].job, now="now"), Claim)
