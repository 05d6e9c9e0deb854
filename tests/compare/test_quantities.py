"""What each kind of report follows, and when two numbers of it are not compared."""

from datetime import date, timedelta
from typing import Any

import pytest

from segkit.compare.changes import Usualness, compare_reports
from segkit.compare.checks import Check, Outcome, ask_document
from segkit.compare.quantities import is_followed, keep_followed, list_quantities

SUNDAY = date(2026, 5, 31)
HEAD = {"days": 28, "timezone": "UTC", "min_size": 10, "currency": "EUR", "baseline": "rest"}


def compared(n: int, weeks_ago: int = 0, definition: str = "d1") -> dict[str, Any]:
    """Give a comparison of two segments: n and 200 of 1,000 users."""
    sizes = [{"numerator": n, "denominator": 1}, {"numerator": 200, "denominator": 1}]
    shares = [{"numerator": n, "denominator": 1000}, {"numerator": 200, "denominator": 1000}]
    return HEAD | {
        "as_of": (SUNDAY - timedelta(weeks=weeks_ago)).isoformat(),
        "segments": [
            {"segment": "loyal", "title": "Loyal", "definition": definition},
            {"segment": "new", "title": "New", "definition": "d2"},
        ],
        "beside": [
            {"name": "size", "title": "Users", "kind": "count", "values": sizes},
            {"name": "share", "title": "Share", "kind": "share", "values": shares},
        ],
        "over_time": "much that is not compared",
    }


def patterned(n: int, weeks_ago: int = 0, model: str = "kinds") -> dict[str, Any]:
    """Give a report on patterns: n of 400 users who came are in the one pattern, 20 of them buy."""
    row = {"pattern": "p1", "name": "mostly sale", "jaccard": 0.9, "n_users": n, "n_buyers": 20}
    return HEAD | {
        "segment": "known",
        "definition": "d1",
        "as_of": (SUNDAY - timedelta(weeks=weeks_ago)).isoformat(),
        "n_users": 400,
        "n_eligible": 300,
        "model": {"name": model, "first_on": "2026-01-01", "last_on": "2026-01-30"},
        "patterns": [row, {**row, "pattern": "mixed", "jaccard": None}],
    }


def test_a_comparison_follows_each_number_of_each_segment_with_its_parts() -> None:
    found = {q.name: q for q in list_quantities(compared(100))}

    assert list(found) == ["loyal.size", "loyal.share", "new.size", "new.share"]
    assert (found["loyal.share"].numerator, found["loyal.share"].denominator) == (100, 1000)
    assert found["loyal.size"].label == "Loyal: Users"


def test_a_segment_with_another_definition_is_not_compared_and_the_others_are() -> None:
    changes = compare_reports(compared(120), [compared(100, 1, definition="other")])

    loyal, new = changes.since("loyal.size"), changes.since("new.size")
    assert loyal is not None
    assert new is not None
    assert (loyal.difference, loyal.reason) == (None, "the definition changed")
    assert new.difference == 0


def test_a_move_of_one_segment_is_judged_by_its_own_earlier_moves() -> None:
    sizes = [100, 101, 103, 104, 106, 107, 109, 110, 112]
    earlier = [compared(n, 9 - at) for at, n in enumerate(sizes)]

    usual = compare_reports(compared(113), earlier).since("loyal.size")
    far = compare_reports(compared(160), earlier).since("loyal.size")
    young = compare_reports(compared(160), earlier[1:]).since("loyal.size")

    assert usual is not None
    assert far is not None
    assert young is not None
    assert (usual.usualness, far.usualness) == (Usualness.usual, Usualness.unusual)
    assert young.usualness is Usualness.too_little_history


def test_kept_patterns_are_followed_and_those_found_anew_are_not() -> None:
    kept = compare_reports(patterned(120), [patterned(100, 1)])
    anew = compare_reports(patterned(120, model=""), [patterned(100, 1, model="")])

    share, again = kept.since("p1.share"), anew.since("p1.share")
    assert share is not None
    assert share.before is not None
    assert again is not None
    assert (share.before.numerator, share.before.denominator) == (100, 400)
    assert share.difference == pytest.approx(0.05)
    assert (again.difference, again.reason) == (None, "the patterns were found anew")
    assert [c.difference for c in anew.since_before if not c.now.about] == [0, 0, 0]
    assert all("mixed" not in c.now.name for c in kept.since_before)


def test_a_review_follows_what_it_says_of_each_segment() -> None:
    size = {"name": "size", "title": "Users", "kind": "count", "numerator": 7, "denominator": None}
    row = {"segment": "loyal", "title": "Loyal", "definition": "d1"}
    document = HEAD | {
        "as_of": "2026-05-31",
        "period": "week",
        "alerts": [],
        "segments": [row | {"since_before": [{"now": size | {"is_count": True}}]}],
    }

    (found,) = list_quantities(document)

    assert (found.name, found.value) == ("loyal.size", 7)


def test_an_own_notebook_is_followed_by_the_paths_of_its_numbers() -> None:
    document = {
        "as_of": "2026-05-31",
        "days": 28,
        "orders": {"n_orders": 12, "is_whole": True, "ann@example.org": 3},
        "buyers_share": {"numerator": 3, "denominator": 12, "value": 0.25, "kind": "share"},
        "mean": 2.5,
        "changes": {"since": 1},
    }

    found = {q.name: (q.kind, q.value, q.denominator) for q in list_quantities(document)}

    assert found == {
        "orders.n_orders": ("count", 12, None),
        "buyers_share": ("share", 0.25, 12),
        "mean": ("number", 2.5, None),
    }


@pytest.mark.parametrize("document", [compared(100), patterned(100), {"as_of": "x", "n": 3}])
def test_what_is_kept_of_a_report_is_enough_to_follow_it(document: dict[str, Any]) -> None:
    kept = keep_followed(document)

    assert list_quantities(kept) == list_quantities(document)
    assert "over_time" not in kept


def test_a_foreign_notebook_that_names_its_parts_alike_is_not_followed() -> None:
    assert not is_followed({"overview": {}, "behaviour": {}, "trend": []})
    assert is_followed({"n": 1})


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("loyal.size drops more than 20%", Outcome.broken),
        ("loyal.size drops more than 30%", Outcome.holds),
        ("new.size drops more than 20%", Outcome.holds),
        ("loyal.share drops more than 2 points", Outcome.broken),
        ("loyal.share below 8%", Outcome.broken),
        ("loyal.size below 8%", Outcome.unknown),
        ("old.size below 8", Outcome.unknown),
    ],
)
def test_a_check_is_asked_of_one_segment_of_a_comparison(words: str, outcome: Outcome) -> None:
    (found,) = ask_document([Check.parse(words)], compared(70), compared(100, 1))

    assert found.outcome is outcome
