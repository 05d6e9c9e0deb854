"""What moved since earlier reports of the same segment: each number beside what it was."""

from collections.abc import Sequence

from segkit.compare.changes import Change, Changes, Usualness
from segkit.compare.quantities import Quantity
from segkit.formats import MISSING
from segkit.views.changed import say_move
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import WITHHELD, Block, Child, stack, tag
from segkit.views.table import Column, Table
from segkit.views.words import Words, count

MARKED = {
    Usualness.unusual: "far from the moves before",
    Usualness.no_variation: "the moves before were all alike",
}
NO_RUN = "Only a run is set against the runs before it; this is none."
CAPTION = (
    "What moved since the report before; below each ratio stand its two parts. Moves of shares "
    "are in points of a percent"
)
BECAUSE = {"not in the earlier report": "it was not in that report"}
OWN_TABLE = 5
"""So many numbers of one thing have a table of their own."""


def render_changes(changes: Changes | None, words: Words) -> Fragment:
    """Give a sentence for each unusual move, and the table of all numbers now and before.

    Numbers of several segments stand in a table for each; None is a report outside of a run.
    """
    if changes is None:
        return gather([note(NO_RUN)])
    said = [note(sentence) for sentence in changes.notes]
    if changes.before_on is None or not changes.since_before:
        return gather(said)
    marked = [c for c in changes.since_before if c.usualness in MARKED]
    parts = _part(changes)
    said += _untold(parts)
    tables = [_table(about, rows, changes, words).block() for about, rows in _joined(parts)]
    return gather([_unusual(marked, changes, words), *said, *tables])


def render_numbers(changes: Changes, words: Words) -> Fragment:
    """Give the numbers of a report as they are now, where there is no earlier one."""
    rows: list[list[Child]] = [[c.now.label, _cell(c.now, words)] for c in changes.since_before]
    columns = [Column("Number"), Column(f"{changes.as_of}", "number")]
    table = Table(caption="The numbers of this report", columns=columns, rows=rows).block()
    return gather([*map(note, changes.notes), *([table] if rows else [])])


def _part(changes: Changes) -> dict[str, list[Change]]:
    """Give the moves by what they are about."""
    parts: dict[str, list[Change]] = {}
    for change in changes.since_before:
        parts.setdefault(change.now.about, []).append(change)
    return parts


def _untold(parts: dict[str, list[Change]]) -> list[Block]:
    """Take out what is compared with nothing, for one reason, and give a sentence a reason."""
    reasons: dict[str, list[str]] = {}
    for about, rows in list(parts.items()):
        found = {change.reason for change in rows}
        if about and len(found) == 1 and not any(change.before for change in rows):
            reasons.setdefault(found.pop(), []).append(about)
            del parts[about]
    return [
        note(
            f"Not compared with the report before, because {BECAUSE.get(why, why)}: "
            f"{'; '.join(names)}."
        )
        for why, names in reasons.items()
    ]


def _joined(parts: dict[str, list[Change]]) -> list[tuple[str, list[Change]]]:
    """Give the tables; things of few numbers each stand in one."""
    if max(map(len, parts.values()), default=0) < OWN_TABLE:
        rows = [change for some in parts.values() for change in some]
        return [("", rows)] if rows else []
    return list(parts.items())


def _unusual(marked: Sequence[Change], changes: Changes, words: Words) -> Block:
    """Give the moves that are out of the ordinary, or that there is none."""
    if not marked:
        judged = [c for c in changes.since_before if c.usualness is Usualness.usual]
        if judged:
            return note(f"Every move since {changes.before_on} is as large as earlier ones were.")
        return note("Whether a move is usual can be said from nine earlier reports on.")
    told = [
        f"{c.now.label}: {say_move(c)} since {changes.before_on}, from {_plain(c.before, words)} "
        f"to {_plain(c.now, words)}; {MARKED[c.usualness]}."
        for c in marked
    ]
    items = tag("ul", *(tag("li", sentence) for sentence in told), class_="sk-findings")
    return Block(html=items, text="\n".join(f"- {sentence}" for sentence in told))


def _table(about: str, rows: Sequence[Change], changes: Changes, words: Words) -> Table:
    year = {c.now.name: c for c in changes.since_year}
    columns = [
        Column("Number"),
        Column(f"{changes.as_of}", "number"),
        Column(f"Report before ({changes.before_on})", "number"),
        Column("Change", "number"),
    ]
    if changes.year_on:
        columns += [
            Column(f"A year ago ({changes.year_on})", "number"),
            Column("Change since then", "number"),
        ]
    columns.append(Column("Against earlier moves"))
    cells = [
        _row(c, year.get(c.now.name), words, title=c.now.title if about else c.now.label)
        for c in rows
    ]
    if not changes.year_on:
        cells = [[*row[:4], row[-1]] for row in cells]
    caption = f"{about}: what moved since the report before" if about else CAPTION
    return Table(caption=caption, columns=columns, rows=cells, stacks=True)


def _row(change: Change, year: Change | None, words: Words, *, title: str) -> list[Child]:
    then = year.before if year else None
    return [
        title,
        _cell(change.now, words),
        _cell(change.before, words),
        say_move(change) or change.reason,
        _cell(then, words),
        (say_move(year) or year.reason) if year else "",
        "" if change.usualness is Usualness.unknown else change.usualness.value,
    ]


def _cell(quantity: Quantity | None, words: Words) -> Child:
    """Give a number above its two parts; one that was not there is an en dash."""
    if quantity is None:
        return MISSING
    if quantity.value is None:
        return WITHHELD
    value = words.say(quantity.value, quantity.kind)
    if quantity.is_count or quantity.denominator is None or quantity.numerator is None:
        return value
    if quantity.kind == "count" and quantity.denominator == 1:
        return value
    is_amount = quantity.kind in {"money", "duration"}
    above = words.say(quantity.numerator, quantity.kind) if is_amount else count(quantity.numerator)
    return stack(value, f"{above} / {count(quantity.denominator)}", joint=" = ")


def _plain(quantity: Quantity | None, words: Words) -> str:
    return words.say(quantity.value if quantity else None, quantity.kind if quantity else "count")
