"""Compose the mail of a comparison of segments from its facts alone."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from segkit.compare.comparison import LineRow, SegmentLine, Shift
from segkit.compare.facts import Finding
from segkit.formats import MISSING, Count, Share
from segkit.mail import spoken, story
from segkit.mail.charts import draw_sizes_png
from segkit.mail.letter import Letter, Occasion
from segkit.mail.story import Cell, Row, Story, Table
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
    earlier: Sequence[Mapping[str, Any]],
    manifest: Mapping[str, Any],
    occasion: Occasion,
) -> Letter:
    """Give the mail of a comparison: sizes with their change, measures, what sets each apart.

    Parameters
    ----------
    document, earlier
        Its facts, and those of earlier periods, oldest first. They hold values of labels: only
        who may see what the report was made for gets this mail.
    manifest
        Its `summary` holds the title.
    """
    before = _comparable(document, earlier)
    sizes = [_size(one, before) for one in document["segments"]]
    told = [
        story.Finding(heading=_heading(one), sentences=_sentences(one, document))
        for one in document["differs"]
    ]
    return story.seal_story(
        Story(
            title=manifest["summary"]["title"],
            headline=_headline(document, before),
            thread=f"{manifest.get('name') or manifest['report']}/{_names(document)}",
            header=_header(document, before),
            tables=[
                Table(first="Segment", headings=["Users", "Share of universe"], rows=sizes),
                *_beside(document),
            ],
            findings=[part for part in told if part.sentences],
            chart=_chart(document),
            notes=[spoken.clean(note, spoken.MOST_NOTE) for note in document["notes"]],
        ),
        manifest,
        occasion,
    )


def _names(document: Mapping[str, Any]) -> str:
    return ",".join(one["segment"] for one in document["segments"])


def _comparable(
    document: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """Give the newest earlier facts that ask the same of the same segments."""

    def asked(facts: Mapping[str, Any]) -> list[Any]:
        made = [(one["segment"], one["definition"]) for one in facts["segments"]]
        return [made, *(facts.get(key) for key in ("timezone", "min_size"))]

    same = [facts for facts in earlier if asked(facts) == asked(document)]
    return same[-1] if same else None


def _size(one: Mapping[str, Any], before: Mapping[str, Any] | None) -> Row:
    then = _before(one, before)
    day = before["as_of"] if before else ""
    n, whole = one["n_users"], one["n_universe"]
    cells = [
        Cell(now=Count()(n), before=story.say_change(n, then, day)),
        Cell(
            now=Share()(one["share"]),
            of="" if n is None or whole is None else f"{Count()(n)} / {Count()(whole)}",
        ),
    ]
    return Row(title=spoken.clean(one["title"], spoken.MOST_TITLE), cells=cells)


def _before(one: Mapping[str, Any], before: Mapping[str, Any] | None) -> int | None:
    there = before["segments"] if before else ()
    return next((b["n_users"] for b in there if b["segment"] == one["segment"]), None)


def _headline(document: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    """Say the sizes, with the largest move since the report before where there is one."""
    shown = document["segments"][:MOST_NAMED]
    sizes = " / ".join(Count()(one["n_users"]) for one in shown)
    more = " / …" if len(document["segments"]) > len(shown) else ""
    moves = [
        (abs(one["n_users"] / then - 1), one["n_users"] / then - 1, one["title"])
        for one in document["segments"]
        for then in [_before(one, before)]
        if one["n_users"] is not None and then
    ]
    if not moves:
        return f"{sizes}{more} users"
    _, move, title = max(moves, key=lambda one: one[0])
    named = spoken.clean(title, spoken.MOST_TITLE // 2)
    return f"{sizes}{more} users, {named} {signed(move)}"


def _header(document: Mapping[str, Any], before: Mapping[str, Any] | None) -> tuple[str, ...]:
    window = f"{document['start_on']} to {document['as_of']}"
    against = f"; sizes set against {before['as_of']}" if before else ""
    data = f"{document['data_first_on']} to {document['data_last_on']}"
    baseline = f"baseline: {document['baseline_title']}{against}"
    return (
        f"{window} ({document['days']} days, {document['timezone']}); {baseline}.",
        f"Data from {data}; snapshot {document['snapshot']}.",
        f"Groups below {document['min_size']} people are withheld and shown as {MISSING}.",
    )


def _beside(document: Mapping[str, Any]) -> list[Table]:
    """Give the measures of few segments beside each other; more do not fit a phone."""
    segments = document["segments"]
    if len(segments) > MOST_BESIDE:
        return []
    words = Words(currency=document["currency"], timezone=document["timezone"])
    rows = [
        Row(
            title=line["title"],
            cells=[
                _value(v, line["kind"], words) for v in [*line["values"], line["baseline"]] if v
            ],
        )
        for line in document["beside"]
        if line["name"] not in OF_SIZE
    ]
    titles = [spoken.clean(one["title"], spoken.MOST_TITLE // 2) for one in segments]
    has_baseline = any(line["baseline"] for line in document["beside"])
    headings = [*titles, *(["In none of these"] if has_baseline else [])]
    return [Table(first="Measure", headings=headings, rows=rows, heading="Beside each other")]


def _value(value: Mapping[str, Any], kind: str, words: Words) -> Cell:
    above, below = value["numerator"], value["denominator"]
    if above is None or below is None:
        return Cell(now=MISSING)
    if kind == "count" and below == 1:
        return Cell(now=words.say(value["value"], kind))
    part = words.say(above, kind) if kind in _AMOUNTS else Count()(above)
    return Cell(now=words.say(value["value"], kind), of=f"{part} / {Count()(below)}")


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
