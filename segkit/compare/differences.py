"""Compare one segment with its baseline, by everything that both have."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from segkit.compare.candidates import Candidates
from segkit.compare.facts import Differences, ReadPart
from segkit.compare.findings import Compared, Examined, Judged, examine, judge_together
from segkit.compare.lifts import FALSE_SHARE
from segkit.compare.read_pages import find_read_paths
from segkit.compare.reads import Reads, Source


def compare_sides(
    candidates: Candidates, reads: Reads, *, seed: int = 0, level: float = FALSE_SHARE
) -> Differences:
    """Give what differs, what is so by definition, and what could not be said.

    Parameters
    ----------
    candidates
        What there is to compare.
    reads
        What the definitions of segment and baseline read.
    seed
        Where the bootstrap of medians begins.
    level
        The expected share of false ones among the findings that hold.

    Notes
    -----
    All p-values go through one Benjamini–Hochberg step. Findings by definition have none.
    """
    return judge_sides(examine_sides(candidates, reads, seed=seed), level=level)


@dataclass(frozen=True)
class Comparison:
    """What two groups are compared by, and what their definitions read.

    `compared` are the comparisons, where more of them is withheld than the candidates themselves
    withhold; None takes theirs.
    """

    candidates: Candidates
    reads: Reads
    compared: tuple[Compared, ...] | None = None


@dataclass(frozen=True)
class ExaminedSides:
    """Two groups with all that they are compared by, measured and not judged yet."""

    comparison: Comparison
    examined: Examined

    @property
    def p_values(self) -> tuple[float, ...]:
        """Of all that is tested; what is so by definition has none."""
        return tuple(f.p for f in self.examined.tested if f.p is not None)


def examine_sides(candidates: Candidates, reads: Reads, *, seed: int = 0) -> ExaminedSides:
    """Measure what `compare_sides` judges; parameters as there."""
    comparison = Comparison(candidates, reads)
    return ExaminedSides(comparison, _examine(comparison, seed))


def judge_sides(
    sides: ExaminedSides, *, beside: Sequence[float] = (), level: float = FALSE_SHARE
) -> Differences:
    """Judge what was measured of two groups.

    Parameters
    ----------
    beside
        The p-values of what else the report compares: of the same family.
    """
    judged = judge_together([sides.examined], beside=beside, level=level)[0]
    return replace(_describe(sides.comparison, judged, level), n_beside=len(beside))


def compare_together(
    comparisons: Sequence[Comparison], *, seed: int = 0, level: float = FALSE_SHARE
) -> tuple[Differences, ...]:
    """Give the differences of several comparisons, all p-values judged as one family.

    Parameters
    ----------
    comparisons
        In the order of what is returned; the other parameters are those of `compare_sides`.
    """
    judged = judge_together([_examine(c, seed) for c in comparisons], level=level)
    return tuple(_describe(c, found, level) for c, found in zip(comparisons, judged, strict=True))


def _examine(comparison: Comparison, seed: int) -> Examined:
    candidates, reads = comparison.candidates, comparison.reads
    sides, purchases = candidates.sides, candidates.activity.purchases
    paths = find_read_paths(
        reads.pages, candidates.paths, tables=sides.tables, zone=sides.clock.zone
    )
    known = reads.among(sides.tables.catalogue.events)

    def is_read(source: Source) -> bool:
        return known.covers(source, paths=paths, purchases=purchases)

    own = comparison.compared
    return examine(
        candidates.compare() if own is None else own,
        is_read=is_read,
        is_behaviour=reads.is_behaviour,
        seed=seed,
    )


def _describe(comparison: Comparison, judged: Judged, level: float) -> Differences:
    candidates, reads = comparison.candidates, comparison.reads
    came = candidates.shown_came
    return Differences(
        n_segment=candidates.sides.n_segment,
        n_baseline=candidates.sides.n_baseline,
        n_came=came[0],
        n_baseline_came=came[1],
        level=level,
        n_tested=judged.n_tested,
        n_withheld=judged.n_withheld,
        findings=judged.findings,
        by_definition=judged.by_definition,
        reads=tuple(ReadPart(heading=h, words=words) for h, words in reads.in_words()),
        notes=_notes(reads),
    )


def say_nothing(level: float = FALSE_SHARE) -> Differences:
    """Give the differences of a segment or baseline that is too small to be spoken of."""
    return Differences(
        n_segment=None, n_baseline=None, n_came=None, n_baseline_came=None, level=level,
        n_tested=0, n_withheld=0, findings=(), by_definition=(), reads=(),
        notes=("Nothing is compared: segment or baseline has too few users.",),
    )  # fmt: skip


def _notes(reads: Reads) -> tuple[str, ...]:
    notes = []
    hidden = [word for word in reads.others if word.startswith(("score", "a query", "a list"))]
    if hidden:
        notes.append(
            f"The definition also reads {', '.join(sorted(hidden))}: what that was made of is not "
            "known here, so some of the findings may follow from it."
        )
    return tuple(notes)
