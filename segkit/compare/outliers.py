"""Find single days that lie out of a daily series and are followed by the usual again.

A campaign, an outage or a holiday makes one day stand apart. With four weeks of days most of what
looks so is chance: of clean series the textbook rule (3.5 on what a seasonal decomposition leaves)
calls days outlying in four of five. So a day must stand out from the days on both its sides, below
the rhythm of the week, by more than chance does in one of twenty reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from segkit.compare.shifts import LEAST_SPREAD, Floats, without_weekdays

LEAST_DAYS = 28
"""Four whole weeks: each weekday is seen four times."""
FALSE_OUTLIERS = 0.05
"""The share of reports on clean series that tell of any outlying day, at most."""
LEAST_Z, FURTHER_Z = 5.4, 1.1
"""The least z is 5.4 + 1.1 · ln m, for m series of a report; found by simulation."""
BESIDE = 3
"""So many days on each side a day is set against; at least two of them."""
LEAST_BESIDE = 2
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, kw_only=True)
class Outlier:
    """One day that lies out: its place, its value, and what its weekday and its neighbours say."""

    at: int
    value: float
    usual: float


def find_outliers(values: Sequence[float], *, n_series: int = 1) -> tuple[Outlier, ...]:
    """Give the days that stand out of a daily series on both sides.

    Parameters
    ----------
    values
        One number a day, none missing, oldest first.
    n_series
        How many series the report looks at: the more, the further out a day must lie.

    Returns
    -------
    tuple
        Oldest first; empty for fewer than 28 days, and where nothing lies out.

    Notes
    -----
    Of each day what its weekday usually has is taken off. d is how much it lies above, or below,
    the medians of the three days before and of the three days after, whichever is nearer; 0 between
    them. The last two days are set against the days before and the line on which these go on; the
    first two are not looked at. A day lies out where |d| / s is at least
    5.4 + 1.1 ln m. s is 1.4826 · the median absolute difference of a day from the
    median of the three days on each side, at least 1% of the highest value.

    Source: robust z after Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers.

    Examples
    --------
    >>> days = [50, 52, 51, 49, 50, 30, 28] * 4
    >>> find_outliers([*days[:16], 95, *days[17:]])
    (Outlier(at=16, value=95.0, usual=51.0),)
    """
    given = np.asarray(values, dtype=np.float64)
    if len(given) < LEAST_DAYS:
        return ()
    series = without_weekdays(given)
    least = LEAST_Z + FURTHER_Z * log(n_series)
    apart = np.array([_apart(series, at) for at in range(len(series))])
    found = np.flatnonzero(np.abs(apart) >= least * _spread(series, given))
    return tuple(
        Outlier(at=int(at), value=float(given[at]), usual=_usual(series, given, int(at)))
        for at in found
        if apart[at]
    )


def _sides(series: Floats, at: int, width: int) -> tuple[Floats, Floats]:
    return series[max(0, at - width) : at], series[at + 1 : at + 1 + width]


def _apart(series: Floats, at: int) -> float:
    """Give how far a day lies beyond what is expected of it, with its sign; 0 between the two."""
    before, after = _sides(series, at, BESIDE)
    if len(before) < LEAST_BESIDE:
        return 0.0
    level = float(np.median(before))
    other = float(np.median(after)) if len(after) >= LEAST_BESIDE else _ahead(series, at, level)
    steps = [float(series[at]) - level, float(series[at]) - other]
    return min(steps, key=abs) if min(steps) > 0 or max(steps) < 0 else 0.0


def _ahead(series: Floats, at: int, level: float) -> float:
    """Give where the days before a day lead: the line through their median and the one before."""
    earlier = float(np.median(series[at - 2 * BESIDE : at - BESIDE]))
    return level + (level - earlier) / BESIDE * (BESIDE + 1) / 2


def _spread(series: Floats, given: Floats) -> float:
    around = [np.concatenate(_sides(series, at, BESIDE)) for at in range(len(series))]
    apart = [abs(float(series[at] - np.median(days))) for at, days in enumerate(around)]
    return max(_MAD_TO_SIGMA * float(np.median(apart)), LEAST_SPREAD * float(np.abs(given).max()))


def _usual(series: Floats, given: Floats, at: int) -> float:
    """Give what the days around and the weekday say of a day."""
    level = float(np.median(np.concatenate(_sides(series, at, BESIDE))))
    return round(float(given[at] - series[at]) + level, 9)
