"""Set shares against each other: how large is a difference, and how sure is it.

A lift without its interval turns three users into a finding. Every function here is vectorised
over numpy arrays of counts, knows no table and draws nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import erfc, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segkit.measures.facts import UNKNOWN, Breakdown, BreakdownRow, ratio

Floats = NDArray[np.float64]
Z95 = 1.959963984540054
"""The 97.5% quantile of the standard normal distribution: two-sided 95% intervals."""
MIN_USERS = 30
"""Fewer users of the segment than this with a value never make it over-represented."""
FALSE_SHARE = 0.05
"""The expected share of false finds among the over-represented values (Benjamini and Hochberg)."""


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
    """Give the lift, share in the segment / share in the baseline, with the log interval of Katz.

    Parameters
    ----------
    n1, total1
        Users of the segment with the value, and all of the segment.
    n2, total2
        The same of the baseline; the two groups share no user.
    z
        Quantile of the standard normal distribution; 1.96 for 95%.

    Returns
    -------
    Interval
        Ratios from 0. Nobody in the segment: lift 0, lower bound 0. Nobody in the baseline: lift
        and upper bound infinite. Nobody in either, or an empty group: nan.

    Notes
    -----
    lift = (n1/N1) / (n2/N2); ln(lift) ± z √(1/n1 − 1/N1 + 1/n2 − 1/N2). Where a count is 0, 0.5
    stands for it in the bound that stays finite; where all users of both groups have the value,
    N − 0.5 stands for n in the width.

    Source: Katz, Baptista, Azen and Pike 1978, Biometrics 34; zeros as in Aho and Bowyer 2015,
    Methods Ecol. Evol. 6.

    Examples
    --------
    >>> [round(float(x[0]), 3) for x in lift_interval(30, 100, 40, 200)]
    [1.5, 0.997, 2.256]
    """
    counts = as_counts(n1, total1, n2, total2)
    n1, total1, n2, total2 = counts
    centre, error = _log_lift(*counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = (n1 / total1) / (n2 / total2)
    low = np.where(n1 == 0, 0.0, np.exp(centre - z * error))
    high = np.where(n2 == 0, np.inf, np.exp(centre + z * error))
    unknown = np.isnan(centre)
    return Interval(*(np.where(unknown, np.nan, a) for a in (lift, low, high)))


def _log_lift(n1: Floats, total1: Floats, n2: Floats, total2: Floats) -> tuple[Floats, Floats]:
    """Give the logarithm of the lift and its standard error; nan where there is no lift."""
    all_have = (n1 == total1) & (n2 == total2)
    x1 = np.where(n1 == 0, 0.5, np.where(all_have, total1 - 0.5, n1))
    x2 = np.where(n2 == 0, 0.5, np.where(all_have, total2 - 0.5, n2))
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.where(all_have, 0.0, np.log((x1 / total1) / (x2 / total2)))
        error = np.sqrt(np.maximum(1 / x1 - 1 / total1 + 1 / x2 - 1 / total2, 0))
    unknown = (total1 == 0) | (total2 == 0) | ((n1 == 0) & (n2 == 0))
    return np.where(unknown, np.nan, centre), error


def lift_p_value(n1: ArrayLike, total1: ArrayLike, n2: ArrayLike, total2: ArrayLike) -> Floats:
    """Give the two-sided p-value of "the lift is 1", under the normal law of `lift_interval`.

    Examples
    --------
    >>> float(lift_p_value(30, 100, 40, 200)[0].round(4))
    0.0514
    """
    centre, error = _log_lift(*as_counts(n1, total1, n2, total2))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(centre == 0, 0.0, np.abs(centre) / error)
    return np.array([erfc(value / sqrt(2)) for value in z], dtype=np.float64)


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
    """Say which p-values hold when on average at most `share` of them may be false.

    A p-value that is nan never holds.

    Notes
    -----
    With m sorted p-values, all up to the largest k with p(k) ≤ k/m · share.

    Source: Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57.

    Examples
    --------
    >>> passes_false_share([0.01, 0.04, 0.03, 0.5]).tolist()
    [True, False, False, False]
    """
    (p,) = as_counts(p)
    known = np.where(np.isnan(p), 1.0, p)
    order = np.argsort(known, kind="stable")
    bound = np.arange(1, len(p) + 1) / max(len(p), 1) * share
    held = np.nonzero(known[order] <= bound)[0]
    keeps = np.zeros(len(p), dtype=bool)
    if len(held):
        keeps[order[: held[-1] + 1]] = True
    return keeps & ~np.isnan(p)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def add_lifts(breakdown: Breakdown) -> Breakdown:
    """Give the breakdown with the shares and the lift of every row whose counts are not withheld.

    A row whose count or whose denominator is None stays without what would follow from it.
    """
    rows = [_with_shares(row, breakdown) for row in breakdown.rows]
    whole = [r for r in rows if r.share is not None and r.baseline_share is not None]
    if not whole:
        return replace(breakdown, rows=tuple(rows))
    bounds = lift_interval(
        [r.n or 0 for r in whole],
        breakdown.denominator or 0,
        [r.n_baseline or 0 for r in whole],
        breakdown.baseline_denominator or 0,
    )
    lifted = {
        row.value: replace(row, lift=_finite(lift), lift_low=_finite(low), lift_high=_finite(high))
        for row, lift, low, high in zip(whole, *bounds, strict=True)
    }
    return replace(breakdown, rows=tuple(lifted.get(r.value, r) for r in rows))


def _with_shares(row: BreakdownRow, breakdown: Breakdown) -> BreakdownRow:
    return replace(
        row,
        share=ratio(row.n, breakdown.denominator),
        baseline_share=ratio(row.n_baseline, breakdown.baseline_denominator),
    )


def over_represented(
    breakdowns: Iterable[Breakdown], *, min_users: int = MIN_USERS, most: int = 25
) -> Breakdown:
    """Give the values that are more frequent in the segment than in the baseline, surest first.

    Parameters
    ----------
    breakdowns
        Labels of users after withholding: one breakdown a label, all over the same users. A
        label's `title` names it.
    min_users
        The least users of the segment with the value.
    most
        The most rows; `n_more` says how many further values qualify.

    Returns
    -------
    Breakdown
        Rows whose `value` reads `label: value`, by falling lower bound of the lift; no rows where
        nothing qualifies.

    Notes
    -----
    A value qualifies with at least `min_users` users, a 95% interval of the lift above 1, and a
    p-value that holds when all values of all labels are judged together at a false share of 5%.
    Values that stand for "unknown" never qualify.
    """
    listed = list(breakdowns)
    rows = [(b, r) for b in listed for r in b.rows if r.n is not None and r.n_baseline is not None]
    known = [(b, r) for b, r in rows if r.value != UNKNOWN]
    keeps = passes_false_share(
        lift_p_value(
            [r.n or 0 for _, r in known],
            [b.denominator or 0 for b, _ in known],
            [r.n_baseline or 0 for _, r in known],
            [b.baseline_denominator or 0 for b, _ in known],
        )
    )
    found = [
        replace(r, value=f"{b.title}: {r.value}")
        for (b, r), keep in zip(known, keeps, strict=True)
        if keep and (r.n or 0) >= min_users and (r.lift_low or 0) > 1
    ]
    found.sort(key=lambda r: (-(r.lift_low or 0), -(r.n or 0), r.value))
    return Breakdown(
        name="over",
        title="Values more frequent than in the baseline",
        of="users",
        denominator=listed[0].denominator if listed else None,
        baseline_denominator=listed[0].baseline_denominator if listed else None,
        is_partition=False,
        rows=tuple(found[:most]),
        n_more=max(len(found) - most, 0),
    )
