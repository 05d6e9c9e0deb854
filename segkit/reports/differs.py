"""Compare the segment of a report with its baseline, from what the report has measured already."""

from collections.abc import Sequence
from dataclasses import replace

from segkit.compare.candidates import Candidates
from segkit.compare.differences import ExaminedSides, examine_sides, judge_sides, say_nothing
from segkit.compare.facts import Differences
from segkit.compare.lifts import over_among
from segkit.measures.facts import SegmentReportFacts
from segkit.reports.notes import least_over
from segkit.reports.segment_report import SegmentReport


def examine_report(report: SegmentReport) -> ExaminedSides | None:
    """Measure how the segment of a report differs; None where the whole report is withheld."""
    if report.is_withheld or not report.sides.n_baseline:
        return None
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
    return examine_sides(candidates, report.request.reads)


def find_differences(sides: ExaminedSides | None, beside: Sequence[float]) -> Differences:
    """Judge what was measured with the `beside` p-values of the report; nothing for None."""
    return say_nothing() if sides is None else judge_sides(sides, beside=beside)


def judge_values(report: SegmentReport, differences: Differences) -> SegmentReportFacts:
    """Give the facts of a report, its over-represented values judged with all else that differs.

    Parameters
    ----------
    differences
        What `find_differences` gives for the report: one family of everything compared in it.

    Notes
    -----
    A value of a label is a comparison of that family, so the report makes no second choice among
    its values. Values that the definition asks for are not listed: they are by definition.
    """
    facts = report.facts
    if differences.n_segment is None:
        return facts
    over = over_among(
        facts.attributes.breakdowns,
        {f.title for f in differences.found if f.kind == "label"},
        min_users=least_over(report.request),
    )
    return replace(facts, attributes=replace(facts.attributes, over=over))
