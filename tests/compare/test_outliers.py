"""Outlying days: one that stands out is found where it is, and clean series tell of none."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator

from segkit.compare.outliers import FALSE_OUTLIERS, LEAST_DAYS, find_outliers
from segkit.compare.shifts import Floats

WEEK = np.array([0.0, 5, 9, 7, 5, -20, -25])
HOLIDAYS = (10, 11, 12, 13)


def rhythm(n: int) -> Floats:
    return np.asarray(100 + WEEK[np.arange(n) % 7])


def remembering(chance: Generator, n: int, memory: float) -> Floats:
    noise = chance.normal(size=n + 50)
    for at in range(1, n + 50):
        noise[at] += memory * noise[at - 1]
    return np.asarray(noise[50:])


def long_holiday(chance: Generator, n: int) -> Floats:
    """Give a month with four days off in a row."""
    series = rhythm(n) + 5 * chance.normal(size=n)
    series[list(HOLIDAYS)] = 60 + 5 * chance.normal(size=len(HOLIDAYS))
    return np.asarray(series)


CLEAN: dict[str, Callable[[Generator, int], Floats]] = {
    "noise": lambda chance, n: 100 + 5 * chance.normal(size=n),
    "a week's rhythm": lambda chance, n: rhythm(n) + 5 * chance.normal(size=n),
    "noise that repeats 0.3": lambda chance, n: rhythm(n) + 5 * remembering(chance, n, 0.3),
    "noise that repeats 0.6": lambda chance, n: 100 + 5 * remembering(chance, n, 0.6),
    "a straight line": lambda chance, n: rhythm(n) + 2 * np.arange(n) + 5 * chance.normal(size=n),
    "a walk": lambda chance, n: 100 + np.cumsum(2 * chance.normal(size=n)),
    "shares of 400": lambda chance, n: chance.binomial(400, rhythm(n) / 500) / 400,
    "noise in per cent": lambda chance, n: rhythm(n) * np.exp(0.08 * chance.normal(size=n)),
    "a step": lambda chance, n: (
        rhythm(n) + 5 * chance.normal(size=n) + np.where(np.arange(n) >= n // 2, 40, 0)
    ),
}


@pytest.mark.parametrize("at", [2, 6, 15, 28, 29, 30])
@pytest.mark.parametrize("by", [60.0, -60.0])
def test_a_planted_day_is_found_below_the_rhythm_of_the_week(at: int, by: float) -> None:
    days = rhythm(31) + 4 * np.random.default_rng(5).normal(size=31)
    days[at] += by

    (found,) = find_outliers(days.tolist())

    assert (found.at, found.value) == (at, days[at])
    assert found.usual == pytest.approx(days[at] - by, abs=15)


def test_two_planted_days_are_told_in_their_order() -> None:
    days = rhythm(30) + 3 * np.random.default_rng(1).normal(size=30)
    days[5] += 70
    days[20] -= 50

    assert [one.at for one in find_outliers(days.tolist())] == [5, 20]


def test_a_step_and_a_drift_have_no_outlying_day() -> None:
    assert find_outliers([100.0] * 14 + [160.0] * 14) == ()
    assert find_outliers([100.0 + 3 * at for at in range(30)]) == ()
    assert find_outliers([100.0 + 30 * at for at in range(30)]) == ()
    assert find_outliers([500 * (1 - 0.75 ** (at + 1)) for at in range(30)]) == ()


def test_a_series_that_never_moves_but_once_has_its_day() -> None:
    assert find_outliers([7.0] * 30) == ()
    assert find_outliers([0.0] * 30) == ()
    assert [one.at for one in find_outliers([50.0] * 12 + [80.0] + [50.0] * 17)] == [12]


@pytest.mark.parametrize("n", [0, 1, 27])
def test_fewer_than_four_weeks_tell_of_nothing(n: int) -> None:
    days = [10.0] * n
    days[n // 2 : n // 2 + 1] = [900.0] * min(n, 1)

    assert find_outliers(days) == ()


def test_more_series_of_a_report_ask_for_a_day_further_out() -> None:
    drawn = [planted(seed, 8) for seed in range(60)]

    alone = sum(bool(find_outliers(days)) for days, _ in drawn)
    among = sum(bool(find_outliers(days, n_series=200)) for days, _ in drawn)

    assert among < alone


def planted(seed: int, sigmas: float) -> tuple[list[float], int]:
    """Give 31 days with a rhythm and one day so many times the noise away, and its place."""
    chance = np.random.default_rng(seed)
    days = rhythm(31) + 5 * chance.normal(size=31)
    at = int(chance.integers(2, 31))
    days[at] += 5 * sigmas * chance.choice([-1, 1])
    return days.tolist(), at


@pytest.mark.slow
@pytest.mark.parametrize("n_series", [1, 3, 12])
@pytest.mark.parametrize("n", [LEAST_DAYS, 31])
@pytest.mark.parametrize("kind", CLEAN)
def test_clean_series_tell_of_an_outlying_day_in_one_report_of_twenty(
    kind: str, n: int, n_series: int
) -> None:
    n_reports = 400

    told = [
        any(
            find_outliers(
                CLEAN[kind](np.random.default_rng([seed, at]), n).tolist(), n_series=n_series
            )
            for at in range(n_series)
        )
        for seed in range(n_reports)
    ]

    error = (FALSE_OUTLIERS * (1 - FALSE_OUTLIERS) / n_reports) ** 0.5
    assert np.mean(told) <= FALSE_OUTLIERS + 2 * error


@pytest.mark.slow
@pytest.mark.parametrize("n", [LEAST_DAYS, 31])
def test_days_beside_a_long_holiday_are_not_told(n: int) -> None:
    n_reports = 400

    told = [
        {one.at for one in find_outliers(long_holiday(np.random.default_rng(seed), n).tolist())}
        for seed in range(n_reports)
    ]

    # Its first and last days may stand out, as they do; of the others no more than chance.
    error = (FALSE_OUTLIERS * (1 - FALSE_OUTLIERS) / n_reports) ** 0.5
    assert np.mean([bool(days - set(HOLIDAYS)) for days in told]) <= FALSE_OUTLIERS + 2 * error


@pytest.mark.slow
@pytest.mark.parametrize(("sigmas", "least"), [(6, 0.4), (8, 0.7), (10, 0.9)])
def test_planted_days_are_mostly_found(sigmas: float, least: float) -> None:
    found = []
    for seed in range(400):
        days, at = planted(seed, sigmas)
        found.append(at in {one.at for one in find_outliers(days)})

    assert np.mean(found) >= least
