"""Compose the mail of a report on behaviour patterns from its facts alone."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from segkit.compare.changes import Changes
from segkit.formats import MISSING, Count, Share
from segkit.mail import spoken, story
from segkit.mail.charts import draw_windows_png
from segkit.mail.letter import Letter, Occasion
from segkit.mail.story import Cell, Moves, Row, Story, Table
from segkit.patterns.facts_later import WindowRow, Windows
from segkit.views.changed import signed
from segkit.views.words import some

MOST_TERMS = 4
APART, COLUMNS = "What sets them apart", ("Users", "Share", "Buyers")


def compose_patterns(
    document: Mapping[str, Any],
    changes: Changes,
    manifest: Mapping[str, Any],
    occasion: Occasion,
) -> Letter:
    """Give the mail of a report on patterns: how many, how large, how that moved, their rules.

    Parameters
    ----------
    document, changes
        Its facts, and what changed in them. They hold names of pages and sources: only who may see
        what the report was made for gets this mail. Patterns that were found anew are set against
        earlier windows of their own.
    manifest
        Its `summary` holds the title.
    """
    moves = Moves(changes=changes, currency=document.get("currency"))
    numbers = {one["pattern"]: number for number, one in enumerate(_found(document), start=1)}
    rows = [_row(one, numbers.get(one["pattern"]), document, moves) for one in document["patterns"]]
    told = [_tell(one, numbers[one["pattern"]]) for one in _found(document)]
    parts = [Table(first="Pattern", headings=COLUMNS, rows=rows)] if rows else []
    apart = [story.Finding(heading=APART, sentences=told)] if told else []
    return story.seal_story(
        Story(
            title=manifest["summary"]["title"],
            headline=_headline(document, moves),
            thread=f"{manifest.get('name') or manifest['report']}/{document['segment']}",
            header=_header(document, moves),
            tables=[*_whole(moves), *parts],
            unusual=moves.unusual(),
            findings=apart,
            chart=_chart(document),
            notes=[
                spoken.clean(note, spoken.MOST_NOTE) for note in (*moves.notes, *document["notes"])
            ],
        ),
        manifest,
        occasion,
    )


def _whole(moves: Moves) -> list[Table]:
    """Give the numbers that are not of one pattern, where there are earlier ones."""
    rows = [
        Row(title=change.now.title, cells=[moves.quantity(change)])
        for change in moves.changes.since_before
        if not change.now.about
    ]
    return [Table(first="Number", headings=["Now"], rows=rows)] if moves.changes.before_on else []


def _found(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in document["patterns"] if one["terms"]]


def _window_before(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give the window before, as the same patterns part it; None where no data reaches it."""
    rows = document["windows"]["rows"] if document["windows"] else []
    return rows[-2] if len(rows) > 1 and rows[-2]["n_users"] else None


def _window_year(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give the window 52 weeks ago, as the same patterns part it; None where no data reaches it."""
    found = document["windows"].get("year") if document["windows"] else None
    return found if found and found["n_users"] else None


def _count(
    document: Mapping[str, Any], window: Mapping[str, Any] | None, pattern: str
) -> int | None:
    if window is None or pattern not in document["windows"]["labels"]:
        return None
    n: int | None = window["counts"][document["windows"]["labels"].index(pattern)]
    return n


def _size(one: Mapping[str, Any], document: Mapping[str, Any], moves: Moves) -> Cell:
    """Give the size of a pattern: set against earlier reports, else against earlier windows."""
    n, name = one["n_users"], one["pattern"]
    cell = moves.cell(f"{name}.size", Count()(n))
    if cell.before or cell.year:
        return cell
    then, year = _window_before(document), _window_year(document)
    return Cell(
        now=Count()(n),
        before=story.say_change(n, _count(document, then, name), then["last_on"] if then else ""),
        year=story.say_change(n, _count(document, year, name), year["last_on"] if year else ""),
    )


def _headline(document: Mapping[str, Any], moves: Moves) -> str:
    if document["reason"]:
        return spoken.clean(document["reason"], spoken.MOST_TITLE)
    found = _found(document)
    n = sum(one["jaccard"] is not None for one in document["patterns"])
    said = some(n, "patterns")
    then = _window_before(document)
    known = moves.largest([f"{one['pattern']}.size" for one in found])
    moved = (
        [(known.relative or 0, known.now.about)]
        if known
        else [
            (one["n_users"] / before - 1, one["name"])
            for one in found
            for before in [_count(document, then, one["pattern"])]
            if one["n_users"] is not None and before
        ]
    )
    if not moved:
        return said
    move, name = max(moved, key=lambda one: abs(one[0]))
    return f"{said}, “{spoken.clean(name, spoken.MOST_TITLE // 2)}” {signed(move)}"


def _header(document: Mapping[str, Any], moves: Moves) -> tuple[str, ...]:
    came = "" if document["n_users"] is None else f"; {some(document['n_users'], 'users')} came"
    return (
        f"The {document['days']} days to {document['as_of']} ({document['timezone']}){came}.",
        *moves.against,
        f"Snapshot {document['snapshot']}.",
        f"Groups below {document['min_size']} people are withheld and shown as {MISSING}.",
    )


def _row(
    one: Mapping[str, Any], number: int | None, document: Mapping[str, Any], moves: Moves
) -> Row:
    n, buyers, pattern = one["n_users"], one["n_buyers"], one["pattern"]
    of = "" if buyers is None or n is None else f"{Count()(buyers)} / {Count()(n)}"
    came = document["n_users"]
    part = "" if came is None or n is None else f"{Count()(n)} / {Count()(came)}"
    cells = [
        _size(one, document, moves),
        moves.cell(
            f"{pattern}.share", Share()(None if n is None else one["share"]), part, has_parts=False
        ),
        moves.cell(
            f"{pattern}.buyers_share",
            Share()(None if buyers is None else one["buyer_share"]),
            of,
        ),
    ]
    name = spoken.clean(one["name"], spoken.MOST_TITLE)
    return Row(
        title=name if number is None else f"{number}. {name}", cells=cells, note=one["badge"] or ""
    )


def _tell(one: Mapping[str, Any], number: int) -> str:
    terms = ", ".join(term["words"] for term in one["terms"][:MOST_TERMS])
    rule = f" As a rule: {one['rule']['text']}" if one["rule"] else ""
    return spoken.clean(f"{number}. {terms[:1].upper()}{terms[1:]}.{rule}", story.MOST_SENTENCE)


def _chart(document: Mapping[str, Any]) -> tuple[bytes, str] | None:
    found = document["windows"]
    if found is None:
        return None
    days = ("first_on", "last_on")
    rows = tuple(
        WindowRow(**{**row, **{key: date.fromisoformat(row[key]) for key in days}})
        for row in found["rows"]
        if row["n_users"]
    )
    windows = Windows(labels=tuple(found["labels"]), names=tuple(found["names"]), rows=rows)
    shown = [one["pattern"] for one in _found(document)]
    png = draw_windows_png(windows, shown)
    if png is None:
        return None
    named = "; ".join(
        f"{number} = {spoken.clean(one['name'], spoken.MOST_TITLE)}"
        for number, one in enumerate(_found(document), start=1)
    )
    return png, f"Share of the users who came, by {document['days']} days: {named}."
