"""CDNOW's purchases: rows, customers, revenue, cohorts and retention, computed elsewhere."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.shared_data.support import Loaded, check_nothing_new, load_documented, outcome

pytestmark = pytest.mark.shared

JANUARY = [
    7846, 1157, 964, 810, 679, 736, 720, 582, 559, 594, 673, 634, 528, 511, 664, 472, 497, 498,
]  # fmt: skip


@pytest.fixture(scope="module")
def cdnow(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    data = shared / "data" / "cdnow"
    return load_documented(tmp_path_factory.mktemp("cdnow"), "cdnow", "music", data)


def test_every_purchase_is_kept_equal_rows_too(cdnow: Loaded) -> None:
    assert outcome(cdnow.first) == {"purchases": (69_659, 0, 0)}


def test_loading_the_file_again_adds_nothing(cdnow: Loaded) -> None:
    check_nothing_new(cdnow)


def test_customers_keep_the_zeros_of_their_ids(cdnow: Loaded) -> None:
    users = cdnow.workspace.tables.users

    assert cdnow.workspace.everyone().count == 23_570
    assert cdnow.scalar((users.user_key.length() != 5).sum()) == 0


def test_revenue_is_exact_to_the_cent(cdnow: Loaded) -> None:
    tables = cdnow.workspace.tables

    assert cdnow.scalar(tables.events.value.sum()) == Decimal("2500315.63")
    assert cdnow.scalar(tables.user_days.value.sum()) == Decimal("2500315.63")


def test_cohorts_are_the_months_of_the_first_purchase(cdnow: Loaded) -> None:
    cells = cdnow.workspace.everyone().retention(grain="month")

    sizes = {f"{c.cohort:%Y-%m}": c.n_eligible for c in cells if c.k == 0 and c.n_eligible}
    assert sizes == {"1997-01": 7846, "1997-02": 8476, "1997-03": 7248}


def test_the_january_cohort_is_followed_over_18_months(cdnow: Loaded) -> None:
    cells = cdnow.workspace.everyone().retention(grain="month")

    january = [c for c in cells if f"{c.cohort:%Y-%m}" == "1997-01"]
    assert [c.k for c in january] == list(range(18))
    assert [c.n_retained for c in january] == JANUARY
    assert {c.n_eligible for c in january} == {7846}


def test_the_report_follows_the_same_cohorts_by_month(cdnow: Loaded) -> None:
    workspace = cdnow.workspace

    facts = workspace.report("bought_three_times", days=546).facts()

    members = workspace.members("bought_three_times")
    assert facts.overview.n_users == members.count == 7_583
    assert facts.behaviour.retention_grain == "month"
    assert facts.behaviour.retention == members.retention(grain="month")


def test_the_sample_has_no_header_and_a_tenth_of_the_customers(
    shared: Path, tmp_path: Path
) -> None:
    sample = load_documented(tmp_path, "cdnow", "music sample", shared / "data" / "cdnow")

    assert outcome(sample.first) == {"purchases": (6_919, 0, 0)}
    assert sample.workspace.everyone().count == 2_357
