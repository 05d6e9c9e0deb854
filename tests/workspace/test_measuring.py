"""Single measures of the tiny shop: all 40 people come in both months, 15 of 20 of `plus` buy."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.errors import EmptyError, ParameterError, PrivacyError, UnknownNameError


def test_everyone_is_the_universe_of_a_day(shop: Path) -> None:
    everyone = sk.open(shop).everyone(as_of="2026-06-30")

    assert (everyone.count, everyone.universe, everyone.as_of) == (40, 40, "2026-06-30")


def test_active_covers_all_data_from_the_beginning_of_its_first_period(shop: Path) -> None:
    rows = sk.open(shop).everyone().active(grain="month")

    assert [(row.period, row.n_active, row.n_users) for row in rows] == [
        ("2026-05", 40, 40),
        ("2026-06", 40, 40),
    ]
    assert rows[0].start_on.isoformat() == "2026-05-01"


def test_active_over_some_days_looks_at_these_alone(shop: Path) -> None:
    rows = sk.open(shop).everyone().active("day", days=2)

    assert [(row.period, row.n_active) for row in rows] == [
        ("2026-06-29", None),
        ("2026-06-30", 40),
    ]


def test_retention_begins_with_the_first_cohort(shop: Path) -> None:
    cells = sk.open(shop).everyone().retention("month")

    found = [(c.cohort.month, c.k, c.n_retained, c.n_eligible) for c in cells]
    assert found == [(5, 0, 40, 40), (5, 1, 40, 40), (6, 0, 0, 0)]


def test_retention_follows_who_was_a_member_then_and_not_who_is_today(shop: Path) -> None:
    workspace = sk.open(shop)
    recent = sk.Segment(
        "recent",
        sk.did(event="page_view", during=sk.from_to("2026-06-01", "2026-06-30")),
        title="R",
    )

    cells = workspace.members(recent).retention("month")

    # All 40 came first in May, when nobody had come in June: today's members are no cohort.
    assert workspace.members(recent).count == 40
    assert [(c.cohort.month, c.k, c.n_eligible) for c in cells] == [(5, 0, 0), (5, 1, 0), (6, 0, 0)]


def test_amounts_withhold_a_number_of_payers_that_leaves_few_others(shop: Path) -> None:
    rows = sk.open(shop).everyone().amounts("plan", events="purchase")

    assert [(r.value, r.n_users, r.n_payers, r.amount) for r in rows] == [
        ("free", 20, 0, Decimal(0)),
        ("plus", 20, None, Decimal(150)),
    ]


def test_a_segments_policy_raises_the_smallest_group(shop: Path) -> None:
    strict = sk.Segment(
        "strict", sk.did(event="page_view"), title="Strict", policy={"min_size": 30}
    )

    rows = sk.open(shop).members(strict).amounts("plan")

    assert [(r.value, r.n_users) for r in rows] == [("(other)", 40)]


def test_measures_are_of_the_members_alone(shop: Path) -> None:
    rows = sk.open(shop).members("buyers").amounts("plan")

    assert [(r.value, r.n_users, r.amount) for r in rows] == [("plus", 15, Decimal(150))]


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"grain": "moth"}, ParameterError, r"Unknown grain `moth`.*\nHint: .*month"),
        ({"days": 0}, ParameterError, "`days`: expected a whole number"),
    ],
    ids=["grain", "days"],
)
def test_what_is_asked_wrongly_is_refused(
    shop: Path, asked: dict[str, Any], error: type[Exception], said: str
) -> None:
    everyone = sk.open(shop).everyone()

    with pytest.raises(error, match=said):
        everyone.active(**asked)


def test_a_day_before_the_data_is_refused(shop: Path) -> None:
    everyone = sk.open(shop).everyone(as_of="2025-01-01")

    with pytest.raises(EmptyError, match="no event on or before 2025-01-01"):
        everyone.retention()


def test_an_instant_within_a_day_is_refused(shop: Path) -> None:
    noon = datetime(2026, 6, 20, 12, tzinfo=UTC)

    with pytest.raises(ParameterError, match="whole days"):
        sk.open(shop).everyone(as_of=noon).active()


def test_a_personal_label_needs_clearance(shop: Path) -> None:
    workspace = sk.open(shop)

    with pytest.raises(PrivacyError, match="`email` is personal"):
        workspace.everyone().amounts("email")

    assert workspace.everyone(clearance="personal").amounts("email")


def test_an_unknown_label_is_refused_with_a_near_one(shop: Path) -> None:
    with pytest.raises(UnknownNameError, match="`plam`"):
        sk.open(shop).everyone().amounts("plam")
