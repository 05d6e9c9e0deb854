"""Hold what a report says as plain values: each with its numerator and denominator.

Nothing computed twice.

Measures fill these, `compare` adds lifts, `withhold` blanks what is too small, views only draw
them. None means withheld or unknown; the reason stands in the report's notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from segkit.periods import Grain

UNKNOWN = "(unknown)"
"""The level of a breakdown that holds those of whom nothing is known."""
NO_PAGE = "(no page)"
"""The level that holds visits in which no page was viewed."""
DIRECT = frozenset({"Direct", "(direct)"})
"""Channel and source of visits that came with neither a referrer nor a campaign."""
NEVER = "never came"
"""The level of those who have no event."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One headline ratio for segment and baseline: numerator / denominator, with its unit in words.

    `kind` chooses the format: count, share, number, money, duration.
    """

    name: str
    title: str
    kind: str
    unit: str
    numerator: float | None
    denominator: float | None
    baseline_numerator: float | None = None
    baseline_denominator: float | None = None

    @property
    def value(self) -> float | None:
        """The segment's ratio, None when the denominator is 0 or withheld."""
        return ratio(self.numerator, self.denominator)

    @property
    def baseline(self) -> float | None:
        """The baseline's ratio."""
        return ratio(self.baseline_numerator, self.baseline_denominator)


def ratio(numerator: float | None, denominator: float | None) -> float | None:
    """Give numerator / denominator, None when either is missing or the denominator is 0."""
    if numerator is None or not denominator:
        return None
    return float(numerator) / float(denominator)


@dataclass(frozen=True, kw_only=True)
class BreakdownRow:
    """One value of a breakdown: `n` of the segment's denominator have it.

    `n_baseline` of the baseline's.

    `lift` = share / baseline share with its 95% interval; `volume` is a further count (views of the
    page, visits of the channel) where the breakdown has one.
    """

    value: str
    n: int | None
    n_baseline: int | None
    share: float | None = None
    baseline_share: float | None = None
    lift: float | None = None
    lift_low: float | None = None
    lift_high: float | None = None
    volume: int | None = None


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """Grain: one row a value (page, channel, age band, …), largest share first.

    `of` names what is counted (`users` or `visits`), `denominator` and `baseline_denominator` how
    many there are of it. `is_partition` when the values exclude each other and sum to the
    denominator. `n_more` values lie beyond the rows shown.
    `is_ordered` when the rows have an order of their own (bands, periods).
    """

    name: str
    title: str
    of: str
    denominator: int | None
    baseline_denominator: int | None
    is_partition: bool
    rows: Sequence[BreakdownRow]
    n_more: int = 0
    volume_title: str | None = None
    is_ordered: bool = False


@dataclass(frozen=True, kw_only=True)
class HourCell:
    """Visits of the segment that began in one hour of one weekday, local time."""

    weekday: int
    hour: int
    n_visits: int | None


@dataclass(frozen=True, kw_only=True)
class RetentionCell:
    """Users first seen in the period that begins on `cohort` who were active `k` periods on.

    `n_eligible` are those of the cohort for whom period k is over; share = n_retained / n_eligible,
    None while unfinished.
    """

    cohort: date
    k: int
    n_eligible: int | None
    n_retained: int | None

    @property
    def share(self) -> float | None:
        """Retained / eligible."""
        return ratio(self.n_retained, self.n_eligible)


@dataclass(frozen=True, kw_only=True)
class FunnelStep:
    """Users who reached a step after all steps before it, in order.

    Shares are of the first step's users.
    """

    step: int
    event: str
    n_users: int | None
    n_baseline: int | None


@dataclass(frozen=True, kw_only=True)
class TrendRow:
    """The segment at the end of one period: size and active users.

    And who entered and left since the period before.

    `is_complete` is false for a period that reaches beyond `as_of`.
    """

    period: str
    start_on: date
    end_on: date
    is_complete: bool
    n_universe: int | None
    n_users: int | None
    n_active: int | None
    n_entered: int | None
    n_left: int | None


@dataclass(frozen=True, kw_only=True)
class ActiveRow:
    """Users of a segment with any event in one period: `n_active` of `n_users`.

    The segment is as of T, so `n_users` is the same in every row. `is_complete` is false for a
    period that reaches beyond T.
    """

    period: str
    start_on: date
    end_on: date
    is_complete: bool
    n_users: int | None
    n_active: int | None

    @property
    def share(self) -> float | None:
        """Active / users."""
        return ratio(self.n_active, self.n_users)


@dataclass(frozen=True, kw_only=True)
class AmountRow:
    """Users of a segment with one value of a label at T, and what they spent in the window.

    `n_payers` of `n_users` have an event with an amount; `amount` is the sum in `currency`, exact.
    """

    value: str
    n_users: int | None
    n_payers: int | None
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, kw_only=True)
class UserRows:
    """Grain: one row a user.

    `columns` are (name, heading, kind) with kind text, count, money, instant or share.
    """

    columns: Sequence[tuple[str, str, str]]
    rows: Sequence[Sequence[Any]]
    n_rows: int | None


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Size of the segment in its universe.

    And who was active or new in the last 7 days before T.
    """

    n_users: int | None
    n_universe: int | None
    n_active_7d: int | None
    n_new_7d: int | None
    top_users: UserRows

    @property
    def share(self) -> float | None:
        """Members / universe."""
        return ratio(self.n_users, self.n_universe)


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """Users who returned in periods `low` to `high` (None: any later one), of `n_eligible`.

    `n_retained` is None while the span is not over (an open one: while its first period is not),
    then `n_eligible` is 0. `n_cohorts` cohorts with users are in both.
    """

    low: int
    high: int | None
    n_eligible: int
    n_retained: int | None
    n_cohorts: int = 1

    @property
    def share(self) -> float | None:
        """Retained / eligible; None while the span is not over, and without users."""
        return ratio(self.n_retained, self.n_eligible)


@dataclass(frozen=True, kw_only=True)
class MembersFollowed:
    """Retention of the members at the end of each period, whoever is in the segment at T.

    A cohort are the members at the end of the period `cohort`, whenever first seen; `average` are
    all cohorts together. Cells that would tell of few users, alone or beside others, are None.
    """

    grain: Grain
    cells: Sequence[RetentionCell]
    average: Sequence[CurvePoint]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What the segment did in the window, against the baseline.

    `breakdowns` by name: pages, entry_pages, exit_pages, channels, sources, devices, events,
    purchases by frequency … `retention_grain` is what cohorts and k of `retention` are counted by,
    `retention_average` the cohorts together: users active k periods on / users of the cohorts for
    which k is over and is shown.
    """

    measures: Sequence[Measure]
    breakdowns: Sequence[Breakdown]
    hours: Sequence[HourCell]
    retention: Sequence[RetentionCell]
    funnel: Sequence[FunnelStep]
    retention_grain: Grain = "week"
    retention_average: Sequence[CurvePoint] = ()


@dataclass(frozen=True, kw_only=True)
class Attributes:
    """Labels of the users: one breakdown a label.

    `over` are the values over-represented against the baseline, largest lift first; in a whole
    report they are judged in one family with all that it compares.

    `over` rows name their attribute in `value` as `attribute: value`.
    """

    breakdowns: Sequence[Breakdown]
    over: Breakdown


@dataclass(frozen=True, kw_only=True)
class ReportHead:
    """What was asked: segment, day, window, baseline, data and reader."""

    segment: str
    title: str
    description: str
    as_of: date
    days: int
    start_on: date
    timezone: str
    currency: str | None
    baseline: str
    baseline_title: str
    n_baseline: int | None
    definition: str
    definition_text: str
    snapshot: str
    engine: str
    clearance: str
    min_size: int
    data_first_on: date | None
    data_last_on: date | None


@dataclass(frozen=True, kw_only=True)
class SegmentReportFacts:
    """What one segment report says of groups, behaviour, labels, time and users."""

    head: ReportHead
    overview: Overview
    behaviour: Behaviour
    attributes: Attributes
    trend: Sequence[TrendRow]
    user_list: UserRows
    notes: Sequence[str] = field(default_factory=tuple)


def as_json(value: Any) -> Any:  # noqa: ANN401  a JSON tree
    """Give dataclasses, dates and tuples as plain JSON values."""
    if hasattr(value, "__dataclass_fields__"):
        tree = {k: as_json(getattr(value, k)) for k in asdict_names(value)}
        derived = {k for k, v in vars(type(value)).items() if isinstance(v, property)}
        return tree | {k: as_json(getattr(value, k)) for k in sorted(derived)}
    if isinstance(value, dict):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value


def asdict_names(value: Any) -> list[str]:  # noqa: ANN401  any dataclass
    """Give the field names of a dataclass in order."""
    return list(value.__dataclass_fields__)
