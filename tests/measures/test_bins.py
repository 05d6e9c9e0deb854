"""Bands hold every number exactly once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.measures.bins import band_months, band_numbers, order_bands

NUMBERS = st.dictionaries(
    st.one_of(st.integers(-1000, 100_000), st.floats(-50, 50).map(lambda x: round(x, 2))).map(str),
    st.tuples(st.integers(0, 50), st.integers(0, 50)),
    max_size=60,
)


@given(counts=NUMBERS, name=st.sampled_from(["age", "income"]))
def test_bands_keep_every_user(counts: dict[str, tuple[int, int]], name: str) -> None:
    bands = band_numbers(name, counts)

    for side in (0, 1):
        assert sum(p[side] for p in bands.values()) == sum(p[side] for p in counts.values())


def test_long_numbers_are_cut_at_round_ones() -> None:
    counts = {str(n): (1, 1) for n in range(0, 50_000, 37)}

    bands = band_numbers("income", counts)

    assert list(bands) == [
        "under 10,000", "10,000 to under 20,000", "20,000 to under 30,000",
        "30,000 to under 40,000", "40,000 or more",
    ]  # fmt: skip


def test_many_months_become_years() -> None:
    counts = {f"{year}-{month:02}": (1, 2) for year in (2024, 2025) for month in range(1, 13)}

    bands = band_months(counts)

    assert bands == {"2024": (12, 24), "2025": (12, 24)}


@pytest.mark.parametrize(
    "bands",
    [
        ["Under 15K", "15-24K", "25-34K", "100-124K", "250K+"],
        ["<18", "18–24", "25 to 34", "35 or more"],
        ["0", "1", "2", "3+"],
        ["up to $1,000", "$1,000 to $2,500", "over 1m"],
    ],
    ids=["thousands", "words", "numbers", "money"],
)
def test_texts_that_are_bands_of_numbers_have_an_order(bands: list[str]) -> None:
    assert order_bands(sorted(bands)) == bands


@pytest.mark.parametrize(
    "texts",
    [["pro", "free"], ["1", "2", "3"], ["19-24", "unclear"], ["2024-01", "2024-02"], []],
    ids=["words", "numbers alone", "a word among them", "months", "nothing"],
)
def test_other_texts_have_none(texts: list[str]) -> None:
    assert order_bands(texts) is None
