"""Three lines of two orders, one purchase without an order's id, another user's order `a`."""

from typing import Any

import pytest

from segkit.errors import UnknownNameError
from segkit.measures.activity import build_activity
from segkit.measures.orders import check_orders, count_orders
from segkit.measures.sides import Sides
from segkit.store.engine import Engine
from segkit.store.tables import Catalogue, EventInfo
from tests.measures.tiny import build_tables, make_sides, number, with_visits

LINES = [
    ("u01", "2026-03-10T10:00:00Z", '{"order": "a"}', None),
    ("u01", "2026-03-10T10:00:00Z", '{"order": "a"}', None),
    ("u01", "2026-03-11T10:00:00Z", '{"order": "b"}', None),
    ("u01", "2026-03-12T10:00:00Z", "{}", None),
    ("u01", "2026-03-31T22:00:00Z", '{"order": "after T"}', None),
    ("u02", "2026-03-10T10:00:00Z", '{"order": "a"}', None),
    ("u03", "2026-03-10T10:00:00Z", '{"order": "of a bot"}', "crawler"),
]
CATALOGUE = Catalogue(events={"purchase": EventInfo(n=1, properties=("order", "sku"))})


@pytest.fixture(scope="module")
def lines(engine: Engine) -> Sides:
    raw: list[dict[str, Any]] = [
        {"user": user, "time": time, "event": "purchase", "value": "10.00", "bot": bot,
         "properties": properties}
        for user, time, properties, bot in LINES
    ]  # fmt: skip
    return make_sides(build_tables(engine, with_visits(raw)))


def test_an_order_is_an_id_or_an_event_without_one(lines: Sides) -> None:
    found = dict(lines.engine.rows(count_orders(lines, ["purchase"], "order")))

    assert found == {number("u01"): 3, number("u02"): 1}


def test_activity_counts_orders_and_keeps_the_revenue_of_all_lines(lines: Sides) -> None:
    users = build_activity(lines, purchases=["purchase"], order_id="order").users

    rows = lines.engine.rows(users.select("user_no", "n_orders", "n_events", "revenue"))

    assert sorted(rows) == [(number("u01"), 3, 4, 40), (number("u02"), 1, 1, 10)]


@pytest.mark.parametrize(
    ("purchases", "order_id", "said"),
    [(["purchse"], None, r"`purchse`.*purchase"), (["purchase"], "ordr", r"`ordr`.*order")],
    ids=["event", "property"],
)
def test_unknown_names_are_refused_with_near_ones(
    purchases: list[str], order_id: str | None, said: str
) -> None:
    with pytest.raises(UnknownNameError, match=f"(?s){said}"):
        check_orders(CATALOGUE, purchases, order_id)


def test_known_names_are_not_refused() -> None:
    check_orders(CATALOGUE, ["purchase"], "order")
