"""What the section on customer value says, and what it keeps to itself."""

from dataclasses import replace

import pytest

from segkit.measures.facts import SegmentReportFacts
from segkit.views import render_value
from tests.views.html import Page
from tests.views.sample_value import sample_value


@pytest.fixture
def text(facts: SegmentReportFacts) -> str:
    return Page(render_value(facts, sample_value()).html).text


def test_without_orders_the_section_says_so(facts: SegmentReportFacts) -> None:
    assert "customer value is not given" in render_value(facts, None).text


def test_sentences_have_numerators_and_denominators(text: str) -> None:
    assert "310 buyers are champions" in text
    assert "48.4% of 640 buyers" in text
    assert "31.0% of 100,000.00 EUR" in text


def test_those_who_go_are_left_out_where_a_cell_of_theirs_is_withheld(text: str) -> None:
    assert "stayed away" not in text
    value = sample_value()
    rows = [replace(row, n=row.n or 15) for row in value.cells.rows]
    spent = [replace(cell, revenue=cell.revenue or 60.0) for cell in value.revenue]
    whole = sample_value(cells=replace(value.cells, rows=rows), revenue=spent)

    from segkit.views.value import show_value  # noqa: PLC0415  beside what it is compared with

    said = show_value(whole, baseline="everyone else").text
    assert "have stayed away for 59 days or longer" in said


def test_a_withheld_cell_is_hatched_and_never_a_zero(facts: SegmentReportFacts) -> None:
    html = render_value(facts, sample_value()).html

    assert html.count("withheld") >= 2
    assert "<svg" in html
    assert "<table" in html


def test_the_test_of_the_model_stands_before_what_it_expects_is_used(text: str) -> None:
    assert "it predicted 330 order days by 2026-06-30; 300 came" in text
    assert "10% more than came" in text


@pytest.mark.parametrize(
    ("predicted", "said"), [(450.0, "That is far off"), (270.0, "10% fewer than came")]
)
def test_a_bad_prediction_is_called_one(
    facts: SegmentReportFacts, predicted: float, said: str
) -> None:
    value = sample_value()
    assert value.check is not None
    changed = replace(value, check=replace(value.check, predicted=predicted))

    assert said in render_value(facts, changed).text


def test_without_a_model_the_reason_stands_in_its_place(facts: SegmentReportFacts) -> None:
    value = sample_value(models=None, check=None, reason="fewer than 50 buyers came twice")

    said = render_value(facts, value).text

    assert "Nothing is predicted: fewer than 50 buyers came twice." in said
    assert "put to the test" not in said
