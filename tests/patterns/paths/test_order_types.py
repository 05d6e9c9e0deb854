"""Types of order: the likelihood only grows, chance is seeded, few paths are one type."""

import numpy as np
import pytest

from segkit.patterns.paths.order_types import assign_types, choose_types, fit_mixture
from tests.patterns.paths.generators import draw_mixture
from tests.patterns.paths.walking import sequences


def test_two_opposite_orders_are_told_apart() -> None:
    paths = sequences(["ABCABC", "CBACBA"] * 50)

    mixture = fit_mixture(paths, 2)

    kind = assign_types(mixture, paths)[0].argmax(axis=1)
    assert len({tuple(kind[::2].tolist()), tuple(kind[1::2].tolist())}) == 2
    assert kind[::2].std() == kind[1::2].std() == 0


def test_a_fit_is_made_of_chances() -> None:
    paths, _, _ = draw_mixture(0.6, 0, n=300)

    mixture = fit_mixture(paths, 3, n_rounds=5)

    assert mixture.weights.sum() == pytest.approx(1)
    assert np.allclose(mixture.chains.sum(axis=2), 1)
    assert (np.diff(mixture.weights) <= 0).all()


def test_more_rounds_are_no_less_likely() -> None:
    paths, _, _ = draw_mixture(0.6, 0, n=300)

    likely = [fit_mixture(paths, 3, n_rounds=n).log_likelihood for n in (1, 5, 40)]

    assert likely == sorted(likely)


def test_the_same_seed_gives_the_same_types() -> None:
    paths, _, _ = draw_mixture(0.6, 0, n=300)

    first, second = (fit_mixture(paths, 3, seed=4) for _ in range(2))

    assert np.array_equal(first.chains, second.chains)


def test_one_type_is_all_moves_plus_a_tenth() -> None:
    paths = sequences(["AB", "AB", "AC"], names="ABC")

    mixture = fit_mixture(paths, 1)

    assert mixture.chains[0][0].tolist() == pytest.approx([0.1 / 3.3, 2.1 / 3.3, 1.1 / 3.3])


def test_paths_alike_are_one_type() -> None:
    mixture, trials = choose_types(sequences(["ABC"] * 40), most=3)

    assert mixture.k == 1
    assert [trial.k for trial in trials] == [1, 2, 3]
    assert trials[0].gain == 0
