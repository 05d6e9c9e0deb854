"""Put a finished run in its place, whole or not at all.

::

    reports_out/
      .building-<run>/                     a run at work; renamed into its place when it is good
      .failed/<run>/                       the executed copies of the last failed runs
      <report>/<period>/<run>/             one run: report.html, facts.json, users.*, …
      <report>/latest -> <period>/<run>    the newest good one
      index.html                           the catalogue

Files reach the disk before the manifest is written, the manifest before the folder is renamed, and
the rename before anything points to it: a crash or a full disk at any moment leaves every older
report as it was.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from segkit.errors import RunError
from segkit.runs.manifest import MANIFEST, holds, read_manifest, seal_manifest
from segkit.runs.schedule.period import end_of
from segkit.runs.secret_words import mask_text
from segkit.runs.verify import NOT_PUBLISHED

BUILDING = ".building-"
FAILED = ".failed"
LATEST = "latest"
LOCK = ".lock"
KEPT_FAILED = 5
_SAFE = re.compile(r"[a-z0-9][a-z0-9_]{0,79}")
_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


def new_run_id(now: datetime) -> str:
    """Give a run's name, its UTC second and six random digits: sorted by time, never the same."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def slug(name: str) -> str:
    """Give a folder name for any name: itself when it is plain, else its plain letters and a hash.

    Two names never share a folder, and none leaves its parent.

    >>> slug("loyal"), slug("../../x")
    ('loyal', 'x-9cdf6a50')
    """
    if _SAFE.fullmatch(name):
        return name
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40]
    return f"{plain or 'report'}-{sha256(name.encode()).hexdigest()[:8]}"


def report_folder(report: str, subject: str) -> str:
    """Give the folder name of one report on one subject, for example `segment_report-loyal`."""
    return f"{slug(report)}-{slug(subject)}"


def not_published(exc: OSError, where: Path) -> RunError:
    """Give the error for a folder that cannot be written."""
    text = f"The report could not be published: {exc.strerror or exc}. ({where})"
    hint = "free disk space or mend the folder's permissions; older reports are untouched."
    return RunError(f"{text}\nHint: {hint}", exit_code=NOT_PUBLISHED)


def name_building(reports_out: Path, run: str) -> Path:
    """Give the path of the folder that this process builds a run in."""
    return reports_out / f"{BUILDING}{run}-{os.getpid()}"


def open_building(reports_out: Path, run: str) -> Path:
    """Make the folder that a run is built in, and remove those of runs that were killed.

    Raises
    ------
    RunError
        With exit code 40 when `reports_out` cannot be written.
    """
    building = name_building(reports_out, run)
    try:
        reports_out.mkdir(parents=True, exist_ok=True)
        remove_abandoned(reports_out, BUILDING)
        building.mkdir()
    except OSError as exc:
        raise not_published(exc, reports_out) from exc
    return building


def remove_abandoned(folder: Path, prefix: str) -> None:
    """Remove the folders of one prefix whose process, the number that ends their name, is gone."""
    for left in folder.glob(f"{prefix}*"):
        pid = left.name.rpartition("-")[2]
        if pid.isdigit() and not _is_alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def publish(building: Path, place: Path, document: dict[str, Any]) -> dict[str, Any]:
    """Seal a building folder and rename it to its place; give the manifest.

    Raises
    ------
    RunError
        With exit code 40 when the disk refuses; then the place does not exist.
    """
    try:
        for path in building.iterdir():
            _sync(path)
        manifest = seal_manifest(building, document)
        text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
        write_whole(building / MANIFEST, text.encode())
        _sync(building)
        place.parent.mkdir(parents=True, exist_ok=True)
        building.rename(place)
        _sync(place.parent)
    except OSError as exc:
        raise not_published(exc, place) from exc
    return manifest


@contextmanager
def locked(reports_out: Path) -> Iterator[None]:
    """Let one process at a time change what is seen of all reports; the lock ends with it.

    Raises
    ------
    RunError
        With exit code 40 when `reports_out` cannot be written.
    """
    try:
        handle = os.open(reports_out / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as exc:
        raise not_published(exc, reports_out) from exc
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_whole(path: Path, content: bytes, *, is_durable: bool = True) -> None:
    """Write a file so that readers see the old or the new one, never a part.

    It is on disk when this returns, unless it need not be.
    """
    aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with aside.open("wb") as out:
            out.write(content)
            out.flush()
            if is_durable:
                os.fsync(out.fileno())
        aside.replace(path)
    finally:
        with suppress(OSError):
            aside.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_run(name: str) -> bool:
    """Whether a folder has the name of a run."""
    return _RUN.fullmatch(name) is not None


def run_folders(report: Path) -> list[Path]:
    """Give the run folders of one report, oldest period and run first; none is opened."""
    found = [
        run
        for period in report.iterdir()
        if period.is_dir() and not period.is_symlink() and not period.name.startswith(".")
        for run in period.iterdir()
        if is_run(run.name)
    ]
    return sorted(found, key=lambda run: (_last_day(run.parent.name), run.parent.name, run.name))


def _last_day(period: str) -> str:
    """Give what orders periods of whatever length by time: the last day of each."""
    end = end_of(period)
    return period if end is None else end.isoformat()


def newest_run(report: Path, *, before: str | None = None) -> Path | None:
    """Give the newest whole run of a report: of the latest period, the one made last.

    `before` is an ISO day: only periods that ended before it count then. None when there is none.
    """
    if not report.is_dir():
        return None
    for run in reversed(run_folders(report)):
        if before is not None and _last_day(run.parent.name) >= before:
            continue
        manifest = read_manifest(run)
        if manifest is not None and holds(run, manifest):
            return run
    return None


def point_latest(report: Path) -> None:
    """Let `latest` of a report point to its newest whole run, in one step.

    Raises
    ------
    RunError
        With exit code 40 when the disk refuses.
    """
    newest = newest_run(report)
    if newest is None:
        return
    aside = report / f".{LATEST}-{secrets.token_hex(4)}"
    try:
        aside.symlink_to(newest.relative_to(report), target_is_directory=True)
        aside.replace(report / LATEST)
    except OSError as exc:
        raise not_published(exc, report) from exc


def keep_failed(building: Path, scratch: Path, run: str) -> Path:
    """Keep a failed run's executed copy and log for whoever mends it; only the newest few stay."""
    failed = building.parent / FAILED
    kept = failed / run
    kept.mkdir(parents=True, exist_ok=True)
    for path in (building / "executed.ipynb", scratch / "child.log"):
        if path.exists():
            text = path.read_text("utf-8", errors="replace")
            (kept / path.name).write_text(mask_text(text), "utf-8")
    for old in sorted(failed.iterdir())[:-KEPT_FAILED]:
        shutil.rmtree(old, ignore_errors=True)
    return kept
