"""Checking: strict names, types, cycles, currencies, and what cannot be evaluated yet."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from segkit.errors import DefinitionError, NotYetError, UnknownNameError
from segkit.segments.check import check_definition
from segkit.segments.model import to_yaml
from segkit.segments.read import read_definitions
from segkit.store.tables import AttributeInfo, Catalogue, EventInfo
from tests.segments.tiny import segment

CATALOGUE = Catalogue(
    events={
        "purchase": EventInfo(n=9, properties=("plan", "it's")),
        "page_view": EventInfo(n=9, properties=("topic",)),
    },
    attributes={
        "age": AttributeInfo(kind="number", has_history=False, n_users=5),
        "plan": AttributeInfo(kind="text", has_history=True, n_users=5),
        "vip": AttributeInfo(kind="boolean", has_history=False, n_users=5),
    },
    experiments={"exp": ("A", "B")},
    purposes=("mail",),
    currencies=("EUR", "USD"),
)
NOT_YET = {
    "same_item_hesitators": "`sequence`",
    "staff_and_testers": "`attribute: {at: anything but latest}`",
    "lost_vips_h1": "`in_segment: {as_of: …}`",
    "mobile_price_and_faq": "`no_sequence`",
    "variant_b_reachable": "`membership`",
}


def errors(where: Any, **document: Any) -> list[DefinitionError]:
    library = {"known": segment({"did": {"event": "purchase"}}, name="known")}
    found = check_definition(segment(where, **document), catalogue=CATALOGUE, library=library)
    return [finding.error() for finding in found if finding.severity == "error"]


UNKNOWN = [
    ({"did": {"event": "purchse"}}, "Unknown event `purchse`.*where.did.event.*`purchase`"),
    ({"did": {"event": ["purchase", "x"]}}, "Unknown event `x`"),
    ({"did": {"event": "purchase", "where": {"pln": 1}}}, "Unknown property `pln`.*`plan`"),
    ({"did": {"event": "purchase", "calc": {"sum": "plam"}}}, "Unknown property `plam`.*`plan`"),
    ({"did": {"visit": "any", "where": {"chanel": "x"}}}, "Unknown visit attribute.*`channel`"),
    ({"did": {"experience": {"id": "exq"}}}, "Unknown experience `exq`.*`exp`"),
    ({"did": {"experience": {"id": "exp", "variant": "C"}}}, "Unknown variant `C`"),
    ({"attribute": {"name": "agee", "is": 3}}, "Unknown attribute `agee`.*`age`"),
    ({"visit_attribute": {"name": "cuntry", "is": "x"}}, "Unknown visit attribute.*`country`"),
    ({"consent": {"purpose": "male", "is": "granted"}}, "Unknown purpose `male`.*`mail`"),
    ({"in_segment": "knwn"}, "Unknown segment `knwn`.*`known`"),
    ({"set": "known | gone"}, "Unknown segment `gone`"),
    ({"in_list": {"file": "l.csv", "column": "a", "match": "emal"}}, "Unknown attribute `emal`"),
    ({"sequence": {"steps": [{"event": "purchase"}, {"event": "purchse"}]}}, "`purchse`"),
]


@pytest.mark.parametrize(("where", "told"), UNKNOWN, ids=lambda v: v if isinstance(v, str) else "")
def test_an_unknown_name_is_an_error_with_near_names(where: Any, told: str) -> None:
    found = [e for e in errors(where) if isinstance(e, UnknownNameError)]

    assert len(found) == 1
    with pytest.raises(UnknownNameError, match=f"(?s){told}"):
        raise found[0]


def test_the_universe_is_checked_too() -> None:
    (error,) = errors({"did": {"event": "purchase"}}, universe={"segment": "gone"})

    assert str(error).startswith("Unknown segment `gone`. (segment tested, universe)")


BUYS = {"event": "purchase"}
WEEKLY = {"per": "1w", "periods": {"is": 2, "of_last": 3}}
ANY = {"during": {"any": "3d", "inside": {"last": "30d"}}}
PLAN = {"event": "purchase", "calc": {"last": "plan"}}
ILL = [
    ({"did": {"event": "purchase", "is": "often"}}, "Expected a number, found `often`"),
    ({"did": {"event": "purchase", "is": {"gte": "2026-01-01"}}}, "Expected a number"),
    ({"did": {"event": "purchase", "is": True}}, "Expected a number, found `True`"),
    ({"did": {"event": "purchase", "calc": {"last": "event_time"}, "is": 3}}, "Expected a date"),
    ({"did": {"event": "purchase", "calc": {"sum": "event_time"}}}, "no meaning"),
    ({"did": {"event": "purchase", "calc": {"last": "plan"}}}, "needs `is`"),
    ({"did": {"event": "purchase", "where": {"value": "x"}}}, "Expected a number, found `x`"),
    ({"did": {"visit": "any", "calc": {"sum": "channel"}}}, "attributes of visits are texts"),
    ({"did": {"experience": {"id": "exp"}, "calc": "visits"}}, "do not belong to visits"),
    ({"did": {"experience": {"id": "exp"}, "where": {"a": 1}}}, "have no properties"),
    ({"attribute": {"name": "age", "is": "old"}}, "Expected a number, found `old`"),
    ({"measure": {"of": BUYS, "is": "often"}}, "Expected a number, found `often`"),
    ({"compare": {"left": BUYS, "op": "gt", "right": PLAN}}, "`left` is a number, `right` a text"),
    ({"compare": {"left": PLAN, "op": "gt", "right": PLAN}}, "`gt` needs numbers or times"),
    (
        {"compare": {"left": PLAN, "op": "eq", "right": PLAN, "times": 2}},
        "`times` and `plus` need numbers",
    ),
    ({"rank": {"by": PLAN, "top": 3}}, "gives texts, which have no rank"),
    ({"rank": {"by": BUYS, "percentile": {"gte": 900}}}, "from 0 to 100"),
    ({"rank": {"by": BUYS, "percentile": {"gte": "2026-01-01"}}}, "Expected a number"),
    ({"regularly": BUYS | WEEKLY | {"is": "often"}}, "Expected a number, found `often`"),
    (
        {"regularly": BUYS | WEEKLY | {"periods": {"is": "most", "of_last": 3}}},
        "Expected a number, found `most`",
    ),
    ({"compare": {"left": BUYS | ANY, "op": "gt", "right": BUYS}}, "has no single value here"),
    ({"rank": {"by": BUYS | ANY, "top": 3}}, "has no single value here"),
    ({"first_time": BUYS | ANY}, "has no single value here"),
    ({"resumed": BUYS | ANY | {"silent_for": "3d"}}, "has no single value here"),
    (
        {"stopped": BUYS | {"active_in": ANY["during"], "silent_for": "3d"}},
        "has no single value here",
    ),
    (
        {"visit_attribute": {"name": "country", "is": "DE"} | ANY},
        "belongs to `did`, `did_not` and `measure`",
    ),
    (
        {"same_visit": {"all": [{"did": BUYS}, {"attribute": {"name": "age", "is": 3}}]}},
        "`attribute` is about a user, not about one visit",
    ),
    ({"same_visit": {"in_segment": "known"}}, "`in_segment` is about a user"),
    ({"same_visit": {"rank": {"by": BUYS, "top": 3}}}, "`rank` is about a user"),
    ({"same_visit": {"did": {"experience": {"id": "exp"}}}}, "Exposures do not belong to visits"),
    ({"same_visit": {"did": BUYS | ANY}}, "looks beyond one visit"),
    ({"same_visit": {"did": BUYS} | ANY}, "has no single value here"),
    ({"attribute": {"name": "plan", "is": True}}, "is a text, not true or false"),
    ({"attribute": {"name": "last_active_at", "is": 3}}, "Expected a date"),
    ({"did": {"event": "purchase", "where": {"it's": 1}}}, "quotation mark"),
]


@pytest.mark.parametrize(("where", "told"), ILL, ids=lambda v: v if isinstance(v, str) else "")
def test_a_bound_or_a_calc_that_does_not_fit_is_an_error(where: Any, told: str) -> None:
    with pytest.raises(DefinitionError, match=told):
        raise errors(where)[0]


@pytest.mark.parametrize("calc", ["sum", "avg", "min", "max", "median"])
def test_money_in_two_currencies_is_never_mixed(calc: str) -> None:
    body = {"event": "purchase", "calc": {calc: "revenue"}, "is": {"gte": 5}}

    (error,) = errors({"did": body})

    assert "would mix the currencies `EUR`, `USD`" in str(error)
    assert errors({"did": body | {"where": {"currency": "EUR"}}}) == []
    assert errors({"did": body | {"where": {"currency": ["EUR", "USD"]}}}) != []


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"unit": "visit"}, "`unit: visit`"),
        ({"identity": "device"}, "`identity: device`"),
        ({"membership": {"hold_for": "30d"}}, "`membership`"),
        ({"as_of": "today"}, "`as_of: today`"),
    ],
)
def test_a_document_that_cannot_be_evaluated_yet_is_refused_by_name(
    document: Any, told: str
) -> None:
    (error,) = errors({"did": {"event": "purchase"}}, **document)

    assert isinstance(error, NotYetError)
    assert told in str(error)


def test_page_groups_are_refused_by_name() -> None:
    (error,) = errors({"did": {"page": {"group": "articles"}}})

    assert isinstance(error, NotYetError)
    assert "`page: {group: …}`" in str(error)


def test_examples_name_what_of_them_cannot_be_evaluated_yet() -> None:
    text = (Path(__file__).parent / "examples.yaml").read_text("utf-8")
    library = {d.segment: d for d in read_definitions(text, "examples.yaml")}

    for name, definition in library.items():
        found = check_definition(definition, catalogue=CATALOGUE, library=library)
        later = [f for f in found if f.kind is NotYetError]

        assert bool(later) == (name in NOT_YET), name
        if later:
            assert any(f.sentence.startswith(NOT_YET[name]) for f in later), name


def test_a_circle_of_references_is_an_error() -> None:
    library = {
        "a": segment({"in_segment": "b"}, name="a"),
        "b": segment({"set": "c - d"}, name="b"),
        "c": segment({"did": {"event": "purchase"}}, name="c", universe={"segment": "a"}),
        "d": segment({"did": {"event": "purchase"}}, name="d"),
    }

    for name in ("a", "b", "c"):
        found = check_definition(library[name], catalogue=CATALOGUE, library=library)

        assert "in a circle: `" in found[0].sentence
        assert found[0].sentence.count("→") == 3
    assert check_definition(library["d"], catalogue=CATALOGUE, library=library) == []


def test_hours_need_an_instant() -> None:
    body = {"did": {"event": "purchase", "during": {"last": "6h"}}}

    (error,) = errors(body, as_of="2026-06-30")

    assert "counts hours or minutes" in str(error)
    assert errors(body, as_of="2026-06-30T12:00:00+02:00") == []


def warnings(where: Any, **document: Any) -> list[str]:
    found = check_definition(segment(where, **document), catalogue=CATALOGUE, library={})
    return [f.sentence for f in found if f.severity == "warning"]


def test_today_s_labels_at_an_earlier_day_are_worth_a_warning() -> None:
    body = {"attribute": {"name": "age", "is": 30}}

    assert "keeps only current values" in warnings(body, as_of="2026-01-31")[0]
    assert warnings(body) == []


def test_numbers_against_a_text_label_are_worth_a_warning() -> None:
    assert "holds texts" in warnings({"attribute": {"name": "plan", "is": {"gte": 3}}})[0]


def test_a_sound_definition_has_no_findings() -> None:
    where = {"all": [{"did": {"event": "purchase", "where": {"plan": "pro"}}}]}

    assert errors(where) == []
    assert warnings(where) == []


OWN = {"after": {"first": "purchase"}, "for": "7d"}


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ({"first_time": BUYS | {"during": OWN}}, "`first_time: {during: {after or before:"),
        (
            {"stopped": BUYS | {"active_in": OWN, "silent_for": "3d"}},
            "`stopped: {active_in: {after or before:",
        ),
        (
            {"resumed": BUYS | {"during": OWN, "silent_for": "3d"}},
            "`resumed: {during: {after or before:",
        ),
        ({"did": BUYS | {"during": {"any": "3d", "inside": OWN}}}, "`during: {any: …, inside: {af"),
        ({"did": BUYS | {"during": {"any": "3h", "inside": "ever"}}}, "{any: hours or minutes}"),
    ],
    ids=["first_time", "stopped", "resumed", "any", "hours"],
)
def test_a_window_on_an_own_event_is_refused_where_it_cannot_be_found(
    where: Any, told: str
) -> None:
    (error,) = errors(where)

    assert isinstance(error, NotYetError)
    assert told in str(error)


def test_the_event_that_a_window_hangs_on_must_be_known() -> None:
    window = {"before": {"last": "purchse"}, "for": "7d"}

    (error,) = errors({"did": {"event": "purchase", "during": window}})

    assert "Unknown event `purchse`" in str(error)
    assert "where.did.during" in str(error)


@pytest.mark.parametrize("kind", ["did", "did_not"])
@pytest.mark.parametrize("calc", ["first", "last", "most_frequent"])
def test_a_picked_value_may_be_asked_for_1_or_more(calc: str, kind: str) -> None:
    said = {kind: {"event": "purchase", "calc": {calc: "value"}, "is": {"gte": 1}}}

    assert errors(said) == []
    written = to_yaml(segment(said))
    (again,) = read_definitions(written, "s.yml")
    assert "gte: 1" in written
    assert check_definition(again, catalogue=CATALOGUE, library={}) == []


@pytest.mark.parametrize("kind", ["did", "did_not"])
def test_a_copy_of_a_definition_lacks_the_bound_that_it_lacked(kind: str) -> None:
    lacking = segment({kind: {"event": "purchase", "calc": {"last": "plan"}}})

    (finding,) = check_definition(deepcopy(lacking), catalogue=CATALOGUE, library={})

    assert "needs `is`" in str(finding)
