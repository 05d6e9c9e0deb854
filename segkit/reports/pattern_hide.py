"""Withhold what facts about patterns would tell of too few users."""

from collections.abc import Collection, Sequence
from math import ceil, floor

from segkit.measures.withhold import find_withheld, is_small, keep_part
from segkit.patterns.facts_parts import UNKNOWN_PART, Part

STEPS = 20
"""Bounds of withheld shares are given in steps of 5%, so that no number can be worked out."""
Row = tuple[int | None, ...]


def part_of(n: int | None, total: int | None, least: int) -> Part:
    """Give a part of a total, withheld where it, or what it leaves over, tells of too few.

    >>> part_of(45, 50, 10).at_least, part_of(3, 100, 10).at_most, part_of(30, 60, 10).share
    (0.8, 0.1, 0.5)
    """
    if n is None or total is None or not total or is_small(total, least):
        return UNKNOWN_PART
    if is_small(n, least) and is_small(total - n, least):
        return UNKNOWN_PART  # two bounds would leave but a few numbers between them
    if keep_part(n, total, least) is not None:
        return Part(n=n, total=total, share=n / total)
    low = floor(STEPS * (total - least + 1) / total) / STEPS if is_small(total - n, least) else None
    high = ceil(STEPS * (least - 1) / total) / STEPS if is_small(n, least) else None
    return Part(n=None, total=None, share=None, at_least=low, at_most=high)


def hide_labels(
    counts: Sequence[int], patterns: Collection[int], least: int, *, n_absent: int
) -> frozenset[int]:
    """Give the places of labels whose users are withheld; all counts add up to all who came.

    `patterns` are the places of the patterns: they join withheld ones only when no rest is left.
    `n_absent` members of the segment did not come; the place behind the last label is theirs, and
    where it is withheld so is the number of those who came. Labels stay withheld also from who
    knows that number from elsewhere, as from a report on the same window.
    """
    listed = [*counts, n_absent]
    hidden = find_withheld(listed, sum(listed), least, last=patterns)
    left = [None if i in hidden else n for i, n in enumerate(counts)]
    return hidden | find_withheld(left, sum(counts), least, last=patterns)


def shows_sum(
    counts: Sequence[int], places: Collection[int], hidden: Collection[int], least: int
) -> bool:
    """Say whether the sum of some labels' users may be shown beside those that are not withheld.

    >>> shows_sum([40, 30, 4], [0, 1, 2], {2}, 10), shows_sum([40, 30, 4], [0, 1], {2}, 10)
    (False, True)
    """
    own = [None if i in hidden else counts[i] for i in places]
    total = sum(counts[i] for i in places)
    return not is_small(total, least) and len(find_withheld(own, total, least)) == own.count(None)


def hide_table(
    counts: Sequence[Sequence[int]],
    least: int,
    *,
    rows: Collection[int] = (),
    columns: Collection[int] = (),
) -> tuple[Row, ...]:
    """Give a table of counts whose row and column totals are known, without what is too small.

    A withheld count is protected in its row and in its column. `rows` and `columns` are withheld
    whole, totals and all.
    """
    n_rows, n_columns = len(counts), len(counts[0]) if counts else 0
    hidden = {
        (i, j)
        for i in range(n_rows)
        for j in range(n_columns)
        if i in rows or j in columns or is_small(counts[i][j], least)
    }
    lines = [[(i, j) for j in range(n_columns)] for i in range(n_rows) if i not in rows]
    lines += [[(i, j) for i in range(n_rows)] for j in range(n_columns) if j not in columns]
    while True:
        before = len(hidden)
        for line in lines:
            known = [None if cell in hidden else counts[cell[0]][cell[1]] for cell in line]
            total = sum(counts[i][j] for i, j in line)
            hidden |= {line[at] for at in find_withheld(known, total, least)}
        if len(hidden) == before:
            break
    return tuple(
        tuple(None if (i, j) in hidden else counts[i][j] for j in range(n_columns))
        for i in range(n_rows)
    )
