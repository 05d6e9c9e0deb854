"""Split what changed, and what differs from the baseline, into who is in and what they do."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Literal

from segkit.compare.comparison import MixFacts, Rate, RateChange, SideValue
from segkit.compare.mix import Cell, Mix, pool_small, split_change
from segkit.compare.shares import wilson_interval
from segkit.measures.activity import Activity, build_activity
from segkit.measures.group_rates import Cells, GroupRates, measure_group_rates
from segkit.measures.sides import Sides
from segkit.measures.withhold import is_small, keep_part
from segkit.reports.comparison_study import ComparisonStudy

PLACES: dict[Rate, int] = {"active": 1, "buyers": 2}
SOURCES: dict[Rate, tuple[str, str]] = {
    "active": ("amount", "active"),
    "buyers": ("amount", "orders"),
}
MOST_LABELS = 8
"""The most labels that one change is split by, those with the largest mix."""


def build_mix(study: ComparisonStudy) -> MixFacts:
    """Give every rate of every segment split, against the window before and against the baseline.

    The first needs data of the whole window before.
    """
    start = study.before[0].clock.day - timedelta(days=study.first.days - 1)
    return MixFacts(
        before_start_on=start,
        before_end_on=study.before[0].clock.day,
        changes=tuple(change for one in _Split.of_all(study) for change in one.changes()),
        notes=_notes(study),
    )


def _notes(study: ComparisonStudy) -> tuple[str, ...]:
    if study.has_before:
        return ()
    said = (
        f"Nothing is set against the {study.first.days} days before: the data does not cover them. "
        "Shorten the window to see what changed."
    )
    return (said,)


class _Split:
    """One segment whose rates are split."""

    def __init__(self, study: ComparisonStudy, place: int, before: Activity | None) -> None:
        self.study, self.place, self.before = study, place, before
        self.group, self.asked = study.groups[place], study.requests[place]

    @classmethod
    def of_all(cls, study: ComparisonStudy) -> "list[_Split]":
        """Give all segments; what everybody did in the window before is summed once."""
        before = None
        if study.has_before:
            sides = study.members_before(0)
            before = build_activity(sides, purchases=study.purchases, order_id=study.first.order_id)
        return [cls(study, place, before) for place in range(len(study.groups))]

    @cached_property
    def now(self) -> tuple[GroupRates, ...]:
        """The cells at T, of the segment and of its baseline."""
        return self._rates(self.group.sides, self.study.activity)

    def _rates(self, sides: Sides, activity: Activity) -> tuple[GroupRates, ...]:
        return measure_group_rates(
            sides, activity, columns=self.asked.columns, clearance=self.asked.clearance
        )

    def changes(self) -> list[RateChange]:
        """Give what can be told of this segment; nothing where it is withheld."""
        if self.group.is_withheld or not self.now:
            return []
        rates: list[Rate] = ["active", "buyers"] if self.study.purchases else ["active"]
        own = {rates_.name: rates_.segment for rates_ in self.now}
        others = {rates_.name: rates_.baseline for rates_ in self.now}
        found = []
        if self.before is not None:
            sides = self.study.members_before(self.place)
            if sides.n_segment and not is_small(sides.n_segment, self.study.least):
                then = {r.name: r.segment for r in self._rates(sides, self.before)}
                found += [self._change(rate, "time", then, own) for rate in rates]
        if self.group.sides.n_baseline:
            found += [self._change(rate, "baseline", others, own) for rate in rates]
        return found

    def _change(
        self,
        rate: Rate,
        against: Literal["time", "baseline"],
        before: Mapping[str, Cells],
        after: Mapping[str, Cells],
    ) -> RateChange:
        place, least = PLACES[rate], self.study.least
        names = [name for name in after if name in before]
        cells = {
            name: tuple(_cells(side[name], place) for side in (before, after)) for name in names
        }
        wholes = [_sum(side) for side in next(iter(cells.values()))]
        shown = [_value(*whole, least) for whole in wholes]
        titles = {r.name: r.title for r in self.now}
        parts: list[Mix] = []
        if all(value.numerator is not None for value in shown):
            for name in names:
                pooled = pool_small(cells[name][0], cells[name][1], least)
                mix = pooled and split_change(name, titles[name], *pooled)
                parts += [mix] if mix else []
        parts.sort(key=lambda mix: (-abs(mix.mix), mix.name))
        return RateChange(
            segment=self.asked.segment, title=self.asked.title, rate=rate, against=against,
            before=shown[0], after=shown[1],
            is_given=self.asked.reads.covers(SOURCES[rate], purchases=self.study.purchases),
            parts=tuple(parts[:MOST_LABELS]), n_withheld=len(names) - len(parts),
        )  # fmt: skip


def _cells(cells: Cells, place: int) -> dict[str, Cell]:
    return {value: (ns[0], ns[place]) for value, ns in cells.items()}


def _sum(cells: Mapping[str, Cell]) -> Cell:
    return sum(n for n, _ in cells.values()), sum(k for _, k in cells.values())


def _value(n: int, k: int, least: int) -> SideValue:
    shown = keep_part(k, n, least)
    if shown is None or not n:
        return SideValue(numerator=None, denominator=n)
    _, low, high = (float(part[0]) for part in wilson_interval(shown, n))
    return SideValue(numerator=shown, denominator=n, low=low, high=high)
