"""Behaviour patterns: how many, what sets them apart, what they bring, how sure that is."""

from markupsafe import Markup

from segkit.formats import MISSING, Money
from segkit.patterns.facts import PatternFacts, PatternRow, ProfileRow
from segkit.patterns.facts_plane import Axis, Plane
from segkit.views.figure import figure, is_enough
from segkit.views.fragment import Fragment, gather, grid, heading, note
from segkit.views.markup import WITHHELD, Block, Child, join, stack, tag
from segkit.views.pattern_key import colour_of, dot, pattern_key
from segkit.views.pattern_time import render_drift
from segkit.views.pattern_words import (
    KINDS,
    Finding,
    find_words,
    name_feature,
    say_value,
    say_words,
)
from segkit.views.table import Column, Table
from segkit.views.words import count, listed, share, some

PLANE_HEIGHT = 270
STRIPS = 6
WEIGHT_OF = {"pages": "of {}", "source": "of visits", "device": "of visits", "volume": ""}


def render_patterns(facts: PatternFacts) -> Fragment:
    """Give the patterns of one segment, or the sentence that there are none."""
    blocks = [_verdict(facts), pattern_table(facts).block()]
    return gather([*blocks, note(explain(facts)), *map(note, facts.notes)])


def render_pattern_section(facts: PatternFacts) -> Fragment:
    """Give the section of a segment report: verdict, sizes, map, profile, findings, drift."""
    blocks = [_verdict(facts), pattern_table(facts).block()]
    if facts.found:
        figures = [block for block in (plane_block(facts), profile_block(facts)) if block]
        blocks += [pattern_key(facts), *([grid(figures)] if figures else [])]
        blocks += [findings_block(facts)]
    if facts.drift is not None:
        drift = render_drift(facts)
        blocks.append(heading("Does the kept model still fit?"))
        blocks.append(Block(html=_inner(drift), text=drift.text))
    return gather([*blocks, note(explain(facts)), *map(note, facts.notes)])


def _inner(fragment: Fragment) -> Markup:
    return Markup(fragment.html)  # noqa: S704  markup that `tag` made


def _verdict(facts: PatternFacts) -> Block:
    """Give the answer in one sentence: how many kinds of behaviour, or none."""
    if facts.reason:
        return note(f"{facts.reason.capitalize()}: nothing is cut where nothing parts.")
    worst = min(facts.found, key=lambda row: row.jaccard or 0.0)
    among = "users" if facts.n_eligible is None else some(facts.n_eligible, "users")
    return note(
        f"{len(facts.found)} kinds of behaviour among {among} who came at least twice and saw at "
        f"least 5 {_things(facts)}. The least sure of them is {worst.badge} (found again in "
        f"resamples with a Jaccard index of {worst.jaccard:.2f})."
    )


def _things(facts: PatternFacts) -> str:
    return {"page": "pages", "event": "events", "item": "goods"}[facts.kind]


def pattern_table(facts: PatternFacts) -> Table:
    """Give sizes, what sets each apart, buyers and stability, a row a pattern or rest."""
    came = some(facts.n_users, "users")
    columns = [
        Column("Pattern"),
        Column("Users", "count"),
        Column(f"Share of {came} who came", "share"),
        Column("What sets it apart"),
        Column("Buyers (users)", "count"),
        Column("Buyers / users of the pattern", "share"),
        Column("Found again in resamples"),
    ]
    if facts.currency:
        columns.insert(6, Column("Revenue of its buyers", "money"))
    caption = (
        f"Behaviour patterns of {came} who came in the {facts.days} days to {facts.as_of}; who "
        f"came at least twice and saw at least 5 {_things(facts)}"
        + ("" if facts.n_eligible is None else f" ({some(facts.n_eligible, 'users')})")
        + " can be in one."
    )
    places = {row.pattern: i for i, row in enumerate(facts.found)}
    rows = [_row(row, facts, places.get(row.pattern)) for row in facts.patterns]
    return Table(caption=caption, columns=columns, rows=rows)


def _row(row: PatternRow, facts: PatternFacts, place: int | None) -> list[Child]:
    is_hidden = row.n_users is None
    name = row.name if place is None else join([dot(place), tag("span", row.name)])
    cells: list[Child] = [
        name,
        WITHHELD if is_hidden else count(row.n_users),
        WITHHELD if is_hidden else share(row.share),
        WITHHELD if is_hidden else tag("span", say_words(row.terms)),
        WITHHELD if row.n_buyers is None else count(row.n_buyers),
        WITHHELD if row.n_buyers is None else share(row.buyer_share),
    ]
    if facts.currency:
        cells.append(
            WITHHELD if row.revenue is None else Money(currency=facts.currency)(row.revenue)
        )
    return [*cells, badge(row)]


def badge(row: PatternRow) -> Child:
    """Give how surely a pattern is found again, as a badge; a rest has none."""
    if row.jaccard is None:
        return MISSING
    name = (row.badge or "").replace(" ", "-")
    told = tag("span", row.badge or "", class_=f"sk-badge sk-{name}")
    return stack(told, f"Jaccard {row.jaccard:.2f}")


def plane_block(facts: PatternFacts) -> Block | None:
    """Give the map of the patterns; None where it cannot be drawn."""
    plane = facts.plane
    if plane is None or not plane.squares or not is_enough(facts.n_eligible):
        return None
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.plane import draw_plane  # noqa: PLC0415  the same

    order = {row.pattern: i for i, row in enumerate(facts.found)}
    names = facts.names
    rows: list[list[Child]] = [
        [
            f"{names[pair.first]} – {names[pair.second]}",
            WITHHELD if pair.n_users is None else count(pair.n_users),
        ]
        for pair in plane.between
        if pair.first in names and pair.second in names
    ]
    columns = [Column("Between the patterns"), Column("Users", "count")]
    table = Table(caption="Users between two patterns", columns=columns, rows=rows)
    across, up = (_say_axis(axis, facts.kind) for axis in plane.axes)
    part = share(plane.axes[0].share + plane.axes[1].share)
    caption = (
        f"Left to right: {across}. Bottom to top: {up}. The two directions hold {part} of what "
        "tells users apart. Ring: about two of three users of the pattern; tinted squares: at "
        f"least {facts.min_size} users. {_say_between(plane)}"
    )
    panel = Panel(draw=lambda axes: draw_plane(plane, axes, order=order), height=PLANE_HEIGHT)
    sheet = Sheet(panels=[panel], title="Where the patterns lie", words=caption, right=2, below=8)
    return figure(to_svg(sheet), table, caption=caption)


def _say_between(plane: Plane) -> str:
    if not any(pair.n_users for pair in plane.between):
        return "Hardly anyone sits between two patterns."
    return "Numbers on lines: users between two patterns (the second has a probability of 0.2)."


def _say_axis(axis: Axis, kind: str) -> str:
    low, high = (
        listed([name_feature(block, column, kind) for block, column in end]) if end else "nothing"
        for end in (axis.low, axis.high)
    )
    return f"from more {low} to more {high}"


def profile_block(facts: PatternFacts) -> Block | None:
    """Give the heat map of the strongest features; None without any."""
    rows = facts.profile
    if not rows or not rows[0].cells:
        return None
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.profile import CELL_HEIGHT, draw_profile  # noqa: PLC0415  the same

    numbers = _numbers(facts, rows[0])
    panel = Panel(
        draw=lambda axes: draw_profile(rows, axes, numbers=numbers, kind=facts.kind),
        height=CELL_HEIGHT * len(rows),
    )
    caption = (
        "Deeper: more than in the other patterns, paler: less. Means over each pattern's users: "
        "shares of a user's own views or visits (held back by 5 of the site's average), other "
        "numbers in their unit. × is the mean / that of the other "
        "patterns' users. Patterns were made of these features, so their differences are no test."
    )
    sheet = Sheet(
        panels=[panel],
        title="Strongest features by pattern",
        words=_say_profile(rows, facts),
        left=138,
        right=4,
        width=max(330, 146 + 42 * len(numbers)),
        is_heat=True,
    )
    return figure(to_svg(sheet), profile_table(facts), caption=caption)


def _numbers(facts: PatternFacts, row: ProfileRow) -> list[int]:
    places = {found.pattern: i + 1 for i, found in enumerate(facts.found)}
    return [places[cell.pattern] for cell in row.cells]


def _say_profile(rows: tuple[ProfileRow, ...], facts: PatternFacts) -> str:
    said = []
    for row in rows[:5]:
        top = max(row.cells, key=lambda cell: cell.lift or 0.0)
        name = name_feature(row.block, row.column, facts.kind)
        said.append(f"{name}: most in {facts.names[top.pattern]}, {say_value(row.block, top.mean)}")
    return "; ".join(said)


def profile_table(facts: PatternFacts) -> Table:
    """Give the strongest features by pattern with intervals and lifts."""
    columns = [Column("Feature"), Column("Unit")]
    columns += [Column(facts.names[c.pattern]) for c in facts.profile[0].cells]
    rows: list[list[Child]] = []
    for row in facts.profile:
        unit = WEIGHT_OF[row.block].format({"page": "page views"}.get(facts.kind, facts.kind + "s"))
        cells: list[Child] = [name_feature(row.block, row.column, facts.kind), unit]
        for cell in row.cells:
            if cell.mean is None:
                cells.append(WITHHELD)
                continue
            bounds = f"{say_value(row.block, cell.low)} to {say_value(row.block, cell.high)}"
            lift = "" if cell.lift is None else f", ×{cell.lift:.2f}"
            cells.append(stack(say_value(row.block, cell.mean), f"{bounds}{lift}"))
        rows.append(cells)
    return Table(
        caption="Mean, its 95% interval, and the lift over the other patterns",
        columns=columns,
        rows=rows,
    )


def findings_block(facts: PatternFacts) -> Block:
    """Give each pattern in sentences; what could be done stands apart from what was found."""
    found = find_words(facts)
    html = tag(
        "div",
        join([_finding(place, finding, facts) for place, finding in enumerate(found)]),
        class_="sk-findings",
    )
    text = "\n".join(_finding_text(place, finding) for place, finding in enumerate(found))
    return Block(html=html, text=text)


def _finding(place: int, finding: Finding, facts: PatternFacts) -> Markup:
    row = facts.found[place]
    parts = [
        tag("h3", dot(place), tag("span", finding.name), " ", badge_mark(row)),
        tag("p", " ".join(finding.said)),
    ]
    if finding.ideas:
        ideas = join([tag("li", idea) for idea in finding.ideas])
        parts.append(
            tag(
                "div",
                tag("p", "Could be tried (an idea, no finding):"),
                tag("ul", ideas),
                class_="sk-idea",
            )
        )
    return tag("section", *parts, class_="sk-finding", style=f"border-color:{colour_of(place)}")


def badge_mark(row: PatternRow) -> Markup:
    """Give the badge alone, for a heading."""
    name = (row.badge or "").replace(" ", "-")
    return tag("span", row.badge or "", class_=f"sk-badge sk-{name}")


def _finding_text(place: int, finding: Finding) -> str:
    lines = [f"{place + 1}. {finding.name}: {' '.join(finding.said)}"]
    lines += [f"   Could be tried: {idea}" for idea in finding.ideas]
    return "\n".join(lines)


def explain(facts: PatternFacts) -> str:
    """Say how patterns are found and what was tried."""
    tried = "; ".join(
        f"{k} groups: Jaccard {jaccard:.2f}, Rand {rand:.2f}"
        for k, jaccard, rand in facts.stability
    )
    how = (
        "Patterns are groups that 20 resamples of the users find again (mean Jaccard index at "
        "least 0.85, mean adjusted Rand index at least 0.70) with a valley between them. Orders "
        "and attributes form no pattern. Shares are held back by 5 "
        f"{KINDS[facts.kind][0]} or visits of the site's average."
    )
    return f"{how} Tried: {tried}." if tried else how
