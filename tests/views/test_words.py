from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from segkit.views.words import Words, interval, part_of, some

WORDS = Words(currency="EUR", timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (None, "money", "–"),
        (0, "count", "0"),
        (1234.0, "count", "1,234"),
        (0.1234, "share", "12.3%"),
        (Decimal("10.50"), "money", "10.50 EUR"),
        (75, "duration", "1 min 15 s"),
        (1.5, "lift", "×1.50"),
        (6.584, "number", "6.58"),
        (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), "instant", "2026-07-01 00:30"),
        (date(2026, 6, 30), "instant", "2026-06-30"),
        ("gold", "text", "gold"),
        (True, "text", "True"),
    ],
)
def test_a_value_is_said_in_its_kind(value: Any, kind: str, said: str) -> None:
    assert WORDS.say(value, kind) == said


def test_money_without_a_currency_says_that_it_has_none() -> None:
    assert Words(currency=None, timezone="UTC").say(5, "money") == "5.00 (no currency)"


def test_a_share_names_its_denominator() -> None:
    assert part_of(1234, 5000, "users") == "24.7% of 5,000 users"
    assert part_of(None, 5000, "users") == "– of 5,000 users"
    assert part_of(0, 0, "users") == "– of 0 users"
    assert part_of(1, 1, "users") == "100.0% of 1 user"


def test_nouns_follow_their_number() -> None:
    assert [some(n, "visits") for n in (0, 1, 2, None)] == [
        "0 visits",
        "1 visit",
        "2 visits",
        "– visits",
    ]


def test_an_interval_without_an_end_is_missing() -> None:
    assert interval(None, 1.0) == interval(1.0, None) == "–"
    assert interval(0.5, 2.0) == "×0.50 to ×2.00"
