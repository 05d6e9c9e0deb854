"""Groups of too few people: in no number of a report, and in nothing that its numbers give away."""

import json
from datetime import date
from typing import Any

import pytest

import segkit as sk
from segkit.reports.document import facts_document
from tests.privacy.audit import Tables, given_away, numbers, small_numbers
from tests.published import CLOCK_CHANGE, END_ON, Shop

MIN_SIZE = 10
QUICK = [
    ("deal_hunters", CLOCK_CHANGE, 7, "rest"),
    ("known", END_ON, 28, "deal_hunters"),
    ("readers_without_order", END_ON, 14, "everyone"),
]
SEGMENTS = (
    "big_baskets", "loyal_members_on_mobile", "spring_campaign_arrivals", "age_18_24", "anonymous",
    "cart_abandoners", "frequent_visitors", "lapsing", "loyal", "returning", "staff",
)  # fmt: skip
SLOW = [
    (segment, day, days, baseline)
    for segment in SEGMENTS
    for day, days, baseline in (
        (END_ON, 60, "rest"),
        (CLOCK_CHANGE, 28, "known"),
        (date(2026, 3, 25), 30, "everyone"),
    )
]


def _document(shop: Shop, segment: str, as_of: date, days: int, baseline: str) -> dict[str, Any]:
    report = sk.open(shop.root).report(
        segment, as_of=as_of, days=days, baseline=baseline, clearance="public"
    )
    found: dict[str, Any] = json.loads(
        json.dumps(facts_document(report.facts(), None, report.differences, report.customer_value))
    )
    return found


def _assert_safe(document: dict[str, Any], min_size: int = MIN_SIZE) -> None:
    assert document["min_size"] == min_size
    assert small_numbers(document, min_size) == []
    if document["overview"]["n_users"] is None:
        assert list(numbers(document)) == []
    else:
        assert given_away(document, min_size) == []


@pytest.mark.parametrize(("segment", "as_of", "days", "baseline"), QUICK)
def test_no_number_tells_of_few_or_gives_them_away(
    lindenhof: Shop, segment: str, as_of: date, days: int, baseline: str
) -> None:
    document = _document(lindenhof, segment, as_of, days, baseline)

    _assert_safe(document)
    assert document["overview"]["n_users"] >= MIN_SIZE


@pytest.mark.slow
@pytest.mark.parametrize(("segment", "as_of", "days", "baseline"), SLOW)
def test_no_report_gives_few_away(
    lindenhof: Shop, segment: str, as_of: date, days: int, baseline: str
) -> None:
    _assert_safe(_document(lindenhof, segment, as_of, days, baseline))


@pytest.mark.notebook
@pytest.mark.parametrize("clearance", ["public", "pseudonymous"])
def test_a_published_page_shows_no_number_that_its_facts_withhold(
    lindenhof: Shop, clearance: str
) -> None:
    report = lindenhof.publish("known", clearance=clearance)
    page = Tables(report.html)

    _assert_safe(report.facts)
    assert len(page.tables) > 20
    assert "withheld" in report.html
    faults = [
        (table[0][0], row[0], cell)
        for table, kinds in zip(page.tables, page.kinds, strict=True)
        if table[0][0] not in {"User", "Measure"}
        for row in table[1:]
        for cell, kind in zip(row, kinds, strict=True)
        if kind == "count" and _is_small(cell)
    ]
    assert faults == []


def _is_small(cell: str) -> bool:
    """Say whether a cell, which may have its share behind it, begins with a small count."""
    number = cell.split("(", maxsplit=1)[0].strip().replace(",", "")
    return number.isdigit() and 0 < int(number) < MIN_SIZE


@pytest.mark.parametrize("segment", ["age_65_plus", "all_but_few"])
def test_a_segment_or_a_rest_of_few_publishes_the_notice_alone(
    lindenhof: Shop, segment: str
) -> None:
    ws = sk.open(lindenhof.root)
    few = ws.find("age_65_plus")
    asked = (
        few
        if segment == "age_65_plus"
        else sk.Segment(segment, ~sk.in_segment("age_65_plus"), title="Most")
    )

    report = ws.report(asked, clearance="personal")

    facts = report.facts()
    document = facts_document(facts, None, report.differences, report.customer_value)
    assert 0 < ws.members(few).count < MIN_SIZE
    assert list(numbers(document)) == []
    assert "whole report is withheld" in document["notes"][0]
    assert report.exported is None
    assert (facts.user_list.rows, facts.overview.top_users.rows) == ((), ())
    assert str(ws.members(asked).count) not in report.overview().html


@pytest.mark.parametrize(("own", "least"), [(40, 40), (3, 10)])
def test_a_policy_may_raise_the_least_size_but_not_lower_it(
    lindenhof: Shop, own: int, least: int
) -> None:
    segment = sk.Segment(
        "members", sk.attribute("plan", sk.known()), title="Members", policy={"min_size": own}
    )

    report = sk.open(lindenhof.root).report(segment, days=7, clearance="public")

    document = facts_document(report.facts(), value=report.customer_value)
    assert report.facts().head.min_size == least
    assert small_numbers(document, least) == []
    assert given_away(document, least) == []
