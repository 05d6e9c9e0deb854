"""What paths must find in data whose truth is known; demands as in the shared vectors."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from segkit.patterns.features import FloatArray
from segkit.patterns.paths.grams import GramCounts
from segkit.patterns.paths.order_types import (
    N_ROUNDS,
    N_STARTS,
    Mixture,
    assign_types,
    choose_types,
    fit_mixture,
)
from segkit.patterns.paths.surprise import LEAST_Z, find_surprises, rank_runs
from tests.patterns.paths.generators import N_PAGES, collapse, draw_mixture, draw_planted

RATES = (0.03, 0.01, 0.005, 0.0025)
NOISE = (0.6, 1.5, 3.0)
SEEDS = (0, 1, 2)
OF_ORACLE = 0.9


@pytest.fixture(scope="module")
def known(shared: Path) -> dict[str, Any]:
    text = (shared / "vectors" / "paths" / "sequence_generators.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.shared
def test_the_generators_are_those_of_the_vectors(known: dict[str, Any]) -> None:
    planted, mixture = known["planted_path"], known["markov_mixture"]
    paths, kind, chains = draw_mixture(NOISE[0], 0)

    assert (tuple(planted["rates"]), tuple(mixture["conc"])) == (RATES, NOISE)
    assert (planted["pages"], planted["sessions"]) == (N_PAGES, draw_planted(0, 0)[0].n_paths)
    assert (mixture["pages"], mixture["sessions"]) == (N_PAGES, paths.n_paths)
    assert (mixture["clusters"], mixture["clusters"]) == (len(chains), len(set(kind.tolist())))
    assert mixture["em"].startswith(f"{N_STARTS} random starts, {N_ROUNDS} iterations")
    # "5 + Geometric(.08)", "2 + Geometric(.15)": a path has at least one step more.
    assert np.bincount(paths.path).min() == 6


@pytest.mark.shared
@pytest.mark.parametrize("place", range(3))
def test_the_true_chains_sort_paths_as_well_as_published(known: dict[str, Any], place: int) -> None:
    found = [true_rand(NOISE[place], seed) for seed in SEEDS]

    # Other draws than the published ones: three means differ by 0.01 to 0.02 (one deviation).
    assert np.mean(found) == pytest.approx(known["markov_mixture"]["oracle_ARI"][place], abs=0.05)


@pytest.mark.shared
def test_a_planted_path_is_far_above_chance(known: dict[str, Any]) -> None:
    told = known["planted_path"]
    for seed in SEEDS:
        paths, planted = draw_planted(0.005, seed)
        ranked = rank_runs(GramCounts.of_steps(paths.places, paths.path))

        z = [run.z for run in ranked if len(run.places) == 4]

        # Other draws than the published 60 to 95; these have 32 and more.
        assert z[0] > 5 * max(told["second_best_z_at_0_005"])
        assert next(run.places for run in ranked if len(run.places) == 4) == planted
        apart = [
            run for run in ranked
            if len(run.places) == 4 and not set(run.places[1:3]) & set(planted)
        ]  # fmt: skip
        # The next best of chance are at 3.4 at most: nothing is told that the planted did not make.
        assert max(told["second_best_z_at_0_005"]) < LEAST_Z
        assert apart == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rate", RATES)
def test_a_planted_path_is_first(rate: float, seed: int) -> None:
    paths, planted = draw_planted(rate, seed)
    paths = collapse(paths)
    counts = GramCounts.of_steps(paths.places, paths.path)

    found = find_surprises(counts)

    assert found[0].places == planted
    assert len(found) <= 20


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rarest_planted_path_is_first_by_z_alone(seed: int) -> None:
    paths, planted = draw_planted(RATES[-1], seed)
    paths = collapse(paths)
    ranked = rank_runs(GramCounts.of_steps(paths.places, paths.path))

    of_four = [run.places for run in ranked if len(run.places) == 4]

    assert of_four[0] == planted


@pytest.mark.parametrize("seed", range(8))
def test_chance_alone_is_no_surprise(seed: int) -> None:
    paths = collapse(draw_planted(0.0, seed)[0])

    assert find_surprises(GramCounts.of_steps(paths.places, paths.path)) == []


def true_rand(noise: float, seed: int) -> float:
    """Give the ARI to the truth of paths sorted by the chains that made them."""
    paths, kind, chains = draw_mixture(noise, seed)
    sorted_so = assign_types(_truth(chains), paths)[0].argmax(axis=1)
    return float(adjusted_rand_score(kind, sorted_so))


def _truth(chains: FloatArray) -> Mixture:
    k = len(chains)
    return Mixture(weights=np.full(k, 1 / k), chains=chains, log_likelihood=0.0)


def mean_of_oracle(noise: float) -> float:
    """Give the ARI to the truth / that of the true chains, the mean over the seeds."""
    ratios = []
    for seed in SEEDS:
        paths, kind, chains = draw_mixture(noise, seed)
        fits = _truth(chains), fit_mixture(paths, 4, seed=seed)
        best, found = (
            adjusted_rand_score(kind, assign_types(fit, paths)[0].argmax(axis=1)) for fit in fits
        )
        ratios.append(found / best)
    return float(np.mean(ratios))


UNMET = pytest.mark.xfail(
    reason="0.86 of the true chains' ARI on these seeds, where a fit that begins at the true types "
    "ends at 0.87: 6,000 paths are too few to tell chains so alike. Tried: more starts and rounds, "
    "shrinkage to the common chain (0.88), averages over draws of the chains (0.88)"
)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [*NOISE[:2], pytest.param(NOISE[2], marks=UNMET)])
def test_types_of_order_are_found_nearly_as_well_as_can_be(noise: float) -> None:
    assert mean_of_oracle(noise) >= OF_ORACLE


@pytest.mark.slow
def test_types_of_order_in_the_loudest_noise_are_mostly_found() -> None:
    assert mean_of_oracle(NOISE[2]) >= 0.83


def taught_of_oracle(seed: int) -> float:
    """Give the same ratio where the kinds of the other half of the paths are told, not found."""
    paths, kind, _ = draw_mixture(NOISE[2], seed)
    half = np.arange(paths.n_paths) % 2 == 0
    sorted_so = np.empty(paths.n_paths, dtype=np.int64)
    for told, asked in ((half, ~half), (~half, half)):
        chains = [fit_mixture(paths.take(told & (kind == i)), 1).chains[0] for i in range(4)]
        taught = _truth(np.array(chains))
        sorted_so[asked] = assign_types(taught, paths.take(asked))[0].argmax(axis=1)
    return float(adjusted_rand_score(kind, sorted_so)) / true_rand(NOISE[2], seed)


@pytest.mark.slow
def test_in_the_loudest_noise_even_taught_chains_hardly_meet_the_aim() -> None:
    taught = float(np.mean([taught_of_oracle(seed) for seed in range(12)]))

    # Who is told the kinds of 3,000 paths gets 0.915 of the true chains; nobody is told here.
    assert taught == pytest.approx(0.915, abs=0.01)


@pytest.mark.slow
def test_the_number_of_types_is_chosen_by_itself() -> None:
    paths, _, _ = draw_mixture(NOISE[0], 0)

    assert choose_types(paths)[0].k == 4


@pytest.mark.slow
def test_one_order_is_one_type() -> None:
    paths, _, _ = draw_mixture(1.5, 0, k=1)

    assert choose_types(paths)[0].k == 1
