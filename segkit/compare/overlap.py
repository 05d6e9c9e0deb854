"""Count how segments share their users: every exact combination, and every two of them.

Membership is a bit of one integer a user, so that the engine counts all combinations of up to 20
segments in one pass. What is too small is withheld, with as much else as it takes that sizes and
pairs, which are sums of combinations, do not bring it back.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import exp, log, sqrt

import ibis
from ibis import Table

from segkit.compare.disclosure import Cells, protect
from segkit.compare.facts import Intersection, Overlap, OverlapPair, OverlapSegment
from segkit.compare.lifts import Z95
from segkit.errors import ParameterError
from segkit.measures.facts import ratio
from segkit.store.engine import Engine

MOST_SEGMENTS = 20
MOST_LISTED = 40
Named = tuple[str, str]
"""A segment's id and its title."""


def measure_overlap(
    engine: Engine,
    universe: Table,
    members: Mapping[Named, Table],
    *,
    min_size: int,
    most: int = MOST_LISTED,
) -> Overlap:
    """Give how segments overlap among the users of a universe.

    Parameters
    ----------
    universe, members
        Tables of `user_no`, each user once; members outside of the universe are left out.
    min_size
        The smallest group shown.
    most
        The most combinations listed.

    Raises
    ------
    ParameterError
        With fewer than 2 or more than 20 segments.
    """
    if not 2 <= len(members) <= MOST_SEGMENTS:  # noqa: PLR2004  an overlap is of several
        raise ParameterError.build(
            f"An overlap is of 2 to {MOST_SEGMENTS} segments, found {len(members)}.",
            hint="name more or fewer segments.",
        )
    counts = _count(engine, universe, list(members.values()))
    return describe_overlap(counts, list(members), min_size=min_size, most=most)


def _count(engine: Engine, universe: Table, members: Sequence[Table]) -> dict[int, int]:
    """Give the users of the universe by the bits of the segments that they are in."""
    listed = [
        table.select("user_no", bit=ibis.literal(1 << i, "int64"))
        for i, table in enumerate(members)
    ]
    every = ibis.union(*listed)
    inside = every.semi_join(universe, "user_no")
    users = inside.group_by("user_no").agg(bits=inside.bit.sum().cast("int64"))
    counted = users.group_by("bits").agg(n=users.count())
    found = {int(bits): int(n) for bits, n in engine.rows(counted)}
    total = int(engine.scalar(universe.count()))
    return {0: total - sum(found.values()), **found}


def describe_overlap(
    counts: Mapping[int, int], names: Sequence[Named], *, min_size: int, most: int = MOST_LISTED
) -> Overlap:
    """Give the overlap that counts by bits tell of, without what may not be shown.

    Parameters
    ----------
    counts
        Users by combination; bit i stands for the i-th name, 0 for users in none.

    Notes
    -----
    jaccard = both / either; lift = both · universe / (first · second). Its interval is that of its
    logarithm, with variance 1/both − 1/first − 1/second + (2 lift − 1)/universe (the delta method
    over the four cells of two segments).

    Source: Jaccard 1901; Lex and others 2014 (UpSet), IEEE TVCG 20.
    """
    cells = protect(Cells.of(dict(counts), len(names)), min_size)
    shown = [
        Intersection(
            segments=tuple(names[i][0] for i in range(len(names)) if bits >> i & 1),
            n_users=None if bits in cells.hidden else n,
        )
        for bits, n in sorted(
            cells.counts.items(), key=lambda c: (c[0] in cells.hidden, -c[1], c[0])
        )
        if bits and n
    ]
    listed, rest = shown[:most], shown[most:]
    few = any(part.n_users is None for part in rest)
    return Overlap(
        n_universe=cells.total if cells.is_total_shown else None,
        n_none=None if 0 in cells.hidden else cells.counts.get(0, 0),
        segments=tuple(
            OverlapSegment(
                segment=name, title=title, n_users=cells.size(i) if i in cells.sizes else None
            )
            for i, (name, title) in enumerate(names)
        ),
        intersections=tuple(listed),
        pairs=tuple(_pair(cells, names, i, j) for i, j in combinations(range(len(names)), 2)),
        n_more=len(rest),
        n_users_more=None if few else sum(part.n_users or 0 for part in rest),
    )


def _pair(cells: Cells, names: Sequence[Named], i: int, j: int) -> OverlapPair:
    first, second = names[i][0], names[j][0]
    if (i, j) not in cells.pairs or not {i, j} <= cells.sizes:
        return OverlapPair(
            first=first, second=second, n_both=None, n_either=None, jaccard=None,
            first_in_second=None, second_in_first=None, lift=None, lift_low=None, lift_high=None,
        )  # fmt: skip
    n, m, both = cells.size(i), cells.size(j), cells.both(i, j)
    lift, low, high = _lift(both, n, m, cells.total) if cells.is_total_shown else (None,) * 3
    return OverlapPair(
        first=first,
        second=second,
        n_both=both,
        n_either=n + m - both,
        jaccard=ratio(both, n + m - both),
        first_in_second=ratio(both, n),
        second_in_first=ratio(both, m),
        lift=lift,
        lift_low=low,
        lift_high=high,
    )


def _lift(both: int, n: int, m: int, total: int) -> tuple[float | None, float | None, float | None]:
    """Give the lift over independence with its interval; without users in both only the lift."""
    lift = ratio(both * total, n * m)
    if not lift:
        return lift, None, None
    variance = 1 / both - 1 / n - 1 / m + (2 * lift - 1) / total
    half = Z95 * sqrt(max(variance, 0.0))
    return lift, exp(log(lift) - half), exp(log(lift) + half)
