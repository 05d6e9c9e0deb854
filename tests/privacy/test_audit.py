"""The auditor of this folder finds what is planted; otherwise its silence would mean nothing."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

import segkit as sk
from segkit.reports.document import facts_document
from tests.privacy.audit import given_away, small_numbers
from tests.published import Shop

Document = dict[str, Any]


@pytest.fixture(scope="module")
def document(lindenhof: Shop) -> Document:
    report = sk.open(lindenhof.root).report("loyal", days=28, clearance="public")
    document = facts_document(report.facts(), value=report.customer_value)
    found: Document = json.loads(json.dumps(document))
    return found


def _universe(d: Document) -> None:
    d["overview"]["n_universe"] = d["overview"]["n_users"] + 4


def _left_over(d: Document) -> None:
    d["n_baseline"] -= 4


def _new(d: Document) -> None:
    d["overview"] |= {"n_active_7d": 60, "n_new_7d": 57}


def _partition(d: Document) -> None:
    rows = next(b for b in d["attributes"]["breakdowns"] if b["name"] == "plan")["rows"]
    for row, n in zip(rows, (d["overview"]["n_users"] - 4, None), strict=False):
        row["n"] = n
    for row in rows[2:]:
        row["n"] = 0


def _funnel(d: Document) -> None:
    d["behaviour"]["funnel"][1] |= {"n_users": 50}
    d["behaviour"]["funnel"][2] |= {"n_users": 45}


def _hour(d: Document) -> None:
    hours = d["behaviour"]["hours"]
    visits = d["behaviour"]["measures"]["visits_per_user"]["numerator"]
    for cell in hours:
        cell["n_visits"] = 0
    hours[0]["n_visits"], hours[1]["n_visits"] = visits - 30, None


def _orders(d: Document) -> None:
    d["behaviour"]["measures"]["orders_per_buyer"] |= {"numerator": 55, "denominator": 50}


def _cohort(d: Document) -> None:
    d["behaviour"]["retention"][0] |= {"n_eligible": 40, "n_retained": 37}


def _last_cohort(d: Document) -> None:
    d["overview"]["n_new_7d"] = None
    for cell in d["behaviour"]["retention"]:
        cell["n_eligible"] = 30


def _move(d: Document) -> None:
    d["trend"][-1] |= {"n_entered": None, "n_left": 20}


def _stayed(d: Document) -> None:
    d["trend"][-1] |= {"n_users": 30, "n_entered": 25, "n_left": 25}


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_universe, "universe without segment"),
        (_left_over, "segment, baseline and universe"),
        (_new, "new of active"),
        (_partition, "partition plan"),
        (_funnel, "funnel n_users"),
        (_hour, "hours"),
        (_orders, "orders: 55 of 50"),
        (_cohort, "retention"),
        (_last_cohort, "new users in 7 days"),
        (_move, "one move"),
        (_stayed, "few stayed"),
    ],
)
def test_what_is_planted_is_found(
    document: Document, plant: Callable[[Document], None], fault: str
) -> None:
    planted = deepcopy(document)
    plant(planted)

    found = given_away(planted, 10)

    assert given_away(document, 10) == []
    assert any(fault in text for text in found), found


@pytest.mark.parametrize(
    "place",
    [
        ("overview", "n_active_7d"),
        ("behaviour", "hours", 5, "n_visits"),
        ("behaviour", "measures", "bounce_rate", "numerator"),
        ("behaviour", "breakdowns", "pages", "rows", 0, "n_baseline"),
        ("behaviour", "breakdowns", "pages", "rows", 0, "volume"),
        ("behaviour", "retention", 0, "n_retained"),
        ("attributes", "over", "denominator"),
        ("trend", 0, "n_left"),
        ("user_list", "n_rows"),
    ],
)
def test_a_small_number_is_found_wherever_it_stands(
    document: Document, place: tuple[str | int, ...]
) -> None:
    planted: Any = deepcopy(document)
    inner = planted
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = 3

    found = small_numbers(planted, 10)

    assert found == [(".".join(map(str, place)), 3)]
