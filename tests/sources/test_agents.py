"""User agents: device, operating system, browser, declared crawlers."""

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from segkit.sources import agents
from segkit.sources.agents import NOBODY, Agent, bot_reason, device_type, parse_agents

CHROME_WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36"
)
SAFARI_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
SAFARI_IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/16.6 Mobile/15E148 Safari/604.1"
)
FIREFOX_LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
CHROME_PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36"
)
CHROME_GALAXY_TAB = (
    "Mozilla/5.0 (Linux; Android 13; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/125.0.0.0 Safari/537.36"
)
EDGE_MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.68"
)
GOOGLEBOT_PHONE = (
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Chrome/126.0.6478.126 Mobile Safari/537.36 (compatible; Googlebot/2.1; "
    "+http://www.google.com/bot.html)"
)
GPTBOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2"
HOME_MADE = "PriceSpider 3 (+https://prices.example/about)"
CUBOT = (
    "Mozilla/5.0 (Linux; Android 11; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Mobile Safari/537.36"
)


@pytest.mark.parametrize(
    ("text", "agent"),
    [
        (CHROME_WINDOWS, Agent("pc", "Windows", "10", "Chrome", "126.0.0", None)),
        (SAFARI_IPHONE, Agent("mobile", "iOS", "17.5", "Mobile Safari", "17.5", None)),
        (SAFARI_IPAD, Agent("tablet", "iOS", "16.6", "Mobile Safari", "16.6", None)),
        (FIREFOX_LINUX, Agent("pc", "Linux", None, "Firefox", "127.0", None)),
        (CHROME_PIXEL, Agent("mobile", "Android", "14", "Chrome Mobile", "126.0.0", None)),
        (CHROME_GALAXY_TAB, Agent("tablet", "Android", "13", "Chrome", "125.0.0", None)),
        (EDGE_MAC, Agent("pc", "Mac OS X", "10.15.7", "Edge", "126.0.2592", None)),
        (CUBOT, Agent("mobile", "Android", "11", "Chrome Mobile", "120.0.0", None)),
    ],
)
def test_a_browser_says_its_device_system_and_version(text: str, agent: Agent) -> None:
    assert parse_agents([text]) == [agent]


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/126.0", "pc"),
        ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Tablet PC 2.0)", "pc"),
        ("Mozilla/5.0 (Android 13; Tablet; rv:127.0) Gecko/127.0 Firefox/127.0", "tablet"),
        ("Mozilla/5.0 (Android 13; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", "mobile"),
        ("Dalvik/2.1.0 (Linux; U; Android 13; SM-S911B Build/TP1A)", "mobile"),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en)", "mobile"),
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 TV Safari/538.1", None),
        ("Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15", None),
        ("Links (2.7)", None),
    ],
)
def test_a_device_is_a_pc_a_mobile_or_a_tablet_or_unknown(text: str, device: str | None) -> None:
    assert device_type(text) == device


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GOOGLEBOT_PHONE, "declared crawler: Googlebot"),
        (GPTBOT, "declared crawler: GPTBot"),
        ("curl/8.5.0", "declared crawler: curl"),
        ("Wget/1.21.4", "declared crawler: wget"),
        (HOME_MADE, "declared crawler: the word spider"),
        (CHROME_WINDOWS, None),
        (CUBOT, None),
    ],
)
def test_a_declared_crawler_is_named(text: str, reason: str | None) -> None:
    assert bot_reason(text) == reason


def test_an_empty_user_agent_says_nothing() -> None:
    assert parse_agents([None, "", " ", "-"]) == [NOBODY] * 4
    assert parse_agents([]) == []


def test_repeated_texts_are_read_once_and_keep_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    def note(text: str) -> Agent:
        seen.append(text)
        return Agent(browser=text)

    monkeypatch.setattr(agents, "parse_agent", note)

    found = parse_agents(["a", "b", None, "a"])

    assert [agent.browser for agent in found] == ["a", "b", None, "a"]
    assert sorted(seen) == ["a", "b"]


def test_both_ways_through_the_crawler_list_find_the_same_name() -> None:
    patterns = [row["pattern"] for row in CRAWLER_USER_AGENTS_DATA]
    texts = [GOOGLEBOT_PHONE, GPTBOT, CHROME_WINDOWS, SAFARI_IPHONE, "curl/8.5.0", ""]

    fast = [agents._fast_search(patterns)(text) for text in texts]  # noqa: SLF001
    plain = [agents._plain_search(patterns)(text) for text in texts]  # noqa: SLF001

    assert fast == plain
    assert fast == ["Googlebot", "GPTBot", None, None, "curl", None]


@pytest.mark.shared
def test_a_real_log_has_its_crawlers_marked(shared: Path) -> None:
    with gzip.open(shared / "data" / "elastic-apache" / "apache_logs.gz", "rt") as file:
        ends = [re.search(r'"([^"]*)"$', line.rstrip("\n")) for line in file]
    texts = [end[1] for end in ends if end]
    told = [bool(re.search(r"bot|crawl|spider|slurp", text, re.IGNORECASE)) for text in texts]

    found = parse_agents(texts)

    marked = [agent.bot_reason is not None for agent in found]
    assert (len(ends), len(texts), sum(told)) == (10_000, 9_999, 1_397)
    assert [says for says, robot in zip(marked, told, strict=True) if robot].count(False) == 0
    assert 1_397 <= sum(marked) <= 2_100
    assert {agent for agent, text in zip(found, texts, strict=True) if text == "-"} == {NOBODY}
    assert Counter(agent.device_type for agent in found)["pc"] > len(texts) / 2
