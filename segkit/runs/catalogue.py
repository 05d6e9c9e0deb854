"""Write `reports_out/index.html`: every whole report, newest first, on one static page.

The page needs no network and no server. A folder is listed only while its manifest is whole and
every file has the bytes that the manifest says; what was checked once is not read again until a
file's size or time changes.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from segkit.runs.catalogue_page import Entry, render_catalogue
from segkit.runs.failures import read_failures
from segkit.runs.manifest import holds, read_manifest
from segkit.runs.publish import FAILED, not_published, run_folders, write_whole

__all__ = ["CHECKED", "INDEX", "Entry", "find_runs", "render_catalogue", "write_catalogue"]

INDEX = "index.html"
CHECKED = ".checked.json"


def find_runs(reports_out: Path) -> list[Entry]:
    """Give all whole runs, the one made last first; folders that are not whole are left out."""
    known = _read_checked(reports_out)
    checked: dict[str, str] = {}
    entries = []
    for folder in _folders(reports_out):
        manifest = read_manifest(folder)
        if manifest is None:
            continue
        name = folder.relative_to(reports_out).as_posix()
        state = _state(folder, manifest)
        if state is None or not (known.get(name) == state or holds(folder, manifest)):
            continue
        checked[name] = state
        entries.append(Entry(folder=name, manifest=manifest))
    if checked != known:
        with suppress(OSError):  # who may only read looks at every file again next time
            write_whole(
                reports_out / CHECKED, json.dumps(checked, indent=1, sort_keys=True).encode()
            )
    return sorted(
        entries, key=lambda entry: (entry.manifest["finished_at"], entry.folder), reverse=True
    )


def _folders(reports_out: Path) -> Iterator[Path]:
    for report in sorted(reports_out.iterdir()):
        if report.is_dir() and not report.is_symlink() and not report.name.startswith("."):
            yield from run_folders(report)


def _state(folder: Path, manifest: dict[str, Any]) -> str | None:
    """Give what changes whenever a file of a run is written.

    The manifest's hash, sizes and times.
    """
    try:
        stats = [(folder / name).stat() for name in manifest["outputs"]]
    except OSError:
        return None
    return " ".join(
        [
            manifest["sha256"],
            *(f"{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ino}" for stat in stats),
        ]
    )


def _read_checked(reports_out: Path) -> dict[str, str]:
    try:
        found = json.loads((reports_out / CHECKED).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_catalogue(reports_out: Path, *, workspace: str) -> Path:
    """Write the catalogue anew and give its path.

    Raises
    ------
    RunError
        With exit code 40 when the disk refuses; the catalogue before stays.
    """
    try:
        failed = read_failures(reports_out / FAILED)
        page = render_catalogue(find_runs(reports_out), workspace=workspace, failed=failed)
        write_whole(reports_out / INDEX, page.encode())
    except OSError as exc:
        raise not_published(exc, reports_out) from exc
    return reports_out / INDEX
