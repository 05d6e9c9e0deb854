"""Effects against statsmodels, scipy, published examples and the results of peer libraries."""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from segkit.compare.amounts import (
    Amounts,
    cliff_delta,
    mean_difference,
    median_difference,
    medians,
)
from segkit.compare.categories import cramer_v
from segkit.compare.effect_words import THRESHOLDS, strength_of, word_of
from segkit.compare.share_effects import cohen_h, share_p_value
from segkit.compare.shares import (
    lift_interval,
    newcombe_difference,
    q_values,
    wilson_interval,
)

NUMBERS = st.lists(st.integers(0, 8), min_size=2, max_size=40)


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, object]:
    text = (shared / "vectors" / "multitest" / "effect_sizes.json").read_text("utf-8")
    return dict(json.loads(text))


@pytest.mark.shared
def test_effects_of_peer_libraries_are_reproduced(vectors: dict[str, object]) -> None:
    effects = {e["name"]: e for e in vectors["effect_sizes"]}  # type: ignore[attr-defined]

    for name in ("Cliff delta, ties", "Cliff delta, outlier"):
        amounts = Amounts.from_users(effects[name]["treatment"], effects[name]["control"])
        delta = cliff_delta(amounts).value
        assert delta == pytest.approx(effects[name]["delta"], abs=1e-6)
        assert word_of("cliff_delta", delta) == effects[name]["magnitude"]
    h = effects["Cohen h signs"]
    found = [cohen_h(int(p * 10), 10, 4, 10).estimate[0] for p in h["p1"]]
    assert found == pytest.approx(h["h"], abs=1e-9)


@pytest.mark.shared
def test_brunner_munzel_of_peer_libraries_is_reproduced(vectors: dict[str, object]) -> None:
    given_: dict[str, object] = vectors["probability_of_superiority"]  # type: ignore[assignment]
    levels, x, y = (given_[name] for name in ("levels", "counts_x", "counts_y"))
    rows = list(zip(levels, y, x, strict=True))  # type: ignore[call-overload]

    found = cliff_delta(Amounts.from_counts(rows))

    test: dict[str, object] = given_["brunner_munzel"]  # type: ignore[assignment]
    low, high = ((bound + 1) / 2 for bound in (found.low, found.high))
    assert found.value == pytest.approx(given_["cliffs_delta"], abs=1e-9)
    assert found.p == pytest.approx(test["p"], abs=1e-9)
    # The published interval is the one of the mirrored probability.
    mirrored = sorted(1 - bound for bound in (low, high))
    expected = sorted(test["ci95_prob"])  # type: ignore[call-overload]
    assert [low, high] == pytest.approx(expected, abs=1e-9) or mirrored == pytest.approx(
        expected, abs=1e-9
    )


@pytest.mark.shared
def test_intervals_of_two_shares_of_peer_libraries_are_reproduced(
    vectors: dict[str, object],
) -> None:
    pair: dict[str, dict[str, list[float]]] = vectors["two_proportions"]  # type: ignore[assignment]

    found, lift = newcombe_difference(*pair["counts"]), lift_interval(*pair["counts"])

    exact = pair["recomputed_full_precision"]
    assert [found.low[0], found.high[0]] == pytest.approx(exact["newcomb"], abs=1e-9)
    assert [found.low[0], found.high[0]] == pytest.approx(pair["diff"]["newcombe"], abs=5e-4)
    assert [lift.low[0], lift.high[0]] == pytest.approx(exact["ratio_log"], rel=1e-9)
    assert [lift.low[0], lift.high[0]] == pytest.approx(pair["ratio"]["log"], rel=0.003)


@pytest.mark.shared
def test_intervals_of_one_share_of_peer_libraries_are_reproduced(
    vectors: dict[str, object],
) -> None:
    cases: list[dict[str, Any]] = vectors["proportion_ci"]  # type: ignore[assignment]
    told = [((c["count"], c["n"]), c["ci95"]["wilson"]) for c in cases]
    told.append(((19, 38), vectors["wilson_19_38"]))

    for counts, expected in told:
        found = wilson_interval(*counts)
        assert [found.low[0], found.high[0]] == pytest.approx(expected, abs=5e-8), counts


@pytest.mark.shared
def test_the_words_of_peer_libraries_are_reproduced(vectors: dict[str, object]) -> None:
    effects = {e["name"]: e for e in vectors["effect_sizes"]}  # type: ignore[attr-defined]
    h = effects["Cohen h"]
    rule = effects["Cliff thresholds"]["rule"]

    found = cohen_h(round(h["p1"] * 10), 10, round(h["p2"] * 10), 10)

    assert found.estimate[0] == pytest.approx(h["h"], abs=1e-9)
    assert [f"{at:g}".lstrip("0") for at in THRESHOLDS["cliff_delta"]] == re.findall(
        r"< (\.\d+)", rule
    )


@given(NUMBERS, NUMBERS)
def test_amounts_from_counts_give_what_scipy_gives_from_users(x: list[int], y: list[int]) -> None:
    amounts = Amounts.from_users(x, y)

    mean, cliff = mean_difference(amounts), cliff_delta(amounts)

    assert medians(amounts) == (np.median(x), np.median(y))
    pairs = [(a > b) - (a < b) for a in x for b in y]
    assert cliff.value == pytest.approx(sum(pairs) / len(pairs), abs=1e-9)
    if len(set(x)) > 1 and len(set(y)) > 1:
        welch = scipy.stats.ttest_ind(x, y, equal_var=False)
        bounds = welch.confidence_interval()
        assert [mean.low, mean.high, mean.p] == pytest.approx(
            [bounds.low, bounds.high, welch.pvalue], abs=1e-9
        )
        if not math.isnan(cliff.p):
            peer = scipy.stats.brunnermunzel(x, y)
            assert cliff.p == pytest.approx(peer.pvalue, abs=1e-9)


def test_the_bootstrap_of_medians_is_that_of_drawing_users() -> None:
    chance = np.random.default_rng(5)
    own, other = chance.exponential(3, 61), chance.exponential(2, 40)
    drawn = [
        np.median(chance.choice(own, 61)) - np.median(chance.choice(other, 40))
        for _ in range(20_000)
    ]

    found = median_difference(Amounts.from_users(own, other), seed=1, n_resamples=20_000)

    assert found.value == np.median(own) - np.median(other)
    assert [found.low, found.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.08)


def test_one_seed_gives_one_interval() -> None:
    amounts = Amounts.from_users(range(50), range(10, 70))

    assert median_difference(amounts, seed=3) == median_difference(amounts, seed=3)


def test_v_is_what_the_formula_gives_on_a_table_of_three_values() -> None:
    # chi-squared of [[30, 10], [20, 20], [10, 30]] is 20, freedom 2, N 120.
    phi = 20 / 120 - 2 / 119
    expected = math.sqrt(phi / (2 - 1 / 119 - 1))

    found = cramer_v([30, 20, 10], [10, 20, 30])

    assert found.v == pytest.approx(expected)
    assert found.p == pytest.approx(scipy.stats.chi2.sf(20, 2))


def test_v_without_association_is_zero_and_of_one_value_unknown() -> None:
    assert cramer_v([20, 20], [40, 40]).v == 0
    assert math.isnan(cramer_v([20, 0], [40, 0]).v)
    assert math.isnan(cramer_v([], []).v)
    assert math.isnan(cramer_v([5, 5], [0, 0]).v)


def test_rare_values_are_joined_before_they_are_compared() -> None:
    rare = [1] * 40

    assert cramer_v([500, 500, *rare], [500, 500, *rare]).freedom == 41
    assert cramer_v([500, 500, *rare], [5, 5, *[0] * 40]).freedom == 2


@pytest.mark.parametrize("kind", THRESHOLDS)
def test_every_kind_has_four_words_and_one_scale(kind: str) -> None:
    small, medium, large = THRESHOLDS[kind]  # type: ignore[index]

    words = [word_of(kind, -at) for at in (small - 1e-9, small, medium, large)]  # type: ignore[arg-type]

    assert words == ["negligible", "small", "medium", "large"]
    assert strength_of(kind, -small) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "counts", [(30, 100, 40, 200), (3, 20, 30, 400), (0, 15, 5, 90), (1, 10, 0, 12)]
)
def test_p_values_of_shares_are_those_of_scipy(counts: tuple[int, int, int, int]) -> None:
    n1, total1, n2, total2 = counts
    table = [[n1, total1 - n1], [n2, total2 - n2]]
    is_large = min(scipy.stats.contingency.expected_freq(np.array(table)).ravel()) >= 5
    peer = (
        scipy.stats.chi2_contingency(table, correction=False).pvalue
        if is_large
        else scipy.stats.fisher_exact(table).pvalue
    )

    assert share_p_value(*counts)[0] == pytest.approx(peer)


def test_p_values_of_shares_without_users_or_difference() -> None:
    assert math.isnan(share_p_value(0, 0, 1, 5)[0])
    assert share_p_value(0, 10, 0, 20)[0] == share_p_value(10, 10, 20, 20)[0] == 1


def test_q_values_are_those_of_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415  slow to import

    p = np.random.default_rng(2).uniform(0, 1, 60) ** 3

    assert q_values(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])
    assert np.isnan(q_values([math.nan])).all()
    assert len(q_values([])) == 0


@pytest.mark.parametrize(("own", "other"), [([1], [1, 2]), ([], [1, 2]), ([1, 2], [])])
def test_groups_too_small_for_a_variance_are_unknown(own: list[int], other: list[int]) -> None:
    amounts = Amounts.from_users(own, other)

    for found in (
        mean_difference(amounts), cliff_delta(amounts), median_difference(amounts, seed=0)
    ):  # fmt: skip
        assert all(math.isnan(part) for part in found)


def test_amounts_that_do_not_vary_have_a_difference_without_interval() -> None:
    amounts = Amounts.from_users([3, 3], [1, 1, 1])

    assert mean_difference(amounts)[0] == 2
    assert cliff_delta(amounts)[0] == 1
    assert math.isnan(mean_difference(amounts).low)
