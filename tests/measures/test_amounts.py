"""What buyers spent, by their plan at T: u01 pro 20 + 30 EUR, u02 pro 10, u03 taken back 5.

u04 has no plan and bought for 100 EUR on 10 February.
"""

from decimal import Decimal
from typing import Any

import pytest

from segkit.errors import ParameterError, PrivacyError, UnknownNameError
from segkit.measures.amounts import measure_amounts, withhold_amounts
from segkit.measures.facts import AmountRow
from segkit.measures.sides import Sides
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import build_tables, make_sides, read_events, with_visits


def amounts(sides: Sides, label: str, **asked: Any) -> dict[str, tuple[Any, ...]]:
    given: dict[str, Any] = {"columns": {}, "clearance": "pseudonymous", **asked}
    rows = measure_amounts(sides, label, **given)
    return {row.value: (row.n_users, row.n_payers, row.amount, row.currency) for row in rows}


def test_amounts_are_those_counted_by_hand(sides: Sides) -> None:
    found = amounts(sides, "plan")

    assert found == {
        "pro": (2, 2, Decimal(60), "EUR"),
        "(unknown)": (2, 1, Decimal(5), "EUR"),
    }


def test_a_longer_window_holds_what_was_spent_before(tiny: Tables) -> None:
    found = amounts(make_sides(tiny, days=60), "plan")

    assert found["(unknown)"] == (2, 2, Decimal(105), "EUR")


def test_only_the_named_events_count(sides: Sides) -> None:
    found = amounts(sides, "plan", events=["add_to_cart"])

    assert found["pro"] == (2, 0, Decimal(0), None)


def test_bands_come_from_the_lowest(engine: Engine) -> None:
    bands = {"u01": "65+", "u02": "Under 18", "u03": "18-64"}
    labels = [(user, "age", band, None) for user, band in bands.items()]
    sides = make_sides(build_tables(engine, read_events(), labels=labels))

    found = amounts(sides, "age")

    assert list(found) == ["Under 18", "18-64", "65+", "(unknown)"]


def test_values_of_few_are_added_up_without_their_names(tiny: Tables) -> None:
    found = amounts(make_sides(tiny, min_size=3), "plan")

    assert list(found) == ["(other)", "(unknown)"]
    assert found["(other)"][:2] == (2, 2)


def test_values_that_look_personal_are_never_named(engine: Engine) -> None:
    labels = [("u01", "contact", "ann@example.org", None), ("u02", "contact", "post", None)]
    sides = make_sides(build_tables(engine, read_events(), labels=labels))

    assert set(amounts(sides, "contact")) == {"(personal)", "post", "(unknown)"}
    assert "ann@example.org" in amounts(sides, "contact", columns={"contact": "public"})


def test_a_personal_label_is_refused_to_who_may_not_see_it(sides: Sides) -> None:
    with pytest.raises(PrivacyError, match=r"`e_mail` is personal.*cleared for pseudonymous"):
        amounts(sides, "e_mail")


@pytest.mark.parametrize(
    ("label", "events", "said"),
    [("plam", (), "plan"), ("plan", ("purchases",), "purchase")],
    ids=["label", "event"],
)
def test_unknown_names_are_refused_with_near_ones(
    sides: Sides, label: str, events: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UnknownNameError, match=said):
        amounts(sides, label, events=events)


def test_currencies_are_never_added_up(engine: Engine) -> None:
    raw: list[dict[str, str | None]] = [
        {"user": user, "time": "2026-03-10T10:00:00Z", "event": "purchase", "bot": None,
         "value": "5.00", "currency": currency}
        for user, currency in (("u01", "EUR"), ("u02", "GBP"))
    ]  # fmt: skip
    tables = build_tables(engine, with_visits(raw), labels=[("u01", "plan", "pro", None)])

    with pytest.raises(ParameterError, match=r"in `EUR`.*`GBP`, which are never added up"):
        amounts(make_sides(tables), "plan")


def row(value: str, n_users: int, n_payers: int) -> AmountRow:
    return AmountRow(
        value=value, n_users=n_users, n_payers=n_payers, amount=Decimal(n_payers), currency="EUR"
    )


def test_few_users_are_withheld_and_protected_by_further_ones() -> None:
    found = withhold_amounts([row("a", 40, 20), row("b", 30, 15), row("c", 4, 0)], 10)

    assert [r.n_users for r in found] == [40, None, None]
    assert [r.amount for r in found] == [Decimal(20), None, None]


def test_few_payers_are_withheld_with_their_amount() -> None:
    found = withhold_amounts([row("a", 90, 50), row("b", 80, 40), row("c", 70, 3)], 10)

    assert [r.n_users for r in found] == [90, 80, 70]
    assert [r.n_payers for r in found] == [50, None, None]
    assert [r.amount for r in found] == [Decimal(50), None, None]


def test_few_who_paid_nothing_hide_the_number_of_payers_alone() -> None:
    (found,) = withhold_amounts([row("a", 50, 47)], 10)

    assert (found.n_payers, found.amount) == (None, Decimal(47))
