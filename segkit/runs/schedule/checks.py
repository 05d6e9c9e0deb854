"""Compare the numbers of a report with what its schedule says must hold of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segkit.formats import Share
from segkit.runs.schedule.spec import CheckSpec
from segkit.runs.spec import FACTS


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A check that does not hold, in one sentence; `is_hold` says that nothing may go out."""

    sentence: str
    is_hold: bool


def weigh_facts(checks: Sequence[CheckSpec], folder: Path, before: Path | None) -> list[Breach]:
    """Give the breaches of some checks, in their order.

    Parameters
    ----------
    folder, before
        The folders of the report and of the one published for the period before, if any; without
        one a change is not weighed.
    """
    facts, earlier = _read(folder), {} if before is None else _read(before)
    return [
        Breach(sentence=sentence, is_hold=check.otherwise == "hold")
        for check in checks
        for sentence in _sentences(check, facts, earlier)
    ]


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / FACTS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _sentences(check: CheckSpec, facts: dict[str, Any], earlier: dict[str, Any]) -> Iterator[str]:
    value = _number(facts, check.fact)
    if value is None:
        yield f"`{check.fact}` is not a known number, so its check cannot hold."
        return
    if check.at_least is not None and value < check.at_least:
        yield f"`{check.fact}` is {_say(value)}, less than {_say(check.at_least)}."
    if check.at_most is not None and value > check.at_most:
        yield f"`{check.fact}` is {_say(value)}, more than {_say(check.at_most)}."
    was = _number(earlier, check.fact)
    if check.change_at_most is None or not was:
        return
    change = (value - was) / abs(was)
    if abs(change) > check.change_at_most:
        share = Share(digits=1)
        yield (
            f"`{check.fact}` changed by {share(change)} from {_say(was)} to {_say(value)}, "
            f"more than {share(check.change_at_most)} of what it was."
        )


def _number(facts: dict[str, Any], path: str) -> float | None:
    found: Any = facts
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _say(number: float) -> str:
    return f"{int(number):,}" if float(number).is_integer() else f"{number:,}"
