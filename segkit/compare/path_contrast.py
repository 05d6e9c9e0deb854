"""Find the ways that users of one side go more, or less, than users of another.

Users are counted, not visits: one who goes a way every day would else count for thirty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segkit.compare.lifts import Z95
from segkit.compare.shares import passes_false_share
from segkit.patterns.paths.facts import TellingPath
from segkit.patterns.paths.grams import GramCounts, Places, unpack

PRIOR_USERS = 20
LEAST_LENGTH, MOST_LENGTH = 3, 5
LEAST_SEEN = 20
MOST_ASKED = 300
MOST_ROWS = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class LogOdds:
    """Differences of log-odds and their standard errors, one entry a way."""

    difference: Floats
    error: Floats


def log_odds(
    n: ArrayLike, total: float, n_others: ArrayLike, total_others: float, *, prior: float
) -> LogOdds:
    """Give how much likelier a user of one side went each way than one of the other.

    Parameters
    ----------
    n, n_others
        Users of either side who went the way.
    total, total_others
        All users of either side, above 0.
    prior
        Users of the prior, spread as both sides together went: it holds back what few did.

    Notes
    -----
    With a = prior · p and b = prior · (1 − p), p the share of both sides together: ln((n + a) /
    (N − n + b)) − the same of the others; the variance is the sum of 1/(n + a) + 1/(N − n + b) over
    both.

    Source: Monroe, Colaresi and Quinn 2008, Political Analysis 16.

    Examples
    --------
    >>> found = log_odds([30], 100, [30], 100, prior=20)
    >>> float(found.difference[0]), round(float(found.error[0]), 3)
    (0.0, 0.282)
    """
    own, other = np.asarray(n, dtype=float), np.asarray(n_others, dtype=float)
    p = (own + other) / (total + total_others)
    a, b = np.maximum(prior * p, 0.01), np.maximum(prior * (1 - p), 0.01)
    yes, no = own + a, total - own + b
    yes_others, no_others = other + a, total_others - other + b
    difference = np.log(yes / no) - np.log(yes_others / no_others)
    variance = 1 / yes + 1 / no + 1 / yes_others + 1 / no_others
    return LogOdds(difference=difference, error=np.sqrt(variance))


def choose_ways(
    counts: Sequence[GramCounts], *, most: int = MOST_ASKED, least_seen: int = LEAST_SEEN
) -> tuple[int, ...]:
    """Give the codes of the most frequent ways of 3 to 5 pages, both sides together.

    What sets the sides apart plays no part in the choice.
    """
    whole = GramCounts.summed(
        np.concatenate([one.codes for one in counts]), np.concatenate([one.n for one in counts])
    )
    found = []
    for length in range(LEAST_LENGTH, MOST_LENGTH + 1):
        runs = whole.cut(length)
        found += [(-int(n), int(code)) for code, n in zip(runs.codes, runs.n, strict=True)]
    return tuple(code for negative, code in sorted(found)[:most] if -negative >= least_seen)


def find_telling(
    ways: Mapping[Places, tuple[int | None, int | None]],
    totals: tuple[int, int],
    names: Sequence[str],
    *,
    beside: Sequence[float] = (),
    most: int = MOST_ROWS,
) -> tuple[TellingPath, ...]:
    """Give the ways that hold as different, surest first: by the end of the interval nearer to 0.

    Parameters
    ----------
    ways
        Users of the two sides who went each way; a way with None, where one is withheld, is left
        out.
    totals
        Users of either side with a path.
    beside
        The p-values of what else is compared: of the same family.

    Notes
    -----
    All ways left are judged together at a false-discovery rate of 5 % (Benjamini and Hochberg
    1995). Of ways that are a part of one another, the surer one stands for both.
    """
    listed = _told(ways)
    if not listed or not all(totals):
        return ()
    found = _odds(listed, totals)
    keeps = passes_false_share([*_p_values(found), *beside])[: len(listed)]
    rows = [
        TellingPath(
            pages=tuple(names[place] for place in places),
            n_users=n,
            n_others=m,
            log_odds=float(d),
            low=float(d - Z95 * e),
            high=float(d + Z95 * e),
        )
        for (places, n, m), d, e, keep in zip(
            listed, found.difference, found.error, keeps, strict=True
        )
        if keep
    ]
    kept: list[TellingPath] = []
    for row in sorted(rows, key=lambda row: (-row.surely, row.pages)):
        if len(kept) < most and not any(_overlap(row.pages, other.pages) for other in kept):
            kept.append(row)
    return tuple(kept)


def telling_p(
    ways: Mapping[Places, tuple[int | None, int | None]], totals: tuple[int, int]
) -> tuple[float, ...]:
    """Give the p-value of every way, as `find_telling` judges; parameters as there."""
    listed = _told(ways)
    return _p_values(_odds(listed, totals)) if listed and all(totals) else ()


def _told(
    ways: Mapping[Places, tuple[int | None, int | None]],
) -> list[tuple[Places, int, int]]:
    return [(places, n, m) for places, (n, m) in ways.items() if n is not None and m is not None]


def _odds(listed: Sequence[tuple[Places, int, int]], totals: tuple[int, int]) -> LogOdds:
    own, others = [n for _, n, _ in listed], [m for *_, m in listed]
    return log_odds(own, totals[0], others, totals[1], prior=PRIOR_USERS)


def _p_values(found: LogOdds) -> tuple[float, ...]:
    return tuple(erfc(abs(float(z)) / sqrt(2)) for z in found.difference / found.error)


def name_ways(codes: Sequence[int]) -> dict[int, Places]:
    """Give the places of each way by its code."""
    return {code: unpack(code) for code in codes}


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one way is a part of the other, or both share all but one page at an end."""
    short, long = sorted((tuple(one), tuple(other)), key=len)
    width = min(len(short), len(long) - 1) if len(short) == len(long) else len(short)
    parts = {long[at : at + width] for at in range(len(long) - width + 1)}
    return any(short[at : at + width] in parts for at in range(len(short) - width + 1))
