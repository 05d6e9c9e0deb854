"""Look after what is published: find damaged runs, and remove those that need not be kept.

Nothing here makes a report. What a run is made of is in its manifest, so a folder without a whole
one is named as damaged and never removed.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segkit.errors import UnknownNameError
from segkit.runs import catalogue, publish
from segkit.runs.manifest import find_damage, read_manifest
from segkit.runs.schedule.read import read_all
from segkit.store.run_ledger import Ledger
from segkit.workspace import Workspace

PRUNED = ".pruned-"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One published run, by its folder below `reports_out`; `faults` is empty when it is whole."""

    folder: str
    faults: tuple[str, ...]


def verify_runs(workspace: Workspace, ledger: Ledger, wanted: str | None = None) -> list[Checked]:
    """Compare published runs with their manifests, and the ledger with what is published.

    Parameters
    ----------
    wanted
        A run's name, or a folder below `reports_out`; None is all.

    Returns
    -------
    list[Checked]
        One a run, by folder; runs that the ledger says were published but are gone are among them.

    Raises
    ------
    UnknownNameError
        When nothing has the name that is wanted.
    """
    reports_out = workspace.root / "reports_out"
    folders = {folder.relative_to(reports_out).as_posix() for folder in _all_runs(reports_out)}
    noted = {
        row["folder"].removeprefix("reports_out/")
        for row in ledger.list_runs(most=10**9)
        if row["folder"]
    }
    names = sorted(folders | noted)
    if wanted is not None:
        plain = wanted.strip("/").removeprefix("reports_out/")
        names = [name for name in names if plain in {name, *_parts(name)}]
        if not names:
            runs = {name.rpartition("/")[2] for name in folders}
            raise UnknownNameError.of_kind("run", wanted[:120], runs, where="reports_out")
    return [Checked(folder=name, faults=tuple(_faults(reports_out / name))) for name in names]


def _parts(name: str) -> tuple[str, str, str]:
    """Give the shorter names of a run's folder: the run, its report, its report and period."""
    report, period, run = name.split("/")
    return run, report, f"{report}/{period}"


def _all_runs(reports_out: Path) -> Iterator[Path]:
    if not reports_out.is_dir():
        return
    for report in sorted(reports_out.iterdir()):
        if report.is_dir() and not report.is_symlink() and not report.name.startswith("."):
            yield from publish.run_folders(report)


def _faults(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        yield "The folder is gone."
        return
    manifest = read_manifest(folder)
    if manifest is None:
        yield "The manifest is missing, cut off or changed."
        return
    yield from find_damage(folder, manifest)


@dataclass(frozen=True, kw_only=True)
class Old:
    """One published run that is older than its report keeps."""

    report: str
    period: str
    folder: Path
    n_bytes: int


def find_old(workspace: Workspace) -> list[Old]:
    """Give the whole runs of scheduled reports beyond their `retention`, oldest first.

    Periods are counted by report and segment. What `latest` points to, and the newest whole run,
    are never among them; nor are runs of reports that have no readable file.
    """
    kept = {one.name: one.spec.retention.periods for one in read_all(workspace.root) if one.spec}
    reports_out = workspace.root / "reports_out"
    by_report: dict[Path, list[Path]] = defaultdict(list)
    for folder in _all_runs(reports_out):
        by_report[folder.parent.parent].append(folder)
    return [old for report, runs in by_report.items() for old in _old_of(report, runs, kept)]


def _old_of(report: Path, runs: list[Path], kept: Mapping[str, int]) -> Iterator[Old]:
    """Give the old runs of one folder; they come oldest period first."""
    spared = {(report / publish.LATEST).resolve(), publish.newest_run(report)}
    periods = list(dict.fromkeys(run.parent.name for run in runs))
    for run in runs:
        manifest = read_manifest(run)
        name = "" if manifest is None else manifest.get("name", "")
        n_newer = len(periods) - periods.index(run.parent.name) - 1
        if name not in kept or n_newer < kept[name] or run in spared:
            continue
        n_bytes = sum(path.stat().st_size for path in run.iterdir())
        yield Old(report=name, period=run.parent.name, folder=run, n_bytes=n_bytes)


def remove_old(workspace: Workspace, ledger: Ledger, old: list[Old]) -> None:
    """Remove runs for good, each moved aside in one step first, and write the catalogue anew.

    Raises
    ------
    RunError
        With exit code 40 when the disk refuses; what was not moved stays whole.
    """
    reports_out = workspace.root / "reports_out"
    if not old:
        return
    publish.remove_abandoned(reports_out, PRUNED)
    with publish.locked(reports_out):
        for one in old:
            aside = reports_out / f"{PRUNED}{one.folder.name}-{os.getpid()}"
            try:
                one.folder.rename(aside)
            except OSError as exc:
                raise publish.not_published(exc, one.folder) from exc
            ledger.forget_folder(one.folder.name)
            shutil.rmtree(aside, ignore_errors=True)
            with suppress(OSError):  # other runs of the period are still there
                one.folder.parent.rmdir()
        catalogue.write_catalogue(reports_out, workspace=workspace.config.name)
