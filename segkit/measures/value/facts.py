"""What is said of buyers: plain facts, so that views need no numerical library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from segkit.measures.facts import Breakdown, Measure, ratio
from segkit.periods import Grain

if TYPE_CHECKING:
    from segkit.measures.value.bg_nbd import BgNbd


@dataclass(frozen=True, kw_only=True)
class CellRevenue:
    """What the buyers of one cell have spent, in the currency of the facts; None: withheld.

    `name` is that of the cell, `value` that of its row among the cells.
    """

    name: str
    value: str
    revenue: float | None
    baseline_revenue: float | None


@dataclass(frozen=True, kw_only=True)
class Models:
    """The parameters behind what is expected; `alpha` in days, `v` in the currency.

    `is_alike`: buyers do not differ in how likely they stop. `correlation` of amounts and
    frequency; beyond ±0.3 expected amounts are in doubt.
    """

    r: float
    alpha: float
    a: float
    b: float
    is_alike: bool
    p: float | None
    q: float | None
    v: float | None
    correlation: float | None


@dataclass(frozen=True, kw_only=True)
class HoldoutRow:
    """Buyers of one frequency, and the active periods they were to have and had in the holdout."""

    frequency: str
    n_buyers: int | None
    predicted: float | None
    actual: int | None

    @property
    def predicted_mean(self) -> float | None:
        """Predicted / buyers."""
        return ratio(self.predicted, self.n_buyers)

    @property
    def actual_mean(self) -> float | None:
        """Actual / buyers."""
        return ratio(self.actual, self.n_buyers)


@dataclass(frozen=True, kw_only=True)
class HoldoutFacts:
    """Predicted against actual active periods, from the day after `until` up to `end_on`.

    `n_buyers` bought up to `until`; `predicted` and `actual` are sums over them. `rows` by
    frequency up to `until`, complete from 0 to 7 or more.
    """

    until: date
    end_on: date
    grain: Grain
    length: int
    n_buyers: int
    predicted: float
    actual: int
    model: "BgNbd"
    rows: tuple[HoldoutRow, ...]

    @property
    def error(self) -> float | None:
        """(Predicted − actual) / actual; None when nobody came."""
        return ratio(self.predicted - self.actual, self.actual)


@dataclass(frozen=True, kw_only=True)
class CustomerValue:
    """What the buyers of segment and baseline brought from `start_on` to `end_on`, and may bring.

    `cells` are the 11 of the RFM map, of the buyers of each side; `scores` say in words what a
    score of recency is, and scores 1 and 2 begin at `away_days` days (None: nobody has a higher
    one); `revenue` is by cell, and in all. `measures` are ratios by side: the last
    ones look `months` ahead, money discounted by `monthly_discount`. `check` is what a model fitted
    to the past predicted of all buyers, and what came. Without a model `reason` says why.
    """

    currency: str | None
    start_on: date
    end_on: date
    cells: Breakdown
    scores: Sequence[str]
    away_days: int | None
    revenue: Sequence[CellRevenue]
    total_revenue: float | None
    total_baseline_revenue: float | None
    measures: Sequence[Measure]
    months: int
    monthly_discount: float
    models: Models | None
    check: HoldoutFacts | None
    reason: str | None
