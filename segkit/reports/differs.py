"""Compare the segment of a report with its baseline, from what the report has measured already."""

from segkit.compare.candidates import Candidates
from segkit.compare.differences import compare_sides, say_nothing
from segkit.compare.facts import Differences
from segkit.reports.segment_report import SegmentReport


def find_differences(report: SegmentReport) -> Differences:
    """Give how the segment of a report differs; nothing where the whole report is withheld."""
    if report.is_withheld or not report.sides.n_baseline:
        return say_nothing()
    money = [m for m in report.facts.behaviour.measures if m.kind == "money"]
    candidates = Candidates(
        sides=report.sides,
        activity=report.activity,
        visits=report.visits,
        labels=report.labels,
        has_money=any(m.numerator is not None for m in money),
        hidden=frozenset(
            (b.name, row.value)
            for b in report.facts.behaviour.breakdowns
            for row in b.rows
            if row.n is None or row.n_baseline is None
        ),
    )
    return compare_sides(candidates, report.request.reads)
