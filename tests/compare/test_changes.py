"""Changes between reports, worked out by hand on small documents."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.compare.changes import (
    Usualness,
    compare_reports,
    judge_difference,
)
from segkit.compare.quantities import list_quantities
from segkit.errors import ParameterError

SUNDAY = date(2026, 5, 31)


def make_document(n: int | None = 100, as_of: date = SUNDAY, **overrides: Any) -> dict[str, Any]:
    """Give what `compare_reports` reads of a report: n of 1,000 users, 10 entered, revenue."""
    revenue = {"name": "revenue_per_user", "title": "Revenue", "kind": "money"}
    return {
        "segment": "loyal",
        "as_of": as_of.isoformat(),
        "definition": "d1",
        "days": 28,
        "timezone": "UTC",
        "min_size": 10,
        "currency": "EUR",
        "overview": {"n_users": n, "n_universe": 1000, "n_active_7d": 50, "n_new_7d": 0},
        "behaviour": {"measures": {"r": {**revenue, "numerator": 500.0, "denominator": 100}}},
        "trend": [
            {"is_complete": True, "end_on": as_of.isoformat(), "n_entered": 10, "n_left": None}
        ],
        **overrides,
    }


def weeks(*sizes: int | None) -> list[dict[str, Any]]:
    """Give weekly documents, oldest first, the last a week before SUNDAY."""
    n = len(sizes)
    return [make_document(size, SUNDAY - timedelta(weeks=n - at)) for at, size in enumerate(sizes)]


def test_a_change_keeps_numerator_and_denominator_of_both_sides() -> None:
    found = compare_reports(make_document(120), weeks(100)).since("share")

    assert found is not None
    assert found.before is not None
    assert (found.now.numerator, found.now.denominator) == (120, 1000)
    assert (found.before.numerator, found.before.denominator) == (100, 1000)
    assert found.difference == pytest.approx(0.02)
    assert found.relative == pytest.approx(0.2)


def test_the_newest_earlier_report_is_the_one_before() -> None:
    earlier = [*weeks(70, 80, 90), make_document(1, SUNDAY + timedelta(weeks=1))]

    changes = compare_reports(make_document(99), earlier[::-1])

    assert changes.before_on == SUNDAY - timedelta(weeks=1)
    assert changes.since_before[0].difference == 9


@pytest.mark.parametrize(
    ("as_of", "before", "year"),
    [
        (SUNDAY, date(2026, 5, 24), date(2025, 6, 1)),
        (date(2025, 2, 28), date(2025, 1, 31), date(2024, 2, 29)),
        (date(2026, 5, 10), date(2026, 5, 9), date(2025, 5, 10)),
    ],
    ids=["weekly", "monthly", "daily"],
)
def test_the_same_period_a_year_ago_is_found(as_of: date, before: date, year: date) -> None:
    earlier = [make_document(90, before), make_document(50, year)]

    changes = compare_reports(make_document(100, as_of), earlier)

    assert changes.year_on == year
    assert changes.since_year[0].relative == 1.0


def test_a_withheld_number_stays_withheld_and_says_so() -> None:
    found = compare_reports(make_document(None), weeks(100)).since("size")

    assert found is not None
    assert (found.difference, found.relative, found.z) == (None, None, None)
    assert found.reason == "withheld or unknown"
    assert found.usualness is Usualness.unknown


def test_without_an_earlier_report_nothing_is_compared() -> None:
    changes = compare_reports(make_document(), [])

    assert {c.difference for c in changes.since_before} == {None}
    assert changes.notes == ("There is no earlier report to compare with.",)


@pytest.mark.parametrize("key", ["definition", "days", "timezone", "min_size"])
def test_reports_made_otherwise_are_not_compared(key: str) -> None:
    before = weeks(100)[0] | {key: "another"}

    changes = compare_reports(make_document(), [before])

    assert {c.difference for c in changes.since_before} == {None}
    assert changes.notes[0].startswith("Not compared with the report before: the ")


def test_money_in_another_currency_is_not_compared_and_the_rest_is() -> None:
    changes = compare_reports(make_document(), [weeks(90)[0] | {"currency": "USD"}])

    money, size = changes.since("revenue_per_user"), changes.since("size")
    assert money is not None
    assert size is not None
    assert (money.difference, money.reason) == (None, "the currency changed")
    assert size.difference == 10


def test_another_segment_is_refused() -> None:
    with pytest.raises(ParameterError, match="about `other`, expected `loyal`"):
        compare_reports(make_document(), [make_document(segment="other")])


def test_an_unusual_change_is_flagged_after_eight_earlier_ones() -> None:
    # differences 1 2 3 1 2 3 1 2: median 2, MAD 0.5·(0+1)→ sorted |x−2| 0 0 0 1 1 1 1 1: MAD 1
    sizes = (100, 101, 103, 106, 107, 109, 112, 113, 115)

    found = compare_reports(make_document(125), weeks(*sizes)).since("size")
    fewer = compare_reports(make_document(125), weeks(*sizes[1:])).since("size")

    assert found is not None
    assert fewer is not None
    assert found.z == pytest.approx((10 - 2) / 1.4826)
    assert found.usualness is Usualness.unusual
    assert fewer.usualness is Usualness.too_little_history


def test_a_missing_week_gives_no_difference_over_two_weeks() -> None:
    earlier = weeks(100, 101, 103, 106, 107, 109, 112, 113, 115)
    del earlier[4]

    found = compare_reports(make_document(125), earlier).since("size")

    assert found is not None
    assert found.usualness is Usualness.too_little_history


@pytest.mark.parametrize(("x", "expected"), [(0.0, Usualness.usual), (1.0, Usualness.no_variation)])
def test_a_history_without_variation_gives_no_z(x: float, expected: Usualness) -> None:
    assert judge_difference(x, [0.0] * 8) == (None, expected)


def test_entered_and_left_are_of_the_period_that_ends_with_the_report() -> None:
    partial = make_document()
    partial["trend"][0]["end_on"] = "2026-05-24"

    whole = {q.name: q.value for q in list_quantities(make_document())}
    late = {q.name: q.value for q in list_quantities(partial)}

    assert (whole["entered"], whole["left"]) == (10, None)
    assert late["entered"] is None


@given(
    st.lists(st.integers(-50, 50), min_size=8, max_size=20),
    st.integers(-200, 200),
    st.integers(-100, 100),
    st.integers(1, 9),
)
def test_the_verdict_depends_on_neither_order_place_nor_unit(
    history: list[int], x: int, shift: int, unit: int
) -> None:
    z, said = judge_difference(x, history)
    moved, said_moved = judge_difference(
        (x + shift) * unit, [(h + shift) * unit for h in reversed(history)]
    )

    assert said is said_moved
    assert moved == (None if z is None else pytest.approx(z))


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_a_change_leads_from_before_to_now(now: int, before: int) -> None:
    found = compare_reports(make_document(now), weeks(before)).since("size")

    assert found is not None
    assert found.difference == now - before
    assert found.relative == pytest.approx(now / before - 1)
