"""Withheld cells of moves and steps cannot be found by subtraction."""

import numpy as np
import pytest

from segkit.compare.path_cells import blank, find_hidden, row_sums
from segkit.patterns.paths.matrices import (
    StepMatrix,
    TransitionMatrix,
    count_steps,
    count_transitions,
)
from tests.patterns.paths.walking import walk

LEAST = 5


def matrices(seed: int) -> tuple[TransitionMatrix, StepMatrix]:
    random = np.random.default_rng(seed)
    paths = [
        (0, user, "".join(random.choice(list("ABC"), random.integers(1, 5), p=[0.7, 0.25, 0.05])))
        for user in range(40)
    ]
    walks = walk(paths, n_sides=1)
    return count_transitions(walks, [40])[0], count_steps(walks, [40])[0]


@pytest.mark.parametrize("seed", range(6))
def test_what_few_users_did_is_withheld_and_never_alone(seed: int) -> None:
    moves, steps = matrices(seed)

    hidden, _, stood = find_hidden(moves, steps, LEAST, n_users=40)

    assert hidden[(moves.n_users > 0) & (moves.n_users < LEAST)].all()
    assert stood[(steps.n_users > 0) & (steps.n_users < LEAST)].all()
    for lines in (hidden, hidden.T, stood.T[1:]):
        assert 1 not in lines.sum(axis=1).tolist()


@pytest.mark.parametrize("seed", range(6))
def test_the_withheld_of_a_line_stand_for_enough(seed: int) -> None:
    moves, steps = matrices(seed)

    hidden, _, stood = find_hidden(moves, steps, LEAST, n_users=40)

    for n, lines in ((moves.n, hidden), (moves.n.T, hidden.T), (steps.n.T, stood.T)):
        sums = np.where(lines, n, 0).sum(axis=1)
        gone = lines.sum(axis=1)
        assert (sums[gone > 0] >= np.minimum(LEAST, n.sum(axis=1)[gone > 0])).all()


def test_the_first_step_is_the_first_row_of_the_moves() -> None:
    moves, steps = matrices(0)

    hidden, _, stood = find_hidden(moves, steps, LEAST, n_users=40)

    assert moves.n[0].tolist() == steps.n[:, 1].tolist()
    assert hidden[0].tolist() == stood[:, 1].tolist()


def test_nothing_is_withheld_where_enough_did_everything() -> None:
    walks = walk([(0, user, "AB") for user in range(10)], n_sides=1)

    masks = find_hidden(
        count_transitions(walks, [10])[0], count_steps(walks, [10])[0], LEAST, n_users=10
    )

    assert not any(mask.any() for mask in masks)


def test_a_side_of_few_has_no_number_at_all() -> None:
    walks = walk([(0, user, "AB") for user in range(4)], n_sides=1)

    masks = find_hidden(
        count_transitions(walks, [4])[0], count_steps(walks, [4])[0], LEAST, n_users=4
    )

    assert all(mask.all() for mask in masks)


def test_a_row_of_few_has_no_sum() -> None:
    n, gone = np.array([[3, 4], [0, 2]]), np.array([False, True])

    assert row_sums(n, gone) == (7, None)
    assert blank(n, np.array([[True, False], [False, False]])) == ((None, 4), (0, 2))
