"""Hold what the demo shop consists of: products, pages, sources of visits, devices and places."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote_plus

import numpy as np
import numpy.typing as npt

from segkit.demo.kinds import GROUPS, KINDS

SITE = "https://www.lindenhof.example"
CURRENCY = "EUR"
N_PRODUCTS = 240
CATEGORIES = ("kitchen", "garden", "lighting", "textiles", "storage", "decor", "office", "kids")
_NOUNS = {
    "kitchen": ("Pan", "Kettle", "Bread box", "Grater", "Teapot"),
    "garden": ("Planter", "Trowel", "Lantern", "Watering can", "Bird house"),
    "lighting": ("Floor lamp", "Desk lamp", "Pendant", "Wall light", "Night light"),
    "textiles": ("Blanket", "Cushion", "Curtain", "Tea towel", "Rug"),
    "storage": ("Basket", "Shelf", "Crate", "Coat rack", "Drawer box"),
    "decor": ("Vase", "Mirror", "Candle holder", "Picture frame", "Clock"),
    "office": ("Notebook", "Desk tray", "Pen cup", "Chair mat", "Bookend"),
    "kids": ("Play tent", "Stool", "Building set", "Night owl", "Growth chart"),
}
_LOOKS = ("Ash", "Linen", "Copper", "Birch", "Slate", "Moss")
SEARCH_TERMS = (
    "lamp",
    "gift",
    "blanket",
    "wool rug",
    "kettle",
    "garden lantern",
    "shelf",
    "größe l",
    "crib",
    "desk lamp",
)
_BLOG = (
    "choosing-a-pan",
    "warm-or-cold-light",
    "small-balcony",
    "wool-care",
    "desk-at-home",
    "oak-or-ash",
    "quiet-bedroom",
    "storage-ideas",
    "copper-care",
    "led-explained",
    "linen-guide",
    "first-garden",
)
_HELP = ("delivery", "returns", "payment", "warranty", "contact")


@dataclass(frozen=True)
class Page:
    """One page of the site: its path, title, group, category and product (−1 where it is none)."""

    path: str
    title: str
    group: str
    category: str = ""
    product: int = -1


@dataclass(frozen=True)
class Source:
    """Where visits come from: the link's UTM values and the referrer, empty where none."""

    name: str
    utm: dict[str, str]
    referrer: str = ""


@dataclass(frozen=True)
class Device:
    """One browser on one machine: the text by which it names itself, its kind and its screen."""

    kind: str
    agent: str
    width: int
    height: int


@dataclass(frozen=True)
class Place:
    """One city people come from, with its share of them."""

    country: str
    region: str
    city: str
    locale: str
    timezone: str
    weight: float


def product_category(product: int) -> str:
    """Give the category of a product; products take turns through the categories."""
    return CATEGORIES[product % len(CATEGORIES)]


def product_name(product: int) -> str:
    """Give the name of a product.

    >>> product_name(0)
    'Ash pan 1'
    """
    nouns = _NOUNS[product_category(product)]
    noun = nouns[product // len(CATEGORIES) % len(nouns)]
    return f"{_LOOKS[product % len(_LOOKS)]} {noun.lower()} {product + 1}"


@cache
def price_cents() -> npt.NDArray[np.int64]:
    """Give the list price of every product in cents, from about 8 to about 190 EUR."""
    turn = (np.arange(N_PRODUCTS) * 89) % N_PRODUCTS / N_PRODUCTS
    return (np.round(8 * 24.0**turn) * 100 - 5).astype(np.int64)


@cache
def pages() -> tuple[Page, ...]:
    """Give every page of the site, group after group in the order of `GROUPS`."""
    found = {
        "home": [Page("/", "Lindenhof – things for home", "home")],
        "category": [Page(f"/category/{c}", f"{c.title()}", "category", c) for c in CATEGORIES],
        "product": [
            Page(f"/product/p-{1000 + i}", product_name(i), "product", product_category(i), i)
            for i in range(N_PRODUCTS)
        ],
        "search": [Page("/search", f"Search: {term}", "search") for term in SEARCH_TERMS],
        "sale": [Page("/sale", "Sale", "sale")]
        + [Page(f"/sale/{c}", f"Sale: {c}", "sale", c) for c in CATEGORIES],
        "blog": [Page("/blog", "Journal", "blog")]
        + [Page(f"/blog/{slug}", slug.replace("-", " ").capitalize(), "blog") for slug in _BLOG],
        "help": [Page("/help", "Help", "help")]
        + [Page(f"/help/{topic}", f"Help: {topic}", "help") for topic in _HELP],
        "cart": [Page("/cart", "Your cart", "cart")],
        "checkout": [Page("/checkout", "Checkout", "checkout")],
        "account": [
            Page("/account/orders", "Your orders", "account"),
            Page("/account", "Your account", "account"),
            Page("/account/wishlist", "Your wish list", "account"),
        ],
    }
    return tuple(page for group in GROUPS for page in found[group])


@cache
def group_spans() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give for every page group the place of its first page and its number of pages."""
    group_of = [page.group for page in pages()]
    return (
        np.array([group_of.index(group) for group in GROUPS]),
        np.array([group_of.count(group) for group in GROUPS]),
    )


def page_url(page: Page) -> str:
    """Give the address of a page; a search carries its term."""
    if page.group != "search":
        return SITE + page.path
    return f"{SITE}{page.path}?q={quote_plus(page.title.removeprefix('Search: '))}"


CAMPAIGN = "spring_sale"
SOURCES = (
    Source("direct", {}),
    Source("google", {}, "https://www.google.de/"),
    Source("bing", {}, "https://www.bing.com/"),
    Source(
        "brand",
        {"source": "google", "medium": "cpc", "name": "brand", "term": "lindenhof"},
        "https://www.google.de/",
    ),
    Source(
        "paid_search",
        {"source": "google", "medium": "cpc", "name": "generic_home", "term": "home decor"},
        "https://www.google.de/",
    ),
    Source(
        "shopping",
        {"source": "google", "medium": "cpc", "name": "shopping_feed", "content": "product_tile"},
        "https://www.google.de/",
    ),
    Source("newsletter", {"source": "newsletter", "medium": "email", "name": "weekly_news"}),
    Source(
        "affiliate",
        {"source": "dealradar", "medium": "affiliate", "name": "deals"},
        "https://www.dealradar.example/",
    ),
    Source("instagram", {}, "https://l.instagram.com/"),
    Source("facebook", {}, "https://m.facebook.com/"),
    Source("pinterest", {}, "https://www.pinterest.de/"),
    Source(
        "paid_social",
        {"source": "instagram", "medium": "paid_social", "name": "always_on", "content": "reel_3"},
        "https://l.instagram.com/",
    ),
    Source("review_site", {}, "https://www.haustest.example/lampen"),
    Source("assistant", {}, "https://chatgpt.com/"),
    Source(
        "campaign",
        {"source": "newsletter", "medium": "email", "name": CAMPAIGN, "content": "hero"},
    ),
)
SOURCE_NAMES = tuple(source.name for source in SOURCES)
CAMPAIGN_SOURCE = SOURCE_NAMES.index("campaign")

_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
DEVICES = (
    Device(
        "pc",
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME}/145.0.0.0 Safari/537.36",
        1920,
        1080,
    ),
    Device(
        "pc",
        f"{_WINDOWS}) {_CHROME}/144.0.0.0 Safari/537.36 Edg/144.0.0.0",
        1536,
        864,
    ),
    Device(
        "pc",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:147.0) Gecko/20100101 Firefox/147.0",
        2560,
        1440,
    ),
    Device(
        "pc",
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_APPLE} Version/26.2 Safari/605.1.15",
        1440,
        900,
    ),
    Device("pc", f"Mozilla/5.0 (X11; Linux x86_64) {_CHROME}/145.0.0.0 Safari/537.36", 1920, 1200),
    Device(
        "mobile",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) "
        f"{_APPLE} Version/26.2 Mobile/15E148 Safari/604.1",
        393,
        852,
    ),
    Device(
        "mobile",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) "
        f"{_APPLE} Version/17.7 Mobile/15E148 Safari/604.1",
        390,
        844,
    ),
    Device(
        "mobile",
        f"Mozilla/5.0 (Linux; Android 15; SM-S931B) {_CHROME}/145.0.0.0 Mobile Safari/537.36",
        412,
        915,
    ),
    Device(
        "mobile",
        f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {_CHROME}/144.0.0.0 Mobile Safari/537.36",
        412,
        915,
    ),
    Device(
        "mobile", "Mozilla/5.0 (Android 14; Mobile; rv:147.0) Gecko/147.0 Firefox/147.0", 360, 800
    ),
    Device(
        "tablet",
        "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) "
        f"{_APPLE} Version/18.6 Mobile/15E148 Safari/604.1",
        820,
        1180,
    ),
    Device(
        "tablet",
        f"Mozilla/5.0 (Linux; Android 14; SM-X710) {_CHROME}/144.0.0.0 Safari/537.36",
        800,
        1280,
    ),
)
CRAWLERS = (
    Device(
        "", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 1024, 1024
    ),
    Device(
        "", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", 1024, 768
    ),
    Device("", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", 1024, 768),
    Device("", "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", 1024, 768),
)
PLACES = (
    Place("DE", "Berlin", "Berlin", "de-DE", "Europe/Berlin", 18),
    Place("DE", "Hamburg", "Hamburg", "de-DE", "Europe/Berlin", 11),
    Place("DE", "Bayern", "München", "de-DE", "Europe/Berlin", 13),
    Place("DE", "Nordrhein-Westfalen", "Köln", "de-DE", "Europe/Berlin", 12),
    Place("DE", "Sachsen", "Leipzig", "de-DE", "Europe/Berlin", 7),
    Place("AT", "Wien", "Wien", "de-AT", "Europe/Vienna", 10),
    Place("AT", "Steiermark", "Graz", "de-AT", "Europe/Vienna", 3),
    Place("CH", "Zürich", "Zürich", "de-CH", "Europe/Zurich", 9),
    Place("NL", "Noord-Holland", "Amsterdam", "nl-NL", "Europe/Amsterdam", 6),
    Place("FR", "Île-de-France", "Paris", "fr-FR", "Europe/Paris", 5),
    Place("GB", "England", "London", "en-GB", "Europe/London", 4),
    Place("NO", "Oslo", "Oslo", "nb-NO", "Europe/Oslo", 2),
)


def source_table() -> npt.NDArray[np.float64]:
    """Give the weights of sources: one row a kind, one column a source, rows sum to 1."""
    rows = np.array([[kind.sources.get(name, 0.0) for name in SOURCE_NAMES] for kind in KINDS])
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def pack(value: str | Mapping[str, str | float]) -> str:
    """Give a text or a flat object as JSON without spaces, umlauts left as they are.

    >>> pack({"city": "Köln", "price": 9.5})
    '{"city":"Köln","price":9.5}'
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
