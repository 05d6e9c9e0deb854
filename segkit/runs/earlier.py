"""Hand a report the numbers of the earlier reports of the same name, to set itself against."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segkit.compare.quantities import is_followed, keep_followed
from segkit.runs.manifest import hash_file, read_manifest
from segkit.runs.parameters import MODELS
from segkit.runs.publish import run_folders, write_whole
from segkit.runs.spec import FACTS

MOST = 60
"""So many earlier periods are read: a year of weeks and more, five years of months."""
_MOVES_ON = frozenset({"workspace", "as_of"})
"""Parameters that differ from period to period."""


def read_earlier(
    report: Path, *, before: str, now: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Give the facts of one report's earlier periods, oldest first, of each the newest whole run.

    Parameters
    ----------
    report
        The folder of the report, with one folder a period below.
    before
        The name of the period; only those before it count.
    now
        The manifest of the run that is set against them, as far as it is known. A notebook of the
        workspace's own is set against runs with the same parameters and readers only; a shipped
        report says itself what differs.

    Returns
    -------
    list
        Of each run the parts of `facts.json` that are compared, at most 60. A run that is not whole
        or whose facts have other bytes than they were published with is none: the one before it on
        its period counts.
    """
    if not report.is_dir():
        return []
    asked = None if now is None or now["report"] in MODELS else _asked(now)
    found: dict[str, dict[str, Any]] = {}
    for run in reversed(run_folders(report)):
        period = run.parent.name
        if period < before and period not in found and len(found) < MOST:
            facts = _read(run, asked)
            found |= {} if facts is None else {period: facts}
    return list(reversed(found.values()))


def _asked(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a run was asked, but for its day."""
    said = manifest.get("parameters") or {}
    fixed = {name: value for name, value in said.items() if name not in _MOVES_ON}
    return {**fixed, "": (manifest["report"], manifest["clearance"])}


def _read(run: Path, asked: Mapping[str, Any] | None) -> dict[str, Any] | None:
    manifest = read_manifest(run)
    published = manifest and manifest["outputs"].get(FACTS)
    try:
        if not manifest or not published or hash_file(run / FACTS) != published["sha256"]:
            return None
        facts = json.loads((run / FACTS).read_text("utf-8"))
    except OSError:
        return None
    if not isinstance(facts, dict) or (asked is not None and _asked(manifest) != asked):
        return None
    kept: dict[str, Any] = {
        **keep_followed(facts),
        "as_of": manifest.get("as_of") or facts.get("as_of"),
    }
    return kept if is_followed(kept) else None


def write_earlier(place: Path, report: Path, *, before: str, now: Mapping[str, Any]) -> None:
    """Write what `read_earlier` gives into a file that the notebook of a run waits for."""
    earlier = read_earlier(report, before=before, now=now)
    write_whole(place, json.dumps(earlier).encode(), is_durable=False)
