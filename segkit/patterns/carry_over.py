"""Say which of the patterns found anew are the old ones, so that names do not jump between groups.

Two fits number their groups at will. Users scored by both models say which of the new patterns
holds the people of which old one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from segkit.patterns.agreement import contingency
from segkit.patterns.eligible import Labels
from segkit.patterns.features import FloatArray

KEPT = 0.50
"""From this Jaccard index of the users on, a new pattern is the old one."""
CHANGED = 0.30
"""From this one on it is the old one, changed."""
LEAST_PART = 0.25
"""The least share of a pattern that counts as a part of it in a split or a merger."""

Status = Literal["kept", "changed", "new"]


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One new pattern and the old one that it carries on.

    `jaccard` is users in both / users in either, of those scored by both models; that of the best
    old partner also where the pattern is `new`, and `previous` is then None. `n_users` and
    `n_previous` are the users of the new and of the old pattern.
    """

    pattern: str
    previous: str | None
    status: Status
    jaccard: float
    n_users: int
    n_previous: int | None


@dataclass(frozen=True, kw_only=True)
class Split:
    """An old pattern of which several new ones hold at least a quarter of the users each."""

    previous: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Merger:
    """A new pattern to which several old ones gave at least a quarter of the users each."""

    pattern: str
    previous: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Users with one label before and one now; labels that are no pattern among them."""

    previous: str
    label: str
    n_users: int


@dataclass(frozen=True, kw_only=True)
class CarryOver:
    """What became of the old patterns, in the order of the new ones.

    `gone` are old patterns that no new one carries on. `migration` holds every pair of labels that
    a user has, and adds up to the users scored by both. `n_in_both` users are in a pattern before
    and now, `n_same` of them in the same one.
    """

    patterns: tuple[Carried, ...]
    gone: tuple[str, ...]
    splits: tuple[Split, ...]
    mergers: tuple[Merger, ...]
    migration: tuple[Flow, ...]
    n_in_both: int
    n_same: int

    @property
    def same_share(self) -> float | None:
        """`n_same` / `n_in_both`; None without users."""
        return self.n_same / self.n_in_both if self.n_in_both else None

    def ids(self, old: Sequence[str]) -> dict[str, str]:
        """Give the new patterns ids: carried ones the old id, the others one that none ever had.

        So what names a pattern by its id goes on meaning it.

        Parameters
        ----------
        old
            All ids of the old patterns, those that are gone too.
        """
        ids = {p.pattern: p.previous for p in self.patterns if p.previous is not None}
        taken, number = {*old}, 1
        for pattern in (p.pattern for p in self.patterns if p.previous is None):
            while f"p{number}" in taken:
                number += 1
            ids[pattern] = f"p{number}"
            taken.add(ids[pattern])
        return ids

    def names(self, before: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
        """Name the new patterns: carried ones as before, the others as found, no name twice.

        Parameters
        ----------
        before
            Names of the old patterns by id.
        found
            Names that the new ones would have of themselves, by id.
        """
        carried = {p.pattern: before[p.previous] for p in self.patterns if p.previous is not None}
        taken = set(carried.values())
        names = {}
        for pattern in (p.pattern for p in self.patterns):
            name = carried.get(pattern) or _untaken(found[pattern], taken)
            taken.add(name)
            names[pattern] = name
        return names


def carry_over(before: Labels, now: Labels, *, old: Sequence[str], new: Sequence[str]) -> CarryOver:
    """Match new patterns with old ones by the users that they share.

    Parameters
    ----------
    before, now
        Labels of the same users, in the same order, by the old and by the new model.
    old, new
        Ids of the old and of the new patterns; other labels (`one visit`, `mixed`) are no patterns.

    Notes
    -----
    One old pattern at most for each new one, so that the sum of the Jaccard indices is largest.
    At least 0.50 keeps the old name, 0.30 to 0.50 keeps it as "changed", below is new.

    Source: Kuhn 1955 (assignment); Hennig 2007 (Jaccard index of clusters); Spiliopoulou et al.
    2006 (splits and mergers by the share of members).
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415  only patterns need it

    table = _count(before, now, old, new)
    n_old, n_new = len(old), len(new)
    sizes_old, sizes_new = table[:n_old].sum(axis=1), table[:, :n_new].sum(axis=0)
    both = table[:n_old, :n_new]
    jaccard = both / np.maximum(sizes_old[:, None] + sizes_new - both, 1)
    rows, columns = linear_sum_assignment(jaccard, maximize=True)
    partner = dict(zip(columns.tolist(), rows.tolist(), strict=True))
    carried = []
    for j, pattern in enumerate(new):
        i = partner.get(j)
        is_same = i is not None and jaccard[i, j] >= CHANGED
        overlap = float(jaccard[i, j]) if is_same else float(jaccard[:, j].max(initial=0))
        carried.append(
            Carried(
                pattern=pattern,
                previous=old[i] if i is not None and is_same else None,
                status="new" if not is_same else "kept" if overlap >= KEPT else "changed",
                jaccard=overlap,
                n_users=int(sizes_new[j]),
                n_previous=int(sizes_old[i]) if i is not None and is_same else None,
            )
        )
    places = {p.pattern: old.index(p.previous) for p in carried if p.previous is not None}
    return CarryOver(
        patterns=tuple(carried),
        gone=tuple(o for i, o in enumerate(old) if i not in places.values()),
        splits=_find_splits(both / np.maximum(sizes_old, 1)[:, None], old, new),
        mergers=_find_mergers(both / np.maximum(sizes_new, 1), old, new),
        migration=_migrate(before, now),
        n_in_both=int(both.sum()),
        n_same=int(sum(both[i, new.index(pattern)] for pattern, i in places.items())),
    )


def _count(before: Labels, now: Labels, old: Sequence[str], new: Sequence[str]) -> FloatArray:
    """Count users by old pattern (rows) and new (columns); last row and column: in none."""
    shape = len(old) + 1, len(new) + 1
    # One more user in each corner's last cell keeps the table's shape without such users.
    rows = np.append(_place(before, old), len(old))
    columns = np.append(_place(now, new), len(new))
    table = contingency(rows, columns)
    table[shape[0] - 1, shape[1] - 1] -= 1
    return table


def _place(labels: Labels, ids: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    place = np.full(len(labels), len(ids), dtype=np.int64)
    for i, name in enumerate(ids):
        place[labels == name] = i
    return place


def _find_splits(shares: FloatArray, old: Sequence[str], new: Sequence[str]) -> tuple[Split, ...]:
    found = []
    for i, previous in enumerate(old):
        parts = tuple(new[j] for j in np.flatnonzero(shares[i] >= LEAST_PART).tolist())
        if len(parts) > 1:
            found.append(Split(previous=previous, patterns=parts))
    return tuple(found)


def _find_mergers(shares: FloatArray, old: Sequence[str], new: Sequence[str]) -> tuple[Merger, ...]:
    found = []
    for j, pattern in enumerate(new):
        parts = tuple(old[i] for i in np.flatnonzero(shares[:, j] >= LEAST_PART).tolist())
        if len(parts) > 1:
            found.append(Merger(pattern=pattern, previous=parts))
    return tuple(found)


def _migrate(before: Labels, now: Labels) -> tuple[Flow, ...]:
    names_before, rows = np.unique(before, return_inverse=True)
    names_now, columns = np.unique(now, return_inverse=True)
    if not len(before):
        return ()
    table = contingency(rows, columns)
    return tuple(
        Flow(previous=str(names_before[i]), label=str(names_now[j]), n_users=int(table[i, j]))
        for i, j in np.argwhere(table > 0)
    )


def _untaken(name: str, taken: set[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
