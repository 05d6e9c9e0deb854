"""Publish small reports of some weeks into a workspace, as the runner does."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from segkit.runs.publish import point_latest, publish
from tests.mail.letters import SUNDAY, make_facts

WEEKLY = """\
notebook: segment_report
owner: owner@example.org
segments: [buyers]
period: weekly
every: Monday 07:30
recipients:
  all: [ann@example.org]
  buyers: [bob@example.org]
"""


def publish_week(
    root: Path,
    weeks_ago: int = 0,
    n: int = 1204,
    *,
    facts: Any = None,
    files: dict[str, bytes] | None = None,
    **manifest: Any,
) -> Path:
    """Publish a run of a weekly report on one week, with further files; give its folder."""
    day = SUNDAY - timedelta(weeks=weeks_ago)
    building = root / "reports_out" / f".building-{weeks_ago}"
    building.mkdir(parents=True)
    is_other = facts is not None and manifest.get("report", "segment_report") != "segment_report"
    made = facts if is_other else make_facts(n, day) | (facts or {})
    (building / "facts.json").write_text(json.dumps(made), "utf-8")
    (building / "report.html").write_text("<p>1</p>", "utf-8")
    for name, content in (files or {}).items():
        (building / name).write_bytes(content)
    report = root / "reports_out" / "weekly-buyers"
    run = f"20260601T{weeks_ago:06}Z-abcdef"
    folder = report / f"{day:%G-W%V}" / run
    document = {
        "run": run,
        "report": "segment_report",
        "name": "weekly",
        "segment": "buyers",
        "segments": ["buyers"],
        "as_of": day.isoformat(),
        "period": f"{day:%G-W%V}",
        "clearance": "pseudonymous",
        "snapshot": "abc",
        "summary": {"title": "Loyal customers", "n_users": n},
        "warnings": [],
        "finished_at": "2026-06-01T00:00:00+00:00",
        **manifest,
    }
    publish(building, folder, document)
    point_latest(report)
    return folder


def write_schedule(root: Path, text: str = WEEKLY) -> None:
    """Write the weekly report of a workspace."""
    (root / "reports").mkdir(exist_ok=True)
    (root / "reports" / "weekly.yml").write_text(text, "utf-8")
