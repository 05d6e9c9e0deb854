"""Channels: GA4's default channel grouping, referrers, kinds of source, last non-direct."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.sources.channels import (
    CHANNELS,
    SOURCE_TYPES,
    Touch,
    classify,
    classify_many,
    last_non_direct,
)

OWN = frozenset({"shop.example"})
START = datetime(2026, 6, 1, 8, tzinfo=UTC)


def tagged(source: str | None, medium: str | None, campaign: str | None = None) -> Touch:
    return classify(
        source=source, medium=medium, campaign=campaign, referrer_url=None, own_hosts=OWN
    )


def referred(url: str | None) -> Touch:
    return classify(source=None, medium=None, campaign=None, referrer_url=url, own_hosts=OWN)


@pytest.mark.parametrize(
    ("tags", "channel"),
    [
        (("(direct)", "(none)", None), "Direct"),
        (("google", "cpc", "EU cross-network 7"), "Cross-network"),
        (("etsy.com", "cpc", None), "Paid Shopping"),
        (("Google", "CPC", "winter_shop"), "Paid Shopping"),
        (("google", "cpc", "workshop"), "Paid Search"),
        (("google", "cpm", None), "Paid Search"),
        (("facebook", "paid_social", None), "Paid Social"),
        (("www.facebook.com", "cpc", None), "Paid Social"),
        (("youtube.com", "paid-video", None), "Paid Video"),
        (("adnetwork.example", "cpm", None), "Display"),
        (("adnetwork.example", "banner", None), "Display"),
        (("adnetwork.example", "retargeting", None), "Paid Other"),
        (("chatgpt.com", "ai-assistant", "(ai-assistant)"), "AI Assistant"),
        (("chatgpt.com", None, None), "AI Assistant"),
        (("chatgpt.com", "referral", None), "Referral"),
        (("chatgpt.com", "cpc", None), "Paid Other"),
        (("amazon", "referral", None), "Organic Shopping"),
        (("tiktok", "video", None), "Organic Social"),
        (("press.example", "social-media", None), "Organic Social"),
        (("vimeo.com", "referral", None), "Organic Video"),
        (("bing", "organic", None), "Organic Search"),
        (("partner.example", "link", None), "Referral"),
        (("newsletter", "e-mail", "june"), "Email"),
        (("newsletter", "email-blast", "june"), "Unassigned"),
        (("partner.example", "affiliate", None), "Affiliates"),
        (("podcast", "audio", None), "Audio"),
        (("sms", None, None), "SMS"),
        (("app", "web-push", None), "Mobile Push Notifications"),
        (("firebase", None, None), "Mobile Push Notifications"),
        (("leaflet", "print", "spring"), "Unassigned"),
        ((None, None, "spring"), "Unassigned"),
    ],
)
def test_a_tagged_link_has_the_first_channel_whose_rule_holds(
    tags: tuple[str | None, str | None, str | None], channel: str
) -> None:
    assert tagged(*tags).channel == channel


@pytest.mark.parametrize(
    ("url", "touch"),
    [
        (None, Touch("(direct)", "(none)", "Direct", "direct", None)),
        ("https://www.shop.example/cart", Touch("(direct)", "(none)", "Direct", "direct", None)),
        (
            "https://www.google.de/",
            Touch("google", "organic", "Organic Search", "search_engine", "google.de"),
        ),
        (
            "https://m.facebook.com/",
            Touch("facebook.com", "referral", "Organic Social", "social", "m.facebook.com"),
        ),
        (
            "https://www.youtube.com/watch?v=1",
            Touch("youtube.com", "referral", "Organic Video", "social", "youtube.com"),
        ),
        (
            "https://www.amazon.co.uk/",
            Touch("amazon.co.uk", "referral", "Organic Shopping", "referral", "amazon.co.uk"),
        ),
        (
            "https://claude.ai/chat",
            Touch("claude.ai", "ai-assistant", "AI Assistant", "ai", "claude.ai"),
        ),
        (
            "https://mail.google.com/mail/u/0/",
            Touch("mail.google.com", "email", "Email", "referral", "mail.google.com"),
        ),
        (
            "android-app://org.telegram.messenger/",
            Touch("telegram.org", "referral", "Organic Social", "social", "org.telegram.messenger"),
        ),
        (
            "https://blog.partner.example/post",
            Touch(
                "blog.partner.example", "referral", "Referral", "referral", "blog.partner.example"
            ),
        ),
    ],
)
def test_an_untagged_visit_is_told_by_its_referrer(url: str | None, touch: Touch) -> None:
    assert referred(url) == touch


@pytest.mark.parametrize(
    ("tags", "source_type"),
    [
        (("google", "cpc", None), "campaign"),
        (("google", "organic", "(organic)"), "search_engine"),
        (("google", "organic", "brand"), "campaign"),
        (("google", None, None), "campaign"),
        (("facebook.com", "referral", "(referral)"), "social"),
        (("facebook.com", "social", "june"), "campaign"),
        (("partner.example", "referral", None), "referral"),
        (("chatgpt.com", None, None), "ai"),
        (("chatgpt.com", "referral", None), "ai"),
        (("(direct)", "(none)", "(direct)"), "direct"),
        (("(not set)", "(not set)", None), "referral"),
        ((None, None, "spring"), "campaign"),
    ],
)
def test_a_tag_is_a_campaign_unless_it_only_repeats_the_referrer(
    tags: tuple[str | None, str | None, str | None], source_type: str
) -> None:
    assert tagged(*tags).source_type == source_type


def test_a_tag_wins_over_the_referrer_but_the_referring_host_is_kept() -> None:
    touch = classify(
        source=" NewsLetter ",
        medium="Email",
        campaign="June",
        referrer_url="https://www.google.com/",
        own_hosts=OWN,
    )

    assert touch == Touch("newsletter", "email", "Email", "campaign", "google.com")


def test_what_a_tag_leaves_out_is_not_set() -> None:
    touches = [tagged("leaflet", None), tagged(None, "email"), tagged("", "", "spring")]

    assert [(t.source, t.medium) for t in touches] == [
        ("leaflet", "(not set)"),
        ("(not set)", "email"),
        ("(not set)", "(not set)"),
    ]


def test_many_rows_give_the_touch_of_each_in_order() -> None:
    rows = [(None, None, None, "https://t.co/x"), ("bing", "cpc", None, None)]

    touches = classify_many(rows, own_hosts=OWN)

    assert [t.channel for t in touches] == ["Organic Social", "Paid Search"]
    assert classify_many([]) == []


_WORDS = st.one_of(
    st.none(),
    st.sampled_from(["(direct)", "(none)", "google", "cpc", "Email", "shopping", "https://t.co"]),
    st.text(max_size=12),
)


@given(st.tuples(_WORDS, _WORDS, _WORDS, _WORDS))
def test_every_combination_has_a_known_channel_and_kind(
    row: tuple[str | None, str | None, str | None, str | None],
) -> None:
    [touch] = classify_many([row], own_hosts=OWN)

    assert touch.channel in {channel for channel, _ in CHANNELS}
    assert touch.source_type in SOURCE_TYPES
    assert (touch.channel == "Direct") == (touch.source_type == "direct")
    assert touch.source
    assert touch.medium


def test_a_direct_visit_is_credited_to_the_newest_other_one_within_the_lookback() -> None:
    direct, search = referred(None), referred("https://www.google.com/")
    days = [0, 1, 31, 32, 40, 71]
    kinds = [direct, search, direct, direct, search, direct]
    touches = [(START + timedelta(days=d), k) for d, k in zip(days, kinds, strict=True)]

    assert last_non_direct(touches) == [0, 1, 1, 3, 4, 5]
    assert last_non_direct(touches, lookback=timedelta(days=90)) == [0, 1, 1, 1, 4, 4]
    assert last_non_direct([]) == []


def _peer(shared: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "vectors" / "channels" / name).read_text("utf-8"))
    return found


@pytest.mark.shared
def test_peer_cases_of_the_channel_grouping_are_reproduced(shared: Path) -> None:
    told = _peer(shared, "ga4_channel_grouping.json")
    cases = [(c["source"], c["medium"], c["campaign"], c["recomputed"]) for c in told["peer_cases"]]
    cases += [
        (c["source"], c["medium"], c["campaign"], c["expected_by_ordered_rules"])
        for c in told["derived_cases"]
    ]

    wrong = [case for case in cases if tagged(*case[:3]).channel != case[3]]

    assert wrong == []
    assert len(cases) == 52
    assert [c["source"] for c in told["peer_cases"] if not c["agrees"]] == ["alibaba"]


@pytest.mark.shared
def test_the_order_of_the_channels_is_the_peers(shared: Path) -> None:
    told = _peer(shared, "ga4_channel_grouping.json")

    assert [c for c, _ in CHANNELS if c != "AI Assistant"] == told["ordered_rules"]


@pytest.mark.shared
def test_the_peer_case_of_last_non_direct_is_reproduced(shared: Path) -> None:
    told = _peer(shared, "last_non_direct.json")
    touches = [
        (
            datetime.fromisoformat(day).replace(tzinfo=UTC),
            tagged(source, "referral" if source != "(direct)" else "(none)"),
        )
        for _, day, source in told["sessions"]
    ]

    places = last_non_direct(touches)

    assert [told["sessions"][p][0] for p in places] == told["expected_last_non_direct_session"]
