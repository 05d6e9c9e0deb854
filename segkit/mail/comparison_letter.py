"""Compose the mail of a comparison of segments from its facts alone."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from segkit.compare.changes import Changes
from segkit.compare.comparison import LineRow, SegmentLine, Shift
from segkit.compare.facts import Finding
from segkit.formats import MISSING, Count, Share
from segkit.mail import spoken, story
from segkit.mail.charts import draw_sizes_png
from segkit.mail.letter import Letter, Occasion
from segkit.mail.story import Cell, Moves, Row, Story, Table
from segkit.views.changed import signed
from segkit.views.finding_words import choose_findings, tell
from segkit.views.words import Words

MOST_BESIDE, MOST_NAMED, MOST_SAID = 2, 3, 4
"""Segments whose measures stand beside each other, whose sizes stand in the subject, and sentences
on what sets one apart."""
OF_SIZE = frozenset({"size", "share"})
_AMOUNTS = frozenset({"money", "duration"})


def compose_comparison(
    document: Mapping[str, Any],
    changes: Changes,
    manifest: Mapping[str, Any],
    occasion: Occasion,
) -> Letter:
    """Give the mail of a comparison: sizes with their change, measures, what sets each apart.

    Parameters
    ----------
    document, changes
        Its facts, and what changed in them. They hold values of labels: only who may see what the
        report was made for gets this mail.
    manifest
        Its `summary` holds the title.
    """
    moves = Moves(changes=changes, currency=document["currency"])
    told = [
        story.Finding(heading=_heading(one), sentences=_sentences(one, document))
        for one in document["differs"]
    ]
    return story.seal_story(
        Story(
            title=manifest["summary"]["title"],
            headline=_headline(document, moves),
            thread=f"{manifest.get('name') or manifest['report']}/{_names(document)}",
            header=_header(document, moves),
            tables=[
                Table(
                    first="Segment",
                    headings=["Users", "Share of universe"],
                    rows=[_size(one, moves) for one in document["segments"]],
                ),
                *_beside(document, moves),
            ],
            unusual=moves.unusual(),
            findings=[part for part in told if part.sentences],
            chart=_chart(document),
            notes=[
                spoken.clean(note, spoken.MOST_NOTE) for note in (*moves.notes, *document["notes"])
            ],
        ),
        manifest,
        occasion,
    )


def _names(document: Mapping[str, Any]) -> str:
    return ",".join(one["segment"] for one in document["segments"])


def _size(one: Mapping[str, Any], moves: Moves) -> Row:
    n, whole, name = one["n_users"], one["n_universe"], one["segment"]
    of = "" if n is None or whole is None else f"{Count()(n)} / {Count()(whole)}"
    cells = [
        moves.cell(f"{name}.size", Count()(n)),
        moves.cell(f"{name}.share", Share()(one["share"]), of),
    ]
    return Row(title=spoken.clean(one["title"], spoken.MOST_TITLE), cells=cells)


def _headline(document: Mapping[str, Any], moves: Moves) -> str:
    """Say the sizes, with the largest move since the report before where there is one."""
    shown = document["segments"][:MOST_NAMED]
    sizes = " / ".join(Count()(one["n_users"]) for one in shown)
    more = " / …" if len(document["segments"]) > len(shown) else ""
    largest = moves.largest([f"{one['segment']}.size" for one in document["segments"]])
    if largest is None:
        return f"{sizes}{more} users"
    named = spoken.clean(largest.now.about, spoken.MOST_TITLE // 2)
    return f"{sizes}{more} users, {named} {signed(largest.relative)}"


def _header(document: Mapping[str, Any], moves: Moves) -> tuple[str, ...]:
    window = f"{document['start_on']} to {document['as_of']}"
    data = f"{document['data_first_on']} to {document['data_last_on']}"
    baseline = f"baseline: {document['baseline_title']}"
    return (
        f"{window} ({document['days']} days, {document['timezone']}); {baseline}.",
        *moves.against,
        f"Data from {data}; snapshot {document['snapshot']}.",
        f"Groups below {document['min_size']} people are withheld and shown as {MISSING}.",
    )


def _beside(document: Mapping[str, Any], moves: Moves) -> list[Table]:
    """Give the measures of few segments beside each other; more do not fit a phone."""
    segments = document["segments"]
    if len(segments) > MOST_BESIDE:
        return []
    words = Words(currency=document["currency"], timezone=document["timezone"])
    rows = [
        Row(
            title=line["title"],
            cells=[
                *(
                    moves.cell(f"{one['segment']}.{line['name']}", *_value(v, line["kind"], words))
                    for one, v in zip(segments, line["values"], strict=True)
                ),
                *(_plain_cell(v, line["kind"], words) for v in [line["baseline"]] if v is not None),
            ],
        )
        for line in document["beside"]
        if line["name"] not in OF_SIZE
    ]
    titles = [spoken.clean(one["title"], spoken.MOST_TITLE // 2) for one in segments]
    has_baseline = any(line["baseline"] for line in document["beside"])
    headings = [*titles, *(["In none of these"] if has_baseline else [])]
    return [Table(first="Measure", headings=headings, rows=rows, heading="Beside each other")]


def _value(value: Mapping[str, Any], kind: str, words: Words) -> tuple[str, str]:
    """Give a value as text, and its two parts; these are empty for a count."""
    above, below = value["numerator"], value["denominator"]
    if above is None or below is None:
        return MISSING, ""
    if kind == "count" and below == 1:
        return words.say(value["value"], kind), ""
    part = words.say(above, kind) if kind in _AMOUNTS else Count()(above)
    return words.say(value["value"], kind), f"{part} / {Count()(below)}"


def _plain_cell(value: Mapping[str, Any], kind: str, words: Words) -> Cell:
    now, of = _value(value, kind, words)
    return Cell(now=now, of=of)


def _heading(one: Mapping[str, Any]) -> str:
    return spoken.clean(f"{one['title']} against {one['other']}", spoken.MOST_TITLE * 2)


def _sentences(one: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    names = Finding.__dataclass_fields__
    found = [
        Finding(**{key: value for key, value in row.items() if key in names})
        for row in one["differences"]["findings"]
    ]
    words = Words(currency=document["currency"], timezone=document["timezone"])
    return [
        spoken.clean(tell(finding, words, others=one["other"]), story.MOST_SENTENCE)
        for finding in choose_findings(found, most=MOST_SAID)
    ]


def _chart(document: Mapping[str, Any]) -> tuple[bytes, str] | None:
    lines = [_line(one) for one in document["over_time"] if one["rows"]]
    png = draw_sizes_png(lines)
    if png is None:
        return None
    is_numbered = len(lines) > MOST_NAMED
    ends = [
        f"{f'{number} = ' if is_numbered else ''}{one.title} {Count()(one.rows[0].n_users)} → "
        f"{Count()(one.rows[-1].n_users)}"
        for number, one in enumerate(lines, start=1)
    ]
    first, last = lines[0].rows[0].end_on, lines[0].rows[-1].end_on
    return png, f"Users from {first} to {last}: {'; '.join(ends)}."


def _line(one: Mapping[str, Any]) -> SegmentLine:
    days = ("start_on", "end_on")
    rows = [
        LineRow(**{**row, **{key: date.fromisoformat(row[key]) for key in days}})
        for row in one["rows"]
    ]
    shifts = [
        Shift(**{**step, "start_on": date.fromisoformat(step["start_on"])})
        for step in one["shifts"]
    ]
    return SegmentLine(
        segment=one["segment"],
        title=spoken.clean(one["title"], spoken.MOST_TITLE),
        rows=rows,
        shifts=shifts,
        n_periods=one["n_periods"],
    )
