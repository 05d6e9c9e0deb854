"""Hold what was found to differ as plain values, each with its numerator and denominator.

Two kinds of statement are kept apart from the start: what was tested and found, and what is so by
definition, which has no p-value because it was never in doubt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from segkit.compare.effect_words import EffectKind
from segkit.measures.facts import ratio

FindingKind = Literal[
    "active", "amount", "event", "page", "entry_page", "visit", "label", "whole_label"
]
COMERS = "users who came"
ALL_USERS = "users"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One comparison of segment and baseline.

    `of` says what the denominators count: `users` of the group, or those of them who came in the
    window. A share has whole numbers of users as numerators; an amount (`is_amount`) has the sum
    over these users, a label as a whole has none. `effect` is Cohen's h of a share, Cliff's delta
    of an amount, Cramér's V of a label as a whole; `strength` is the effect divided by what its
    kind calls small. `p` is null for what is so by definition, `q` is p after Benjamini and
    Hochberg over all tested findings of the report.
    """

    kind: FindingKind
    group: str
    name: str
    title: str
    of: str
    format: str = "share"
    numerator: float | None
    denominator: int
    baseline_numerator: float | None
    baseline_denominator: int
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    median: float | None = None
    baseline_median: float | None = None
    median_low: float | None = None
    median_high: float | None = None
    effect_kind: EffectKind
    effect: float
    effect_low: float | None = None
    effect_high: float | None = None
    size: str
    strength: float
    p: float | None = None
    q: float | None = None

    @property
    def value(self) -> float | None:
        """The segment's share or mean."""
        return ratio(self.numerator, self.denominator)

    @property
    def baseline(self) -> float | None:
        """The baseline's share or mean."""
        return ratio(self.baseline_numerator, self.baseline_denominator)

    @property
    def is_amount(self) -> bool:
        """Whether the numerators are sums over users rather than numbers of users."""
        return self.kind == "amount"


@dataclass(frozen=True, kw_only=True)
class ReadPart:
    """One kind of thing that the definitions read, with what of it."""

    heading: str
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Differences:
    """All that one segment and its baseline were compared by.

    `findings` are all tested ones, those that hold (q ≤ `level`) first, each part by falling
    strength. `by_definition` follow from what the definitions read. `n_tested` p-values were
    judged together, and with them the `n_beside` of what the report's patterns are compared by;
    `n_withheld` comparisons were left out because they tell of fewer users than may be shown.
    """

    n_segment: int | None
    n_baseline: int | None
    n_came: int | None
    n_baseline_came: int | None
    level: float
    n_tested: int
    n_withheld: int
    findings: Sequence[Finding]
    by_definition: Sequence[Finding]
    reads: Sequence[ReadPart]
    n_beside: int = 0
    notes: Sequence[str] = field(default_factory=tuple)

    @property
    def n_found(self) -> int:
        """How many findings hold."""
        return len(self.found)

    @property
    def found(self) -> tuple[Finding, ...]:
        """The findings that hold, strongest first."""
        return tuple(f for f in self.findings if f.q is not None and f.q <= self.level)


@dataclass(frozen=True, kw_only=True)
class OverlapSegment:
    """One segment of an overlap: its size among the users that are looked at."""

    segment: str
    title: str
    n_users: int | None


@dataclass(frozen=True, kw_only=True)
class Intersection:
    """Users who are in exactly these segments of an overlap and in no other of them."""

    segments: tuple[str, ...]
    n_users: int | None


@dataclass(frozen=True, kw_only=True)
class OverlapPair:
    """Two segments: users in both, and what follows.

    `jaccard` = both / either; `first_in_second` = both / first, `second_in_first` = both / second;
    `lift` = both · universe / (first · second), 1 where being in one tells nothing of the other.
    """

    first: str
    second: str
    n_both: int | None
    n_either: int | None
    jaccard: float | None
    first_in_second: float | None
    second_in_first: float | None
    lift: float | None
    lift_low: float | None
    lift_high: float | None


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """How up to 20 segments share their users, at one instant.

    `intersections` are exact, largest first; they and `n_none` sum to `n_universe`. `n_more`
    intersections of fewer users lie beyond those listed and hold `n_users_more` users.
    """

    n_universe: int | None
    n_none: int | None
    segments: Sequence[OverlapSegment]
    intersections: Sequence[Intersection]
    pairs: Sequence[OverlapPair]
    n_more: int = 0
    n_users_more: int | None = 0


@dataclass(frozen=True, kw_only=True)
class OutlyingDay:
    """A day on which a measure of a segment lies out; `usual` is what its neighbours tell of it.

    `measure` is `n_users` (users), `n_active` (users), or a share of the members, `active` or
    `buyers` (0 to 1).
    """

    measure: str
    day: date
    value: float
    usual: float
