from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from segkit.compare.changes import Changes, compare_reports
from segkit.measures.facts import SegmentReportFacts
from segkit.reports.document import facts_document
from segkit.views.changes import render_changes

FIRST = date(2025, 6, 1)
UNEVEN = [1000, 1007, 1003, 1012, 1005, 1009, 1001, 1008, 1004]


def document_of(facts: SegmentReportFacts, n_users: int, as_of: date) -> dict[str, Any]:
    """Give the document of a report that says this many users on a day."""
    overview = replace(facts.overview, n_users=n_users)
    return facts_document(replace(facts, overview=overview, head=replace(facts.head, as_of=as_of)))


def changes_after(facts: SegmentReportFacts, sizes: list[int], now: int) -> Changes:
    """Give what changed after weekly reports of these sizes."""
    days = [FIRST + timedelta(weeks=k) for k in range(len(sizes) + 1)]
    earlier = [document_of(facts, n, day) for n, day in zip(sizes, days, strict=False)]
    return compare_reports(document_of(facts, now, days[-1]), earlier)


def test_outside_of_a_run_it_says_why_there_is_nothing(facts: SegmentReportFacts) -> None:
    assert "this is none" in render_changes(facts, None).text


def test_the_first_report_has_nothing_to_be_set_against(facts: SegmentReportFacts) -> None:
    shown = render_changes(facts, changes_after(facts, [], 900))

    assert shown.text == "Note: There is no earlier report to compare with."


def test_each_number_stands_beside_what_it_was(facts: SegmentReportFacts) -> None:
    shown = render_changes(facts, changes_after(facts, [800], 1000))

    assert "Report before (2025-06-01)" in shown.text
    (size,) = [line for line in shown.text.splitlines() if line.startswith("Users ")]
    assert size.split()[1:4] == ["1,000", "800", "+25.0%"]
    assert size.endswith("too little history")
    assert "from nine earlier reports on" in shown.text
    assert "<small" in shown.html


def test_a_move_beyond_all_earlier_ones_is_told_first(facts: SegmentReportFacts) -> None:
    shown = render_changes(facts, changes_after(facts, UNEVEN, 500))

    first = shown.text.splitlines()[0]
    assert first.startswith("- Users: −")
    assert "to 500; far from the moves before." in first


def test_when_nothing_moves_unusually_it_says_so(facts: SegmentReportFacts) -> None:
    shown = render_changes(facts, changes_after(facts, UNEVEN, UNEVEN[-1] + 6))

    assert shown.text.startswith("Note: Every move since")


def test_a_year_ago_has_columns_of_its_own(facts: SegmentReportFacts) -> None:
    sizes = [1000] * 53

    shown = render_changes(facts, changes_after(facts, sizes, 1100))

    assert "A year ago (2025-06-08)" in shown.html
    (size,) = [line for line in shown.text.splitlines() if line.startswith("Users ")]
    assert size.split()[1:6] == ["1,100", "1,000", "+10.0%", "1,000", "+10.0%"]
