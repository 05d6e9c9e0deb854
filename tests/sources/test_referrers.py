"""Referrers: from an address to a site's name and kind."""

import pytest

from segkit.sources.referrers import (
    find_category,
    find_site,
    is_own,
    read_categories,
    read_sites,
    referrer_host,
)

CATEGORIES = {"ai", "email", "search", "shopping", "social", "video"}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.google.de/search?q=schuhe", "google.de"),
        ("HTTP://News.Example.COM:8080/a", "news.example.com"),
        ("https://ada@host.example/", "host.example"),
        ("//cdn.example.com/x", "cdn.example.com"),
        ("example.com/path", "example.com"),
        ("example.com.", None),
        ("https://example.com./", "example.com"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://[2001:db8::1]/x", "[2001:db8::1]"),
        ("https://münchen.example/", "münchen.example"),
        ("http://[::1", None),
        ("about:blank", None),
        ("file:///home/a.html", None),
        ("chrome-extension://abcdef/page.html", None),
        ("-", None),
        ("null", None),
        ("  ", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_gives_its_host(url: str | None, host: str | None) -> None:
    assert referrer_host(url) == host


@pytest.mark.parametrize(
    ("host", "source", "category"),
    [
        ("google.com", "google", "search"),
        ("google.de", "google", "search"),
        ("google.co.uk", "google", "search"),
        ("google.com.br", "google", "search"),
        ("images.google.com", "google", "search"),
        ("com.google.android.googlequicksearchbox", "google", "search"),
        ("cn.bing.com", "bing", "search"),
        ("de.search.yahoo.com", "yahoo", "search"),
        ("r.search.yahoo.com", "yahoo", "search"),
        ("yandex.ru", "yandex", "search"),
        ("html.duckduckgo.com", "duckduckgo", "search"),
        ("search.brave.com", "brave", "search"),
        ("m.facebook.com", "facebook.com", "social"),
        ("lm.facebook.com", "facebook.com", "social"),
        ("l.instagram.com", "instagram.com", "social"),
        ("t.co", "x.com", "social"),
        ("out.reddit.com", "reddit.com", "social"),
        ("pinterest.de", "pinterest.de", "social"),
        ("ann.blogspot.de", "ann.blogspot.de", "social"),
        ("m.youtube.com", "youtube.com", "video"),
        ("youtu.be", "youtube.com", "video"),
        ("amazon.de", "amazon.de", "shopping"),
        ("smile.amazon.com", "amazon.com", "shopping"),
        ("mail.google.com", "mail.google.com", "email"),
        ("com.google.android.gm", "mail.google.com", "email"),
        ("mail.yahoo.com", "mail.yahoo.com", "email"),
        ("webmail.provider.example", "webmail.provider.example", "email"),
        ("chatgpt.com", "chatgpt.com", "ai"),
        ("www2.perplexity.ai", "perplexity.ai", "ai"),
        ("gemini.google.com", "gemini.google.com", "ai"),
        ("copilot.microsoft.com", "copilot.microsoft.com", "ai"),
        ("claude.ai", "claude.ai", "ai"),
    ],
)
def test_a_known_host_has_one_name_and_kind(host: str, source: str, category: str) -> None:
    site = find_site(host)

    assert site is not None
    assert (site.source, site.category) == (source, category)


@pytest.mark.parametrize(
    "host",
    [
        "docs.google.com",
        "accounts.google.com",
        "finance.yahoo.com",
        "tv.naver.com",
        "notgoogle.com",
        "google.evil.example",
        "facebook.com.evil.example",
        "shop.s3.amazonaws.com",
        "partner.example",
        "localhost",
    ],
)
def test_a_host_that_only_looks_known_is_not(host: str) -> None:
    assert find_site(host) is None


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("shop.example", True),
        ("checkout.shop.example", True),
        ("workshop.example", False),
        ("example", False),
    ],
)
def test_a_subdomain_of_an_own_host_is_own(host: str, own: bool) -> None:  # noqa: FBT001
    assert is_own(host, frozenset({"www.shop.example"})) is own


def test_a_tag_may_name_a_source_without_its_domain() -> None:
    found = [find_category(name) for name in ("facebook", "bing", "google shopping", "tiktok")]

    assert found == ["social", "search", "shopping", "social"]


def test_the_lists_are_lower_case_and_of_known_kinds() -> None:
    names = [*read_categories(), *read_sites()]

    assert {name for name in names if name != name.lower().strip()} == set()
    assert {site.category for site in read_sites().values()} == CATEGORIES
    assert set(read_categories().values()) == {"search", "shopping", "social", "video"}
