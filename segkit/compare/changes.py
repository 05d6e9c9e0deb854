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
from typing import Any

from segkit.errors import ParameterError
from segkit.measures.facts import ratio
from segkit.periods import add_months

Document = Mapping[str, Any]
"""The document of a report as `facts.json` holds it."""
MIN_HISTORY = 8
"""So many earlier changes are needed before one is called usual or unusual."""
UNUSUAL_Z = 3.5
"""A robust z beyond this is unusual."""
MAD_TO_SIGMA = 1.4826
"""Times this, a median absolute deviation estimates the standard deviation of a normal law."""
_SHORTEST_MONTH, _LONGEST_MONTH, _WEEK = 28, 31, 7
_SAME = {
    "definition": "the definition changed",
    "days": "the window has another length",
    "timezone": "the time zone changed",
    "min_size": "the smallest group shown changed",
}


class Usualness(StrEnum):
    """How a change compares with the earlier changes of the same number."""

    usual = "usual"
    unusual = "unusual"
    too_little_history = "too little history"
    no_variation = "no variation before"
    unknown = "unknown"


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One number of one report: a count, or numerator / denominator.

    `denominator` is None for a plain count (`is_count`) and where it is withheld.
    """

    name: str
    title: str
    kind: str
    numerator: float | None
    denominator: float | None = None
    is_count: bool = False

    @property
    def value(self) -> float | None:
        """The count, or numerator / denominator; None when withheld or the denominator is 0."""
        return self.numerator if self.is_count else ratio(self.numerator, self.denominator)


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


def list_quantities(document: Document) -> tuple[Quantity, ...]:
    """Give the numbers of a report that are followed from period to period.

    Returns
    -------
    tuple of Quantity
        `size`, `share` (members / universe), `active_7d`, `new_7d` (counts), `active_7d_share`
        (active / members), `entered` and `left` (of the trend's last period, when that one ends on
        `as_of`), then each measure of the behaviour, in the report's order.
    """
    over = document["overview"]
    n, last = over["n_users"], _last_period(document)
    head = (
        _count("size", "Users", n),
        _share("share", "Share of all users", n, over["n_universe"]),
        _count("active_7d", "Active in 7 days", over["n_active_7d"]),
        _share("active_7d_share", "Active in 7 days, of the segment", over["n_active_7d"], n),
        _count("new_7d", "New in 7 days", over["n_new_7d"]),
        _count("entered", "Entered in the period", last.get("n_entered")),
        _count("left", "Left in the period", last.get("n_left")),
    )
    keys = ("name", "title", "kind", "numerator", "denominator")
    measures = document["behaviour"]["measures"].values()
    return head + tuple(Quantity(**{key: m[key] for key in keys}) for m in measures)


def _count(name: str, title: str, n: float | None) -> Quantity:
    return Quantity(name=name, title=title, kind="count", numerator=n, is_count=True)


def _share(name: str, title: str, n: float | None, of: float | None) -> Quantity:
    return Quantity(name=name, title=title, kind="share", numerator=n, denominator=of)


def _last_period(document: Document) -> Document:
    whole = [row for row in document["trend"] if row["is_complete"]]
    if not whole or whole[-1]["end_on"] != document["as_of"]:
        return {}
    return dict(whole[-1])


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
    in another currency. A change x is the difference between two neighbouring periods. Robust z =
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
        segment=now["segment"],
        as_of=as_of,
        before_on=before_on,
        year_on=year_on if year else None,
        since_before=_set_against(now, before, _differences(now, past, step)),
        since_year=_set_against(now, year, {}) if year else (),
        notes=_notes(now, before, year),
    )


def _check_segment(now: Document, earlier: Sequence[Document]) -> None:
    others = sorted({d["segment"] for d in earlier} - {now["segment"]})
    if others:
        raise ParameterError.build(
            f"An earlier report is about `{others[0]}`, expected `{now['segment']}`.",
            hint="compare reports of one segment only.",
        )


def _day(document: Document) -> date:
    return date.fromisoformat(document["as_of"])


def _year_before(day: date, step: int) -> date:
    """Give the same weekday 52 weeks ago for weekly reports, else the date of the year before."""
    if step and step % _WEEK == 0 and step < _SHORTEST_MONTH:
        return day - timedelta(days=364)
    if (day + timedelta(days=1)).day == 1:
        return add_months(day + timedelta(days=1), -12) - timedelta(days=1)
    return add_months(day, -12)


def _differs(now: Document, then: Document) -> str:
    return next((why for key, why in _SAME.items() if now.get(key) != then.get(key)), "")


def _notes(now: Document, before: Document | None, year: Document | None) -> tuple[str, ...]:
    if before is None:
        return ("There is no earlier report to compare with.",)
    pairs = (("report before", before), ("report of a year ago", year))
    return tuple(
        f"Not compared with the {name}: {_differs(now, then)}."
        for name, then in pairs
        if then is not None and _differs(now, then)
    )


def _set_against(
    now: Document, then: Document | None, history: Mapping[str, Sequence[float]]
) -> tuple[Change, ...]:
    why = "no earlier report" if then is None else _differs(now, then)
    found = {} if then is None or why else {q.name: q for q in list_quantities(then)}
    is_other_money = then is not None and now.get("currency") != then.get("currency")
    changes = []
    for quantity in list_quantities(now):
        other = "the currency changed" if is_other_money and quantity.kind == "money" else why
        before = None if other else found.get(quantity.name)
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
    days = sorted(day for day, d in past.items() if not _differs(now, d))
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
