"""Members at several instants at once are those found instant by instant."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from ibis import Table

from segkit.periods import Clock
from segkit.segments.clocks import undated
from segkit.segments.over_time import evaluate_at_all
from tests.segments.tiny import Tiny, segment
from tests.segments.worlds import DAYS, LIBRARY, RARE_KINDS, Chance

BATCH = 6
"""Definitions asked of one world."""
SEEDS = st.integers(0, 2**32 - 1)


def bits_of(tiny: Tiny, table: Table) -> dict[int, int]:
    rows = tiny.tables.engine.rows(table)
    found = dict(rows)
    assert len(found) == len(rows), "a user stands twice"
    return found


def check_seed(seed: int, kind: str = "", *, asked: Sequence[Any] = ()) -> None:
    chance = Chance(seed)
    setting, last = chance.setting(), chance.clock()
    chance.clock_units = False  # every clock below ends a day
    tiny = setting.build()
    clocks = [
        Clock.at_end_of(last.day - timedelta(days=days), last.zone)
        for days in (DAYS // 2, 7, 7, 1, 0)
    ]
    library = {name: segment(where, name=name) for name, where in LIBRARY.items()}
    made = (chance.document_around(kind) if kind else chance.document() for _ in range(BATCH))
    for document in asked or made:
        definition = undated(segment(**document))
        at_last = tiny.evaluate(definition, clocks[-1], library=library)

        found = evaluate_at_all(at_last, clocks)

        members, universe = bits_of(tiny, found.members), bits_of(tiny, found.universe)
        for place, clock in enumerate(clocks):
            alone = tiny.evaluate(definition, clock, library=library)
            for many, one in ((universe, alone.universe), (members, alone.members)):
                expected = {row[0] for row in tiny.tables.engine.rows(one.select("user_no"))}
                assert {u for u, bits in many.items() if bits >> place & 1} == expected, (
                    clock,
                    definition,
                )


IN_ONE_PASS = [
    {"visit_attribute": {"name": "channel", "is": "Email", "during": {"last": "3d"}}},
    {"visit_attribute": {"name": "country", "is": {"ne": "DE"}, "touch": "every"}},
    {"visit_attribute": {"name": "channel", "is": {"known": False}, "touch": "every"}},
    {"visit_attribute": {"name": "country", "is": {"eq": "DE", "missing": "include"}}},
    {"attribute": {"name": "user_id", "is": {"known": False}}},
    {"attribute": {"name": "user_id", "is": ["u_1", "u_7"]}},
    {"not": {"attribute": {"name": "registered_at", "is": {"known": True}}}},
]
"""Conditions on what never changes after a moment."""


@settings(max_examples=1, phases=[Phase.generate], deadline=None)
@given(SEEDS)
def test_what_never_changes_later_is_that_of_each_instant(seed: int) -> None:
    check_seed(seed, asked=[{"where": where} for where in IN_ONE_PASS])


@settings(max_examples=4, phases=[Phase.generate], deadline=None)
@given(SEEDS)
def test_members_at_many_instants_are_those_of_each(seed: int) -> None:
    check_seed(seed)


@pytest.mark.slow
@settings(max_examples=120, phases=[Phase.generate], deadline=None)
@given(SEEDS)
def test_members_at_many_instants_are_those_of_each_hundreds_of_times(seed: int) -> None:
    check_seed(seed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", RARE_KINDS)
@settings(max_examples=5, phases=[Phase.generate], deadline=None)
@given(SEEDS)
def test_members_by_one_kind_of_condition_at_many_instants_are_those_of_each(
    kind: str, seed: int
) -> None:
    check_seed(seed, kind)
