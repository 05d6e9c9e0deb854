"""Patterns in time: how sure they are, what came after, how sizes moved, whether a model fits."""

from segkit.formats import MISSING, Money, Number
from segkit.patterns.facts import PatternFacts
from segkit.patterns.facts_later import (
    AfterFacts,
    DriftFacts,
    Flows,
    LaterRow,
    RetestFacts,
    Windows,
)
from segkit.views.figure import figure, is_enough, too_few, unfigured
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import WITHHELD, Block, Child
from segkit.views.pattern_key import number_of, pattern_key
from segkit.views.pattern_words import name_feature, part_cell, say_part
from segkit.views.table import Column, Table
from segkit.views.words import count, share

PANEL_HEIGHT = 170
LEVELS = {
    "steady": "steady (below 0.10)",
    "moved": "moved (0.10 to 0.25)",
    "shifted": "shifted (0.25 and more)",
}


def render_retest(facts: PatternFacts) -> Fragment:
    """Give how often two halves of the same users' visits say the same pattern."""
    found = facts.retest
    if found is None:
        return gather([note(_no_time(facts, "test and retest"))])
    rows: list[list[Child]] = [
        [facts.names[name], part_cell(part)] for name, part in found.patterns
    ]
    columns = [
        Column("Pattern"),
        Column("Same by both halves / in it by either half (users)", "share"),
    ]
    caption = "Test and retest by pattern"
    return gather(
        [note(_say_retest(found)), Table(caption=caption, columns=columns, rows=rows).block()]
    )


def _say_retest(found: RetestFacts) -> str:
    bounds = f", 95% interval {share(found.low)} to {share(found.high)}" if found.low else ""
    return (
        "Each user's visits were dealt into two halves by chance and each half was asked alone. "
        f"Both gave the same pattern for {say_part(found.eligible, 'users with enough in both')}"
        f"{bounds}; counting everyone with visits in both halves, for "
        f"{say_part(found.everyone, 'users')}. This is how far “this user is in this pattern” can "
        "be trusted; a half holds half the visits, so a whole month is surer."
    )


def render_after(facts: PatternFacts) -> Fragment:
    """Give what each pattern did in the days after, and whether RFM groups tell it as well."""
    found = facts.after
    if found is None:
        return gather([note(_no_time(facts, "what patterns did afterwards"))])
    said = [str(contest) for contest in found.contests]
    return gather([*map(note, said), _after_table(found, facts).block()])


def _after_table(found: AfterFacts, facts: PatternFacts) -> Table:
    columns = [
        Column("Pattern"),
        Column(f"Came again in {found.days} days (users)", "share"),
        Column("95% interval", "interval"),
        Column("Ordered (users)", "share"),
    ]
    if facts.currency:
        columns += [Column("Revenue / users of the pattern", "money"), Column("95% interval")]
    caption = (
        f"Patterns by the {found.days_before} days to {found.split_on}, and what their users did "
        f"in the {found.days} days after."
    )
    return Table(
        caption=caption, columns=columns, rows=[_after_row(row, facts) for row in found.rows]
    )


def _after_row(row: LaterRow, facts: PatternFacts) -> list[Child]:
    bounds = MISSING if row.low is None else f"{share(row.low)} to {share(row.high)}"
    cells: list[Child] = [row.name, part_cell(row.returned), bounds, part_cell(row.bought)]
    if facts.currency:
        money = Money(currency=facts.currency)
        amounts = (row.revenue_per_user, row.revenue_low, row.revenue_high)
        if row.revenue_per_user is None:
            cells += [WITHHELD, MISSING]
        else:
            own, low, high = map(money, amounts)
            cells += [own, f"{low} to {high}"]
    return cells


def render_windows(facts: PatternFacts) -> Fragment:
    """Give the sizes of the patterns over past windows, scored by one model."""
    found = facts.windows
    if found is None:
        return gather([note(_no_time(facts, "sizes over earlier windows"))])
    table = _windows_table(found)
    caption = (
        f"{len(found.rows)} windows of {facts.days} days, each with the segment as it was at its "
        "end, all scored by one model; shares of all users who came in the window. Gap: withheld."
    )
    told = [row.n_users for row in found.rows if row.n_users is not None]
    if not is_enough(min(told, default=None)):
        return gather([unfigured(table, caption=caption, reason=too_few("Sizes over time"))])
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.moves import draw_windows  # noqa: PLC0415  the same

    patterns = [row.pattern for row in facts.found]
    panel = Panel(
        draw=lambda axes: draw_windows(found, axes, patterns=patterns), height=PANEL_HEIGHT
    )
    words = "; ".join(_say_line(found, row.pattern, row.name) for row in facts.found)
    sheet = Sheet(panels=[panel], title=table.caption, words=words, left=40, right=26)
    return gather([pattern_key(facts), figure(to_svg(sheet), table, caption=caption)])


def _say_line(found: Windows, pattern: str, name: str) -> str:
    if pattern not in found.labels:
        return f"{name}: none"
    place = found.labels.index(pattern)
    told = [row.shares[place] for row in found.rows if row.shares[place] is not None]
    return f"{name}: {share(told[0])} to {share(told[-1])}" if told else f"{name}: withheld"


def _windows_table(found: Windows) -> Table:
    columns = [Column("Window"), Column("Came (users)", "count")]
    columns += [Column(name, "count") for name in found.names]
    rows: list[list[Child]] = [
        [
            f"{row.first_on} to {row.last_on}",
            WITHHELD if row.n_users is None else count(row.n_users),
            *(
                WITHHELD if n is None else f"{count(n)} ({share(part)})"
                for n, part in zip(row.counts, row.shares, strict=True)
            ),
        ]
        for row in (*([found.year] if found.year else []), *found.rows)
    ]
    return Table(caption="Users by pattern and window", columns=columns, rows=rows)


def render_flows(facts: PatternFacts) -> Fragment:
    """Give who went from which pattern to which since the window before."""
    found = facts.flows
    if found is None:
        return gather([note(_no_time(facts, "flows between patterns"))])
    table = _flows_table(found)
    caption = (
        f"Users of the segment by pattern in the {facts.days} days to {found.before_on} (rows) and "
        f"to {found.now_on} (columns). “not here”: did not come, or was not in the segment."
    )
    from segkit.views.figures.canvas import Panel, Sheet, to_svg  # noqa: PLC0415  matplotlib only for a figure
    from segkit.views.figures.moves import FLOW_CELL, draw_flows  # noqa: PLC0415  the same

    short = number_of(facts)
    heads = [short.get(label, label) for label in found.labels]
    panel = Panel(
        draw=lambda axes: draw_flows(found, axes, heads=heads), height=FLOW_CELL * len(heads)
    )
    sheet = Sheet(
        panels=[panel],
        title=table.caption,
        words=_say_flows(found),
        left=142,
        right=6,
        below=62,
        width=max(330, 150 + 30 * len(heads)),
        is_heat=True,
    )
    return gather([note(_say_flows(found)), figure(to_svg(sheet), table, caption=caption)])


def _say_flows(found: Flows) -> str:
    stays = []
    for i, name in enumerate(found.names[:-1]):
        own, total = found.counts[i][i], found.totals[i]
        if own is not None and total:
            stays.append(f"{name}: {share(own / total)} of {count(total)} users")
    said = "; ".join(stays)
    return f"Had the same label in both windows: {said}." if said else "All numbers are withheld."


def _flows_table(found: Flows) -> Table:
    columns = [Column("Before"), Column("Users", "count")]
    columns += [Column(f"now: {name}", "count") for name in found.names]
    rows: list[list[Child]] = [
        [name, _number(total), *map(_number, row)]
        for name, row, total in zip(found.names, found.counts, found.totals, strict=True)
    ]
    return Table(caption="Users by pattern before and now", columns=columns, rows=rows)


def _number(n: int | None) -> Child:
    return WITHHELD if n is None else count(n)


def render_drift(facts: PatternFacts) -> Fragment:
    """Give whether a kept model still fits; a sentence for one found in these very users."""
    found = facts.drift
    if found is None:
        said = "These patterns were found in the users of this very report, so nothing can drift."
        return gather([note(said)])
    return gather([note(say_drift(facts, found)), *_drift_tables(found, facts)])


def say_drift(facts: PatternFacts, found: DriftFacts) -> str:
    """Give the drift of a kept model in sentences."""
    model = facts.model
    distance = Number(digits=3)
    verdict = (
        "Users lie farther from the patterns than chance allows: the patterns should be found anew"
        if found.is_alarm
        else "Users lie as near to the patterns as when they were found"
    )
    moved = [shift for shift in found.shifts if shift.level != "steady"]
    shifts = (
        f"{len(moved)} of the features listed moved by an index of 0.10 or more"
        if moved
        else "no feature moved by an index of 0.10 or more"
        if found.shifts
        else "the model holds no features of its days to set them against"
    )
    unsure = say_part(found.unsure, "eligible users")
    unsure = "withheld" if unsure == MISSING else unsure
    return (
        f"The patterns “{model.name}” were found in the users of {model.first_on} to "
        f"{model.last_on} and are only asked here. {verdict} (mean distance "
        f"{distance(found.mean_distance)}, alarm above {distance(found.alarm)}); {shifts}. Without "
        f"a clear pattern: {unsure}."
    )


def _drift_tables(found: DriftFacts, facts: PatternFacts) -> list[Block]:
    shares = Table(
        caption="Share of eligible users: when the patterns were found, and now",
        columns=[
            Column("Pattern"),
            Column("Then", "share"),
            Column("Now", "share"),
            Column("95% interval", "interval"),
        ],
        rows=[
            [
                row.name,
                share(row.then),
                share(row.now),
                MISSING if row.low is None else f"{share(row.low)} to {share(row.high)}",
            ]
            for row in found.shares
        ],
    )
    shifts = Table(
        caption="Features by how far they moved (population stability index)",
        columns=[Column("Feature"), Column("Index", "number"), Column("That is")],
        rows=[
            [
                name_feature(shift.block, shift.column, facts.kind),
                Number(digits=3)(shift.index),
                LEVELS[shift.level],
            ]
            for shift in found.shifts
        ],
    )
    return [table.block() for table in (shares, shifts) if table.rows]


def _no_time(facts: PatternFacts, what: str) -> str:
    if facts.reason:
        return f"There are no patterns, so there is nothing to say of {what}."
    return f"Not shown: {what}; the data does not reach back far enough, or it was not asked for."
