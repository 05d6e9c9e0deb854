"""Compare the numbers of a report with what its schedule says must hold of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segkit.compare.checks import Outcome, ask_document, say_finding
from segkit.runs.schedule.spec import CheckSpec
from segkit.runs.spec import FACTS


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A check that does not hold, in one sentence; `is_hold` says that nothing may go out.

    `words` are the check as it is written.
    """

    sentence: str
    is_hold: bool
    words: str


def weigh_facts(checks: Sequence[CheckSpec], folder: Path, before: Path | None) -> list[Breach]:
    """Give the breaches of some checks, in their order, each sentence once.

    A number that is not known is a breach; without one to compare it with a change is not weighed.

    Parameters
    ----------
    folder, before
        The folders of the report and of the one published for the period before, if any.
    """
    facts, earlier = _read(folder), None if before is None else _read(before)
    found: dict[str, Breach] = {}
    for check in checks:
        for finding in ask_document(check.checks(), facts, earlier):
            is_breach = finding.outcome is Outcome.broken or not finding.is_known
            if is_breach:
                sentence = say_finding(finding)
                is_hold = check.otherwise == "hold"
                found.setdefault(
                    sentence, Breach(sentence=sentence, is_hold=is_hold, words=str(finding.check))
                )
    return list(found.values())


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / FACTS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
