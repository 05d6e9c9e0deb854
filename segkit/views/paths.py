"""Paths: where users go next, the ways that surprise, the orders they go in, how long it takes."""

from segkit.formats import Lift
from segkit.patterns.paths.facts import MoveTime, PathFacts, SurprisingPath, TellingPath
from segkit.views.figure import BASELINE_KEY, figure, is_enough, too_few, unfigured
from segkit.views.fragment import Fragment, gather, heading, note
from segkit.views.markup import WITHHELD, Block, Child
from segkit.views.path_orders import order_blocks
from segkit.views.path_words import join_pages, page_words, places, units, whole_way
from segkit.views.table import Column, Table
from segkit.views.words import count, interval, part_of, share, some

MOST_LISTED = 40
MOST_DRAWN = 12


def render_paths(facts: PathFacts) -> Fragment:
    """Give all that is known of a segment's paths, the parts one below the other."""
    blocks = [
        heading("Where they go next"),
        note(_explain(facts)),
        _moves(facts),
        heading("Where they are after some steps"),
        _steps(facts),
        heading("Surprising ways"),
        _surprising(facts),
        heading("Ways of the segment and of everyone else"),
        _telling(facts),
        *order_blocks(facts),
        heading(_between(facts)),
        _times(facts),
        *(note(sentence) for sentence in facts.notes),
    ]
    return gather(blocks)


def _explain(facts: PathFacts) -> str:
    what = {
        "pages": "Its steps are groups of pages (/product stands for every page below it); a page "
        "of the same group right after another is no step",
        "events": "Its steps are events; the same event right after another is no step",
        "goods": "Its steps are kinds of goods bought",
    }[facts.of]
    path = "one visit" if facts.unit == "visit" else "all that a user did in the window"
    return (
        f"A path is {path}. {what}. {some(facts.n_users, 'users')} of the segment left "
        f"{some(facts.n_paths, 'paths')} in the {facts.days} days to {facts.as_of}; everyone else: "
        f"{some(facts.n_baseline_users, 'users')}, {some(facts.n_baseline_paths, 'paths')}."
    )


def _period(facts: PathFacts) -> str:
    return f"{facts.days} days to {facts.as_of}"


def _moves(facts: PathFacts) -> Block:
    moves = facts.moves
    table = _moves_table(facts)
    caption = (
        f"Percent of the segment's moves from each {places(facts)}; "
        f"n = {some(facts.n_paths, 'paths')} of {some(facts.n_users, 'users')}; "
        f"{_period(facts)}. Hatched: withheld."
    )
    if not is_enough(facts.n_users):
        return unfigured(table, caption=caption, reason=too_few("Next pages"))
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  only for a figure
    from segkit.views.figures.shares import (  # noqa: PLC0415
        ShareGrid,
        describe_shares,
        draw_shares,
    )

    at = range(len(moves.names))
    grid = ShareGrid(
        title=f"Percent of the moves from each {places(facts)}",
        across="To",
        rows=[page_words(moves.names[i]) for i in at[:-1]],
        columns=[page_words(moves.names[j]) for j in at[1:]],
        shares=[[moves.share(i, j) for j in at[1:]] for i in at[:-1]],
    )
    sheet = Sheet(
        panels=[Panel(draw=lambda axes: draw_shares(grid, axes), height=grid.height)],
        title=table.caption,
        words=describe_shares(grid),
        width=grid.width + 98,
        left=94,
        right=4,
        below=grid.below,
        is_heat=True,
    )
    return figure(to_svg(sheet), table, caption=caption)


def _moves_table(facts: PathFacts) -> Table:
    moves = facts.moves
    seen = [
        (n, i, j) for i, row in enumerate(moves.n) for j, n in enumerate(row) if n is not None and n
    ]
    rows: list[list[Child]] = [
        [
            join_pages((moves.names[i], moves.names[j])),
            count(n),
            f"{share(moves.share(i, j))} of {count(moves.n_from[i])}",
            _baseline_share(facts, i, j),
            _points(moves.difference(i, j)),
        ]
        for n, i, j in sorted(seen, key=lambda move: (-move[0], move[1:]))[:MOST_LISTED]
    ]
    columns = [
        Column("From → to"),
        Column("Moves of the segment", "count"),
        Column("Share of the segment's moves from there", "share"),
        Column("Share of everyone else's moves from there", "share"),
        Column("Difference (percentage points)", "number"),
    ]
    place = places(facts)
    least = f", the {MOST_LISTED} most frequent" if len(seen) > MOST_LISTED else ""
    caption = f"Moves from {place} to {place}{least}; {_period(facts)}"
    return Table(caption=caption, columns=columns, rows=rows)


def _baseline_share(facts: PathFacts, begun: int, ended: int) -> Child:
    moves = facts.moves
    n, total = moves.n_baseline[begun][ended], moves.n_from_baseline[begun]
    if n is None or total is None:
        return WITHHELD
    return f"{share(moves.share(begun, ended, baseline=True))} of {count(total)}"


def _points(difference: float | None) -> Child:
    if difference is None:
        return "–"
    return f"{difference * 100:+.1f}".replace("-", "−")


def _steps(facts: PathFacts) -> Block:
    steps, n = facts.steps, facts.n_paths
    names = [page_words(name) for name in steps.names[1:]]
    shares = [[None if m is None else m / n for m in row[1:]] for row in steps.n[1:]]
    columns = [
        Column(places(facts).capitalize()),
        *(Column(f"Step {k + 1}", "share") for k in range(len(shares[0]))),
    ]
    caption = (
        f"Share of {some(n, 'paths')} that stand on each {places(facts)} at each step; "
        f"{_period(facts)}"
    )
    rows: list[list[Child]] = [
        [name, *(WITHHELD if s is None else share(s) for s in row)]
        for name, row in zip(names, shares, strict=True)
    ]
    table = Table(caption=caption, columns=columns, rows=rows)
    below = f"{caption}. A path that is over stays at its end. Hatched: withheld."
    if not is_enough(facts.n_users):
        return unfigured(table, caption=below, reason=too_few("Steps"))
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  only for a figure
    from segkit.views.figures.shares import (  # noqa: PLC0415
        ShareGrid,
        describe_shares,
        draw_shares,
    )

    grid = ShareGrid(
        title="Percent of all paths",
        across="Step",
        rows=names,
        columns=[str(k + 1) for k in range(len(shares[0]))],
        shares=shares,
    )
    sheet = Sheet(
        panels=[Panel(draw=lambda axes: draw_shares(grid, axes), height=grid.height)],
        title=caption,
        words=describe_shares(grid),
        width=grid.width + 98,
        left=94,
        right=4,
        is_heat=True,
    )
    return figure(to_svg(sheet), table, caption=below)


def _surprising(facts: PathFacts) -> Block:
    if not facts.surprising:
        return note("No way was taken far more often than its single moves would give.")
    columns = [
        Column("Way"),
        Column("Times seen", "count"),
        Column(f"Users of {some(facts.n_users, 'users')}", "count"),
        Column("Times expected from its moves", "number"),
        Column("Seen / expected", "lift"),
        Column("z = (seen − expected) / √(expected + 1)", "number"),
    ]
    caption = (
        "Three to five pages one right after the other, far more often than the moves on their own "
        f"would give, surest first; {_period(facts)}"
    )
    rows = [_surprise_row(row) for row in facts.surprising]
    return Table(caption=caption, columns=columns, rows=rows).block()


def _surprise_row(row: SurprisingPath) -> list[Child]:
    return [
        whole_way(row.pages),
        WITHHELD if row.n is None else count(row.n),
        WITHHELD if row.n_users is None else count(row.n_users),
        WITHHELD if row.expected is None else f"{row.expected:,.1f}",
        WITHHELD if row.lift is None else Lift(digits=1)(row.lift),
        WITHHELD if row.z is None else f"{row.z:,.1f}",
    ]


def _telling(facts: PathFacts) -> Block:
    if not facts.telling:
        return note("No way sets the segment's users apart from everyone else's.")
    columns = [
        Column("Way"),
        Column(f"Share of the segment's {some(facts.n_users, 'users')}", "share"),
        Column(f"Share of everyone else's {some(facts.n_baseline_users, 'users')}", "share"),
        Column("Odds, segment / everyone else", "lift"),
        Column("95% interval", "interval"),
    ]
    caption = (
        "Ways that more, or fewer, users of the segment went than of everyone else, surest first "
        f"(false-discovery rate 5%); {_period(facts)}"
    )
    rows = [_telling_row(row, facts) for row in facts.telling]
    return Table(caption=caption, columns=columns, rows=rows).block()


def _telling_row(row: TellingPath, facts: PathFacts) -> list[Child]:
    return [
        whole_way(row.pages),
        part_of(row.n_users, facts.n_users, "users"),
        part_of(row.n_others, facts.n_baseline_users, "users"),
        Lift()(row.odds_ratio),
        interval(*row.odds_interval),
    ]


def _between(facts: PathFacts) -> str:
    return "Time between pages" if facts.of == "pages" else "Time between steps"


def _times(facts: PathFacts) -> Block:
    if not facts.times:
        return note("Withheld: no move was made by enough users to say how long it takes.")
    columns = [
        Column("From → to"),
        Column("Moves of the segment", "count"),
        Column("Lower quartile (s)", "number"),
        Column("Median (s)", "number"),
        Column("Upper quartile (s)", "number"),
        Column("Median of everyone else (s)", "number"),
    ]
    caption = (
        f"Seconds from the first {units(facts)} of one step to the first of the next, the most "
        f"frequent moves first; {_period(facts)}"
    )
    rows = [_time_row(row) for row in facts.times]
    table = Table(caption=caption, columns=columns, rows=rows)
    below = f"Dot: median; line: the middle half of the moves. {caption}."
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  only for a figure
    from segkit.views.figures.spans import (  # noqa: PLC0415
        ROW_HEIGHT,
        TimeSpan,
        describe_spans,
        draw_spans,
    )

    spans = [
        TimeSpan(
            name=join_pages((row.begun, row.ended)),
            low_s=row.low_s,
            median_s=row.median_s,
            high_s=row.high_s,
            baseline_s=row.median_baseline_s,
        )
        for row in facts.times[:MOST_DRAWN]
    ]
    panel = Panel(
        draw=lambda axes: draw_spans(spans, axes, title=_between(facts)),
        height=len(spans) * ROW_HEIGHT,
    )
    sheet = Sheet(panels=[panel], title=caption, words=describe_spans(spans), right=66)
    return figure(to_svg(sheet), table, caption=below, keys=(BASELINE_KEY,))


def _time_row(row: MoveTime) -> list[Child]:
    other = row.median_baseline_s
    return [
        join_pages((row.begun, row.ended)),
        count(row.n),
        f"{row.low_s:,.0f}",
        f"{row.median_s:,.0f}",
        f"{row.high_s:,.0f}",
        WITHHELD if other is None else f"{other:,.0f}",
    ]
