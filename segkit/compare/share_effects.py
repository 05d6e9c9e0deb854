"""Say how large the difference of two shares is, and whether it may be chance.

A difference of 2 points is little at 50% and much at 1%: effects are measured on a scale that
knows. Functions are vectorised over numpy arrays of counts.
"""

from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike

from segkit.compare.lifts import Z95
from segkit.compare.shares import Floats, Interval, as_counts, wilson_interval

LEAST_EXPECTED = 5
"""With fewer users than this expected in a cell, shares are compared by Fisher's exact test."""


def cohen_h(
    n1: ArrayLike, total1: ArrayLike, n2: ArrayLike, total2: ArrayLike, *, z: float = Z95
) -> Interval:
    """Give Cohen's h of two shares: their difference on a scale where a step weighs the same.

    Returns
    -------
    Interval
        −π to π, first against second; nan where a total is 0.

    Notes
    -----
    h = 2 arcsin √p1 − 2 arcsin √p2. Its interval joins Wilson's bounds of both shares, taken to
    the same scale, as Newcombe joins them for the plain difference.

    Source: Cohen 1988, Statistical Power Analysis, chapter 6; Zou and Donner 2008, Statistics in
    Medicine 27, for the joining of intervals.

    Examples
    --------
    >>> round(float(cohen_h(50, 100, 40, 100).estimate[0]), 4)
    0.2014
    """
    p1, low1, high1 = (_angle(part) for part in wilson_interval(n1, total1, z=z))
    p2, low2, high2 = (_angle(part) for part in wilson_interval(n2, total2, z=z))
    low = p1 - p2 - np.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    high = p1 - p2 + np.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    return Interval(p1 - p2, low, high)


def _angle(share: Floats) -> Floats:
    return np.asarray(2 * np.arcsin(np.sqrt(share)), dtype=np.float64)


def share_p_value(n1: ArrayLike, total1: ArrayLike, n2: ArrayLike, total2: ArrayLike) -> Floats:
    """Give the two-sided p-value of "both shares are the same".

    Returns
    -------
    numpy.ndarray
        nan where a total is 0; 1 where nobody or everybody of both groups has it.

    Notes
    -----
    The score test with the pooled share, z = (p1 − p2) / √(p(1−p)(1/N1 + 1/N2)); Fisher's exact
    test where fewer than 5 users are expected in a cell, since z then errs.

    Source: Cochran 1954, Biometrics 10; Fisher 1935, J. R. Stat. Soc. 98.

    Examples
    --------
    >>> float(share_p_value(30, 100, 40, 200)[0].round(4))
    0.0535
    """
    counts = as_counts(n1, total1, n2, total2)
    n1, total1, n2, total2 = counts
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (n1 + n2) / (total1 + total2)
        error = np.sqrt(pooled * (1 - pooled) * (1 / total1 + 1 / total2))
        z = np.where(error == 0, 0.0, np.abs(n1 / total1 - n2 / total2) / error)
        expected = np.minimum(pooled, 1 - pooled) * np.minimum(total1, total2)
    p = np.array([erfc(value / sqrt(2)) for value in z], dtype=np.float64)
    p[(total1 == 0) | (total2 == 0)] = np.nan
    for at in np.flatnonzero((expected > 0) & (expected < LEAST_EXPECTED)):
        p[at] = _fisher(*(int(c[at]) for c in counts))
    return p


def _fisher(n1: int, total1: int, n2: int, total2: int) -> float:
    from scipy.stats import fisher_exact  # noqa: PLC0415  slow to import

    return float(fisher_exact([[n1, total1 - n1], [n2, total2 - n2]]).pvalue)
