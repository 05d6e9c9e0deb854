"""Labels at T: u02's plan turns free exactly at T and is still pro, u03's was taken back."""

from collections.abc import Mapping
from datetime import date

import pytest

from segkit.config import Role
from segkit.measures.facts import Breakdown
from segkit.measures.labels import MOST_FETCHED, latest_values, measure_labels
from segkit.measures.sides import Sides
from segkit.periods import Clock
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import LABELS, ZONE, build_tables, make_sides, number, read_events


def label(sides: Sides, name: str, clearance: Role = "pseudonymous", **columns: Role) -> Breakdown:
    roles: Mapping[str, Role] = columns
    return next(
        b for b in measure_labels(sides, columns=roles, clearance=clearance) if b.name == name
    )


def rows(breakdown: Breakdown) -> dict[str, tuple[int | None, int | None]]:
    return {row.value: (row.n, row.n_baseline) for row in breakdown.rows}


def test_values_are_those_at_t(sides: Sides) -> None:
    found = label(sides, "plan")

    assert rows(found) == {"pro": (2, 2), "(unknown)": (2, 4), "free": (0, 2)}
    assert found.is_partition


def test_a_day_later_the_change_is_seen(tiny: Tables) -> None:
    later = make_sides(tiny, clock=Clock.at_end_of(date(2026, 4, 1), ZONE))

    found = label(later, "plan")

    assert rows(found)["free"] == (1, 2)


def test_ages_come_in_decades_in_order(sides: Sides) -> None:
    found = label(sides, "age")

    assert list(rows(found).items()) == [
        ("20 to 29", (2, 1)), ("30 to 39", (1, 0)), ("60 to 69", (0, 1)), ("(unknown)", (1, 6)),
    ]  # fmt: skip


def test_texts_that_are_bands_come_in_order_and_the_unknown_last(engine: Engine) -> None:
    given = {"u01": "65+", "u02": "Under 18", "u05": "18-64", "u06": "65+"}
    labels = [(user, "age_band", band, None) for user, band in given.items()]
    sides = make_sides(build_tables(engine, read_events(), labels=labels))

    found = label(sides, "age_band")

    assert found.is_ordered
    assert list(rows(found).items()) == [
        ("Under 18", (1, 0)), ("18-64", (0, 1)), ("65+", (1, 1)), ("(unknown)", (2, 5)),
    ]  # fmt: skip


def test_dates_come_by_month_and_booleans_in_lower_case(sides: Sides) -> None:
    joined, newsletter = label(sides, "joined"), label(sides, "newsletter")

    assert rows(joined) == {"2025-11": (1, 1), "2025-12": (1, 0), "(unknown)": (2, 7)}
    assert rows(newsletter) == {"true": (1, 1), "false": (1, 0), "(unknown)": (2, 7)}


@pytest.mark.parametrize("clearance", ["public", "pseudonymous", "personal"])
def test_personal_labels_never_show_their_values(sides: Sides, clearance: Role) -> None:
    found = label(sides, "e_mail", clearance)

    assert rows(found) == {"(unknown)": (3, 7), "(known)": (1, 1)}


def test_a_label_above_the_clearance_shows_coverage_alone(sides: Sides) -> None:
    found = label(sides, "plan", "public", plan="pseudonymous")

    assert rows(found) == {"(known)": (2, 4), "(unknown)": (2, 4)}


def test_values_that_look_like_mail_are_not_shown(engine: Engine) -> None:
    given = [("u01", "contact", "ann@example.org", None), ("u05", "contact", "by phone", None)]
    sides = make_sides(build_tables(engine, read_events(), labels=given))

    found = label(sides, "contact")

    assert set(rows(found)) == {"(known)", "(unknown)"}


def test_texts_that_everybody_has_alone_are_not_shown(engine: Engine) -> None:
    users = [f"u{n:02}" for n in range(20, 80)]
    given = [(user, "code", f"code {user}", None) for user in users]
    tables = build_tables(engine, read_events(), labels=given, extra=users)

    found = label(make_sides(tables), "code")

    assert rows(found) == {"(unknown)": (4, 7), "(known)": (0, 60)}


def test_a_value_of_too_few_people_is_not_named(tiny: Tables) -> None:
    found = label(make_sides(tiny, min_size=3), "plan")

    assert set(rows(found)) == {"pro", "(unknown)"}
    assert found.n_more == 1


def test_many_numbers_are_banded_in_the_engine_as_exactly(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [f"u{n:03}" for n in range(100, 300)]
    given = [(user, "income", str(10 * n), None) for n, user in enumerate(users)]
    monkeypatch.setitem(measure_labels.__globals__, "MOST_FETCHED", 50)
    monkeypatch.setitem(build_tables.__globals__["KINDS"], "income", "number")
    tables = build_tables(engine, [], labels=given, extra=users)

    found = label(make_sides(tables, members=users[:60]), "income")

    assert MOST_FETCHED > 50
    assert sum(row.n or 0 for row in found.rows) == 60
    assert sum(row.n_baseline or 0 for row in found.rows) == 140
    assert 4 <= len(found.rows) <= 6


def test_latest_values_keep_to_the_users_asked_for(sides: Sides) -> None:
    one = sides.members.filter(sides.members.user_no == number("u02"))

    found = sides.engine.rows(latest_values(sides, ["age", "plan"], of=one))

    assert sorted((row[1], row[2]) for row in found) == [("age", "29"), ("plan", "pro")]


def test_every_label_of_the_fixture_is_there(sides: Sides) -> None:
    found = measure_labels(sides, columns={}, clearance="pseudonymous")

    assert [b.name for b in found] == sorted({name for _, name, _, _ in LABELS})
    for breakdown in found:
        assert sum(row.n or 0 for row in breakdown.rows) == 4
        assert sum(row.n_baseline or 0 for row in breakdown.rows) == 8


def test_years_hold_the_people_of_months_that_few_have(engine: Engine) -> None:
    users = [f"u{n:02}" for n in range(20, 40)]
    given = [
        (user, "joined", f"{2024 + n // 12}-{n % 12 + 1:02}-15", None)
        for n, user in enumerate(users)
    ]
    tables = build_tables(engine, [], labels=given, extra=users)

    found = label(make_sides(tables, members=users[:10], min_size=3), "joined")

    assert rows(found) == {"2024": (10, 2), "2025": (0, 8)}
