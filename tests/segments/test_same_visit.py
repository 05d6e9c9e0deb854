"""What is met inside one visit: answers worked out by hand, at the end of 30 June."""

from typing import Any

import pytest

from tests.segments.tiny import Tiny, event, segment, tables_of

PAGES = [
    # u_1 saw both pages in one visit, u_2 in two, u_3 in one and the FAQ of another country.
    ("u_1", "06-10T10:00", "/pricing", "JP"),
    ("u_1", "06-10T10:20", "/faq/pay", "JP"),
    ("u_2", "06-10T10:00", "/pricing", "JP"),
    ("u_2", "06-10T12:00", "/faq/pay", "JP"),
    ("u_3", "06-11T10:00", "/faq", "DE"),
    ("u_3", "06-11T10:05", "/pricing", "DE"),
    ("u_3", "06-11T10:06", "/pricing", "DE"),
    # The visit of u_4 began before the last 30 days, an hour of it lies in them.
    ("u_4", "05-31T23:50", "/pricing", "JP"),
    ("u_4", "06-01T00:10", "/faq", "JP"),
    ("u_5", "06-12T10:00", "/", "JP"),
]


@pytest.fixture(scope="module")
def pages() -> Tiny:
    return tables_of(
        [
            event(user, f"2026-{at}", "page_view", page_path=path, country=country)
            for user, at, path, country in PAGES
        ]
    )


PRICING = {"did": {"page": {"path": "/pricing"}}}
FAQ = {"did": {"page": {"path": {"starts_with": "/faq"}}}}
FROM_JAPAN = {"visit_attribute": {"name": "country", "is": "JP"}}
MONTH = {"last": "30d"}


def both(*more: Any, **during: Any) -> Any:
    return {"same_visit": {"all": [PRICING, FAQ, *more]} | during}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        # Users who saw both, at any time: what one visit says is less.
        ({"all": [PRICING, FAQ]}, "1234"),
        (both(), "134"),
        (both(FROM_JAPAN), "14"),
        # A visit lies in the window that it began in.
        (both(during=MONTH), "13"),
        (both(during={"before": "2026-06-01"}), "4"),
        (both(during={"after": {"first": "page_view"}, "for": "1d"}), "134"),
        ({"same_visit": {"not": PRICING}}, "25"),
        ({"same_visit": {"all": [PRICING, {"not": FAQ}]}}, "2"),
        ({"not": both()}, "25"),
        ({"same_visit": {"did": {"page": {"path": "/pricing"}, "is": {"gte": 2}}}}, "3"),
        ({"same_visit": {"did": {"visit": "any", "is": 1}}}, "12345"),
        ({"same_visit": {"did": {"visit": "any", "is": {"gte": 2}}}}, ""),
        ({"same_visit": {"at_least": {"n": 1, "of": [FAQ, FROM_JAPAN]}}}, "12345"),
        # No visit of u_5 has a view of prices: the user had visits, and counts 0 in each.
        ({"same_visit": {"did": {"page": {"path": "/pricing"}, "is": 0}}}, "25"),
        (
            {
                "same_visit": {
                    "measure": {"of": {"event": "page_view", "calc": "count"}, "is": {"gte": 3}}
                }
            },
            "3",
        ),
    ],
    ids=str,
)
def test_one_visit_must_meet_it_all(pages: Tiny, where: Any, expected: str) -> None:
    assert pages.members(where) == {f"u_{n}" for n in expected}


def test_later_events_of_a_visit_do_not_exist(pages: Tiny) -> None:
    assert pages.members(both(), "2026-05-31") == set()
    assert pages.members(both(), "2026-06-01") == {"u_4"}


def test_one_visit_may_say_who_is_asked(pages: Tiny) -> None:
    library = {"readers": segment(both(), name="readers")}

    assert pages.members(FROM_JAPAN, universe=both()) == {"u_1", "u_4"}
    assert pages.members({"set": "readers"}, library=library) == {"u_1", "u_3", "u_4"}
