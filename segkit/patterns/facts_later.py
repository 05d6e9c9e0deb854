"""What is said of patterns over time: again, afterwards, before, and since they were kept.

Plain facts, so that views need no numerical library.
"""

from dataclasses import dataclass
from datetime import date

from segkit.patterns.facts_parts import Part

ABSENT = "not here"
"""The label of who did not come in a window, or was not in the segment at its end."""
NO_PATTERN = "in no pattern"
"""The label of who came and is in no pattern: too little data, mixed, a bot."""


@dataclass(frozen=True, kw_only=True)
class Contest:
    """How well two splits into as many groups tell one thing, and the difference, patterns − RFM.

    `low` and `high` are the bootstrap's 95% interval of the difference. `score` is `AUC` (0.5 is
    chance) for who returns and `explained share` (0 to 1, of the variance of ln(1 + revenue)) for
    revenue.
    """

    of: str
    score: str
    patterns: float
    rfm: float
    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """`better`, `worse`, or `not shown to differ`."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "not shown to differ"

    def __str__(self) -> str:
        """Give the contest as a sentence."""
        means = {
            "better": "Patterns tell {of} better than a split by recency, frequency and money",
            "worse": "Patterns tell {of} worse than a split by recency, frequency and money",
        }.get(
            self.verdict,
            "Patterns do not tell {of} better than a split by recency, frequency and money",
        )
        return (
            f"{means.format(of=self.of)} into as many groups ({self.score} {self.patterns:.3f} "
            f"against {self.rfm:.3f}, difference {self.difference:+.3f}, 95% interval "
            f"{self.low:+.3f} to {self.high:+.3f})."
        )


@dataclass(frozen=True, kw_only=True)
class RetestFacts:
    """How often two halves of each user's visits give the same label.

    `eligible` counts users with the same label by both of those whose halves both hold enough to
    tell, with Wilson's 95% interval; `everyone` of all with visits in both halves; `patterns` by
    pattern, of the users who are in it by either half.
    """

    eligible: Part
    low: float | None
    high: float | None
    everyone: Part
    patterns: tuple[tuple[str, Part], ...]


@dataclass(frozen=True, kw_only=True)
class LaterRow:
    """What a pattern's users did in the days after the window that says who is in it.

    `returned` came again, with Wilson's 95% interval; `bought` had an order. Revenue a user is the
    sum / all users of the pattern, with the bootstrap's 95% interval.
    """

    pattern: str
    name: str
    returned: Part
    low: float | None
    high: float | None
    bought: Part
    revenue_per_user: float | None
    revenue_low: float | None
    revenue_high: float | None


@dataclass(frozen=True, kw_only=True)
class AfterFacts:
    """What patterns did afterwards, and whether an RFM split of as many groups tells it as well.

    Patterns by the `days_before` days to `split_on`; done in the `days` days after it.
    """

    split_on: date
    days: int
    days_before: int
    rows: tuple[LaterRow, ...]
    contests: tuple[Contest, ...]


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How far one feature moved since the fitting days: its population stability index."""

    block: str
    column: str
    index: float
    level: str


@dataclass(frozen=True, kw_only=True)
class ShareThenNow:
    """A pattern's share of eligible users then (fitting users) and now, with Wilson's interval."""

    pattern: str
    name: str
    then: float | None
    now: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class DriftFacts:
    """Whether a kept model still fits the users asked now.

    `mean_distance` to the nearest centre raises the alarm above `alarm`; `unsure` counts eligible
    users whose likeliest pattern has a probability below 0.5. `shifts` come largest first; empty
    for a model that was kept without the fitting days' features.
    """

    mean_distance: float | None
    alarm: float
    is_alarm: bool
    unsure: Part
    shifts: tuple[Shift, ...]
    shares: tuple[ShareThenNow, ...]


@dataclass(frozen=True, kw_only=True)
class WindowRow:
    """One window: `n_users` came, `counts` and `shares` (of those) in the order of `labels`."""

    first_on: date
    last_on: date
    n_users: int | None
    counts: tuple[int | None, ...]
    shares: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Sizes over past windows of equal length, oldest first, scored by one model.

    `labels` are patterns and rests, `names` how they are called. `year` is the window that ended 52
    weeks before the newest; None where the data does not reach back so far.
    """

    labels: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[WindowRow, ...]
    year: WindowRow | None = None


@dataclass(frozen=True, kw_only=True)
class Flows:
    """Users by label of the window before (rows) and of the window now (columns).

    Of the segment's users who came in either window: the patterns, then `NO_PATTERN` for all rests,
    then `ABSENT` for who did not come, or was not in the segment, in that window. `totals` are the
    rows' sums.
    """

    before_on: date
    now_on: date
    labels: tuple[str, ...]
    names: tuple[str, ...]
    counts: tuple[tuple[int | None, ...], ...]
    totals: tuple[int | None, ...]
