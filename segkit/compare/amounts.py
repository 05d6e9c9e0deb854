"""Set amounts of two groups against each other: visits, orders, revenue a user.

Amounts of users are skewed: a few have most. So three answers stand side by side: by how much the
means differ (Welch), by how much the medians differ (bootstrap), and how often a user of the one
group has more than a user of the other (Cliff's delta). All of them come from the number of users
by amount, which an engine counts in one pass.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import nan, sqrt
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
LEVEL = 0.95
N_RESAMPLES = 4000
LEAST = 2
"""Fewer users than this have no variance."""


class Estimate(NamedTuple):
    """A number with its interval and the p-value of "there is no difference"; nan where unknown."""

    value: float
    low: float
    high: float
    p: float


NO_ESTIMATE = Estimate(nan, nan, nan, nan)


@dataclass(frozen=True)
class Amounts:
    """The amounts of two groups: how many users of each have every amount.

    `values` rise strictly; `n` and `n_baseline` are the users with each.
    """

    values: Floats
    n: Floats
    n_baseline: Floats

    @classmethod
    def from_counts(cls, rows: Iterable[tuple[float, int, int]]) -> Self:
        """Give the amounts of (amount, users, users of the baseline); equal amounts are joined."""
        listed = np.array([tuple(map(float, row)) for row in rows], dtype=np.float64)
        values, place = np.unique(listed.reshape(-1, 3)[:, 0], return_inverse=True)
        summed = [
            np.bincount(place, weights=listed.reshape(-1, 3)[:, at], minlength=len(values))
            for at in (1, 2)
        ]
        return cls(values, *(np.asarray(s, dtype=np.float64) for s in summed))

    @classmethod
    def from_users(cls, own: ArrayLike, baseline: ArrayLike) -> Self:
        """Give the amounts of two lists with one amount a user."""
        sides = [np.unique(np.asarray(side, dtype=np.float64), return_counts=True)
                 for side in (own, baseline)]  # fmt: skip
        rows = [(v, int(c), 0) for v, c in zip(*sides[0], strict=True)]
        rows += [(v, 0, int(c)) for v, c in zip(*sides[1], strict=True)]
        return cls.from_counts(rows)

    @cached_property
    def sizes(self) -> tuple[float, float]:
        """Users of both groups."""
        return float(self.n.sum()), float(self.n_baseline.sum())

    @property
    def is_comparable(self) -> bool:
        """Whether both groups have at least two users."""
        return min(self.sizes) >= LEAST


def _moments(values: Floats, n: Floats) -> tuple[float, float]:
    """Give mean and unbiased variance."""
    size = n.sum()
    mean = float((values * n).sum() / size)
    return mean, float((n * (values - mean) ** 2).sum() / (size - 1))


def mean_difference(amounts: Amounts, *, level: float = LEVEL) -> Estimate:
    """Give the difference of the means, segment less baseline, with Welch's interval.

    Returns
    -------
    Estimate
        In the unit of the amounts; nan where a group has fewer than two users or nothing varies.

    Notes
    -----
    d ± t · √(s1²/n1 + s2²/n2), with the degrees of freedom of Welch and Satterthwaite.

    Source: Welch 1947, Biometrika 34.

    Examples
    --------
    >>> found = mean_difference(Amounts.from_users([3, 4, 5], [1, 2, 3]))
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3), round(found.p, 4)
    (2.0, -0.267, 4.267, 0.0705)
    """
    from scipy.stats import t as student  # noqa: PLC0415  slow to import

    if not amounts.is_comparable:
        return NO_ESTIMATE
    n1, n2 = amounts.sizes
    mean1, variance1 = _moments(amounts.values, amounts.n)
    mean2, variance2 = _moments(amounts.values, amounts.n_baseline)
    part1, part2 = variance1 / n1, variance2 / n2
    error, d = sqrt(part1 + part2), mean1 - mean2
    if error == 0:
        return Estimate(d, nan, nan, nan)
    freedom = (part1 + part2) ** 2 / (part1**2 / (n1 - 1) + part2**2 / (n2 - 1))
    half = float(student.ppf((1 + level) / 2, freedom)) * error
    return Estimate(d, d - half, d + half, float(2 * student.sf(abs(d) / error, freedom)))


def medians(amounts: Amounts) -> tuple[float, float]:
    """Give the medians of both groups: the middle user, or the mean of the middle two."""
    return (
        _median(amounts.values, amounts.n),
        _median(amounts.values, amounts.n_baseline),
    )


def _median(values: Floats, n: Floats) -> float:
    size = int(n.sum())
    if not size:
        return nan
    ends = np.cumsum(n)
    middle = np.searchsorted(ends, [(size - 1) // 2, size // 2], side="right")
    return float(values[middle].mean())


def median_difference(
    amounts: Amounts, *, seed: int, n_resamples: int = N_RESAMPLES, level: float = LEVEL
) -> Estimate:
    """Give the difference of the medians with a bootstrap interval; its p-value is nan.

    Parameters
    ----------
    seed
        Where the chance begins: the same seed gives the same interval.

    Notes
    -----
    Percentile bootstrap. The resamples are not drawn user by user: the k-th smallest of n draws
    from a group is the group's quantile at a Beta(k, n − k + 1) number, and given it the next one
    lies a Beta(1, n − k) part of what is left above. So a resample costs the same for ten users
    and for ten millions, and has exactly the bootstrap's distribution.

    Source: Efron 1979, Annals of Statistics 7, section 3; David and Nagaraja 2003, Order
    Statistics, chapter 2.

    Examples
    --------
    >>> found = median_difference(Amounts.from_users([5] * 50, [2] * 40), seed=0)
    >>> found.value, found.low, found.high
    (3.0, 3.0, 3.0)
    """
    if not amounts.is_comparable:
        return NO_ESTIMATE
    chance = np.random.default_rng(seed)
    drawn = [
        _resampled_medians(amounts.values, n, n_resamples, chance)
        for n in (amounts.n, amounts.n_baseline)
    ]
    own, other = medians(amounts)
    tail = (1 - level) / 2
    low, high = np.quantile(drawn[0] - drawn[1], [tail, 1 - tail])
    return Estimate(own - other, float(low), float(high), nan)


def _resampled_medians(
    values: Floats, n: Floats, n_resamples: int, chance: np.random.Generator
) -> Floats:
    size = int(n.sum())
    ends = np.cumsum(n) / size
    k = (size + 1) // 2
    first = chance.beta(k, size - k + 1, n_resamples)
    picked = [first]
    if size % 2 == 0:
        picked.append(first + (1 - first) * chance.beta(1, size - k, n_resamples))
    places = [np.minimum(np.searchsorted(ends, u), len(values) - 1) for u in picked]
    return np.asarray(np.mean([values[place] for place in places], axis=0), dtype=np.float64)


def cliff_delta(amounts: Amounts, *, level: float = LEVEL) -> Estimate:
    """Give Cliff's delta with the interval and the p-value of Brunner and Munzel.

    Returns
    -------
    Estimate
        −1 to 1: the share of pairs (one user of each group) in which the segment's has more, less
        the share in which the baseline's has. Interval and p-value are nan where no amount varies
        between users of one group.

    Notes
    -----
    delta = 2 P − 1 with P the relative effect of Brunner and Munzel, from midranks; the interval
    is that of P from the t distribution with their degrees of freedom, cut at −1 and 1.

    Source: Cliff 1993, Psychological Bulletin 114; Brunner and Munzel 2000, Biometrical Journal 42.

    Examples
    --------
    >>> found = cliff_delta(Amounts.from_users([4, 5, 6, 2], [1, 2, 3, 3]))
    >>> round(found.value, 4)
    0.6875
    """
    from scipy.stats import t as student  # noqa: PLC0415  slow to import

    if not amounts.is_comparable:
        return NO_ESTIMATE
    n1, n2 = amounts.sizes
    above1 = _midranks(amounts.n_baseline)  # of a value among the baseline's, less 1/2
    above2 = _midranks(amounts.n)
    relative = float((amounts.n * above1).sum() / (n1 * n2))
    spread1 = float((amounts.n * (above1 - relative * n2) ** 2).sum() / (n1 - 1))
    other = (1 - relative) * n1
    spread2 = float((amounts.n_baseline * (above2 - other) ** 2).sum() / (n2 - 1))
    part1, part2 = spread1 / (n1 * n2**2), spread2 / (n2 * n1**2)
    error, delta = sqrt(part1 + part2), 2 * relative - 1
    if error == 0:
        return Estimate(delta, nan, nan, nan)
    freedom = (part1 + part2) ** 2 / (part1**2 / (n1 - 1) + part2**2 / (n2 - 1))
    half = 2 * float(student.ppf((1 + level) / 2, freedom)) * error
    p = float(2 * student.sf(abs(relative - 0.5) / error, freedom))
    return Estimate(delta, max(-1.0, delta - half), min(1.0, delta + half), p)


def _midranks(n: Floats) -> Floats:
    """Give for every value how many users have less, plus half of those who have the same."""
    return np.asarray(np.cumsum(n) - n / 2, dtype=np.float64)
