"""Score patterns on the library's site and print the tables of `docs/patterns-evidence.md`.

python -m tests.patterns.library_scores
"""

import sys
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from segkit.patterns.carry_over import carry_over
from segkit.patterns.fit import fit_patterns, score
from tests.patterns.gates import agreement, fit_oracle, truth_agreement
from tests.patterns.library_site import READERS, draw_library

TASTES = (0.7, 1.0, 1.4)
SEEDS = tuple(range(900, 908))
ALONE_SEEDS = tuple(range(920, 924))
FEW_SEEDS = tuple(range(930, 932))


@dataclass(frozen=True, kw_only=True)
class Found:
    """One draw: agreement with the truth, how many groups, and what a taught classifier gives."""

    truth: float
    n_groups: int
    oracle: float


@dataclass(frozen=True, kw_only=True)
class Later:
    """Four weeks later: truth by the frozen model, then and now; same labels, frozen and refit.

    `same_frozen` is of those in a group both times, None where there are none.
    """

    fitted: float
    frozen: float
    same_frozen: float | None
    same_refit: float


def find(taste: float) -> list[Found]:
    """Score eight draws, k chosen by itself; the oracle is taught on a ninth."""
    taught = draw_library(seed=899, taste=taste)
    oracle = fit_oracle(taught.windows[0])
    found = []
    for seed in SEEDS:
        drawn = draw_library(seed=seed, taste=taste).windows[0]
        asked = draw_library(seed=seed, taste=taste, groups=taught.groups).windows[0]
        fit = fit_patterns(drawn.features, seed=0)
        found.append(
            Found(
                truth=truth_agreement(drawn, fit.scores),
                n_groups=len(fit.model.groups),
                oracle=oracle(asked),
            )
        )
    return found


def follow(taste: float, *, seed: int = 940, n: int = 8_000) -> Later:
    """Ask a frozen model about the same people in their next four weeks, and refit it there."""
    before, after = draw_library(n=n, seed=seed, taste=taste, windows=2).windows
    fit = fit_patterns(before.features, seed=0)
    asked, refit = score(fit.model, after.features), fit_patterns(after.features, seed=0)
    carried = carry_over(
        asked.labels,
        refit.scores.labels,
        old=[group.id for group in fit.model.groups],
        new=[group.id for group in refit.model.groups],
    )
    _, here, there = np.intersect1d(
        before.features.user_key, after.features.user_key, return_indices=True
    )
    then, now = fit.scores.group[here], asked.group[there]
    told = (then >= 0) & (now >= 0)
    return Later(
        fitted=truth_agreement(before, fit.scores),
        frozen=truth_agreement(after, asked),
        same_frozen=float(np.mean(then[told] == now[told])) if told.any() else None,
        same_refit=carried.same_share or 0.0,
    )


def count_groups(kinds: tuple[str, ...], seeds: tuple[int, ...], taste: float) -> list[int]:
    """Give how many groups are found in draws of these kinds alone."""
    drawn = (draw_library(seed=seed, kinds=kinds, taste=taste).windows[0] for seed in seeds)
    return [len(fit_patterns(one.features, seed=0).model.groups) for one in drawn]


def agree_of_seeds(taste: float, *, seed: int = 900) -> float | None:
    """Give the least agreement of five other seeds with the first; None where it finds none."""
    features = draw_library(seed=seed, taste=taste).windows[0].features
    first, *others = (fit_patterns(features, seed=i).scores.group for i in range(6))
    told = first >= 0
    if not told.any():
        return None
    return min(agreement(first[told], other[told]) for other in others)


def say(line: str) -> None:
    """Write one line now."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print one row a taste."""
    for taste in TASTES:
        found = find(taste)
        truths = [one.truth for one in found]
        ratio = float(np.median([one.truth / one.oracle for one in found]))
        say(
            f"| {taste} | {np.median(truths):.3f} | {min(truths):.3f} | "
            f"{[one.n_groups for one in found]} | "
            f"{np.median([one.oracle for one in found]):.3f} | {ratio:.3f} |"
        )
        say(f"other seeds, taste {taste}: {agree_of_seeds(taste)}")
        say(f"later, taste {taste}: {follow(taste)}")
        alone = [n for kind in READERS for n in count_groups((kind,), ALONE_SEEDS, taste)]
        say(f"one kind, taste {taste}: {alone}")
        for size in (2, 3, 4):
            some = combinations(READERS, size)
            counts = [n for kinds in some for n in count_groups(kinds, FEW_SEEDS, taste)]
            right = f"{counts.count(size)} of {len(counts)} right"
            say(f"{size} kinds, taste {taste}: {right}, {counts}")


if __name__ == "__main__":
    main()
