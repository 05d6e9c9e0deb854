"""Agreement of groups equals what the field's own library publishes for small partitions."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segkit.patterns.agreement import adjusted_rand, best_jaccards, contingency

REPEATED = "previous labels_true repeated 110 times"


@pytest.fixture(scope="module")
def vector(shared: Path) -> dict[str, Any]:
    path = shared / "vectors" / "clustering" / "agreement_and_internal.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def adjusted(true: np.ndarray, found: np.ndarray) -> float:
    return adjusted_rand(contingency(true, found))


@pytest.mark.shared
def test_adjusted_rand_of_published_partitions(vector: dict[str, Any]) -> None:
    previous: dict[str, Any] = {}
    for case in vector["partition_agreement"]:
        true, found = case["labels_true"], case["labels_pred"]
        if true == REPEATED:
            true, found = previous["labels_true"] * 110, previous["labels_pred"] * 110

        measured = adjusted(np.array(true), np.array(found))

        assert measured == pytest.approx(case["recomputed"]["ari"], abs=1e-9), case["name"]
        assert measured == pytest.approx(case["published"].get("ari", measured)), case["name"]
        previous = case


@pytest.mark.shared
def test_labels_by_chance_agree_with_nothing(vector: dict[str, Any]) -> None:
    listed = vector["ari_of_random_labelings"]
    chance = np.random.RandomState(42)  # the draws of the library's own test

    for k, published in zip(listed["k"], listed["published_max_abs"], strict=True):
        pairs = [[chance.randint(0, k, 100) for _ in range(2)] for _ in range(10)]
        assert round(max(abs(adjusted(*pair)) for pair in pairs), 2) == published, k


@pytest.mark.shared
def test_silhouettes_of_published_points(vector: dict[str, Any]) -> None:
    from sklearn.metrics import silhouette_samples, silhouette_score  # noqa: PLC0415

    listed = vector["internal_indices"]
    points = np.array(
        [[0, 0], [1, 1]] * 5 + [[3, 3], [4, 4]] * 5 + [[0, 4], [1, 3]] * 5 + [[3, 1], [4, 0]] * 5
    )
    by_hand = listed["silhouette_hand_case"]
    alone = listed["singleton_rule"]

    assert silhouette_score(points, np.repeat(range(4), 10)) == pytest.approx(listed["silhouette"])
    for case in (by_hand, alone):
        column = np.array(case["X"], dtype=float)[:, None]
        assert silhouette_samples(column, case["labels"]) == pytest.approx(case["samples"])


def test_best_jaccard_of_a_group_that_is_split() -> None:
    # 6 users of one group fall 4 and 2; the 4 share theirs with one other: 4 / 7.
    table = np.array([[4.0, 2.0], [1.0, 5.0]])

    assert best_jaccards(table).tolist() == pytest.approx([4 / 7, 5 / 8])
