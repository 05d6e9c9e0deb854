"""What was planted, measured from the files: kinds, rhythms, campaign, experiment."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from segkit.demo.kinds import GROUPS, KINDS, N_HUMAN, STAGES, mix_table

CAMPAIGN_DAYS = ("2026-03-27", "2026-04-13")
EXPERIMENT_DAYS = ("2026-04-08", "2026-05-19")


def between(visits: pd.DataFrame, days: tuple[str, str]) -> "pd.Series[bool]":
    inside: pd.Series[bool] = visits.start.dt.strftime("%Y-%m-%d").between(*days)
    return inside


def test_shares_of_kinds_and_of_pages_add_up_to_one() -> None:
    assert sum(kind.share for kind in KINDS) == pytest.approx(1)
    assert mix_table().sum(axis=1) == pytest.approx(1)
    assert all(set(kind.mix) <= set(GROUPS) for kind in KINDS)
    assert set(STAGES) == set(GROUPS)
    assert sum(kind.is_bot for kind in KINDS) == 1


def test_kinds_are_found_again_by_their_page_mix(log: pd.DataFrame, visits: pd.DataFrame) -> None:
    views = log[(log.event == "page_view") & (log.kind != "bot")]
    group = views.path.str.split("/").str[1].replace("", "home")
    table = pd.crosstab(views.key, group)
    n_visits = visits.groupby("key").size().reindex(table.index)
    table = table[(n_visits >= 2) & (table.sum(axis=1) >= 5)]
    site = table.sum() / table.to_numpy().sum()
    shares = np.sqrt((table + 5 * site).div(table.sum(axis=1) + 5, axis=0))

    labels = KMeans(N_HUMAN, n_init=5, random_state=0).fit_predict(shares)

    kinds = views.groupby("key").kind.first().reindex(table.index)
    assert adjusted_rand_score(kinds, labels) >= 0.95


def test_a_one_time_buyer_buys_exactly_once_and_is_gone_within_a_week(log: pd.DataFrame) -> None:
    mine = log[log.kind == "one_time_buyer"].groupby("person")

    orders = mine.event.apply(lambda events: (events == "purchase").sum())
    span = mine.at.max() - mine.at.min()

    assert set(orders) == {1}
    assert span.max() < pd.Timedelta(days=8)


def test_lapsing_loyals_come_ever_less_and_not_in_the_last_month(visits: pd.DataFrame) -> None:
    mine = visits[visits.kind == "lapsing_loyal"].start.dt.strftime("%Y-%m")

    a_month = mine.value_counts()

    assert a_month["2026-02"] > 1.2 * a_month["2026-03"]
    assert a_month["2026-03"] > 3 * a_month["2026-04"]
    assert "2026-05" not in a_month


def test_a_weekly_habit_has_its_own_weekday(visits: pd.DataFrame) -> None:
    mine = visits[visits.kind == "weekly_habit"]

    on_best = mine.groupby("person").start.agg(
        lambda start: start.dt.day_of_week.value_counts(normalize=True).iloc[0]
    )
    others = (
        visits[visits.kind == "bargain_hunter"]
        .groupby("person")
        .start.agg(lambda start: start.dt.day_of_week.value_counts(normalize=True).iloc[0])
    )

    assert on_best.median() > 0.6
    assert others.median() < 0.45


def test_every_kind_keeps_its_hours(visits: pd.DataFrame) -> None:
    hour = visits.start.dt.hour

    share = pd.DataFrame(
        {
            "evening": hour.between(18, 23).groupby(visits.kind).mean(),
            "office": hour.between(9, 16).groupby(visits.kind).mean(),
            "morning": hour.between(6, 9).groupby(visits.kind).mean(),
        }
    )

    assert share.evening["window_shopper"] > 0.6
    assert share.evening["bargain_hunter"] > 0.5
    assert share.office["researcher"] > 0.7
    assert share.morning["weekly_habit"] > 0.4


@pytest.mark.parametrize(
    ("kind", "least", "most"), [("window_shopper", 1.2, 1.8), ("researcher", 0.5, 0.85)]
)
def test_weekends_differ_by_kind(
    visits: pd.DataFrame, kind: str, least: float, most: float
) -> None:
    on_weekend = visits[visits.kind == kind].start.dt.day_of_week >= 5

    ratio = (on_weekend.sum() / 2) / ((~on_weekend).sum() / 5)

    assert least < ratio < most


def test_window_shoppers_are_on_phones_and_researchers_at_desks(log: pd.DataFrame) -> None:
    on_phone = log.agent.str.contains("Mobile") & ~log.agent.str.contains("iPad")

    share = on_phone.groupby(log.kind).mean()

    assert share["window_shopper"] > 0.8
    assert share["researcher"] < 0.25


def test_crawlers_name_themselves_never_identify_and_hit_hard(log: pd.DataFrame) -> None:
    bots = log[log.kind == "bot"]

    named = log.agent.str.contains(r"[Bb]ot\b|[Bb]ot/")

    assert (named == (log.kind == "bot")).all()
    assert bots.user.isna().all()
    assert set(bots.event) == {"page_view"}
    assert len(bots) / bots.device.nunique() > 5 * len(log) / log.device.nunique()


def test_the_campaign_lifts_bargain_hunters_only(visits: pd.DataFrame) -> None:
    during = between(visits, CAMPAIGN_DAYS)
    near = between(visits, ("2026-03-09", "2026-05-01")) & ~during
    days, near_days = 18, 36

    table = pd.DataFrame(
        {
            "visits": visits[during].groupby("kind").size() / days,
            "near_visits": visits[near].groupby("kind").size() / near_days,
            "orders": visits[during].groupby("kind").n_orders.sum() / days,
            "near_orders": visits[near].groupby("kind").n_orders.sum() / near_days,
        }
    )
    lift = table.visits / table.near_visits
    order_lift = table.orders / table.near_orders

    assert 1.7 < lift["bargain_hunter"] < 2.3
    assert 2.3 < order_lift["bargain_hunter"] < 4.2
    assert (lift[["researcher", "weekly_habit", "window_shopper"]] - 1).abs().max() < 0.15
    assert abs(order_lift["weekly_habit"] - 1) < 0.25


def test_campaign_arrivals_are_mostly_bargain_hunters_and_in_its_days(visits: pd.DataFrame) -> None:
    arrived = visits[visits.campaign == "spring_sale"]

    assert between(arrived, CAMPAIGN_DAYS).all()
    assert (arrived.kind == "bargain_hunter").mean() > 0.8
    assert arrived.kind.nunique() == N_HUMAN


def test_the_experiment_works_on_researchers_only(visits: pd.DataFrame) -> None:
    met = visits[between(visits, EXPERIMENT_DAYS) & visits.variant.notna()]
    people = met.groupby(["kind", "variant", "person"]).n_orders.sum().gt(0).astype(float)

    in_a, in_b = (people.xs(v, level="variant").groupby("kind") for v in ("A", "B"))
    gap = in_b.mean() - in_a.mean()
    pooled = (in_b.mean() + in_a.mean()) / 2
    error = np.sqrt(pooled * (1 - pooled) * (1 / in_a.size() + 1 / in_b.size()))
    z: pd.Series[float] = gap / error

    assert gap["researcher"] > 0.15
    assert z["researcher"] > 5
    assert z.drop("researcher").abs().max() < 2.6
