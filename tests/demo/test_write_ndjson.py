"""The messages: identity over time, clocks, order of events on a page."""

import json

import pandas as pd

from segkit.demo import ShopFiles


def test_devices_come_first_without_a_user(log: pd.DataFrame) -> None:
    known = log[log.key.str.startswith("m")]

    first = known.groupby("key").user.apply(lambda user: user.iloc[0])

    assert first.isna().mean() > 0.95


def test_a_device_that_identified_keeps_its_user(log: pd.DataFrame) -> None:
    by_device = log[log.event != "identify"].groupby("device").user

    flips = by_device.apply(lambda user: (user.notna().astype(int).diff() < 0).sum())

    assert by_device.nunique().max() == 1
    assert flips.sum() == 0


def test_every_known_user_identifies_first(log: pd.DataFrame) -> None:
    known = log.dropna(subset="user")

    first = known.groupby("device").event.first()

    assert set(first) == {"identify"}


def test_some_users_identify_on_two_devices(log: pd.DataFrame) -> None:
    devices = log.dropna(subset="user").groupby("user").device.nunique()

    assert set(devices) == {1, 2}
    assert 0.1 < (devices == 2).mean() < 0.5


def test_the_clock_change_leaves_no_event_in_the_hour_that_did_not_exist(
    lines: pd.DataFrame,
) -> None:
    local = lines.time.dropna()
    local = local[~local.str.endswith("Z")]

    on_change = local[local.str.startswith("2026-03-29")]

    assert set(local.str[-6:]) == {"+01:00", "+02:00"}
    assert local[local < "2026-03-29T02"].str.endswith("+01:00").all()
    assert local[local >= "2026-03-29T03"].str.endswith("+02:00").all()
    assert not on_change.str[11:13].eq("02").any()
    assert len(on_change) > 50


def test_times_come_in_utc_and_with_an_offset(lines: pd.DataFrame) -> None:
    is_utc = lines.time.dropna().str.endswith("Z")

    assert 0.7 < is_utc.mean() < 0.9


def test_a_landing_page_has_an_outside_referrer_and_later_pages_an_own_one(
    log: pd.DataFrame,
) -> None:
    tagged = log[log.campaign.notna()]
    own = log.referrer.str.startswith("https://www.lindenhof.example/")

    assert not tagged.referrer.str.startswith("https://www.lindenhof.example/").any()
    assert 0.5 < own.mean() < 0.95


def test_only_purchases_bear_a_value_and_follow_a_checkout(log: pd.DataFrame) -> None:
    buys = log[log.event == "purchase"]
    steps = log[log.event.isin(["add_to_cart", "begin_checkout", "purchase"])]

    before = steps.groupby(steps.person).event.shift()

    assert log[log.event != "purchase"].value.isna().all()
    assert buys.value.between(4, 1500).all()
    assert before[buys.index].isin(["begin_checkout", "add_to_cart"]).mean() > 0.99
    assert (buys.path == "/checkout").all()


def test_a_purchase_names_order_product_and_currency(lines: pd.DataFrame) -> None:
    texts = lines[(lines.event == "purchase") & lines.fault.isna()].drop_duplicates("id").text

    found = [json.loads(text)["properties"] for text in texts]

    assert len({p["order_id"] for p in found}) == len(found)
    assert {p["currency"] for p in found} == {"EUR"}
    assert all(p["revenue"] == p["value"] for p in found)


def test_a_message_holds_device_place_and_page(shop: ShopFiles, lines: pd.DataFrame) -> None:
    text = lines[(lines.event == "page_view") & lines.fault.isna()].text.iloc[-1]

    context = json.loads(text)["context"]

    assert {"page", "userAgent", "screen", "locale", "timezone", "location"} <= context.keys()
    assert set(context["page"]) == {"path", "title", "url", "referrer"}
    assert set(context["location"]) == {"country", "region", "city"}
    assert shop.events.n_lines > 0


def test_tiers_rise_with_orders(lines: pd.DataFrame) -> None:
    texts = lines[(lines.event == "identify") & lines.fault.isna()].text
    told = pd.DataFrame(
        [{"user": m["userId"], **m["traits"]} for m in map(json.loads, texts)]
    ).drop_duplicates(["user", "tier"])

    tiers = told.groupby("user").tier.agg(list)

    assert {"basic", "silver", "gold"} == set(told.tier)
    assert all(list(t) == [x for x in ("basic", "silver", "gold") if x in t] for t in tiers)
