"""Groups stay apart only where there is a gap in what people do."""

import numpy as np
import pytest

from segkit.patterns.features import FloatArray, IntArray
from segkit.patterns.valley import merge_without_valley

N = 600


@pytest.fixture
def groups() -> IntArray:
    return np.arange(N) % 2


def spread(*, by: FloatArray | float) -> FloatArray:
    """Give two columns of normal noise, the first moved by so much."""
    noise = np.random.default_rng(7).normal(size=(N, 2))
    noise[:, 0] += by
    return noise


def test_a_gap_between_devices_alone_makes_no_two_kinds(groups: IntArray) -> None:
    acts = spread(by=0.0)
    places = np.column_stack([acts, 8.0 * groups])

    assert merge_without_valley(places, acts, groups).tolist() == [0] * N


def test_a_gap_in_what_people_do_keeps_two_kinds_apart(groups: IntArray) -> None:
    acts = spread(by=8.0 * groups.astype(np.float64))
    places = np.column_stack([acts, np.zeros(N)])

    assert merge_without_valley(places, acts, groups).tolist() == groups.tolist()


def test_where_nothing_is_done_there_is_one_kind(groups: IntArray) -> None:
    places = spread(by=8.0 * groups.astype(np.float64))

    assert merge_without_valley(places, np.zeros((N, 1)), groups).max() == 0
