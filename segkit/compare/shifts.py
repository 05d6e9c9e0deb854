"""Find where a series steps to another level and stays there.

A line of thirteen weeks always has a highest and a lowest week; most of that is chance. A level
shift is told only where two levels explain the series so much better than one that chance does so
in at most one of twenty reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

import numpy as np
from numpy.typing import NDArray

LEAST_PERIODS = 10
"""Shorter series are not looked at."""
LEAST_DAYS = 21
"""Three whole weeks: days are compared with the same weekday."""
LEAST_LEVEL = 3
"""So many periods at least make a level."""
FALSE_SHIFTS = 0.05
"""The share of reports without any shift in truth that tell of one, at most."""
PENALTY = 1.5
"""Times 2 log(n · m / 0.05), for n periods and m series of a report; found by simulation."""
LEAST_SPREAD = 0.01
"""The noise taken at least, as a part of the level: smaller steps are no news."""
_MAD_TO_SIGMA = 1.4826
_WEEK = 7
_SUDDEN = 0.5
_OUTLYING = 4.0
_BETTER = 1.5
_MOST_MEMORY = 0.95
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One level shift: the first place on the new level, and the medians of both levels."""

    at: int
    before: float
    after: float


def find_shifts(
    values: Sequence[float], *, n_series: int = 1, is_daily: bool = False
) -> tuple[Step, ...]:
    """Give where a series steps to another level.

    Parameters
    ----------
    values
        One number a period, none missing, oldest first.
    n_series
        How many series the report looks at: the more, the surer a shift must be.
    is_daily
        Whether the periods are days: then each day is set against the median of its weekday.

    Returns
    -------
    tuple
        Oldest first; empty for fewer than 10 periods (21 days), and where nothing steps.

    Notes
    -----
    PELT with squared error and at least 3 periods a level. The penalty is s² · 1.5 · 2 log(n · m /
    0.05) · (1 + r)/(1 − r). s, the noise, is from the median absolute difference of neighbours, at
    least 1% of the highest value; r, how much a period repeats the one before, is 1 + 2 times the
    correlation of neighbouring differences, without those that lie out, within 0 and 0.95. The
    steps together must fit better than a straight line, and half of each must happen from one
    period to the next: a slow drift is no step.

    Source: Killick, Fearnhead and Eckley 2012, J. Am. Stat. Assoc. 107, in `ruptures` (Truong,
    Oudre and Vayatis 2020); the factor for repetition after Lavielle and Moulines 2000.

    Examples
    --------
    >>> find_shifts([5, 6, 5, 6, 5, 6, 15, 16, 15, 16, 15, 16])
    (Step(at=6, before=5.5, after=15.5),)
    """
    given = np.asarray(values, dtype=np.float64)
    if len(given) < (LEAST_DAYS if is_daily else LEAST_PERIODS):
        return ()
    series = without_weekdays(given) if is_daily else given
    sigma = _noise(series)
    if sigma == 0:
        return ()
    penalty = _penalty(series, sigma, n_series)
    ends = _cut(series, penalty)
    if len(ends) < 2 or not _beats_line(series, ends, penalty):  # noqa: PLR2004  one level
        return ()
    starts = [0, *ends[:-1]]
    levels = [float(median(given[a:b])) for a, b in zip(starts, ends, strict=True)]
    steps = [Step(at=at, before=levels[i], after=levels[i + 1]) for i, at in enumerate(ends[:-1])]
    return tuple(step for step in steps if _is_sudden(series, step))


def _is_sudden(series: Floats, step: Step) -> bool:
    """Say whether at least half of a step happens from one period to the next."""
    whole = step.after - step.before
    jump = float(series[step.at] - series[step.at - 1])
    return bool(whole) and jump / whole >= _SUDDEN


def _cut(series: Floats, penalty: float) -> list[int]:
    import ruptures  # noqa: PLC0415  slow to import

    found = ruptures.Pelt(model="l2", min_size=LEAST_LEVEL, jump=1).fit(series.reshape(-1, 1))
    return [int(end) for end in found.predict(pen=penalty)]


def _penalty(series: Floats, sigma: float, n_series: int) -> float:
    memory = _memory(series)
    chance = 2 * log(len(series) * n_series / FALSE_SHIFTS)
    return float(sigma**2 * PENALTY * chance * (1 + memory) / (1 - memory))


def _noise(series: Floats) -> float:
    steps = np.abs(np.diff(series))
    sigma = _MAD_TO_SIGMA * float(np.median(steps)) / 2**0.5
    return max(sigma, LEAST_SPREAD * float(np.abs(series).max()))


def _memory(series: Floats) -> float:
    """Give how much of a period repeats the one before; steps that lie out do not count."""
    steps = np.diff(series)
    most = _OUTLYING * float(np.median(np.abs(steps)))
    steps = np.where(np.abs(steps) > most, 0.0, steps)
    total = float((steps**2).sum())
    if total == 0:
        return 0.0
    repeated = 1 + 2 * float((steps[1:] * steps[:-1]).sum()) / total
    return min(_MOST_MEMORY, max(0.0, repeated))


def without_weekdays(series: Floats) -> Floats:
    """Give a series of days less what its weekday usually has more than the days around it."""
    padded = np.pad(series, _WEEK // 2, mode="edge")
    around = np.convolve(padded, np.ones(_WEEK) / _WEEK, mode="valid")
    apart = series - around
    usual = np.array([float(np.median(apart[at::_WEEK])) for at in range(_WEEK)])
    return np.asarray(series - usual[np.arange(len(series)) % _WEEK])


def _beats_line(series: Floats, ends: Sequence[int], penalty: float) -> bool:
    """Say whether levels fit better than a straight line, each step paid for."""
    places = np.arange(len(series), dtype=np.float64)
    line = series - np.polyval(np.polyfit(places, series, 1), places)
    starts = [0, *ends[:-1]]
    left = sum(
        float(((series[a:b] - series[a:b].mean()) ** 2).sum())
        for a, b in zip(starts, ends, strict=True)
    )
    return _BETTER * left + penalty * (len(ends) - 2) < float((line**2).sum())
