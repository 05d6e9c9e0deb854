"""Group buyers with the same history: a model cannot tell them apart.

A model of repeat buying knows of a buyer three numbers only. Two million buyers share a thousand
or so triples; weighted by their number, these say the same in a thousandth of the time.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from segkit.measures.value.summary import Buyers, FloatArray, IntArray

LEAST_REPEAT = 100
"""The fewest buyers with a repeat from whom parameters are estimated; a rule of our own."""
LARGEST = 1e4
"""A parameter beyond this, or below its inverse, ran away: the data do not settle it."""
COARSE = 30
"""How many ages are told apart where a search only needs a place to begin."""


@dataclass(frozen=True, kw_only=True)
class Histories:
    """Grain: one entry a history, weighted by the `n` buyers who have it.

    `x` repeat periods, `t_x` age at the last one, `age` at the end of observation; ages in one
    unit. `inverse` is each buyer's history, so `values[inverse]` gives one value a buyer.
    """

    x: FloatArray
    t_x: FloatArray
    age: FloatArray
    n: FloatArray
    inverse: IntArray

    @property
    def n_buyers(self) -> int:
        """All buyers."""
        return int(self.n.sum())

    @property
    def n_repeat(self) -> int:
        """Buyers with a repeat period."""
        return int(self.n[self.x > 0].sum())

    @cached_property
    def frequencies(self) -> tuple[FloatArray, IntArray]:
        """The different `x`, and the place of each history's among them."""
        different, place = np.unique(self.x, return_inverse=True)
        return different, np.asarray(place, np.int64)

    def coarsened(self) -> "Histories":
        """Give fewer histories of the same buyers: ages rounded to a thirtieth of the longest.

        Good enough to find where a likelihood is large, not to report it; `inverse` is empty.
        """
        step = float(self.age.max(initial=0.0)) / COARSE
        if not step:
            return self
        key = np.stack([self.x, np.round(self.t_x / step), np.round(self.age / step)], axis=1)
        rows, place = np.unique(key, axis=0, return_inverse=True)
        return Histories(
            x=rows[:, 0],
            t_x=rows[:, 1] * step,
            age=rows[:, 2] * step,
            n=np.bincount(np.ravel(place), weights=self.n).astype(np.float64),
            inverse=np.zeros(0, np.int64),
        )


@dataclass(frozen=True, kw_only=True)
class NoModel:
    """Why there is no model.

    `too few`: fewer than `least` buyers came again. `no optimum`: the data do not settle the
    parameters, as when nobody ever stops. `no mean`: amounts spread so widely that their mean does
    not exist.
    """

    reason: Literal["too few", "no optimum", "no mean"]
    n_buyers: int
    n_repeat: int
    least: int


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """Grain: one entry a buyer; what `Buyers` says of their repeats, and nothing else."""

    frequency: IntArray
    age_at_last: IntArray
    age: IntArray


def group_histories(buyers: Buyers | Repeats, *, per_unit: float = 1.0) -> Histories:
    """Give the different histories of some buyers, sorted by (x, t_x, age).

    `per_unit` is how many of the buyers' periods make one unit of the ages: 7 gives weeks from
    days.
    """
    columns = (buyers.frequency, buyers.age_at_last, buyers.age)
    spans = [int(c.max(initial=0)) + 1 for c in columns]
    key = (columns[0] * spans[1] + columns[1]) * spans[2] + columns[2]
    different, inverse, n = np.unique(key, return_inverse=True, return_counts=True)
    rest, age = np.divmod(different, spans[2])
    x, t_x = np.divmod(rest, spans[1])
    return Histories(
        x=x.astype(np.float64),
        t_x=t_x / per_unit,
        age=age / per_unit,
        n=n.astype(np.float64),
        inverse=np.asarray(inverse, np.int64),
    )
