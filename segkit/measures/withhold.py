"""Blank every number that tells about too few people, or that would let such a one be found.

A count of users or visits from 1 to `min_size` − 1 is withheld; 0 is shown, since it tells of
nobody. Where counts sum to a total that is shown, one withheld count could be found by
subtraction: then the next smallest goes too, until at least two are withheld which together stand
for `min_size` or more. A count so near to its total that the rest would be too small is withheld
like the rest itself. What follows from a withheld count (share, lift, volume) is withheld with
it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from segkit.measures.facts import (
    NEVER,
    UNKNOWN,
    Breakdown,
    BreakdownRow,
    FunnelStep,
    Measure,
    Overview,
    RetentionCell,
    TrendRow,
)

VAGUE = frozenset({UNKNOWN, NEVER})
"""Levels whose users are the same in many breakdowns, so that one of them tells of the others."""


def is_small(n: int | None, min_size: int) -> bool:
    """Say whether a count stands for some people, but too few.

    >>> is_small(0, 10), is_small(9, 10), is_small(10, 10), is_small(None, 10)
    (False, True, False, False)
    """
    return n is not None and 0 < n < min_size


def keep_part(n: int | None, total: int | None, min_size: int) -> int | None:
    """Give a part of a shown total; None when it or what is left of the total is too small.

    >>> keep_part(40, 50, 10), keep_part(45, 50, 10), keep_part(50, 50, 10)
    (40, None, 50)
    """
    if n is None or total is None or is_small(n, min_size) or is_small(total - n, min_size):
        return None
    return n


def find_withheld(
    counts: Sequence[int | None],
    total: int,
    min_size: int,
    *,
    n_more: int = 0,
    last: Collection[int] = (),
) -> frozenset[int]:
    """Give the places of a partition's counts that must be withheld.

    Parameters
    ----------
    counts
        The counts listed, None for one that is withheld already. They and `n_more` further ones,
        which are not listed, sum to `total`.
    total
        A number that the reader sees.
    min_size
        The smallest count that may be shown, zero apart.
    last
        Places that join the withheld ones only when no other is left: what stands there can often
        be read elsewhere too, as the number of users of whom nothing is known.

    Notes
    -----
    The rest, total − sum of counts, is known to the reader by subtraction, so it counts as
    withheld as soon as anything else is. Withheld counts are safe when there are at least two,
    which sum to `min_size` or more and to more than their number (else each were 1). While they
    are not, the smallest shown count above zero joins them; where none is left, zeros go too.

    Examples
    --------
    >>> sorted(find_withheld([50, 30, 3], 83, 10))
    [1, 2]
    >>> sorted(find_withheld([50, 30, 8, 7], 95, 10))
    [2, 3]
    """
    known = {i: n for i, n in enumerate(counts) if n is not None}
    gone = frozenset(range(len(counts))) - known.keys()
    rest = _Rest(n=total - sum(known.values()), n_more=n_more, n_gone=len(gone))
    hidden = {i for i, n in known.items() if is_small(n, min_size)}
    shown = sorted((i in last, n, -i) for i, n in known.items() if n > 0 and i not in hidden)
    while not rest.is_safe([known[i] for i in hidden], min_size):
        if not shown:
            return frozenset(range(len(counts)))
        hidden.add(-shown.pop(0)[2])
    return gone | hidden


@dataclass(frozen=True, kw_only=True)
class _Rest:
    """What the counts known sum short of their total: `n`, of values not listed or withheld."""

    n: int
    n_more: int
    n_gone: int

    def is_safe(self, hidden: Sequence[int], min_size: int) -> bool:
        """Say whether counts that are withheld beside it cannot be found."""
        if not hidden and not self.n_gone:
            return not is_small(self.n, min_size)
        cells = len(hidden) + (max(self.n_more + self.n_gone, 1) if self.n else 0)
        summed = sum(hidden) + self.n
        return cells >= 2 and summed >= min_size and summed > cells  # noqa: PLR2004  one is found


def withhold_breakdown(breakdown: Breakdown, min_size: int) -> Breakdown:
    """Give the breakdown without what is too small, each side on its own.

    A side whose denominator is None or too small keeps no count at all. In a partition, withheld
    counts are protected by further ones; otherwise a count is withheld when it or its complement
    is too small.
    """
    own = _hidden(breakdown, [r.n for r in breakdown.rows], breakdown.denominator, min_size)
    other = _hidden(
        breakdown,
        [r.n_baseline for r in breakdown.rows],
        breakdown.baseline_denominator,
        min_size,
    )
    rows = [_blank(r, own=i in own, other=i in other) for i, r in enumerate(breakdown.rows)]
    return replace(
        breakdown,
        rows=tuple(rows if breakdown.is_ordered else sorted(rows, key=_place)),
        denominator=_keep(breakdown.denominator, min_size),
        baseline_denominator=_keep(breakdown.baseline_denominator, min_size),
    )


def _hidden(
    breakdown: Breakdown, counts: Sequence[int | None], total: int | None, min_size: int
) -> frozenset[int]:
    if total is None or is_small(total, min_size):
        return frozenset(range(len(counts)))
    if breakdown.is_partition:
        vague = {i for i, row in enumerate(breakdown.rows) if row.value in VAGUE}
        return find_withheld(counts, total, min_size, n_more=breakdown.n_more, last=vague)
    return frozenset(i for i, n in enumerate(counts) if keep_part(n, total, min_size) is None)


def _place(row: BreakdownRow) -> tuple[bool, int, str]:
    """Sort withheld rows to the end by name, so that their place tells nothing."""
    return row.n is None, -(row.n or 0), row.value


def _keep(n: int | None, min_size: int) -> int | None:
    return None if is_small(n, min_size) else n


def _blank(row: BreakdownRow, *, own: bool, other: bool) -> BreakdownRow:
    if own:
        row = replace(row, n=None, share=None, volume=None)
    if other:
        row = replace(row, n_baseline=None, baseline_share=None)
    return replace(row, lift=None, lift_low=None, lift_high=None) if own or other else row


def withhold_retention(
    cells: Iterable[RetentionCell],
    min_size: int,
    *,
    total_hidden: bool = False,
    n_new: int | None = None,
    gone: Collection[date] = (),
) -> tuple[RetentionCell, ...]:
    """Give the retention triangle without cohorts and cells that are too small.

    Cohorts can be part of the `n_new` users who are new in the window (by default they sum to
    them), so a withheld cohort is protected by a second one. Where members have left since, the
    cohorts may hold more users than that, and are protected as if they summed to what they hold;
    few who left are protected by two cohorts. With `total_hidden` the number of the new is itself
    withheld, and at least two cohorts are, so that it cannot be added up. `gone` are cohorts whose
    size is withheld elsewhere.
    """
    listed = list(cells)
    sizes = {c.cohort: c.n_eligible or 0 for c in listed}
    cohorts = sorted(sizes)
    total = max(sum(sizes.values()), n_new or 0)
    others = int(total > sum(sizes.values()))
    known = [None if d in gone else sizes[d] for d in cohorts]
    counts = [sizes[d] for d in cohorts]
    hidden = find_withheld(known, total, min_size, n_more=others)
    left = 0 if n_new is None else sum(sizes.values()) - n_new
    if (total_hidden or is_small(left, min_size)) and not hidden:
        some = (i for i, n in enumerate(counts) if n)
        hidden = frozenset(sorted(some, key=lambda i: (counts[i], i))[:2])
    blank = {cohorts[i] for i in hidden}
    return tuple(_retained(c, min_size, gone=c.cohort in blank) for c in listed)


def _retained(cell: RetentionCell, min_size: int, *, gone: bool) -> RetentionCell:
    if gone:
        return replace(cell, n_eligible=None, n_retained=None)
    return replace(cell, n_retained=keep_part(cell.n_retained, cell.n_eligible, min_size))


def withhold_funnel(
    steps: Sequence[FunnelStep], min_size: int, *, totals: tuple[int | None, int | None]
) -> tuple[FunnelStep, ...]:
    """Give the funnel without counts too small, or too near to the shown one before them.

    `totals` are the users of segment and baseline, from whom the first step takes its part.
    """
    own = _chain([s.n_users for s in steps], totals[0], min_size)
    other = _chain([s.n_baseline for s in steps], totals[1], min_size)
    return tuple(
        replace(s, n_users=n, n_baseline=m) for s, n, m in zip(steps, own, other, strict=True)
    )


def _chain(counts: Sequence[int | None], total: int | None, min_size: int) -> list[int | None]:
    last, kept = total, []
    for n in counts:
        keep = keep_part(n, last, min_size)
        last = last if keep is None else keep
        kept.append(keep)
    return kept


def withhold_overview(
    overview: Overview, min_size: int, *, n_baseline: int | None = None
) -> Overview:
    """Give the overview without counts that are too small, they or what they leave over.

    Who is new in 7 days was active in them. With `n_baseline`, the users whom segment and baseline
    leave over of the universe, or count beyond it, are protected too.
    """
    total = overview.n_users
    active, new = _chain([overview.n_active_7d, overview.n_new_7d], total, min_size)
    universe = overview.n_universe
    if (
        universe is None
        or total is None
        or is_small(universe - total, min_size)
        or (n_baseline is not None and is_small(abs(universe - total - n_baseline), min_size))
    ):
        universe = None
    return replace(overview, n_universe=universe, n_active_7d=active, n_new_7d=new)


def withhold_trend(rows: Sequence[TrendRow], min_size: int) -> tuple[TrendRow, ...]:
    """Give the trend without what is too small.

    Entered and left go together, since the sizes give their difference, and with them those who
    stayed, whom a size less the entered gives. A size that is withheld takes the moves before and
    after it along, from which it could be added up.
    """
    gone = [is_small(r.n_users, min_size) for r in rows]
    before = [False, *gone][: len(rows)]
    return tuple(
        _trend_row(r, min_size, gone=own, moves_gone=own or previous)
        for r, own, previous in zip(rows, gone, before, strict=True)
    )


def _trend_row(row: TrendRow, min_size: int, *, gone: bool, moves_gone: bool) -> TrendRow:
    stayed = (row.n_users or 0) - (row.n_entered or 0)
    changes = (row.n_entered, row.n_left, stayed)
    moves = not moves_gone and not any(is_small(n, min_size) for n in changes)
    size = None if gone else row.n_users
    others = (row.n_universe or 0) - (row.n_users or 0)
    few_others = is_small(row.n_universe, min_size) or is_small(others, min_size)
    return replace(
        row,
        n_users=size,
        n_universe=None if few_others else row.n_universe,
        n_active=keep_part(row.n_active, size, min_size),
        n_entered=row.n_entered if moves else None,
        n_left=row.n_left if moves else None,
    )


def withhold_measure(
    measure: Measure,
    min_size: int,
    *,
    people: tuple[int, int],
    groups: tuple[int, int],
    place: str = "",
) -> Measure:
    """Give the measure without a side that tells about too few people.

    Parameters
    ----------
    people
        How many users of segment and baseline stand behind the measure: who were active, who
        bought.
    groups
        How many users segment and baseline have.
    place
        `numerator` or `denominator` when one of them is the number of these people: then those who
        are left over are protected too.
    """
    own = _measured(
        (measure.numerator, measure.denominator), people[0], groups[0], min_size, place=place
    )
    other = _measured(
        (measure.baseline_numerator, measure.baseline_denominator),
        people[1],
        groups[1],
        min_size,
        place=place,
    )
    return replace(
        measure,
        numerator=own[0],
        denominator=own[1],
        baseline_numerator=other[0],
        baseline_denominator=other[1],
    )


Sums = tuple[float | None, float | None]


def _measured(sums: Sums, people: int, group: int, min_size: int, *, place: str) -> Sums:
    few_left = bool(place) and is_small(group - people, min_size)
    if not few_left and not is_small(people, min_size):
        return sums
    return (None, sums[1]) if place == "numerator" else (None, None)


def count_withheld(parts: Iterable[object]) -> int:
    """Give how many counts of breakdowns, funnels, retention and trend are withheld."""
    return sum(_blanks(part) for part in parts)


def _blanks(part: object) -> int:
    match part:
        case Breakdown():
            return sum((r.n is None) + (r.n_baseline is None) for r in part.rows)
        case FunnelStep():
            return (part.n_users is None) + (part.n_baseline is None)
        case RetentionCell():
            return int(part.n_retained is None)
        case TrendRow():
            return sum(
                n is None for n in (part.n_users, part.n_active, part.n_entered, part.n_left)
            )
        case Measure():
            return (part.value is None) + (part.baseline is None)
        case _:
            return 0
