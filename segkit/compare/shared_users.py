"""Keep two overlapping comparisons from giving each other's users away.

Where a segment is set against everyone else and, without those in both, against another segment,
the reader can subtract one count from the other: what is left are the users in both, or in none.
"""

from collections.abc import Sequence
from dataclasses import replace

from segkit.compare.amounts import Amounts
from segkit.compare.findings import AmountCompared, Compared, LabelCompared, ShareCompared
from segkit.measures.withhold import is_small

Key = tuple[str, str, str]


def withhold_shared(
    pair: Sequence[Compared],
    first: Sequence[Compared],
    second: Sequence[Compared],
    *,
    min_size: int,
) -> tuple[Compared, ...]:
    """Give the comparisons of a pair without those that would give small groups away.

    Parameters
    ----------
    pair
        Users of the first segment only against users of the second only.
    first, second
        Both whole segments against their baselines, as they are shown too.

    Notes
    -----
    A comparison goes where the users left over by subtraction (in both; of the baseline, in none)
    who have it, or who do not, are 1 to `min_size` − 1.
    """
    known = [{_key(c): c for c in part} for part in (first, second)]
    return tuple(
        _blank(c) if _tells(c, [part.get(_key(c)) for part in known], min_size) else c for c in pair
    )


def _key(compared: Compared) -> Key:
    subject = compared.subject
    return subject.kind, subject.group, subject.name


def _tells(compared: Compared, wholes: Sequence[Compared | None], min_size: int) -> bool:
    pair = _sides(compared)
    for place, whole in enumerate(wholes):
        shown = None if whole is None else _sides(whole)
        if pair is None or shown is None:
            continue
        own, other = pair[place], pair[1 - place]
        if _is_few(shown[0], own, min_size) or _is_few(shown[1], other, min_size):
            return True
    return False


Side = tuple[int, int]
"""Users with it, and all users of a side."""


def _is_few(whole: Side, part: Side, min_size: int) -> bool:
    """Say whether those of a whole who are not in a part are few, with it or without it."""
    left = whole[0] - part[0]
    return is_small(left, min_size) or is_small(whole[1] - part[1] - left, min_size)


def _sides(compared: Compared) -> tuple[Side, Side] | None:
    """Give (users with it, all users) of both sides; None where it is withheld."""
    match compared:
        case ShareCompared(counts=(n, total, m, other)):
            return (n, total), (m, other)
        case AmountCompared(amounts=Amounts() as amounts):
            some = amounts.values != 0
            sides = [(int(n[some].sum()), int(n.sum())) for n in (amounts.n, amounts.n_baseline)]
            return sides[0], sides[1]
        case LabelCompared(counts=counts, denominators=(n, m)) if counts is not None:
            return (n, n), (m, m)
    return None


def _blank(compared: Compared) -> Compared:
    match compared:
        case AmountCompared():
            return replace(compared, amounts=None)
        case ShareCompared():
            return replace(compared, counts=None)
        case LabelCompared():
            return replace(compared, counts=None)
