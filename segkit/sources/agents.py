"""Read the text by which a browser or a robot names itself: device, system, browser, robot or not.

Robots are marked, never dropped here: the list of declared crawlers also holds feed readers and
download tools, so a report says how many events it left out and why.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec

import ua_parser
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

CRAWLER = "declared crawler: "

_WORD = re.compile(r"(?<!cu)bot(?![a-z])|robot|crawl|spider|slurp")
_OTHER_SCREENS = (
    *("smarttv", "smart-tv", "appletv", "googletv", "hbbtv", "web0s", "crkey", "roku", "bravia"),
    *("netcast", "viera", "playstation", "xbox", "nintendo", "android tv", "quest 2", "quest 3"),
)
_OTHER_SCREEN = re.compile(r"\btv\b|\baft[a-z]+\b|\bwatch\b")
_TABLETS = ("ipad", "playbook", "kindle", "xoom")
_TABLET = re.compile(r"\btablet\b(?! pc)|\bsilk\b(?!.*\bmobile\b)|^mozilla/.*android(?!.*\bmobi)")
_MOBILES = (
    *("iphone", "ipod", "android", "windows phone", "windows ce", "blackberry", "bb10", "symbian"),
    *("opera mini", "series60", "series 60", "nokia", "midp", "webos", "kaios", "up.browser"),
    *("palm os", "palmos", "iemobile", " mobile", "mobilesafari"),
)
_PCS = (
    *("windows", "win98", "win95", "winnt", "macintosh", "mac os", "mac_powerpc", "x11", "linux"),
    *("cros ", "bsd", "sunos"),
)


@dataclass(frozen=True, slots=True)
class Agent:
    """What one user agent text says; every field is null where it does not say it.

    `device_type` is `pc`, `mobile` or `tablet`, null for televisions, consoles, watches and
    programs. Versions are `major.minor.patch` as far as stated. `bot_reason` is null for people.
    """

    device_type: str | None = None
    os: str | None = None
    os_version: str | None = None
    browser: str | None = None
    browser_version: str | None = None
    bot_reason: str | None = None


NOBODY = Agent()
"""What an empty user agent says."""


def parse_agents(texts: Sequence[str | None]) -> list[Agent]:
    """Give what every user agent text says, in the order given; each distinct text is read once.

    Empty texts, null and `-` (a web server's word for none) give nulls only.

    Notes
    -----
    Browser and operating system: the ua-parser project's rules. Device: an iPad is a tablet,
    Android without the word `Mobile` too (as its makers ask); an iPad that poses as a Macintosh is
    a pc, the text does not tell. A robot is a text that the crawler-user-agents list knows, else
    one that bears the word bot, crawl, spider or slurp; the brand Cubot is none.

    Examples
    --------
    >>> parse_agents(["curl/8.5.0", None])[0].bot_reason
    'declared crawler: curl'
    """
    found = {text: parse_agent(text) if text else NOBODY for text in set(texts)}
    return [found[text] for text in texts]


@lru_cache(maxsize=1 << 14)
def parse_agent(text: str) -> Agent:
    """Give what one user agent text says; see `parse_agents`."""
    if text.strip() in {"", "-"}:
        return NOBODY
    os, browser = ua_parser.parse_os(text), ua_parser.parse_user_agent(text)
    return Agent(
        device_type=device_type(text),
        os=_family(os.family) if os else None,
        os_version=_version(os.major, os.minor, os.patch) if os else None,
        browser=_family(browser.family) if browser else None,
        browser_version=_version(browser.major, browser.minor, browser.patch) if browser else None,
        bot_reason=bot_reason(text),
    )


def device_type(text: str) -> str | None:
    """Give `pc`, `mobile` or `tablet`; null for any other screen and where nothing tells.

    >>> device_type(
    ...     "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
    ... )
    'tablet'
    """
    low = text.lower()
    if _bears(low, _OTHER_SCREENS) or _OTHER_SCREEN.search(low):
        return None
    if _bears(low, _TABLETS) or _TABLET.search(low):
        return "tablet"
    if _bears(low, _MOBILES):
        return "mobile"
    return "pc" if _bears(low, _PCS) else None


def _bears(text: str, words: Sequence[str]) -> bool:
    return any(word in text for word in words)


def bot_reason(text: str) -> str | None:
    """Give why a text is a robot's: `declared crawler: NAME`; null for people.

    >>> bot_reason("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
    'declared crawler: Googlebot'
    """
    if name := _find_crawler()(text):
        return CRAWLER + name
    word = _WORD.search(text.lower())
    return f"{CRAWLER}the word {word[0]}" if word else None


def _family(name: str) -> str | None:
    return None if name in {"", "Other"} else name


def _version(*parts: str | None) -> str | None:
    known: list[str] = []
    for part in parts:
        if not part:
            break
        known.append(part)
    return ".".join(known) or None


@cache
def _find_crawler() -> Callable[[str], str | None]:
    """Give the search through the list: the Rust matcher where installed, else regexes."""
    patterns = [str(row["pattern"]) for row in CRAWLER_USER_AGENTS_DATA]
    return _fast_search(patterns) if find_spec("ua_parser_rs") else _plain_search(patterns)


def _fast_search(patterns: Sequence[str]) -> Callable[[str], str | None]:
    from ua_parser_rs import UserAgentExtractor  # noqa: PLC0415  an optional backend

    names = [_plain_name(pattern) for pattern in patterns]
    rules = ((p, str(i), None, None, None, None) for i, p in enumerate(patterns))
    extractor = UserAgentExtractor(rules)

    def search(text: str) -> str | None:
        hit = extractor.extract(text)
        return names[int(hit.family)] if hit else None

    return search


def _plain_search(patterns: Sequence[str]) -> Callable[[str], str | None]:
    rules = [(re.compile(pattern), _plain_name(pattern)) for pattern in patterns]

    def search(text: str) -> str | None:
        return next((name for rule, name in rules if rule.search(text)), None)

    return search


def _plain_name(pattern: str) -> str:
    r"""Give a listed regex as the name that people know: `[wW]get` is `wget`.

    >>> _plain_name(r"Googlebot\/"), _plain_name(r"AdsBot-Google([^-]|$)")
    ('Googlebot', 'AdsBot-Google')
    """
    text = pattern.replace(r"(^| )", "").replace(r"([^-]|$)", "").replace(r"[\s\S]*", " ")
    text = re.sub(r"\[(\w)\w\]", r"\1", text.replace(r"\d\.\d+", ""))
    text = re.sub(r"\((\w+)\|[^)]*\)", r"\1", text).split("|", maxsplit=1)[0]
    return re.sub(r"[\\^$]", "", text).strip(" /;(")
