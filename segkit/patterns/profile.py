"""Set the patterns side by side, feature by feature: what is high here is low there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from segkit.patterns.features import BoolArray, Features
from segkit.patterns.names import ShownColumn, Term, shown_columns

OF_EACH = 3
MOST_ROWS = 14
Z95 = 1.96
BLOCKS = ("pages", "source", "device", "volume")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One feature of one pattern: mean with 95% interval over its `n_users` users.

    `n_any` of them have any of it. `lift` is mean / mean of all other patterns' users, None where
    that is 0. Units are those of `Term`.
    """

    pattern: str
    n_users: int
    n_any: int
    mean: float
    low: float
    high: float
    lift: float | None


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One feature across the patterns."""

    block: str
    column: str
    cells: tuple[Cell, ...]


def measure_profile(
    features: Features, groups: Mapping[str, BoolArray], terms: Mapping[str, Sequence[Term]]
) -> tuple[Profile, ...]:
    """Measure the features that set patterns apart most, for all of them.

    Parameters
    ----------
    features
        Raw features.
    groups
        By pattern, which users are in it.
    terms
        By pattern, what sets it apart, strongest first: its first three are taken, 14 in all.

    Returns
    -------
    tuple
        By block (pages first), the strongest first within one; empty without terms.
    """
    strength: dict[tuple[str, str], float] = {}
    for listed in terms.values():
        for term in listed[:OF_EACH]:
            key = term.block, term.column
            strength[key] = max(strength.get(key, 0.0), abs(term.difference))
    strongest = sorted(strength, key=lambda key: (-strength[key], key))[:MOST_ROWS]
    columns = {(c.block, c.column): c for c in shown_columns(features)}
    ordered = sorted(strongest, key=lambda key: (BLOCKS.index(key[0]), -strength[key], key))
    everyone = np.zeros(len(features.user_no), dtype=bool)
    for inside in groups.values():
        everyone |= inside
    return tuple(
        Profile(
            block=block,
            column=column,
            cells=tuple(
                _measure(columns[block, column], name, inside, everyone & ~inside)
                for name, inside in groups.items()
            ),
        )
        for block, column in ordered
    )


def _measure(column: ShownColumn, name: str, inside: BoolArray, outside: BoolArray) -> Cell:
    values, n = column.shown[inside], int(inside.sum())
    mean = float(values.mean()) if n else 0.0
    half = Z95 * float(values.std(ddof=1)) / n**0.5 if n > 1 else 0.0
    beyond = float(column.shown[outside].mean()) if outside.any() else 0.0
    return Cell(
        pattern=name,
        n_users=n,
        n_any=int(column.has_any[inside].sum()),
        mean=mean,
        low=max(mean - half, 0.0),
        high=mean + half,
        lift=mean / beyond if beyond > 0 else None,
    )
