"""Paths in memory and in the engine: the same steps, bounded, collapsed, sampled alike."""

import pytest

from segkit.patterns.paths.grams import pack
from tests.patterns.paths.walking import sequences, walk


def test_repeats_are_one_step() -> None:
    walks = walk([(0, 1, "AABBA")], n_sides=1)

    assert walks.sample(0, 100).places.tolist() == [0, 1, 0]


def test_repeats_stay_where_asked() -> None:
    walks = walk([(0, 1, "AAB")], n_sides=1, collapse=False)

    assert walks.sample(0, 100).places.tolist() == [0, 0, 1]


def test_a_long_path_is_cut_and_knows_what_follows() -> None:
    walks = walk([(0, 1, "ABCABC")], n_sides=1, most_steps=2)

    (counts,) = walks.count_codes()

    assert counts.n.sum() == 2
    assert counts.cut(3).look_up(counts.cut(3).codes).tolist() == [1, 1]


def test_every_visit_is_a_path_of_its_own() -> None:
    walks = walk([(0, 1, "AB"), (0, 1, "C"), (1, 2, "A")])

    assert walks.count_paths() == [(2, 1), (1, 1)]


def test_users_are_counted_once_however_often_they_went() -> None:
    walks = walk([(0, 1, "ABAB"), (0, 1, "AB"), (0, 2, "AB"), (1, 3, "BA")])

    users = walks.count_users([pack((0, 1)), pack((1, 0)), pack((0, 1, 0, 1))])

    assert users == {(0, 65 + 64): 2, (0, pack((1, 0))): 1, (1, pack((1, 0))): 1} | {
        (0, pack((0, 1, 0, 1))): 1
    }


def test_a_sample_holds_whole_paths_and_grows_by_more() -> None:
    walks = walk([(0, user, "ABC") for user in range(400)], n_sides=1)

    small, large = walks.sample(0, 50), walks.sample(0, 150)

    assert 20 < small.n_paths < 100 < large.n_paths < 220
    assert set(small.user_no.tolist()) <= set(large.user_no.tolist())
    assert len(small.places) == 3 * small.n_paths


def test_a_part_of_the_paths_keeps_its_users() -> None:
    told = sequences(["AB", "C", "DEF"])

    kept = told.of_length(2)

    assert kept.places.tolist() == [0, 1, 3, 4, 5]
    assert kept.path.tolist() == [0, 0, 1, 1, 1]
    assert kept.user_no.tolist() == [0, 2]


@pytest.mark.parametrize("seed", [0, 1])
def test_shuffled_paths_hold_the_same_steps(seed: int) -> None:
    told = sequences(["ABCDEFG", "AB"])

    mixed = told.shuffled(seed)

    assert sorted(mixed.places[:7].tolist()) == list(range(7))
    assert sorted(mixed.places[7:].tolist()) == [0, 1]
    assert mixed.shuffled(seed).places.tolist() == mixed.shuffled(seed).places.tolist()
