"""What became of kept patterns that were found anew: as before, changed, new, split, gone."""

from segkit.formats import MISSING, Number
from segkit.patterns.refit import CarriedFacts, RefitFacts
from segkit.views.fragment import Fragment, gather, note
from segkit.views.markup import WITHHELD, Child
from segkit.views.pattern_words import part_cell
from segkit.views.table import Column, Table
from segkit.views.words import count, listed

SAID = {"kept": "as before", "changed": "changed", "new": "new"}


def render_refit(facts: RefitFacts) -> Fragment:
    """Give what became of each pattern, and how users moved from the old ones to the new."""
    blocks = [note(say_refit(facts))]
    if facts.patterns:
        blocks.append(_carried_table(facts).block())
    blocks += [
        *(note(f"“{old}” was split into {_quoted(new)}.") for old, new in facts.splits),
        *(note(f"“{new}” was merged from {_quoted(old)}.") for new, old in facts.mergers),
        *(note(f"“{name}” is gone: no pattern found now carries it on.") for name in facts.gone),
        _migration_table(facts).block(),
    ]
    return gather([*blocks, *map(note, facts.notes)])


def say_refit(facts: RefitFacts) -> str:
    """Give the answer in one sentence."""
    window = f"the {facts.days} days to {facts.as_of}"
    if facts.reason:
        return (
            f"Found anew in {window}: {facts.reason}. In those to {facts.before_on} there were "
            f"{len(facts.migration.rows) - 1} patterns."
        )
    counts = {
        said: sum(row.status == status for row in facts.patterns) for status, said in SAID.items()
    }
    parts = [f"{n} {said}" for said, n in counts.items() if n]
    gone = f"; {len(facts.gone)} of the old ones gone" if facts.gone else ""
    return (
        f"Patterns of {facts.title} found anew in {window}; before, in those to "
        f"{facts.before_on}. {len(facts.patterns)} now: {listed(parts)}{gone}. A pattern goes on "
        "under its name and id where users in both are at least 0.30 of those in either (Jaccard "
        "index), as before from 0.50."
    )


def _quoted(names: tuple[str, ...]) -> str:
    return listed([f"“{name}”" for name in names])


def _carried_table(facts: RefitFacts) -> Table:
    columns = [
        Column("Pattern"),
        Column("Id"),
        Column("That is"),
        Column("Users now", "count"),
        Column("Users by the old patterns", "count"),
        Column("Of these still in it"),
        Column("Jaccard index", "number"),
    ]
    caption = f"Patterns of the {facts.days} days to {facts.as_of} and what they carry on"
    return Table(caption=caption, columns=columns, rows=[_row(row) for row in facts.patterns])


def _row(row: CarriedFacts) -> list[Child]:
    cells: list[Child] = [row.name, row.pattern, SAID[row.status], _number(row.n_users)]
    if row.previous is None:
        return [*cells, MISSING, MISSING, MISSING]
    overlap = WITHHELD if row.jaccard is None else Number(digits=2)(row.jaccard)
    return [*cells, _number(row.n_previous), part_cell(row.stayed), overlap]


def _migration_table(facts: RefitFacts) -> Table:
    found = facts.migration
    columns = [Column("By the old patterns"), Column("Users", "count")]
    columns += [Column(f"now: {name}", "count") for name in found.columns]
    rows: list[list[Child]] = [
        [name, _number(total), *map(_number, line)]
        for name, total, line in zip(found.rows, found.totals, found.counts, strict=True)
    ]
    caption = (
        f"Users who came in the {facts.days} days to {facts.as_of}, by the old patterns (rows) and "
        "by those found now (columns)"
    )
    return Table(caption=caption, columns=columns, rows=rows)


def _number(n: int | None) -> Child:
    return WITHHELD if n is None else count(n)
