"""Make what is planned: claim, run, publish, tell; one task or many at a time.

A task that fails stops no other. What was published by a process that died before it could say so
is found again and kept, not made a second time.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from segkit.errors import RunError, SegkitError
from segkit.runs.cluster import Cluster
from segkit.runs.manifest import holds, read_manifest
from segkit.runs.notify import Notifier
from segkit.runs.nursery import Nursery, opened
from segkit.runs.run import run_order, show_newest
from segkit.runs.schedule.beside import CLAIMED, NOT_READY, Beside, Now, Witness, utc_now
from segkit.runs.schedule.plan import Task, place_of
from segkit.runs.schedule.spec import LOCAL, ReportSpec
from segkit.runs.verify import FAILED, OK, STOPPED, WARNED
from segkit.runs.watch import Limits
from segkit.store.run_ledger import Claim, Ledger, Refused
from segkit.workspace import Workspace
from segkit.workspace.together import ask_together

State = Literal["made", "done", "skipped", "claimed", "waiting", "failed"]
SEVERITY = (0, 10, CLAIMED, NOT_READY, 50, 2, 30, 31, 32, 40, STOPPED)
"""Exit codes from the best to the worst; that of many runs is the worst of theirs."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one task.

    `made` now, `done` before, `skipped` (nobody to report on), `claimed` by another, `waiting` for
    data, or `failed`. `folder` is that of the published run, if there is one.
    """

    task: Task
    state: State
    exit_code: int
    message: str
    run: str | None = None
    folder: Path | None = None
    warnings: tuple[str, ...] = ()
    corrects: str | None = None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where runs are made: workspace, ledger, who tells people, the clock, how many at once.

    `nursery` is what the children of runs are forked from; many tasks without one get one.
    `cluster` is where they work, for a report whose `executor` names one.
    `witness` sees how far they are.
    """

    workspace: Workspace
    ledger: Ledger
    notifier: Notifier | None = None
    now: Now = utc_now
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    nursery: Nursery | None = None
    cluster: Cluster | None = None
    witness: Witness = field(default_factory=Witness)

    @classmethod
    def of(cls, workspace: Workspace, **more: Any) -> "Desk":  # noqa: ANN401  fields of this class
        """Give the desk of a workspace."""
        return cls(workspace=workspace, ledger=Ledger(workspace.root), **more)

    def instant(self) -> str:
        """Give the instant that it is, as ISO text."""
        return self.now().isoformat(timespec="seconds")


def worst(outcomes: Sequence[Outcome]) -> int:
    """Give the exit code of many outcomes; 0 when there are none."""
    return worst_code([one.exit_code for one in outcomes])


def worst_code(codes: Sequence[int]) -> int:
    """Give the worst of some exit codes; 0 when there are none."""
    return max(codes, key=SEVERITY.index, default=OK)


def run_together(
    tasks: Sequence[Task], work: Callable[[Task, threading.Event], Outcome], workers: int
) -> Iterator[Outcome]:
    """Make tasks, some at a time, and give outcomes in the order of the tasks.

    An interrupt ends those at work and starts no other.
    """
    stops = [threading.Event() for _ in tasks]
    with ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="segkit-run") as pool:
        futures: list[Future[Outcome]] = [
            pool.submit(work, task, stop) for task, stop in zip(tasks, stops, strict=True)
        ]
        try:
            for future in futures:
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for stop in stops:
                stop.set()
            raise


def make_all(
    desk: Desk, spec: ReportSpec, tasks: Sequence[Task], *, force: bool = False
) -> list[Outcome]:
    """Make tasks of one report, as many at once as there are processors; give all outcomes."""
    if spec.executor != LOCAL and desk.cluster is None:
        with closing(Cluster(spec.executor)) as cluster:
            there = replace(desk, cluster=cluster, workers=cluster.count_workers())
            return make_all(there, spec, tasks, force=force)
    if desk.nursery is None:
        with opened(len(tasks)) as nursery:
            return make_all(replace(desk, nursery=nursery), spec, tasks, force=force)

    def work(task: Task, stop: threading.Event) -> Outcome:
        outcome = make(desk, spec, task, force=force, stop=stop)
        desk.witness.see(task, outcome.state)
        return outcome

    _ask_together(desk.nursery, tasks)
    desk.witness.expect(tasks)
    return list(run_together(tasks, work, desk.workers))


def _ask_together(nursery: Nursery, tasks: Sequence[Task]) -> None:
    """Let the reports on one segment each have their members evaluated in one go, by day."""
    asked: dict[str, list[str]] = {}
    for task in tasks:
        if task.order.segment is not None:
            asked.setdefault(task.order.as_of, []).append(task.order.segment)
    for day, segments in asked.items():
        if nursery.alike is not None and len(segments) > 1:
            ask_together(nursery.alike, day, segments)


def make(
    desk: Desk,
    spec: ReportSpec,
    task: Task,
    *,
    force: bool = False,
    stop: threading.Event | None = None,
) -> Outcome:
    """Make one task, unless it is made already or at work elsewhere.

    Parameters
    ----------
    force
        Make also what is made already; the run is marked as a correction of the one before.
    stop
        Ends the run once it is set.
    """
    claim = desk.ledger.claim(task.job, now=desk.instant(), again=force)
    if isinstance(claim, Refused):
        return _refused(task, claim)
    beside = Beside(desk.ledger, claim, task, spec, stop or threading.Event())
    beside.now, beside.witness = desk.now, desk.witness
    with beside.kept():
        adopted = _adopt(desk, spec, task, claim)
        return adopted or _make_claimed(desk, spec, task, beside)


def _refused(task: Task, refused: Refused) -> Outcome:
    folder = None if refused.run is None else place_of(task.order, refused.run)
    if refused.why == "claimed":
        message = "Another process makes this report right now."
        return Outcome(task=task, state="claimed", exit_code=CLAIMED, message=message)
    if refused.why == "skipped":
        message = "There was nobody to report on; --force looks again."
        return Outcome(task=task, state="skipped", exit_code=WARNED, message=message)
    message = "The report was made before; --force makes it again."
    return Outcome(
        task=task, state="done", exit_code=OK, message=message, run=refused.run, folder=folder
    )


def _adopt(desk: Desk, spec: ReportSpec, task: Task, claim: Claim) -> Outcome | None:
    """Keep what was published before and not noted so; None when there is none."""
    if claim.left is None:
        return None
    run = claim.left[0]
    folder = place_of(task.order, run)
    document = read_manifest(folder)
    if document is None or not holds(folder, document):
        return None
    show_newest(task.order)
    _tell(desk, spec, task, run, folder)
    message = "The report was in its place already, though not noted so; it is kept."
    facts = {"exit_code": document["exit_code"], "message": message, "folder": _name(desk, folder)}
    desk.ledger.close(claim, run, state="done", now=desk.instant(), facts=facts)
    return Outcome(
        task=task, state="made", exit_code=document["exit_code"], message=message, run=run,
        folder=folder, warnings=tuple(document["warnings"]), corrects=document.get("corrects"),
    )  # fmt: skip


def _make_claimed(desk: Desk, spec: ReportSpec, task: Task, beside: Beside) -> Outcome:
    try:
        outcome = _not_ready(desk.workspace, spec, task) or _run(desk, spec, task, beside)
    except SegkitError as error:
        outcome = _failed(spec, task, beside, error)
    except Exception as error:  # noqa: BLE001  a defect in one run must not stop the others
        sentence = f"The run failed with {type(error).__name__}."
        outcome = Outcome(
            task=task, state="failed", exit_code=FAILED, message=sentence, run=beside.run
        )
    if not beside.is_lost:
        state = {"made": "done"}.get(outcome.state, outcome.state)
        facts = _facts(desk, outcome, beside)
        desk.ledger.close(beside.claim, beside.run, state=state, now=desk.instant(), facts=facts)
    if outcome.state == "failed" and desk.notifier is not None:
        desk.notifier.failed(task.job.report, task.job.period, spec.owner, outcome.message)
    return outcome


def _not_ready(workspace: Workspace, spec: ReportSpec, task: Task) -> Outcome | None:
    end = date.fromisoformat(task.order.as_of)
    last = workspace.last_day()
    missing = (end - last).days
    if missing <= spec.data.missing_days:
        return None
    message = f"The data ends on {last}, the period on {end}: the report waits for it."
    return Outcome(task=task, state="waiting", exit_code=NOT_READY, message=message)


def _run(desk: Desk, spec: ReportSpec, task: Task, beside: Beside) -> Outcome:
    limits = Limits(
        cell_s=spec.limits.cell,
        run_s=spec.limits.run,
        memory_mb=spec.limits.memory,
        output_mb=spec.limits.output,
    )
    run = run_order(
        task.order, limits=limits, steps=beside, nursery=desk.nursery, cluster=desk.cluster
    )
    beside.enter("queue")
    _tell(desk, spec, task, run.folder.name, run.folder)
    return Outcome(
        task=task,
        state="made",
        exit_code=run.verdict.exit_code,
        message=run.verdict.title,
        run=run.folder.name,
        folder=run.folder,
        warnings=run.verdict.warnings,
        corrects=beside.claim.corrects,
    )


def _failed(spec: ReportSpec, task: Task, beside: Beside, error: SegkitError) -> Outcome:
    if beside.is_lost:
        message = "Another process has taken this report over."
        return Outcome(
            task=task, state="claimed", exit_code=CLAIMED, message=message, run=beside.run
        )
    if beside.is_empty and spec.on_empty == "skip":
        message = str(error).partition("\nHint")[0]
        return Outcome(
            task=task, state="skipped", exit_code=WARNED, message=message, run=beside.run
        )
    code = error.exit_code if isinstance(error, RunError) else SegkitError.exit_code
    return Outcome(task=task, state="failed", exit_code=code, message=str(error), run=beside.run)


def _facts(desk: Desk, outcome: Outcome, beside: Beside) -> dict[str, Any]:
    costs = beside.costs
    return {
        "exit_code": outcome.exit_code,
        "message": outcome.message,
        "folder": None if outcome.folder is None else _name(desk, outcome.folder),
        "wall_s": costs and costs.wall_s,
        "cpu_s": costs and costs.cpu_s,
        "peak_mb": costs and costs.peak_mb,
    }


def _name(desk: Desk, folder: Path) -> str:
    return folder.relative_to(desk.workspace.root).as_posix()


def _tell(desk: Desk, spec: ReportSpec, task: Task, run: str, folder: Path) -> None:
    """Hand the report over for each recipient, once for each run unless this process is killed.

    It is noted only afterwards, so that nobody is forgotten; whoever takes it knows it again.
    """
    if desk.notifier is None:
        return
    document = read_manifest(folder) or {}
    for recipient in spec.recipients_of(task.order.segment):
        if not desk.ledger.is_queued(run, recipient):
            desk.notifier.published(folder, document, recipient)
            desk.ledger.note_queued(run, recipient, now=desk.instant())
