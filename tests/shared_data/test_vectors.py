"""Every key of the reference results is reproduced by a test, or it is said here why not."""

import ast
import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.shared

TESTS = Path(__file__).parents[1]
SAID = "said: "
"""What begins so is told about the results, and is no result: a source, a rule, a unit."""
NOT_HERE = "not here: "
"""What begins so says why a result is not asked for."""
CDNOW = "measures/value/test_cdnow.py::"
SUMMARY = "measures/value/test_summary.py::"
EFFECTS = "compare/test_effects.py::"
GATES = "patterns/test_gates.py::"
LATER = "patterns/test_gates_later.py::"
MATRICES = "patterns/paths/test_matrices.py::"
PATHS = "patterns/paths/test_gates.py::"
OVERLAP = "compare/test_overlap.py::"
VALUE = "measures/value/test_lifetime_value.py::"
OTHER_MODEL = NOT_HERE + "a model of buyers that is not offered; BG/NBD and Gamma-Gamma are"
OTHER_INTERVAL = NOT_HERE + "another interval; reports show Wilson's, Newcombe's and Katz's"
OTHER_INDEX = NOT_HERE + "no report shows it: partitions are compared by the adjusted Rand index"
EXAMPLE = OVERLAP + "test_the_example_of_a_peer_library_is_reproduced"
SELECTIONS = OVERLAP + "test_the_selections_of_a_peer_library_are_told_by_the_combinations"
LISTS = OVERLAP + "test_lists_and_memberships_of_a_peer_library_are_counted"
STARTS = CDNOW + "test_what_is_expected_of_customers_is_as_published"
SPLIT = SUMMARY + "test_the_published_split_into_calibration_and_holdout_comes_out"
DISCOUNTED = VALUE + "test_the_published_values_of_30_days_come_out"
SILHOUETTES = "patterns/test_agreement.py::test_silhouettes_of_published_points"
RAND = "patterns/test_agreement.py::test_adjusted_rand_of_published_partitions"
TRUTH = GATES + "test_truth_is_found_in_eight_draws"
KINDS = GATES + "test_few_kinds_are_counted_in_nine_of_ten_draws"
ONE_KIND = GATES + "test_one_kind_is_no_pattern_in_nineteen_of_twenty_draws"
TYPES = PATHS + "test_types_of_order_are_found_nearly_as_well_as_can_be"
PLANTED = PATHS + "test_a_planted_path_is_first"
GENERATORS = PATHS + "test_the_generators_are_those_of_the_vectors"
OTHER_METHOD = NOT_HERE + "the score of another method, which is not offered"

LEDGER: dict[str, dict[str, str]] = {
    "clustering/agreement_and_internal.json": {
        "note": SAID + "where the results are from",
        "partition_agreement.*.ari": RAND,
        "partition_agreement.name": RAND,
        "partition_agreement.labels_*": RAND,
        "partition_agreement.published.*": OTHER_INDEX,
        "partition_agreement.recomputed.*": OTHER_INDEX,
        "expected_mutual_information.*": OTHER_INDEX,
        "ari_of_random_labelings.*": (
            "patterns/test_agreement.py::test_labels_by_chance_agree_with_nothing"
        ),
        "internal_indices.silhouette*": SILHOUETTES,
        "internal_indices.singleton_rule.*": SILHOUETTES,
        "internal_indices.X": SILHOUETTES,
        "internal_indices.labels": SILHOUETTES,
        "internal_indices.calinski_harabasz": NOT_HERE + "no report shows it, no rule uses it",
        "internal_indices.davies_bouldin": NOT_HERE + "no report shows it, no rule uses it",
        "internal_indices.degenerate.*": NOT_HERE + "no report shows it, no rule uses it",
    },
    "clustering/archetype_generator.json": {
        "note": SAID + "where the results are from",
        "pages": GATES + "test_kinds_are_found_and_their_number_too",
        "sources": GATES + "test_kinds_are_found_and_their_number_too",
        "fields": SAID + "what the columns of the kinds mean",
        "archetypes.*": GATES + "test_kinds_are_found_and_their_number_too",
        "draw_rules": SAID + "how users are drawn, as tests/patterns/archetypes.py does",
        "bot_rule": GATES + "test_bots_are_found_out",
        "eligibility": GATES + "test_kinds_are_found_and_their_number_too",
        "limits": SAID + "how far the scores carry",
        "observed.n": TRUTH,
        "observed.od": TRUTH,
        "observed.oracle": TRUTH,
        "observed.final_method.inputs": SAID + "the method",
        "observed.final_method.steps": SAID + "the method",
        "observed.final_method.chosen_k_and_ARI_8_seeds.*": TRUTH,
        "observed.final_method.fewer_kinds.one": ONE_KIND,
        "observed.final_method.fewer_kinds.*": KINDS,
        "observed.final_method.other_seeds_mean": GATES + "test_six_seeds_find_the_same",
        "observed.final_method.frozen_later_samples": (
            LATER + "test_frozen_and_refitted_patterns_hold_in_four_later_months"
        ),
        "observed.final_method.refit_same_label": (
            LATER + "test_frozen_and_refitted_patterns_hold_in_four_later_months"
        ),
        "observed.final_method.test_retest_both_halves_eligible": (
            LATER + "test_halves_agree_at_every_noise"
        ),
        "observed.final_method.rare_kind_F1.*": (
            GATES + "test_a_kind_of_one_in_two_hundred_is_kept"
        ),
        "observed.final_method.kmeans_rare_F1.*": OTHER_METHOD,
        "observed.final_method.bots_0_1_3_percent_ARI": (
            GATES + "test_bots_do_not_move_what_is_found"
        ),
        "observed.baselines_*": OTHER_METHOD,
        "observed.k_rules_50_sets_outcomes_in.*": OTHER_METHOD,
        "observed.outcome_trap": (
            "patterns/test_collect.py::test_orders_are_outcomes_and_form_nothing"
        ),
        "demand.ARI_median_8_seeds": TRUTH,
        "demand.ARI_worst_of_8": TRUTH,
        "demand.one_kind": ONE_KIND,
        "demand.two_three_four_kinds": KINDS,
        "demand.rare_half_percent_F1": GATES + "test_a_kind_of_one_in_two_hundred_is_kept",
        "demand.bots_move_ARI_max": GATES + "test_bots_do_not_move_what_is_found",
        "demand.other_seed_min": GATES + "test_six_seeds_find_the_same",
        "demand.frozen_ARI_drop_max": (
            LATER + "test_frozen_and_refitted_patterns_hold_in_four_later_months"
        ),
        "demand.refit_same_label_min": (
            LATER + "test_frozen_and_refitted_patterns_hold_in_four_later_months"
        ),
        "demand.test_retest_min": LATER + "test_halves_agree_at_every_noise",
    },
    "clv/clv_expectations.json": {
        "sources": SAID + "where the results are from",
        "data.n": CDNOW + "test_the_summary_is_the_published_one",
        "data.zero_repeat": CDNOW + "test_the_summary_is_the_published_one",
        "data.mean_*": CDNOW + "test_the_summary_is_the_published_one",
        "data.file": SAID + "the name of the library's own file",
        "data.unit": SAID + "the unit",
        "data.raw.file": SAID + "the name of the file",
        "data.raw.cds": CDNOW + "test_the_purchases_of_the_sample_are_all_there",
        "data.raw.*": CDNOW + "test_the_purchases_of_the_sample_are_all_there",
        "raw_to_summary.cutoff": CDNOW + "test_the_summary_is_the_published_one",
        "raw_to_summary.rounding": CDNOW + "test_amounts_are_spread_as_published",
        "raw_to_summary.repeat_customers": CDNOW + "test_amounts_are_spread_as_published",
        "raw_to_summary.monetary.*": CDNOW + "test_amounts_are_spread_as_published",
        "raw_to_summary.first_row_daily*": CDNOW + "test_the_summary_is_the_published_one",
        "raw_to_summary.first_row_weekly.*": (
            CDNOW + "test_the_first_history_in_weeks_is_the_published_one"
        ),
        "bg_nbd.decimals": SAID + "how exact the printed parameters are",
        **dict.fromkeys(
            ("bg_nbd.r", "bg_nbd.alpha", "bg_nbd.a", "bg_nbd.b", "bg_nbd.full_*", "bg_nbd.loglik"),
            CDNOW + "test_the_parameters_are_the_published_ones",
        ),
        "bg_nbd.conditional.*": STARTS,
        "bg_nbd.expected_purchases.*": STARTS,
        "bg_nbd.p_alive_*": STARTS,
        "bg_nbd.pmf_*": CDNOW + "test_probabilities_of_repeats_are_as_published",
        "bg_nbd.stable_logp.*": CDNOW + "test_many_orders_do_not_overflow",
        "bg_nbd.cumulative_first_days.*": CDNOW + "test_the_first_days_come_as_published",
        "mbg_nbd.*": OTHER_MODEL,
        "pareto_nbd.*": OTHER_MODEL,
        "bgbb.*": OTHER_MODEL,
        "gamma_gamma.file": SAID + "the name of the library's own file",
        "gamma_gamma.conditional_mean_first_10": (
            CDNOW + "test_the_first_ten_customers_have_the_published_amounts"
        ),
        "gamma_gamma.atol": CDNOW + "test_the_first_ten_customers_have_the_published_amounts",
        "gamma_gamma.*": CDNOW + "test_amounts_have_the_published_parameters",
        "clv_discounting.file": SAID + "the name of the library's own file",
        "clv_discounting.observation_end": NOT_HERE + "the file that it ends is not in the data",
        "clv_discounting.monetary": SAID + "the amount of each order, which the factors leave out",
        "clv_discounting.*": DISCOUNTED,
    },
    "clv/quantile_and_scores.json": {
        "note": SAID + "where the results are from",
        "values": "measures/value/test_scores.py::test_published_quantiles_and_scores_come_out",
        "quantiles.*.duckdb_quantile_cont": (
            "measures/value/test_scores.py::test_published_quantiles_and_scores_come_out"
        ),
        "quantiles.*.numpy_linear": (
            "measures/value/test_scores.py::test_published_quantiles_and_scores_come_out"
        ),
        "quantiles.*": NOT_HERE + "another definition of a quantile; reports have the linear one",
        "rule": SAID + "the rule followed",
        "rfm_scores_5.recommended_scores": (
            "measures/value/test_scores.py::test_published_quantiles_and_scores_come_out"
        ),
        "rfm_scores_5.recommended": SAID + "the rule followed",
        "rfm_scores_5.*": NOT_HERE + "shown as what goes wrong: equal values, different scores",
    },
    "clv/rfm_expectations.json": {
        "sources": SAID + "where the results are from",
        "transactions": SUMMARY + "test_the_published_daily_example_comes_out",
        "observation_period_end": SUMMARY + "test_the_published_daily_example_comes_out",
        "conventions.*": SAID + "the definitions followed",
        "columns": SAID + "what the columns mean",
        "daily": SUMMARY + "test_the_published_daily_example_comes_out",
        "daily_lifetimes_variant.*": (
            SUMMARY + "test_the_published_variant_without_a_second_order_of_the_day_comes_out"
        ),
        "weekly": SUMMARY + "test_the_published_weekly_example_comes_out",
        "with_first_*": SUMMARY + "test_the_published_daily_example_comes_out",
        "same_period": SUMMARY + "test_orders_of_one_week_or_month_are_one_active_period",
        "order_independence.*": SUMMARY + "test_the_order_of_the_rows_changes_nothing",
        "train_test_2015_02_01.test_frequency.lifetimes_monetary_test": (
            NOT_HERE + "the same split, but for the second order of a day, which is left out there"
        ),
        "train_test_2015_02_01.*": SPLIT,
        "pymc_rfm_segments.*": (
            NOT_HERE + "quartiles that drop tied edges, and a map with holes; the map of fifths "
            "here covers every combination"
        ),
        "small.*": SUMMARY + "test_the_published_small_example_comes_out",
    },
    "multitest/effect_sizes.json": {
        "sources": SAID + "where the results are from",
        "proportion_ci.count": EFFECTS
        + "test_intervals_of_one_share_of_peer_libraries_are_reproduced",
        "proportion_ci.n": EFFECTS + "test_intervals_of_one_share_of_peer_libraries_are_reproduced",
        "proportion_ci.ci95.wilson": (
            EFFECTS + "test_intervals_of_one_share_of_peer_libraries_are_reproduced"
        ),
        "proportion_ci.ci95.*": OTHER_INTERVAL,
        "wilson_19_38": EFFECTS + "test_intervals_of_one_share_of_peer_libraries_are_reproduced",
        "two_proportions.source": SAID + "where the results are from",
        **dict.fromkeys(
            (
                "two_proportions.counts",
                "two_proportions.diff.newcombe",
                "two_proportions.ratio.log",
                "two_proportions.recomputed_full_precision.newcomb",
                "two_proportions.recomputed_full_precision.ratio_log",
            ),
            EFFECTS + "test_intervals_of_two_shares_of_peer_libraries_are_reproduced",
        ),
        "two_proportions.*": OTHER_INTERVAL,
        "probability_of_superiority.source": SAID + "where the results are from",
        "probability_of_superiority.brunner_munzel.statistic": (
            NOT_HERE + "not given out; it leads to the p-value and the interval, which are"
        ),
        "probability_of_superiority.brunner_munzel.df": (
            NOT_HERE + "not given out; it leads to the p-value and the interval, which are"
        ),
        "probability_of_superiority.*": (
            EFFECTS + "test_brunner_munzel_of_peer_libraries_is_reproduced"
        ),
        "effect_sizes.published_ci95_normal": (
            NOT_HERE + "the vector itself says that no formula tried gives this interval"
        ),
        "effect_sizes.source": SAID + "where the results are from",
        "effect_sizes.note": SAID + "what not to rely on",
        "effect_sizes.rule": EFFECTS + "test_the_words_of_peer_libraries_are_reproduced",
        "effect_sizes.*": EFFECTS + "test_effects_of_peer_libraries_are_reproduced",
    },
    "overlap/upset.json": {
        "source": SAID + "where the results are from",
        "recipe": SAID + "how the counts were made",
        "counts.*": EXAMPLE,
        "total": EXAMPLE,
        "category_totals.*": EXAMPLE,
        "sort_by_cardinality.*": EXAMPLE,
        "category_order": SELECTIONS,
        "min_*": SELECTIONS,
        "present_cat1_absent_cat0": SELECTIONS,
        "pairs.*": EXAMPLE,
        "from_*": LISTS,
    },
    "paths/sequence_generators.json": {
        "note": SAID + "where the results are from",
        "markov_mixture.conc": GENERATORS,
        "markov_mixture.oracle_ARI": PATHS + "test_the_true_chains_sort_paths_as_well_as_published",
        "markov_mixture.markov_mixture_EM_ARI": TYPES,
        "markov_mixture.em": GENERATORS,
        "markov_mixture.lesson": SAID + "what follows",
        "markov_mixture.tfidf_*": OTHER_METHOD,
        "markov_mixture.page_share_*": OTHER_METHOD,
        "markov_mixture.*": GENERATORS,
        "planted_path.rank_by_raw_frequency": OTHER_METHOD,
        "planted_path.rank_by_excess": PLANTED,
        "planted_path.rates": GENERATORS,
        "planted_path.demand": PLANTED,
        "planted_path.excess": PATHS + "test_a_planted_path_is_far_above_chance",
        "planted_path.*_z_at_0_005": PATHS + "test_a_planted_path_is_far_above_chance",
        "planted_path.*": GENERATORS,
    },
    "paths/step_and_transition_matrices.json": {
        "source": SAID + "where the results are from",
        "recomputed": SAID + "that the results were worked out again",
        "events": MATRICES + "test_published_moves_are_counted",
        "step_matrix.*": MATRICES + "test_published_steps_are_counted",
        "transition.diff_*": MATRICES + "test_published_moves_of_two_sides_differ",
        "transition.count_*": MATRICES + "test_published_moves_are_counted",
        "transition.total_*": MATRICES + "test_published_moves_are_counted",
        "transition.*": MATRICES + "test_published_moves_are_normalised",
        "step_matrix_diff_sessions_US_minus_UK.*": (
            MATRICES + "test_published_steps_of_two_sides_differ"
        ),
    },
}


def keys(value: Any, place: str = "") -> Iterator[str]:
    """Give the dotted name of every leaf; places within lists are not told apart."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from keys(part, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for part in value:
            yield from keys(part, place)
    else:
        yield place


@pytest.mark.parametrize("file", LEDGER)
def test_every_key_is_accounted_for_and_no_more(shared: Path, file: str) -> None:
    told = json.loads((shared / "vectors" / file).read_text("utf-8"))
    entries, found = LEDGER[file], set(keys(told))

    used = {
        next((entry for entry in entries if fnmatchcase(key, entry)), f"lacking {key}")
        for key in found
    }

    assert used == set(entries)


def test_every_file_of_the_folders_is_accounted_for(shared: Path) -> None:
    folders = ("clustering", "clv", "multitest", "overlap", "paths")
    files = {
        f"{folder}/{path.name}"
        for folder in folders
        for path in (shared / "vectors" / folder).glob("*.json")
    }

    assert files == set(LEDGER)


def test_every_test_named_is_there() -> None:
    named = {said for entries in LEDGER.values() for said in entries.values()}
    named = {said for said in named if not said.startswith((SAID, NOT_HERE))}

    for one in sorted(named):
        file, name = one.split("::")
        tree = ast.parse((TESTS / file).read_text("utf-8"))
        assert name in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}, one
