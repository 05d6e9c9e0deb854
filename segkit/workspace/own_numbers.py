"""Finish a notebook of one's own with its numbers, set against those of its earlier runs."""

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from segkit.compare.changes import compare_reports
from segkit.compare.quantities import ASKED, DEEPEST
from segkit.errors import ParameterError
from segkit.measures.facts import as_json, ratio
from segkit.reports.report import FACTS
from segkit.workspace.asking import run_folder

if TYPE_CHECKING:
    from segkit.views.fragment import Fragment

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_TAKEN = ASKED | {"as_of", "changes", "numerator", "denominator"}
_PAIR = 2
_HINT = 'give numbers like {"orders": 12, "buyers_share": (3, 10)}, or mappings of them.'


def finish(numbers: Mapping[str, Any], *, as_of: str | date) -> "Fragment":
    """Write the numbers of a notebook into its run, and show how they moved since earlier runs.

    Parameters
    ----------
    numbers
        By name: a number; a pair of numerator and denominator, a share where the name ends in
        `_share`; None for one that is withheld; or a mapping of these, up to three deep.
    as_of
        The last day that they tell of, which the notebook has as its parameter.

    Returns
    -------
    Fragment
        Each number beside the run before and a year ago, or alone in the first run. Runs with other
        parameters, or made for other readers, are not compared.

    Raises
    ------
    ParameterError
        When a name is no plain word of small letters, digits and underscores, or is one that facts
        hold already; when a value is no number, or the day is none.
    """
    from segkit.views.changes import render_changes, render_numbers  # noqa: PLC0415  views are slow to import
    from segkit.views.fragment import Fragment, gather, note  # noqa: PLC0415  the same
    from segkit.views.words import Words  # noqa: PLC0415  the same

    facts = {"as_of": _read_day(as_of), **_read_all(numbers, ())}
    sink = run_folder()
    if sink is None:
        return gather([note("Nothing was written: this is no run. `segkit run` makes one.")])
    changes = compare_reports(facts, sink.earlier())
    text = json.dumps({**facts, "changes": as_json(changes)}, indent=1, allow_nan=False)
    sink.write(FACTS, text.encode())
    render = render_numbers if changes.before_on is None else render_changes
    shown = render(changes, Words(currency=None, timezone="UTC"))
    said = gather([note(f"Written: {FACTS}.")])
    return Fragment(f"{shown.html}{said.html}", f"{shown.text}\n{said.text}")


def _read_day(as_of: str | date) -> str:
    try:
        return date.fromisoformat(str(as_of)).isoformat()
    except ValueError as exc:
        raise ParameterError.not_read(
            "as_of", as_of, "a date like 2026-06-30", hint="hand on the notebook's `as_of`."
        ) from exc


def _read_all(numbers: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    found = {}
    for name, value in numbers.items():
        here = (*path, str(name)[:60])
        if not _NAME.fullmatch(str(name)) or name in _TAKEN:
            raise ParameterError.build(
                f"A number is named `{'.'.join(here)}`, expected small letters, digits and "
                "underscores, and no name that facts hold already.",
                hint=_HINT,
            )
        if isinstance(value, Mapping) and len(here) < DEEPEST:
            found[name] = _read_all(value, here)
        else:
            found[name] = _read_one(".".join(here), value)
    return found


def _read_one(name: str, value: Any) -> Any:  # noqa: ANN401  a JSON tree
    if isinstance(value, tuple | list) and len(value) == _PAIR:
        above, below = (_read_number(name, part) for part in value)
        return {
            "numerator": above,
            "denominator": below,
            "value": ratio(above, below),
            "kind": "share" if name.endswith("_share") else "number",
        }
    return _read_number(name, value)


def _read_number(name: str, value: Any) -> float | None:  # noqa: ANN401  whatever is given
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ParameterError.build(
            f"`{name}` is no number, expected a finite one or a pair of them.", hint=_HINT
        )
    return int(value) if isinstance(value, Integral) else float(value)
