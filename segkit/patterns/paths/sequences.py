"""Hold a sample of paths in memory, step by step, for what no query can count."""

from dataclasses import dataclass, replace

import numpy as np

from segkit.patterns.features import BoolArray, IntArray


@dataclass(frozen=True, kw_only=True)
class Sequences:
    """Paths one after the other.

    `places` and `path` have one entry a step: its place and the path that it is of, numbered from
    0; steps of a path stand together, in their order. `user_no` has one entry a path. Places are
    numbers below `n_places`.
    """

    places: IntArray
    path: IntArray
    user_no: IntArray
    n_places: int

    @property
    def n_paths(self) -> int:
        """How many paths there are."""
        return len(self.user_no)

    @property
    def ends(self) -> IntArray:
        """The position after the last step of every step's path."""
        lengths = np.bincount(self.path, minlength=self.n_paths)
        return np.cumsum(lengths)[self.path]

    @property
    def starts(self) -> IntArray:
        """The position of the first step of every path; every path has one."""
        return np.flatnonzero(np.diff(self.path, prepend=-1))

    def take(self, which: BoolArray) -> "Sequences":
        """Give some of the paths."""
        held = which[self.path]
        renamed = np.cumsum(which) - 1
        return replace(
            self,
            places=self.places[held],
            path=renamed[self.path[held]],
            user_no=self.user_no[which],
        )

    def of_length(self, least: int) -> "Sequences":
        """Give the paths of at least some steps."""
        return self.take(np.bincount(self.path, minlength=self.n_paths) >= least)

    def shuffled(self, seed: int) -> "Sequences":
        """Give the same steps of every path in an order by chance."""
        chance = np.random.default_rng(seed).random(len(self.places))
        return replace(self, places=self.places[np.lexsort((chance, self.path))])


def build_sequences(places: IntArray, user_no: IntArray, visit_no: IntArray) -> Sequences:
    """Give paths from steps in order; a new path begins with another user or visit."""
    opens = np.ones(len(places), dtype=bool)
    opens[1:] = (user_no[1:] != user_no[:-1]) | (visit_no[1:] != visit_no[:-1])
    return Sequences(
        places=np.asarray(places, dtype=np.int64),
        path=np.cumsum(opens) - 1,
        user_no=user_no[opens],
        n_places=int(places.max()) + 1 if len(places) else 0,
    )
