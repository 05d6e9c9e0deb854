"""Say to which group a user belongs and how surely, by a table small enough to read."""

from dataclasses import dataclass

import numpy as np

from segkit.patterns.cluster import squared_distances
from segkit.patterns.features import FloatArray, IntArray

MIXED = "mixed"
MIN_PROBABILITY = 0.5
"""Below this probability of the likeliest group a user is "mixed"."""
Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """Linear discriminants: a row a group of `coefficients` and `centres`, an entry an axis.

    A user's score for a group is `coefficients` · place + `intercepts`; probabilities are the
    scores' softmax.
    """

    coefficients: Rows
    intercepts: tuple[float, ...]
    centres: Rows


def fit_scorer(places: FloatArray, groups: IntArray) -> Scorer:
    """Give the linear discriminants of groups 0, 1, …; users with a negative group are left out.

    Notes
    -----
    With means m, share p and the covariance S within groups: S⁻¹m and ln p − m·S⁻¹m / 2.

    Source: Fisher 1936; Hastie, Tibshirani and Friedman 2009, section 4.3.
    """
    places, groups = places[groups >= 0], groups[groups >= 0]
    members = np.eye(int(groups.max()) + 1)[groups]
    sizes = members.sum(axis=0)
    centres = (members.T @ places) / sizes[:, None]
    rest = places - centres[groups]
    within = rest.T @ rest / max(len(places) - len(sizes), 1)
    coefficients = centres @ np.linalg.pinv(within, hermitian=True)
    intercepts = np.log(sizes / sizes.sum()) - np.sum(coefficients * centres, axis=1) / 2
    return Scorer(
        coefficients=_rows(coefficients),
        intercepts=tuple(intercepts.tolist()),
        centres=_rows(centres),
    )


def probabilities(scorer: Scorer, places: FloatArray) -> FloatArray:
    """Give each user's probability of each group; a row a user, rows add up to 1."""
    scores: FloatArray = places @ np.array(scorer.coefficients).T + np.array(scorer.intercepts)
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def distances(scorer: Scorer, places: FloatArray) -> FloatArray:
    """Give each user's distance to the nearest centre, on the axes."""
    nearest = squared_distances(places, np.array(scorer.centres)).min(axis=1)
    squared: FloatArray = np.maximum(nearest + np.sum(places**2, axis=1), 0.0)
    return np.sqrt(squared)


def _rows(values: FloatArray) -> Rows:
    return tuple(tuple(row) for row in values.tolist())
