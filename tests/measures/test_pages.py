"""Who viewed which page: all four buyers the home page (7 views), u01 and u02 /shoes (2 + 1)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segkit.measures import pages
from segkit.measures.pages import measure_pages
from segkit.measures.sides import TOP_ROWS, Sides
from segkit.store.engine import Engine
from tests.measures.tiny import build_tables, make_sides, with_visits


def test_pages_count_users_and_their_views(sides: Sides) -> None:
    found = measure_pages(sides)

    rows = [(row.value, row.n, row.n_baseline, row.volume) for row in found.rows]
    assert rows == [("/home", 4, 3, 7), ("/shoes", 2, 1, 3)]
    assert (found.denominator, found.baseline_denominator, found.n_more) == (4, 8, 0)


def test_a_page_of_too_few_people_is_not_named(sides: Sides) -> None:
    wary = make_sides(sides.tables, min_size=5)

    found = measure_pages(wary)

    assert [row.value for row in found.rows] == ["/home"]
    assert found.n_more == 1


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 28), st.integers(0, 30)), max_size=80))
def test_few_candidates_give_the_same_pages_as_all(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, views: list[tuple[int, int, int]]
) -> None:
    rows: list[dict[str, str | None]] = [
        {
            "user": f"u{user:02}",
            "time": f"2026-03-{day:02}T09:00:00Z",
            "event": "page_view",
            "page_path": f"/{page}",
        }
        for user, day, page in [*views, (1, 1, 0)]
    ]
    members = ["u01", "u02", "u03", "u04", "u05"]
    sides = make_sides(build_tables(engine, with_visits(rows)), members=members)
    monkeypatch.setattr(pages, "CANDIDATES", 3)

    found = measure_pages(sides)

    users: dict[str, set[str | None]] = {}
    for row in rows:
        if row["user"] in members:
            users.setdefault(str(row["page_path"]), set()).add(row["user"])
    sizes = sorted((len(u) for u in users.values()), reverse=True)
    assert [row.n for row in found.rows] == sizes[:TOP_ROWS]
    assert found.n_more == max(len(sizes) - TOP_ROWS, 0)
