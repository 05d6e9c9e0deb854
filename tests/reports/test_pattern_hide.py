"""Numbers about patterns give away nobody, whatever a reader knows besides."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from segkit.reports.pattern_hide import hide_labels, hide_table, part_of

LEAST = 10
COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=7)


@given(COUNTS, st.integers(0, 60), st.data())
def test_withheld_labels_cannot_be_worked_out(
    counts: list[int], n_absent: int, data: st.DataObject
) -> None:
    patterns = data.draw(st.sets(st.sampled_from(range(len(counts)))))

    hidden = hide_labels(counts, patterns, LEAST, n_absent=n_absent)

    shown = [n for i, n in enumerate(counts) if i not in hidden]
    assert all(n == 0 or n >= LEAST for n in shown)
    left = [counts[i] for i in hidden if i < len(counts)]
    # Who came may be known from a report on the same window, so what is left over is a number.
    assert len(left) != 1 or sum(counts) == 0 or len(counts) == 1
    assert not left or sum(left) == 0 or sum(left) >= LEAST or len(left) == len(counts)


@given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_cell_of_a_table_follows_from_its_row_or_column(counts: list[list[int]]) -> None:
    shown = hide_table(counts, LEAST)

    lines = [*shown, *zip(*shown, strict=True)]
    assert all(n is None or n == 0 or n >= LEAST for row in shown for n in row)
    assert all(line.count(None) != 1 for line in lines)


@given(st.integers(0, 80), st.integers(0, 80))
def test_a_bound_of_a_share_fits_several_numbers(n: int, more: int) -> None:
    total = n + more
    part = part_of(n, total, LEAST)

    if part.n is not None:
        assert part.n in {0, total} or min(part.n, total - part.n) >= LEAST
    fits = [
        k
        for k in range(total + 1)
        if (part.at_least is None or k >= part.at_least * total)
        and (part.at_most is None or k <= part.at_most * total)
    ]
    assert part.n is not None or total < LEAST or len(fits) >= LEAST


def test_all_pairs_of_small_labels_stay_withheld() -> None:
    for a, b in combinations(range(1, 10), 2):
        assert hide_labels([50, a, b], {0}, LEAST, n_absent=30) >= {1, 2}
