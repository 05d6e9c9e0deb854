"""Bands hold every number exactly once."""

from hypothesis import given
from hypothesis import strategies as st

from segkit.measures.bins import band_months, band_numbers

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
