"""Patterns meet their gates on other users and later days: frozen, refitted, asked twice, named."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from segkit.patterns.carry_over import CarryOver, carry_over
from segkit.patterns.eligible import Labels
from segkit.patterns.features import Features
from segkit.patterns.fit import Fit, Scores, fit_patterns, score
from segkit.patterns.names import name_patterns
from segkit.patterns.retest import measure_retest
from tests.patterns.archetypes import Drawn, World, draw_users, read_world
from tests.patterns.gates import (
    deal_halves,
    kinds_held,
    kinds_of_groups,
    truth_agreement,
    worst_share_error,
)

pytestmark = pytest.mark.shared

NOISE = (0.6, 1.0, 1.5)
FIRST_TERMS = {
    "browser": {"/category", "/product", "category", "product"},
    "buyer": {"cart", "checkout"},
    "community": {"forum"},
    "lapsed": {"few page views", "few visits", "not seen lately", "short visits"},
    "one_shot": {"few page views", "few visits", "home", "short visits"},
    "researcher": {"article"},
    "supporter": {"account", "help"},
}
"""What the strongest difference of each kind may be, by how the kinds are drawn."""


@dataclass(frozen=True, kw_only=True)
class Week:
    """Users that patterns were found in, and which kind each pattern is of."""

    drawn: Drawn
    fit: Fit

    @property
    def kinds(self) -> tuple[str, ...]:
        return kinds_of_groups(self.drawn, self.fit.scores, len(self.fit.model.groups))

    @property
    def kinds_held(self) -> tuple[frozenset[str], ...]:
        return kinds_held(self.drawn, self.fit.scores, len(self.fit.model.groups))


@pytest.fixture(scope="module")
def world(shared: Path) -> World:
    return read_world(shared)


@pytest.fixture(scope="module")
def small(world: World) -> Week:
    drawn = draw_users(world, n=4_000, od=0.6, seed=400)
    return Week(drawn=drawn, fit=fit_patterns(drawn.features, seed=0))


def draw_later(world: World, *, n: int, od: float, seed: int) -> Drawn:
    """Draw other users, each kind from a fifth to twice as often as before."""
    factors = np.random.default_rng(seed).uniform(0.2, 2.0, len(world.archetypes)).tolist()
    pairs = zip(world.archetypes.items(), factors, strict=True)
    weights = {kind: float(row[0]) * by for (kind, row), by in pairs}
    return draw_users(world, n=n, od=od, seed=seed, weights=weights)


def refit(week: Week, later: Drawn) -> tuple[CarryOver, Week]:
    new = Week(drawn=later, fit=fit_patterns(later.features, seed=0))
    before = score(week.fit.model, later.features)
    found = carry_over(
        before.labels,
        new.fit.scores.labels,
        old=[group.id for group in week.fit.model.groups],
        new=[group.id for group in new.fit.model.groups],
    )
    return found, new


def moved(week: Week, found: CarryOver, new: Week) -> list[tuple[frozenset[str], ...]]:
    """Give the kinds before and now of names whose pattern holds none of the kinds any more."""
    before, now = (
        {g.id: kinds for g, kinds in zip(w.fit.model.groups, w.kinds_held, strict=True)}
        for w in (week, new)
    )
    pairs = [(before[p.previous], now[p.pattern]) for p in found.patterns if p.previous]
    return [(old, new) for old, new in pairs if not old & new]


def first_terms(drawn: Drawn, fit: Fit, scores: Scores) -> list[tuple[str, str]]:
    """Give each pattern's strongest term as its column, or its words for volume, and its name."""
    groups = {group.id: scores.labels == group.id for group in fit.model.groups}
    named = name_patterns(drawn.features, groups).values()
    strongest = [found.terms[0] for found in named]
    words = [term.words if term.block == "volume" else term.column for term in strongest]
    return list(zip(words, (found.name for found in named), strict=True))


def same_share(week: Week, rng: np.random.Generator) -> float:
    def label(features: Features) -> Labels:
        return score(week.fit.model, features).labels

    found = measure_retest(*deal_halves(week.drawn, rng), label=label, patterns=())
    assert found.n_eligible > 0
    return found.eligible_same_share or 0.0


def test_frozen_patterns_know_the_kinds_a_month_later(world: World, small: Week) -> None:
    later = draw_later(world, n=4_000, od=0.6, seed=700)

    scores = score(small.fit.model, later.features)

    fitted = truth_agreement(small.drawn, small.fit.scores)
    assert truth_agreement(later, scores) >= fitted - 0.03
    assert worst_share_error(later, scores, small.kinds) <= 0.05


@pytest.mark.slow
@pytest.mark.gate
@pytest.mark.parametrize("od", NOISE)
def test_frozen_and_refitted_patterns_hold_in_four_later_months(world: World, od: float) -> None:
    drawn = draw_users(world, od=od, seed=400)
    week = Week(drawn=drawn, fit=fit_patterns(drawn.features, seed=0))
    fitted = truth_agreement(drawn, week.fit.scores)

    for seed in range(700, 704):
        later = draw_later(world, n=20_000, od=od, seed=seed)
        scores = score(week.fit.model, later.features)
        found, new = refit(week, later)

        assert truth_agreement(later, scores) >= fitted - 0.03, seed
        assert worst_share_error(later, scores, week.kinds) <= 0.05, seed
        assert (found.same_share or 0) >= 0.97, seed
        assert moved(week, found, new) == [], seed


def test_a_refit_keeps_labels_and_names(world: World, small: Week) -> None:
    later = draw_users(world, n=4_000, od=0.6, seed=401)

    found, new = refit(small, later)

    assert (found.same_share or 0) >= 0.97
    assert {p.status for p in found.patterns} == {"kept"}
    assert moved(small, found, new) == []


def test_half_of_what_users_did_gives_the_same_label(small: Week) -> None:
    assert same_share(small, np.random.default_rng(0)) >= 0.9


@pytest.mark.slow
@pytest.mark.gate
@pytest.mark.parametrize("od", NOISE)
def test_halves_agree_at_every_noise(world: World, od: float) -> None:
    drawn = draw_users(world, od=od, seed=400)
    week = Week(drawn=drawn, fit=fit_patterns(drawn.features, seed=0))

    assert same_share(week, np.random.default_rng(0)) >= 0.9


def test_names_say_what_the_kind_does(small: Week) -> None:
    terms = first_terms(small.drawn, small.fit, small.fit.scores)

    is_right = [
        term in FIRST_TERMS[kind] for (term, _), kind in zip(terms, small.kinds, strict=True)
    ]
    assert np.mean(is_right) >= 0.9, terms
    assert len({name for _, name in terms}) == len(terms)


@pytest.mark.slow
@pytest.mark.gate
def test_names_are_right_unique_and_the_same_next_week(world: World) -> None:
    is_right, is_same = [], []
    for od in NOISE:
        drawn = draw_users(world, od=od, seed=400)
        week = Week(drawn=drawn, fit=fit_patterns(drawn.features, seed=0))
        terms = first_terms(drawn, week.fit, week.fit.scores)
        later = draw_users(world, od=od, seed=401)
        again = first_terms(later, week.fit, score(week.fit.model, later.features))

        assert len({name for _, name in terms}) == len(terms)
        is_right += [t in FIRST_TERMS[k] for (t, _), k in zip(terms, week.kinds, strict=True)]
        is_same += [a[0] == b[0] for a, b in zip(terms, again, strict=True)]

    assert np.mean(is_right) >= 0.9
    assert np.mean(is_same) >= 0.9
