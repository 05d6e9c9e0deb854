"""Set every segment against its baseline, and two segments against each other, in one family."""

from collections.abc import Sequence
from dataclasses import replace

import ibis

from segkit.compare.candidates import Candidates
from segkit.compare.comparison import SegmentDiffers
from segkit.compare.differences import Comparison, compare_together, say_nothing
from segkit.compare.facts import Differences, Overlap
from segkit.compare.findings import Compared
from segkit.compare.shared_users import withhold_shared
from segkit.measures.sides import Sides
from segkit.measures.withhold import is_small
from segkit.reports.comparison_study import ComparisonStudy, Group

PAIR = 2


def build_differs(
    study: ComparisonStudy, overlap: Overlap | None
) -> tuple[tuple[SegmentDiffers, ...], int]:
    """Give the differences of every segment, for two segments also those of the one to the other.

    Returns
    -------
    tuple
        The comparisons in the order of the segments, the pair last; and the number of p-values
        that were judged together.
    """
    told = [place for place, group in enumerate(study.groups) if _can_tell(group)]
    whole = {place: _compared(study, study.groups[place]) for place in told}
    pair = _pair(study, whole, overlap) if len(told) == len(study.groups) == PAIR else None
    asked = [whole[place] for place in told] + ([pair] if pair else [])
    found = iter(compare_together(asked))
    own = {place: next(found) for place in told}
    differs = [
        _told(study, place, own.get(place, say_nothing())) for place in range(len(study.groups))
    ]
    if pair:
        differs.append(_told_pair(study, next(found), overlap))
    return tuple(differs), sum(d.differences.n_tested for d in differs)


def _can_tell(group: Group) -> bool:
    return not group.is_withheld and bool(group.sides.n_baseline)


def _told(study: ComparisonStudy, place: int, differences: Differences) -> SegmentDiffers:
    asked = study.requests[place]
    return SegmentDiffers(
        segment=asked.segment, title=asked.title, other=asked.baseline_title,
        other_segment=None, n_both=None, differences=differences,
    )  # fmt: skip


def _told_pair(
    study: ComparisonStudy, differences: Differences, overlap: Overlap | None
) -> SegmentDiffers:
    first, second = study.requests
    return SegmentDiffers(
        segment=first.segment, title=first.title, other=second.title,
        other_segment=second.segment, n_both=overlap.pairs[0].n_both if overlap else None,
        differences=differences,
    )  # fmt: skip


def _compared(study: ComparisonStudy, group: Group) -> Comparison:
    candidates = _candidates(study, group)
    return Comparison(candidates, group.request.reads, tuple(candidates.compare()))


def _candidates(study: ComparisonStudy, group: Group) -> Candidates:
    return Candidates(
        sides=group.sides,
        activity=study.activity,
        visits=study.visits,
        labels=study.labels(group),
        has_money=study.money.is_shown,
        shared=study.crowd,
        own=group.own,
        other=group.other,
    )


def _pair(
    study: ComparisonStudy, whole: dict[int, Comparison], overlap: Overlap | None
) -> Comparison | None:
    """Give the users of the first segment only against those of the second only."""
    if overlap is None or overlap.pairs[0].n_both is None:
        return None
    group = _only(study)
    sizes = (group.sides.n_segment, group.sides.n_baseline)
    if not all(sizes) or any(is_small(n, study.least) for n in sizes):
        return None
    candidates = _candidates(study, group)
    known: list[Sequence[Compared]] = [whole[place].compared or () for place in range(PAIR)]
    compared = withhold_shared(
        tuple(candidates.compare()), known[0], known[1], min_size=study.least
    )
    reads = study.requests[0].reads | study.requests[1].reads
    return Comparison(candidates, reads, compared)


def _only(study: ComparisonStudy) -> Group:
    """Give both segments as two sides, without the users in both."""
    first, second = (group.sides for group in study.groups)
    own = first.members.anti_join(second.members, "user_no")
    other = second.members.anti_join(first.members, "user_no")
    both = ibis.union(
        own.mutate(in_segment=ibis.literal(value=True)),
        other.mutate(in_segment=ibis.literal(value=False)),
    )
    groups = first.engine.keep(both, "only")
    counted = groups.agg(n=groups.in_segment.sum(), m=(~groups.in_segment).sum())
    n, m = (int(value or 0) for value in first.engine.rows(counted)[0])
    sides: Sides = replace(first, groups=groups, n_segment=n, n_baseline=m)
    wholes = [group.own for group in study.groups]
    return Group(
        study.first, sides, n + m, study.activity, study.visits,
        own=wholes[0] - wholes[1], other=wholes[1] - wholes[0],
    )  # fmt: skip
