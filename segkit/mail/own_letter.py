"""Compose the mail of a workspace's own notebook from the numbers in its `facts.json`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from segkit.formats import Count, Number
from segkit.mail import spoken, story
from segkit.mail.letter import Letter, Occasion
from segkit.mail.story import Cell, Row, Story, Table
from segkit.views.changed import signed

MOST_NUMBERS, DEEPEST = 12, 3
SAID = frozenset({"workspace", "as_of"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_ASKED = frozenset({"days", "min_size", "seed", "n_periods"})
"""Numbers that say what was asked, not what was found."""


def compose_own(
    document: Mapping[str, Any],
    earlier: Sequence[Mapping[str, Any]],
    manifest: Mapping[str, Any],
    occasion: Occasion,
) -> Letter:
    """Give the mail of any report: its first numbers, with their change since the one before.

    Parameters
    ----------
    document, earlier
        Its facts, and those of earlier periods, oldest first. A number is told by its path; names
        that are no plain words, as of users, are left out with all below them.
    manifest
        Its `summary` holds title and size, if it is on one segment.
    """
    now = dict(_numbers(document))
    before = dict(_numbers(earlier[-1])) if earlier else {}
    rows = [_row(name, value, before.get(name)) for name, value in now.items()]
    title = manifest["summary"]["title"] or manifest["report"]
    table = Table(first="Number", headings=["Now"], rows=rows[:MOST_NUMBERS])
    return story.seal_story(
        Story(
            title=title,
            headline=_headline(now, before, manifest),
            thread=f"{manifest.get('name') or manifest['report']}/{title}",
            header=(
                f"Up to {manifest['as_of']}; snapshot {manifest['snapshot']}.",
                *_asked(manifest.get("parameters") or {}),
            ),
            tables=[table] if rows else [],
        ),
        manifest,
        occasion,
    )


def _asked(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the line that says what was asked beside the day; none where nothing was."""
    said = [f"{name} {value}" for name, value in parameters.items() if name not in SAID and value]
    return (spoken.clean(f"Asked with {', '.join(said)}.", spoken.MOST_NOTE),) if said else ()


def _numbers(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, float]]:
    """Give the numbers of facts by their paths, in the order of the facts."""
    for key, value in tree.items():
        if not _NAME.fullmatch(str(key)) or key in _ASKED:
            continue
        if isinstance(value, Mapping) and len(path) + 1 < DEEPEST:
            yield from _numbers(value, (*path, key))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield ".".join((*path, key)), value


def _say(value: float) -> str:
    return Count()(int(value)) if float(value).is_integer() else Number(digits=3)(value)


def _row(name: str, now: float, before: float | None) -> Row:
    then = "" if before is None else f"{_moved(now, before)} from {_say(before)}".strip()
    return Row(title=_title(name), cells=[Cell(now=_say(now), before=then)])


def _title(name: str) -> str:
    """Give a path as words.

    >>> _title("orders.n_orders")
    'Orders: orders'
    """
    words = ": ".join(part.removeprefix("n_").replace("_", " ") for part in name.split("."))
    return f"{words[:1].upper()}{words[1:]}"


def _moved(now: float, before: float) -> str:
    return signed((now - before) / before) if before else ""


def _headline(
    now: Mapping[str, float], before: Mapping[str, float], manifest: Mapping[str, Any]
) -> str:
    """Say the size of a report on one segment, else what moved most, else that it is ready."""
    n = manifest["summary"].get("n_users")
    if n is not None:
        then = before.get("overview.n_users")
        return f"{Count()(n)} users{f' ({_moved(n, then)})' if then else ''}"
    moves = {
        name: abs(now[name] / then - 1) for name, then in before.items() if then and name in now
    }
    if not moves or not max(moves.values()):
        return "ready"
    name = max(moves, key=lambda one: moves[one])
    said = spoken.clean(_title(name), spoken.MOST_TITLE // 2)
    return f"{said} {_say(now[name])} ({_moved(now[name], before[name])})"
