"""Tell why a user is in a segment or not, as far as the reader may know.

A condition that reads what the reader is not cleared for is not answered, and neither is what it
is a part of: the others would give it away. Membership itself is told, as a user's profile does.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from segkit.config import Role
from segkit.measures.people import Reader
from segkit.measures.roles import looks_personal, mask_mails, may_see, role_of
from segkit.segments.explain import Verdict
from segkit.segments.seen import Seen

HIDDEN = "(personal)"
NOT_NAMED = "are in a segment that this reader does not see"
_MEMBERSHIPS = ("segment", "in_segment")
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True)
class Explained:
    """Why one user is a member of a segment at T, or is not.

    `user` is what this reader may call the user. `at` is T: the end of the day `as_of` in
    `timezone` where `is_day_end`, else an instant of it. `root` is the whole definition: it holds
    for members.
    """

    segment: str
    title: str
    definition: str
    user: str
    as_of: date
    at: datetime
    is_day_end: bool
    timezone: str
    snapshot: str
    engine: str
    clearance: Role
    is_member: bool
    root: Verdict


def tell_verdict(
    verdict: Verdict, reader: Reader, *, min_size: int, kept_back: Iterable[str] = ()
) -> Verdict:
    """Give a verdict as a reader may have it.

    Parameters
    ----------
    min_size
        The fewest users behind a place among others that is told.
    kept_back
        The segments that the reader does not see.

    Returns
    -------
    Verdict
        With `holds` None and nothing seen where the reader may not know.
    """
    hidden = frozenset(kept_back)
    if verdict.segment in hidden:
        return replace(verdict, text=NOT_NAMED, segment=None, holds=None, seen=(), parts=())
    parts = tuple(
        tell_verdict(part, reader, min_size=min_size, kept_back=hidden) for part in verdict.parts
    )
    is_open = all(
        may_see(role_of(name, reader.columns), reader.clearance) for name in verdict.names
    )
    is_told = is_open and all(part.holds is not None for part in parts)
    if verdict.kind in _MEMBERSHIPS or verdict.segment is not None:
        is_told = True
    seen = _told(verdict, reader, min_size) if is_told else ()
    text = _text(verdict, reader, hidden)
    return replace(
        verdict, text=text, holds=verdict.holds if is_told else None, seen=seen, parts=parts
    )


def _text(verdict: Verdict, reader: Reader, hidden: Iterable[str]) -> str:
    """Give the words of a condition, without addresses and names that the reader does not see."""
    words = set(_WORDS.findall(verdict.text))
    if words.intersection(hidden):
        return NOT_NAMED
    return verdict.text if reader.clearance == "personal" else mask_mails(verdict.text)


def _told(verdict: Verdict, reader: Reader, min_size: int) -> tuple[Seen, ...]:
    kept = (s for s in verdict.seen if s.n_behind is None or s.n_behind >= min_size)
    return tuple(
        replace(
            seen,
            what=seen.what if reader.clearance == "personal" else mask_mails(seen.what),
            value=_shown(seen.value, verdict.names, reader)
            if isinstance(seen.value, str)
            else seen.value,
        )
        for seen in kept
    )


def _shown(value: str, names: tuple[str, ...], reader: Reader) -> str:
    """Give a value, masked where it looks personal and nobody said that its name is not."""
    is_said = bool(names) and all(name in reader.columns for name in names)
    if reader.clearance == "personal" or is_said:
        return value
    return HIDDEN if looks_personal(value) else value
