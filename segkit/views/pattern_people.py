"""Each pattern by itself: rule, labels, what it brings, pages, typical members."""

from segkit.formats import MISSING, Lift, Money, Number
from segkit.patterns.facts import Brought, Member, PatternFacts, PatternRow, ProfileRow
from segkit.views.figure import figure
from segkit.views.fragment import Fragment, gather, grid, note
from segkit.views.markup import WITHHELD, Block, Child, tag
from segkit.views.pattern_key import dot, pattern_key
from segkit.views.pattern_words import (
    KINDS,
    name_feature,
    name_volume,
    part_cell,
    say_brought,
    say_part,
    say_value,
)
from segkit.views.patterns import badge_mark
from segkit.views.table import Column, Table
from segkit.views.words import count, interval, share

STRIPS = 6
STRIP_HEIGHT = 19
_MOST = {"page": "Looks most at", "event": "Does most", "item": "Buys most"}
SHARE_OF_VISITS = "share of a user's visits"


def render_strips(facts: PatternFacts) -> Fragment:
    """Give the strongest features one by one, a point with its interval a pattern."""
    if not facts.profile or not facts.profile[0].cells:
        return gather([note("There are no patterns to set side by side.")])
    ranked = sorted(facts.profile, key=lambda row: -max((c.lift or 0.0) for c in row.cells))
    blocks = [_strip(row, facts) for row in ranked[:STRIPS]]
    return gather([pattern_key(facts), grid(blocks)])


def _strip(row: ProfileRow, facts: PatternFacts) -> Block:
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.profile import draw_strip  # noqa: PLC0415  the same

    places = {found.pattern: i + 1 for i, found in enumerate(facts.found)}
    numbers = [places[cell.pattern] for cell in row.cells]
    name = name_feature(row.block, row.column, facts.kind)
    cells: list[list[Child]] = [
        [
            facts.names[cell.pattern],
            WITHHELD if cell.mean is None else say_value(row.block, cell.mean),
            MISSING
            if cell.low is None
            else f"{say_value(row.block, cell.low)} to {say_value(row.block, cell.high)}",
            Lift()(cell.lift),
        ]
        for cell in row.cells
    ]
    columns = [
        Column("Pattern"),
        Column("Mean", "number"),
        Column("95% interval", "interval"),
        Column("Lift (mean / others' mean)", "lift"),
    ]
    table = Table(caption=f"{name} by pattern", columns=columns, rows=cells)
    of = {"pages": f"share of a user's {KINDS[facts.kind][0]}", "volume": "mean a user"}
    caption = f"{of.get(row.block, SHARE_OF_VISITS).capitalize()}; line: 95% interval."
    panel = Panel(
        draw=lambda axes: draw_strip(row, axes, numbers=numbers, kind=facts.kind),
        height=STRIP_HEIGHT * len(numbers),
    )
    words = "; ".join(f"{line[0]} {line[1]}" for line in cells)
    sheet = Sheet(panels=[panel], title=table.caption, words=words, left=16, below=22)
    return figure(to_svg(sheet), table, caption=caption)


def render_profiles(facts: PatternFacts) -> Fragment:
    """Give each pattern by itself."""
    if not facts.found:
        return gather([note("There are no patterns to describe.")])
    blocks = []
    for place, row in enumerate(facts.found):
        blocks += [_head(place, row), *_body(row, facts)]
    return gather(blocks)


def _head(place: int, row: PatternRow) -> Block:
    html = tag("h3", dot(place), tag("span", row.name), " ", badge_mark(row), class_="sk-heading")
    return Block(html=html, text=f"{place + 1}. {row.name} ({row.badge})")


def _body(row: PatternRow, facts: PatternFacts) -> list[Block]:
    if row.n_users is None:
        return [note("Withheld, because it, or another pattern by subtraction, has too few users.")]
    tables = [
        _pages(row, facts),
        _who(row),
        _brings(row.brings, facts),
        _members(row.typical, facts.kind),
    ]
    return [_rule(row), *(table.block() for table in tables if table.rows)]


def _rule(row: PatternRow) -> Block:
    rule = row.rule
    if rule is None:
        return note("Rule: no short rule tells this pattern from the others.")
    return note(
        f"Rule of thumb: {rule.text} Of those who fulfil it {say_part(rule.precision, 'users')} "
        f"are in the pattern; of the pattern {say_part(rule.recall, 'users')} fulfil it. Both are "
        "counted on users that the rule was not made from."
    )


def _pages(row: PatternRow, facts: PatternFacts) -> Table:
    verb, things = KINDS[facts.kind][1:]
    columns = [
        Column(things.capitalize()),
        Column(f"Users of the pattern who {verb} it", "share"),
        Column("Share of other patterns' users", "share"),
        Column("Lift (share / share)", "lift"),
    ]
    rows: list[list[Child]] = [
        [
            p.page,
            part_cell(p.seen),
            WITHHELD if p.others_share is None else share(p.others_share),
            Lift()(p.lift),
        ]
        for p in row.pages
    ]
    caption = f"The {things} that most more of them {verb} than of the other patterns"
    return Table(caption=caption, columns=columns, rows=rows)


def _who(row: PatternRow) -> Table:
    columns = [
        Column("Label"),
        Column("Users", "count"),
        Column("Share of the pattern", "share"),
        Column("Share of other patterns' users", "share"),
        Column("Lift (share / share)", "lift"),
        Column("95% interval", "interval"),
    ]
    rows: list[list[Child]] = [
        [
            who.value,
            count(who.n),
            share(who.share),
            WITHHELD if who.others_share is None else share(who.others_share),
            Lift()(who.lift),
            interval(who.low, who.high),
        ]
        for who in row.who
    ]
    return Table(
        caption="Who they are: labels more frequent among them", columns=columns, rows=rows
    )


def _brings(brought: tuple[Brought, ...], facts: PatternFacts) -> Table:
    columns = [
        Column("What they bring"),
        Column("Users with any", "share"),
        Column("Sum", "number"),
        Column("Sum / users of the pattern", "number"),
        Column("Sum / users of the other patterns", "number"),
    ]
    rows = [_brought(item, facts) for item in brought]
    caption = "What they bring in the window; it formed no pattern"
    return Table(caption=caption, columns=columns, rows=rows)


def _brought(item: Brought, facts: PatternFacts) -> list[Child]:
    is_money = item.column == "revenue"
    amount = Money(currency=facts.currency or "") if is_money else Number(digits=2)
    total = amount(item.total) if is_money else count(item.total)
    return [
        say_brought(item.column),
        part_cell(item.any_),
        WITHHELD if item.total is None else total,
        WITHHELD if item.mean is None else amount(item.mean),
        WITHHELD if item.others_mean is None else amount(item.others_mean),
    ]


def _members(members: tuple[Member, ...], kind: str) -> Table:
    names = [name for name, _ in members[0].volume] if members else []
    columns = [Column("Typical member"), Column(_MOST[kind])]
    columns += [Column(name_volume(name, kind).capitalize(), "number") for name in names]
    rows: list[list[Child]] = [
        [
            member.user,
            tag("span", ", ".join(f"{page} {share(part)}" for page, part in member.pages)),
            *(Number()(value) for _, value in member.volume),
        ]
        for member in members
    ]
    return Table(caption="Members nearest to the pattern's centre", columns=columns, rows=rows)
