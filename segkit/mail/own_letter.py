"""Compose the mail of a workspace's own notebook from the numbers in its `facts.json`."""

from collections.abc import Mapping
from typing import Any

from segkit.compare.changes import Changes
from segkit.formats import Count
from segkit.mail import spoken, story
from segkit.mail.letter import Letter, Occasion
from segkit.mail.story import Moves, Row, Story, Table
from segkit.views.changed import say_move, signed

MOST_NUMBERS = 12
SAID = frozenset({"workspace", "as_of"})


def compose_own(
    document: Mapping[str, Any],
    changes: Changes,
    manifest: Mapping[str, Any],
    occasion: Occasion,
) -> Letter:
    """Give the mail of any report: its first numbers, with their change since earlier runs.

    Parameters
    ----------
    document, changes
        Its facts, and what changed in them. A number is told by its path.
    manifest
        Its `summary` holds title and size, if it is on one segment.
    """
    moves = Moves(changes=changes, currency=document.get("currency"))
    rows = [
        Row(title=spoken.clean(change.now.label, spoken.MOST_TITLE), cells=[moves.quantity(change)])
        for change in changes.since_before
    ]
    title = manifest["summary"]["title"] or manifest["report"]
    table = Table(first="Number", headings=["Now"], rows=rows[:MOST_NUMBERS])
    return story.seal_story(
        Story(
            title=title,
            headline=_headline(moves, manifest),
            thread=f"{manifest.get('name') or manifest['report']}/{title}",
            header=(
                f"Up to {manifest['as_of']}; snapshot {manifest['snapshot']}.",
                *moves.against,
                *_asked(manifest.get("parameters") or {}),
            ),
            tables=[table] if rows else [],
            unusual=moves.unusual(),
            notes=moves.notes,
        ),
        manifest,
        occasion,
    )


def _asked(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the line that says what was asked beside the day; none where nothing was."""
    said = [f"{name} {value}" for name, value in parameters.items() if name not in SAID and value]
    return (spoken.clean(f"Asked with {', '.join(said)}.", spoken.MOST_NOTE),) if said else ()


def _headline(moves: Moves, manifest: Mapping[str, Any]) -> str:
    """Say the size of a report on one segment, else what moved most, else that it is ready."""
    n = manifest["summary"].get("n_users")
    if n is not None:
        size = moves.changes.since("size") or moves.changes.since("overview.n_users")
        known = size is not None and size.relative is not None
        return f"{Count()(n)} users{f' ({signed(size.relative)})' if size and known else ''}"
    change = moves.largest([c.now.name for c in moves.changes.since_before])
    if change is None:
        return "ready"
    said = spoken.clean(change.now.label, spoken.MOST_TITLE // 2)
    return f"{said} {spoken.amount(change.now, moves.currency)} ({say_move(change)})"
