"""Read thresholds as people write them, and say which of them a report breaks.

`size drops more than 20%`, `share below 5%`, `active_7d rises more than 30%`: what somebody wants
to be told of stands in words beside the report, and is refused when it cannot be understood. A name
is one of the report's numbers (`segkit.compare.changes.list_quantities`), or with dots the path of
a number in `facts.json`: `overview.n_users below 100`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from segkit.compare.changes import Change, Changes, compare_reports
from segkit.compare.quantities import Document, Quantity, read_number
from segkit.errors import ParameterError, near_names
from segkit.formats import Share

_MOVES = ("drops", "rises", "changes")
_LEVELS = ("below", "above")
_SHAPE = re.compile(
    r"(?P<name>\w+(?:\.\w+)*)\s+(?:is\s+)?(?P<verb>\w+)\s+(?P<more>(?:by\s+)?more\s+than\s+)?"
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
    def parse(cls, text: str, kinds: Mapping[str, str] | None = None) -> "Check":
        """Read a check.

        Parameters
        ----------
        text
            What somebody wrote.
        kinds
            The numbers of the report and their kinds (count, share, number, money, duration);
            None when there is no report yet, and names are looked up when it is asked.

        Raises
        ------
        ParameterError
            When the words mean nothing, name no number of the report, or have a wrong unit.
        """
        found = _SHAPE.fullmatch(text.strip())
        if not found:
            raise ParameterError.build(f"The check `{text}` cannot be read.", hint=_HINT)
        name, verb, unit = found["name"], found["verb"], found["unit"] or ""
        if kinds is not None and "." not in name and name not in kinds:
            raise ParameterError.build(
                f"The check `{text}` names no number of the report: `{name}`.",
                hint=near_names(name, kinds),
            )
        if verb not in (*_MOVES, *_LEVELS):
            raise ParameterError.build(
                f"The check `{text}` has an unknown verb `{verb}`.",
                hint=near_names(verb, (*_MOVES, *_LEVELS)),
            )
        kind = _kind(name, kinds)
        if bool(found["more"]) != (verb in _MOVES) or unit not in _units(verb, kind):
            of = f"a {kind}" if kind else "any number"
            raise ParameterError.build(f"The check `{text}` cannot be asked of {of}.", hint=_HINT)
        return cls(name=name, verb=verb, limit=float(found["limit"]), unit=unit)

    def __str__(self) -> str:
        than = "more than " if self.verb in _MOVES else ""
        unit = " points" if self.unit == "points" else self.unit
        limit = f"{self.limit:f}".rstrip("0").rstrip(".")
        return f"{self.name} {self.verb} {than}{limit}{unit}"


def _kind(name: str, kinds: Mapping[str, str] | None) -> str:
    """Give the kind of a number; empty when it cannot be known yet."""
    if kinds is None:
        return ""
    return kinds.get(name, "number")


def _units(verb: str, kind: str) -> tuple[str, ...]:
    """Give the units that a limit may have; of an unknown kind those of any."""
    if verb in _MOVES:
        return ("%", "points") if kind in {"share", ""} else ("%",)
    if not kind:
        return ("%", "")
    return ("%",) if kind == "share" else ("",)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found in one report.

    `reason` says why it could not be asked; `change` holds the numbers, None without any.
    """

    check: Check
    outcome: Outcome
    reason: str = ""
    change: Change | None = None

    @property
    def is_known(self) -> bool:
        """Whether the report holds the number itself, though perhaps no earlier value."""
        return self.change is not None and self.change.now.value is not None


def ask_check(check: Check, changes: Changes) -> Finding:
    """Say whether a report breaks a check.

    A limit that is met exactly is not broken. A number that is withheld or has no earlier value
    makes the outcome unknown, never good.
    """
    change = changes.since(check.name)
    if change is None:
        return Finding(check=check, outcome=Outcome.unknown, reason="not in the report")
    return _ask(check, change)


def _ask(check: Check, change: Change) -> Finding:
    if check.unit not in _units(check.verb, change.now.kind):
        reason = f"it cannot be asked of a {change.now.kind}"
        return Finding(check=check, outcome=Outcome.unknown, reason=reason)
    found = _measured(check, change)
    if found is None:
        reason = change.reason or "the earlier value is 0"
        return Finding(check=check, outcome=Outcome.unknown, reason=reason, change=change)
    limit = check.limit / 100 if check.unit else check.limit
    is_broken = found < limit if check.verb == "below" else found > limit
    outcome = Outcome.broken if is_broken else Outcome.holds
    return Finding(check=check, outcome=outcome, change=change)


def _measured(check: Check, change: Change) -> float | None:
    """Give what the limit is set against: the level, or the move in the verb's direction."""
    if check.verb in _LEVELS:
        return change.now.value
    move = change.difference if check.unit == "points" else change.relative
    if move is None:
        return None
    return {"drops": -move, "rises": move, "changes": abs(move)}[check.verb]


def ask_document(
    checks: Iterable[Check], now: Document, before: Document | None
) -> tuple[Finding, ...]:
    """Say which checks the facts of a report break, whatever report it is.

    Parameters
    ----------
    now, before
        What `facts.json` holds, and the one of the report before, if there is one.

    Returns
    -------
    tuple of Finding
        One a check, in their order. What is no number that the report follows is looked up by its
        path.
    """
    changes = _followed(now, before)
    return tuple(_ask_one(check, changes, now, before) for check in checks)


def _ask_one(
    check: Check, changes: Changes | None, now: Document, before: Document | None
) -> Finding:
    change = None if changes is None else changes.since(check.name)
    if change is None and ("." in check.name or check.name in now):
        change = _change_of(check.name, now, before)
    if change is None:
        return Finding(check=check, outcome=Outcome.unknown, reason="not in the report")
    return _ask(check, change)


def _followed(now: Document, before: Document | None) -> Changes | None:
    """Give the changes of what a report follows; None where its facts are not all there."""
    try:
        return compare_reports(now, [] if before is None else [before])
    except (KeyError, TypeError, AttributeError):
        return None


def _change_of(path: str, now: Document, before: Document | None) -> Change:
    then = None if before is None else _at(path, before)
    reason = "no earlier report" if before is None else ""
    if then is not None and then.value is None:
        then, reason = None, "not in the earlier report"
    return Change(now=_at(path, now), before=then, reason=reason)


def _at(path: str, document: Document) -> Quantity:
    """Give the number at a path of a document; without a value when there is none."""
    found: Any = document
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return read_number(path, found) or Quantity(
        name=path, title=path, kind="number", numerator=None
    )


def say_finding(finding: Finding) -> str:
    """Give the sentence of a check that is broken, or of one whose number is not known."""
    check, change = finding.check, finding.change
    if change is None or change.now.value is None:
        why = f" ({finding.reason})" if finding.reason else ""
        return f"`{check.name}` is not a known number, so its check cannot hold{why}."
    now = _say(change.now.value, change.now.kind)
    limit = f"{check.limit:g}{check.unit}" if check.unit == "%" else f"{check.limit:,g}"
    if check.verb in _LEVELS:
        than = "less" if check.verb == "below" else "more"
        return f"`{check.name}` is {now}, {than} than {limit}."
    was = "" if change.before is None else _say(change.before.value, change.now.kind)
    if check.unit == "points":
        moved = f"{(change.difference or 0) * 100:+.1f} points".replace("-", "−")
        return f"`{check.name}` changed by {moved} from {was} to {now}, more than {limit} points."
    moved = Share(digits=1)(change.relative).replace("-", "−")
    return (
        f"`{check.name}` changed by {moved} from {was} to {now}, more than {limit} of what it was."
    )


def _say(number: float | None, kind: str) -> str:
    if number is None:
        return "unknown"
    if kind == "share":
        return Share(digits=1)(number)
    return f"{int(number):,}" if float(number).is_integer() else f"{number:,.6g}"
