"""Read thresholds as people write them, and say which of them a report breaks.

`size drops more than 20%`, `share below 5%`, `active_7d rises more than 30%`: what somebody wants
to be told of stands in words beside the report, and is refused when it cannot be understood.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from segkit.compare.changes import Change, Changes
from segkit.errors import ParameterError, near_names

_MOVES = ("drops", "rises", "changes")
_LEVELS = ("below", "above")
_SHAPE = re.compile(
    r"(?P<name>\w+)\s+(?:is\s+)?(?P<verb>\w+)\s+(?P<more>(?:by\s+)?more\s+than\s+)?"
    r"(?P<limit>\d+(?:\.\d+)?)\s*(?P<unit>%|points)?"
)
_HINT = "write `size drops more than 20%`, `share below 5%` or `share rises more than 2 points`."


class Outcome(StrEnum):
    """What a check found: the threshold holds, is broken, or cannot be asked."""

    holds = "holds"
    broken = "broken"
    unknown = "unknown"


@dataclass(frozen=True, kw_only=True)
class Check:
    """A threshold on one number of a report.

    `verb` is drops, rises or changes (since the report before), or below or above. `limit` is in
    `unit`: `%` is relative for moves, `points` are percentage points of a share, for levels `%`
    belongs to shares and no unit to all else.
    """

    name: str
    verb: str
    limit: float
    unit: str

    @classmethod
    def parse(cls, text: str, kinds: Mapping[str, str]) -> "Check":
        """Read a check.

        Parameters
        ----------
        text
            What somebody wrote.
        kinds
            The numbers of the report and their kinds (count, share, number, money, duration).

        Raises
        ------
        ParameterError
            When the words mean nothing, name no number of the report, or have a wrong unit.
        """
        found = _SHAPE.fullmatch(text.strip())
        if not found:
            raise ParameterError.build(f"The check `{text}` cannot be read.", hint=_HINT)
        name, verb, unit = found["name"], found["verb"], found["unit"] or ""
        if name not in kinds:
            raise ParameterError.build(
                f"The check `{text}` names no number of the report: `{name}`.",
                hint=near_names(name, kinds),
            )
        if verb not in (*_MOVES, *_LEVELS):
            raise ParameterError.build(
                f"The check `{text}` has an unknown verb `{verb}`.",
                hint=near_names(verb, (*_MOVES, *_LEVELS)),
            )
        if bool(found["more"]) != (verb in _MOVES) or unit not in _units(verb, kinds[name]):
            raise ParameterError.build(
                f"The check `{text}` cannot be asked of a {kinds[name]}.", hint=_HINT
            )
        return cls(name=name, verb=verb, limit=float(found["limit"]), unit=unit)

    def __str__(self) -> str:
        than = "more than " if self.verb in _MOVES else ""
        unit = " points" if self.unit == "points" else self.unit
        limit = f"{self.limit:f}".rstrip("0").rstrip(".")
        return f"{self.name} {self.verb} {than}{limit}{unit}"


def _units(verb: str, kind: str) -> tuple[str, ...]:
    if verb in _MOVES:
        return ("%", "points") if kind == "share" else ("%",)
    return ("%",) if kind == "share" else ("",)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found in one report; `reason` says why it could not be asked."""

    check: Check
    outcome: Outcome
    reason: str = ""


def ask_check(check: Check, changes: Changes) -> Finding:
    """Say whether a report breaks a check.

    A limit that is met exactly is not broken. A number that is withheld or has no earlier value
    makes the outcome unknown, never good.
    """
    change = changes.since(check.name)
    if change is None:
        return Finding(check=check, outcome=Outcome.unknown, reason="not in the report")
    found = _measured(check, change)
    if found is None:
        reason = change.reason or "the earlier value is 0"
        return Finding(check=check, outcome=Outcome.unknown, reason=reason)
    limit = check.limit / 100 if check.unit else check.limit
    is_broken = found < limit if check.verb == "below" else found > limit
    return Finding(check=check, outcome=Outcome.broken if is_broken else Outcome.holds)


def _measured(check: Check, change: Change) -> float | None:
    """Give what the limit is set against: the level, or the move in the verb's direction."""
    if check.verb in _LEVELS:
        return change.now.value
    move = change.difference if check.unit == "points" else change.relative
    if move is None:
        return None
    return {"drops": -move, "rises": move, "changes": abs(move)}[check.verb]
