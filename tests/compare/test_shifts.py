"""Level shifts: a step is found where it is, and series without one tell of none."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray

from segkit.compare.shifts import FALSE_SHIFTS, Step, find_shifts

Floats = NDArray[np.float64]


def remembering(chance: Generator, n: int, memory: float) -> Floats:
    """Give noise of which every value repeats a part of the one before."""
    noise = chance.normal(size=n + 50)
    for at in range(1, n + 50):
        noise[at] += memory * noise[at - 1]
    return np.asarray(100 + 5 * noise[50:])


NULLS: dict[str, Callable[[Generator, int], Floats]] = {
    "noise": lambda chance, n: 100 + 5 * chance.normal(size=n),
    "noise that repeats 0.3": lambda chance, n: remembering(chance, n, 0.3),
    "noise that repeats 0.6": lambda chance, n: remembering(chance, n, 0.6),
    "a straight line": lambda chance, n: 100 + 5 * chance.normal(size=n) + 2 * np.arange(n),
    "a walk": lambda chance, n: 100 + np.cumsum(2 * chance.normal(size=n)),
    "shares of 400": lambda chance, n: chance.binomial(400, 0.2, size=n) / 400,
}


def test_a_step_is_found_with_its_place_and_its_levels() -> None:
    found = find_shifts([20, 21, 19, 20, 22, 20, 40, 41, 39, 40, 42, 40])

    assert found == (Step(at=6, before=20.0, after=40.0),)


def test_two_steps_are_found_in_their_order() -> None:
    chance = np.random.default_rng(3)
    levels = np.repeat([50.0, 80.0, 60.0], 9)

    found = find_shifts((levels + chance.normal(size=27)).tolist())

    assert [step.at for step in found] == [9, 18]


def test_a_step_between_days_is_found_below_the_rhythm_of_the_week() -> None:
    week = np.array([0, 5, 9, 7, 5, -20, -25])
    days = np.array([100 + week[at % 7] + (40 if at >= 15 else 0) for at in range(31)])
    days = days + np.random.default_rng(1).normal(size=31)

    found = find_shifts(days.tolist(), is_daily=True)

    assert [step.at for step in found] == [15]


@pytest.mark.parametrize("n", [0, 1, 9])
def test_a_short_series_tells_of_nothing(n: int) -> None:
    assert find_shifts([1.0] * (n // 2) + [100.0] * (n - n // 2)) == ()


def test_a_series_that_never_moves_tells_of_nothing() -> None:
    assert find_shifts([7.0] * 15) == ()
    assert find_shifts([0.0] * 15) == ()


def test_a_slow_drift_is_no_step() -> None:
    assert find_shifts([10.0 + at for at in range(20)]) == ()


def test_more_series_of_a_report_ask_for_a_surer_step() -> None:
    chance = np.random.default_rng(2)
    drawn = [
        (100 + 5 * chance.normal(size=13) + np.where(np.arange(13) >= 6, 30, 0)).tolist()
        for _ in range(60)
    ]

    alone = sum(bool(find_shifts(series)) for series in drawn)
    among = sum(bool(find_shifts(series, n_series=1000)) for series in drawn)

    assert among < alone


@pytest.mark.slow
@pytest.mark.parametrize("name", NULLS)
@pytest.mark.parametrize(("n", "is_daily"), [(12, False), (26, False), (31, True)])
def test_series_without_a_shift_tell_of_one_in_at_most_one_of_twenty(
    name: str,
    n: int,
    is_daily: bool,  # noqa: FBT001  a case
) -> None:
    chance = np.random.default_rng(n)
    n_series = 400

    n_false = sum(
        bool(find_shifts(NULLS[name](chance, n).tolist(), is_daily=is_daily))
        for _ in range(n_series)
    )

    error = (FALSE_SHIFTS * (1 - FALSE_SHIFTS) / n_series) ** 0.5
    assert n_false / n_series <= FALSE_SHIFTS + 2 * error


@pytest.mark.slow
def test_large_steps_are_mostly_found() -> None:
    chance = np.random.default_rng(5)

    found = sum(
        bool(find_shifts((5 * chance.normal(size=26) + 100 + np.where(at >= 13, 30, 0)).tolist()))
        for at in [np.arange(26)] * 200
    )

    assert found / 200 >= 0.75
