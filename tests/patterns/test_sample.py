"""The same people are asked every week, whatever else is in the table."""

import numpy as np
import pytest

from segkit.patterns.sample import choose_sample, hash_keys, name_sample

KEYS = np.array([f"u{i}" for i in range(2_000)])


def test_a_key_has_one_number_in_every_array() -> None:
    # An array of longer keys holds the short ones with more padding.
    wide = np.append(KEYS, "x" * 40)

    assert hash_keys(wide)[:-1].tolist() == hash_keys(KEYS).tolist()
    assert len(set(hash_keys(KEYS).tolist())) == len(KEYS)


def test_keys_that_differ_by_their_end_or_order_differ() -> None:
    keys = np.array(["ab", "ba", "abc", "a", "", "ä", "aä"])

    assert len(set(hash_keys(keys).tolist())) == len(keys)


def test_numbers_are_spread_evenly() -> None:
    tenth = (hash_keys(KEYS) / np.float64(2**64) * 10).astype(int)

    # 200 of each are expected, with a standard deviation of 13.
    assert np.bincount(tenth, minlength=10).tolist() == pytest.approx([200] * 10, abs=55)


def test_a_sample_holds_the_same_people_when_others_come() -> None:
    more = np.append(KEYS, [f"n{i}" for i in range(200)])

    before = set(KEYS[choose_sample(KEYS, most=500)].tolist())
    after = set(more[choose_sample(more, most=550)].tolist())

    # A tenth more people and places: only those at the limit change.
    assert len(before & after) >= 0.9 * len(before)


def test_the_order_of_rows_changes_no_sample() -> None:
    mixed = KEYS[np.random.default_rng(0).permutation(len(KEYS))]

    samples = [keys[choose_sample(keys, most=300)] for keys in (KEYS, mixed)]

    assert samples[0].tolist() == samples[1].tolist() == sorted(samples[0].tolist())
    assert name_sample(samples[0]) == name_sample(samples[1][::-1])


def test_few_people_are_all_asked_and_nobody_gives_nobody() -> None:
    assert len(choose_sample(KEYS)) == len(KEYS)
    assert choose_sample(np.empty(0, dtype=np.str_)).tolist() == []
    assert hash_keys(np.empty(0, dtype=np.str_)).tolist() == []
