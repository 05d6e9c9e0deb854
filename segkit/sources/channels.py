"""Say where a visit came from: source, medium, GA4 default channel and kind of source.

Every tool cuts traffic its own way; a marketer compares with Google Analytics, so its published
rules are the ones followed here, in its order, first match wins, upper and lower case alike.

Where its rules are silent or contested:

- A tagged link (UTM) wins over the referrer. What a tag leaves out is `(not set)`; a missing source
  is not taken from the referrer. Names are shown in lower case, so that `Facebook` and `facebook`
  are one source.
- Without tags the referrer decides. Its medium is `organic` for search, `ai-assistant` for AI
  assistants, `email` for webmail, `referral` for all others. A referrer of the workspace's own
  hosts counts as none. No referrer is `(direct) / (none)`.
- E-mail means equal to one of four spellings, as Google writes, not containing one (dbt-ga4).
- AI Assistant comes after the paid channels. Its list is not published by Google; the own list
  stands in. A tag that names such an assistant without a medium (ChatGPT adds
  `utm_source=chatgpt.com`) is AI Assistant; with medium `referral` it stays Referral, as in exports
  made before that channel was added.
- Source `alibaba` without a medium is Organic Shopping: dbt-ga4 labels that test case Paid
  Shopping, but no rule that asks for a paid medium can hold, and its own code gives Organic
  Shopping.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from segkit.sources.referrers import find_category, find_site, is_own, referrer_host

SOURCE_TYPES = ("direct", "search_engine", "campaign", "social", "referral", "ai")
NOT_SET = "(not set)"
LOOKBACK = timedelta(days=30)

_PAID = re.compile(r"^(.*cp.*|ppc|retargeting|paid.*)$")
_SHOP_CAMPAIGN = re.compile(r"^(.*(([^a-df-z]|^)shop|shopping).*)$")
_DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_SOCIAL = frozenset(
    {"social", "social-network", "social-media", "sm", "social network", "social media"}
)
_EMAIL = frozenset({"email", "e-mail", "e_mail", "e mail"})
_UNTAGGED_MEDIA = frozenset({"", "(none)", NOT_SET, "organic", "referral", "ai-assistant"})
_MEDIUM_OF = {"search": "organic", "ai": "ai-assistant", "email": "email"}
_TYPE_OF = {"search": "search_engine", "social": "social", "video": "social", "ai": "ai"}


@dataclass(frozen=True, slots=True)
class Touch:
    """Where one visit came from.

    `source_type` is one of `SOURCE_TYPES`; `referrer_host` is null without a referrer or with an
    own one.
    """

    source: str
    medium: str
    channel: str
    source_type: str
    referrer_host: str | None


@dataclass(frozen=True, slots=True)
class _Signs:
    """What the rules look at: lower-case names, `""` where missing, and what follows from them."""

    source: str
    medium: str
    campaign: str
    category: str | None

    @property
    def is_paid(self) -> bool:
        return bool(_PAID.match(self.medium))

    @property
    def is_shop(self) -> bool:
        return self.category == "shopping" or bool(_SHOP_CAMPAIGN.match(self.campaign))

    @property
    def has_medium(self) -> bool:
        return self.medium not in {"", NOT_SET}


CHANNELS: tuple[tuple[str, Callable[[_Signs], bool]], ...] = (
    ("Direct", lambda s: s.source == "(direct)" and s.medium in {"", "(none)", NOT_SET}),
    ("Cross-network", lambda s: "cross-network" in s.campaign),
    ("Paid Shopping", lambda s: s.is_paid and s.is_shop),
    ("Paid Search", lambda s: s.is_paid and s.category == "search"),
    ("Paid Social", lambda s: s.is_paid and s.category == "social"),
    ("Paid Video", lambda s: s.is_paid and s.category == "video"),
    ("Display", lambda s: s.medium in _DISPLAY),
    ("Paid Other", lambda s: s.is_paid),
    (
        "AI Assistant",
        lambda s: (
            s.medium == "ai-assistant"
            or s.campaign == "(ai-assistant)"
            or (s.category == "ai" and not s.has_medium)
        ),
    ),
    ("Organic Shopping", lambda s: s.is_shop),
    ("Organic Social", lambda s: s.category == "social" or s.medium in _SOCIAL),
    ("Organic Video", lambda s: s.category == "video" or "video" in s.medium),
    ("Organic Search", lambda s: s.category == "search" or s.medium == "organic"),
    ("Referral", lambda s: s.medium in {"referral", "app", "link"}),
    ("Email", lambda s: s.source in _EMAIL or s.medium in _EMAIL),
    ("Affiliates", lambda s: s.medium == "affiliate"),
    ("Audio", lambda s: s.medium == "audio"),
    ("SMS", lambda s: "sms" in {s.source, s.medium}),
    (
        "Mobile Push Notifications",
        lambda s: (
            s.medium.endswith("push")
            or "mobile" in s.medium
            or "notification" in s.medium
            or s.source == "firebase"
        ),
    ),
    ("Unassigned", lambda _: True),
)
"""The channels in order, each with its rule; the first rule that holds gives the channel."""


def classify(
    *,
    source: str | None,
    medium: str | None,
    campaign: str | None,
    referrer_url: str | None,
    own_hosts: frozenset[str],
) -> Touch:
    """Give where a visit came from, by its landing's UTM values and referrer.

    Parameters
    ----------
    source, medium, campaign
        UTM values, or the values of an export such as `(direct)` and `organic`; null and blank are
        missing.
    referrer_url
        Address of the page that linked here, or `android-app://PACKAGE`; null, `-` and
        `about:blank` are none.
    own_hosts
        Hosts whose pages (also those of their subdomains) are no referrer: the site itself, its
        payment provider.

    Notes
    -----
    `source_type`: direct for the channel Direct; campaign for a tagged link, unless its medium is
    missing, `organic`, `referral` or `ai-assistant` and the category of its source says more; else
    search_engine, social (video platforms too), ai or referral by category. A link that bears a
    campaign name, or a paid medium, is a campaign.

    Source
    ------
    support.google.com/analytics/answer/9756891 (2026); code form in Velir/dbt-ga4.

    Examples
    --------
    >>> tagged = {"source": "google", "medium": "cpc", "campaign": "brand"}
    >>> touch = classify(**tagged, referrer_url=None, own_hosts=frozenset())
    >>> touch.channel, touch.source_type
    ('Paid Search', 'campaign')
    """
    tags = (_clean(source), _clean(medium), _clean(campaign))
    return _classify(tags, referrer_host(referrer_url), own_hosts)


def classify_many(
    rows: Sequence[tuple[str | None, str | None, str | None, str | None]],
    *,
    own_hosts: frozenset[str] = frozenset(),
) -> list[Touch]:
    """Give the touch of every (source, medium, campaign, referrer_url), in the order given."""
    return [
        classify(source=s, medium=m, campaign=c, referrer_url=r, own_hosts=own_hosts)
        for s, m, c, r in rows
    ]


def last_non_direct(
    touches: Sequence[tuple[datetime, Touch]], *, lookback: timedelta = LOOKBACK
) -> list[int]:
    """Give for every visit of one user the place in the list of the visit that it is credited to.

    Parameters
    ----------
    touches
        Start and touch of the user's visits, oldest first.
    lookback
        How far back a direct visit may inherit: 30 days as in dbt-ga4; GA4 itself allows up to 90.

    Returns
    -------
    list of int
        A visit that is not direct: its own place. A direct one: the newest earlier visit that is
        not, if that began at most `lookback` before; else its own place.
    """
    credited: list[int] = []
    newest: int | None = None
    for place, (started_at, touch) in enumerate(touches):
        if touch.source_type != "direct":
            newest = place
        inherits = newest is not None and started_at - touches[newest][0] <= lookback
        credited.append(newest if inherits and newest is not None else place)
    return credited


def _clean(text: str | None) -> str:
    return text.strip().lower() if text else ""


@lru_cache(maxsize=1 << 16)
def _classify(tags: tuple[str, str, str], host: str | None, own_hosts: frozenset[str]) -> Touch:
    source, medium, campaign = tags
    outside = None if host is None or is_own(host, own_hosts) else host
    if source or medium or campaign:
        signs = _Signs(
            source or NOT_SET, medium, campaign, find_category(source) if source else None
        )
        channel = _channel(signs)
        return Touch(
            signs.source, medium or NOT_SET, channel, _tagged_type(signs, channel), outside
        )
    if outside is None:
        return Touch("(direct)", "(none)", "Direct", "direct", None)
    site = find_site(outside)
    category = site.category if site else None
    signs = _Signs(
        site.source if site else outside, _MEDIUM_OF.get(category or "", "referral"), "", category
    )
    kind = _TYPE_OF.get(category or "", "referral")
    return Touch(signs.source, signs.medium, _channel(signs), kind, outside)


def _channel(signs: _Signs) -> str:
    return next(channel for channel, holds in CHANNELS if holds(signs))


def _tagged_type(signs: _Signs, channel: str) -> str:
    named = signs.campaign and not signs.campaign.startswith("(")
    if channel == "Direct":
        return "direct"
    if channel == "AI Assistant":
        return "ai"
    if named or signs.medium not in _UNTAGGED_MEDIA:
        return "campaign"
    if signs.medium == "organic":
        return "search_engine"
    if not signs.has_medium and signs.source != NOT_SET:
        return "campaign"
    return _TYPE_OF.get(signs.category or "", "referral")
