"""Write `reports_out/index.html`: every whole report, newest first, on one static page.

The page needs no network and no server. A folder is listed only while its manifest is whole and
every file has the bytes that the manifest says; what was checked once is not read again until a
file's size or time changes.
"""

from pathlib import Path

from segkit.runs.catalogue_page import Entry, render_catalogue
from segkit.runs.failures import read_failures
from segkit.runs.listing import Listing
from segkit.runs.manifest import read_manifest
from segkit.runs.publish import FAILED, not_published, write_whole

__all__ = ["INDEX", "Entry", "find_runs", "render_catalogue", "write_catalogue"]

INDEX = "index.html"


def find_runs(reports_out: Path) -> list[Entry]:
    """Give all whole runs with their whole manifests, the one made last first."""
    listing = Listing.look(reports_out)
    listing.keep()
    read = {name: read_manifest(reports_out / name) for name in listing.found}
    return _newest_first(
        [Entry(folder=name, manifest=manifest) for name, manifest in read.items() if manifest]
    )


def _newest_first(entries: list[Entry]) -> list[Entry]:
    return sorted(
        entries, key=lambda entry: (entry.manifest["finished_at"], entry.folder), reverse=True
    )


def write_catalogue(reports_out: Path, *, workspace: str) -> Path:
    """Write the catalogue anew and give its path.

    Raises
    ------
    RunError
        With exit code 40 when the disk refuses; the catalogue before stays.
    """
    try:
        failed = read_failures(reports_out / FAILED)
        listing = Listing.look(reports_out)
        entries, lines = [one.entry for one in listing.found.values()], listing.lines()
        page = render_catalogue(
            _newest_first(entries), workspace=workspace, failed=failed, lines=lines
        )
        write_whole(reports_out / INDEX, page.encode())
        listing.keep(lines)
    except OSError as exc:
        raise not_published(exc, reports_out) from exc
    return reports_out / INDEX
