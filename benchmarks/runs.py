"""Measure reports of many segments at once, and what a run costs beside its notebook.

    make bench-runs
    python benchmarks/runs.py --segments 20 --workers 2

Works on a copy of the demo. Reports: one scheduled report on the first segments of its library,
made for one day as `segkit run` makes it, once with children forked from one process and once with
a new process each. Overhead: a run whose notebook is replaced by copying the files of a finished
one, so that claim, judgement, manifest, rename, catalogue and notices are all that is left.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

from run import describe_machine

import segkit as sk
from segkit.runs import execute
from segkit.runs.catalogue import find_runs
from segkit.runs.manifest import MANIFEST, read_manifest, seal_manifest
from segkit.runs.nursery import Nursery, opened
from segkit.runs.publish import new_run_id
from segkit.runs.schedule.make import Desk, Outcome, make, make_all
from segkit.runs.schedule.period import read_period
from segkit.runs.schedule.plan import plan_tasks
from segkit.runs.schedule.read import find_spec
from segkit.runs.spec import Account, Spec
from segkit.runs.verify import Ended

HERE = Path(__file__).resolve().parent
SPEC = """\
notebook: segment_report
owner: owner@example.com
segments: [{segments}]
period: daily
every: day 06:00
recipients: {{all: [a@example.com, b@example.com, c@example.com]}}
"""
OVERHEAD_RUNS = 40
OLDER = 1200
RESULTS = """\
# Many reports at once

Made by:

    {command}

{n} segment reports on the demo ({users:,} users, 90 days up to {day}), {workers} at a time. Wall
seconds depend on what else the machine does: load average {load:.1f} at the start. Processor
seconds hold everything: this process, the children, their kernels and what they share.

| what | wall seconds in all | wall seconds a report | CPU seconds a report | not made |
|---|--:|--:|--:|--:|
{lines}

Aim: 4.5 wall seconds a report with two at a time on a quiet machine. Not made is what has nobody to
report on, like `age_under_18` of the demo.

What a run costs beside its notebook: claim, judgement, manifest, rename, catalogue, notices of
three recipients; over {runs} runs each.

| older runs that are listed | median (ms) | 90 % within (ms) | processor (ms) |
|--:|--:|--:|--:|
{overhead}

Aim: 150 ms.

{machine}. {versions}.
"""


@dataclass(frozen=True, kw_only=True)
class Took:
    """What some reports took in all."""

    what: str
    wall_s: float
    cpu_s: float
    n: int
    n_failed: int

    def line(self) -> str:
        """Give the row of the table."""
        wall, cpu = self.wall_s / self.n, self.cpu_s / self.n
        return f"| {self.what} | {self.wall_s:.1f} | {wall:.2f} | {cpu:.2f} | {self.n_failed} |"


class Silent:
    """Tells nobody; the ledger notes each notice all the same."""

    def published(self, folder: Path, manifest: dict[str, Any], recipient: str) -> None:
        """Take a report."""

    def failed(self, report: str, period: str, owner: str, sentence: str) -> None:
        """Take a failure."""

    def late(self, report: str, period: str, owner: str, sentence: str) -> None:
        """Take a word."""

    def drain(self) -> int:
        """Send nothing."""
        return 0


def cpu_s() -> float:
    """Give the processor seconds of this process and of all that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure(
    desk: Desk, day: str, *, what: str, nursery: Nursery | None
) -> tuple[Took, list[Outcome]]:
    """Make all reports for a day."""
    began, cpu = time.monotonic(), cpu_s()
    spec = find_spec(desk.workspace.root, "bench")
    tasks = plan_tasks(desk.workspace, "bench", spec, read_period(day, "day"))
    if nursery is None:
        with opened() as own:
            outcomes = make_all(_with(desk, own), spec, tasks)
    else:
        outcomes = make_all(_with(desk, nursery), spec, tasks)
    took = Took(
        what=what,
        wall_s=time.monotonic() - began,
        cpu_s=cpu_s() - cpu,
        n=len(tasks),
        n_failed=sum(one.state != "made" for one in outcomes),
    )
    return took, outcomes


def _with(desk: Desk, nursery: Nursery) -> Desk:
    return Desk.of(desk.workspace, notifier=desk.notifier, workers=desk.workers, nursery=nursery)


@dataclass(frozen=True, kw_only=True)
class Overhead:
    """What runs cost beside their notebooks while some older ones are listed, in seconds."""

    n_older: int
    wall_s: list[float]
    cpu_s: float

    def line(self) -> str:
        """Give the row of the table."""
        ordered = sorted(self.wall_s)
        p90 = ordered[int(len(ordered) * 0.9)] * 1000
        median, cpu = statistics.median(ordered) * 1000, self.cpu_s / len(ordered) * 1000
        return f"| {self.n_older:,} | {median:.0f} | {p90:.0f} | {cpu:.0f} |"


def measure_overhead(desk: Desk, days: list[str], model: Path) -> Overhead:
    """Measure runs whose notebook takes no time, after one that is not counted."""
    spec = find_spec(desk.workspace.root, "bench")
    n_older = len(find_runs(desk.workspace.root / "reports_out"))
    tasks = [plan_tasks(desk.workspace, "bench", spec, read_period(d, "day"))[0] for d in days]
    took = []
    with _copied(model):
        make(desk, spec, tasks[0])
        cpu = cpu_s()
        for task in tasks[1:]:
            began = time.monotonic()
            outcome = make(desk, spec, task)
            took.append(time.monotonic() - began)
            assert outcome.state == "made", outcome.message  # noqa: S101  failures cost less
        return Overhead(n_older=n_older, wall_s=took, cpu_s=cpu_s() - cpu)


def add_older(root: Path, model: Path, n: int) -> None:
    """Publish copies of a run for days long past, 60 for each of some segments."""
    document = {k: v for k, v in (read_manifest(model) or {}).items() if k != "sha256"}
    for at in range(n):
        segment, day = f"older_{at // 60}", date(2020, 1, 1) + timedelta(days=at % 60)
        run = new_run_id(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=at))
        place = root / "reports_out" / f"bench-{segment}" / day.isoformat() / run
        place.mkdir(parents=True)
        for path in model.iterdir():
            if path.name != MANIFEST:
                os.link(path, place / path.name)
        about = {"run": run, "segment": segment, "period": day.isoformat()}
        manifest = seal_manifest(place, {**document, **about})
        (place / MANIFEST).write_text(json.dumps(manifest), "utf-8")


@contextmanager
def _copied(model: Path) -> Iterator[None]:
    """Let a child's work be a copy of what a finished run left."""
    account = Account(
        ending="done", seconds={"execute": 0.0}, peak_mb={"child": 1, "kernel": 1}, cpu_s=0.0
    )

    @contextmanager
    def started(spec: Spec, **_: object) -> Iterator[None]:
        for path in model.iterdir():
            if path.name != "manifest.json":
                shutil.copyfile(path, Path(spec.run_dir) / path.name)
        yield None

    def wait_for(*_: object, **__: object) -> Ended:
        return Ended(returncode=0, account=account)

    with (
        mock.patch.object(execute, "started", started),
        mock.patch.object(execute, "wait_for", wait_for),
    ):
        yield


def main() -> None:
    """Measure on a copy of the demo and write RESULTS-runs.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--workspace", type=Path, default=HERE.parent / "demo")
    parser.add_argument("--segments", type=int, default=20)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    said = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="segkit-bench-") as folder:
        root = Path(shutil.copytree(said.workspace, Path(folder) / "demo"))
        shutil.rmtree(root / "reports_out", ignore_errors=True)
        workspace = sk.open(root)
        chosen = [entry.segment for entry in workspace.segments.entries][: said.segments]
        (root / "reports").mkdir(exist_ok=True)
        (root / "reports" / "bench.yml").write_text(
            SPEC.format(segments=", ".join(chosen)), "utf-8"
        )
        desk = Desk.of(workspace, notifier=Silent(), workers=said.workers)
        last = workspace.last_day()
        forked, outcomes = measure(desk, str(last), what="forked", nursery=None)
        print(forked.line())
        cold = Nursery(is_off=True)
        anew, _ = measure(desk, str(last.replace(day=1)), what="a new process each", nursery=cold)
        print(anew.line())
        model = next(one.folder for one in outcomes if one.folder is not None)
        days = [str(last - timedelta(days=n)) for n in range(40, 42 + 2 * OVERHEAD_RUNS)]
        few = measure_overhead(desk, days[: OVERHEAD_RUNS + 1], model)
        add_older(root, model, OLDER)
        many = measure_overhead(desk, days[OVERHEAD_RUNS + 1 :], model)
        users = workspace.tables.catalogue.n_users
    text = RESULTS.format(
        command="make bench-runs",
        n=forked.n,
        users=users,
        day=last,
        workers=said.workers,
        load=load,
        lines="\n".join(one.line() for one in (forked, anew)),
        runs=OVERHEAD_RUNS,
        overhead="\n".join(one.line() for one in (few, many)),
        machine=describe_machine(),
        versions=", ".join(f"{p} {version(p)}" for p in ("segkit", "papermill", "ipykernel")),
    )
    (HERE / "RESULTS-runs.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
