"""Say of the buyers of segment and baseline what they were worth, and what they may yet bring.

Scores are ranks among the buyers of both sides together, so that a cell means the same on either
side; one model is fitted to both, and what it expects is summed for each. The model knows when
buyers ordered and nothing else of them: that they are in the segment is no part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from segkit.measures.facts import Breakdown, BreakdownRow, Measure
from segkit.measures.value.bg_nbd import BgNbd, fit_bg_nbd
from segkit.measures.value.facts import CellRevenue, CustomerValue, HoldoutFacts, Models
from segkit.measures.value.frozen import Edge, freeze_scores
from segkit.measures.value.gamma_gamma import (
    Correlation,
    GammaGamma,
    fit_gamma_gamma,
    measure_correlation,
)
from segkit.measures.value.grouped import NoModel, group_histories
from segkit.measures.value.history import BoolArray, History
from segkit.measures.value.holdout import measure_watched, withhold_holdout
from segkit.measures.value.lifetime_value import DISCOUNT, MONTHS, value_buyers
from segkit.measures.value.scores import LEVELS, RULES, Scores, score_buyers
from segkit.measures.value.summary import DAYS_PER, FloatArray, sum_money
from segkit.measures.withhold import is_small, keep_part, withhold_breakdown, withhold_measure

FEW = "fewer than {least} buyers ordered on a second day"
REASONS = {
    "too few": FEW,
    "no optimum": "the orders do not settle a model of repeat buying",
    "no mean": "amounts spread so widely that they have no mean",
}
WITHHELD = "the buyers of one side are withheld"


def find_horizon(days: int) -> int:
    """Give how many months ahead some days of orders allow to look: no more than they look back.

    >>> find_horizon(120), find_horizon(10), find_horizon(2000)
    (4, 1, 12)
    """
    return max(1, min(MONTHS, round(days / DAYS_PER["month"])))


@dataclass(frozen=True, kw_only=True)
class Groups:
    """How many users segment and baseline have, and the fewest that may be shown."""

    n_segment: int
    n_baseline: int
    min_size: int
    window_start: date


def measure_customers(
    history: History,
    groups: Groups,
    *,
    months: int | None = None,
    discount: float = DISCOUNT,
) -> CustomerValue:
    """Give what the buyers are worth, without what tells of too few.

    Parameters
    ----------
    history
        All their orders, both sides; its currency is the one that is spoken of.
    groups
        The sizes of the sides. `window_start` begins the window whose buyers are shown elsewhere:
        a side whose buyers before it are too few is withheld, for the difference would tell.
    months
        How far to look ahead; by default as far as the data look back, 12 at most.
    discount
        What money loses in value a month.

    Raises
    ------
    ParameterError
        When there is no month, the discount is negative, or nobody ordered.
    """
    ahead = find_horizon(history.days) if months is None else months
    sides = _Sides(history, groups)
    scores = score_buyers(history.buyers)
    recency = freeze_scores(scores, purchases=()).recency
    cells = withhold_breakdown(_cells(scores, sides), groups.min_size)
    expected = _expect(history, ahead, discount, is_hidden=sides.hidden != (False, False))
    totals = [None if gone else sides.revenue_of(own) for own, gone in sides.both]
    return CustomerValue(
        currency=history.buyers.currency,
        start_on=history.start_on,
        end_on=history.buyers.end_on,
        cells=cells,
        scores=_say_scores(recency),
        away_days=_find_away(recency),
        revenue=_revenue(cells, scores, sides),
        total_revenue=totals[0],
        total_baseline_revenue=totals[1],
        measures=_measures(sides, expected, ahead),
        months=ahead,
        monthly_discount=discount,
        models=expected.models,
        check=_check(history, groups.min_size) if expected.models else None,
        reason=expected.reason,
    )


class _Sides:
    """The buyers of each side, and whether a side must not be spoken of."""

    def __init__(self, history: History, groups: Groups) -> None:
        self.buyers, self.groups = history.buyers, groups
        self.own: BoolArray = history.in_segment
        window = history.buyers.end_on - groups.window_start + timedelta(days=1)
        self.is_recent = history.buyers.days_since_last < window.days
        self.has_earlier = history.n_before > 0
        sizes = (groups.n_segment, groups.n_baseline)
        pairs = zip((self.own, ~self.own), sizes, strict=True)
        self.hidden = tuple(self._is_hidden(side, n) for side, n in pairs)

    @property
    def both(self) -> tuple[tuple[BoolArray, bool], tuple[BoolArray, bool]]:
        """Each side with whether it is withheld."""
        return (self.own, self.hidden[0]), (~self.own, self.hidden[1])

    def _is_hidden(self, side: BoolArray, n_users: int) -> bool:
        n, n_recent = _n(side), _n(side & self.is_recent)
        rest = (n - n_recent, _n(side & self.has_earlier))
        few = any(is_small(k, self.groups.min_size) for k in rest)
        return few or keep_part(n, n_users, self.groups.min_size) is None

    def revenue_of(self, some: BoolArray) -> float:
        return float(sum_money(self.buyers.revenue[some]))


def _n(some: BoolArray) -> int:
    return int(np.count_nonzero(some))


def _cells(scores: Scores, sides: _Sides) -> Breakdown:
    rows = [
        BreakdownRow(
            value=rule.title,
            n=_n(sides.own & (scores.place == i)),
            n_baseline=_n(~sides.own & (scores.place == i)),
        )
        for i, rule in enumerate(RULES)
    ]
    own, other = (None if gone else _n(side) for side, gone in sides.both)
    return Breakdown(
        name="rfm_cells",
        title="Cells of the RFM map",
        of="buyers",
        denominator=own,
        baseline_denominator=other,
        is_partition=True,
        rows=tuple(rows),
        is_ordered=True,
    )


def _revenue(cells: Breakdown, scores: Scores, sides: _Sides) -> tuple[CellRevenue, ...]:
    return tuple(
        CellRevenue(
            name=rule.cell,
            value=row.value,
            revenue=None if row.n is None else sides.revenue_of(sides.own & at),
            baseline_revenue=None if row.n_baseline is None else sides.revenue_of(~sides.own & at),
        )
        for i, (rule, row) in enumerate(zip(RULES, cells.rows, strict=True))
        for at in [scores.place == i]
    )


def _say_scores(edges: Sequence[Edge]) -> tuple[str, ...]:
    """Say the days of each score of recency, from 5; a score that nobody has is left out."""
    said, after = [], -1.0
    for k in range(LEVELS, 1, -1):
        edge = edges[k - 2]
        if edge is not None and edge > after:
            said.append(f"{k}: {after + 1:.0f} to {edge:.0f} days ago")
            after = edge
    return (*said, f"1: {after + 1:.0f} days ago or longer")


def _find_away(edges: Sequence[Edge]) -> int | None:
    """Give the days without an order from which recency scores 1 or 2."""
    higher = [edge for edge in edges[1:] if edge is not None]
    return int(max(higher)) + 1 if higher else None


@dataclass(frozen=True, kw_only=True)
class _Expected:
    """What a model expects of each buyer, as far as there is one."""

    models: Models | None = None
    p_alive: FloatArray | None = None
    orders: FloatArray | None = None
    value: FloatArray | None = None
    reason: str | None = None


def _expect(history: History, months: int, discount: float, *, is_hidden: bool) -> _Expected:
    if is_hidden:
        return _Expected(reason=WITHHELD)
    buyers = history.buyers
    h = group_histories(buyers)
    model = fit_bg_nbd(h)
    if isinstance(model, NoModel):
        return _Expected(reason=_say(model))
    amounts = fit_gamma_gamma(buyers)
    correlation = measure_correlation(buyers)
    if isinstance(amounts, NoModel):
        length = months * DAYS_PER["month"]
        return _Expected(
            models=_models(model, None, correlation),
            p_alive=model.p_alive(h)[h.inverse],
            orders=model.expected_orders(h, length)[h.inverse],
            reason=_say(amounts, with_amount=True),
        )
    found = value_buyers(buyers, model, amounts, months=months, discount=discount)
    return _Expected(
        models=_models(model, amounts, correlation),
        p_alive=found.p_alive,
        orders=found.orders,
        value=found.value,
    )


def _say(model: NoModel, *, with_amount: bool = False) -> str:
    said = REASONS[model.reason].format(least=model.least)
    return f"{said} with an amount" if with_amount and model.reason == "too few" else said


def _models(model: BgNbd, amounts: GammaGamma | None, correlation: Correlation) -> Models:
    return Models(
        r=model.r,
        alpha=model.alpha,
        a=model.a,
        b=model.b,
        is_alike=model.is_alike,
        p=amounts.p if amounts else None,
        q=amounts.q if amounts else None,
        v=amounts.v if amounts else None,
        correlation=correlation.r,
    )


def _check(history: History, min_size: int) -> HoldoutFacts | None:
    found = measure_watched(history.watched) if history.watched else None
    return withhold_holdout(found, min_size) if isinstance(found, HoldoutFacts) else None


def _measures(sides: _Sides, expected: _Expected, months: int) -> tuple[Measure, ...]:
    """Give the ratios of both sides; those of a model only where there is one."""
    buyers, own = sides.buyers, sides.own
    everyone = np.ones(len(buyers), np.bool_)
    repeat = buyers.frequency > 0
    ahead = "next month" if months == 1 else f"next {months} months"
    listed: list[tuple[tuple[str, str, str, str], FloatArray | None, BoolArray]] = [
        (
            ("repeat_share", "Repeat buyers", "share", "% of buyers who ordered on a second day"),
            repeat.astype(np.float64),
            everyone,
        ),
        (
            ("revenue_per_buyer", "Revenue so far", "money", "per buyer, all orders up to the day"),
            buyers.revenue,
            everyone,
        ),
        (
            ("alive_share", "Still active (expected)", "share", "% of repeat buyers"),
            expected.p_alive,
            repeat,
        ),
        (
            ("expected_orders", f"Order days, {ahead} (expected)", "number", "per buyer"),
            expected.orders,
            everyone,
        ),
        (
            ("expected_value", f"Value, {ahead} (expected)", "money", "per buyer, discounted"),
            expected.value,
            everyone,
        ),
    ]
    return tuple(
        _measure(told, sides, values, [own & among, ~own & among])
        for told, values, among in listed
        if values is not None
    )


def _measure(
    told: tuple[str, str, str, str],
    sides: _Sides,
    values: FloatArray,
    among: Sequence[BoolArray],
) -> Measure:
    name, title, kind, unit = told
    sums = [float(sum_money(values[some])) for some in among]
    measure = Measure(
        name=name,
        title=title,
        kind=kind,
        unit=unit,
        numerator=None if sides.hidden[0] else sums[0],
        denominator=None if sides.hidden[0] else _n(among[0]),
        baseline_numerator=None if sides.hidden[1] else sums[1],
        baseline_denominator=None if sides.hidden[1] else _n(among[1]),
    )
    counted = (sides.own, ~sides.own)
    people, groups = [_n(some) for some in among], [_n(side) for side in counted]
    if name == "repeat_share":
        people = [int(total) for total in sums]
    return withhold_measure(
        measure,
        sides.groups.min_size,
        people=(people[0], people[1]),
        groups=(groups[0], groups[1]),
        place="numerator" if name == "repeat_share" else "denominator",
    )
