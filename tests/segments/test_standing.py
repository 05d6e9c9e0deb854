"""Metrics against values, against each other, among other people: answers worked out by hand."""

from typing import Any

import pytest

from tests.segments.tiny import Tiny, event, segment, tables_of

SPENT = {"u_1": (10,), "u_2": (20, 20), "u_3": (40,), "u_4": (40,), "u_5": (100,), "u_6": ()}
"""What each spent, an order each: sums 10, 40, 40, 40, 100, and one who only looked."""


@pytest.fixture(scope="module")
def shop() -> Tiny:
    looked = [event(user, "2026-06-01T10:00", "page_view") for user in SPENT]
    bought = [
        event(user, f"2026-06-{10 + day}T10:00", "purchase", value=value)
        for user, values in SPENT.items()
        for day, value in enumerate(values)
    ]
    early = [event("u_5", f"2026-05-0{day}T10:00", "page_view") for day in (1, 2, 3)]
    return tables_of(looked + bought + early)


def spent(calc: str = "sum") -> dict[str, Any]:
    return {"event": "purchase", "calc": {calc: "revenue"}}


def rank(by: Any = None, **cut: Any) -> Any:
    return {"rank": {"by": by or spent()} | cut}


BUYERS = {"did": {"event": "purchase"}}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        # 1 of 6 is 100; the place 2 to 4 is shared by three with 40.
        (rank(top=1), "5"),
        (rank(top=2), "2345"),
        (rank(top=2, ties="exclude"), "5"),
        (rank(top=4, ties="exclude"), "2345"),
        (rank(top=5), "12345"),
        (rank(top=99), "123456"),
        # Who bought nothing has spent 0, which is known.
        (rank(bottom=1), "6"),
        (rank(bottom=2), "16"),
        # ceil(10 % of 6) is 1, ceil(17 % of 6) is 2: two with ties are four.
        (rank(top="10%"), "5"),
        (rank(top="17%"), "2345"),
        (rank(top="100%"), "123456"),
        # Among the five who bought, ceil(20 % of 5) is 1.
        (rank(bottom="20%", among=BUYERS), "1"),
        (rank(bottom="40%", among=BUYERS), "1234"),
        # A mean of nothing is unknown: n is 5; means are 10, 20, 40, 40, 100.
        (rank(spent("avg"), bottom="20%"), "1"),
        (rank(spent("avg"), bottom="21%"), "12"),
        # Mid-ranks of 6: 0 is 1/12, 10 is 3/12, 40 is 7/12, 100 is 11/12.
        (rank(percentile={"gte": 58.33}), "2345"),
        (rank(percentile={"gt": 58.34}), "5"),
        (rank(percentile={"lte": 25}), "16"),
        # Average ranks of 6: 1, 2, 4 (of 3, 4, 5), 6; times 3 by 6, rounded up: 1, 1, 2, 3.
        (rank(bucket={"of": 3, "in": [1]}), "16"),
        (rank(bucket={"of": 3, "in": [2]}), "234"),
        (rank(bucket={"of": 3, "in": [3, 1]}), "156"),
        # By the time of the last order: u_2 bought on the 11th, the others on the 10th.
        (rank({"event": "purchase", "calc": {"last": "event_time"}}, top=1), "2"),
    ],
    ids=str,
)
def test_people_are_ranked(shop: Tiny, where: Any, expected: str) -> None:
    assert shop.members(where) == {f"u_{n}" for n in expected}


def test_who_is_outside_the_universe_has_no_rank(shop: Tiny) -> None:
    universe = {"did": {"event": "purchase", "calc": {"sum": "revenue"}, "is": {"lt": 100}}}

    assert shop.members(rank(top=1), universe=universe) == {"u_2", "u_3", "u_4"}
    assert shop.members(rank(top=1, among=BUYERS), universe=universe) == {"u_2", "u_3", "u_4"}
    assert shop.members({"not": rank(top=1)}, universe=universe) == {"u_1", "u_6"}


def test_a_segment_in_a_condition_is_ranked_in_its_own_universe(shop: Tiny) -> None:
    library = {"best": segment(rank(top=1), name="best")}

    found = shop.members({"in_segment": "best"}, universe=BUYERS, library=library)

    assert found == {"u_5"}
    assert shop.members(rank(bottom=1), universe={"segment": "best"}, library=library) == {"u_5"}


def compare(op: str, right: Any, left: Any = None, **more: Any) -> Any:
    return {"compare": {"left": left or spent(), "op": op, "right": right} | more}


VIEWS = {"event": "page_view", "during": {"from": "2026-06-01", "to": "2026-06-30"}}
BEFORE = {"event": "page_view", "during": {"before": "2026-06-01"}}
ORDERS = {"event": "purchase"}
EARLY = BEFORE | ORDERS


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"measure": {"of": spent(), "is": {"gte": 40}}}, "2345"),
        ({"measure": {"of": spent("avg"), "is": {"lt": 40}}}, "12"),
        ({"measure": {"of": ORDERS, "is": {"lte": 1}}}, "13456"),
        # As many orders as views of June: all but u_2 with 2 orders and u_6 with none.
        (compare("eq", VIEWS, ORDERS), "1345"),
        (compare("ne", VIEWS, ORDERS), "26"),
        # Views of June are at most half of those before: 1 against 3 of u_5; against 0: no.
        (compare("lte", BEFORE, VIEWS, times=0.5), "5"),
        # 0 orders are more than 0 early orders minus 1, and not more than 0 early orders.
        (compare("gt", EARLY, ORDERS), "12345"),
        (compare("gt", EARLY, ORDERS, plus=-1), "123456"),
        # A mean of nothing is unknown, whatever it is compared to.
        (compare("gte", spent("avg")), "12345"),
        (compare("lt", spent("avg"), ORDERS), "12345"),
        (compare("gt", spent("avg"), spent("sum")), "2"),
        # 40 is 20 × 1.9 plus 2, exactly.
        (compare("eq", spent("avg"), spent("sum"), times=1.9, plus=2), "2"),
        (
            compare(
                "lt",
                {"event": "purchase", "calc": {"last": "event_time"}},
                {"event": "purchase", "calc": {"first": "event_time"}},
            ),
            "2",
        ),
    ],
    ids=str,
)
def test_metrics_are_compared(shop: Tiny, where: Any, expected: str) -> None:
    assert shop.members(where) == {f"u_{n}" for n in expected}


def test_not_around_an_unknown_side_holds(shop: Tiny) -> None:
    assert shop.members({"not": compare("gte", spent("avg"))}) == {"u_6"}
