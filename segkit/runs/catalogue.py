"""Write `reports_out/index.html`: every whole report, newest first, on one static page.

The page needs no network and no server. A folder is listed only while its manifest is whole and
every file has the bytes that the manifest says; what was checked once is not read again until a
file's size or time changes.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from segkit.formats import Count, Share
from segkit.runs.manifest import MANIFEST, holds, read_manifest
from segkit.runs.publish import not_published, run_folders, write_whole
from segkit.runs.spec import REPORT
from segkit.views.fragment import style_sheet

INDEX = "index.html"
CHECKED = ".checked.json"
LINKED = frozenset({"executed.ipynb", "facts.json", "users.csv", "users.parquet"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One published run: its folder below `reports_out` and its manifest."""

    folder: str
    manifest: dict[str, Any]


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
        page = render_catalogue(find_runs(reports_out), workspace=workspace)
        write_whole(reports_out / INDEX, page.encode())
    except OSError as exc:
        raise not_published(exc, reports_out) from exc
    return reports_out / INDEX


def render_catalogue(entries: list[Entry], *, workspace: str) -> str:
    """Give the page that lists some runs, in their order.

    Text from the workspace is shown as it is, never as HTML.
    """
    page = files("segkit.runs").joinpath("catalogue.html").read_text("utf-8")
    rows = "\n".join(_row(entry) for entry in entries)
    values = {
        "workspace": escape(workspace),
        "n": Count()(len(entries)),
        "rows": rows,
        "style": style_sheet(),
    }
    return re.sub(r"\{\{(workspace|n|rows|style)\}\}", lambda found: values[found[1]], page)


def _row(entry: Entry) -> str:
    manifest, summary = entry.manifest, entry.manifest["summary"]
    address = quote(entry.folder)
    about = ", ".join(manifest.get("segments") or [manifest["segment"] or manifest["report"]])
    if manifest.get("corrects"):
        about += " · corrected"
    small = f"<small>{escape(about)}</small>"
    cells = [
        f'<th scope="row"><a href="{address}/{REPORT}">{escape(summary["title"])}</a>{small}</th>',
        _cell("as of", manifest["period"]),
        _cell("users", Count()(summary.get("n_users")), number=True),
        _cell("share", Share()(summary.get("share")), number=True),
        _cell("made (UTC)", manifest["finished_at"][:16].replace("T", " ")),
        f'<td data-label="files" class="sk-links">{_links(address, manifest["outputs"])}</td>',
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _links(address: str, outputs: Iterable[str]) -> str:
    names = [*sorted(LINKED.intersection(outputs)), MANIFEST]
    return ", ".join(f'<a href="{address}/{quote(name)}">{escape(name)}</a>' for name in names)


def _cell(label: str, text: str, *, number: bool = False) -> str:
    kind = "sk-n" if number else "sk-date"
    return f'<td data-label="{label}" class="{kind}">{escape(text)}</td>'
