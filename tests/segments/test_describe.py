"""Plain English for every kind of condition."""

from pathlib import Path
from typing import Any

import pytest

from segkit.segments.describe import describe
from segkit.segments.read import read_definitions
from tests.segments.tiny import segment

SENTENCES: list[tuple[Any, str]] = [
    ({"did_not": {"event": "a", "during": {"last": "14d"}}}, "did not do “a” in the last 14 days"),
    ({"did": {"event": "a", "is": {"lte": 3}}}, "did “a” at most 3 times (never included)"),
    ({"did": {"event": "a", "is": 0}}, "did “a” not even once"),
    ({"did": {"event": "a", "is": 1}}, "did “a” exactly once"),
    (
        {"did": {"event": ["a", "b"], "where": {"plan": "pro"}, "is": {"between": [1, 2]}}},
        "did “a” or “b” (“plan” is “pro”) so many times that the number is from 1 to 2",
    ),
    (
        {"did": {"event": "a", "calc": {"sum": "revenue"}, "is": {"gte": 5, "lt": 9}}},
        "have a sum “revenue” of “a” that is at least 5 and is less than 9",
    ),
    (
        {"did": {"page": {"path": {"starts_with": "/x"}}, "calc": "active_weeks"}},
        (
            "have a number of active ISO weeks of a view of a page whose path starts with “/x” "
            "that is at least 1"
        ),
    ),
    (
        {"since_last": {"visit": "any", "is": {"between": ["31d", "1mo"]}}},
        "did a visit for the last time more than 31 days and at most 1 month ago",
    ),
    (
        {"since_first": {"event": "a", "is": {"lt": "2w", "missing": "include"}}},
        "did “a” for the first time in the last 2 weeks, or never did",
    ),
    (
        {"attribute": {"name": "plan", "is": ["a", "b"]}},
        "have an attribute “plan” that is one of “a”, “b”",
    ),
    (
        {"visit_attribute": {"name": "channel", "is": "Email", "touch": "last_non_direct"}},
        "have a “channel” of the last non direct visit that is “Email”",
    ),
    ({"in_segment": "x"}, "are in the segment “x”"),
    (
        {"in_pattern": {"model": "kinds", "pattern": "p1", "min_probability": 0.8}},
        "behave like the pattern “p1” of the model “kinds” with a probability of at least 0.8",
    ),
    (
        {"measure": {"of": {"event": "a", "calc": {"median": "s"}}, "is": {"gte": 60}}},
        "have a median “s” of “a” that is at least 60",
    ),
    (
        {
            "compare": {
                "left": {"event": "a", "during": {"last": "30d"}},
                "op": "lte",
                "right": {"event": "a", "during": {"last": "30d", "ending": "30d"}},
                "times": 0.5,
                "plus": -1,
            }
        },
        (
            "have a number of “a” in the last 30 days that is at most 0.5 times a number of “a” "
            "in the 30 days ending 30 days ago minus 1"
        ),
    ),
    (
        {"rank": {"by": {"event": "a"}, "top": "10%", "among": {"did": {"event": "b"}}}},
        "are the 10% highest among those who did “b” by a number of “a” (ties with the last in",
    ),
    (
        {"rank": {"by": {"event": "a"}, "bottom": 3, "ties": "exclude"}},
        "are the 3 lowest by a number of “a” (ties left out)",
    ),
    (
        {"rank": {"by": {"event": "a"}, "bucket": {"of": 5, "in": [5, 4]}}},
        "are in groups 4 or 5 of 5 equal ones by a number of “a”, 1 being the lowest",
    ),
    (
        {"rank": {"by": {"event": "a"}, "percentile": {"gte": 90}}},
        "have a percentile (0 to 100) by a number of “a” that is at least 90",
    ),
    (
        {"first_time": {"event": "a", "during": {"last": "7d"}}},
        "who did “a” for the first time ever in the last 7 days.",
    ),
    (
        {
            "regularly": {
                "event": "a",
                "is": {"gte": 3},
                "per": "1w",
                "periods": {"is": {"gte": 4}, "of_last": 6},
            }
        },
        "who did “a” at least 3 times each in at least 4 of the last 6 periods of 1 week.",
    ),
    (
        {"regularly": {"event": "a", "per": "1d", "periods": {"is": 7, "of_last": 7}}},
        "who did “a” at least once each in exactly 7 of the last 7 periods of 1 day.",
    ),
    (
        {"stopped": {"event": "a", "active_in": {"last": "60d"}, "silent_for": "10d"}},
        "who did “a” in the last 60 days, but not at all in the last 10 days.",
    ),
    (
        {"resumed": {"event": "a", "silent_for": "30d", "during": {"last": "7d"}}},
        "who did “a” in the last 7 days, not at all in the 30 days before, but before that.",
    ),
    (
        {"did": {"event": "a", "during": {"after": {"first": "b"}, "for": "7d"}}},
        "who did “a” in the 7 days after the first “b”.",
    ),
    (
        {"did_not": {"event": "a", "during": {"before": {"last": "b"}, "for": "1mo"}}},
        "who did not do “a” in the 1 month before the last “b”.",
    ),
    (
        {
            "did": {
                "event": "a",
                "is": {"gte": 5},
                "during": {"any": "3d", "inside": {"last": "30d"}},
            }
        },
        "who did “a” at least 5 times within any 3 days in the last 30 days.",
    ),
    (
        {
            "same_visit": {
                "all": [
                    {"did": {"event": "a"}},
                    {"visit_attribute": {"name": "country", "is": "JP"}},
                ],
                "during": {"last": "30d"},
            }
        },
        (
            "who had a visit in the last 30 days in which they "
            "(did “a” and have a “country” of that visit that is “JP”)."
        ),
    ),
    ({"set": "(a|b)-c"}, "are in the set “(a | b) - c”"),
    ({"in_list": {"ids": ["a"]}}, "stand in a list of 1 ids"),
    ({"in_list": {"file": "l.csv", "column": "m"}}, "stand in column “m” of “l.csv”"),
    ({"sample": {"salt": "s", "range": [0, 0.1]}}, "share 0 to 0.1 of the stable sample “s”"),
    ({"consent": {"purpose": "mail", "is": "denied"}}, "have consent “denied” for “mail”"),
    (
        {
            "any": [
                {"not": {"in_segment": "a"}},
                {"all": [{"in_segment": "b"}, {"in_segment": "c"}]},
            ]
        },
        (
            "do not fulfil “are in the segment “a”” or "
            "(are in the segment “b” and are in the segment “c”)"
        ),
    ),
    (
        {"at_least": {"n": 1, "of": [{"in_segment": "a"}, {"in_segment": "b"}]}},
        "meet at least 1 of 2: (are in the segment “a”; are in the segment “b”)",
    ),
    (
        {"did": {"experience": {"id": "e", "variant": "B"}, "during": {"calendar": "this_week"}}},
        "did an exposure to “e” whose variant is “B” in the current week",
    ),
    ({"attribute": {"name": "a", "is": {"known": False}}}, "“a” that is unknown"),
]


@pytest.mark.parametrize(
    ("where", "told"), SENTENCES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_conditions_are_said_in_english(where: Any, told: str) -> None:
    assert told in describe(segment(where))


def test_universe_zone_and_clock_are_said() -> None:
    text = describe(
        segment(
            {"did": {"event": "a", "during": {"last": "30d", "ending": "30d"}}},
            universe={"active": "30d"},
            timezone="Asia/Tokyo",
            as_of="2026-06-30",
        )
    )

    assert text == (
        "Users active in the last 30 days who did “a” in the 30 days ending 30 days ago, "
        "by the days of Asia/Tokyo, as of 2026-06-30."
    )


def test_every_example_is_described_on_one_line() -> None:
    text = (Path(__file__).parent / "examples.yaml").read_text("utf-8")

    for definition in read_definitions(text, "examples.yaml"):
        told = describe(definition)

        assert told.endswith(".")
        assert "\n" not in told
        assert "Duration(" not in told
