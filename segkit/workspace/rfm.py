"""Make segments of the cells of the RFM map, by edges that stay as they were found."""

from datetime import date
from typing import TYPE_CHECKING

from segkit.errors import EmptyError, ParameterError
from segkit.measures.activity import measure_activity
from segkit.measures.value.frozen import build_cell_segments, freeze_scores
from segkit.measures.value.history import build_history
from segkit.measures.value.scores import score_buyers
from segkit.measures.withhold import is_small
from segkit.reports.money import find_money
from segkit.reports.value import has_other_currency
from segkit.segments.build import Segment

if TYPE_CHECKING:
    from segkit.workspace.space import Workspace


def rfm_segments(
    ws: "Workspace",
    segment: str = "known",
    as_of: str | date | None = None,
    *,
    prefix: str = "rfm",
) -> tuple[Segment, ...]:
    """Give the cells of the RFM map as segments, one a cell that a buyer can be in.

    Parameters
    ----------
    ws
        The workspace.
    segment
        The report on this segment finds the edges: among the buyers of its universe, members or
        not.
    as_of
        The day on which they are found; by default the last one with data.
    prefix
        What the ids begin with, as in `rfm_champions`.

    Returns
    -------
    tuple of Segment
        Definitions in the language, within the segment's universe, with the edges in days, orders
        and money written out: asked on another day they say who is in the cell by the same edges.
        `ws.save` writes each.

    Raises
    ------
    ParameterError
        When nobody ordered, or amounts are in more than one currency.
    EmptyError
        When fewer buyers than the smallest group shown ordered: edges would tell of single ones.

    Notes
    -----
    Scores and cells: DEFINITIONS "RFM". Frozen edges, since a rank among the buyers of each week
    would keep every cell at the same share for ever.
    """
    report = ws.report(segment, as_of).opened
    own, other, *_ = measure_activity(report.sides, report.activity)
    money = find_money((own, other), purchases=report.purchases, default=report.request.currency)
    if not money.is_shown or has_other_currency(report.sides, money):
        raise ParameterError.build(
            "There are no orders with amounts in one currency, so buyers have no scores.",
            hint="name the events that are orders under [report] purchases in segkit.toml.",
        )
    history = build_history(
        report.sides,
        purchases=money.purchases,
        order_id=report.request.order_id,
        currency=money.currency,
    )
    if is_small(len(history.buyers), report.request.least) or not len(history.buyers):
        raise EmptyError.build(
            f"Fewer than {report.request.least} users ordered up to {history.buyers.end_on}: "
            "too few for scores.",
            hint="take a segment with a larger universe, or another day.",
        )
    table = freeze_scores(
        score_buyers(history.buyers),
        purchases=money.purchases,
        order_id=report.request.order_id,
    )
    universe = ws.find(segment).universe
    return build_cell_segments(table, prefix=prefix, universe=universe)[0]
