"""Halves of a user's visits that give one label agree; what is too little is told apart."""

import numpy as np
import pytest

from segkit.patterns.eligible import Labels
from segkit.patterns.features import Features
from segkit.patterns.retest import measure_retest
from tests.patterns.small import build


def label(features: Features) -> Labels:
    """Give the busier of two page groups; below five views it is too little data."""
    pages = features.blocks["pages"].values
    busier = np.where(pages[:, 0] > pages[:, 1], "p1", "p2")
    return np.where(pages.sum(axis=1) < 5, "too little data", busier).astype(np.str_)


def test_agreement_is_counted_over_all_and_over_those_told_twice() -> None:
    # Same twice; other; too little once; too little twice.
    first = build([[9, 0, 0], [9, 0, 0], [9, 0, 0], [1, 0, 0]])
    second = build([[5, 4, 0], [0, 9, 0], [1, 0, 0], [0, 1, 0]])

    found = measure_retest(first, second, label=label, patterns=["p1", "p2"])

    assert (found.n_users, found.n_same) == (4, 2)
    assert (found.n_eligible, found.n_eligible_same) == (2, 1)
    assert found.same_share == found.eligible_same_share == 0.5
    assert [(p.n_users, p.n_same) for p in found.patterns] == [(2, 1), (1, 0)]


def test_users_are_matched_by_number_not_by_row() -> None:
    both = build([[9, 0, 0], [0, 9, 0], [9, 0, 0]])
    first, second = both.take(np.array([0, 1])), both.take(np.array([2, 1]))

    found = measure_retest(first, second, label=label, patterns=["p1"])

    assert (found.n_users, found.n_same) == (1, 1)


def test_nobody_in_both_halves_has_no_share() -> None:
    found = measure_retest(build([]), build([[9, 0, 0]]), label=label, patterns=["p1"])

    assert (found.same_share, found.eligible_same_share, found.low) == (None, None, None)
    assert found.patterns[0].same_share is None


def test_the_interval_is_that_of_the_eligible_share() -> None:
    users = build([[9, 0, 0]] * 10)

    found = measure_retest(users, users, label=label, patterns=["p1"])

    # 10 of 10: Wilson's lower bound is 1 / (1 + 1.96² / 10).
    assert found.low == pytest.approx(1 / (1 + 1.959964**2 / 10), abs=1e-6)
