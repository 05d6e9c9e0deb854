"""Find the ways that are taken far more often than single moves would make them.

The most frequent ways are the most frequent moves one after another and tell nothing new. A way
is surprising when it is seen more often than its moves, each taken on its own, would give.
"""

from dataclasses import dataclass

import numpy as np

from segkit.patterns.features import FloatArray, IntArray
from segkit.patterns.paths.grams import BASE, LONGEST, GramCounts, Places, part, unpack

LEAST_LENGTH = 3
LEAST_SEEN = 20
LEAST_Z = 4.0
"""Below it a way may be chance: of a site whose users choose each move by the page that they are
on, the best of all ways reached 3.4 in each of 12 simulations."""
BYWAY = 0.25
MOST_ROWS = 20
MOST_EXAMINED = 400


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """A way through `places`: seen `n` times where `expected` were to be expected.

    `z` = (n − expected) / √(expected + 1).
    """

    places: Places
    n: int
    expected: float
    z: float


def expect(counts: GramCounts, codes: IntArray, length: int) -> FloatArray:
    """Give how often runs of one length were to be expected, from their moves alone.

    Notes
    -----
    E(abcd) = N(ab) N(bc) N(cd) / (N(b) N(c)), N counting every occurrence, overlapping ones too.
    """
    ones, twos = counts.cut(1), counts.cut(2)
    expected = np.ones(len(codes))
    for at in range(length - 1):
        expected *= twos.look_up(part(codes, at, at + 2))
    for at in range(1, length - 1):
        expected /= np.maximum(ones.look_up(part(codes, at, at + 1)), 1)
    return expected


def score(n: FloatArray | IntArray, expected: FloatArray) -> FloatArray:
    """Give z = (n − expected) / √(expected + 1)."""
    return np.asarray((n - expected) / np.sqrt(expected + 1), dtype=np.float64)


def rank_runs(
    counts: GramCounts, *, least_seen: int = LEAST_SEEN, least_z: float = LEAST_Z
) -> list[Surprise]:
    """Give the runs of 3 to 5 places by falling z, of those seen often enough and surprising.

    Equal ones go by their places. Nothing is left out for being part of another run.
    """
    found = []
    for length in range(LEAST_LENGTH, LONGEST + 1):
        runs = counts.cut(length)
        runs = runs.keep(runs.n >= least_seen)
        expected = expect(counts, runs.codes, length)
        z = score(runs.n, expected)
        found += [
            Surprise(places=unpack(int(code)), n=int(n), expected=float(e), z=float(value))
            for code, n, e, value in zip(runs.codes, runs.n, expected, z, strict=True)
            if value >= least_z
        ]
    return sorted(found, key=lambda run: (-run.z, run.places))


def find_surprises(
    counts: GramCounts,
    *,
    least_seen: int = LEAST_SEEN,
    least_z: float = LEAST_Z,
    most: int = MOST_ROWS,
) -> list[Surprise]:
    """Give at most `most` surprising ways, each telling something that the ones above do not.

    Parameters
    ----------
    counts
        Of steps without repeats, as a rule.
    least_seen
        The least times that a way was seen.
    least_z
        The least z.

    Returns
    -------
    list
        Surest first: by falling z, but for byways (see below). Empty where no way is surprising.

    Notes
    -----
    Only closed ways: one that is always part of one and the same longer way is left to that. A way
    of more than three steps must also surprise beside its own beginning or end with one move more
    (E' = N(abc) N(cd) / N(c)); it is ranked by that z where it is a byway: fewer than a quarter of
    those who go the shorter way go it. A part of a way above must surprise without that; else it
    is the same finding.
    """
    ranked = rank_runs(counts, least_seen=least_seen, least_z=least_z)[:MOST_EXAMINED]
    judge = _Judge(counts=counts, least_z=least_z)
    strength = {run.places: judge.strength(run) for run in ranked}
    ranked.sort(key=lambda run: (-strength[run.places], run.places))
    kept: list[Surprise] = []
    for run in ranked:
        if len(kept) == most or strength[run.places] < least_z:
            break
        if judge.is_closed(run) and judge.adds_to(run, kept):
            kept.append(run)
    return kept


class _Judge:
    """Says of a run whether it is a finding of its own."""

    def __init__(self, *, counts: GramCounts, least_z: float) -> None:
        self._cuts = {length: counts.cut(length) for length in range(1, LONGEST + 1)}
        self._least_z = least_z

    def _n(self, places: Places) -> int:
        code = sum((place + 1) * BASE**at for at, place in enumerate(places))
        return int(self._cuts[len(places)].look_up(np.array([code]))[0])

    def is_closed(self, run: Surprise) -> bool:
        """Whether no run one longer was seen as often."""
        length = len(run.places)
        if length == LONGEST:
            return True
        longer = self._cuts[length + 1]
        same = longer.n == run.n
        code = sum((place + 1) * BASE**at for at, place in enumerate(run.places))
        codes = longer.codes[same]
        held = (part(codes, 0, length) == code) | (part(codes, 1, length + 1) == code)
        return not bool(held.any())

    def strength(self, run: Surprise) -> float:
        """Give what a run counts for beside the two that are one shorter."""
        places = run.places
        if len(places) == LEAST_LENGTH:
            return run.z
        starts, ends = self._n(places[:-1]), self._n(places[1:])
        ahead = starts * self._n(places[-2:]) / max(self._n(places[-2:-1]), 1)
        behind = ends * self._n(places[:2]) / max(self._n(places[1:2]), 1)
        beside = (run.n - max(ahead, behind)) / (max(ahead, behind) + 1) ** 0.5
        is_byway = run.n < max(starts, ends) * BYWAY
        return beside if is_byway or beside < self._least_z else run.z

    def adds_to(self, run: Surprise, kept: list[Surprise]) -> bool:
        """Whether a run surprises without its occurrences inside the longer ones above."""
        inside = sum(other.n for other in kept if _holds(other.places, run.places))
        left = max(run.n - inside, 0)
        z = (left - run.expected) / (run.expected + 1) ** 0.5
        return bool(z >= self._least_z)


def _holds(places: Places, run: Places) -> bool:
    width = len(run)
    return width < len(places) and any(
        places[at : at + width] == run for at in range(len(places) - width + 1)
    )
