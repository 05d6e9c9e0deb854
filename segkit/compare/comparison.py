"""Hold what a report on several segments says as plain values, section by section.

Every rate keeps its numerator and denominator; None is withheld or unknown, and a note says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from segkit.compare.facts import Differences, OutlyingDay, Overlap
from segkit.compare.mix import Mix
from segkit.measures.facts import as_json, ratio

Rate = Literal["active", "buyers"]


@dataclass(frozen=True, kw_only=True)
class ComparedSegment:
    """One segment of a comparison: what it is called and means, and how large it is at T."""

    segment: str
    title: str
    definition: str
    definition_text: str
    n_users: int | None
    n_universe: int | None

    @property
    def share(self) -> float | None:
        """Members / universe."""
        return ratio(self.n_users, self.n_universe)


@dataclass(frozen=True, kw_only=True)
class ComparisonHead:
    """What was asked: segments, day, window, baseline, data and reader.

    `n_baseline` are the users of the baseline who are in none of the segments.
    """

    segments: Sequence[ComparedSegment]
    as_of: date
    days: int
    start_on: date
    timezone: str
    currency: str | None
    baseline: str
    baseline_title: str
    n_baseline: int | None
    snapshot: str
    engine: str
    clearance: str
    min_size: int
    data_first_on: date | None
    data_last_on: date | None


@dataclass(frozen=True, kw_only=True)
class SideValue:
    """One measure of one segment: numerator / denominator; shares of users with Wilson's 95%."""

    numerator: float | None
    denominator: float | None
    low: float | None = None
    high: float | None = None

    @property
    def value(self) -> float | None:
        """The ratio; None when withheld or the denominator is 0."""
        return ratio(self.numerator, self.denominator)


@dataclass(frozen=True, kw_only=True)
class BesideRow:
    """One headline measure: a value a segment, in their order, and the baseline's (None: none)."""

    name: str
    title: str
    kind: str
    unit: str
    values: Sequence[SideValue]
    baseline: SideValue | None


@dataclass(frozen=True, kw_only=True)
class SegmentDiffers:
    """How one segment differs from a baseline or from another segment, `other` by its title.

    `other_segment` is the id of the other segment; None where it is the baseline. `n_both` users
    are in both and left out.
    """

    segment: str
    title: str
    other: str
    other_segment: str | None
    n_both: int | None
    differences: Differences


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """A segment in one period: size and universe at its end, members who came and ordered in it."""

    period: str
    start_on: date
    end_on: date
    is_complete: bool
    n_universe: int | None
    n_users: int | None
    n_active: int | None
    n_buyers: int | None

    def value(self, measure: str) -> float | None:
        """Give the size (`n_users`), or a share with its own denominator (`share`, a rate)."""
        match measure:
            case "n_users":
                return self.n_users
            case "share":
                return ratio(self.n_users, self.n_universe)
            case "active":
                return ratio(self.n_active, self.n_users)
        return ratio(self.n_buyers, self.n_users)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A measure of a segment stepped to another level with a period; levels are medians."""

    measure: str
    period: str
    start_on: date
    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class SegmentLine:
    """One segment over time, oldest first, the level shifts and the outlying days in it.

    `n_periods` complete ones were looked at for shifts; 0 where there were too few or withheld.
    `n_days` were looked at for outlying days; 0 where periods are no days, or these are too few.
    """

    segment: str
    title: str
    rows: Sequence[LineRow]
    shifts: Sequence[Shift]
    n_periods: int
    outlying: Sequence[OutlyingDay] = ()
    n_days: int = 0


@dataclass(frozen=True, kw_only=True)
class RateChange:
    """The difference of a rate, split label by label into who is in and what they do.

    `against` is `time` (the window of the same length before) or `baseline`. Each of `parts` adds
    up to the difference.
    """

    segment: str
    title: str
    rate: Rate
    against: Literal["time", "baseline"]
    before: SideValue
    after: SideValue
    is_given: bool
    parts: Sequence[Mix]
    n_withheld: int = 0

    @property
    def change(self) -> float | None:
        """Rate after less rate before, or segment less baseline."""
        if self.after.value is None or self.before.value is None:
            return None
        return self.after.value - self.before.value


@dataclass(frozen=True, kw_only=True)
class MixFacts:
    """All rates that were split, the days of the window before, and what could not be split."""

    before_start_on: date
    before_end_on: date
    changes: Sequence[RateChange]
    notes: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class ComparisonFacts:
    """All that one comparison of segments says; `overlap` is None for a single segment."""

    head: ComparisonHead
    beside: Sequence[BesideRow]
    differs: Sequence[SegmentDiffers]
    n_judged: int
    overlap: Overlap | None
    over_time: Sequence[SegmentLine]
    mix: MixFacts
    notes: Sequence[str]

    def to_dict(self) -> dict[str, Any]:
        """Give the plain document that `facts.json` holds; of findings only those that hold."""
        document = as_json(self)
        for told in document["differs"]:
            told["differences"]["findings"] = told["differences"].pop("found")
        head = document.pop("head")
        return {**head, **document}
