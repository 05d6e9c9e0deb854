"""Tell from a referrer which site it is and of which kind: search, social, shopping, AI and so on.

A browser gives an address, a report needs a name: `https://www.google.de/` and the Google app are
both `google`, and `l.instagram.com` is `instagram.com`. Two lists beside this module hold the names
(see `data/README.md`); nothing here asks the network.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_ADDRESS = re.compile(
    r"^(?:(?:https?|android-app|ios-app):)?//(?:[^/?#@\s]*@)?(\[[0-9a-f:.]+\]|[\w.-]+)(?=[:/?#]|$)",
    re.IGNORECASE,
)
_BARE_HOST = re.compile(r"^([\w-]+(?:\.[\w-]+)*\.[a-z]{2,})(?=[:/?#]|$)", re.IGNORECASE)
_COUNTRY = r"(?:com?\.)?[a-z]{2}"
_PREFIX = (
    r"(?!tv\.|my\.|ai\.)(?:(?:www\d?|m|mobile|r|l|lite|html|noai|safe|wap|encrypted|images?|search|suche|websearch|espanol|"
    r"malaysia|[a-z]{2})\.)*"
)
_BRAND = re.compile(
    rf"^{_PREFIX}(google|bing|yahoo|yandex|aol|lycos|naver|daum|duckduckgo|startpage|ecosia|qwant|excite|seznam)"
    rf"\.(?:com|org|net|{_COUNTRY})$"
)
_SEARCH_PREFIX = re.compile(rf"^{_PREFIX}$")
_COUNTRY_BRANDS = re.compile(
    rf"(?:^|\.)(?:(amazon|ebay|aliexpress|etsy|rakuten)|(blogspot|pinterest))\.(?:com|{_COUNTRY})$"
)
_WEBMAIL = re.compile(r"^(?:mail|webmail)\d*\.")
_EXACT_ONLY = frozenset(
    {"s3.amazonaws.com", "aax.amazon-adsystem.com", "aax-us-east.amazon-adsystem.com"}
)


@dataclass(frozen=True, kw_only=True)
class KnownSite:
    """One site by its name in reports; `category` ai, email, search, shopping, social or video."""

    source: str
    category: str


@cache
def read_categories() -> dict[str, str]:
    """Give the category of every source name in Google's published list, by lower-case name."""
    return {row["source"]: row["category"] for row in _read_list("ga4_source_categories.csv")}


@cache
def read_sites() -> dict[str, KnownSite]:
    """Give what is known of a host or an app, by its name; the own list wins over Google's."""
    sites = {
        name: KnownSite(source=name, category=category)
        for name, category in read_categories().items()
        if "." in name
    }
    own = {
        row["host"]: KnownSite(source=row["source"], category=row["category"])
        for row in _read_list("referrers.csv")
    }
    return sites | own


def _read_list(name: str) -> list[dict[str, str]]:
    text = files("segkit.sources").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def referrer_host(url: str | None) -> str | None:
    """Give the host that a referrer names, in lower case, without `www.`; an app gives its package.

    None for an empty referrer and for what no site sent: `-`, `about:blank`, `file:`, an
    extension's page, other text.

    >>> (
    ...     referrer_host("https://WWW.Google.de:443/search?q=x"),
    ...     referrer_host("android-app://com.google.android.gm/"),
    ... )
    ('google.de', 'com.google.android.gm')
    """
    text = (url or "").strip()
    match = _ADDRESS.match(text)
    host = match[1] if match else bare[1] if (bare := _BARE_HOST.match(text)) else ""
    return host.lower().rstrip(".").removeprefix("www.") or None


def is_own(host: str, own_hosts: frozenset[str]) -> bool:
    """Say whether a host is one of the workspace's own or lies below one.

    >>> (
    ...     is_own("shop.example.com", frozenset({"example.com"})),
    ...     is_own("badexample.com", frozenset({"example.com"})),
    ... )
    (True, False)
    """
    return any(name in own_hosts or f"www.{name}" in own_hosts for name in _suffixes(host))


def find_site(host: str) -> KnownSite | None:
    """Give what is known of a host (as `referrer_host` gives it), None when nothing is.

    The longest listed name that the host lies under decides. A search engine owns only its search
    hosts: `google.de` and `images.google.com` are search, `docs.google.com` is not. Country domains
    of the large search engines and shops count as theirs. A host that begins with `mail.` or
    `webmail.` is e-mail.

    >>> find_site("google.co.uk"), find_site("docs.google.com")
    (KnownSite(source='google', category='search'), None)
    """
    sites = read_sites()
    listed = next((name for name in _suffixes(host) if name in sites), None)
    site = sites[listed] if listed else None
    if site and site.category in {"ai", "email"}:
        return site
    if _WEBMAIL.match(host):
        return KnownSite(source=host, category="email")
    if brand := _BRAND.match(host):
        return KnownSite(source=brand[1], category="search")
    if site and listed and _covers(listed, host, site.category):
        return _shortest(site, listed, sites)
    brand = _COUNTRY_BRANDS.search(host)
    if not brand:
        return None
    return KnownSite(source=host, category="shopping" if brand[1] else "social")


def find_category(source: str) -> str | None:
    """Give the category of a source as a link's tag names it (lower case): bare name or host.

    >>> find_category("facebook"), find_category("m.facebook.com"), find_category("partner.example")
    ('social', 'social', None)
    """
    if category := read_categories().get(source):
        return category
    if site := read_sites().get(source):
        return site.category
    host = referrer_host(source) if "." in source else None
    site = find_site(host) if host else None
    return site.category if site else None


def _suffixes(host: str) -> list[str]:
    parts = host.split(".")
    return [".".join(parts[i:]) for i in range(max(1, len(parts) - 1))]


def _covers(listed: str, host: str, category: str) -> bool:
    rest = host.removesuffix(listed)
    if not rest:
        return True
    return bool(_SEARCH_PREFIX.match(rest)) if category == "search" else listed not in _EXACT_ONLY


def _shortest(site: KnownSite, listed: str, sites: dict[str, KnownSite]) -> KnownSite:
    """Give the site by its shortest listed name of one kind: m.facebook.com is facebook.com."""
    if site.category == "search":
        return site
    names = [
        name
        for name in _suffixes(listed)
        if name in sites and sites[name].category == site.category
    ]
    return sites[names[-1]]
