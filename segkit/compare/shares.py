"""Set shares against each other: how large is a difference, and how sure is it.

Every function here is vectorised over numpy arrays of counts, knows no table and draws nothing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segkit.compare.lifts import FALSE_SHARE, Z95, hold_together, lift_bounds

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """An estimate with its bounds, elementwise; nan where undefined, inf where unbounded."""

    estimate: Floats
    low: Floats
    high: Floats


def as_counts(*given: ArrayLike) -> tuple[Floats, ...]:
    """Give numbers as arrays of one length."""
    arrays = np.broadcast_arrays(*(np.asarray(g, dtype=np.float64) for g in given))
    return tuple(np.atleast_1d(a) for a in arrays)


def wilson_interval(n: ArrayLike, total: ArrayLike, *, z: float = Z95) -> Interval:
    """Give a share with Wilson's score interval.

    Parameters
    ----------
    n, total
        Users with the value, and users in all; 0 ≤ n ≤ total.
    z
        Quantile of the standard normal distribution; 1.96 for 95%.

    Returns
    -------
    Interval
        Shares 0 to 1; nan where `total` is 0.

    Notes
    -----
    With p = n / total: centre (p + z²/2N) / (1 + z²/N), half width z √(p(1−p)/N + z²/4N²) / (1 +
    z²/N). It never leaves 0 to 1 and is of sound width at 0 and 1.

    Source: Wilson 1927, J. Am. Stat. Assoc. 22.

    Examples
    --------
    >>> [round(float(x[0]), 4) for x in wilson_interval(10, 100)]
    [0.1, 0.0552, 0.1744]
    """
    n, total = as_counts(n, total)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = n / total
        scale = 1 + z**2 / total
        centre = (p + z**2 / (2 * total)) / scale
        half = z * np.sqrt(p * (1 - p) / total + z**2 / (4 * total**2)) / scale
    return Interval(p, np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1))


def newcombe_difference(
    n1: ArrayLike, total1: ArrayLike, n2: ArrayLike, total2: ArrayLike, *, z: float = Z95
) -> Interval:
    """Give the difference of two independent shares with Newcombe's hybrid score interval.

    Returns
    -------
    Interval
        Differences −1 to 1, first less second; nan where a total is 0.

    Notes
    -----
    From Wilson's bounds l, u of each share: d − √((p1−l1)² + (u2−p2)²) to d + √((u1−p1)² +
    (p2−l2)²).

    Source: Newcombe 1998, Statistics in Medicine 17, method 10.

    Examples
    --------
    >>> [round(float(x[0]), 4) for x in newcombe_difference(56, 70, 48, 80)]
    [0.2, 0.0524, 0.3339]
    """
    p1, low1, high1 = wilson_interval(n1, total1, z=z)
    p2, low2, high2 = wilson_interval(n2, total2, z=z)
    d = p1 - p2
    low = d - np.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    high = d + np.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    return Interval(d, low, high)


def lift_interval(
    n1: ArrayLike, total1: ArrayLike, n2: ArrayLike, total2: ArrayLike, *, z: float = Z95
) -> Interval:
    """Give `lift_bounds` of many shares, elementwise.

    Examples
    --------
    >>> [round(float(x[0]), 3) for x in lift_interval(30, 100, 40, 200)]
    [1.5, 0.997, 2.256]
    """
    counts = as_counts(n1, total1, n2, total2)
    found = [lift_bounds(*row, z=z) for row in zip(*counts, strict=True)]
    return Interval(*np.array(found, dtype=np.float64).reshape(-1, 3).T)


def q_values(p: ArrayLike) -> Floats:
    """Give the smallest false share at which each p-value would hold; nan where p is nan.

    Notes
    -----
    q(k) = min over j ≥ k of p(j) · m / j, with m the p-values that are known.

    Source: Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57; Yekutieli and Benjamini 1999.

    Examples
    --------
    >>> q_values([0.01, 0.04, 0.03, float("nan")]).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    (p,) = as_counts(p)
    found = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    if len(known):
        from scipy.stats import false_discovery_control  # noqa: PLC0415  slow to import

        found[known] = false_discovery_control(p[known], method="bh")
    return found


def passes_false_share(p: ArrayLike, *, share: float = FALSE_SHARE) -> NDArray[np.bool_]:
    """Give `hold_together` of an array of p-values.

    Examples
    --------
    >>> passes_false_share([0.01, 0.04, 0.03, 0.5]).tolist()
    [True, False, False, False]
    """
    return np.array(hold_together(as_counts(p)[0].tolist(), share=share), dtype=bool)
