"""What definitions read, worked out by hand."""

import pytest

import segkit as sk
from segkit.compare.reads import NOTHING, Reads, reads_of
from segkit.segments.model import Definition
from segkit.segments.read import read_definitions

BUYERS = sk.Segment("buyers", sk.did(event="purchase", during=sk.last("30d")))


def read(where: str, universe: str = "everyone") -> Definition:
    text = f"segkit: 1\nsegment: s\ntitle: S\nuniverse: {universe}\nwhere: {where}\n"
    return read_definitions(text, "s.yml")[0]


def test_who_bought_is_told_apart_by_orders_buyers_and_revenue() -> None:
    reads = reads_of(BUYERS)

    def is_read(kind: str, name: str) -> bool:
        return reads.covers((kind, name), purchases=("purchase", "transaction"))

    assert reads.events == {"purchase"}
    assert all(is_read("amount", name) for name in ("orders", "revenue", "events", "active"))
    assert is_read("event", "purchase")
    assert is_read("event", "transaction")
    assert not is_read("event", "add_to_cart")
    assert not is_read("amount", "visits")
    assert not is_read("label", "plan")
    assert dict(reads.in_words()) == {"events": ("purchase",), "windows": ("in the last 30 days",)}


def test_where_all_events_are_read_visits_and_days_follow_from_them() -> None:
    reads = reads_of(BUYERS)

    assert reads.among({"purchase"}).covers(("amount", "days"))
    assert reads.among({"purchase"}).covers(("amount", "visits"))
    assert not reads.among({"purchase", "page_view"}).covers(("amount", "days"))
    assert not reads.among(set()).covers(("amount", "days"))
    assert dict(reads.in_words())["events"] == ("purchase",)


def test_who_came_often_is_told_apart_by_visits_views_and_days() -> None:
    reads = reads_of(sk.Segment("often", sk.did(visit="any", is_=sk.gte(5))))

    assert all(reads.covers(("amount", n)) for n in ("visits", "page_views", "days", "events"))
    assert not reads.covers(("amount", "orders"), purchases=("purchase",))
    assert reads.covers(("label", "came"))


def test_what_is_read_by_way_of_segments_sets_and_universes_is_read() -> None:
    library = {
        "buyers": BUYERS,
        "gold": sk.Segment("gold", sk.attribute("plan", "gold") & sk.in_segment("buyers")),
        "loop": sk.Segment("loop", sk.in_segment("loop") | sk.attribute("age", sk.gte(30))),
    }

    by_segment = reads_of(read("{in_segment: gold}"), library)
    by_set = reads_of(read("{set: gold - loop}"), library)
    by_universe = reads_of(read("{attribute: {name: x, is: 1}}", "{segment: buyers}"), library)

    assert [*by_segment.labels, *by_segment.events] == ["plan", "purchase"]
    assert by_segment.segments == {"gold", "buyers"}
    assert by_set.labels == {"plan", "age"}
    assert [*by_universe.labels, *by_universe.events] == ["x", "purchase"]


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("{did: {event: [a, b]}}", ("event", "b")),
        ("{did_not: {event: a}}", ("event", "a")),
        ("{not: {did: {event: a}}}", ("event", "a")),
        ("{since_last: {event: a, is: {lte: 3d}}}", ("event", "a")),
        ("{did: {page: {path: /sale}}}", ("event", "page_view")),
        ("{did: {page: {path: /sale}}}", ("amount", "page_views")),
        ("{did: {event: a, calc: {sum: value}, is: {gte: 5}}}", ("amount", "revenue")),
        ("{did: {visit: any, where: {device_type: mobile}}}", ("visit", "browser")),
        ("{visit_attribute: {name: utm_source, is: x}}", ("visit", "channel")),
        ("{visit_attribute: {name: utm_source, is: x}}", ("label", "first_channel")),
        ("{visit_attribute: {name: visit_type, is: new}}", ("label", "came")),
        ("{attribute: {name: n_visits, is: {gte: 3}}}", ("amount", "visits")),
        ("{attribute: {name: plan, is: gold}}", ("label", "plan")),
        ("{in_list: {file: a.csv, column: c, match: city}}", ("label", "city")),
        ("{did: {event: x, during: {after: {first: sign_up}, for: 7d}}}", ("event", "sign_up")),
        ("{sequence: {steps: [{event: a}, {event: b, without: {event: c}}]}}", ("event", "c")),
        ("{rank: {by: {event: a}, top: 10%}}", ("event", "a")),
        ("{first_time: {event: a, during: {last: 7d}}}", ("label", "came")),
    ],
)
def test_every_form_of_reading_is_found(where: str, source: tuple[str, str]) -> None:
    assert reads_of(read(where)).covers(source)


def test_what_is_not_read_is_not_covered() -> None:
    reads = reads_of(read("{attribute: {name: plan, is: gold}}"))

    assert not reads.is_behaviour
    for source in (("event", "a"), ("page", "/"), ("visit", "channel"), ("amount", "active")):
        assert not reads.covers(source, purchases=("purchase",))


def test_pages_are_read_as_the_paths_that_the_data_has() -> None:
    reads = reads_of(read("{did: {page: {path: {starts_with: /sale}}}}"))

    assert reads.covers(("page", "/sale/a"), paths={"/sale/a"})
    assert not reads.covers(("page", "/"), paths={"/sale/a"})
    assert ("pages", ("path starts with “/sale”",)) in reads.in_words()


def test_the_features_that_made_a_pattern_are_read() -> None:
    definition = read("{in_pattern: {model: kinds, pattern: p1}}")

    told = reads_of(definition, pattern_features={"kinds": [("page", "/sale")]})
    untold = reads_of(definition)

    assert told.covers(("page", "/sale"))
    assert not told.covers(("visit", "channel"))
    made_of = [("page", "/a"), ("visit", "channel"), ("amount", "visits"), ("event", "page_view")]
    assert all(untold.covers(source) for source in made_of)
    assert not untold.covers(("event", "purchase"), purchases=("purchase",))
    assert not untold.covers(("label", "plan"))


@pytest.mark.parametrize(
    "where",
    [
        "{measure: {of: {event: a}, is: {gte: 2}}}",
        "{compare: {left: {event: b}, op: gt, right: {event: a}}}",
    ],
)
def test_metrics_are_read(where: str) -> None:
    assert reads_of(read(where)).covers(("event", "a"))


def test_two_definitions_read_what_either_reads() -> None:
    both = reads_of(BUYERS) | reads_of(read("{attribute: {name: plan, is: gold}}"))

    assert [*both.events, *both.labels] == ["purchase", "plan"]
    assert NOTHING | both == both
    assert Reads().in_words() == ()
