"""Set a report's numbers against earlier reports of the same segment, so that news is told as news.

A number alone does not say whether it moved. Each is set against the report before and the one of
the same period a year ago, and its move against the moves of the past: a change that is usual for
this segment is no alarm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from segkit.compare.quantities import (
    Document,
    Quantity,
    list_quantities,
    why_not,
    why_not_number,
)
from segkit.errors import ParameterError
from segkit.measures.facts import ratio
from segkit.periods import add_months

MIN_HISTORY = 8
"""So many earlier changes are needed before one is called usual or unusual."""
UNUSUAL_Z = 3.5
"""A robust z beyond this is unusual."""
MAD_TO_SIGMA = 1.4826
"""Times this, a median absolute deviation estimates the standard deviation of a normal law."""
_SHORTEST_MONTH, _LONGEST_MONTH, _WEEK = 28, 31, 7


class Usualness(StrEnum):
    """How a change compares with the earlier changes of the same number."""

    usual = "usual"
    unusual = "unusual"
    too_little_history = "too little history"
    no_variation = "no variation before"
    unknown = "unknown"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One number now and in an earlier report.

    `before` is None where the earlier report lacks it, `reason` then says why. `z` is the robust z
    of the difference among the earlier differences, None without them.
    """

    now: Quantity
    before: Quantity | None
    reason: str = ""
    z: float | None = None
    usualness: Usualness = Usualness.unknown

    @property
    def difference(self) -> float | None:
        """Value now − value before, in the number's own unit (shares: 0.01 is one point)."""
        earlier = self.before.value if self.before else None
        if self.now.value is None or earlier is None:
            return None
        return self.now.value - earlier

    @property
    def relative(self) -> float | None:
        """Difference / value before; None when either is unknown or the value before is 0."""
        return ratio(self.difference, self.before.value) if self.before else None


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What changed in one report: `since_before` and `since_year`, one row a number.

    `before_on` and `year_on` are the last days of the reports compared with, None where there is
    none. `notes` say what could not be compared and why.
    """

    segment: str
    as_of: date
    before_on: date | None
    year_on: date | None
    since_before: Sequence[Change]
    since_year: Sequence[Change]
    notes: Sequence[str] = ()

    def since(self, name: str) -> Change | None:
        """Give the change of one number since the report before; None when it has no such one."""
        return next((c for c in self.since_before if c.now.name == name), None)


def compare_reports(now: Document, earlier: Sequence[Document]) -> Changes:
    """Set a report against the newest earlier one and the one of the same period a year ago.

    Parameters
    ----------
    now
        The document of the report.
    earlier
        Documents of the same segment, in any order. Of two for one day the later in the sequence
        counts; those of `now`'s day or after are left out.

    Returns
    -------
    Changes
        With no earlier report every change is unknown, and the notes say so.

    Raises
    ------
    ParameterError
        When a document is about another segment.

    Notes
    -----
    Reports with another definition, window, zone or smallest group are not compared; nor is money
    in another currency, nor a number of a segment whose definition changed, nor one of patterns
    that were found anew. A change x is the difference between two neighbouring periods. Robust z =
    (x − median) / (1.4826 · MAD) over at least 8 earlier differences; beyond ±3.5 it is unusual.

    Source
    ------
    Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993.
    """
    _check_segment(now, earlier)
    as_of = _day(now)
    past = {_day(d): d for d in earlier if _day(d) < as_of}
    before_on = max(past, default=None)
    step = (as_of - before_on).days if before_on else 0
    year_on = _year_before(as_of, step)
    before, year = past.get(before_on) if before_on else None, past.get(year_on)
    return Changes(
        segment=_segment(now),
        as_of=as_of,
        before_on=before_on,
        year_on=year_on if year else None,
        since_before=_set_against(now, before, _differences(now, past, step)),
        since_year=_set_against(now, year, {}) if year else (),
        notes=_notes(now, before, year),
    )


def _check_segment(now: Document, earlier: Sequence[Document]) -> None:
    others = sorted({_segment(d) for d in earlier} - {_segment(now)})
    if others:
        raise ParameterError.build(
            f"An earlier report is about `{others[0]}`, expected `{_segment(now)}`.",
            hint="compare reports of one segment only.",
        )


def _segment(document: Document) -> str:
    """Give the one segment that a report is about; empty for a report on several or on none."""
    return str(document.get("segment") or "")


def _day(document: Document) -> date:
    return date.fromisoformat(document["as_of"])


def _year_before(day: date, step: int) -> date:
    """Give the same weekday 52 weeks ago for weekly reports, else the date of the year before."""
    if step and step % _WEEK == 0 and step < _SHORTEST_MONTH:
        return day - timedelta(days=364)
    if (day + timedelta(days=1)).day == 1:
        return add_months(day + timedelta(days=1), -12) - timedelta(days=1)
    return add_months(day, -12)


def _notes(now: Document, before: Document | None, year: Document | None) -> tuple[str, ...]:
    if before is None:
        return ("There is no earlier report to compare with.",)
    pairs = (("report before", before), ("report of a year ago", year))
    return tuple(
        f"Not compared with the {name}: {why_not(now, then)}."
        for name, then in pairs
        if then is not None and why_not(now, then)
    )


def _set_against(
    now: Document, then: Document | None, history: Mapping[str, Sequence[float]]
) -> tuple[Change, ...]:
    why = "no earlier report" if then is None else why_not(now, then)
    found = {} if then is None or why else {q.name: q for q in list_quantities(then)}
    is_other_money = then is not None and now.get("currency") != then.get("currency")
    changes = []
    for quantity in list_quantities(now):
        other = "the currency changed" if is_other_money and quantity.kind == "money" else why
        before = None if other else found.get(quantity.name)
        if before is not None and (other := why_not_number(now, quantity, before)):
            before = None
        change = Change(now=quantity, before=before, reason=other or _reason(quantity, before))
        changes.append(_judge(change, history.get(quantity.name, ())))
    return tuple(changes)


def _reason(now: Quantity, before: Quantity | None) -> str:
    if before is None:
        return "not in the earlier report"
    if now.value is None or before.value is None:
        return "withheld or unknown"
    return ""


def _differences(now: Document, past: Mapping[date, Document], step: int) -> dict[str, list[float]]:
    """Give the earlier differences between neighbouring comparable reports, by number."""
    days = sorted(day for day, d in past.items() if not why_not(now, d))
    made = {quantity.name: quantity.made for quantity in list_quantities(now)}
    found: dict[str, list[float]] = {}
    for first, second in pairwise(days):
        if not _is_step((second - first).days, step):
            continue
        for change in _set_against(past[second], past[first], {}):
            is_money = change.now.kind == "money"
            if change.difference is None or (
                is_money and past[second].get("currency") != now.get("currency")
            ):
                continue
            if change.now.made != made.get(change.now.name):
                continue
            found.setdefault(change.now.name, []).append(change.difference)
    return found


def _is_step(gap: int, step: int) -> bool:
    months = range(_SHORTEST_MONTH, _LONGEST_MONTH + 1)
    return gap == step or (gap in months and step in months)


def _judge(change: Change, history: Sequence[float]) -> Change:
    if change.difference is None:
        return change
    z, usualness = judge_difference(change.difference, history)
    return Change(
        now=change.now, before=change.before, reason=change.reason, z=z, usualness=usualness
    )


def judge_difference(x: float, history: Sequence[float]) -> tuple[float | None, Usualness]:
    """Give the robust z of a difference among earlier ones, and what to call it.

    z is None with fewer than 8 earlier differences, and where these do not vary.

    >>> judge_difference(9.0, [1, 2, 3, 1, 2, 3, 1, 2, 3])[1].value
    'unusual'
    >>> judge_difference(9.0, [1, 2, 3])
    (None, <Usualness.too_little_history: 'too little history'>)
    """
    if len(history) < MIN_HISTORY:
        return None, Usualness.too_little_history
    middle = median(history)
    spread = MAD_TO_SIGMA * median(abs(h - middle) for h in history)
    if not spread:
        return None, Usualness.usual if x == middle else Usualness.no_variation
    z = (x - middle) / spread
    return z, Usualness.unusual if abs(z) > UNUSUAL_Z else Usualness.usual
