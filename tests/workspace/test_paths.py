"""Paths of a workspace: found where they are known, shown in words, refused with a hint."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import segkit as sk
from segkit.errors import EmptyError, ParameterError
from segkit.workspace import Workspace
from segkit.workspace.paths import Paths
from tests.routes_shop import load_routes

WAY = ("/shop/*", "/cart/*", "/pay/*")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return load_routes(tmp_path_factory.mktemp("paths"))


@pytest.fixture(scope="module")
def found(opened: Workspace) -> Paths:
    paths: Paths = sk.find_paths(opened, "payers", "2026-06-30")
    return paths


def test_the_segment_and_everyone_else_are_counted(found: Paths) -> None:
    facts = found.facts

    assert (facts.segment, facts.as_of, facts.days) == ("payers", "2026-06-30", 30)
    assert (facts.n_users, facts.n_paths) == (30, 30)
    assert (facts.n_baseline_users, facts.n_baseline_paths) == (34, 34)


def test_every_move_of_the_route_is_certain(found: Paths) -> None:
    moves = found.facts.moves
    places = [moves.names.index(name) for name in ("path_start", *WAY, "path_end")]

    assert [moves.share(a, b) for a, b in pairwise(places)] == [1] * 4


def test_the_route_is_telling_and_takes_a_minute_a_page(found: Paths) -> None:
    (way,) = [row for row in found.facts.telling if row.pages == WAY]

    assert (way.n_users, way.n_others) == (30, 0)
    assert [(t.begun, t.ended, t.n, t.median_s) for t in found.facts.times] == [
        ("/cart/*", "/pay/*", 30, 60),
        ("/shop/*", "/cart/*", 30, 60),
    ]


def test_paths_show_themselves(found: Paths) -> None:
    bundle = found._repr_mimebundle_()

    assert "/shop → /cart → /pay" in bundle["text/plain"]
    assert "100.0% of 30 users" in bundle["text/plain"]
    assert "<svg" in bundle["text/html"]


def test_a_path_may_be_all_that_a_user_did(opened: Workspace) -> None:
    facts = sk.find_paths(opened, "payers", "2026-06-30", unit="user").facts

    assert (facts.unit, facts.n_paths) == ("user", 30)


def test_steps_may_be_events(opened: Workspace) -> None:
    facts = sk.find_paths(opened, "payers", "2026-06-30", of="events").facts

    assert facts.of == "events"
    assert facts.moves.names == ("path_start", "page_view", "path_end")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"unit": "session"}, "`unit`: expected visit or user, found `session`"),
        ({"of": "page"}, "`of`: expected pages or events, found `page`"),
    ],
)
def test_other_words_are_refused(opened: Workspace, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        sk.find_paths(opened, "payers", "2026-06-30", **asked)


def test_nobody_in_the_window_is_said(opened: Workspace) -> None:
    with pytest.raises(EmptyError, match="nobody left a path in the 3 days to 2026-06-30"):
        sk.find_paths(opened, "payers", "2026-06-30", 3)


def test_too_few_are_refused_without_their_number(opened: Workspace) -> None:
    helped_first = sk.Segment(
        "few", sk.did(event="page_view") & ~sk.did(event="page_view", where={"page_path": "/shop"})
    )

    with pytest.raises(EmptyError, match="fewer than 10 users left a path") as caught:
        sk.find_paths(opened, helped_first, "2026-06-30")
    assert "4 users" not in str(caught.value)


def test_the_same_question_has_the_same_answer(opened: Workspace, found: Paths) -> None:
    again = sk.find_paths(opened, "payers", "2026-06-30")

    assert again.facts == found.facts
    assert again.show().html == found.show().html


def test_nothing_is_left_in_the_folder(opened: Workspace, found: Paths) -> None:
    found.show()

    assert not list(Path(opened.root).glob("*path*"))
