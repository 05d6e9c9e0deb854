"""Grocery baskets whose times are UTC, counted in the shop's zone and, as a check, in UTC."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from segkit.measures.activity import build_activity
from segkit.measures.sides import Sides
from segkit.workspace import Members
from tests.shared_data.support import Loaded, check_nothing_new, load_documented, outcome

pytestmark = pytest.mark.shared

NEW_YORK = ZoneInfo("America/New_York")
SALES = {
    "19-24": "6852.20", "25-34": "23213.85", "35-44": "36401.32", "45-54": "49180.90",
    "55-64": "9013.86", "65+": "8956.59",
}  # fmt: skip
LOCAL = [1504, 1489, 1524, 1496, 1557, 1516, 1549, 1536, 1504, 1540, 1552, 1562]
UTC = [1500, 1494, 1530, 1496, 1558, 1515, 1552, 1538, 1505, 1544, 1549, 1562, 18]


@pytest.fixture(scope="module")
def grocery(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    data = shared / "data" / "completejourney"
    root = tmp_path_factory.mktemp("grocery")
    return load_documented(root, "completejourney", "grocery", data)


@pytest.fixture(scope="module")
def in_utc(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The same data in a workspace that counts UTC's days."""
    data = shared / "data" / "completejourney"
    zone = {'timezone = "America/New_York"': 'timezone = "UTC"'}
    root = tmp_path_factory.mktemp("grocery_utc")
    return load_documented(root, "completejourney", "grocery", data, changed=zone)


def active(members: Members) -> dict[str, int | None]:
    """Give who was active by month."""
    return {row.period: row.n_active for row in members.active(grain="month")}


def by_day(loaded: Loaded) -> dict[date, int]:
    """Give the events by day of the workspace's rollup."""
    days = loaded.workspace.tables.user_days
    return dict(loaded.rows(days.group_by("day").agg(n=days.n_events.sum())))


def test_every_line_and_every_known_household_is_kept(grocery: Loaded) -> None:
    assert outcome(grocery.first) == {
        "transactions": (75_000, 0, 0),
        "demographics": (801, 0, 0),
    }


def test_loading_both_files_again_adds_nothing(grocery: Loaded) -> None:
    check_nothing_new(grocery)


def test_households_without_demographics_stay_users(grocery: Loaded) -> None:
    workspace = grocery.workspace

    assert workspace.everyone().count == 2_377
    assert workspace.members("age_45_to_54").universe == 801


def test_sales_by_age_band_are_exact_and_in_order(grocery: Loaded) -> None:
    rows = grocery.workspace.everyone().amounts("age")

    known = {row.value: row.amount for row in rows if row.value != "(unknown)"}
    assert list(known.items()) == [(band, Decimal(sum_)) for band, sum_ in SALES.items()]
    assert rows[-1].n_users == 1_576
    assert sum(row.amount for row in rows) == Decimal("233935.24")
    assert {row.currency for row in rows} == {"USD"}


def test_lines_of_one_basket_are_one_order(grocery: Loaded) -> None:
    tables = grocery.workspace.tables
    everyone = grocery.workspace.everyone().membership
    sides = Sides(
        tables=tables,
        groups=everyone.members,
        clock=everyone.clock,
        days=365,
        n_segment=2_377,
        n_baseline=0,
    )

    lines = build_activity(sides, purchases=("purchase",)).users
    orders = build_activity(sides, purchases=("purchase",), order_id="basket_id").users

    assert grocery.scalar(lines.n_orders.sum()) == 75_000
    assert grocery.scalar(orders.n_orders.sum()) == 47_243
    assert grocery.scalar(orders.revenue.sum()) == Decimal("233935.24")


def test_households_active_a_month_in_the_shops_zone(grocery: Loaded) -> None:
    assert active(grocery.workspace.everyone()) == {
        f"2017-{month:02}": n for month, n in enumerate(LOCAL, start=1)
    }


def test_in_utc_some_lines_fall_into_other_months(in_utc: Loaded) -> None:
    months = [f"2017-{month:02}" for month in range(1, 13)]

    assert active(in_utc.workspace.everyone()) == dict(zip([*months, "2018-01"], UTC, strict=True))


def test_each_line_falls_on_the_day_of_the_workspaces_zone(grocery: Loaded, in_utc: Loaded) -> None:
    times = [at for (at,) in grocery.rows(grocery.workspace.tables.events.select("time"))]
    local = Counter(at.astimezone(NEW_YORK).date() for at in times)
    utc = Counter(at.date() for at in times)

    assert by_day(grocery) == local
    assert by_day(in_utc) == utc
    assert sum(at.date() != at.astimezone(NEW_YORK).date() for at in times) == 12_699


def test_the_report_counts_baskets_as_orders(grocery: Loaded) -> None:
    workspace = grocery.workspace

    facts = workspace.report("frequent_shoppers").facts()

    measures = {measure.name: measure for measure in facts.behaviour.measures}
    assert facts.overview.n_users == workspace.members("frequent_shoppers").count
    assert measures["orders_per_buyer"].numerator < measures["events_per_user"].numerator
    assert "`basket_id`" in " ".join(facts.notes)


def test_bands_stand_in_order_in_the_report(grocery: Loaded) -> None:
    facts = grocery.workspace.report("frequent_shoppers").facts()

    labels = {b.name: [row.value for row in b.rows] for b in facts.attributes.breakdowns}
    assert labels["age"] == [*SALES, "(unknown)"]
    assert labels["income"][:4] == ["Under 15K", "15-24K", "25-34K", "35-49K"]
    assert labels["kids_count"] == ["0", "1", "2", "3+", "(unknown)"]
