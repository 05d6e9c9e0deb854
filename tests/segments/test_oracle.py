"""The evaluator agrees with the oracle on random definitions, clock changes included."""

from datetime import timedelta
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit.periods import Clock
from tests.segments.oracle import World
from tests.segments.tiny import Tiny, segment, tables_of
from tests.segments.worlds import LIBRARY, Setting, documents, settings_

BATCH = 3
"""Definitions evaluated over one world, by one query."""


@st.composite
def cases(draw: st.DrawFn) -> tuple[Setting, Clock, list[Any]]:
    """A world, a clock (at a day's end or an instant, in its zone or another), and definitions."""
    setting = draw(settings_())
    zone = ZoneInfo(draw(st.sampled_from([setting.zone, setting.zone, "Asia/Kolkata"])))
    clock = Clock.at_end_of(setting.day(draw(st.integers(-4, 7))), zone)
    by_clock = draw(st.integers(0, 3)) == 0
    if by_clock:
        clock = Clock(clock.at + timedelta(minutes=draw(st.sampled_from([1, 61, 90, 724]))), zone)
    asked = documents(setting.base, clock=by_clock and not clock.is_day_end)
    return setting, clock, draw(st.lists(asked, min_size=BATCH, max_size=BATCH))


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


def compare(case: tuple[Setting, Clock, list[Any]]) -> None:
    setting, clock, asked = case
    tiny = tables_of(
        setting.events,
        attributes=setting.attributes,
        consents=setting.consents,
        exposures=setting.exposures,
        people=setting.people,
        zone=setting.zone,
    )
    library = {name: {"where": where} for name, where in LIBRARY.items()}
    world = World(tiny.rows, clock.at, clock.zone, library)

    found = evaluated(tiny, clock, asked)

    for document, members in zip(asked, found, strict=True):
        assert members == world.members(document), document


@settings(max_examples=5)
@given(cases())
def test_members_are_those_of_the_oracle(case: tuple[Setting, Clock, list[Any]]) -> None:
    compare(case)


@pytest.mark.slow
@settings(max_examples=200)
@given(cases())
def test_members_are_those_of_the_oracle_thousands_of_times(
    case: tuple[Setting, Clock, list[Any]],
) -> None:
    compare(case)
