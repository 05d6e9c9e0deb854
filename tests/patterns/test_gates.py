"""Patterns meet their gates on drawn users: a quick one of each here, the whole set marked slow.

The demands are those of the shared vector `archetype_generator.json`. They are in-sample: the
method was chosen on this generator. `docs/patterns-evidence.md` says what another one gives.
"""

from pathlib import Path

import numpy as np
import pytest

from segkit.patterns.eligible import BOTS
from segkit.patterns.fit import Fit, fit_patterns
from tests.patterns.archetypes import BOT, Drawn, World, draw_users, read_world
from tests.patterns.gates import (
    agreement,
    best_f1,
    fit_oracle,
    rescale,
    shuffle,
    truth_agreement,
)

pytestmark = pytest.mark.shared

NOISE = (0.6, 1.0, 1.5)
SEEDS = tuple(range(400, 408))
FEW_KINDS = (
    ("browser", "researcher"),
    ("buyer", "community"),
    ("browser", "researcher", "supporter"),
    ("buyer", "browser", "community"),
    ("buyer", "browser", "researcher", "community"),
    ("browser", "researcher", "supporter", "community"),
)


@pytest.fixture(scope="module")
def world(shared: Path) -> World:
    return read_world(shared)


@pytest.fixture(scope="module")
def small(world: World) -> Drawn:
    return draw_users(world, n=4_000, od=0.6, seed=400)


@pytest.fixture(scope="module")
def small_fit(small: Drawn) -> Fit:
    return fit_patterns(small.features, seed=0)


def shares(world: World, kinds: tuple[str, ...]) -> dict[str, float]:
    return {kind: float(world.archetypes[kind][0]) for kind in kinds}


def with_rare(world: World, rare: str, share: float) -> dict[str, float]:
    """Give the kinds' shares with one of them as rare as asked, the others in proportion."""
    rest = {kind: float(row[0]) for kind, row in world.archetypes.items() if kind != rare}
    by = (1 - share) / sum(rest.values())
    return {kind: weight * by for kind, weight in rest.items()} | {rare: share}


def test_kinds_are_found_and_their_number_too(small: Drawn, small_fit: Fit) -> None:
    # Of seven kinds "lapsed" is 3 % of the eligible and differs by recency alone.
    assert len(small_fit.model.groups) == 6
    assert truth_agreement(small, small_fit.scores) >= 0.92


@pytest.mark.slow
@pytest.mark.gate
@pytest.mark.parametrize(
    ("od", "median", "worst", "of_oracle"),
    [(0.6, 0.94, 0.92, 0.95), (1.0, 0.90, 0.88, 0.95), (1.5, 0.83, 0.70, 0.90)],
    ids=["little noise", "noise", "much noise"],
)
def test_truth_is_found_in_eight_draws(
    world: World, od: float, median: float, worst: float, of_oracle: float
) -> None:
    oracle = fit_oracle(draw_users(world, od=od, seed=399))
    found, best = [], []

    for seed in SEEDS:
        drawn = draw_users(world, od=od, seed=seed)
        found.append(truth_agreement(drawn, fit_patterns(drawn.features, seed=0).scores))
        best.append(oracle(drawn))

    assert np.median(found) >= median, found
    assert min(found) >= worst, found
    assert np.median(np.array(found) / best) >= of_oracle, (found, best)


@pytest.mark.parametrize("kind", ["browser", "community"])
def test_one_kind_alone_is_no_pattern(world: World, kind: str) -> None:
    drawn = draw_users(world, n=4_000, od=1.0, seed=1, weights={kind: 1.0})

    fit = fit_patterns(drawn.features, seed=0)

    assert fit.model.groups == ()
    assert "one continuum" in fit.model.reason


@pytest.mark.slow
@pytest.mark.gate
@pytest.mark.parametrize("kind", ["buyer", "browser", "researcher", "supporter", "community"])
def test_one_kind_is_no_pattern_in_nineteen_of_twenty_draws(world: World, kind: str) -> None:
    counts = []

    for seed in range(20):
        od = NOISE[seed % len(NOISE)]
        drawn = draw_users(world, n=10_000, od=od, seed=seed, weights={kind: 1.0})
        counts.append(len(fit_patterns(drawn.features, seed=0).model.groups))

    assert counts.count(0) >= 19, counts


@pytest.mark.parametrize("kinds", [FEW_KINDS[0], FEW_KINDS[3]], ids=["two", "three"])
def test_few_kinds_are_counted(world: World, kinds: tuple[str, ...]) -> None:
    drawn = draw_users(world, n=4_000, seed=500, weights=shares(world, kinds))

    fit = fit_patterns(drawn.features, seed=0)

    assert len(fit.model.groups) == len(kinds)


@pytest.mark.slow
@pytest.mark.gate
@pytest.mark.parametrize("kinds", FEW_KINDS, ids="+".join)
def test_few_kinds_are_counted_in_nine_of_ten_draws(world: World, kinds: tuple[str, ...]) -> None:
    counts = []

    for seed in range(500, 510):
        od = NOISE[seed % len(NOISE)]
        drawn = draw_users(world, od=od, seed=seed, weights=shares(world, kinds))
        counts.append(len(fit_patterns(drawn.features, seed=0).model.groups))

    assert counts.count(len(kinds)) >= 9, counts


@pytest.mark.slow
@pytest.mark.gate
@pytest.mark.parametrize("rare", ["supporter", "community", "researcher"])
def test_a_kind_of_one_in_two_hundred_is_kept(world: World, rare: str) -> None:
    weights = with_rare(world, rare, 0.005)
    drawn = draw_users(world, n=60_000, od=1.0, seed=600, weights=weights)

    fit = fit_patterns(drawn.features, seed=0)

    assert best_f1(drawn.truth == drawn.kinds.index(rare), fit.scores.group) >= 0.85


def test_a_kind_of_one_in_fifty_is_kept(world: World) -> None:
    drawn = draw_users(
        world, n=6_000, od=0.6, seed=600, weights=with_rare(world, "community", 0.02)
    )

    fit = fit_patterns(drawn.features, seed=0)

    assert best_f1(drawn.truth == drawn.kinds.index("community"), fit.scores.group) >= 0.85


@pytest.mark.parametrize("bots", [0.01, 0.03])
def test_bots_are_found_out(world: World, bots: float) -> None:
    drawn = draw_users(world, n=4_000, seed=400, bots=bots)

    named = fit_patterns(drawn.features, seed=0, k=6).scores.labels == BOTS

    is_bot = drawn.truth == BOT
    assert (named & is_bot).sum() >= 0.99 * is_bot.sum() > 0
    assert (named & is_bot).sum() >= 0.99 * named.sum()


@pytest.mark.slow
@pytest.mark.gate
@pytest.mark.parametrize("od", NOISE)
def test_bots_do_not_move_what_is_found(world: World, od: float) -> None:
    found = []

    for bots in (0.0, 0.01, 0.03):
        drawn = draw_users(world, od=od, seed=400, bots=bots)
        found.append(truth_agreement(drawn, fit_patterns(drawn.features, seed=0).scores))

    assert max(found) - min(found) <= 0.02, found


def test_the_same_users_again_give_the_same_model(small: Drawn, small_fit: Fit) -> None:
    again = fit_patterns(small.features, seed=0)

    assert again.model.to_json() == small_fit.model.to_json()
    assert again.scores.labels.tolist() == small_fit.scores.labels.tolist()


def test_the_order_of_rows_and_columns_changes_nothing(small: Drawn, small_fit: Fit) -> None:
    mixed, rows = shuffle(small.features, np.random.default_rng(0))

    found = fit_patterns(mixed, seed=0)

    assert found.model.to_json() == small_fit.model.to_json()
    assert found.scores.labels.tolist() == small_fit.scores.labels[rows].tolist()


@pytest.mark.parametrize("threads", [1, 8])
def test_the_number_of_threads_changes_nothing(small: Drawn, small_fit: Fit, threads: int) -> None:
    from threadpoolctl import threadpool_limits  # noqa: PLC0415  comes with scikit-learn

    with threadpool_limits(limits=threads):
        found = fit_patterns(small.features, seed=0)

    assert found.model.to_json() == small_fit.model.to_json()


def test_units_change_no_label(world: World) -> None:
    # Without bots: the pace that gives them away is in minutes.
    drawn = draw_users(world, n=4_000, od=0.6, seed=400, bots=0.0)
    other = rescale(
        drawn.features, {"minutes_per_visit": 60.0, "days_since_last": 24.0}, outcomes=100.0
    )

    found = [fit_patterns(features, seed=0).scores.labels for features in (drawn.features, other)]

    assert found[0].tolist() == found[1].tolist()


def test_another_seed_finds_the_same(small: Drawn, small_fit: Fit) -> None:
    found = fit_patterns(small.features, seed=1)

    told = small_fit.scores.group >= 0
    assert agreement(found.scores.group[told], small_fit.scores.group[told]) >= 0.95


@pytest.mark.slow
@pytest.mark.gate
@pytest.mark.parametrize("od", NOISE)
def test_six_seeds_find_the_same(world: World, od: float) -> None:
    features = draw_users(world, od=od, seed=400).features

    first, *others = (fit_patterns(features, seed=seed).scores.group for seed in range(6))

    told = first >= 0
    assert min(agreement(first[told], other[told]) for other in others) >= 0.95
