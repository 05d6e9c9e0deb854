"""Say of many segments at once what moved since the period before and since a year ago."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from segkit.compare.changes import Change, Usualness, judge_difference
from segkit.compare.quantities import Quantity
from segkit.measures.sizes import SizeRow

STRIKING = (Usualness.unusual, Usualness.no_variation)
"""What is marked beside a number."""
_COUNTS = {
    "size": ("Users", "n_users"),
    "active": ("Active", "n_active"),
    "new": ("New", "n_new"),
    "entered": ("Entered", "n_entered"),
    "left": ("Left", "n_left"),
}
_SHARES = {
    "share": ("Share of the universe", "n_users", "n_universe"),
    "active_share": ("Active, of the segment", "n_active", "n_users"),
}
_DAYS = ("as_of", "before_on", "year_on", "data_first_on", "data_last_on")
NAMES = ("size", "share", "active", "active_share", "new", "entered", "left")
"""The numbers of a review, in the order of its columns."""


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """One segment in a review.

    `since_before` and `since_year` hold one change a number, in the order of `NAMES`; `since_year`
    is empty where the data does not reach back. `sizes` are the users at the end of each period,
    oldest first; None is withheld.
    """

    segment: str
    title: str
    definition: str
    since_before: Sequence[Change]
    since_year: Sequence[Change]
    sizes: Sequence[int | None]

    @property
    def n_users(self) -> int | None:
        """How many users are in it now."""
        found = self.since_before[NAMES.index("size")].now.numerator
        return None if found is None else int(found)


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One thing to look at first: a change beyond usual variation, or a segment without numbers.

    `change` is None for the latter; then `reason` says why.
    """

    segment: str
    title: str
    change: Change | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ReviewFacts:
    """All that a review says.

    `period` is `week` or `month`; `days` is how many days up to a period's end are looked at for
    active and new users; `n_history` how many earlier periods there are to tell usual from unusual.
    """

    as_of: date
    period: str
    days: int
    before_on: date | None
    year_on: date | None
    n_history: int
    timezone: str
    snapshot: str
    engine: str
    clearance: str
    min_size: int
    data_first_on: date | None
    data_last_on: date | None
    segments: Sequence[Reviewed]
    alerts: Sequence[Alert]
    notes: Sequence[str] = ()


def list_counts(row: SizeRow) -> tuple[Quantity, ...]:
    """Give the numbers of one row, in the order of `NAMES`."""
    found = {
        name: Quantity(
            name=name, title=title, kind="count", numerator=getattr(row, field), is_count=True
        )
        for name, (title, field) in _COUNTS.items()
    }
    for name, (title, part, whole) in _SHARES.items():
        parts = (getattr(row, part), getattr(row, whole))
        known = parts if None not in parts else (None, None)
        found[name] = Quantity(
            name=name, title=title, kind="share", numerator=known[0], denominator=known[1]
        )
    return tuple(found[name] for name in NAMES)


def review_segment(
    rows: Sequence[SizeRow],
    year: SizeRow | None,
    *,
    segment: str,
    title: str,
    definition: str,
) -> Reviewed:
    """Set a segment's newest period against the one before and the one a year ago.

    Parameters
    ----------
    rows
        Neighbouring periods, oldest first, nothing small in them any more; the last is now.
    year
        The same period a year ago; None where the data does not reach back.
    """
    steps = [list_counts(row) for row in rows]
    return Reviewed(
        segment=segment,
        title=title,
        definition=definition,
        since_before=tuple(_since_before(steps, place) for place in range(len(NAMES))),
        since_year=() if year is None else tuple(map(_compared, steps[-1], list_counts(year))),
        sizes=tuple(row.n_users for row in rows),
    )


def read_review(document: Mapping[str, Any]) -> ReviewFacts:
    """Give the facts that a document of `facts.json` holds."""
    rest: dict[str, Any] = {
        key: document[key]
        for key in ReviewFacts.__dataclass_fields__
        if key not in {*_DAYS, "segments", "alerts", "notes"}
    }
    days: dict[str, Any] = {
        key: document[key] and date.fromisoformat(document[key]) for key in _DAYS
    }
    return ReviewFacts(
        **rest,
        **days,
        segments=tuple(_read_segment(tree) for tree in document["segments"]),
        alerts=tuple(
            Alert(
                segment=tree["segment"],
                title=tree["title"],
                change=tree["change"] and _read_change(tree["change"]),
                reason=tree["reason"],
            )
            for tree in document["alerts"]
        ),
        notes=tuple(document["notes"]),
    )


def _read_segment(tree: Mapping[str, Any]) -> Reviewed:
    return Reviewed(
        segment=tree["segment"],
        title=tree["title"],
        definition=tree["definition"],
        since_before=tuple(map(_read_change, tree["since_before"])),
        since_year=tuple(map(_read_change, tree["since_year"])),
        sizes=tuple(tree["sizes"]),
    )


def _read_change(tree: Mapping[str, Any]) -> Change:
    return Change(
        now=_read_quantity(tree["now"]),
        before=tree["before"] and _read_quantity(tree["before"]),
        reason=tree["reason"],
        z=tree["z"],
        usualness=Usualness(tree["usualness"]),
    )


def _read_quantity(tree: Mapping[str, Any]) -> Quantity:
    return Quantity(**{key: tree[key] for key in Quantity.__dataclass_fields__ if key in tree})


def _since_before(steps: Sequence[Sequence[Quantity]], place: int) -> Change:
    """Give the change of one number, judged by its changes between earlier periods."""
    course = [step[place] for step in steps]
    if len(course) == 1:
        return Change(now=course[0], before=None, reason="no earlier period")
    change = _compared(course[-1], course[-2])
    if change.difference is None:
        return change
    earlier = [_compared(now, before).difference for before, now in pairwise(course[:-1])]
    z, usualness = judge_difference(change.difference, [x for x in earlier if x is not None])
    return Change(now=change.now, before=change.before, z=z, usualness=usualness)


def _compared(now: Quantity, before: Quantity) -> Change:
    is_known = now.value is not None and before.value is not None
    return Change(now=now, before=before, reason="" if is_known else "withheld or unknown")


def find_alerts(segments: Sequence[Reviewed], silent: Sequence[Alert] = ()) -> tuple[Alert, ...]:
    """Give what to look at first: segments without numbers, then changes, the strangest first.

    A share that only moves with its count makes no alert of its own. A size that was the same in
    all earlier periods and is another now makes one, though there is no z.
    """
    striking = [
        Alert(segment=one.segment, title=one.title, change=change)
        for one in segments
        for change in _striking(one)
    ]
    return (*silent, *sorted(striking, key=lambda alert: (_strangeness(alert), alert.title)))


def _striking(one: Reviewed) -> list[Change]:
    found = {c.now.name: c for c in one.since_before if c.usualness is Usualness.unusual}
    size = one.since_before[NAMES.index("size")]
    if size.usualness is Usualness.no_variation and len(set(one.sizes[:-1])) == 1:
        found["size"] = size
    for share, count in (("share", "size"), ("active_share", "active")):
        if count in found:
            found.pop(share, None)
    return list(found.values())


def _strangeness(alert: Alert) -> float:
    """Give what sorts the farthest from usual first; without variation before comes after."""
    z = alert.change.z if alert.change is not None else None
    return 0.0 if z is None else -abs(z)
