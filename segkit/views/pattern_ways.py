"""The typical ways of each pattern: a sentence, and the table of its shares."""

from segkit.formats import Lift, Number
from segkit.patterns.facts import PathFacts, PatternFacts, PatternRow
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import WITHHELD, Block, Child, tag
from segkit.views.path_words import join_pages
from segkit.views.pattern_key import dot
from segkit.views.pattern_words import KINDS, part_cell, say_part
from segkit.views.table import Column, Table
from segkit.views.words import share


def render_ways(facts: PatternFacts) -> Fragment:
    """Give the ways that each pattern's users take more often than those of the others."""
    if not facts.found:
        return gather([note("There are no patterns to describe.")])
    blocks: list[Block] = []
    for place, row in enumerate(facts.found):
        blocks += [_head(place, row), note(_tell(row, facts))]
        if row.paths:
            blocks.append(_table(row, facts).block())
    return gather(blocks)


def _head(place: int, row: PatternRow) -> Block:
    html = tag("h3", dot(place), tag("span", row.name), class_="sk-heading")
    return Block(html=html, text=f"{place + 1}. {row.name}")


def _tell(row: PatternRow, facts: PatternFacts) -> str:
    if row.n_users is None:
        return "Withheld, because it, or another pattern by subtraction, has too few users."
    things = KINDS[facts.kind][2]
    if not row.paths:
        return f"No way through three or more {things} is taken more often than in other patterns."
    first = row.paths[0]
    return f"Typical: {join_pages(first.steps)}, in this order: {_say(first)}."


def _say(way: PathFacts) -> str:
    own = say_part(way.seen, "users")
    if way.others_share is None:
        return own
    others = f"{share(way.others_share)} of the other patterns' users"
    if way.lift is None:
        return f"{own}, none of the other patterns' users"
    return f"{own} against {others}, {Number(digits=1)(way.lift)} times as often"


def _table(row: PatternRow, facts: PatternFacts) -> Table:
    things = KINDS[facts.kind][2]
    columns = [
        Column(f"Way through the {things}, one right after the other"),
        Column("Users of the pattern who went it", "share"),
        Column("Share of other patterns' users", "share"),
        Column("Lift (share / share)", "lift"),
    ]
    rows: list[list[Child]] = [
        [
            tag("span", join_pages(way.steps)),
            part_cell(way.seen),
            WITHHELD if way.others_share is None else share(way.others_share),
            Lift()(way.lift),
        ]
        for way in row.paths
    ]
    return Table(caption=f"Ways of “{row.name}”, surest first", columns=columns, rows=rows)
