"""Say where users go next, and where they are after some steps.

The transition matrix counts every move once; the step matrix says what share of paths stands on a
page at each step. Both know the beginning and the end of a path as places of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import numpy as np
from ibis.expr.types import IntegerColumn

from segkit.patterns.features import FloatArray, IntArray
from segkit.patterns.page_groups import OTHER
from segkit.patterns.paths.steps import Walks

START, END = "path_start", "path_end"
MOST_STEPS = 8
MOST_NAMES = 12


@dataclass(frozen=True, kw_only=True)
class TransitionMatrix:
    """Moves of one side: `n[i, j]` from place i to place j, made by `n_users[i, j]` users.

    `names` begin with `path_start` and end with `path_end`; every path has one move from the start,
    and one to the end unless it was cut.
    """

    names: tuple[str, ...]
    n: IntArray
    n_users: IntArray
    n_paths: int

    @property
    def share_of_total(self) -> FloatArray:
        """Moves / all moves."""
        return self.n / max(int(self.n.sum()), 1)

    @property
    def avg_per_path(self) -> FloatArray:
        """Moves / paths."""
        return self.n / max(self.n_paths, 1)

    @property
    def proba_out(self) -> FloatArray:
        """Moves / moves from the same place; 0 where nobody moved from it."""
        return np.asarray(self.n / np.maximum(self.n.sum(axis=1, keepdims=True), 1))

    @property
    def proba_in(self) -> FloatArray:
        """Moves / moves to the same place; 0 where nobody moved to it."""
        return np.asarray(self.n / np.maximum(self.n.sum(axis=0, keepdims=True), 1))


@dataclass(frozen=True, kw_only=True)
class StepMatrix:
    """Where paths of one side stand: `n[i, k]` of `n_paths` on place i at step k.

    `n_users[i, k]` are the users behind them. Step 0 is `path_start`; a path that is over stays at
    `path_end`, so that every column sums to `n_paths`.
    """

    names: tuple[str, ...]
    n: IntArray
    n_users: IntArray
    n_paths: int

    @property
    def shares(self) -> FloatArray:
        """Paths / all paths of the side."""
        return self.n / max(self.n_paths, 1)


def fold_names(
    names: Sequence[str], n: IntArray, n_all: IntArray | None = None, *, most: int = MOST_NAMES
) -> tuple[str, ...]:
    """Give the names that get a row of their own: the `most` busiest, then `other` where needed.

    `n` are steps by place, by which the busiest are chosen; `n_all` those of all sides: `other` is
    there where any side has a step without a row.
    """
    ranked = sorted(
        (place for place, name in enumerate(names) if name != OTHER and n[place]),
        key=lambda place: (-int(n[place]), names[place]),
    )[:most]
    beside = np.ones(len(names), dtype=bool)
    beside[ranked] = False
    kept = tuple(names[place] for place in ranked)
    return (*kept, OTHER) if (n if n_all is None else n_all)[beside].any() else kept


def count_transitions(
    walks: Walks, n_paths: Sequence[int], names: Sequence[str] | None = None
) -> list[TransitionMatrix]:
    """Count the moves of every side.

    Parameters
    ----------
    walks
        The paths.
    n_paths
        Paths of every side.
    names
        The places that get a row; any other is `other`, which must then be among them. By default
        all.
    """
    listed = walks.names if names is None else tuple(names)
    size = len(listed) + 2
    here, there = (_row_of(walks, listed, digit) for digit in (walks.place, walks.next_place))
    moved = walks.table.select("side", "user_no", begun=here, ended=there)
    first = walks.table.filter(walks.table.step == 0)
    begun = Walks(engine=walks.engine, table=first, names=walks.names, n_sides=walks.n_sides)
    into = first.select(
        "side", "user_no", begun=ibis.literal(0, "int32"), ended=_row_of(begun, listed, begun.place)
    )
    found = _count(walks, ibis.union(moved, into))
    return [
        TransitionMatrix(
            names=(START, *listed, END),
            n=_lay(found, "n", side, size),
            n_users=_lay(found, "n_users", side, size),
            n_paths=n_paths[side],
        )
        for side in range(walks.n_sides)
    ]


def _row_of(walks: Walks, listed: Sequence[str], digit: IntegerColumn) -> IntegerColumn:
    """Give the row of a place + 1; what has no row is `other`, nothing is the end."""
    end, other = len(listed) + 1, listed.index(OTHER) + 1 if OTHER in listed else 0
    rows = {name: at for at, name in enumerate(listed, start=1)}
    ways = [(at, rows.get(name, other)) for at, name in enumerate(walks.names, start=1)]
    return digit.cases(*ways, else_=end).cast("int32")


def _count(walks: Walks, moves: ibis.Table) -> dict[str, IntArray]:
    """Count moves by way and side, users first, so that distinct ones cost no memory."""
    by_user = moves.group_by("side", "begun", "ended", "user_no").agg(n=moves.count())
    counted = by_user.group_by("side", "begun", "ended").agg(
        n=by_user.n.sum(), n_users=by_user.count()
    )
    return {k: np.asarray(v, dtype=np.int64) for k, v in walks.engine.columns(counted).items()}


def _lay(found: dict[str, IntArray], what: str, side: int, size: int, width: int = 0) -> IntArray:
    laid = np.zeros((size, width or size), dtype=np.int64)
    own = found["side"] == side
    laid[found["begun"][own], found["ended"][own]] = found[what][own]
    return laid


def count_steps(
    walks: Walks,
    n_paths: Sequence[int],
    names: Sequence[str] | None = None,
    *,
    most_steps: int = MOST_STEPS,
) -> list[StepMatrix]:
    """Count where paths of every side stand at steps 0 to `most_steps`; parameters as above."""
    listed = walks.names if names is None else tuple(names)
    row = _row_of(walks, listed, walks.place)
    stood = walks.table.select("side", "user_no", begun=row, ended=walks.table.step + 1)
    over = walks.table.filter(walks.next_place == 0)
    ended = [
        over.filter(over.step + 2 <= k).select(
            "side",
            "user_no",
            begun=ibis.literal(len(listed) + 1, "int32"),
            ended=ibis.literal(k, "int32"),
        )
        for k in range(2, most_steps + 1)
    ]
    stood = stood.filter(stood.ended <= most_steps)
    found = _count(walks, ibis.union(stood.cast({"ended": "int32"}), *ended) if ended else stood)
    matrices = []
    for side in range(walks.n_sides):
        n, n_users = (
            _lay(found, what, side, len(listed) + 2, most_steps + 1) for what in ("n", "n_users")
        )
        n[0, 0] = n_paths[side]
        matrices.append(
            StepMatrix(names=(START, *listed, END), n=n, n_users=n_users, n_paths=n_paths[side])
        )
    return matrices
