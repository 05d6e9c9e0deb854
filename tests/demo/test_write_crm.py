"""The files beside the log: customers, consents, exposures."""

import pandas as pd
import pytest

from segkit.demo import ShopFiles


@pytest.fixture(scope="module")
def crm(shop: ShopFiles) -> pd.DataFrame:
    return pd.read_csv(shop.crm)


def test_every_known_user_is_a_member_and_some_members_never_came(
    shop: ShopFiles, crm: pd.DataFrame, log: pd.DataFrame
) -> None:
    known = set(log.user.dropna())

    never_came = set(crm.member_id) - known

    assert known <= set(crm.member_id)
    assert len(never_came) == shop.n_never_came == 60
    assert len(crm) == shop.n_members == crm.member_id.nunique()


def test_addresses_are_unique_and_can_never_be_reached(crm: pd.DataFrame) -> None:
    assert crm.email.nunique() == len(crm)
    assert crm.email.str.contains(r"@example\.(?:com|org|net)$").all()


def test_labels_lean_by_kind(crm: pd.DataFrame, truth: pd.DataFrame) -> None:
    by_kind = crm.join(truth.set_index("user_key").kind, on="member_id").groupby("kind")

    age, nps = by_kind.age.mean(), by_kind.nps.mean()
    paid = by_kind.plan.agg(lambda plan: (plan != "free").mean())

    assert age["window_shopper"] < 30
    assert age["lapsing_loyal"] > 50
    assert nps["weekly_habit"] > 7.5
    assert nps["lapsing_loyal"] < 5.5
    assert paid["weekly_habit"] > 0.6
    assert paid["bargain_hunter"] < 0.2


def test_some_answers_are_missing(crm: pd.DataFrame) -> None:
    missing = crm[["age", "gender", "nps", "satisfaction", "heard_about_us"]].isna().mean()

    assert missing["age"] == pytest.approx(0.05, abs=0.02)
    assert missing["gender"] == pytest.approx(0.04, abs=0.02)
    assert missing["nps"] == missing["satisfaction"] == pytest.approx(0.6, abs=0.05)
    assert missing["heard_about_us"] == pytest.approx(0.3, abs=0.05)


def test_members_register_on_the_local_day_of_their_sign_up(
    crm: pd.DataFrame, log: pd.DataFrame
) -> None:
    signs = log[log.event == "sign_up"].set_index("user").local.dt.strftime("%Y-%m-%d")

    registered = crm.set_index("member_id").registered_on

    assert registered[signs.index].tolist() == signs.tolist()
    assert (registered.drop(signs.index) < "2026-02-01").all()


def test_consents_change_over_time(shop: ShopFiles) -> None:
    consents = pd.read_csv(shop.consents)

    states = consents.groupby(["member_id", "purpose"]).state.agg(list)
    changed = states[states.map(len) == 2]

    assert len(consents) == shop.n_consents
    assert set(states.map(len)) == {1, 2}
    assert changed.map(lambda s: s[0] != s[1]).all()
    assert set(consents.state) == {"granted", "denied"}
    assert consents.time.is_monotonic_increasing
    assert consents.time.str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d").all()
    assert consents.time.max() < "2026-06-01"


def test_exposures_are_balanced_and_one_a_person(shop: ShopFiles, truth: pd.DataFrame) -> None:
    seen = pd.read_csv(shop.exposures)

    by_variant = seen.variant.value_counts()
    people = truth.dropna(subset="variant").groupby("variant").person.nunique()

    assert len(seen) == shop.n_exposures == seen.anonymous_id.nunique()
    assert by_variant.to_dict() == people.to_dict()
    assert (by_variant["A"] - by_variant["B"]) ** 2 / len(seen) < 3.84
    assert 0.3 < seen.member_id.isna().mean() < 0.8


def test_exposures_fall_into_the_experiment_and_onto_a_visit(
    shop: ShopFiles, log: pd.DataFrame
) -> None:
    seen = pd.read_csv(shop.exposures)

    day = pd.to_datetime(seen.seen_at_ms, unit="ms", utc=True).dt.tz_convert("Europe/Berlin")

    assert set(seen.anonymous_id) <= set(log.device)
    assert day.dt.strftime("%Y-%m-%d").between("2026-04-08", "2026-05-19").all()
