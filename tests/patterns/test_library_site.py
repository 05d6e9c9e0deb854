"""Another world than the method was chosen on: it is what it says, and patterns are found there.

The limits are floors below what was measured once the method stood still; the scores themselves
stand in `docs/patterns-evidence.md`.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from segkit.patterns.eligible import ELIGIBLE, name_eligible
from segkit.patterns.fit import Fit, fit_patterns, score
from tests.patterns.gates import kinds_of_groups, truth_agreement
from tests.patterns.library_scores import SEEDS, TASTES, find, follow
from tests.patterns.library_site import READERS, Library, draw_library


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A library over two windows of four weeks, and the patterns of the first."""

    library: Library
    fit: Fit


@pytest.fixture(scope="module")
def seen() -> Seen:
    library = draw_library(n=3_000, seed=900, windows=2)
    return Seen(library=library, fit=fit_patterns(library.windows[0].features, seed=0))


def test_a_busy_month_follows_a_busy_month(seen: Seen) -> None:
    before, after = (window.features for window in seen.library.windows)
    truth = seen.library.windows[0].truth
    _, here, there = np.intersect1d(before.user_key, after.user_key, return_indices=True)
    visits = [
        features.column("volume", "n_visits")[rows]
        for features, rows in ((before, here), (after, there))
    ]

    for kind in range(len(READERS)):
        own = truth[here] == kind
        assert np.corrcoef(visits[0][own], visits[1][own])[0, 1] >= 0.3, kind


def test_page_groups_are_made_of_paths_and_unequal(seen: Seen) -> None:
    views = seen.library.windows[0].features.blocks["pages"].values.sum(axis=0)

    assert "/catalogue/novels/*" in seen.library.groups.names
    assert views.max() >= 8 * views[views > 0].min()


def test_the_kinds_of_another_world_are_found(seen: Seen) -> None:
    window = seen.library.windows[0]

    kinds = kinds_of_groups(window, seen.fit.scores, len(seen.fit.model.groups))

    assert sorted(kinds) == sorted(READERS)
    assert truth_agreement(window, seen.fit.scores) >= 0.85


def test_frozen_patterns_hold_in_the_next_four_weeks(seen: Seen) -> None:
    before, after = seen.library.windows

    fitted = truth_agreement(before, seen.fit.scores)

    assert truth_agreement(after, score(seen.fit.model, after.features)) >= fitted - 0.05


def test_most_come_often_enough_to_tell(seen: Seen) -> None:
    standing = name_eligible(seen.library.windows[0].features)

    assert 0.5 <= np.mean(standing == ELIGIBLE) < 1


@pytest.mark.slow
def test_eight_libraries_are_told_apart() -> None:
    found = find(TASTES[0])

    assert len(found) == len(SEEDS)
    assert np.median([one.truth for one in found]) >= 0.90, found
    assert min(one.truth for one in found) >= 0.85, found
    assert np.median([one.truth / one.oracle for one in found]) >= 0.95, found


@pytest.mark.slow
def test_people_keep_their_label_four_weeks_on() -> None:
    found = follow(TASTES[0])

    assert found.frozen >= found.fitted - 0.03
    assert (found.same_frozen or 0) >= 0.9
    assert found.same_refit >= 0.97
