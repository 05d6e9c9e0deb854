"""Write a step and the four after it as one number, so that the engine counts ways by counting it.

A digit to the base 64 is a place: 0 stands for nothing (the path is over), place p for p + 1. The
step itself is the lowest digit, so what is counted for five steps holds all that is shorter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segkit.patterns.features import BoolArray, IntArray

BASE = 64
LONGEST = 5
MOST_PLACES = BASE - 2

Places = tuple[int, ...]


def pack(places: Sequence[int]) -> int:
    """Give the number of up to five places in order.

    >>> pack((0, 2)), unpack(pack((0, 2)))
    (193, (0, 2))
    """
    return sum((place + 1) * BASE**at for at, place in enumerate(places))


def unpack(code: int) -> Places:
    """Give the places of a number, until the path is over."""
    places = []
    while code % BASE:
        places.append(code % BASE - 1)
        code //= BASE
    return tuple(places)


def encode(places: IntArray, path: IntArray) -> IntArray:
    """Give the number of every step and the four after it in its own path.

    Parameters
    ----------
    places, path
        One entry a step: its place and the path that it is of; steps of a path stand together, in
        their order.
    """
    codes = np.zeros(len(places), dtype=np.int64)
    for at in range(min(LONGEST, len(places))):
        same = path[at:] == path[: len(path) - at]
        codes[: len(places) - at] += np.where(same, places[at:] + 1, 0) * BASE**at
    return codes


@dataclass(frozen=True, kw_only=True)
class GramCounts:
    """How often each step with what follows it was seen: one entry a distinct number.

    `codes` are distinct numbers of `encode`, `n` their frequencies.
    """

    codes: IntArray
    n: IntArray

    @classmethod
    def of_steps(cls, places: IntArray, path: IntArray) -> "GramCounts":
        """Count steps that are held in memory; parameters as for `encode`."""
        return cls.summed(encode(places, path), np.ones(len(places), dtype=np.int64))

    @classmethod
    def summed(cls, codes: IntArray, n: IntArray) -> "GramCounts":
        """Add up what is counted under equal numbers."""
        found, where = np.unique(codes, return_inverse=True)
        total = np.bincount(where, weights=n, minlength=len(found))
        return cls(codes=found, n=np.rint(total).astype(np.int64))

    def cut(self, length: int) -> "GramCounts":
        """Give the counts of runs of some length, 1 to 5, overlapping ones too."""
        codes = self.codes % BASE**length
        whole = codes >= BASE ** (length - 1)
        return GramCounts.summed(codes[whole], self.n[whole])

    def look_up(self, codes: IntArray) -> IntArray:
        """Give the count of each number, 0 where there is none."""
        if not len(self.codes):
            return np.zeros(len(codes), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[at] == codes, self.n[at], 0)

    def keep(self, which: BoolArray) -> "GramCounts":
        """Give some of the counts."""
        return GramCounts(codes=self.codes[which], n=self.n[which])


def part(codes: IntArray, first: int, last: int) -> IntArray:
    """Give the numbers of the run from place `first` up to but not with `last` of each.

    >>> part(np.array([pack((4, 5, 6))]), 1, 3).tolist() == [pack((5, 6))]
    True
    """
    return np.asarray(codes // BASE**first % BASE ** (last - first), dtype=np.int64)
