"""Labels of the users: how they are spread, and which values stand out against the baseline."""

from segkit.measures.facts import SegmentReportFacts
from segkit.views.breakdown import breakdown_cells, render_breakdowns, split_bare
from segkit.views.figure import figure, is_enough, too_few, unfigured
from segkit.views.fragment import Fragment, absent, gather
from segkit.views.table import Column, Table
from segkit.views.words import listed, some

MOST_LIFTS = 15
_GIVEN = "Values that the definition asks for are listed under “How it differs”."


def render_attributes(facts: SegmentReportFacts) -> Fragment:
    """Give one breakdown a label, each with the number of users it is known for."""
    breakdowns = facts.attributes.breakdowns
    if not breakdowns:
        return absent(facts, "The users have no labels that this reader may see.")
    shown, bare = split_bare(breakdowns)
    titles = listed([breakdown.title for breakdown in bare]) if bare else ""
    return render_breakdowns(facts, shown, [f"Nothing is known of: {titles}."] if bare else [])


def render_over_represented(facts: SegmentReportFacts) -> Fragment:
    """Give the values with the largest lift (share in segment / in baseline) and its interval."""
    over = facts.attributes.over
    if not over.rows:
        return absent(facts, f"No value of a label is over-represented in the segment. {_GIVEN}")
    table = _table(facts)
    more = f" Not listed: {some(over.n_more, 'more values')}." if over.n_more else ""
    drawn = (
        f" Drawn: the first {MOST_LIFTS} of {len(over.rows)}."
        if len(over.rows) > MOST_LIFTS
        else ""
    )
    caption = (
        f"n = {some(over.denominator, over.of)} of the segment, "
        f"{some(over.baseline_denominator, over.of)} of the baseline "
        f"({facts.head.baseline_title}); line: 95% interval.{drawn}{more} {_GIVEN}"
    )
    if not is_enough(facts.overview.n_users, facts.head.n_baseline):
        return gather([unfigured(table, caption=caption, reason=too_few("Lift"))])
    from segkit.views.figures.bars import ROW_HEIGHT  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415
    from segkit.views.figures.lift import describe_lifts, draw_lifts  # noqa: PLC0415

    rows = over.rows[:MOST_LIFTS]
    panel = Panel(
        draw=lambda axes: draw_lifts(rows, axes, title=over.title), height=len(rows) * ROW_HEIGHT
    )
    sheet = Sheet(panels=[panel], title=table.caption, words=describe_lifts(rows), left=6, right=54)
    return gather([figure(to_svg(sheet), table, caption=caption)])


def _table(facts: SegmentReportFacts) -> Table:
    over = facts.attributes.over
    columns = [
        Column("Label: value"),
        Column(f"Segment ({over.of})", "count"),
        Column("Share of segment (%)", "share"),
        Column(f"Baseline ({over.of})", "count"),
        Column("Share of baseline (%)", "share"),
        Column("Lift (share / share)", "lift"),
        Column("95% interval of the lift", "interval"),
    ]
    rows = [breakdown_cells(row, has_volume=False) for row in over.rows]
    caption = f"{over.title}: {over.of} of the segment against the baseline"
    return Table(caption=caption, columns=columns, rows=rows, is_live=True)
