"""Generated shops: labels that change in a user's life, an A/B test, events alone."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.shared_data.support import Loaded, check_nothing_new, load_documented, outcome

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def ecom(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    data = shared / "data" / "retentioneering"
    return load_documented(tmp_path_factory.mktemp("ecom"), "retentioneering", "ecom", data)


@pytest.fixture(scope="module")
def checkout(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    data = shared / "data" / "retentioneering"
    root = tmp_path_factory.mktemp("checkout")
    return load_documented(root, "retentioneering", "checkout test", data)


def test_ecom_keeps_equal_rows_and_repeats_no_label(ecom: Loaded) -> None:
    assert outcome(ecom.first) == {"events": (31_106, 0, 0), "labels": (30_943, 163, 0)}


def test_ecom_again_adds_nothing(ecom: Loaded) -> None:
    check_nothing_new(ecom)


def test_ecom_has_600_users_of_whom_328_purchased(ecom: Loaded) -> None:
    purchasers = ecom.workspace.members("purchasers")

    assert (purchasers.count, purchasers.universe) == (328, 600)


def test_ecom_has_as_many_visits_as_the_file_has_sessions(ecom: Loaded) -> None:
    assert ecom.scalar(ecom.workspace.tables.visits.count()) == 3_605


@pytest.mark.parametrize(("label", "n"), [("user_lifecycle", 568), ("platform", 180)])
def test_ecom_labels_keep_their_history(ecom: Loaded, label: str, n: int) -> None:
    attributes = ecom.workspace.tables.attributes

    values = attributes.filter(attributes.name == label)
    by_user = values.group_by("user_no").agg(n=values["value"].nunique())

    assert ecom.workspace.tables.catalogue.attributes[label].has_history
    assert ecom.scalar((by_user.n > 1).sum()) == n
    assert ecom.scalar(by_user.count()) == 600


def test_buckets_have_the_users_payers_and_value_of_the_file(checkout: Loaded) -> None:
    rows = checkout.workspace.everyone().amounts("user_backet", events="payment_done")

    found = {row.value: (row.n_users, row.n_payers, row.amount) for row in rows}
    assert found == {
        "control": (573, 85, Decimal(68_702)),
        "not_in_test": (2_624, 442, Decimal(363_257)),
        "test": (554, 126, Decimal(98_789)),
    }


def test_nobody_is_exposed_to_two_variants(checkout: Loaded) -> None:
    exposures = checkout.workspace.tables.exposures

    by_user = exposures.group_by("user_no").agg(n=exposures.variant.nunique())

    assert checkout.scalar((by_user.n > 1).sum()) == 0
    assert checkout.scalar(by_user.count()) == 3_751
    assert checkout.workspace.tables.catalogue.experiments == {
        "checkout": ("control", "not_in_test", "test")
    }


def test_a_label_that_every_row_repeats_is_kept_once_a_user(checkout: Loaded) -> None:
    assert outcome(checkout.first) == {
        "events": (33_279, 0, 0),
        "buckets": (3_751, 29_528, 0),
        "exposures": (33_279, 0, 0),
    }


def test_events_alone_are_enough(shared: Path, tmp_path: Path) -> None:
    data = shared / "data" / "retentioneering"

    shop = load_documented(tmp_path, "retentioneering", "online shop", data)

    assert outcome(shop.first) == {"events": (32_283, 0, 0)}
    assert shop.workspace.everyone().count == 3_751
