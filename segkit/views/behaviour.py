"""Measures of behaviour: the segment beside its baseline, each ratio above its two parts."""

from segkit.measures.facts import Measure, SegmentReportFacts, ratio
from segkit.views.breakdown import BEHAVIOUR, breakdown_block, named
from segkit.views.fragment import Fragment, absent, gather, grid
from segkit.views.markup import WITHHELD, Child, stack
from segkit.views.table import Column, Table
from segkit.views.words import Words, count, some, window


def render_behaviour(facts: SegmentReportFacts) -> Fragment:
    """Give the table of behaviour measures with numerator and denominator, and orders a buyer."""
    measures = facts.behaviour.measures
    if not measures:
        return absent(facts, "No behaviour was measured in this window.")
    head, words = facts.head, Words.of(facts.head)
    columns = [
        Column("Measure"),
        Column(f"Segment ({some(facts.overview.n_users, 'users')})", "number"),
        Column(f"Baseline ({some(head.n_baseline, 'users')})", "number"),
    ]
    caption = (
        f"Behaviour of the segment and of its baseline ({head.baseline_title}), {window(head)}"
    )
    rows = [measure_cells(measure, words) for measure in measures]
    table = Table(caption=caption, columns=columns, rows=rows).block()
    further = [breakdown_block(part, facts) for part in named(facts, BEHAVIOUR)]
    return gather([table, *([grid(further)] if further else [])])


def measure_cells(measure: Measure, words: Words) -> list[Child]:
    """Give the row of a measure: its name, and each side's ratio above its two parts."""
    baseline = (measure.baseline_numerator, measure.baseline_denominator)
    return [
        stack(measure.title, measure.unit, joint=": "),
        _value(measure.kind, measure.numerator, measure.denominator, words),
        _value(measure.kind, *baseline, words),
    ]


def _value(kind: str, above: float | None, below: float | None, words: Words) -> Child:
    if above is None or below is None:
        return WITHHELD
    value = words.say(ratio(above, below), kind)
    if kind == "count" and below == 1:
        return value
    total = words.say(above, kind) if kind in {"money", "duration"} else count(above)
    return stack(value, f"{total} / {count(below)}", joint=" = ")
