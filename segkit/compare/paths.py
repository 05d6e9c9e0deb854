"""Make facts of paths: segment beside everyone else, without what tells of too few users."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from segkit.compare.path_cells import Mask, blank, count_hidden, find_hidden, row_sums
from segkit.compare.path_contrast import choose_ways, find_telling
from segkit.compare.path_types import describe_types
from segkit.measures.withhold import is_small, keep_part
from segkit.patterns.paths.facts import (
    GappedPath,
    MoveFacts,
    MoveTime,
    OrderFacts,
    PathFacts,
    StepFacts,
    SurprisingPath,
    TellingPath,
)
from segkit.patterns.paths.gapped import find_gapped
from segkit.patterns.paths.grams import GramCounts, Places, pack, unpack
from segkit.patterns.paths.matrices import (
    StepMatrix,
    TransitionMatrix,
    count_steps,
    count_transitions,
    fold_names,
)
from segkit.patterns.paths.order_types import choose_types
from segkit.patterns.paths.steps import Walks
from segkit.patterns.paths.surprise import Surprise, find_surprises
from segkit.patterns.paths.timing import StepTime, time_moves

SEGMENT, BASELINE = 1, 0
MOST_LOOKED_AT = 20_000
MOST_TYPED = 6_000
MOST_TIMES = 20
HIDDEN = (
    "Moves, steps and ways of fewer than {least} users, and others that would give them away, are "
    "withheld."
)
CIRCULAR = (
    "What the segment's own definition asks for shows in its paths too, and is no finding: a "
    "segment of buyers goes to the checkout."
)
SAMPLED = (
    "Types of order and pages with others between are found in {n} of the segment's {whole} paths, "
    "drawn by chance."
)
NO_BASELINE = (
    "Nobody, or too few, outside the segment have a path: there is nothing to compare it with."
)

Ways = Mapping[tuple[int, int], int]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What facts of paths are asked for: the words of their head, and the least users shown."""

    segment: str
    as_of: str
    days: int
    unit: str
    of: str
    min_size: int
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What was counted before anything is withheld."""

    names: tuple[str, ...]
    moves: list[TransitionMatrix]
    steps: list[StepMatrix]
    hidden: list[tuple[Mask, Mask, Mask]]
    n_users: tuple[int, int]
    min_size: int

    def move(self, begun: str, ended: str, side: int) -> tuple[int, bool] | None:
        """Give a shown row's move and whether it is withheld; None where it has no row."""
        names = self.moves[side].names
        if begun not in names or ended not in names:
            return None
        at = names.index(begun), names.index(ended)
        return int(self.moves[side].n[at]), bool(self.hidden[side][0][at])


def build_path_facts(walks: Walks, asked: Asked) -> PathFacts:
    """Give the facts of a segment's paths (side 1) beside everyone else's (side 0).

    Parameters
    ----------
    walks
        The paths of both sides.
    asked
        Whose they are, and how few users may be shown.

    Returns
    -------
    PathFacts
        A side with fewer than `min_size` users has no number; the segment must have more.
    """
    sizes = walks.count_paths()
    counts = walks.count_codes()
    seen = _count(walks, counts, sizes, asked.min_size)
    sample = walks.sample(SEGMENT, MOST_LOOKED_AT)
    orders = _orders(walks, asked)
    surprising = _surprising(walks, counts[SEGMENT], seen)
    telling = _telling(walks, counts, seen)
    has_baseline = not is_small(sizes[BASELINE][1], asked.min_size) and sizes[BASELINE][1] > 0
    gapped = find_gapped(sample, min_users=asked.min_size, seed=asked.seed)
    notes = [CIRCULAR]
    if not has_baseline:
        notes.append(NO_BASELINE)
    if any(count_hidden(masks) for masks in seen.hidden):
        notes.append(HIDDEN.format(least=asked.min_size))
    if sample.n_paths < sizes[SEGMENT][0]:
        notes.append(SAMPLED.format(n=f"{sample.n_paths:,}", whole=f"{sizes[SEGMENT][0]:,}"))
    return PathFacts(
        segment=asked.segment,
        as_of=asked.as_of,
        days=asked.days,
        unit=asked.unit,
        of=asked.of,
        n_users=sizes[SEGMENT][1],
        n_paths=sizes[SEGMENT][0],
        n_baseline_users=sizes[BASELINE][1] if has_baseline else None,
        n_baseline_paths=sizes[BASELINE][0] if has_baseline else None,
        n_looked_at=sample.n_paths,
        moves=_move_facts(seen),
        steps=_step_facts(seen),
        surprising=surprising,
        telling=telling,
        orders=orders,
        gapped=tuple(
            GappedPath(
                pages=_named(one.places, walks.names),
                n_paths=one.n_paths,
                n_users=one.n_users,
                expected=one.expected,
                z=one.z,
            )
            for one in gapped
            if not is_small(sample.n_paths - one.n_paths, asked.min_size)
        ),
        times=_time_facts(walks, seen),
        notes=tuple(notes),
    )


def _named(places: Places, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names[place] for place in places)


def _count(
    walks: Walks, counts: list[GramCounts], sizes: list[tuple[int, int]], min_size: int
) -> _Seen:
    digits = np.arange(1, len(walks.names) + 1)
    by_place = [count.cut(1).look_up(digits) for count in counts]
    names = fold_names(walks.names, by_place[SEGMENT], np.sum(by_place, axis=0))
    n_paths = [n for n, _ in sizes]
    moves = count_transitions(walks, n_paths, names)
    steps = count_steps(walks, n_paths, names)
    hidden = [
        find_hidden(m, s, min_size, n_users=n_users)
        for m, s, (_, n_users) in zip(moves, steps, sizes, strict=True)
    ]
    return _Seen(
        names=walks.names,
        moves=moves,
        steps=steps,
        hidden=hidden,
        n_users=(sizes[SEGMENT][1], sizes[BASELINE][1]),
        min_size=min_size,
    )


def _move_facts(seen: _Seen) -> MoveFacts:
    own, other = seen.moves[SEGMENT], seen.moves[BASELINE]
    mine, theirs = seen.hidden[SEGMENT], seen.hidden[BASELINE]
    return MoveFacts(
        names=own.names,
        n=blank(own.n, mine[0]),
        n_baseline=blank(other.n, theirs[0]),
        n_from=row_sums(own.n, mine[1]),
        n_from_baseline=row_sums(other.n, theirs[1]),
    )


def _step_facts(seen: _Seen) -> StepFacts:
    own, other = seen.steps[SEGMENT], seen.steps[BASELINE]
    return StepFacts(
        names=own.names,
        n=blank(own.n, seen.hidden[SEGMENT][2]),
        n_baseline=blank(other.n, seen.hidden[BASELINE][2]),
    )


def _surprising(walks: Walks, counts: GramCounts, seen: _Seen) -> tuple[SurprisingPath, ...]:
    """Give the surprising ways that enough users went, each without what would give others away."""
    found = find_surprises(counts)
    users = walks.count_users([pack(one.places) for one in found])
    rows: list[SurprisingPath] = []
    shown: list[Surprise] = []
    for one in found:
        n_users = users.get((SEGMENT, pack(one.places)), 0)
        if n_users < seen.min_size:
            continue
        pages = _named(one.places, walks.names)
        near = any(_nearly(one, other, seen.min_size) for other in shown)
        moves = [seen.move(a, b, SEGMENT) for a, b in pairwise(pages)]
        near |= any(m is not None and is_small(m[0] - one.n, seen.min_size) for m in moves)
        is_told = not near and not any(m is not None and m[1] for m in moves)
        rows.append(
            SurprisingPath(
                pages=pages,
                n=None if near else one.n,
                n_users=keep_part(n_users, seen.n_users[0], seen.min_size),
                expected=one.expected if is_told else None,
                z=one.z if is_told else None,
            )
        )
        shown.append(one)
    return tuple(rows)


def _nearly(one: Surprise, other: Surprise, min_size: int) -> bool:
    """Whether two ways, one a part of the other, differ by so few that these could be told."""
    short, long = sorted((one, other), key=lambda way: len(way.places))
    width = len(short.places)
    parts = {long.places[at : at + width] for at in range(len(long.places) - width + 1)}
    return short.places in parts and is_small(short.n - long.n, min_size)


def _telling(walks: Walks, counts: list[GramCounts], seen: _Seen) -> tuple[TellingPath, ...]:
    codes = choose_ways(counts)
    users = walks.count_users(codes)
    ways = {unpack(code): _pair(users, code, seen) for code in codes}
    if not all(seen.n_users) or any(is_small(n, seen.min_size) for n in seen.n_users):
        return ()
    return find_telling(ways, seen.n_users, walks.names)


def _pair(users: Ways, code: int, seen: _Seen) -> tuple[int | None, int | None]:
    own, other = (users.get((side, code), 0) for side in (SEGMENT, BASELINE))
    return (
        keep_part(own, seen.n_users[0], seen.min_size),
        keep_part(other, seen.n_users[1], seen.min_size),
    )


def _orders(walks: Walks, asked: Asked) -> OrderFacts:
    paths = walks.sample(SEGMENT, MOST_TYPED).of_length(2)
    if len(np.unique(paths.user_no)) < 2 * asked.min_size:
        return OrderFacts(n_paths=0, types=(), trials=())
    mixture, trials = choose_types(paths, seed=asked.seed)
    types = describe_types(mixture, paths, walks.names, min_size=asked.min_size)
    return OrderFacts(
        n_paths=paths.n_paths,
        types=types,
        trials=tuple((t.k, t.gain, t.rand, t.jaccard) for t in trials),
    )


def _time_facts(walks: Walks, seen: _Seen) -> tuple[MoveTime, ...]:
    timed = {(t.side, t.begun, t.ended): t for t in time_moves(walks)}
    rows = []
    for one in timed.values():
        if one.side != SEGMENT or not _may_time(one, walks, seen):
            continue
        other = timed.get((BASELINE, one.begun, one.ended))
        is_known = other is not None and _may_time(other, walks, seen)
        rows.append(
            MoveTime(
                begun=walks.names[one.begun],
                ended=walks.names[one.ended],
                n=one.n,
                low_s=one.low_s,
                median_s=one.median_s,
                high_s=one.high_s,
                median_baseline_s=other.median_s if other is not None and is_known else None,
            )
        )
    return tuple(rows[:MOST_TIMES])


def _may_time(one: StepTime, walks: Walks, seen: _Seen) -> bool:
    """Whether a move has a row in the matrix of its side and is shown there."""
    names = walks.names[one.begun], walks.names[one.ended]
    move = seen.move(*names, one.side)
    return (
        "other" not in names
        and move is not None
        and not move[1]
        and not is_small(one.n_users, seen.min_size)
    )
