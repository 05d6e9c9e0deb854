"""Surprising ways: expected counts by hand, closed ways only, and never the same finding twice."""

import numpy as np
import pytest

from segkit.patterns.paths.grams import GramCounts, encode, pack, unpack
from segkit.patterns.paths.surprise import expect, find_surprises, rank_runs
from tests.patterns.paths.walking import sequences


def counted(paths: list[str]) -> GramCounts:
    told = sequences(paths)
    return GramCounts.of_steps(told.places, told.path)


def ways(text: str) -> tuple[int, ...]:
    return tuple("ABCDEFG".index(letter) for letter in text)


def test_a_number_holds_a_step_and_the_four_after_it() -> None:
    told = sequences(["ABCDEF", "GA"])

    codes = encode(told.places, told.path)

    assert [unpack(int(code)) for code in codes] == [
        ways(text) for text in ("ABCDE", "BCDEF", "CDEF", "DEF", "EF", "F", "GA", "A")
    ]


def test_runs_of_every_length_are_counted_with_overlaps() -> None:
    counts = counted(["ABABA", "AB"])

    assert counts.cut(2).look_up(np.array([pack(ways("AB")), pack(ways("BA"))])).tolist() == [3, 2]
    assert counts.cut(3).look_up(np.array([pack(ways("ABA")), pack(ways("BAB"))])).tolist() == [
        2,
        1,
    ]


def test_the_expected_count_is_that_of_its_moves() -> None:
    counts = counted(["ABC"] * 6 + ["DBE"] * 2 + ["AB", "BC"])
    codes = np.array([pack(ways("ABC"))])

    expected = expect(counts, codes, 3)

    assert expected.tolist() == pytest.approx([7 * 7 / 10])


def test_z_is_measured_against_the_square_root() -> None:
    counts = counted(["ABC"] * 60 + ["DBE"] * 60)

    found = {run.places: run for run in rank_runs(counts, least_z=0)}

    run = found[ways("ABC")]
    assert run.n == 60
    assert run.expected == pytest.approx(30)
    assert run.z == pytest.approx(30 / 31**0.5)


def test_a_way_that_is_always_part_of_a_longer_one_is_left_to_it() -> None:
    noise = ["BA", "CB", "DC", "AC", "BD", "CA", "DB", "AD", "DA"] * 60
    counts = counted(["ABCD"] * 60 + noise)

    found = [run.places for run in find_surprises(counts)]

    assert found == [ways("ABCD")]


def test_rare_ways_are_not_shown() -> None:
    assert find_surprises(counted(["ABC"] * 19 + ["DBE"] * 19)) == []


def test_no_paths_hold_no_surprise() -> None:
    assert find_surprises(counted(["A"])) == []


def test_at_most_the_asked_number_is_given() -> None:
    assert len(find_surprises(counted(["ABC"] * 60 + ["DBE"] * 60), most=1)) == 1
