"""The Python builder says the same as YAML, and gives the same id."""

from typing import Any

import pytest

from segkit.errors import DefinitionError
from segkit.segments import build as sk
from segkit.segments import build_lifecycle as lk
from segkit.segments import build_metrics as mk
from segkit.segments.conditions import Condition
from segkit.segments.model import Definition, to_yaml
from segkit.segments.read import read_definitions

PAIRS: list[tuple[Condition, str]] = [
    (
        sk.did(event="purchase", is_=sk.gte(2), during=sk.last("30d")),
        "did: {event: purchase, is: {gte: 2}, during: {last: 30d}}",
    ),
    (
        sk.did(event="purchase") & ~sk.in_segment("staff"),
        "all: [{did: {event: purchase}}, {not: {in_segment: staff}}]",
    ),
    (
        sk.did(event="a") & sk.did(event="b") & sk.did(event="c"),
        "all: [{did: {event: a}}, {did: {event: b}}, {did: {event: c}}]",
    ),
    (
        sk.did(event="a") | sk.did(event="b") | sk.did(event="c"),
        "any: [{did: {event: a}}, {did: {event: b}}, {did: {event: c}}]",
    ),
    (~~sk.did(event="a"), "did: {event: a}"),
    (sk.did_not(event=("a", "b")), "did_not: {event: [a, b]}"),
    (
        sk.did(page={"path": sk.starts_with("/a")}, calc="active_days", is_=sk.between(2, 5)),
        "did: {page: {path: {starts_with: /a}}, calc: active_days, is: {between: [2, 5]}}",
    ),
    (
        sk.did(event="p", calc={"sum": "revenue"}, is_=sk.lt(5), during=sk.calendar("last_month")),
        "did: {event: p, calc: {sum: revenue}, is: {lt: 5}, during: {calendar: last_month}}",
    ),
    (
        sk.did(experience={"id": "e", "variant": sk.ne("B")}, during=sk.since("2026-01-01")),
        "did: {experience: {id: e, variant: {ne: B}}, during: {since: '2026-01-01'}}",
    ),
    (
        sk.did(visit="any", where={"channel": sk.one_of("Email", "Direct")}, during=sk.ever()),
        "did: {visit: any, where: {channel: [Email, Direct]}}",
    ),
    (
        sk.since_last(visit="any", is_=sk.between("31d", "60d")),
        "since_last: {visit: any, is: {between: [31d, 60d]}}",
    ),
    (
        mk.measured(mk.metric(event="a", calc={"median": "s"}), sk.gte(60)),
        "measure: {of: {event: a, calc: {median: s}}, is: {gte: 60}}",
    ),
    (
        mk.compared(mk.metric(event="a"), "lte", mk.metric(visit="any"), times=0.5, plus=1),
        "compare: {left: {event: a}, op: lte, right: {visit: any}, times: 0.5, plus: 1}",
    ),
    (
        mk.ranked(mk.metric(event=("a", "b")), top="10%", among=sk.did(event="a")),
        "rank: {by: {event: [a, b]}, top: 10%, among: {did: {event: a}}}",
    ),
    (
        mk.ranked(mk.metric(event="a", during=sk.last("30d")), bucket=(5, [4, 5])),
        "rank: {by: {event: a, during: {last: 30d}}, bucket: {of: 5, in: [4, 5]}}",
    ),
    (
        lk.first_time(event="a", where={"x": 1}, during=sk.last("7d")),
        "first_time: {event: a, where: {x: 1}, during: {last: 7d}}",
    ),
    (
        lk.regularly(visit="any", is_=sk.gte(3), per="1w", periods=sk.gte(4), of_last=6),
        ("regularly: {visit: any, is: {gte: 3}, per: 1w, periods: {is: {gte: 4}, of_last: 6}}"),
    ),
    (
        lk.regularly(event=("a", "b"), per="1d", periods=7, of_last=7),
        "regularly: {event: [b, a], per: 1d, periods: {is: 7, of_last: 7}}",
    ),
    (
        lk.stopped(event="a", active_in=sk.last("60d"), silent_for="10d"),
        "stopped: {event: a, active_in: {last: 60d}, silent_for: 10d}",
    ),
    (
        lk.resumed(event="a", silent_for="30d", during=sk.last("7d")),
        "resumed: {event: a, silent_for: 30d, during: {last: 7d}}",
    ),
    (
        sk.did(event="a", during=sk.after_first("b", "7d"))
        & sk.did(event="a", during=sk.after_last("b", "7d")),
        (
            "all: [{did: {event: a, during: {after: {first: b}, for: 7d}}}, "
            "{did: {event: a, during: {after: {last: b}, for: 7d}}}]"
        ),
    ),
    (
        sk.did(event="a", during=sk.before_first("b", "6h"))
        & sk.did(event="a", during=sk.before_last("b", "1mo")),
        (
            "all: [{did: {event: a, during: {before: {first: b}, for: 6h}}}, "
            "{did: {event: a, during: {before: {last: b}, for: 1mo}}}]"
        ),
    ),
    (
        sk.did(event="a", is_=sk.gte(5), during=sk.within_any("3d", sk.last("30d"))),
        "did: {event: a, is: {gte: 5}, during: {any: 3d, inside: {last: 30d}}}",
    ),
    (
        sk.same_visit(sk.did(event="a"), sk.did(event="b"), during=sk.last("30d")),
        "same_visit: {all: [{did: {event: a}}, {did: {event: b}}], during: {last: 30d}}",
    ),
    (
        sk.same_visit(sk.did(event="a") | sk.did(event="b")),
        "same_visit: {any: [{did: {event: a}}, {did: {event: b}}]}",
    ),
    (sk.since_first(event="a", is_=sk.gt("1mo")), "since_first: {event: a, is: {gt: 1mo}}"),
    (
        sk.attribute("plan", sk.none_of("pro", "free")),
        "attribute: {name: plan, is: {not_in: [pro, free]}}",
    ),
    (sk.attribute("plan", sk.known(known=False)), "attribute: {name: plan, is: {known: false}}"),
    (
        sk.attribute("mail", sk.ends_with("@a.de", ignore_case=True)),
        "attribute: {name: mail, is: {ends_with: '@a.de', ignore_case: true}}",
    ),
    (
        sk.visit_attribute(
            "country", "NO", touch="first", during=sk.from_to("2026-01-01", "2026-01-31")
        ),
        (
            "visit_attribute: {name: country, is: NO, touch: first, "
            "during: {from: '2026-01-01', to: '2026-01-31'}}"
        ),
    ),
    (sk.set_("(a | b) - c"), "set: (a | b) - c"),
    (sk.in_list(ids=["a", "b"]), "in_list: {ids: [a, b]}"),
    (
        sk.in_list(file="lists/a.csv", column="mail", match="email"),
        "in_list: {file: lists/a.csv, column: mail, match: email}",
    ),
    (sk.sample("s", 0.1, 1), "sample: {salt: s, range: [0.1, 1.0]}"),
    (sk.consent("mail"), "consent: {purpose: mail, is: granted}"),
    (
        sk.at_least(1, sk.did(event="a"), sk.did(event="b", during=sk.before("2026-01-01"))),
        (
            "at_least: {n: 1, of: [{did: {event: a}}, "
            "{did: {event: b, during: {before: '2026-01-01'}}}]}"
        ),
    ),
    (sk.all_of(sk.did(event="a", is_=sk.eq(3))), "all: [{did: {event: a, is: 3}}]"),
    (sk.any_of(sk.did(event="a", is_=sk.lte(3))), "any: [{did: {event: a, is: {lte: 3}}}]"),
    (
        sk.did(event="a", where={"x": sk.contains("y"), "z": sk.matches("^q", ignore_case=True)}),
        "did: {event: a, where: {z: {matches: ^q, ignore_case: true}, x: {contains: y}}}",
    ),
    (
        sk.did(event="a", during=sk.last("30d", ending="30d"))
        | sk.did(event="a", during=sk.older_than("7d")),
        (
            "any: [{did: {event: a, during: {last: 30d, ending: 30d}}}, "
            "{did: {event: a, during: {older_than: 7d}}}]"
        ),
    ),
    (
        sk.condition({"sequence": {"steps": [{"event": "a"}, {"event": "b"}]}}),
        "sequence: {steps: [{event: a}, {event: b}]}",
    ),
]


@pytest.mark.parametrize(("built", "written"), PAIRS, ids=[text[:40] for _, text in PAIRS])
def test_building_and_reading_the_same_give_the_same(built: Condition, written: str) -> None:
    text = f"segkit: 1\nsegment: s\ntitle: S\nwhere: {{{written}}}\n"
    (read,) = read_definitions(text, "s.yml")

    segment = sk.Segment("s", built, title="S")

    assert segment == read
    assert segment.id == read.id
    assert read_definitions(to_yaml(segment), "again.yml") == [read]


def test_a_segment_takes_its_document_in_plain_form() -> None:
    segment = sk.Segment(
        "hot",
        sk.did(event="a"),
        universe={"active": "30d"},  # type: ignore[arg-type]
        policy={"export": "attributes", "attributes": ["plan"]},  # type: ignore[arg-type]
        as_of="2026-06-30",
        tags=("x",),
    )

    (again,) = read_definitions(to_yaml(segment), "again.yml")

    assert segment.title == "Hot"
    assert segment.universe == sk.active("30d")
    assert again == segment
    assert isinstance(segment, Definition)


def test_universes_are_built_too() -> None:
    assert sk.Segment("s", sk.did(event="a"), universe=sk.everyone()) == sk.Segment(
        "s", sk.did(event="a")
    )
    assert "universe" in to_yaml(sk.Segment("s", sk.did(event="a"), universe=sk.members_of("b")))


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (sk.did, "exactly one target"),
        (lambda: sk.did(event="a", visit="any"), "found `event`, `visit`"),
        (lambda: sk.did(event="a", during=sk.last("30 days")), "`30 days` is not a duration"),
        (lambda: sk.set_("a | b - c"), "are mixed"),
        (lambda: sk.Segment("Not an id", sk.did(event="a")), "is not an id"),
        (
            lambda: sk.Segment("s", sk.did(event="a"), universe="all"),  # type: ignore[arg-type]
            "Expected a universe",
        ),
    ],
)
def test_the_builder_refuses_as_reading_does(build: Any, told: str) -> None:
    with pytest.raises(DefinitionError, match=told):
        build()


def test_a_segment_shows_its_id_and_title() -> None:
    segment = sk.Segment("hot", sk.did(event="a"), title="Hot ones")

    assert repr(segment) == f"Segment('hot', title='Hot ones', id={segment.id[:12]})"


def test_a_universe_in_the_place_of_the_condition_is_refused() -> None:
    everyone = sk.everyone()

    with pytest.raises(DefinitionError, match="`Everyone` is not a condition"):
        sk.Segment("all", everyone)  # type: ignore[arg-type]
