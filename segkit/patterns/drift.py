"""Tell whether frozen patterns still fit: are people what they were when the patterns were found.

A frozen model answers forever, also when its site has changed. So every run sets the users of its
day against those of the fitting week, one feature at a time and all together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segkit.patterns.eligible import ELIGIBLE, Labels, name_eligible
from segkit.patterns.features import Features, FloatArray, IntArray
from segkit.patterns.intervals import wilson

TENTHS = tuple(i / 10 for i in range(1, 10))
SHIFTED = 0.25
"""From this index on a feature has shifted; below 0.10 it has not (Siddiqi 2006)."""
MOVED = 0.10
UNSURE = 0.5
EMPTY = 0.5
"""Users that stand for none in a bin, so that the logarithm is finite."""
SHARED = frozenset({"pages", "source", "device"})
COMPARED = ("device", "pages", "source", "time", "volume")


@dataclass(frozen=True, kw_only=True)
class FeatureBins:
    """One feature of the fitting week, eligible users only.

    `edges` part the bins (a value on an edge is below it), `counts` are the users of each: one
    more than the edges. Pages, source and device are shares of the user's own total.
    """

    block: str
    column: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class FeatureShift:
    """How far one feature moved: its population stability index against the fitting week."""

    block: str
    column: str
    index: float

    @property
    def level(self) -> str:
        """`steady` below 0.10, `moved` below 0.25, else `shifted`."""
        return "steady" if self.index < MOVED else "moved" if self.index < SHIFTED else "shifted"


@dataclass(frozen=True, kw_only=True)
class PatternShare:
    """A label's users of all eligible users, with Wilson's 95% interval; None without users."""

    label: str
    n_users: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A day's users against those of the fitting week.

    `n_users` are eligible users. `mean_distance` is their mean distance to the nearest centre, and
    `alarm` what users who behave as in the fitting week exceed once in a hundred times. `n_unsure`
    are those whose likeliest pattern has a probability below 0.5. `features` come with the
    largest shift first.
    """

    n_users: int
    mean_distance: float | None
    alarm: float
    n_unsure: int
    features: tuple[FeatureShift, ...]
    shares: tuple[PatternShare, ...]

    @property
    def is_alarm(self) -> bool:
        """Whether users lie farther from the patterns than chance allows: time to refit."""
        return self.mean_distance is not None and self.mean_distance > self.alarm

    @property
    def unsure_share(self) -> float | None:
        """`n_unsure` / `n_users`; None without users."""
        return self.n_unsure / self.n_users if self.n_users else None


def bin_features(features: Features) -> tuple[FeatureBins, ...]:
    """Give the bins of every feature of the fitting week: tenths of the eligible users.

    Values that many users share (no view of a page) make bins wider, so that there are fewer.
    """
    own = _eligible(features)
    found = []
    for block, column, values in _columns(own):
        known = values[~np.isnan(values)]
        edges = np.empty(0)
        if len(known):
            edges = np.unique(np.quantile(known, TENTHS, method="inverted_cdf"))
            edges = edges[edges < known.max()]
        counts = _count(values, edges).tolist()
        found.append(
            FeatureBins(
                block=block, column=column, edges=tuple(edges.tolist()), counts=tuple(counts)
            )
        )
    return tuple(found)


def measure_drift(  # noqa: PLR0913  what a model says of its users, one argument each
    bins: Sequence[FeatureBins],
    features: Features,
    *,
    labels: Labels,
    probabilities: FloatArray,
    distance: FloatArray,
    alarm: float,
    patterns: Sequence[str],
) -> Drift:
    """Set a day's users against the bins of the fitting week.

    Parameters
    ----------
    bins
        Of the fitting week; features without a column of theirs count as all unknown.
    features
        Of the day asked, counted by the same page groups and channels.
    labels, probabilities, distance
        What the frozen model says of the same users, in the same order.
    alarm
        The fitting week's mean distance plus the 99th percentile of its bootstrap gaps.
    patterns
        Labels whose shares are given.

    Notes
    -----
    Population stability index: Σ (p − q) ln(p / q) over the bins, p and q the shares of users then
    and now; half a user stands for none.

    Source: Siddiqi 2006, Credit Risk Scorecards; Wilson 1927 (intervals).
    """
    is_eligible = name_eligible(features) == ELIGIBLE
    own = features.take(is_eligible)
    n = int(is_eligible.sum())
    values = {(block, column): found for block, column, found in _columns(own)}
    unknown = np.full(n, np.nan)
    shifts = [
        FeatureShift(
            block=b.block,
            column=b.column,
            index=_index(b, values.get((b.block, b.column), unknown)),
        )
        for b in bins
    ]
    chances = probabilities[is_eligible]
    n_unsure = int(np.sum(chances.max(axis=1) < UNSURE)) if chances.shape[1] else 0
    return Drift(
        n_users=n,
        mean_distance=float(distance[is_eligible].mean()) if n else None,
        alarm=alarm,
        n_unsure=n_unsure,
        features=tuple(sorted(shifts, key=lambda s: (-s.index, s.block, s.column))),
        shares=tuple(_share(p, int(np.sum(labels[is_eligible] == p)), n) for p in patterns),
    )


def _eligible(features: Features) -> Features:
    return features.take(name_eligible(features) == ELIGIBLE)


def _columns(features: Features) -> list[tuple[str, str, FloatArray]]:
    """Give every compared column; counts as shares of the user's total, nan without any."""
    found = []
    for name in COMPARED:
        if name not in features.blocks:
            continue
        block = features.blocks[name]
        values = block.values
        if name in SHARED:
            total = values.sum(axis=1, keepdims=True)
            values = np.where(total > 0, values / np.maximum(total, 1), np.nan)
        found += [(name, column, values[:, i]) for i, column in enumerate(block.columns)]
    return found


def _count(values: FloatArray, edges: FloatArray) -> IntArray:
    """Count users by bin; unknown values count in none."""
    known = values[~np.isnan(values)]
    return np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)


def _index(bins: FeatureBins, values: FloatArray) -> float:
    then = np.maximum(np.array(bins.counts, dtype=np.float64), EMPTY)
    now = np.maximum(_count(values, np.array(bins.edges)).astype(np.float64), EMPTY)
    p, q = then / then.sum(), now / now.sum()
    return float(np.sum((p - q) * np.log(p / q)))


def _share(label: str, n: int, total: int) -> PatternShare:
    low, high = wilson(n, total)
    share = n / total if total else None
    return PatternShare(label=label, n_users=n, share=share, low=low, high=high)
