"""How a whole splits by page, channel or label: shares of segment and baseline, bars and table."""

from collections.abc import Sequence

from segkit.formats import MISSING, Lift
from segkit.measures.facts import (
    DIRECT,
    NO_PAGE,
    UNKNOWN,
    Breakdown,
    BreakdownRow,
    SegmentReportFacts,
)
from segkit.views.figure import (
    BASELINE_KEY,
    INTERVAL_KEY,
    SEGMENT_KEY,
    figure,
    is_enough,
    too_few,
    unfigured,
)
from segkit.views.fragment import Fragment, absent, gather, grid, note
from segkit.views.markup import WITHHELD, Block, Child
from segkit.views.table import Column, Table
from segkit.views.words import count, interval, listed, share, some, window

PAGES = ("pages", "entry_pages", "exit_pages")
TRAFFIC = ("channels", "sources", "devices")
BEHAVIOUR = ("purchases",)
MOST_DRAWN = 10
MOST_IN_ORDER = 20


def render_pages(facts: SegmentReportFacts) -> Fragment:
    """Give pages, entry pages, exit pages and events; a sentence where nobody viewed a page."""
    shown, bare = split_bare(named(facts, PAGES))
    none = f"There are no page views in this window, so {_titles(bare)} are not shown."
    said = [none] if bare else []
    return render_breakdowns(facts, [*shown, *named(facts, ("events",))], said)


def render_traffic(facts: SegmentReportFacts) -> Fragment:
    """Give channels, sources and devices, and every further breakdown of behaviour.

    Those of which nothing is known are named in a sentence.
    """
    others = [
        breakdown
        for breakdown in facts.behaviour.breakdowns
        if breakdown.name not in {*PAGES, *TRAFFIC, *BEHAVIOUR, "events"}
    ]
    shown, bare = split_bare([*named(facts, TRAFFIC), *others])
    direct = [b for b in bare if any(row.value in DIRECT for row in b.rows)]
    unknown = [b for b in bare if b not in direct]
    said = [f"Nothing is known of the visits' {_titles(unknown)}."] if unknown else []
    if direct:
        why = "No visit came with a referrer or a campaign, so all count as direct"
        said.insert(0, f"{why}; {_titles(direct)} are not shown.")
    return render_breakdowns(facts, shown, said)


def split_bare(breakdowns: Sequence[Breakdown]) -> tuple[list[Breakdown], list[Breakdown]]:
    """Give the breakdowns that tell something, and those that hold nothing but what is unknown."""
    bare = [breakdown for breakdown in breakdowns if _is_bare(breakdown)]
    return [breakdown for breakdown in breakdowns if breakdown not in bare], bare


def _is_bare(breakdown: Breakdown) -> bool:
    told = [row for row in breakdown.rows if row.value not in {UNKNOWN, NO_PAGE, *DIRECT}]
    return not told and not breakdown.n_more


def _titles(breakdowns: Sequence[Breakdown]) -> str:
    return listed([breakdown.title.lower() for breakdown in breakdowns]) if breakdowns else ""


def named(facts: SegmentReportFacts, names: Sequence[str]) -> list[Breakdown]:
    """Give the breakdowns of behaviour of some names, in their order."""
    found = {breakdown.name: breakdown for breakdown in facts.behaviour.breakdowns}
    return [found[name] for name in names if name in found]


def render_breakdowns(
    facts: SegmentReportFacts, breakdowns: Sequence[Breakdown], said: Sequence[str]
) -> Fragment:
    """Give breakdowns side by side, below them the sentences on those that are not shown."""
    if not breakdowns and not said:
        return absent(facts, "The data holds nothing of this kind in the window.")
    blocks = [breakdown_block(breakdown, facts) for breakdown in breakdowns]
    return gather([*([grid(blocks)] if blocks else []), *map(note, said)])


def breakdown_block(breakdown: Breakdown, facts: SegmentReportFacts) -> Block:
    """Give one breakdown: bars with the table folded, or the table alone for too few users."""
    table = breakdown_table(breakdown)
    caption = _caption(breakdown, facts)
    if not breakdown.rows:
        return note(f"{breakdown.title}: nothing to show.")
    if not is_enough(facts.overview.n_users, breakdown.denominator):
        return unfigured(table, caption=caption, reason=too_few(breakdown.title))
    from segkit.views.figures.bars import (  # noqa: PLC0415  matplotlib only for a figure
        breakdown_bars,
        render_bars,
    )

    has_baseline = is_enough(facts.head.n_baseline, breakdown.baseline_denominator)
    bars = breakdown_bars(breakdown, has_baseline=has_baseline, most=_most_drawn(breakdown))
    quantity = f"Share of {some(breakdown.denominator, breakdown.of)} (%)"
    svg = render_bars(tuple(bars), title=breakdown.title, quantity=quantity, subject=table.caption)
    keys = (SEGMENT_KEY, BASELINE_KEY, INTERVAL_KEY) if has_baseline else (SEGMENT_KEY,)
    return figure(svg, table, caption=caption, keys=keys)


def _caption(breakdown: Breakdown, facts: SegmentReportFacts) -> str:
    sizes = (
        f"n = {some(breakdown.denominator, breakdown.of)} of the segment, "
        f"{some(breakdown.baseline_denominator, breakdown.of)} of the baseline; "
        f"{window(facts.head)}."
    )
    overlap = "" if breakdown.is_partition else " One of them can count for several values."
    return f"{sizes}{overlap}{not_listed(breakdown)}"


def not_listed(breakdown: Breakdown) -> str:
    """Give how many rows of the table are not drawn and how many values are in neither."""
    n_rows, most, said = len(breakdown.rows), _most_drawn(breakdown), ""
    if n_rows > most:
        said = f" Drawn: the first {most} of {n_rows} values in the table."
    if breakdown.n_more:
        said += f" Not listed: {some(breakdown.n_more, 'more values')}."
    return said


def _most_drawn(breakdown: Breakdown) -> int:
    """Give how many rows are drawn; of bands and periods more, since the last are not the least."""
    return MOST_IN_ORDER if breakdown.is_ordered else MOST_DRAWN


def breakdown_table(breakdown: Breakdown) -> Table:
    """Give the table of a breakdown: counts, shares with denominators, lift with its interval."""
    of = breakdown.of
    columns = [
        Column(breakdown.title),
        Column(f"Segment ({of})", "count"),
        Column(f"Share of {some(breakdown.denominator, of)}", "share"),
        Column(f"Baseline ({of})", "count"),
        Column(f"Share of {some(breakdown.baseline_denominator, of)}", "share"),
        Column("Lift (share / share)", "lift"),
        Column("95% interval of the lift", "interval"),
    ]
    if breakdown.volume_title:
        columns.append(Column(breakdown.volume_title, "count"))
    rows = [breakdown_cells(row, has_volume=bool(breakdown.volume_title)) for row in breakdown.rows]
    return Table(caption=_subject(breakdown), columns=columns, rows=rows, is_live=True)


def _subject(breakdown: Breakdown) -> str:
    return f"{breakdown.title}: {breakdown.of} of the segment and of the baseline"


def breakdown_cells(row: BreakdownRow, *, has_volume: bool) -> list[Child]:
    """Give the cells of one row; a missing count is withheld, an undefined lift an en dash."""
    cells: list[Child] = [
        row.value,
        number_cell(row.n),
        WITHHELD if row.n is None else share(row.share),
        number_cell(row.n_baseline),
        WITHHELD if row.n_baseline is None else share(row.baseline_share),
        Lift()(row.lift),
        interval(row.lift_low, row.lift_high),
    ]
    if has_volume:
        cells.append(
            MISSING if row.n is not None and row.volume is None else number_cell(row.volume)
        )
    return cells


def number_cell(n: int | None) -> Child:
    """Give a count as a cell; None is withheld."""
    return WITHHELD if n is None else count(n)
