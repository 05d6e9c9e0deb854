"""Seconds between steps, by hand."""

from segkit.patterns.paths.timing import time_moves
from tests.patterns.paths.walking import walk


def test_quartiles_are_of_every_move() -> None:
    paths = [(0, 1, "AB"), (0, 1, "AAB"), (0, 2, "AAAB"), (0, 3, "AAAAB"), (0, 3, "AAAAAB")]

    (found,) = time_moves(walk(paths, n_sides=1))

    assert (found.begun, found.ended, found.n, found.n_users) == (0, 1, 5, 3)
    assert (found.low_s, found.median_s, found.high_s) == (20, 30, 40)


def test_sides_are_timed_apart_and_the_end_is_no_move() -> None:
    found = time_moves(walk([(0, 1, "AB"), (1, 2, "ABA"), (1, 3, "A")]))

    assert [(t.side, t.begun, t.ended, t.n) for t in found] == [
        (0, 0, 1, 1),
        (1, 0, 1, 1),
        (1, 1, 0, 1),
    ]
