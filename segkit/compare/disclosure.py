"""Withhold small combinations of segments so that sums of them do not give them back.

The size of a segment and the number of users in two of them are sums of exact combinations. Who
knows the sums and most of their parts knows the rest. So after the small ones are hidden, it is
asked of each how large it could be for somebody who sees everything that is shown; more is hidden
until the answer is "large enough" for all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Self

import numpy as np
from numpy.typing import NDArray

from segkit.measures.withhold import is_small

MOST_SOLVED = 120
"""With more hidden combinations than this, bounds are those of single sums, not of all together."""
Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Users by exact combination of `n_sets` sets, and which numbers about them are shown.

    `counts` by bits, 0 being in none; `hidden` are the combinations withheld, `sizes` and `pairs`
    the sets and the two sets whose number of users is shown.
    """

    counts: dict[int, int]
    n_sets: int
    hidden: frozenset[int]
    sizes: frozenset[int]
    pairs: frozenset[Pair]
    is_total_shown: bool = True

    @classmethod
    def of(cls, counts: dict[int, int], n_sets: int) -> Self:
        """Give cells of which everything is shown."""
        return cls(
            counts=counts,
            n_sets=n_sets,
            hidden=frozenset(),
            sizes=frozenset(range(n_sets)),
            pairs=frozenset(combinations(range(n_sets), 2)),
        )

    @property
    def total(self) -> int:
        """All users."""
        return sum(self.counts.values())

    def size(self, i: int) -> int:
        """Users of one set."""
        return sum(n for bits, n in self.counts.items() if bits >> i & 1)

    def both(self, i: int, j: int) -> int:
        """Users in both of two sets."""
        return sum(n for bits, n in self.counts.items() if bits >> i & bits >> j & 1)

    def sums(self) -> Iterator[list[int]]:
        """Give the hidden combinations behind every number that the reader can work out."""
        listed = sorted(self.hidden)
        if self.is_total_shown:
            yield listed
        yield from ([bits for bits in listed if bits >> i & 1] for i in sorted(self.sizes))
        yield from (
            [bits for bits in listed if bits >> i & bits >> j & 1] for i, j in sorted(self.pairs)
        )


def protect(cells: Cells, min_size: int) -> Cells:
    """Give the cells without what would tell of fewer than `min_size` users.

    Notes
    -----
    Hidden at first: combinations of fewer users; sizes of fewer, or that leave fewer of all; pairs
    of fewer, or that leave fewer of one set. A hidden combination is safe when the numbers shown
    allow it to be `min_size` or more, given that they all hold. Where one is not, the pair of its
    sets goes that leaves least room; where it has none, the nearest combination shown joins the
    hidden; then other pairs, at last the sizes go. All that are not safe are helped at once, then
    it is asked again. Where most pairs would go so, combinations that share a pair are hidden
    before pairs instead, and of both ways the one that withholds fewer numbers is taken.
    """
    least = min_size
    sizes = frozenset(i for i in cells.sizes if _is_fine(cells.size(i), cells.total, least))
    small = frozenset(bits for bits, n in cells.counts.items() if is_small(n, least))
    cells = replace(cells, hidden=small, sizes=sizes, pairs=_fine_pairs(cells, sizes, least))
    found = _settle(cells, least, keeps_pairs=False)
    if 2 * len(found.pairs) >= len(cells.pairs):
        return found
    other = _settle(cells, least, keeps_pairs=True)
    return min(other, found, key=lambda c: len(c.hidden) - len(c.pairs) - len(c.sizes))


def _settle(cells: Cells, least: int, *, keeps_pairs: bool) -> Cells:
    """Give the cells with more hidden until each that is small could be large."""
    while exposed := _find_exposed(cells, least):
        for bits in exposed:
            cells = _hide_more(cells, bits, keeps_pairs=keeps_pairs)
    return cells


def _is_fine(n: int, total: int, least: int) -> bool:
    return not is_small(n, least) and not is_small(total - n, least)


def _fine_pairs(cells: Cells, sizes: frozenset[int], least: int) -> frozenset[Pair]:
    def is_fine(i: int, j: int) -> bool:
        n, m, both = cells.size(i), cells.size(j), cells.both(i, j)
        parts = (both, n - both, m - both, cells.total - n - m + both)
        return {i, j} <= sizes and not any(is_small(part, least) for part in parts)

    return frozenset(pair for pair in cells.pairs if is_fine(*pair))


def _hide_more(cells: Cells, exposed: int, *, keeps_pairs: bool) -> Cells:
    """Give the cells with one more thing hidden that helps the combination exposed."""

    def room(pair: Pair) -> tuple[int, Pair]:
        mask = 1 << pair[0] | 1 << pair[1]
        return sum(cells.counts[b] for b in cells.hidden if b & mask == mask), pair

    own = [(i, j) for i, j in cells.pairs if exposed >> i & 1 and exposed >> j & 1]
    shown = [bits for bits, n in cells.counts.items() if n and bits not in cells.hidden]
    alike = [bits for bits in shown if (bits & exposed).bit_count() > 1]
    if own and keeps_pairs and alike:
        near = min(alike, key=lambda b: (-(b & exposed).bit_count(), cells.counts[b], b))
        return replace(cells, hidden=cells.hidden | {near})
    if own:
        return replace(cells, pairs=cells.pairs - {min(own, key=room)})
    if shown:
        # Combinations that differ in the fewest sets share the most sums.
        nearest = min(shown, key=lambda b: ((b ^ exposed).bit_count(), cells.counts[b], b))
        return replace(cells, hidden=cells.hidden | {nearest})
    if cells.pairs:
        return replace(cells, pairs=frozenset())
    if cells.sizes:
        return replace(cells, sizes=cells.sizes - {max(cells.sizes)})
    return replace(cells, is_total_shown=False)


def _find_exposed(cells: Cells, least: int) -> list[int]:
    """Give the hidden small combinations that could not be large."""
    small = [bits for bits in sorted(cells.hidden) if is_small(cells.counts[bits], least)]
    sums = [summed for summed in cells.sums() if summed]
    tight: set[int] = set()
    for summed in sums:
        if sum(cells.counts[bits] for bits in summed) - len(summed) + 1 < least:
            tight |= set(summed).intersection(small)
    if tight or len(cells.hidden) > MOST_SOLVED:
        return sorted(tight)
    return _solve(cells, small, sums, least)


def _solve(cells: Cells, small: list[int], sums: list[list[int]], least: int) -> list[int]:
    from scipy.optimize import linprog  # noqa: PLC0415  slow to import

    if not sums:
        return []
    listed = sorted(cells.hidden)
    place = {bits: at for at, bits in enumerate(listed)}
    rows = np.zeros((len(sums), len(listed)))
    for row, summed in zip(rows, sums, strict=True):
        row[[place[bits] for bits in summed]] = 1
    held: NDArray[np.float64] = rows @ np.array([cells.counts[bits] for bits in listed], float)
    exposed = []
    for bits in small:
        goal = np.zeros(len(listed))
        goal[place[bits]] = -1
        # A zero that is hidden for the sake of others may still be one for the reader.
        found = linprog(goal, A_eq=rows, b_eq=held, bounds=(0, None))
        if found.success and -found.fun < least - 0.5:
            exposed.append(bits)
    return exposed
