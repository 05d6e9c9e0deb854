"""The two parts of a change add up to it, exactly, and what is joined tells of no few users."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.compare.mix import OTHERS, Cell, pool_small, split_change

Cells = dict[str, Cell]


def cells() -> st.SearchStrategy[Cells]:
    """Give users and those who did it by value, somebody at least."""
    cell = st.integers(0, 500).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
    values = st.dictionaries(st.sampled_from("abcdef"), cell, min_size=1)
    return values.filter(lambda found: sum(n for n, _ in found.values()) > 0)


def rate(side: Cells) -> float:
    return sum(k for _, k in side.values()) / sum(n for n, _ in side.values())


@given(cells(), cells())
def test_mix_and_behaviour_add_up_to_the_change(before: Cells, after: Cells) -> None:
    found = split_change("x", "X", before, after)

    assert found is not None
    assert found.change == pytest.approx(rate(after) - rate(before), abs=1e-12)
    assert found.mix == pytest.approx(sum(g.mix for g in found.groups), abs=1e-12)
    assert found.behaviour == pytest.approx(sum(g.behaviour for g in found.groups), abs=1e-12)


@given(cells(), cells())
def test_looked_at_the_other_way_round_both_parts_change_their_sign(
    before: Cells, after: Cells
) -> None:
    there, back = split_change("x", "X", before, after), split_change("x", "X", after, before)

    assert there is not None
    assert back is not None
    assert there.mix == pytest.approx(-back.mix, abs=1e-12)
    assert there.behaviour == pytest.approx(-back.behaviour, abs=1e-12)


def test_a_change_of_shares_alone_is_mix_and_one_of_rates_alone_is_behaviour() -> None:
    before = {"pc": (50, 10), "mobile": (50, 20)}

    shares = split_change("d", "D", before, {"pc": (20, 4), "mobile": (80, 32)})
    rates = split_change("d", "D", before, {"pc": (50, 20), "mobile": (50, 30)})

    assert shares is not None
    assert rates is not None
    assert [shares.mix, shares.behaviour] == pytest.approx([0.06, 0.0])
    assert [rates.mix, rates.behaviour] == pytest.approx([0.0, 0.2])


def test_the_interaction_is_split_evenly() -> None:
    # 50 of 100 at 20% and 50 at 40%; then 20 at 30% and 80 at 60%, worked out by hand.
    found = split_change("d", "D", {"a": (50, 10), "b": (50, 20)}, {"a": (20, 6), "b": (80, 48)})

    assert found is not None
    assert found.mix == pytest.approx(-0.3 * 0.25 + 0.3 * 0.5)
    assert found.behaviour == pytest.approx(0.1 * 0.35 + 0.2 * 0.65)
    assert found.change == pytest.approx(0.54 - 0.30)


def test_a_group_that_is_new_is_all_mix() -> None:
    found = split_change("d", "D", {"a": (100, 10)}, {"a": (50, 5), "new": (50, 40)})

    assert found is not None
    assert {g.value: g.behaviour for g in found.groups} == {"a": 0.0, "new": 0.0}


def test_without_users_on_one_side_there_is_no_change() -> None:
    assert split_change("d", "D", {"a": (0, 0)}, {"a": (10, 5)}) is None


@given(cells(), cells())
def test_what_is_joined_keeps_the_whole_and_shows_no_few_users(before: Cells, after: Cells) -> None:
    pooled = pool_small(before, after, 10)

    if pooled is None:
        return
    for side, kept in zip((before, after), pooled, strict=True):
        assert sum(n for n, _ in kept.values()) == sum(n for n, _ in side.values())
        assert sum(k for _, k in kept.values()) == sum(k for _, k in side.values())
        counts = [m for n, k in kept.values() for m in (n, k, n - k)]
        assert [m for m in counts if 0 < m < 10] == []


def test_a_small_group_takes_the_next_smallest_along() -> None:
    side = {"big": (500, 250), "mid": (100, 50), "tiny": (3, 1)}

    pooled = pool_small(side, side, 10)

    assert pooled is not None
    assert pooled[0] == {"big": (500, 250), OTHERS: (103, 51)}


def test_where_only_one_group_would_be_left_nothing_is_split() -> None:
    side = {"big": (500, 250), "tiny": (3, 1)}

    assert pool_small(side, side, 10) is None
