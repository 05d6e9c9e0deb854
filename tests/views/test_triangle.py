from datetime import date

from segkit.measures.facts import RetentionCell
from segkit.views.triangle import Triangle

FIRST, SECOND = date(2026, 6, 1), date(2026, 6, 8)


def cell(cohort: date, k: int, n: int | None, kept: int | None = None) -> RetentionCell:
    return RetentionCell(cohort=cohort, k=k, n_eligible=n, n_retained=kept)


def test_a_cell_that_is_not_there_is_unfinished() -> None:
    triangle = Triangle([cell(FIRST, 0, 40, 40), cell(FIRST, 1, 40, 3), cell(SECOND, 0, 50, 50)])

    assert triangle.is_unfinished(SECOND, 1)
    assert not triangle.is_unfinished(FIRST, 1)
    assert list(triangle.weeks) == [0, 1]


def test_a_cohort_of_a_withheld_size_is_not_unfinished() -> None:
    triangle = Triangle([cell(FIRST, 0, None), cell(FIRST, 1, None)])

    assert triangle.size(FIRST) is None
    assert not triangle.is_unfinished(FIRST, 1)


def test_an_unknown_week_of_a_known_cohort_is_unfinished() -> None:
    triangle = Triangle([cell(FIRST, 0, 40, 40), cell(FIRST, 1, None)])

    assert triangle.is_unfinished(FIRST, 1)


def test_a_cohort_of_nobody_is_finished_and_empty() -> None:
    triangle = Triangle([cell(FIRST, 0, 0, 0), cell(FIRST, 1, 0, 0)])

    assert triangle.size(FIRST) == 0
    assert not triangle.is_unfinished(FIRST, 1)


def test_no_cells_make_an_empty_triangle() -> None:
    triangle = Triangle([])

    assert triangle.cohorts == []
    assert list(triangle.weeks) == []
