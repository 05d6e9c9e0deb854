"""How segments share their users: the combinations as a figure, every two of them as a table."""

from collections.abc import Sequence

from segkit.compare.facts import Overlap, OverlapPair
from segkit.formats import MISSING, Lift
from segkit.views.breakdown import number_cell
from segkit.views.figure import figure, is_enough, too_few, unfigured
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import WITHHELD, Block, Child, stack
from segkit.views.table import Column, Table
from segkit.views.words import count, interval, share, some

WIDTH = 330.0
LEFT, RIGHT = 4.0, 54.0


def render_overlap(overlap: Overlap) -> Fragment:
    """Give the combinations of segments with their users, and how far every two overlap."""
    return gather([_combinations(overlap), _sizes(overlap).block(), *_pairs(overlap)])


def _combinations(overlap: Overlap) -> Block:
    rows = overlap.intersections
    table = Table(
        caption="Users by exact combination of segments",
        columns=[Column("In all of these and in no other"), Column("Users", "count"),
                 Column(f"Share of {some(overlap.n_universe, 'users')}", "share")],
        rows=[[" · ".join(row.segments), number_cell(row.n_users),
               _part(row.n_users, overlap.n_universe)] for row in rows],
        is_live=True,
    )  # fmt: skip
    none = "withheld" if overlap.n_none is None else count(overlap.n_none)
    more = ""
    if overlap.n_more:
        users = "withheld" if overlap.n_users_more is None else count(overlap.n_users_more)
        more = f" Not listed: {overlap.n_more} smaller combinations (users: {users})."
    caption = (
        f"n = {some(overlap.n_universe, 'users')}; in none of the segments: {none}. A row counts "
        f"users in exactly the segments with a large dot.{more}"
    )
    if not rows or not is_enough(overlap.n_universe):
        return unfigured(table, caption=caption, reason=too_few("Overlap"))
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.upset import (  # noqa: PLC0415
        COLUMN_WIDTH,
        HEAD_HEIGHT,
        ROW_HEIGHT,
        describe_upset,
        draw_upset,
    )

    across = max(WIDTH - LEFT - RIGHT, COLUMN_WIDTH * len(overlap.segments) + 110)
    panel = Panel(
        draw=lambda axes: draw_upset(rows, overlap.segments, axes, width=across),
        height=len(rows) * ROW_HEIGHT,
    )
    sheet = Sheet(
        panels=[panel], title=table.caption, words=describe_upset(rows),
        width=across + LEFT + RIGHT, left=LEFT, right=RIGHT, above=HEAD_HEIGHT, below=8,
    )  # fmt: skip
    return figure(to_svg(sheet), table, caption=caption)


def _part(n: int | None, whole: int | None) -> Child:
    return WITHHELD if n is None or not whole else share(n / whole)


def _sizes(overlap: Overlap) -> Table:
    columns = [
        Column("Segment"),
        Column("Users", "count"),
        Column(f"Share of {some(overlap.n_universe, 'users')}", "share"),
    ]
    rows = [
        [
            stack(s.title, s.segment, joint=", "),
            number_cell(s.n_users),
            _part(s.n_users, overlap.n_universe),
        ]
        for s in overlap.segments
    ]
    return Table(caption="Size of the segments", columns=columns, rows=rows)


def _pairs(overlap: Overlap) -> list[Block]:
    """Give the pairs whose users are shown as a table, and say how many others are withheld."""
    shown = [pair for pair in overlap.pairs if pair.n_both is not None]
    hidden = len(overlap.pairs) - len(shown)
    blocks = [_pair_table(shown).block()] if shown else []
    if hidden:
        pairs = "pairs of segments is" if hidden == 1 else "pairs of segments are"
        blocks.append(
            note(
                f"{count(hidden)} of {count(len(overlap.pairs))} {pairs} withheld: too few users "
                "are in both, or their number could be worked out from others."
            )
        )
    return blocks


def _pair_table(pairs: Sequence[OverlapPair]) -> Table:
    columns = [
        Column("First · second"),
        Column("In both (users)", "count"),
        Column("In either (users)", "count"),
        Column("Jaccard (both / either)", "share"),
        Column("Both / first", "share"),
        Column("Both / second", "share"),
        Column("Lift over independence", "lift"),
        Column("95% interval of the lift", "interval"),
    ]
    rows = [_pair(pair) for pair in sorted(pairs, key=lambda p: -(p.jaccard or -1.0))]
    return Table(
        caption="Every two segments", columns=columns, rows=rows, is_live=True, stacks=True
    )


def _pair(pair: OverlapPair) -> list[Child]:
    return [
        f"{pair.first} · {pair.second}",
        count(pair.n_both),
        count(pair.n_either),
        share(pair.jaccard),
        share(pair.first_in_second),
        share(pair.second_in_first),
        Lift()(pair.lift) if pair.lift is not None else MISSING,
        interval(pair.lift_low, pair.lift_high),
    ]
