"""The funnel: users who got to each step after all steps before it."""

from segkit.measures.facts import FunnelStep, SegmentReportFacts, ratio
from segkit.views.breakdown import number_cell
from segkit.views.figure import (
    BASELINE_KEY,
    SEGMENT_KEY,
    figure,
    is_enough,
    too_few,
    unfigured,
)
from segkit.views.fragment import Fragment, absent, gather
from segkit.views.markup import WITHHELD, Child
from segkit.views.table import Column, Table
from segkit.views.words import share, some, window


def render_funnel(facts: SegmentReportFacts) -> Fragment:
    """Give the funnel as bars: users at each step / users at the first step."""
    steps = facts.behaviour.funnel
    if not steps:
        return absent(facts, "No funnel: its steps are not in the data, or none are set.")
    first, table = steps[0], _table(facts)
    caption = (
        f"n = {some(first.n_users, 'users')} at step 1 "
        f"of {some(facts.overview.n_users, 'users')} in the segment, "
        f"{some(first.n_baseline, 'users')} at step 1 of the baseline; {window(facts.head)}."
    )
    if not is_enough(facts.overview.n_users, first.n_users):
        return gather([unfigured(table, caption=caption, reason=too_few("Funnel"))])
    from segkit.views.figures.bars import (  # noqa: PLC0415  matplotlib only for a figure
        ROW_HEIGHT,
        describe_bars,
        draw_bars,
        funnel_bars,
    )
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415

    has_baseline = is_enough(facts.head.n_baseline, first.n_baseline)
    bars = funnel_bars(steps, has_baseline=has_baseline)
    quantity = f"Share of {some(first.n_users, 'users')} at step 1 (%)"
    panel = Panel(
        draw=lambda axes: draw_bars(bars, axes, title="Funnel", quantity=quantity),
        height=len(bars) * ROW_HEIGHT,
    )
    sheet = Sheet(panels=[panel], title=table.caption, words=describe_bars(bars))
    keys = (SEGMENT_KEY, BASELINE_KEY) if has_baseline else (SEGMENT_KEY,)
    return gather([figure(to_svg(sheet), table, caption=caption, keys=keys)])


def _table(facts: SegmentReportFacts) -> Table:
    steps = facts.behaviour.funnel
    columns = [
        Column("Step"),
        Column("Segment (users)", "count"),
        Column(f"Share of {some(steps[0].n_users, 'users')} at step 1", "share"),
        Column("Baseline (users)", "count"),
        Column(f"Share of {some(steps[0].n_baseline, 'users')} at step 1", "share"),
    ]
    rows = [_row(step, steps[0]) for step in steps]
    return Table(caption="Funnel of the segment and of the baseline", columns=columns, rows=rows)


def _row(step: FunnelStep, first: FunnelStep) -> list[Child]:
    return [
        f"{step.step}. {step.event}",
        number_cell(step.n_users),
        WITHHELD if step.n_users is None else share(ratio(step.n_users, first.n_users)),
        number_cell(step.n_baseline),
        WITHHELD if step.n_baseline is None else share(ratio(step.n_baseline, first.n_baseline)),
    ]
