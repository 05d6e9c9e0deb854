from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from segkit.compare.changes import Changes, compare_reports
from segkit.measures.facts import SegmentReportFacts
from segkit.reports.document import facts_document
from segkit.views.changes import render_changes
from segkit.views.words import Words

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
    assert "this is none" in render_changes(None, Words.of(facts.head)).text


def test_the_first_report_has_nothing_to_be_set_against(facts: SegmentReportFacts) -> None:
    shown = render_changes(changes_after(facts, [], 900), Words.of(facts.head))

    assert shown.text == "Note: There is no earlier report to compare with."


def test_each_number_stands_beside_what_it_was(facts: SegmentReportFacts) -> None:
    shown = render_changes(changes_after(facts, [800], 1000), Words.of(facts.head))

    assert "Report before (2025-06-01)" in shown.text
    (size,) = [line for line in shown.text.splitlines() if line.startswith("Users ")]
    assert size.split()[1:4] == ["1,000", "800", "+25.0%"]
    assert size.endswith("too little history")
    assert "from nine earlier reports on" in shown.text
    assert "<small" in shown.html


def test_a_move_beyond_all_earlier_ones_is_told_first(facts: SegmentReportFacts) -> None:
    shown = render_changes(changes_after(facts, UNEVEN, 500), Words.of(facts.head))

    first = shown.text.splitlines()[0]
    assert first.startswith("- Users: −")
    assert "to 500; far from the moves before." in first


def test_when_nothing_moves_unusually_it_says_so(facts: SegmentReportFacts) -> None:
    shown = render_changes(changes_after(facts, UNEVEN, UNEVEN[-1] + 6), Words.of(facts.head))

    assert shown.text.startswith("Note: Every move since")


def test_a_year_ago_has_columns_of_its_own(facts: SegmentReportFacts) -> None:
    sizes = [1000] * 53

    shown = render_changes(changes_after(facts, sizes, 1100), Words.of(facts.head))

    assert "A year ago (2025-06-08)" in shown.html
    (size,) = [line for line in shown.text.splitlines() if line.startswith("Users ")]
    assert size.split()[1:6] == ["1,100", "1,000", "+10.0%", "1,000", "+10.0%"]


def test_each_segment_of_a_comparison_has_a_table_and_what_is_not_compared_a_sentence() -> None:
    before, now = compared_of("d1", size=100), compared_of("other", size=120)

    shown = render_changes(compare_reports(now, [before]), Words(currency="EUR", timezone="UTC"))

    assert "because the definition changed: Loyal." in shown.text
    assert "New: what moved since the report before" in shown.text
    assert "Loyal: what moved" not in shown.text
    assert "withheld" not in shown.text


def compared_of(definition: str, *, size: int) -> dict[str, Any]:
    """Give a comparison of two segments with six numbers each."""
    side = {"numerator": size, "denominator": 1}
    row = {"title": "Users", "kind": "count", "values": [side, side]}
    made = {"segment": "loyal", "title": "Loyal", "definition": definition}
    return {
        "as_of": f"2026-05-{10 + size // 20}",
        "segments": [made, {"segment": "new", "title": "New", "definition": "d2"}],
        "beside": [row | {"name": f"n{place}"} for place in range(6)],
    }
