"""What moved since earlier reports of the same segment: each number beside what it was."""

from collections.abc import Sequence

from segkit.compare.changes import Change, Changes, Quantity, Usualness
from segkit.measures.facts import SegmentReportFacts
from segkit.views.changed import say_move
from segkit.views.fragment import Fragment, absent, gather, note
from segkit.views.markup import WITHHELD, Block, Child, stack, tag
from segkit.views.table import Column, Table
from segkit.views.words import Words, count

MARKED = {
    Usualness.unusual: "far from the moves before",
    Usualness.no_variation: "the moves before were all alike",
}


def render_changes(facts: SegmentReportFacts, changes: Changes | None) -> Fragment:
    """Give a sentence for each unusual move, and the table of all numbers now and before."""
    if changes is None:
        return absent(facts, "Only a run is set against the runs before it; this is none.")
    said = [note(sentence) for sentence in changes.notes]
    if changes.before_on is None:
        return gather(said)
    words = Words.of(facts.head)
    marked = [c for c in changes.since_before if c.usualness in MARKED]
    table = _table(facts, changes, words).block()
    return gather([_unusual(marked, changes, words), *said, table])


def _unusual(marked: Sequence[Change], changes: Changes, words: Words) -> Block:
    """Give the moves that are out of the ordinary, or that there is none."""
    if not marked:
        judged = [c for c in changes.since_before if c.usualness is Usualness.usual]
        if judged:
            return note(f"Every move since {changes.before_on} is as large as earlier ones were.")
        return note("Whether a move is usual can be said from nine earlier reports on.")
    told = [
        f"{c.now.title}: {say_move(c)} since {changes.before_on}, from {_plain(c.before, words)} "
        f"to {_plain(c.now, words)}; {MARKED[c.usualness]}."
        for c in marked
    ]
    items = tag("ul", *(tag("li", sentence) for sentence in told), class_="sk-findings")
    return Block(html=items, text="\n".join(f"- {sentence}" for sentence in told))


def _table(facts: SegmentReportFacts, changes: Changes, words: Words) -> Table:
    year = {c.now.name: c for c in changes.since_year}
    columns = [
        Column("Number"),
        Column(f"{facts.head.as_of}", "number"),
        Column(f"Report before ({changes.before_on})", "number"),
        Column("Change", "number"),
    ]
    if changes.year_on:
        columns += [
            Column(f"A year ago ({changes.year_on})", "number"),
            Column("Change since then", "number"),
        ]
    columns.append(Column("Against earlier moves"))
    rows = [_row(c, year.get(c.now.name), words, has_year=bool(year)) for c in changes.since_before]
    caption = (
        "What moved since the report before; below each ratio stand its two parts. Moves of shares "
        "are in points of a percent"
    )
    return Table(caption=caption, columns=columns, rows=rows, stacks=True)


def _row(change: Change, year: Change | None, words: Words, *, has_year: bool) -> list[Child]:
    cells = [
        change.now.title,
        _cell(change.now, words),
        _cell(change.before, words),
        say_move(change) or change.reason,
    ]
    if has_year:
        then = year.before if year else None
        cells += [_cell(then, words), (say_move(year) or year.reason) if year else ""]
    return [*cells, "" if change.usualness is Usualness.unknown else change.usualness.value]


def _cell(quantity: Quantity | None, words: Words) -> Child:
    """Give a number above its two parts; a missing one is an en dash."""
    if quantity is None or quantity.value is None:
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
