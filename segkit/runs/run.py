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
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from segkit.config import Role
from segkit.errors import ParameterError, RunError, SegkitError
from segkit.runs import catalogue, execute, manifest, publish
from segkit.runs.parameters import SEGMENT_REPORT, Plain
from segkit.runs.shipped import check_notebook, find_notebook
from segkit.runs.spec import FACTS, NOTEBOOK, REPORT, Spec
from segkit.runs.verify import Verdict, judge
from segkit.workspace import Workspace

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


@dataclass(frozen=True, kw_only=True)
class Order:
    """One report that may be made: everything a person said is checked and resolved.

    `parameters` are those of the notebook, `definition` the segment's definition id, `title` the
    report's.
    """

    workspace: Workspace
    segment: str
    title: str
    definition: str
    snapshot: str
    notebook: Path
    parameters: dict[str, Plain]
    clearance: Role

    @property
    def period(self) -> str:
        """The last day that the report looks back from, as ISO text."""
        return str(self.parameters["as_of"])

    @property
    def reports_out(self) -> Path:
        """The folder of all reports."""
        return self.workspace.root / "reports_out"

    @property
    def report(self) -> str:
        """The folder name of this report on this segment."""
        return publish.report_folder(SEGMENT_REPORT.report, self.segment)


def order_segment_report(
    workspace: Workspace,
    segment: str,
    *,
    as_of: str | None = None,
    settings: Sequence[str] = (),
    clearance: str | None = None,
) -> Order:
    """Check and resolve what a person asks for.

    Parameters
    ----------
    as_of
        ISO date of the last day; None is the workspace's last whole day with data.
    settings
        `name=value` texts of further parameters.
    clearance
        What the reader may see; None is what the workspace says.

    Raises
    ------
    SegkitError
        An unknown segment, parameter or baseline, an ill-typed value, an empty store, a notebook
        that does not fit.
    """
    given = SEGMENT_REPORT.read_settings(settings)
    if as_of is not None:
        if "as_of" in given:
            raise ParameterError.build("Parameter `as_of` is set twice.", hint="give it once.")
        given["as_of"] = as_of
    definition = workspace.find(segment)
    given.setdefault("as_of", workspace.clock(definition)[1].day.isoformat())
    given |= {"workspace": str(workspace.root), "segment": definition.segment}
    parameters = SEGMENT_REPORT.read(given)
    workspace.clock(definition, str(parameters["as_of"]))
    workspace.baseline(str(parameters["baseline"]))
    notebook = find_notebook(SEGMENT_REPORT.report, workspace.root)
    check_notebook(notebook, SEGMENT_REPORT.names)
    return Order(
        workspace=workspace,
        segment=definition.segment,
        title=definition.title,
        definition=definition.id,
        snapshot=workspace.tables.snapshot,
        notebook=notebook,
        parameters=parameters,
        clearance=workspace.clearance(clearance),
    )


def run_order(order: Order, *, limits: execute.Limits | None = None) -> Run:
    """Make the report of an order and publish it.

    Raises
    ------
    SegkitError
        What the notebook was refused for, when a person can mend it.
    RunError
        With the exit code of the run contract, when the notebook failed (30), took too long (31),
        its kernel died (32) or the folder could not be written (40); older reports stay as they
        were.
    """
    limits = limits or execute.Limits()
    started_at = datetime.now(UTC)
    run = publish.new_run_id(started_at)
    with _scratch() as scratch, _building(order.reports_out, run) as building:
        spec = _spec(order, building=building, scratch=scratch, limits=limits)
        begun = time.monotonic()
        with execute.started(spec, clearance=order.clearance) as child:
            program = _describe(order)
            ended = execute.wait_for(child, spec, limits=limits)
        verdict = judge(building, ended)
        if not verdict.is_good:
            raise _refusal(verdict, publish.keep_failed(building, scratch, run))
        account = asdict(ended.account) if ended.account else {}
        document = {
            **program,
            "run": run,
            "summary": _summarise(order, building),
            "started_at": started_at.isoformat(timespec="seconds"),
            "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": {**account["seconds"], "child": round(time.monotonic() - begun, 3)},
            "peak_mb": account["peak_mb"],
            "limits_s": asdict(limits),
            "exit_code": verdict.exit_code,
            "warnings": list(verdict.warnings),
        }
        folder = order.reports_out / order.report / order.period / run
        sealed = publish.publish(building, folder, document)
    publish.point_latest(folder.parent.parent)
    catalogue.write_catalogue(order.reports_out, workspace=order.workspace.config.name)
    return Run(folder=folder, manifest=sealed, verdict=verdict)


def find_same(order: Order) -> Run | None:
    """Give the newest published run when this very order would only make it again, else None.

    The same means the same snapshot, definition, parameters, clearance, notebook and program.
    """
    folder = publish.newest_run(order.reports_out / order.report)
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
    )


def _describe(order: Order) -> dict[str, Any]:
    """Give what the manifest says before the run ends; gathered while the child works."""
    here = Path(manifest.__file__).parent
    previous = publish.newest_run(order.reports_out / order.report)
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
        "report": SEGMENT_REPORT.report,
        "segment": order.segment,
        "period": order.period,
        "parameters": {**order.parameters, "workspace": order.workspace.config.name},
        "clearance": order.clearance,
        "snapshot": order.snapshot,
        "definition": order.definition,
        "seed": SEED,
        "notebook_sha256": manifest.hash_file(order.notebook),
    }


def _summarise(order: Order, building: Path) -> dict[str, Any]:
    """Give what the catalogue lists, from the facts that the notebook wrote."""
    overview = json.loads((building / FACTS).read_text("utf-8"))["overview"]
    return {
        "title": order.title,
        "n_users": overview["n_users"],
        "n_universe": overview["n_universe"],
        "share": overview["share"],
    }


def _refusal(verdict: Verdict, kept: Path) -> RunError:
    if verdict.exit_code == SegkitError.exit_code:
        text = f"{verdict.title}\nHint: {verdict.advice}" if verdict.advice else verdict.title
    else:
        text = f"{verdict.title} ({kept})\nHint: {verdict.advice}"
    return RunError(text, exit_code=verdict.exit_code)
