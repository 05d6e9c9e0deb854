"""The evaluator agrees with the oracle on random definitions, clock changes included."""

from functools import partial, reduce
from typing import Any

import ibis
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from segkit.periods import Clock
from tests.segments.oracle import World
from tests.segments.tiny import Tiny, segment
from tests.segments.worlds import LIBRARY, RARE_KINDS, Chance, Setting

BATCH = 12
"""Definitions evaluated over one world, by one query."""
SEEDS = st.integers(0, 2**32 - 1)


def case_of(seed: int, kind: str = "") -> tuple[Setting, Clock, list[Any]]:
    """A world, a clock (at a day's end or an instant, in its zone or another), and definitions.

    Where a kind is given, each definition is built around one condition of it.
    """
    chance = Chance(seed)
    setting, clock = chance.setting(), chance.clock()
    make = partial(chance.document_around, kind) if kind else chance.document
    return setting, clock, [make() for _ in range(BATCH)]


def evaluated(tiny: Tiny, clock: Clock, documents: list[Any]) -> list[set[int]]:
    """Members of several definitions by one query."""
    library = {name: segment(where, name=name) for name, where in LIBRARY.items()}
    tables = [
        tiny.evaluate(segment(**document), clock, library=library).members.mutate(
            q=ibis.literal(i, "int64")
        )
        for i, document in enumerate(documents)
    ]
    found: list[set[int]] = [set() for _ in documents]
    rows = tiny.tables.engine.rows(reduce(lambda a, b: a.union(b), tables))
    for user_no, i in rows:
        assert user_no not in found[i], "a member stands twice"
        found[i].add(user_no)
    return found


def check_seed(seed: int, kind: str = "") -> None:
    setting, clock, asked = case_of(seed, kind)
    tiny = setting.build()
    library = {name: {"where": where} for name, where in LIBRARY.items()}
    world = World(tiny.rows, clock.at, clock.zone, library)

    found = evaluated(tiny, clock, asked)

    for document, members in zip(asked, found, strict=True):
        assert members == world.members(document), (clock, document)


@settings(max_examples=5, phases=[Phase.generate])
@given(SEEDS)
def test_members_are_those_of_the_oracle(seed: int) -> None:
    check_seed(seed)


@pytest.mark.slow
@settings(max_examples=250, phases=[Phase.generate])
@given(SEEDS)
def test_members_are_those_of_the_oracle_thousands_of_times(seed: int) -> None:
    check_seed(seed)


@pytest.mark.parametrize("kind", RARE_KINDS)
@settings(max_examples=1, phases=[Phase.generate])
@given(SEEDS)
def test_members_by_one_kind_of_condition_are_those_of_the_oracle(kind: str, seed: int) -> None:
    check_seed(seed, kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", RARE_KINDS)
@settings(max_examples=60, phases=[Phase.generate])
@given(SEEDS)
def test_members_by_one_kind_of_condition_are_those_of_the_oracle_hundreds_of_times(
    kind: str, seed: int
) -> None:
    check_seed(seed, kind)
