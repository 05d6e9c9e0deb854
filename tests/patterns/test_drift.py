"""Users who behave as before raise no alarm; a site that changed does."""

from math import log

import numpy as np
import pytest

from segkit.patterns.drift import Drift, bin_features, measure_drift
from segkit.patterns.features import Features
from tests.patterns.small import build


def ask(then: Features, now: Features, *, alarm: float = 2.0) -> Drift:
    n = len(now.user_no)
    return measure_drift(
        bin_features(then),
        now,
        labels=np.where(np.arange(n) % 4 == 0, "p1", "p2"),
        probabilities=np.tile([0.3, 0.7], (n, 1)),
        distance=np.linspace(1.0, 2.0, n),
        alarm=alarm,
        patterns=["p1", "p2"],
    )


def index(drift: Drift, column: str) -> float:
    return next(f.index for f in drift.features if f.column == column)


def test_the_same_users_have_moved_nowhere() -> None:
    users = build([[i, 30 - i, 5] for i in range(20)])

    drift = ask(users, users)

    assert [f.index for f in drift.features] == [0.0] * len(drift.features)
    assert {f.level for f in drift.features} == {"steady"}


def test_the_index_is_the_sum_over_the_bins() -> None:
    # Half of the users see the forum only, half products only: two bins of ten each.
    then = build([[9, 0, 0]] * 10 + [[0, 9, 0]] * 10)
    now = build([[9, 0, 0]] * 16 + [[0, 9, 0]] * 4)

    drift = ask(then, now)

    # Two bins of the forum's share: none, and any. Then half and half, now .2 and .8.
    by_hand = (0.5 - 0.2) * log(0.5 / 0.2) + (0.5 - 0.8) * log(0.5 / 0.8)
    assert index(drift, "/forum/*") == pytest.approx(by_hand)
    assert drift.features[0].level == "shifted"
    assert drift.features[0].column in {"/forum/*", "/product/*"}


def test_what_nobody_did_before_counts_as_half_a_user() -> None:
    then, now = build([[9, 0, 0]] * 10), build([[9, 0, 9]] * 10)

    drift = ask(then, now)

    # All shares of the forum were 1, so there is one bin, and all are in it now.
    assert index(drift, "/forum/*") == 0.0
    assert index(ask(now, then), "other") == 0.0
    mixed = build([[9, 0, 9]] * 5 + [[9, 0, 0]] * 5)
    # Half had other pages; now none has: 10 against half a user.
    p, q = (0.5, 0.5), (10 / 10.5, 0.5 / 10.5)
    by_hand = sum((a - b) * log(a / b) for a, b in zip(p, q, strict=True))
    assert index(ask(mixed, then), "other") == pytest.approx(by_hand)


def test_only_eligible_users_are_compared() -> None:
    then = build([[9, 0, 0]] * 10)
    now = build([[9, 0, 0]] * 10 + [[0, 90, 0]] * 10, visits=[4.0] * 10 + [1.0] * 10)

    drift = ask(then, now)

    assert drift.n_users == 10
    assert index(drift, "/forum/*") == 0.0


def test_shares_have_their_interval_and_their_denominator() -> None:
    users = build([[9, 9, 0]] * 100)

    drift = ask(users, users)

    # 25 of 100: Wilson's interval from (.25 + 1.96²/200 ∓ …) / (1 + 1.96²/100).
    first = drift.shares[0]
    assert (first.label, first.n_users, first.share) == ("p1", 25, 0.25)
    assert first.low == pytest.approx(0.1755, abs=1e-4)
    assert first.high == pytest.approx(0.3430, abs=1e-4)


@pytest.mark.parametrize(("alarm", "is_alarm"), [(1.4, True), (1.6, False)])
def test_the_alarm_is_the_mean_distance_beyond_its_limit(alarm: float, *, is_alarm: bool) -> None:
    users = build([[9, 9, 0]] * 10)

    drift = ask(users, users, alarm=alarm)

    assert drift.mean_distance == pytest.approx(1.5)
    assert drift.is_alarm is is_alarm


def test_users_below_a_probability_of_half_are_counted() -> None:
    users = build([[9, 9, 0]] * 4)

    drift = measure_drift(
        bin_features(users),
        users,
        labels=np.array(["p1"] * 4),
        probabilities=np.array([[0.5, 0.5], [0.49, 0.4], [1.0, 0.0], [0.2, 0.3]]),
        distance=np.ones(4),
        alarm=1.0,
        patterns=["p1"],
    )

    assert (drift.n_unsure, drift.unsure_share) == (2, 0.5)


def test_nobody_gives_no_shares_and_no_alarm() -> None:
    users = build([[9, 9, 0]] * 4)

    drift = ask(users, build([]))

    assert (drift.n_users, drift.mean_distance, drift.unsure_share) == (0, None, None)
    assert not drift.is_alarm
    assert drift.shares[0].share is None
