"""A page that was changed many times says what a report of the last question says."""

from pathlib import Path

import pytest

from segkit.reports.document import facts_document
from segkit.reports.report import Report
from segkit.workspace import Workspace
from segkit.workspace.answering import begin_apart
from segkit.workspace.reporting import report_segment

CHANGES = (
    ("buyers", "2026-06-30", 28, "rest"),
    ("known", "2026-06-30", 28, "rest"),
    ("known", "2026-06-30", 14, "rest"),
    ("known", "2026-06-28", 14, "everyone"),
    ("buyers", "2026-06-28", 14, "known"),
    ("buyers", "2026-06-30", 28, "rest"),
)


def ask(workspace: Workspace, change: tuple[str, str, int, str]) -> Report:
    segment, day, days, baseline = change
    return report_segment(workspace, segment, day, days, baseline=baseline, clearance=None)


def tell(report: Report) -> tuple[object, dict[str, str]]:
    """Give all numbers of a report, and its sections as they are shown."""
    numbers = facts_document(
        report.judged,
        report.found_patterns[0],
        report.differences,
        report.customer_value,
        outlying=report.outlying,
        followed=report.followed,
    )
    return numbers, {name: getattr(report, name)().html for name in report.sections}


def test_facts_after_some_changes_are_those_of_a_fresh_report(loaded_shop: Path) -> None:
    page = Workspace.open(loaded_shop)
    for change in (CHANGES[1], CHANGES[3]):
        ask(page, change).facts()

    found = ask(page, CHANGES[2]).facts()

    assert found == ask(Workspace.open(loaded_shop), CHANGES[2]).facts()


@pytest.mark.slow
def test_a_page_after_many_changes_tells_the_numbers_of_a_fresh_report(loaded_shop: Path) -> None:
    page = Workspace.open(loaded_shop)
    shown: dict[tuple[str, str, int, str], Report] = {}

    for change in CHANGES:
        shown[change] = ask(page, change)
        shown[change].at_first()
        shown[change].begin(begin_apart)
        found = tell(shown[change])

        assert found == tell(ask(Workspace.open(loaded_shop), change)), change
