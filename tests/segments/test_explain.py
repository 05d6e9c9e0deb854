"""What is said of one user is what the evaluation says, down to the single condition."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from segkit.errors import DefinitionError, EmptyError
from segkit.periods import Clock
from segkit.segments.conditions import Did, DidNot
from segkit.segments.explain import Verdict, check_explainable, explain
from segkit.segments.kinds import calc_kind, holds_for_number
from segkit.segments.windows import Rolling
from tests.segments.tiny import Tiny, event, label, segment, tables_of
from tests.segments.worlds import LIBRARY, RARE_KINDS, Chance

LAST = {"last": "30d"}
T = Clock.at_end_of(date(2026, 6, 30), ZoneInfo("UTC"))


@pytest.fixture(scope="module")
def shop() -> Tiny:
    """Two buyers and a visitor; u_1 came by e-mail, and back two days later."""
    return tables_of(
        [
            event("u_1", "2026-06-01T10:00", channel="Email", value="10", plan="pro"),
            event("u_1", "2026-06-01T10:01", "purchase", value="10", plan="pro"),
            event("u_1", "2026-06-03T10:00", "purchase", value="5", plan="free"),
            event("u_2", "2026-06-10T10:00", "purchase", value="7"),
            event("d_3", "2026-06-20T10:00"),
        ],
        attributes=[label("u_1", "plan", "pro"), label("u_2", "email", "ann@example.org")],
        consents=[
            {
                "user": "u_1",
                "purpose": "mail",
                "state": "granted",
                "time": event("u_1", "2026-06-01T10:00")["time"],
            }
        ],
    )


def told(shop: Tiny, where: Any, user: str = "u_1", **document: Any) -> Verdict:
    """The verdict on one user at the end of June, from all tables."""
    library = {"buyers": segment({"did": {"event": "purchase"}}, name="buyers")}
    membership = shop.evaluate(segment(where, **document), T, library=library)
    return explain(membership, user_no(shop, user))


def user_no(shop: Tiny, user: str) -> int:
    return next(no for no, key in shop.keys.items() if key == user)


def first(verdict: Verdict) -> tuple[bool | None, dict[str, Any]]:
    """Whether the rule's first condition holds, and what was seen."""
    part = verdict.parts[0]
    return part.holds, {seen.what: seen.value for seen in part.seen}


@pytest.mark.parametrize(
    ("where", "holds", "seen"),
    [
        ({"did": {"event": "purchase", "is": {"gte": 3}}}, False, {"number of times": 2}),
        (
            {"did_not": {"event": "purchase", "during": {"last": "7d"}}},
            True,
            {"number of times": 0},
        ),
        (
            {"did": {"event": "purchase", "calc": {"sum": "value"}, "is": {"gte": 15}}},
            True,
            {"sum “value”": 15},
        ),
        (
            {"did": {"event": "purchase", "calc": {"avg": "value"}, "is": {"gt": 7.5}}},
            False,
            {"mean “value”": 7.5},
        ),
        (
            {
                "did": {
                    "event": "purchase",
                    "is": {"gte": 2},
                    "during": {"any": "3d", "inside": LAST},
                }
            },
            True,
            {
                "smallest number of times within any 3 days": 0,
                "largest number of times within any 3 days": 2,
            },
        ),
        ({"attribute": {"name": "plan", "is": "pro"}}, True, {"value": "pro"}),
        ({"attribute": {"name": "n_visits", "is": {"gte": 3}}}, False, {"value": 2}),
        (
            {"visit_attribute": {"name": "channel", "is": "Email", "touch": "every"}},
            False,
            {"visits where this holds": 1},
        ),
        (
            {"visit_attribute": {"name": "channel", "is": "Email", "touch": "first"}},
            True,
            {"value": "Email"},
        ),
        (
            {"since_last": {"event": "purchase", "is": {"gte": "30d"}}},
            False,
            {"last time": datetime(2026, 6, 3, 10, tzinfo=UTC)},
        ),
        (
            {"first_time": {"event": "purchase", "during": {"last": "28d"}}},
            False,
            {"number of times": 1, "number of times before": 1},
        ),
        (
            {"stopped": {"event": "purchase", "active_in": LAST, "silent_for": "7d"}},
            True,
            {"number of times": 2, "number of times in the silence": 0},
        ),
        (
            {"resumed": {"event": "purchase", "during": {"last": "28d"}, "silent_for": "1d"}},
            True,
            {
                "number of times": 1,
                "number of times before the silence": 1,
                "number of times in the silence": 0,
            },
        ),
        (
            {
                "regularly": {
                    "event": "purchase",
                    "per": "10d",
                    "periods": {"is": {"gte": 1}, "of_last": 3},
                }
            },
            True,
            {
                "periods where this holds": 1,
                "numbers of times, the latest period first": "0, 0, 2",
            },
        ),
        (
            {
                "compare": {
                    "left": {"event": "purchase"},
                    "op": "gt",
                    "right": {"event": "page_view"},
                }
            },
            True,
            {"number of “purchase”": 2, "number of “page_view”": 1},
        ),
        (
            {"rank": {"by": {"event": "purchase"}, "top": 1}},
            True,
            {"number of times": 2, "place from the top": 1, "percentile": 83.33},
        ),
        ({"consent": {"purpose": "mail", "is": "granted"}}, True, {"last statement": "granted"}),
        ({"in_list": {"ids": ["u_1"]}}, True, {}),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else "",
)
def test_the_numbers_are_those_worked_out_by_hand(
    shop: Tiny, where: Any, *, holds: bool, seen: dict[str, Any]
) -> None:
    assert first(told(shop, where)) == (holds, seen)


def test_a_window_on_an_own_event_tells_of_the_event(shop: Tiny) -> None:
    window = {"after": {"first": "purchase"}, "for": "1d"}
    where = {"did": {"event": "purchase", "is": {"gte": 2}, "during": window}}

    holds, seen = first(told(shop, where))
    _none, unseen = first(told(shop, where, "d_3"))

    assert not holds
    assert seen["first “purchase”"].isoformat() == "2026-06-01T10:01:00+00:00"
    assert (seen["number of times"], unseen["number of times"]) == (1, 0)
    assert unseen["first “purchase”"] is None


def test_a_visit_is_told_by_how_many_visits_meet_it(shop: Tiny) -> None:
    inside = [
        {"did": {"event": "purchase"}},
        {"visit_attribute": {"name": "channel", "is": "Email"}},
    ]

    root = told(shop, {"same_visit": {"all": inside}})

    of_visit = root.parts[0].parts[0]
    assert root.holds
    assert [(s.value, s.of) for s in of_visit.seen] == [(1, 2)]
    assert [part.seen[0].value for part in of_visit.parts] == [2, 1]
    assert "of that visit" in of_visit.parts[1].text


def test_a_segment_is_opened_where_it_is_met_first(shop: Tiny) -> None:
    asked = {"any": [{"in_segment": "buyers"}, {"not": {"in_segment": "buyers"}}]}

    root = told(shop, asked, "d_3", universe={"active": "30d"})

    universe, rule = root.parts
    of, negated = rule.parts
    assert (universe.kind, universe.holds, universe.seen[0].what) == (
        "universe",
        True,
        "last active",
    )
    assert (root.holds, rule.holds, of.holds, negated.holds) == (True, True, False, True)
    assert [part.place for part in of.parts] == ["where.any[0].in_segment.where.did"]
    assert negated.parts[0].parts == ()


def test_places_and_words_are_those_of_the_definition(shop: Tiny) -> None:
    where = {"all": [{"did": {"event": "purchase", "is": {"gte": 2}, "during": LAST}}]}

    part = told(shop, where).parts[0].parts[0]

    assert part.place == "where.all[0].did"
    assert part.text == "did “purchase” at least 2 times in the last 30 days"
    assert (part.seen[0].from_on, part.seen[0].to_on) == (date(2026, 6, 1), date(2026, 6, 30))


def test_a_user_who_is_not_known_yet_is_refused(shop: Tiny) -> None:
    early = Clock.at_end_of(date(2026, 6, 15), ZoneInfo("UTC"))
    membership = shop.evaluate(segment({"did": {"event": "purchase"}}), early)

    with pytest.raises(EmptyError, match="Nothing was known of this user at the end of 2026-06-15"):
        explain(membership, user_no(shop, "d_3"))


def test_a_query_is_not_explainable_wherever_it_stands() -> None:
    library = {"by_query": segment({"sql": "select 1"}, name="by_query")}
    asked = segment({"not": {"in_segment": "by_query"}})

    check_explainable(segment({"did": {"event": "purchase"}}), library)
    with pytest.raises(DefinitionError, match="`by_query` is not explainable"):
        check_explainable(asked, library)


def check_seed(seed: int, kind: str = "") -> None:
    """The root of every user is the membership, and a number seen is the one compared."""
    chance = Chance(seed)
    setting, clock = chance.setting(), chance.clock()
    document = chance.document_around(kind) if kind else chance.document()
    tiny = setting.build()
    library = {name: segment(where, name=name) for name, where in LIBRARY.items()}
    definition = segment(**document)
    membership = tiny.evaluate(definition, clock, library=library)
    rows = tiny.tables.engine.rows
    known, members = (
        {row[0] for row in rows(t)}
        for t in (tiny.evaluate(EVERYONE, clock).members, membership.members)
    )

    for no in known:
        root = explain(membership, no)
        assert root.holds == (no in members), (clock, document)
        check_number(root.parts[-1], definition.where)


EVERYONE = segment({"did": {"visit": "any", "is": {"gte": 0}}})


def check_number(part: Verdict, where: Any) -> None:
    """A `did` of a number in a plain window holds if the number that was seen says so."""
    if not isinstance(where, Did | DidNot) or isinstance(where.during, Rolling):
        return
    value = part.seen[-1].value
    if calc_kind(where.target, where.calc) != "number" or not isinstance(value, int):
        return
    did = where.positive if isinstance(where, DidNot) else where
    assert holds_for_number(did.bound, value) == (part.holds is isinstance(where, Did))


@settings(max_examples=5, phases=[Phase.generate])
@given(st.integers(0, 2**32 - 1))
def test_the_root_of_the_tree_is_membership(seed: int) -> None:
    check_seed(seed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["", *RARE_KINDS])
@settings(max_examples=15, phases=[Phase.generate])
@given(st.integers(0, 2**32 - 1))
def test_the_root_of_the_tree_is_membership_hundreds_of_times(kind: str, seed: int) -> None:
    check_seed(seed, kind)
