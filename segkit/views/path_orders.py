"""The orders in which a segment goes: its types of order, and pages with others between."""

from segkit.patterns.paths.facts import GappedPath, OrderType, PathFacts, TypeMove
from segkit.views.fragment import heading, note
from segkit.views.markup import WITHHELD, Block, Child
from segkit.views.path_words import join_pages, places, whole_way
from segkit.views.table import Column, Table
from segkit.views.words import count, part_of, share, some


def order_blocks(facts: PathFacts) -> list[Block]:
    """Give the types of order, then the pages that follow one another with gaps."""
    return [
        heading("Types of order"),
        *_types(facts),
        heading(f"{_several(facts)} that follow with others between"),
        _gapped(facts),
    ]


def _types(facts: PathFacts) -> list[Block]:
    orders = facts.orders
    if not orders.types:
        return [note("Too few paths of two steps or more to tell types of order apart.")]
    tried = "; ".join(
        f"{k} types: {gain:+.3f} nats a move for unseen paths, Rand {rand:.2f}, Jaccard {alike:.2f}"
        for k, gain, rand, alike in orders.trials
        if k > 1
    )
    place = places(facts)
    how = (
        f"A type is a chain of chances from {place} to {place}; its number must speak for paths of "
        "users that took no part in the fit, and two fits, each on half of the users, must sort "
        f"the paths alike (Rand at least 0.70, Jaccard at least 0.85). Tried: {tried}."
    ).replace("-", "−")
    if len(orders.types) == 1:
        alone = (
            f"No separate types: {some(orders.n_paths, 'paths')} go in one order, as far as two "
        )
        return [note(f"{alone}halves of their users agree."), note(how)]
    columns = [
        Column("Type"),
        Column(f"Paths of {some(orders.n_paths, 'paths')}", "count"),
        Column("Users with such a path", "count"),
        Column("Moves it makes more: share of its moves from there (of all paths')"),
    ]
    caption = "Types of order: paths that choose each move by the same chances"
    rows = [_type_row(row, orders.n_paths) for row in orders.types]
    return [Table(caption=caption, columns=columns, rows=rows).block(), note(how)]


def _type_row(row: OrderType, n_paths: int) -> list[Child]:
    if row.n_paths is None:
        return [row.name, WITHHELD, WITHHELD, WITHHELD]
    return [
        row.name,
        f"{count(row.n_paths)} ({share(row.n_paths / n_paths)})",
        count(row.n_users),
        "; ".join(_move(move) for move in row.moves) or "–",
    ]


def _move(move: TypeMove) -> str:
    own = share(move.n / move.n_from)
    return f"{join_pages((move.begun, move.ended))} {own} ({share(move.share_all)})"


def _several(facts: PathFacts) -> str:
    return {"pages": "Pages", "events": "Events", "goods": "Kinds of goods"}[facts.of]


def _gapped(facts: PathFacts) -> Block:
    if not facts.gapped:
        return note("No steps follow one another more often than when they are shuffled.")
    columns = [
        Column(f"{_several(facts)} in this order"),
        Column("Paths", "share"),
        Column("Users", "count"),
        Column("Paths with their steps shuffled", "count"),
        Column("z", "number"),
    ]
    caption = (
        f"{_several(facts)} with at most two others between one and the next, against the same "
        f"paths with their steps shuffled, surest first; {facts.days} days to {facts.as_of}"
    )
    rows = [_gapped_row(row, facts) for row in facts.gapped]
    return Table(caption=caption, columns=columns, rows=rows).block()


def _gapped_row(row: GappedPath, facts: PathFacts) -> list[Child]:
    return [
        whole_way(row.pages, " … "),
        part_of(row.n_paths, facts.n_looked_at, "paths"),
        count(row.n_users),
        count(row.expected),
        f"{row.z:,.1f}",
    ]
