"""Pages fall into few groups of the site's own, the same ones next week."""

import pytest

from segkit.patterns.page_groups import OTHER, PageGroups, find_page_groups

VIEWS = {"/": 100, "/product/1": 60, "/product/2": 40, "/blog/a": 50, "/blog/b": 30, "/x": 1}


def name(groups: PageGroups, path: str) -> str:
    return groups.names[groups.find(path)]


def test_products_are_one_group_whatever_their_number() -> None:
    groups = find_page_groups(VIEWS)

    assert name(groups, "/product/77") == "/product/*"
    assert name(groups, "/product") == "/product/*"


def test_a_busy_branch_is_opened_where_its_parts_are_busy_too() -> None:
    groups = find_page_groups(VIEWS)

    assert name(groups, "/blog/a/comments?page=2") == "/blog/a/*"
    assert name(groups, "/blog/c") == "/blog/*"


def test_a_page_hardly_seen_is_other() -> None:
    groups = find_page_groups(VIEWS)

    assert name(groups, "/x") == OTHER
    assert name(groups, "/nothing") == OTHER


def test_the_home_page_is_not_what_lies_below_it() -> None:
    groups = find_page_groups({"/": 9, "/a": 1})

    assert name(groups, "/") == "/"
    assert name(groups, "/b") == OTHER


def test_a_branch_does_not_take_its_neighbour_of_a_longer_name() -> None:
    groups = find_page_groups({"/sale": 5, "/sales-team": 5})

    assert name(groups, "/sales-team") == "/sales-team/*"


def test_the_order_of_pages_does_not_matter() -> None:
    backwards = dict(reversed(VIEWS.items()))

    assert find_page_groups(backwards) == find_page_groups(VIEWS)


@pytest.mark.parametrize("most", [1, 3, 30])
def test_there_are_never_more_groups_than_asked_for(most: int) -> None:
    views = {f"/{a}/{b}": 10 for a in "abcdefgh" for b in "stuvw"}

    groups = find_page_groups(views, most=most)

    assert len(groups.branches) <= most
    assert len(groups.branches) >= min(most, 8)


def test_a_site_without_pages_has_only_other() -> None:
    groups = find_page_groups({})

    assert groups.names == (OTHER,)
