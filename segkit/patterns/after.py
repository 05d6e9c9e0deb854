"""Ask whether patterns say anything of what comes next, more than recency and spending do.

A pattern of June is set against July: who came back, what they spent. The rival is a split by
recency, frequency and money into as many groups, which needs no pages at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segkit.patterns.eligible import Labels
from segkit.patterns.facts_later import Contest
from segkit.patterns.features import Features, FloatArray, IntArray
from segkit.patterns.intervals import wilson
from segkit.patterns.threads import one_thread

N_BOOTSTRAPS = 400
LIMITS = (2.5, 97.5)
N_STARTS = 10
MIN_GROUPS = 2


@dataclass(frozen=True, kw_only=True)
class Later:
    """What users did in the days after the window, one entry a user in the features' order."""

    days: int
    has_returned: npt.NDArray[np.bool_]
    n_orders: FloatArray
    revenue: FloatArray


@dataclass(frozen=True, kw_only=True)
class PatternLater:
    """What a pattern's `n_users` did: `n_returned` came again, `revenue` is their sum.

    `low` and `high` are Wilson's 95% interval of `n_returned` / `n_users`; `revenue_low` and
    `revenue_high` the bootstrap's of the revenue a user. None without users.
    """

    label: str
    n_users: int
    n_returned: int
    low: float | None
    high: float | None
    n_buyers: int
    revenue: float
    revenue_low: float | None
    revenue_high: float | None

    @property
    def returned_share(self) -> float | None:
        """`n_returned` / `n_users`; None without users."""
        return self.n_returned / self.n_users if self.n_users else None

    @property
    def revenue_per_user(self) -> float | None:
        """`revenue` / `n_users`; None without users."""
        return self.revenue / self.n_users if self.n_users else None


@dataclass(frozen=True, kw_only=True)
class After:
    """What patterns did afterwards, and whether an RFM split tells it as well.

    `contests` is empty where fewer than two patterns have users.
    """

    days: int
    patterns: tuple[PatternLater, ...]
    contests: tuple[Contest, ...]


def measure_after(
    features: Features, labels: Labels, later: Later, *, patterns: Sequence[str], seed: int
) -> After:
    """Count what every label did afterwards and let the patterns compete with RFM.

    Parameters
    ----------
    features
        Raw features of the window before; `outcomes` holds a column `revenue`.
    labels
        The label of each user by that window.
    later
        What the same users did in the days after.
    patterns
        Which labels are patterns: the contests are among their users.
    seed
        Of the bootstraps and of the RFM groups.

    Notes
    -----
    RFM: days since the last visit, visits and revenue of the window as ln(1 + x), standardised,
    k-means into as many groups as there are patterns. Users come back by the share of their group;
    ties of the AUC count half. The explained share is the variance between groups / all variance.
    400 bootstraps of users.

    Source: Hughes 1994 (RFM); Efron and Tibshirani 1993 (bootstrap).
    """
    names = sorted(set(labels.tolist()) - set(patterns))
    shown = [*patterns, *names]
    bounds = _bound_revenue(labels, later.revenue, shown, seed=seed)
    rows = tuple(
        _count_later(label, labels == label, later, bound)
        for label, bound in zip(shown, bounds, strict=True)
    )
    return After(
        days=later.days,
        patterns=rows,
        contests=_compete(features, labels, later, patterns, seed=seed),
    )


def split_by_rfm(features: Features, k: int, *, seed: int) -> IntArray:
    """Give each user's group, 0 to k − 1, of a split by recency, frequency and money only."""
    from sklearn.cluster import KMeans  # noqa: PLC0415  slow to import

    money = features.outcomes.values[:, features.outcomes.columns.index("revenue")]
    told = (features.column("volume", "days_since_last"), features.column("volume", "n_visits"))
    values = np.log1p(np.maximum(np.nan_to_num(np.column_stack([*told, money])), 0))
    spread = values.std(axis=0)
    values = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    k = min(k, len(np.unique(values, axis=0)))
    with one_thread():
        groups = KMeans(k, n_init=N_STARTS, random_state=seed).fit_predict(values)
    return np.asarray(groups, dtype=np.int64)


def _count_later(
    label: str, inside: npt.NDArray[np.bool_], later: Later, bound: tuple[float, float]
) -> PatternLater:
    n, n_returned = int(inside.sum()), int(later.has_returned[inside].sum())
    low, high = wilson(n_returned, n)
    return PatternLater(
        label=label,
        n_users=n,
        n_returned=n_returned,
        low=low,
        high=high,
        n_buyers=int(np.count_nonzero(later.n_orders[inside] > 0)),
        revenue=float(later.revenue[inside].sum()),
        revenue_low=bound[0] if n else None,
        revenue_high=bound[1] if n else None,
    )


def _bound_revenue(
    labels: Labels, revenue: FloatArray, names: Sequence[str], *, seed: int
) -> list[tuple[float, float]]:
    """Give the bootstrap's interval of the mean revenue of each label."""
    rng = np.random.default_rng(seed)
    found = []
    for name in names:
        values = revenue[labels == name]
        if not len(values):
            found.append((0.0, 0.0))
            continue
        # Equal amounts, mostly none at all, are drawn together.
        amounts, counts = np.unique(values, return_counts=True)
        draws = rng.multinomial(len(values), counts / len(values), N_BOOTSTRAPS)
        low, high = np.percentile(draws @ amounts / len(values), LIMITS)
        found.append((float(low), float(high)))
    return found


def _compete(
    features: Features, labels: Labels, later: Later, patterns: Sequence[str], *, seed: int
) -> tuple[Contest, ...]:
    rows = np.flatnonzero(np.isin(labels, list(patterns)))
    _, ours = np.unique(labels[rows], return_inverse=True)
    k = int(ours.max(initial=-1)) + 1
    if k < MIN_GROUPS:
        return ()
    theirs = split_by_rfm(features.take(rows), k, seed=seed)
    returned = later.has_returned[rows].astype(np.float64)
    spent = np.log1p(np.maximum(later.revenue[rows], 0.0))
    rivals = ours.astype(np.int64), theirs
    return (
        _contest("who comes back", "AUC", _auc, rivals, returned, seed=seed),
        _contest("revenue", "explained share", _explained, rivals, spent, seed=seed),
    )


def _contest(
    of: str,
    score: str,
    measure: Callable[[IntArray, FloatArray], float],
    rivals: tuple[IntArray, IntArray],
    values: FloatArray,
    *,
    seed: int,
) -> Contest:
    ours, theirs = rivals
    rng = np.random.default_rng(seed)
    n = len(values)
    gaps = []
    for _ in range(N_BOOTSTRAPS):
        drawn = rng.integers(0, n, n)
        gaps.append(measure(ours[drawn], values[drawn]) - measure(theirs[drawn], values[drawn]))
    low, high = np.percentile(gaps, LIMITS).tolist()
    own, other = measure(ours, values), measure(theirs, values)
    return Contest(
        of=of, score=score, patterns=own, rfm=other, difference=own - other, low=low, high=high
    )


def _auc(groups: IntArray, returned: FloatArray) -> float:
    """Give the chance that who returned is of a likelier group than who did not, ties half."""
    n = np.bincount(groups)
    yes = np.bincount(groups, weights=returned)[n > 0]
    no = n[n > 0] - yes
    order = np.argsort(yes / (yes + no), kind="stable")
    yes, no = yes[order], no[order]
    if not yes.sum() or not no.sum():
        return 0.5
    below = np.cumsum(no) - no
    return float(np.sum(yes * (below + no / 2)) / (yes.sum() * no.sum()))


def _explained(groups: IntArray, values: FloatArray) -> float:
    """Give the variance between groups / all variance; 0 where nothing varies."""
    n = np.bincount(groups)
    sums = np.bincount(groups, weights=values)[n > 0]
    total = float(np.sum((values - values.mean()) ** 2))
    between = float(np.sum(sums**2 / n[n > 0]) - values.sum() ** 2 / len(values))
    return between / total if total > 0 else 0.0
