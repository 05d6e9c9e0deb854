"""Hand a report the numbers of the earlier reports of the same segment, to set itself against."""

import json
from pathlib import Path
from typing import Any

from segkit.runs.manifest import hash_file, read_manifest
from segkit.runs.publish import run_folders, write_whole
from segkit.runs.spec import FACTS

MOST = 60
"""So many earlier periods are read: a year of weeks and more, five years of months."""
READ = (
    *("segment", "as_of", "definition", "days", "timezone", "min_size", "currency"),
    *("overview", "behaviour", "trend"),
)
"""What of the facts is compared."""


def read_earlier(report: Path, *, before: str) -> list[dict[str, Any]]:
    """Give the facts of the earlier periods of one report, oldest first, of each its newest run.

    Parameters
    ----------
    report
        The folder of the report, with one folder a period below.
    before
        The name of the period; only those before it count.

    Returns
    -------
    list
        Of each run the parts of `facts.json` that are compared, at most 60. A run that is not whole
        or whose facts have other bytes than they were published with is left out.
    """
    if not report.is_dir():
        return []
    newest = {run.parent.name: run for run in run_folders(report) if run.parent.name < before}
    found = [_read(run) for run in list(newest.values())[-MOST:]]
    return [facts for facts in found if facts is not None]


def _read(run: Path) -> dict[str, Any] | None:
    manifest = read_manifest(run)
    published = manifest and manifest["outputs"].get(FACTS)
    try:
        if not published or hash_file(run / FACTS) != published["sha256"]:
            return None
        facts = json.loads((run / FACTS).read_text("utf-8"))
    except OSError:
        return None
    return {key: facts[key] for key in READ} if facts.keys() >= set(READ) else None


def write_earlier(place: Path, report: Path, *, before: str) -> None:
    """Write what `read_earlier` gives into a file that the notebook of a run waits for."""
    write_whole(place, json.dumps(read_earlier(report, before=before)).encode(), is_durable=False)
