"""Find pages that follow one another with a few others between, more often than order by chance.

Runs of pages one right after the other miss "looks at help, then, a page or two later, buys". Here
up to two steps may lie between; what is found is set against the same paths with their steps
shuffled, so that pages which are merely frequent tell nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from segkit.patterns.features import IntArray
from segkit.patterns.paths.grams import Places
from segkit.patterns.paths.sequences import Sequences

MOST_GAP = 2
LONGEST = 4
LEAST_SHARE = 0.01
MOST_FOUND = 1_000
MOST_COMPARED = 150
N_SHUFFLES = 2
MOST_ROWS = 20
LEAST_Z = 4.0


@dataclass(frozen=True, kw_only=True)
class Gapped:
    """Places in this order, at most `MOST_GAP` other steps between one and the next.

    `n_paths` of the paths looked at hold it, of `n_users` users; `expected` is how many would with
    their steps shuffled, `z` = (n_paths − expected) / √(expected + 1).
    """

    places: Places
    n_paths: int
    n_users: int
    expected: float = 0.0
    z: float = 0.0


def find_gapped(
    paths: Sequences,
    *,
    min_users: int,
    most_gap: int = MOST_GAP,
    longest: int = LONGEST,
    seed: int = 0,
    most: int = MOST_ROWS,
) -> list[Gapped]:
    """Give at most `most` closed subsequences of 2 or more places, surest first.

    Parameters
    ----------
    paths
        The paths, or a sample of them; repeats collapsed.
    min_users
        The least users behind a subsequence.
    most_gap
        The most steps between one place and the next.
    longest
        The most places.
    seed
        Of the shuffling.

    Notes
    -----
    Closed: no longer subsequence among those found is held by as many paths. The search goes from
    the most frequent down and ends after 1,000 subsequences, so that its cost is bounded; only
    those in at least 1 % of the paths are looked at, and only the 150 most frequent closed ones are
    compared. Two shuffles are averaged. Of two that are nested the surer stands for both.
    """
    least = max(min_users, round(LEAST_SHARE * paths.n_paths))
    found = _mine(paths, least=least, min_users=min_users, most_gap=most_gap, longest=longest)
    closed = [one for one in found if not _is_covered(one, found)][:MOST_COMPARED]
    shuffled = [paths.shuffled(seed * N_SHUFFLES + at) for at in range(N_SHUFFLES)]
    scored = []
    for one in closed:
        counts = [count_holders(other, one.places, most_gap=most_gap) for other in shuffled]
        expected = sum(counts) / len(counts)
        z = (one.n_paths - expected) / (expected + 1) ** 0.5
        if z >= LEAST_Z:
            scored.append(
                Gapped(
                    places=one.places,
                    n_paths=one.n_paths,
                    n_users=one.n_users,
                    expected=expected,
                    z=z,
                )
            )
    kept: list[Gapped] = []
    for one in sorted(scored, key=lambda one: (-one.z, one.places)):
        if len(kept) < most and not any(_are_nested(one.places, k.places) for k in kept):
            kept.append(one)
    return kept


def count_holders(paths: Sequences, places: Places, *, most_gap: int = MOST_GAP) -> int:
    """Give how many paths hold some places in order, at most `most_gap` steps between."""
    at = np.flatnonzero(paths.places == places[0])
    ends = paths.ends
    for place in places[1:]:
        at = _follow(ends, at, most_gap)
        at = at[paths.places[at] == place]
    return len(np.unique(paths.path[at]))


def _follow(ends: IntArray, at: IntArray, most_gap: int) -> IntArray:
    """Give every position within reach after some positions, each once."""
    reach = at[:, None] + np.arange(1, most_gap + 2)
    return np.unique(reach[reach < ends[at][:, None]])


def _mine(
    paths: Sequences, *, least: int, min_users: int, most_gap: int, longest: int
) -> list[Gapped]:
    """Give the frequent subsequences, by falling number of paths; all occurrences are followed."""
    ends = paths.ends
    heap: list[tuple[int, Places, int]] = []
    held: dict[Places, IntArray] = {}

    def offer(places: Places, at: IntArray) -> None:
        holders = np.unique(paths.path[at])
        n_users = len(np.unique(paths.user_no[holders]))
        if len(holders) >= least and n_users >= min_users:
            held[places] = at
            heappush(heap, (-len(holders), places, n_users))

    for place in range(paths.n_places):
        offer((place,), np.flatnonzero(paths.places == place))
    found: list[Gapped] = []
    while heap and len(found) < MOST_FOUND:
        negative, places, n_users = heappop(heap)
        if len(places) > 1:
            found.append(Gapped(places=places, n_paths=-negative, n_users=n_users))
        at = held.pop(places)
        if len(places) < longest:
            after = _follow(ends, at, most_gap)
            seen = paths.places[after]
            for place in range(paths.n_places):
                offer((*places, place), after[seen == place])
    return found


def _is_covered(one: Gapped, others: Iterable[Gapped]) -> bool:
    """Whether a longer subsequence is held by as many paths."""
    return any(
        other.n_paths == one.n_paths
        and len(other.places) > len(one.places)
        and _is_inside(one.places, other.places)
        for other in others
    )


def _are_nested(one: Places, other: Places) -> bool:
    short, long = sorted((one, other), key=len)
    return _is_inside(short, long)


def _is_inside(short: Places, long: Places) -> bool:
    rest = iter(long)
    return all(place in rest for place in short)
