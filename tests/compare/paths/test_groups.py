"""Pages and ways of groups of users, on a shop whose numbers are known by heart."""

import pytest

from segkit.compare.group_paths import GroupPaths, read_group_paths
from segkit.patterns.collect import Span
from segkit.workspace import Workspace
from tests.routes_shop import load_routes, users_of


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return load_routes(tmp_path_factory.mktemp("routes"))


def ask(workspace: Workspace, groups: dict[str, list[int]]) -> dict[str, GroupPaths]:
    membership = workspace.everyone("2026-06-30").membership
    span = Span(
        tables=workspace.tables,
        users=membership.universe.select("user_no"),
        clock=membership.clock,
        days=30,
    )
    return read_group_paths(span, groups, purchases=(), min_size=10).tell()


def test_each_group_has_its_pages_and_its_way(opened: Workspace) -> None:
    users = users_of(opened)

    found = ask(opened, {"p2": users["b"], "p1": users["a"]})

    assert list(found) == ["p2", "p1"]
    own = found["p1"]
    assert (own.n_users, own.n_others) == (30, 30)
    assert {page.page: (page.n_users, page.n_others) for page in own.pages} == {
        "/shop/*": (30, 30),
        "/cart/*": (30, 0),
        "/pay/*": (30, 0),
    }
    told = {way.pages: (way.n_users, way.n_others) for way in own.paths}
    assert told["/shop/*", "/cart/*", "/pay/*"] == (30, 0)
    assert own.paths[0].surely > 0


def test_a_group_of_few_has_no_number_nor_gives_another_away(opened: Workspace) -> None:
    found = ask(opened, users_of(opened))

    assert (found["c"].n_users, found["c"].pages, found["c"].paths) == (None, (), ())
    assert [name for name, group in found.items() if group.n_users is None] != ["c"]


def test_pages_of_few_users_are_in_no_list(opened: Workspace) -> None:
    users = users_of(opened)

    found = ask(opened, {"most": users["a"] + users["c"], "rest": users["b"]})

    shown = {page.page: page.n_users for page in found["most"].pages}
    assert not [n for n in shown.values() if n < 10 or 0 < 34 - n < 10]


def test_a_group_of_nobody_is_empty(opened: Workspace) -> None:
    found = ask(opened, {"p1": users_of(opened)["a"], "none": []})

    assert (found["none"].n_users, found["none"].pages, found["none"].paths) == (0, (), ())
