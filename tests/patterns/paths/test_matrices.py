"""Matrices of moves and of steps: as published, and as worked out by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segkit.patterns.paths.matrices import (
    TransitionMatrix,
    count_steps,
    count_transitions,
    fold_names,
)
from segkit.patterns.paths.steps import Walks
from tests.patterns.paths.walking import read_published, walk


@pytest.fixture(scope="module")
def published(shared: Path) -> dict[str, Any]:
    text = (shared / "vectors" / "paths" / "step_and_transition_matrices.json").read_text("utf-8")
    return dict(json.loads(text))


def matrices(walks: Walks) -> list[TransitionMatrix]:
    return count_transitions(walks, [n for n, _ in walks.count_paths()])


@pytest.mark.shared
@pytest.mark.parametrize("unit", ["user", "visit"])
def test_published_moves_are_counted(shared: Path, published: dict[str, Any], unit: str) -> None:
    walks = read_published(shared / "vectors/paths/rete5_transition_matrix_input.csv", unit)

    (found,) = matrices(walks)

    name = "user" if unit == "user" else "session"
    assert list(found.names) == published["events"]
    assert found.n.tolist() == published["transition"][f"count_by_{name}"]
    assert found.n.sum() == published["transition"][f"total_by_{name}"]
    assert found.n_paths == {"user": 3, "visit": 4}[unit]


@pytest.mark.shared
def test_published_moves_are_normalised(shared: Path, published: dict[str, Any]) -> None:
    walks = read_published(shared / "vectors/paths/rete5_transition_matrix_input.csv", "user")

    (found,) = matrices(walks)

    known = published["transition"]
    assert np.allclose(found.proba_out, known["proba_out_by_user"])
    assert np.allclose(found.proba_in, known["proba_in_by_user"])
    assert np.allclose(found.share_of_total, np.array(known["count_by_user"]) / 21)
    assert np.allclose(found.avg_per_path, np.array(known["count_by_user"]) / 3)


@pytest.mark.shared
def test_published_moves_of_two_sides_differ(shared: Path, published: dict[str, Any]) -> None:
    file = shared / "vectors/paths/rete5_transition_matrix_input.csv"

    others, own = matrices(read_published(file, "visit", by_country=True))

    expected = published["transition"]["diff_US_minus_UK_by_session"]
    assert (own.n - others.n).tolist() == expected


@pytest.mark.shared
def test_published_steps_are_counted(shared: Path, published: dict[str, Any]) -> None:
    walks = read_published(shared / "vectors/paths/rete5_step_matrix_input.csv", "user")

    (found,) = count_steps(walks, [3], most_steps=5)

    assert list(found.names) == published["step_matrix"]["rows"]
    assert np.allclose(found.shares, published["step_matrix"]["expected"])


@pytest.mark.shared
def test_published_steps_of_two_sides_differ(shared: Path, published: dict[str, Any]) -> None:
    file = shared / "vectors/paths/rete5_step_matrix_input.csv"
    walks = read_published(file, "visit", by_country=True)

    others, own = count_steps(walks, [n for n, _ in walks.count_paths()], most_steps=5)

    expected = published["step_matrix_diff_sessions_US_minus_UK"]["expected"]
    assert np.allclose(own.shares - others.shares, expected)


def test_users_are_counted_once_behind_a_move() -> None:
    walks = walk([(0, 1, "ABAB"), (0, 1, "AB"), (0, 2, "AB")], n_sides=1)

    (found,) = matrices(walks)

    here, there = found.names.index("A"), found.names.index("B")
    assert (found.n[here, there], found.n_users[here, there]) == (4, 2)


def test_every_step_holds_every_path() -> None:
    walks = walk([(0, 1, "ABCABCABC"), (0, 2, "A"), (0, 3, "BC")], n_sides=1)

    (found,) = count_steps(walks, [3])

    assert found.n.sum(axis=0).tolist() == [3] * 9


def test_a_side_without_a_path_is_all_zeros() -> None:
    walks = walk([(0, 1, "AB")])

    _, empty = matrices(walks)
    _, still = count_steps(walks, [1, 0])

    assert empty.n.sum() == 0
    assert empty.proba_out.sum() == 0
    assert still.shares.sum() == 0


def test_places_without_a_row_are_other() -> None:
    names = fold_names(("a", "b", "c", "other"), np.array([5, 9, 1, 0]), most=2)

    assert names == ("b", "a", "other")


def test_other_has_no_row_where_nothing_is_in_it() -> None:
    assert fold_names(("a", "b", "other"), np.array([5, 9, 0]), most=2) == ("b", "a")


def test_folded_moves_keep_their_users_apart() -> None:
    walks = walk([(0, 1, "ABCA"), (0, 2, "ACBA")], names="ABCo", n_sides=1)
    renamed = Walks(
        engine=walks.engine, table=walks.table, names=("A", "B", "C", "other"), n_sides=1
    )

    (found,) = count_transitions(renamed, [2], ("A", "other"))

    assert found.n.tolist() == [[0, 2, 0, 0], [0, 0, 2, 2], [0, 2, 2, 0], [0, 0, 0, 0]]
    assert found.n_users[1, 2] == 2
