"""Open the report on a segment with controls, as a page or a notebook shows it."""

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
    """Give the report on a segment, with controls where they can be shown and can name it."""
    report = report_segment(workspace, segment, as_of, days, baseline=baseline, clearance=clearance)
    if isinstance(segment, str) and is_live():
        return open_live(workspace, report, days=days, baseline=baseline, clearance=clearance)
    return report


def open_live(
    workspace: "Workspace",
    report: Report,
    *,
    days: int,
    baseline: str,
    clearance: str | None,
) -> LiveReport:
    """Give a report with controls that ask the workspace anew, always for the same reader."""
    clock = report.request.clock
    wish = Wish(
        segment=report.request.segment,
        as_of=clock.day.isoformat(),
        days=days,
        baseline=baseline,
    )

    def ask(asked: Wish) -> Report:
        return report_segment(
            workspace,
            asked.segment,
            asked.as_of,
            asked.days,
            baseline=asked.baseline,
            clearance=clearance,
        )

    def choices() -> list[tuple[str, str]]:
        hidden = set(filter(None, os.environ.get(KEPT_BACK, "").split(",")))
        return [
            (entry.title, entry.segment)
            for entry in workspace.segments.entries
            if not entry.fault and entry.segment not in hidden
        ]

    return LiveReport(report, wish, ask=ask, choices=choices)
