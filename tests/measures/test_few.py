"""Many visits of few people: a page of u01 alone, and one that u01 to u03 share with nobody else.

u01 comes to `/mine` on ten days; u01 to u03 come to `/ours` twice; u01 to u08 come to `/all` once.
"""

from segkit.measures.facts import Breakdown, HourCell
from segkit.measures.few import FEW, hide_few
from segkit.measures.sides import Sides
from segkit.measures.traffic import measure_traffic, measure_visits, read_visits
from segkit.store.engine import Engine
from tests.measures.tiny import build_tables, make_sides, with_visits

Row = dict[str, str | None]


def _view(user: str, day: int, hour: int, page: str) -> Row:
    return {
        "user": user,
        "time": f"2026-03-{day:02}T{hour:02}:00:00Z",
        "event": "page_view",
        "page_path": page,
    }


def _sides(engine: Engine, *, min_size: int) -> Sides:
    rows = [_view("u01", day, 5, "/mine") for day in range(2, 12)]
    rows += [_view(u, day, 10, "/ours") for u in ("u01", "u02", "u03") for day in (12, 13)]
    rows += [_view(f"u0{n}", 14, 12, "/all") for n in range(1, 9)]
    tables = build_tables(engine, with_visits(rows))
    return make_sides(tables, min_size=min_size, members=["u01", "u02", "u04", "u05"])


def _hidden(sides: Sides) -> tuple[dict[str, tuple[int | None, int | None]], list[HourCell]]:
    visits = read_visits(sides)
    own, other, hours = measure_visits(sides, visits)
    traffic = measure_traffic(sides, visits, totals=(own.n_visits, other.n_visits))
    breakdowns, cells = hide_few(sides, visits, traffic, hours)
    pages: Breakdown = next(b for b in breakdowns if b.name == "entry_pages")
    return {row.value: (row.n, row.n_baseline) for row in pages.rows}, [
        cell for cell in cells if cell.n_visits != 0
    ]


def test_a_page_of_one_person_has_no_name_and_no_count(engine: Engine) -> None:
    pages, _ = _hidden(_sides(engine, min_size=2))

    assert pages == {"/all": (4, 4), "/ours": (4, None), FEW: (None, 0)}


def test_what_a_side_has_of_few_is_withheld_on_that_side(engine: Engine) -> None:
    pages, _ = _hidden(_sides(engine, min_size=3))

    # Three users came to /ours: two of the segment, one of the others.
    assert pages == {"/all": (4, 4), "/ours": (None, None), FEW: (None, 0)}


def test_several_pages_of_few_are_one_row(engine: Engine) -> None:
    pages, _ = _hidden(_sides(engine, min_size=4))

    assert pages == {"/all": (4, 4), FEW: (None, None)}


def test_an_hour_of_one_person_is_withheld(engine: Engine) -> None:
    _, hours = _hidden(_sides(engine, min_size=2))

    # 05:00 UTC is 06:00 in Berlin, on seven weekdays; 12 and 13 March are a Thursday and a Friday.
    assert {(c.weekday, c.hour): c.n_visits for c in hours} == {
        **{(day, 6): None for day in range(1, 8)},
        (4, 11): 2,
        (5, 11): 2,
        (6, 13): 4,
    }


def test_without_a_least_size_nothing_is_hidden(engine: Engine) -> None:
    pages, hours = _hidden(_sides(engine, min_size=1))

    assert pages == {"/mine": (10, 0), "/ours": (4, 2), "/all": (4, 4)}
    assert all(cell.n_visits for cell in hours)
