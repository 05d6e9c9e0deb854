"""Simulations: 95% intervals hold the truth in 93 to 97% of samples, whatever n and p."""

import math

import numpy as np
import pytest

from segkit.compare.amounts import Amounts, Floats, cliff_delta, mean_difference, median_difference
from segkit.compare.share_effects import cohen_h
from segkit.compare.shares import lift_interval, newcombe_difference, wilson_interval

N_DRAWS = 20_000
N_SAMPLES = 2_000
LOW, HIGH = 0.93, 0.97


def share_inside(low: object, high: object, truth: float) -> float:
    """Give the share of intervals that hold the truth; unknown ones do not."""
    inside = (np.asarray(low) <= truth) & (np.asarray(high) >= truth)
    return float(inside.mean())


@pytest.mark.slow
@pytest.mark.parametrize("n", [40, 150, 1000, 20_000])
@pytest.mark.parametrize("p", [0.1, 0.35, 0.8])
def test_intervals_of_single_shares(n: int, p: float) -> None:
    counts = np.random.default_rng([n, int(100 * p)]).binomial(n, p, N_DRAWS)

    found = wilson_interval(counts, n)

    assert LOW <= share_inside(found.low, found.high, p) <= HIGH


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(60, 60), (60, 900), (1000, 9000)])
@pytest.mark.parametrize(("p", "q"), [(0.1, 0.2), (0.4, 0.4), (0.8, 0.55)])
def test_intervals_of_differences_and_lifts(n: int, m: int, p: float, q: float) -> None:
    chance = np.random.default_rng([n, m, int(100 * p)])
    own, other = chance.binomial(n, p, N_DRAWS), chance.binomial(m, q, N_DRAWS)

    difference = newcombe_difference(own, n, other, m)
    lift = lift_interval(own, n, other, m)
    h, true_h = cohen_h(own, n, other, m), 2 * (math.asin(p**0.5) - math.asin(q**0.5))

    assert LOW <= share_inside(h.low, h.high, true_h) <= HIGH
    assert LOW <= share_inside(difference.low, difference.high, p - q) <= HIGH
    assert LOW <= share_inside(lift.low, lift.high, p / q) <= HIGH


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(50, 50), (80, 800)])
@pytest.mark.parametrize("kind", ["exponential", "normal", "poisson"])
def test_intervals_of_amounts(n: int, m: int, kind: str) -> None:
    chance = np.random.default_rng([n, m])

    def draw(scale: float, size: int) -> Floats:
        match kind:
            case "exponential":
                return chance.exponential(scale, size)
            case "normal":
                return chance.normal(scale, 2, size)
        return chance.poisson(scale * 3, size).astype(float)

    whole = {"exponential": 1, "normal": 1, "poisson": 3}[kind]
    pools = [draw(s, 1_000_000) for s in (1.5, 1.0)]
    true_delta = cliff_delta(Amounts.from_users(*pools)).value
    true_median = float(np.median(pools[0]) - np.median(pools[1]))

    found = [_intervals(draw(1.5, n), draw(1.0, m), seed) for seed in range(N_SAMPLES)]

    bounds = np.array(found)  # samples, kinds of interval, low and high
    truths = (0.5 * whole, true_delta, true_median)
    means, cliffs, middles = (
        share_inside(bounds[:, at, 0], bounds[:, at, 1], truth) for at, truth in enumerate(truths)
    )
    assert LOW <= means <= HIGH
    assert LOW <= cliffs <= HIGH
    if kind != "poisson":  # medians of whole numbers jump, and their intervals hold more
        assert LOW <= middles <= HIGH


def _intervals(own: Floats, other: Floats, seed: int) -> list[tuple[float, float]]:
    amounts = Amounts.from_users(own, other)
    every = (
        mean_difference(amounts),
        cliff_delta(amounts),
        median_difference(amounts, seed=seed, n_resamples=1000),
    )
    assert not any(math.isnan(e.low) for e in every)
    return [(e.low, e.high) for e in every]
