"""Withhold cells of moves and steps that tell of few users, or would give them away.

A matrix of moves has its sums in rows and in columns, since as many moves lead to a page as lead
from it: a hidden cell must not be found along either.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from segkit.measures.withhold import find_withheld, is_small
from segkit.patterns.paths.facts import Cells
from segkit.patterns.paths.matrices import StepMatrix, TransitionMatrix

Mask = npt.NDArray[np.bool_]


def find_hidden(
    moves: TransitionMatrix, steps: StepMatrix, min_size: int, *, n_users: int
) -> tuple[Mask, Mask, Mask]:
    """Give which cells of moves, which rows of moves whole, and which cells of steps are withheld.

    Notes
    -----
    Of a side with fewer than `min_size` users in all, everything is withheld. A cell behind which
    some users stand, but fewer than `min_size`, is withheld. A row of moves no cell of which has
    `min_size` users is withheld whole, with its sum. Then further cells join, the smallest first,
    until none can be found by subtraction along a row or a column. The first step is where paths
    begin, the first row of the moves: it is withheld in both alike.
    """
    if is_small(n_users, min_size):
        every, rows = np.ones(moves.n.shape, dtype=bool), np.ones(len(moves.n), dtype=bool)
        return every, rows, np.ones(steps.n.shape, dtype=bool)
    few = (moves.n_users > 0) & (moves.n_users < min_size)
    rows_gone = (moves.n.sum(axis=1) > 0) & (moves.n_users.max(axis=1, initial=0) < min_size)
    hidden = few | (rows_gone[:, None] & (moves.n > 0))
    stood = (steps.n_users > 0) & (steps.n_users < min_size)
    while True:
        before = int(hidden.sum() + stood.sum())
        hidden |= _protect(moves.n, hidden, min_size)
        hidden |= _protect(moves.n.T, hidden.T, min_size).T
        if steps.n.shape[1] > 1:
            stood[:, 1] |= hidden[0]
            stood |= _protect(steps.n[:, 1:].T, stood[:, 1:].T, min_size, first=1).T
            hidden[0] |= stood[:, 1]
        if before == int(hidden.sum() + stood.sum()):
            return hidden, rows_gone, stood


def _protect(n: npt.NDArray[np.int64], hidden: Mask, min_size: int, *, first: int = 0) -> Mask:
    """Give the cells of each line that must be withheld, given those that are."""
    joined = np.zeros((n.shape[0], n.shape[1]), dtype=bool)
    for row in range(n.shape[0]):
        if not n[row].any():
            continue
        counts = [None if gone else int(m) for m, gone in zip(n[row], hidden[row], strict=True)]
        if any(count is None for count in counts):
            joined[row, sorted(find_withheld(counts, int(n[row].sum()), min_size))] = True
    return np.pad(joined, ((first, 0), (0, 0))) if first else joined


def blank(n: npt.NDArray[np.int64], hidden: Mask) -> Cells:
    """Give a matrix as tuples, None where it is withheld."""
    return tuple(
        tuple(None if gone else int(m) for m, gone in zip(row, marks, strict=True))
        for row, marks in zip(n, hidden, strict=True)
    )


def row_sums(n: npt.NDArray[np.int64], gone: Mask) -> tuple[int | None, ...]:
    """Give the sums of the rows, None where a row is withheld whole."""
    return tuple(None if is_gone else int(row.sum()) for row, is_gone in zip(n, gone, strict=True))


def count_hidden(masks: Sequence[Mask]) -> int:
    """Give how many cells are withheld."""
    return sum(int(mask.sum()) for mask in masks)
