"""Choose how many groups there are, or that there are none, by what resamples find again."""

from dataclasses import dataclass

import numpy as np

from segkit.patterns.agreement import adjusted_rand, best_jaccards
from segkit.patterns.cluster import Resamples, count_pieces
from segkit.patterns.features import IntArray

MIN_MEAN_JACCARD = 0.85
MIN_MEAN_RAND = 0.70
BADGES = ((0.85, "very stable"), (0.75, "stable"), (0.60, "fairly stable"), (0.0, "tentative"))


@dataclass(frozen=True, kw_only=True)
class Stability:
    """How well k groups are found again in 20 bootstraps.

    `mean_rand` is the mean adjusted Rand index; `jaccards` has one entry a group: the mean, over
    bootstraps, of the best Jaccard index with a group of the bootstrap.
    """

    k: int
    mean_rand: float
    jaccards: tuple[float, ...]

    @property
    def mean_jaccard(self) -> float:
        """The mean of the groups' Jaccard indices, each group counted once."""
        return sum(self.jaccards) / len(self.jaccards)

    @property
    def holds(self) -> bool:
        """Whether the groups as a whole are found again."""
        return self.mean_jaccard >= MIN_MEAN_JACCARD and self.mean_rand >= MIN_MEAN_RAND


def measure_stability(groups: IntArray, resamples: Resamples) -> Stability:
    """Give how well groups of all users, numbered from 0, are found again.

    A bootstrap is cut into as many groups, 10 at most.

    Source: Hennig 2007, Comput. Stat. Data Anal. 52 (clusterwise stability).
    """
    k = int(groups.max()) + 1
    n_most = resamples.trees[0].shape[1]
    tables = [
        table @ np.eye(n_most)[tree[:, min(k, n_most) - 1]]
        for table, tree in zip(count_pieces(groups, k, resamples), resamples.trees, strict=True)
    ]
    return Stability(
        k=k,
        mean_rand=float(np.mean([adjusted_rand(t) for t in tables])),
        jaccards=tuple(np.mean([best_jaccards(t) for t in tables], axis=0).tolist()),
    )


def choose_k(measured: tuple[Stability, ...]) -> int:
    """Give the largest k whose groups hold; 1, "no separate groups", where none do.

    >>> two = Stability(k=2, mean_rand=0.9, jaccards=(0.9, 0.9))
    >>> choose_k((two, Stability(k=3, mean_rand=0.8, jaccards=(0.9, 0.9, 0.5))))
    2
    >>> choose_k(())
    1
    """
    return max((s.k for s in measured if s.holds), default=1)


def badge(jaccard: float) -> str:
    """Give the word for a group's stability.

    >>> [badge(j) for j in (0.9, 0.8, 0.7, 0.59)]
    ['very stable', 'stable', 'fairly stable', 'tentative']

    Source: Hennig 2007; fpc `clusterboot` for the limits.
    """
    return next(word for limit, word in BADGES if jaccard >= limit)
