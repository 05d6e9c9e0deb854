"""`in_pattern` asks kept models that are handed in: names, members, the definition's id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import ibis
import pytest
from ibis import Table

from segkit.errors import DefinitionError, UnknownNameError
from segkit.periods import Clock
from segkit.segments.build import Segment, in_pattern
from segkit.segments.check import check_definition
from segkit.segments.conditions import InPattern, KeptPattern
from segkit.segments.describe import describe
from segkit.segments.model import Definition, to_yaml
from segkit.segments.over_time import evaluate_at_all
from segkit.segments.pattern_models import bind
from segkit.segments.read import read_definitions
from segkit.store.tables import Tables
from tests.segments.tiny import Tiny, event, segment, tables_of

USERS = ("u_1", "u_2", "u_3", "u_4")
DAY = date(2026, 6, 30)


@dataclass
class Models:
    """Two patterns: who is in `p1` changes from day to day, `p2` is the rest but `u_4`."""

    tiny: Tiny
    names_of: Mapping[str, str] = field(default_factory=lambda: {"p1": "Readers", "p2": "Buyers"})
    content: str = "c1"
    asked: list[Clock] = field(default_factory=list)

    def names(self) -> tuple[str, ...]:
        return ("broken", "empty", "kinds")

    def patterns(self, model: str) -> Mapping[str, KeptPattern]:
        if model == "broken":
            raise DefinitionError.build("The pattern model `broken` cannot be read.", hint="mend.")
        if model == "empty":
            return {}
        return {
            i: KeptPattern(id=i, name=name, days=30, content=self.content)
            for i, name in self.names_of.items()
        }

    def members(
        self, pattern: InPattern, kept: KeptPattern, *, users: Table, tables: Tables, clock: Clock
    ) -> Table:
        self.asked.append(clock)
        first = {"u_1"} if clock.day == DAY else {"u_1", "u_2"}
        told = first if kept.id == "p1" else {"u_1", "u_2", "u_3"} - first
        told = told if pattern.min_probability <= 0.5 else set()
        numbers = [no for no, key in self.tiny.keys.items() if key in told]
        listed = users.filter(users.user_no.isin(numbers or [-1]))
        assert tables is self.tiny.tables
        return listed


@pytest.fixture(scope="module")
def tiny() -> Tiny:
    return tables_of([event(user, "2026-06-01T10:00", "login") for user in USERS])


@pytest.fixture
def models(tiny: Tiny) -> Models:
    return Models(tiny)


P1 = {"in_pattern": {"model": "kinds", "pattern": "p1"}}
P2 = {"in_pattern": {"model": "kinds", "pattern": "Buyers"}}
LIBRARY = {"readers": segment(P1, name="readers"), "all": segment({"did": {"event": "login"}})}


@pytest.mark.parametrize(
    ("where", "document", "expected"),
    [
        (P1, {}, {"u_1"}),
        (P2, {}, {"u_2", "u_3"}),
        ({"not": P1}, {}, {"u_2", "u_3", "u_4"}),
        ({"any": [P1, P2]}, {}, {"u_1", "u_2", "u_3"}),
        ({"all": [P1, P2]}, {}, set()),
        ({"at_least": {"n": 1, "of": [P1, {"not": P2}]}}, {}, {"u_1", "u_4"}),
        ({"in_segment": "readers"}, {}, {"u_1"}),
        ({"set": "all - readers"}, {}, {"u_2", "u_3", "u_4"}),
        (
            {"did_not": {"event": "login", "during": {"last": "2d"}}},
            {"universe": P2},
            {"u_2", "u_3"},
        ),
        (
            {"in_pattern": {"model": "kinds", "pattern": "p1", "min_probability": 0.9}},
            {},
            set(),
        ),
    ],
    ids=str,
)
def test_a_pattern_is_a_condition_like_others(
    tiny: Tiny, models: Models, where: Any, document: Any, expected: set[str]
) -> None:
    found = tiny.members(where, models=models, library=LIBRARY, **document)

    assert found == expected


def test_members_over_time_are_those_of_each_instant(tiny: Tiny, models: Models) -> None:
    clocks = [Clock.at_end_of(DAY - timedelta(days=n), tiny.tables.zone) for n in (9, 1, 0)]
    definition = segment({"any": [{"not": P2}, P1]}, universe=P1)
    now = tiny.evaluate(definition, clocks[-1], models=models)

    found = evaluate_at_all(now, clocks)

    bits = dict(tiny.tables.engine.rows(found.members))
    assert {tiny.keys[no]: b for no, b in bits.items()} == {"u_1": 0b111, "u_2": 0b011}
    assert dict(tiny.tables.engine.rows(found.universe)) == bits


@pytest.mark.parametrize(
    ("body", "error", "told"),
    [
        (
            ("kind", "p1"),
            UnknownNameError,
            "Unknown pattern model `kind`.*in_pattern.model.*`kinds`",
        ),
        (("kinds", "p9"), UnknownNameError, "Unknown pattern `p9`.*in_pattern.pattern.*`p1`, `p2`"),
        (("kinds", "Reader"), UnknownNameError, "Unknown pattern `Reader`.*`Readers`"),
        (("broken", "p1"), DefinitionError, "`broken` cannot be read.*in_pattern.model.*mend"),
        (("empty", "p1"), DefinitionError, "`empty` found no separate groups"),
    ],
    ids=str,
)
def test_a_model_or_pattern_that_is_not_there_is_refused(
    models: Models, tiny: Tiny, body: tuple[str, str], error: type[DefinitionError], told: str
) -> None:
    definition = Segment("asked", in_pattern(*body))

    with pytest.raises(error, match=f"(?s){told}"):
        tiny.evaluate(definition, Clock.at_end_of(DAY, tiny.tables.zone), models=models)
    (found,) = check_definition(
        definition, catalogue=tiny.tables.catalogue, library={}, models=models
    )
    assert found.place.startswith("segment asked, where.in_pattern.")
    assert models.asked == []


def test_without_a_workspace_no_model_can_be_read(tiny: Tiny) -> None:
    with pytest.raises(DefinitionError, match=r"`kinds` cannot be read here.*\n.*through a wo"):
        tiny.members(P1)


def test_a_name_that_two_patterns_have_is_refused(tiny: Tiny) -> None:
    twins = Models(tiny, names_of={"p1": "Same", "p2": "Same"})

    with pytest.raises(DefinitionError, match=r"called `Same`: `p1`, `p2`.*\n.*by its id"):
        tiny.members({"in_pattern": {"model": "kinds", "pattern": "Same"}}, models=twins)


def bound(where: Any, models: Models) -> Definition:
    return bind(segment(where), models)


def test_the_id_changes_with_a_refit_and_not_with_a_name(tiny: Tiny, models: Models) -> None:
    renamed = Models(tiny, names_of={"p1": "Learners", "p2": "Buyers"})
    refitted = Models(tiny, content="c2")

    asked = bound({"not": P1}, models)

    assert asked.id == bound({"not": P1}, renamed).id
    assert asked.id != bound({"not": P1}, refitted).id
    assert asked.id != bound(P1, models).id
    assert asked == segment({"not": P1})


def test_a_pattern_by_name_or_by_id_is_one_definition(models: Models) -> None:
    by_id = {"in_pattern": {"model": "kinds", "pattern": "p2"}}

    assert bound(P2, models).id == bound(by_id, models).id


def test_a_universe_is_bound_too(tiny: Tiny, models: Models) -> None:
    definition = segment({"did": {"event": "login"}}, universe=P1)

    ids = {bind(definition, m).id for m in (models, Models(tiny, content="c2"))}

    assert len(ids) == 2


def test_what_is_not_there_stays_unbound(models: Models) -> None:
    definition = Segment("asked", in_pattern("gone", "p1"))

    assert bind(definition, models).id == definition.id


def test_the_file_says_what_was_written_and_reads_back(models: Models) -> None:
    asked = bound(P2, models)

    text = to_yaml(asked)

    assert "content" not in text
    assert read_definitions(text, "again.yml") == [asked]


def test_a_bound_definition_says_name_and_days(models: Models) -> None:
    assert describe(bound(P2, models)) == (
        "All users who behave like the pattern “Buyers” (p2) of the model “kinds” in the last "
        "30 days."
    )


def test_the_tables_are_those_of_ibis(tiny: Tiny, models: Models) -> None:
    found = tiny.evaluate(segment(P1), Clock.at_end_of(DAY, tiny.tables.zone), models=models)

    assert isinstance(found.members, ibis.Table)
    assert found.members.columns == ("user_no",)
