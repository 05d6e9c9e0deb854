"""Join groups that have no gap between them: a cut through a continuum is not two kinds."""

from itertools import combinations

import numpy as np

from segkit.patterns.features import FloatArray, IntArray
from segkit.patterns.scorer import fit_scorer, probabilities

MOST_VALLEY = 0.8
N_BINS = 400


def merge_without_valley(
    places: FloatArray, acts: FloatArray, groups: IntArray, *, most: float = MOST_VALLEY
) -> IntArray:
    """Give the groups after joining, pair by pair, those with no valley between; from 0 upward.

    `places` and `acts` have a row a user, `groups` the number of each: the axes that groups are
    found on, and of the encoded columns those that say what people do and how much of it. The pair
    with the shallowest valley goes first; all valleys are measured anew after each join.

    Notes
    -----
    A valley counts in what people do. Most have one device and few channels, so that there is
    always a gap between those on the phone and those at the desk; people who do the same on both
    are of one kind.

    The depth is the mean of two: between the groups as they were cut, whose rough edges depend on
    the seed, and between those that their scorer makes of them, whose edges are too clean.
    """
    groups = np.unique(groups, return_inverse=True)[1]
    while groups.max() > 0:
        scored = probabilities(fit_scorer(places, groups), places).argmax(axis=1)
        depths = {
            (i, j): (_between(acts, groups, i, j) + _between(acts, scored, i, j)) / 2
            for i, j in combinations(range(int(groups.max()) + 1), 2)
        }
        kept, gone = max(depths, key=lambda pair: (depths[pair], pair))
        if depths[kept, gone] <= most:
            break
        groups = np.unique(np.where(groups == gone, kept, groups), return_inverse=True)[1]
    return groups


def _between(acts: FloatArray, groups: IntArray, first: int, second: int) -> float:
    return valley(acts[groups == first], acts[groups == second])


def valley(first: FloatArray, second: FloatArray) -> float:
    """Give the depth of the valley between two groups: 0 is a clean gap, 1 is no valley.

    Notes
    -----
    On the line that tells the two groups apart best (Fisher's discriminant), the lowest density
    between their medians / the lower of the two peaks beside it. Two densities answer: of all
    users, in which the cut tail of a large group makes no peak, and of both groups at equal
    weight, in which a rare group is not drowned; given is the geometric mean. Below 2 users a
    group has no line: 1.
    """
    n_small = min(len(first), len(second))
    if n_small <= 1:
        return 1.0
    within = np.cov(first.T) * len(first) + np.cov(second.T) * len(second)
    within = np.atleast_2d(within) / (len(first) + len(second))
    line = np.linalg.lstsq(within, second.mean(axis=0) - first.mean(axis=0), rcond=None)[0]
    ends = first @ line, second @ line
    spread = np.sqrt(line @ within @ line)
    low, high = min(e.min() for e in ends), max(e.max() for e in ends)
    if not high > low or not spread > 0:
        return 1.0
    width = (high - low) / N_BINS
    # Silverman's bandwidth for the smaller group
    bandwidth = 1.06 * spread * n_small**-0.2 / width
    counts = [np.histogram(e, bins=N_BINS, range=(low, high))[0] for e in ends]
    middles = sorted(min(int((np.median(e) - low) / width), N_BINS - 1) for e in ends)
    together = _ratio(counts[0] + counts[1], bandwidth, middles)
    evenly = _ratio(counts[0] / len(first) + counts[1] / len(second), bandwidth, middles)
    return float(np.sqrt(together * evenly))


def _ratio(counts: FloatArray | IntArray, bandwidth: float, middles: list[int]) -> float:
    from scipy.ndimage import gaussian_filter1d  # noqa: PLC0415  slow to import

    density = gaussian_filter1d(counts.astype(np.float64), bandwidth)
    between = density[middles[0] : middles[1] + 1]
    lowest = int(np.argmin(between))
    peak = min(between[: lowest + 1].max(), between[lowest:].max())
    return float(between[lowest] / peak) if peak > 0 else 1.0
