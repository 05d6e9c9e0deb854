"""Make one report from command to published folder: resolve, execute, verify, publish, catalogue.

Everything that a person can get wrong is refused before a process starts; everything that can go
wrong in the process ends in a verdict, and only a good one is published.
"""

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from segkit.errors import RunError, SegkitError
from segkit.runs import catalogue, execute, manifest, publish
from segkit.runs.cluster import Cluster
from segkit.runs.earlier import write_earlier
from segkit.runs.failures import note_failure
from segkit.runs.nursery import Nursery
from segkit.runs.order import (
    Order,
    Subject,
    order_comparison,
    order_patterns_report,
    order_report,
    order_segment_report,
)
from segkit.runs.spec import FACTS, NOTEBOOK, REPORT, Spec
from segkit.runs.steps import Costs, Steps
from segkit.runs.verify import Ended, Verdict, judge

__all__ = [
    "Order",
    "Run",
    "Subject",
    "find_same",
    "order_comparison",
    "order_patterns_report",
    "order_report",
    "order_segment_report",
    "run_order",
    "show_newest",
]

SEED = 0
"""Seed of a run's randomness, recorded in its manifest."""

SCRATCH = "segkit-run-"


@dataclass(frozen=True, kw_only=True)
class Run:
    """A published run: its folder, its manifest and the verdict on it."""

    folder: Path
    manifest: dict[str, Any]
    verdict: Verdict

    @property
    def html(self) -> Path:
        """The report that people read."""
        return self.folder / REPORT


def run_order(
    order: Order,
    *,
    limits: execute.Limits | None = None,
    steps: Steps | None = None,
    nursery: Nursery | None = None,
    cluster: Cluster | None = None,
) -> Run:
    """Make the report of an order and publish it.

    Parameters
    ----------
    limits
        The most that the run may take.
    steps
        Who stands beside it; by default nobody.
    nursery
        What its child is forked from; without one it is a new process.
    cluster
        Where its child works; without one on this machine.

    Raises
    ------
    SegkitError
        What the notebook was refused for, when a person can mend it.
    RunError
        With the exit code of the run contract, when the notebook failed (30), took too long (31),
        its kernel died or took too much memory (32) or the folder could not be written (40); older
        reports stay as they were.
    """
    limits, steps = limits or execute.Limits(), steps or Steps()
    started_at = datetime.now(UTC)
    run = publish.new_run_id(started_at)
    steps.begin(run)
    with _scratch() as scratch, _building(order.reports_out, run) as building:
        spec = _spec(order, building=building, scratch=scratch, limits=limits)
        begun = time.monotonic()
        if cluster is None:
            program, ended = _execute_here(order, spec, limits, steps, nursery=nursery)
        else:
            program, ended = _execute_there(order, spec, limits, steps, cluster=cluster)
        Path(spec.earlier).unlink(missing_ok=True)
        costs = Costs.of(ended, round(time.monotonic() - begun, 3))
        verdict = judge(building, ended, has_user_list=order.model.has_user_list)
        verdict = steps.weigh(building, verdict, costs)
        if not verdict.is_good:
            kept = publish.keep_failed(building, scratch, run)
            _show_failure(order, verdict, kept)
            raise _refusal(verdict, kept)
        account = asdict(ended.account) if ended.account else {}
        document = {
            **program,
            **steps.mention(),
            "run": run,
            "summary": _summarise(order, building),
            "started_at": started_at.isoformat(timespec="seconds"),
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": {**account["seconds"], "child": costs.wall_s, "cpu": costs.cpu_s},
            "peak_mb": account["peak_mb"],
            "limits": asdict(limits),
            "exit_code": verdict.exit_code,
            "warnings": list(verdict.warnings),
        }
        steps.enter("publish")
        folder = order.reports_out / order.folder / order.period / run
        sealed = publish.publish(building, folder, document)
    show_newest(order)
    return Run(folder=folder, manifest=sealed, verdict=verdict)


def _execute_here(
    order: Order, spec: Spec, limits: execute.Limits, steps: Steps, *, nursery: Nursery | None
) -> tuple[dict[str, Any], Ended]:
    """Execute on this machine; give what the manifest says by then, and how it ended."""
    with execute.started(spec, clearance=order.clearance, nursery=nursery) as child:
        program = _describe(order)
        _tell_earlier(order, spec, program)
        return program, execute.wait_for(
            child, spec, limits=limits, stop=steps.stop, hear=steps.hear
        )


def _tell_earlier(order: Order, spec: Spec, program: dict[str, Any]) -> None:
    """Gather what the report sets itself against; its notebook waits for it."""
    report = order.reports_out / order.folder
    write_earlier(Path(spec.earlier), report, before=order.period, now=program)


def _execute_there(
    order: Order, spec: Spec, limits: execute.Limits, steps: Steps, *, cluster: Cluster
) -> tuple[dict[str, Any], Ended]:
    """Execute on a cluster; give what the manifest says by then, and how it ended."""
    program = _describe(order)
    _tell_earlier(order, spec, program)
    return program, cluster.execute(
        spec,
        clearance=order.clearance,
        limits=limits,
        root=order.workspace.root,
        stop=steps.stop,
        hear=steps.hear,
    )


def _show_failure(order: Order, verdict: Verdict, kept: Path) -> None:
    """Let the catalogue tell of a failed run, without values; a disk that refuses is no matter."""
    note_failure(
        kept,
        verdict,
        report=order.name or order.report,
        title=order.title,
        segments=tuple(subject.segment for subject in order.subjects),
        period=order.period,
        ended_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    with contextlib.suppress(RunError), publish.locked(order.reports_out):
        catalogue.write_catalogue(order.reports_out, workspace=order.workspace.config.name)


def show_newest(order: Order) -> None:
    """Let `latest` and the catalogue tell of what is published by now.

    Raises
    ------
    RunError
        With exit code 40 when the disk refuses.
    """
    with publish.locked(order.reports_out):
        publish.point_latest(order.reports_out / order.folder)
        catalogue.write_catalogue(order.reports_out, workspace=order.workspace.config.name)


def find_same(order: Order) -> Run | None:
    """Give the newest published run when this very order would only make it again, else None.

    The same means the same snapshot, definition, parameters, clearance, notebook and program.
    """
    folder = publish.newest_run(order.reports_out / order.folder)
    found = None if folder is None else manifest.read_manifest(folder)
    if folder is None or found is None:
        return None
    wanted = {**manifest.describe_program(), **_say_order(order)}
    if any(found.get(key) != value for key, value in wanted.items()):
        return None
    return Run(
        folder=folder, manifest=found, verdict=Verdict(exit_code=found["exit_code"], title="")
    )


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """Give a folder with a short path, as sockets need, and remove it afterwards."""
    publish.remove_abandoned(Path(tempfile.gettempdir()), SCRATCH)
    folder = tempfile.mkdtemp(prefix=SCRATCH, suffix=f"-{os.getpid()}")
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _building(reports_out: Path, run: str) -> Iterator[Path]:
    """Give the folder that a run is built in; it is gone afterwards, unless it was renamed."""
    try:
        yield publish.open_building(reports_out, run)
    finally:
        shutil.rmtree(publish.name_building(reports_out, run), ignore_errors=True)


def _spec(order: Order, *, building: Path, scratch: Path, limits: execute.Limits) -> Spec:
    shutil.copyfile(order.notebook, scratch / NOTEBOOK)
    return Spec(
        scratch=str(scratch),
        run_dir=str(building),
        parameters=order.parameters,
        cell_timeout_s=limits.cell_s,
        title=f"{order.title} · {order.period}",
        snapshot=order.snapshot,
    )


def _describe(order: Order) -> dict[str, Any]:
    """Give what the manifest says before the run ends; gathered while the child works."""
    here = Path(manifest.__file__).parent
    previous = publish.newest_run(order.reports_out / order.folder)
    return {
        **manifest.describe_program(),
        **_say_order(order),
        "git": {
            "program": manifest.describe_git(here),
            "workspace": manifest.describe_git(order.workspace.root),
        },
        "previous": None if previous is None else f"{previous.parent.name}/{previous.name}",
    }


def _say_order(order: Order) -> dict[str, Any]:
    return {
        "report": order.report,
        "name": order.name,
        "as_of": order.as_of,
        "segment": order.segment,
        "segments": [subject.segment for subject in order.subjects],
        "period": order.period,
        "parameters": {**order.parameters, "workspace": order.workspace.config.name},
        "clearance": order.clearance,
        "snapshot": order.snapshot,
        "definition": order.definition,
        "definitions": {subject.segment: subject.definition for subject in order.subjects},
        "seed": SEED,
        "notebook_sha256": manifest.hash_file(order.notebook),
    }


def _summarise(order: Order, building: Path) -> dict[str, Any]:
    """Give what the catalogue lists, from the facts that the notebook wrote.

    Sizes are null for a report that has no overview of one segment.
    """
    overview = json.loads((building / FACTS).read_text("utf-8")).get("overview")
    sizes = overview if isinstance(overview, dict) else {}
    return {
        "title": order.title,
        **{name: sizes.get(name) for name in ("n_users", "n_universe", "share")},
    }


def _refusal(verdict: Verdict, kept: Path) -> RunError:
    if verdict.exit_code == SegkitError.exit_code:
        text = f"{verdict.title}\nHint: {verdict.advice}" if verdict.advice else verdict.title
    else:
        text = f"{verdict.title} ({kept})\nHint: {verdict.advice}"
    return RunError(text, exit_code=verdict.exit_code)
