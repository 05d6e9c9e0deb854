"""Show a comparison of segments: what was asked, measures beside each other, differences."""

from collections.abc import Sequence

from segkit.compare.comparison import (
    BesideRow,
    ComparedSegment,
    ComparisonHead,
    SegmentDiffers,
    SideValue,
)
from segkit.compare.facts import Overlap
from segkit.formats import Day, Share
from segkit.views.differences import difference_blocks
from segkit.views.fragment import Fragment, gather, heading, note
from segkit.views.markup import WITHHELD, Block, Child, shorten, stack, strip, tag
from segkit.views.overlap import render_overlap
from segkit.views.table import Column, Table
from segkit.views.words import Words, count, part_of, share, some


def render_comparison_cover(head: ComparisonHead) -> Fragment:
    """Give segments with sizes and definitions, window, baseline and data."""
    name = " · ".join(segment.title for segment in head.segments)
    title = Block(html=tag("p", name, class_="sk-title"), text=name)
    lines = _lines(head)
    rows = [tag("div", tag("dt", term), tag("dd", said)) for term, said in lines]
    words = "\n".join(f"{term}: {strip(said)}" for term, said in lines)
    listed = Block(html=tag("dl", *rows, class_="sk-facts"), text=words)
    return gather([title, listed], class_="sk sk-cover")


def _lines(head: ComparisonHead) -> list[tuple[str, Child]]:
    day = Day()
    window = f"{some(head.days, 'days')}, {day(head.start_on)} to {day(head.as_of)}"
    data = "no events"
    if head.data_first_on and head.data_last_on:
        data = f"events from {day(head.data_first_on)} to {day(head.data_last_on)}"
    return [
        *((segment.title, _about(segment)) for segment in head.segments),
        ("As of", f"the end of {day(head.as_of)}"),
        ("Window", f"{window} ({head.timezone})"),
        ("Baseline", _baseline(head)),
        ("Data", data),
        ("Made with", f"snapshot {head.snapshot}, engine {head.engine}"),
        (
            "Reader",
            f"cleared for {head.clearance} data; groups under {head.min_size} users are withheld",
        ),
    ]


def _about(segment: ComparedSegment) -> Child:
    whole = part_of(segment.n_users, segment.n_universe, "users")
    size = "withheld" if segment.n_users is None else f"{some(segment.n_users, 'users')}, {whole}"
    made = f"{segment.segment}, definition {shorten(segment.definition, 16)}"
    return tag(
        "span",
        tag("b", size),
        " in its universe. ",
        tag("span", segment.definition_text, class_="sk-pre"),
        tag("small", f" ({made})", class_="sk-muted"),
    )


def _baseline(head: ComparisonHead) -> str:
    if len(head.segments) == 1:
        return f"{head.baseline_title}: {_users(head.n_baseline)}"
    return (
        f"{head.baseline_title}. Each segment is set against those of the baseline who are not in "
        f"it; the column “{_others(head)}” counts those in none: {_users(head.n_baseline)}"
    )


def _users(n: int | None) -> str:
    return "withheld" if n is None else some(n, "users")


def _others(head: ComparisonHead) -> str:
    """Name the baseline's column: those of the baseline who are in none of the segments."""
    title = f"{head.baseline_title[:1].upper()}{head.baseline_title[1:]}"
    if len(head.segments) == 1:
        return title
    return "In none of these" if head.baseline == "rest" else f"{title}, in none of these"


def render_beside(head: ComparisonHead, rows: Sequence[BesideRow]) -> Fragment:
    """Give the table of measures: a row a measure, a column a segment, the baseline last."""
    words = Words(currency=head.currency, timezone=head.timezone)
    columns = [Column("Measure")]
    columns += [
        Column(f"{segment.title} ({some(segment.n_users, 'users')})", "number")
        for segment in head.segments
    ]
    has_baseline = bool(rows) and rows[0].baseline is not None
    if has_baseline:
        columns.append(Column(f"{_others(head)} ({some(head.n_baseline, 'users')})", "number"))
    caption = (
        f"Measures beside each other, {Day()(head.start_on)} to {Day()(head.as_of)}: value, what "
        "it is divided by, and for shares of users the 95% interval"
    )
    cells = [_row(row, words) for row in rows]
    return gather([Table(caption=caption, columns=columns, rows=cells).block()])


def _row(row: BesideRow, words: Words) -> list[Child]:
    cells: list[Child] = [stack(row.title, row.unit, joint=": ")]
    cells += [_cell(value, row.kind, words) for value in row.values]
    return cells if row.baseline is None else [*cells, _cell(row.baseline, row.kind, words)]


def _cell(value: SideValue, kind: str, words: Words) -> Child:
    if value.numerator is None or value.denominator is None:
        return WITHHELD
    said = words.say(value.value, kind)
    if kind == "count" and value.denominator == 1:
        return said
    above = (
        words.say(value.numerator, kind)
        if kind in {"money", "duration"}
        else count(value.numerator)
    )
    below = f"{above} / {count(value.denominator)}"
    if value.low is None or value.high is None:
        return stack(said, below, joint=" = ")
    ends = f"{share(value.low)} to {share(value.high)}"
    return stack(stack(said, below, joint=" = "), ends, joint="; ")


def render_differs(
    head: ComparisonHead, differs: Sequence[SegmentDiffers], *, n_judged: int
) -> Fragment:
    """Give the differences of every comparison, judged as one family."""
    words = Words(currency=head.currency, timezone=head.timezone)
    blocks: list[Block] = []
    if len(differs) > 1:
        level = Share(digits=0)(differs[0].differences.level)
        blocks.append(
            note(
                f"{some(n_judged, 'comparisons')} of this whole section were judged together, so "
                f"that about {level} of all that is listed below may be chance."
            )
        )
    for one in differs:
        blocks += [heading(f"{one.title} against {one.other}"), *_differs(one, words)]
    return gather(blocks)


def _differs(one: SegmentDiffers, words: Words) -> list[Block]:
    if one.differences.n_segment is None:
        return [note("Withheld, because the segment or its baseline is too small.")]
    blocks = []
    if one.other_segment is not None:
        both = some(one.n_both, "users")
        said = f"Users in one of the two only: {both} in both are left out."
        blocks.append(note(said if one.n_both else "Nobody is in both segments."))
    title = f"“{one.title}”"
    other = one.other if one.other_segment is None else f"“{one.other}”"
    return blocks + difference_blocks(one.differences, words, others=other, title=title)


def render_shared(head: ComparisonHead, overlap: Overlap | None) -> Fragment:
    """Give the overlap of the segments; a sentence where there is none to show."""
    if overlap is not None:
        return render_overlap(overlap)
    if len(head.segments) == 1:
        return gather([note("One segment alone overlaps with none.")])
    return gather([note("The overlap is withheld, because it would tell of too few users.")])


def render_comparison_notes(head: ComparisonHead, notes: Sequence[str]) -> Fragment:
    """Give the report's notes, then how the marks in it are read."""
    said = [
        *notes,
        (
            f"“– withheld” stands for a number about fewer than {head.min_size} users, or from "
            "which such a number could be worked out; a lone “–” for a value that is unknown or "
            "has nothing to be divided by."
        ),
        f"Days are in the time zone {head.timezone}. A week runs from Monday to Sunday.",
    ]
    html = tag("ul", *(tag("li", sentence) for sentence in said), class_="sk-notes")
    return gather([Block(html=html, text="\n".join(f"- {sentence}" for sentence in said))])
