"""What buyers are worth: the RFM map, what may come of them, how far a model can be believed."""

from segkit.formats import Day, Lift, Money, Number, Share
from segkit.measures.facts import SegmentReportFacts, ratio
from segkit.measures.value.facts import CellRevenue, CustomerValue, HoldoutFacts, HoldoutRow
from segkit.views.behaviour import measure_cells
from segkit.views.breakdown import number_cell
from segkit.views.figure import figure, is_enough, too_few, unfigured
from segkit.views.fragment import Fragment, absent, gather, heading, note
from segkit.views.markup import WITHHELD, Block, Child, tag
from segkit.views.table import Column, Table
from segkit.views.words import NO_CURRENCY, Words, count, interval, share, some

LEFT, RIGHT, BELOW = 62, 4, 52
FAR = 0.2
"""A prediction further off than this, of what came, is said to be far off; a rule of our own."""
STRONG = 0.3
GONE = ("cannot_lose", "at_risk")
NO_ORDERS = "There are no orders with amounts in one currency, so customer value is not given."


def render_value(facts: SegmentReportFacts, value: CustomerValue | None) -> Fragment:
    """Give the RFM map, what buyers were and may be worth, and predicted beside found."""
    if value is None:
        return absent(facts, NO_ORDERS)
    return show_value(value, baseline=facts.head.baseline_title)


def show_value(value: CustomerValue, *, baseline: str) -> Fragment:
    """Give the same of facts without a report; `baseline` is the title of who is compared with."""
    cautions = _cautions(value)
    return gather(
        [
            rfm_block(value),
            sentences(value),
            heading("What buyers brought, and what may come"),
            _measures(value, baseline),
            *([heading("The model put to the test"), _check(value.check)] if value.check else []),
            *([heading("Before you use it")] if cautions else []),
            *map(note, cautions),
        ]
    )


def rfm_block(value: CustomerValue) -> Block:
    """Give the map with its table folded, or the table alone for too few buyers."""
    cells, table = value.cells, rfm_table(value)
    caption = (
        f"n = {some(cells.denominator, 'buyers')} of the segment, "
        f"{some(cells.baseline_denominator, 'buyers')} of the baseline; orders from "
        f"{Day()(value.start_on)} to {Day()(value.end_on)}. Each cell: its share of the segment's "
        "buyers and of what they spent. Scores from 1 to 5 rank the buyers of both sides together; "
        f"recency {'; '.join(value.scores)}. The more a cell stands out, the more buyers. "
        "Hatched: withheld."
    )
    if not is_enough(cells.denominator):
        return unfigured(table, caption=caption, reason=too_few("RFM map"))
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.rfm import (  # noqa: PLC0415
        COLUMN_WIDTH,
        ROW_HEIGHT,
        ROWS,
        MapCell,
        describe_map,
        draw_map,
    )

    drawn = [
        MapCell(
            cell=spent.name,
            title=row.value,
            share=ratio(row.n, cells.denominator),
            revenue_share=revenue_share(spent, value),
        )
        for row, spent in zip(cells.rows, value.revenue, strict=True)
    ]
    panel = Panel(draw=lambda axes: draw_map(drawn, axes), height=len(ROWS) * ROW_HEIGHT)
    sheet = Sheet(
        panels=[panel],
        title=table.caption,
        words=describe_map(drawn),
        width=LEFT + 5 * COLUMN_WIDTH + RIGHT - 66,
        left=LEFT,
        right=RIGHT,
        below=BELOW,
        is_heat=True,
    )
    return figure(to_svg(sheet), table, caption=caption)


def revenue_share(spent: CellRevenue, value: CustomerValue) -> float | None:
    """Give a cell's part of the segment's revenue; None when withheld or nothing was spent."""
    return ratio(spent.revenue, value.total_revenue) if (value.total_revenue or 0) > 0 else None


def rfm_table(value: CustomerValue) -> Table:
    """Give the cells: buyers and revenue of segment and baseline, with shares and their lift."""
    cells, currency = value.cells, value.currency or NO_CURRENCY
    columns = [
        Column("Cell"),
        Column("Segment (buyers)", "count"),
        Column(f"Share of {some(cells.denominator, 'buyers')}", "share"),
        Column(f"Revenue ({currency})", "number"),
        Column(f"Share of {_money(value.total_revenue, currency)}", "share"),
        Column("Baseline (buyers)", "count"),
        Column(f"Share of {some(cells.baseline_denominator, 'buyers')}", "share"),
        Column("Lift (share / share)", "lift"),
        Column("95% interval of the lift", "interval"),
    ]
    rows: list[list[Child]] = []
    for row, spent in zip(cells.rows, value.revenue, strict=True):
        is_hidden = row.n is None
        rows.append(
            [
                row.value,
                number_cell(row.n),
                WITHHELD if is_hidden else share(ratio(row.n, cells.denominator)),
                WITHHELD if is_hidden else Number(digits=2)(spent.revenue),
                WITHHELD if is_hidden else share(revenue_share(spent, value)),
                number_cell(row.n_baseline),
                WITHHELD
                if row.n_baseline is None
                else share(ratio(row.n_baseline, cells.baseline_denominator)),
                Lift()(row.lift),
                interval(row.lift_low, row.lift_high),
            ]
        )
    return Table(
        caption="Cells of the RFM map: buyers of the segment and of the baseline, up to "
        f"{Day()(value.end_on)}",
        columns=columns,
        rows=rows,
        is_live=True,
    )


def _money(amount: float | None, currency: str) -> str:
    return Money(currency=currency)(amount)


def sentences(value: CustomerValue) -> Block:
    """Say in sentences what the map shows: the best, those who go, and what sets the side apart."""
    said = [*_best(value), *_going(value), *_apart(value)]
    if not said:
        return note("The cells are withheld: too few buyers stand in them.")
    html = tag("ul", *(tag("li", sentence) for sentence in said), class_="sk-notes")
    return Block(html=html, text="\n".join(f"- {sentence}" for sentence in said))


def _best(value: CustomerValue) -> list[str]:
    row, spent = value.cells.rows[0], value.revenue[0]
    if not row.n:
        return []
    part = share(ratio(row.n, value.cells.denominator))
    brought = revenue_share(spent, value)
    return [
        (
            f"{some(row.n, 'buyers')} are champions: they bought lately, often and for much. "
            "They are "
            f"{part} of {some(value.cells.denominator, 'buyers')} and brought {share(brought)} of "
            f"{_money(value.total_revenue, value.currency or NO_CURRENCY)}."
        )
    ]


def _going(value: CustomerValue) -> list[str]:
    pairs = list(zip(value.cells.rows, value.revenue, strict=True))
    gone = [(row.n, spent.revenue) for row, spent in pairs if spent.name in GONE]
    known = [(n, spent) for n, spent in gone if n is not None and spent is not None]
    n, spent = sum(n for n, _ in known), sum(spent for _, spent in known)
    if len(known) < len(GONE) or not n or value.away_days is None:
        return []
    return [
        (
            f"{some(n, 'buyers')} bought often or for much and have stayed away for "
            f"{value.away_days} days or "
            f"longer (at risk, cannot lose). They brought "
            f"{_money(spent, value.currency or NO_CURRENCY)} so far: the first to be won back."
        )
    ]


def _apart(value: CustomerValue) -> list[str]:
    clear = [
        row
        for row in value.cells.rows
        if row.lift is not None and row.lift_low is not None and row.lift_low > 1
    ]
    if not clear:
        return []
    most = max(clear, key=lambda row: row.lift or 0)
    return [
        (
            f"{most.value} are the most over-represented: {share(most.share)} of the segment's "
            "buyers, "
            f"{share(most.baseline_share)} of the baseline's ({Lift()(most.lift)}, 95% interval "
            f"{interval(most.lift_low, most.lift_high)})."
        )
    ]


def _measures(value: CustomerValue, baseline: str) -> Block:
    words = Words(currency=value.currency, timezone="UTC")
    columns = [
        Column("Measure"),
        Column(f"Segment ({some(value.cells.denominator, 'buyers')})", "number"),
        Column(f"Baseline ({some(value.cells.baseline_denominator, 'buyers')})", "number"),
    ]
    rows = [measure_cells(measure, words) for measure in value.measures]
    caption = (
        f"Value of the buyers of the segment and of its baseline ({baseline}), all orders from "
        f"{Day()(value.start_on)} to {Day()(value.end_on)}"
    )
    return Table(caption=caption, columns=columns, rows=rows).block()


def _check(check: HoldoutFacts) -> Block:
    columns = [
        Column(f"Repeats up to {check.until}"),
        Column("Buyers", "count"),
        Column("Order days predicted", "number"),
        Column("Order days found", "count"),
        Column("Predicted / buyers", "number"),
        Column("Found / buyers", "number"),
    ]
    whole: list[Child] = [
        "all",
        count(check.n_buyers),
        Number(digits=0)(check.predicted),
        count(check.actual),
        Number(digits=2)(ratio(check.predicted, check.n_buyers)),
        Number(digits=2)(ratio(check.actual, check.n_buyers)),
    ]
    table = Table(
        caption=f"Fitted to all buyers up to {check.until}, asked for the {check.length} days to "
        f"{check.end_on}",
        columns=columns,
        rows=[whole, *map(_checked, check.rows)],
    )
    return table.block()


def _checked(row: HoldoutRow) -> list[Child]:
    if row.n_buyers is None:
        return [row.frequency, WITHHELD, WITHHELD, WITHHELD, WITHHELD, WITHHELD]
    return [
        row.frequency,
        count(row.n_buyers),
        Number(digits=0)(row.predicted),
        count(row.actual),
        Number(digits=2)(row.predicted_mean),
        Number(digits=2)(row.actual_mean),
    ]


def _cautions(value: CustomerValue) -> list[str]:
    """Say how far what is expected can be believed."""
    said = [] if value.reason is None else [f"{_what_lacks(value)}: {value.reason}."]
    if value.models is None:
        return said
    said.append(_verdict(value.check))
    if value.models.correlation is not None and abs(value.models.correlation) > STRONG:
        said.append(
            "Amounts hang together with how often one buys (correlation "
            f"{value.models.correlation:.2f}), which the model takes for granted that they do not: "
            "expected values are in doubt."
        )
    said.append(
        "“Expected” comes from a model (BG/NBD for orders, Gamma-Gamma for amounts) of when all "
        "buyers ordered; it knows nothing of the segment. Order days, not orders, are expected; "
        f"money of later months is discounted by {Share(digits=0)(value.monthly_discount)} a month."
        " Costs, and users who have not bought yet, are no part of it."
    )
    return said


def _what_lacks(value: CustomerValue) -> str:
    return "No values are expected" if value.models else "Nothing is predicted"


def _verdict(check: HoldoutFacts | None) -> str:
    if check is None:
        return (
            "The model could not be put to the test: the history is too short to be split. "
            "Take what is expected as a guess."
        )
    error = check.error
    found = (
        f"Of {some(check.n_buyers, 'buyers')} up to {check.until} it predicted "
        f"{count(check.predicted)} order days by {check.end_on}; {count(check.actual)} came"
    )
    if error is None:
        return f"{found}. Do not rely on what is expected."
    more = "more" if error > 0 else "fewer"
    off = f"{found}: it predicted {Share(digits=0)(abs(error))} {more} than came."
    if abs(error) > FAR:
        return f"{off} That is far off: use what is expected to compare, not to plan."
    return f"{off} Expect the numbers above to be off by as much."
