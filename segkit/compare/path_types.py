"""Say what sets types of order apart: the moves that paths of a type make more than all others."""

import numpy as np

from segkit.measures.withhold import find_withheld, is_small
from segkit.patterns.features import BoolArray, IntArray
from segkit.patterns.paths.facts import OrderType, TypeMove
from segkit.patterns.paths.order_types import Mixture, assign_types
from segkit.patterns.paths.sequences import Sequences

MOST_MOVES = 4
LEAST_SURPLUS = 0.05


def describe_types(
    mixture: Mixture, paths: Sequences, names: tuple[str, ...], *, min_size: int
) -> tuple[OrderType, ...]:
    """Give the types of some paths, each with its size and the moves it makes more.

    Parameters
    ----------
    mixture, paths
        What was fitted, and the paths it sorts: each to its most probable type.
    names
        The places.
    min_size
        The least users behind a number.

    Notes
    -----
    A type's moves are listed by falling surplus: its share of the moves from a page less the same
    share over all paths, at least 0.05. With one type there is nothing to set apart.
    """
    kind = assign_types(mixture, paths)[0].argmax(axis=1)
    sizes = [int(np.sum(kind == at)) for at in range(mixture.k)]
    users = [len(np.unique(paths.user_no[kind == at])) for at in range(mixture.k)]
    counts = [None if is_small(u, min_size) else n for n, u in zip(sizes, users, strict=True)]
    hidden = find_withheld(counts, paths.n_paths, min_size)
    return tuple(
        OrderType(
            name=f"type {at + 1}",
            n_paths=None if at in hidden else sizes[at],
            n_users=None if at in hidden else users[at],
            moves=()
            if at in hidden or mixture.k == 1
            else _moves(paths, kind == at, names, min_size=min_size),
        )
        for at in range(mixture.k)
    )


def _moves(
    paths: Sequences, inside: BoolArray, names: tuple[str, ...], *, min_size: int
) -> tuple[TypeMove, ...]:
    every, _ = _pairs(paths)
    own, own_user = _pairs(paths.take(inside))
    size = paths.n_places
    n_all, n_own = (np.bincount(p, minlength=size**2).reshape(size, size) for p in (every, own))
    distinct = np.unique(np.column_stack([own, own_user]), axis=0)[:, 0] if len(own) else own
    n_users = np.bincount(distinct, minlength=size**2).reshape(size, size)
    from_all, from_own = n_all.sum(axis=1), n_own.sum(axis=1)
    share_all = n_all / np.maximum(from_all, 1)[:, None]
    surplus = n_own / np.maximum(from_own, 1)[:, None] - share_all
    rows: list[TypeMove] = []
    for place in np.argsort(-surplus, axis=None, kind="stable"):
        begun, ended = divmod(int(place), size)
        n, n_from = int(n_own[begun, ended]), int(from_own[begun])
        if surplus[begun, ended] < LEAST_SURPLUS or len(rows) == MOST_MOVES:
            break
        if n_users[begun, ended] < min_size or is_small(n_from - n, min_size):
            continue
        rows.append(
            TypeMove(
                begun=names[begun],
                ended=names[ended],
                n=n,
                n_from=n_from,
                share_all=float(share_all[begun, ended]),
            )
        )
    return tuple(rows)


def _pairs(paths: Sequences) -> tuple[IntArray, IntArray]:
    """Give every move as one number, and its user."""
    same = paths.path[1:] == paths.path[:-1]
    pair = paths.places[:-1][same] * paths.n_places + paths.places[1:][same]
    return pair, paths.user_no[paths.path[:-1][same]]
