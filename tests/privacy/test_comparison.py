"""What a comparison of segments gives away to somebody who subtracts: nothing about few people."""

import json
from itertools import chain, combinations
from typing import Any

import pytest

from segkit.demo import write_shop
from segkit.workspace import Workspace
from tests.privacy.audit import small_numbers

LEAST = 10
NO_COUNTS = frozenset(
    {
        *("mix", "behaviour", "change", "n_judged", "n_periods", "before", "after"),
        *("first_in_second", "second_in_first"),
    }
)
"""Ratios, and numbers of comparisons and periods."""
PEOPLE = ("size", "active_7d", "active_share", "buyers_share")
Document = dict[str, Any]
CASES = [
    pytest.param(["loyal", "deal_hunters"], id="two that overlap"),
    pytest.param(["loyal_members_on_mobile", "loyal"], id="one inside the other"),
    pytest.param(["loyal", "staff", "big_baskets"], id="one of few", marks=pytest.mark.slow),
    pytest.param(
        ["loyal", "deal_hunters", "big_baskets", "new"], id="four", marks=pytest.mark.slow
    ),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("comparison")
    write_shop(folder, users=400, days=60)
    workspace = Workspace.open(folder)
    workspace.load()
    return workspace


@pytest.fixture(scope="module", params=CASES)
def document(shop: Workspace, request: pytest.FixtureRequest) -> Document:
    facts = shop.compare(request.param, days=28, clearance="public").facts()
    found: Document = json.loads(json.dumps(facts.to_dict()))
    return found


def without_ratios(tree: Any) -> Any:
    """Give a document without numbers that are no counts of people, and the sizes' plain 1."""
    if isinstance(tree, dict):
        is_size = tree.get("name") == "size"
        return {
            key: without_ratios(value)
            for key, value in tree.items()
            if not (key in NO_COUNTS and isinstance(value, int | float))
            and not (is_size and key in {"values", "baseline"})
        }
    return [without_ratios(value) for value in tree] if isinstance(tree, list) else tree


def is_few(n: float | None) -> bool:
    return n is not None and 0 < n < LEAST


def test_no_number_stands_for_few_people(document: Document) -> None:
    assert small_numbers(without_ratios(document), LEAST) == []


def test_sizes_and_people_leave_no_few_over(document: Document) -> None:
    rows = {row["name"]: row for row in document["beside"]}
    for name in PEOPLE:
        for value in chain(rows[name]["values"], filter(None, [rows[name]["baseline"]])):
            n, whole = value["numerator"], value["denominator"]
            assert not is_few(n)
            assert n is None or name == "size" or whole is None or not is_few(whole - n)


def test_a_pair_and_both_wholes_leave_no_few_users_in_both_or_in_none(document: Document) -> None:
    told = document["differs"]
    pair = next((t["differences"] for t in told if t["other_segment"]), None)
    if pair is None:
        return
    wholes = [_by_name(t["differences"]) for t in told if not t["other_segment"]]
    for key, found in _by_name(pair).items():
        for place, whole in enumerate(wholes):
            if key not in whole:
                continue
            ends = ("numerator", "denominator"), ("baseline_numerator", "baseline_denominator")
            own, other = ends[place], ends[1 - place]
            for mine, theirs in ((ends[0], own), (ends[1], other)):
                n = whole[key][mine[0]] - found[theirs[0]]
                total = whole[key][mine[1]] - found[theirs[1]]
                assert not is_few(n), key
                assert not is_few(total - n), key


def _by_name(differences: Document) -> dict[tuple[str, str, str], Document]:
    listed = differences["findings"] + differences["by_definition"]
    return {
        (f["kind"], f["group"], f["name"]): f
        for f in listed
        if f["kind"] not in {"amount", "whole_label"}
    }


def test_users_in_none_do_not_give_users_in_several_away(document: Document) -> None:
    rows = {row["name"]: row for row in document["beside"]}
    if rows["size"]["baseline"] is None:
        return
    universe = rows["share"]["values"][0]["denominator"]
    sizes = [value["numerator"] for value in rows["size"]["values"]]
    none = rows["size"]["baseline"]["numerator"]
    assert not is_few(sum(sizes) + none - universe)
    for size in sizes:
        assert not is_few(universe - size - none)


def test_what_is_joined_before_a_split_holds_enough_users(document: Document) -> None:
    for change in document["mix"]["changes"]:
        for part in change["parts"]:
            for group in part["groups"]:
                for end in ("before", "after"):
                    n, k = group[f"n_{end}"], group[f"n_with_{end}"]
                    assert not any(map(is_few, (n, k, n - k))), (part["name"], group["value"])


def test_lines_hold_no_few_people(document: Document) -> None:
    for line in document["over_time"]:
        for row in line["rows"]:
            counts = [row[name] for name in ("n_users", "n_active", "n_buyers")]
            assert not any(map(is_few, counts))
            known = [n for n in counts if n is not None]
            assert not any(is_few(a - b) for a, b in combinations(known, 2)), row
