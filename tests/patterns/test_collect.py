"""Raw features equal what is counted by hand in the tiny shop."""

from pathlib import Path

import numpy as np
import pytest

from segkit.patterns.collect import Span, collect_features
from segkit.patterns.features import Features
from segkit.workspace import Workspace
from tests.tiny_shop import write_tiny_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder: Path = write_tiny_shop(tmp_path_factory.mktemp("tiny"))
    workspace = Workspace.open(folder)
    workspace.load()
    return workspace


def collect(shop: Workspace, *, days: int = 30, segment: str | None = None) -> Features:
    members = shop.members(segment) if segment else shop.everyone()
    span = Span(
        tables=shop.tables,
        users=members.membership.members.select("user_no"),
        clock=members.membership.clock,
        days=days,
    )
    return collect_features(span, purchases=["purchase"])[0]


def test_users_are_in_the_order_of_their_keys(shop: Workspace) -> None:
    features = collect(shop)

    assert features.user_key.tolist() == [f"u{n:02}" for n in range(1, 41)]


def test_volume_is_counted_within_the_window(shop: Workspace) -> None:
    features = collect(shop)

    # u01 comes at every noon of 30 days, and once more at 13:00 to buy: more than 30 minutes later.
    assert features.column("volume", "n_visits")[0] == 31
    assert features.column("volume", "n_page_views")[0] == 30
    assert features.column("volume", "n_active_days")[0] == 30
    # u07 came on days 0, 7, 14, 21 and 28 before the last.
    assert features.column("volume", "n_page_views")[6] == 5
    assert features.column("volume", "days_since_last").tolist() == [0.0] * 40


def test_pages_add_up_to_page_views(shop: Workspace) -> None:
    features = collect(shop)

    pages = features.blocks["pages"]
    assert set(pages.columns) == {"/p0/*", "/p1/*", "/p2/*", "other"}
    assert pages.values[:, pages.columns.index("/p1/*")][0] == 30
    np.testing.assert_array_equal(
        pages.values.sum(axis=1), features.column("volume", "n_page_views")
    )


def test_visits_by_source_add_up_to_visits(shop: Workspace) -> None:
    features = collect(shop)

    for block in ("source", "device"):
        np.testing.assert_array_equal(
            features.blocks[block].values.sum(axis=1), features.column("volume", "n_visits")
        )


def test_noon_is_the_bottom_of_the_circle_of_hours(shop: Workspace) -> None:
    features = collect(shop)

    assert features.column("time", "hour_cos")[39] == pytest.approx(-1)
    assert features.column("time", "hour_sin")[39] == pytest.approx(0, abs=1e-12)


def test_orders_are_outcomes_and_form_nothing(shop: Workspace) -> None:
    features = collect(shop)

    assert features.outcomes.values[:15].tolist() == [[1.0, 10.0]] * 15
    assert features.outcomes.values[15:].sum() == 0
    assert not any("order" in c for b in features.blocks.values() for c in b.columns)


def test_only_members_are_collected(shop: Workspace) -> None:
    features = collect(shop, segment="buyers")

    assert features.user_key.tolist() == [f"u{n:02}" for n in range(1, 16)]


def test_nobody_gives_empty_arrays(shop: Workspace) -> None:
    members = shop.everyone().membership
    nobody = members.members.filter(members.members.user_no < 0).select("user_no")
    span = Span(tables=shop.tables, users=nobody, clock=members.clock, days=30)

    features, _ = collect_features(span, purchases=["purchase"])

    assert features.user_no.shape == (0,)
    assert features.blocks["volume"].values.shape == (0, 6)
