"""Ask a workspace for a report that follows controls, where somebody looks at the notebook."""

import os
from datetime import date
from typing import TYPE_CHECKING

from segkit.reports.report import Report
from segkit.segments.model import Definition
from segkit.workspace.live_report import LiveReport, Wish, is_live
from segkit.workspace.reporting import report_segment

if TYPE_CHECKING:
    from segkit.workspace.space import Workspace

KEPT_BACK = "SEGKIT_KEPT_BACK"
"""Ids of segments, with commas between, that the reader of a live report may not choose."""


def open_report(
    workspace: "Workspace",
    segment: str | Definition,
    as_of: str | date | None,
    days: int,
    *,
    baseline: str,
    clearance: str | None,
) -> Report | LiveReport:
    """Give the report on a segment; on one of the library it has controls where people look on."""
    report = report_segment(workspace, segment, as_of, days, baseline=baseline, clearance=clearance)
    if not isinstance(segment, str) or not is_live():
        return report
    day = report.request.clock.day.isoformat()
    wish = Wish(segment=report.request.segment, as_of=day, days=days, baseline=baseline)

    def ask(asked: Wish) -> Report:
        return report_segment(
            workspace,
            asked.segment,
            asked.as_of,
            asked.days,
            baseline=asked.baseline,
            clearance=clearance,
        )

    return LiveReport(report, wish, ask=ask, choices=lambda: _choices(workspace))


def _choices(workspace: "Workspace") -> list[tuple[str, str]]:
    """Give title and id of every segment that the reader may choose."""
    hidden = set(filter(None, os.environ.get(KEPT_BACK, "").split(",")))
    return [
        (entry.title, entry.segment)
        for entry in workspace.segments.entries
        if not entry.fault and entry.segment not in hidden
    ]
