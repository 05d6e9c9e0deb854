"""Say which kinds of people come to the demo shop and how each of them behaves.

The kinds differ mainly by what they look at (page mix), so that a clustering of page shares can
find them again; source, device, hour, weekday, volume and value differ too, as they do between real
customers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

GROUPS = (
    "home",
    "category",
    "product",
    "search",
    "sale",
    "blog",
    "help",
    "cart",
    "checkout",
    "account",
)
"""Page groups: the first part of a path."""
STAGES = {
    "home": 0.0,
    "blog": 1.0,
    "search": 1.2,
    "category": 1.4,
    "sale": 1.5,
    "help": 1.8,
    "account": 1.6,
    "product": 2.2,
    "cart": 4.0,
    "checkout": 5.5,
}
WORK_WEEK = (1.15, 1.15, 1.1, 1.1, 0.95, 0.7, 0.85)
WEEKEND = (0.8, 0.8, 0.85, 0.9, 1.1, 1.35, 1.2)
EVERY_DAY = (1.0,) * 7


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of person.

    `share` of all people · `visits` a person expected in 30 days of its life · `pages` a visit ·
    `dwell_s` mean seconds a page · `mix` weights of page groups · `peaks` (local hour, weight) of
    the day's hills · `weekdays` factors Monday to Sunday · `mobile` share whose first device is a
    phone · `second` share with a second device · `buys` chance of an order a visit · `quantity`
    mean pieces an order · `discount` off the list price · `known` share with an account in the end
    · `member` share of these who had it before the first day · `sources` weights · `life` whole,
    brief or fading · `age` mean, `female` share · `plans` weights of free, plus, family ·
    `newsletter` share that grants e-mail · `shelf` first product of its taste.
    """

    name: str
    share: float
    visits: float
    pages: float
    dwell_s: float
    mix: Mapping[str, float]
    peaks: tuple[tuple[float, float], ...]
    weekdays: tuple[float, ...]
    mobile: float
    second: float
    buys: float
    quantity: float = 1.3
    discount: float = 0.0
    known: float
    member: float
    sources: Mapping[str, float]
    life: str = "whole"
    age: float
    female: float = 0.5
    plans: tuple[float, float, float] = (0.8, 0.15, 0.05)
    newsletter: float = 0.5
    shelf: int = 0
    is_bot: bool = False
    says: str = field(default="")

    @cached_property
    def hours(self) -> npt.NDArray[np.float64]:
        """Give the shares of the 24 local hours: hills 2.2 hours wide over a low plain."""
        clock = np.arange(24) + 0.5
        total = np.full(24, 0.004)
        for hour, weight in self.peaks:
            gap = np.abs(clock - hour)
            total += weight * np.exp(-0.5 * (np.minimum(gap, 24 - gap) / 2.2) ** 2) / 5.5
        return np.asarray(total / total.sum())


KINDS = (
    Kind(
        name="bargain_hunter",
        says="Comes in the evening by newsletter and affiliates for the sale; buys cheap.",
        share=0.18,
        visits=2.7,
        pages=6.6,
        dwell_s=32,
        mix={"sale": 60, "product": 15, "cart": 6, "category": 6, "home": 5, "search": 3}
        | {"checkout": 2, "account": 1, "help": 1, "blog": 1},
        peaks=((20.5, 1.0), (12.5, 0.35)),
        weekdays=EVERY_DAY,
        mobile=0.55,
        second=0.3,
        buys=0.11,
        quantity=1.9,
        discount=0.35,
        known=0.75,
        member=0.6,
        sources={"newsletter": 34, "affiliate": 24, "direct": 14, "google": 12, "shopping": 12}
        | {"facebook": 4},
        age=41,
        female=0.58,
        plans=(0.88, 0.1, 0.02),
        newsletter=0.86,
        shelf=40,
    ),
    Kind(
        name="researcher",
        says="Reads blog and help pages at a desk in office hours, found by search; buys seldom.",
        share=0.16,
        visits=2.3,
        pages=7.2,
        dwell_s=75,
        mix={"blog": 50, "help": 20, "product": 14, "search": 6, "category": 4, "home": 3}
        | {"account": 1, "cart": 1, "sale": 1, "checkout": 0.3},
        peaks=((10.5, 1.0), (15.0, 0.8)),
        weekdays=WORK_WEEK,
        mobile=0.12,
        second=0.2,
        buys=0.02,
        quantity=1.1,
        known=0.4,
        member=0.4,
        sources={"google": 58, "bing": 12, "review_site": 12, "assistant": 8, "direct": 10},
        age=38,
        female=0.42,
        newsletter=0.35,
        shelf=80,
    ),
    Kind(
        name="weekly_habit",
        says="Comes on its own weekday in the morning, straight to home and orders; buys much.",
        share=0.14,
        visits=4.2,
        pages=5.6,
        dwell_s=30,
        mix={"home": 38, "account": 34, "product": 12, "cart": 6, "category": 4, "checkout": 3}
        | {"search": 2, "help": 1, "sale": 1, "blog": 0.5},
        peaks=((8.0, 1.0), (18.5, 0.3)),
        weekdays=EVERY_DAY,
        mobile=0.45,
        second=0.45,
        buys=0.24,
        quantity=2.6,
        known=0.97,
        member=0.9,
        sources={"direct": 72, "newsletter": 14, "brand": 8, "google": 6},
        age=47,
        female=0.56,
        plans=(0.3, 0.5, 0.2),
        newsletter=0.8,
        shelf=120,
    ),
    Kind(
        name="one_time_buyer",
        says="Arrives by an advertisement, buys exactly once and is gone within days.",
        share=0.2,
        visits=12.0,
        pages=5.6,
        dwell_s=38,
        mix={"product": 24, "cart": 34, "checkout": 28, "help": 4, "home": 4, "category": 3}
        | {"search": 2, "account": 0.5, "sale": 0.5, "blog": 0.3},
        peaks=((13.0, 0.8), (19.5, 1.0)),
        weekdays=WEEKEND,
        mobile=0.5,
        second=0.06,
        buys=0.0,
        quantity=1.4,
        known=0.55,
        member=0.0,
        sources={"shopping": 42, "paid_search": 24, "paid_social": 18, "google": 10, "direct": 6},
        life="brief",
        age=36,
        newsletter=0.25,
        shelf=0,
    ),
    Kind(
        name="window_shopper",
        says="Leafs through categories on a phone, late and at weekends, from social media.",
        share=0.21,
        visits=2.4,
        pages=6.4,
        dwell_s=18,
        mix={"category": 60, "product": 22, "home": 9, "sale": 3, "search": 3, "cart": 1}
        | {"blog": 1, "account": 0.5, "help": 0.5, "checkout": 0.1},
        peaks=((21.8, 1.0), (13.0, 0.25)),
        weekdays=WEEKEND,
        mobile=0.96,
        second=0.05,
        buys=0.004,
        known=0.2,
        member=0.3,
        sources={"instagram": 46, "paid_social": 22, "facebook": 14, "pinterest": 10, "direct": 8},
        age=26,
        female=0.66,
        plans=(0.95, 0.05, 0.0),
        newsletter=0.3,
        shelf=160,
    ),
    Kind(
        name="lapsing_loyal",
        says="A member of old who searches; came often at first, ever less, at last not at all.",
        share=0.11,
        visits=4.8,
        pages=5.4,
        dwell_s=34,
        mix={"search": 54, "product": 20, "account": 9, "category": 4, "home": 5, "cart": 4}
        | {"checkout": 2, "help": 2, "sale": 1, "blog": 0.5},
        peaks=((17.5, 1.0), (11.0, 0.4)),
        weekdays=WORK_WEEK,
        mobile=0.3,
        second=0.3,
        buys=0.2,
        quantity=1.8,
        known=0.96,
        member=0.97,
        sources={"direct": 44, "brand": 26, "google": 20, "newsletter": 10},
        life="fading",
        age=54,
        female=0.47,
        plans=(0.4, 0.45, 0.15),
        newsletter=0.6,
        shelf=200,
    ),
    Kind(
        name="bot",
        says="A declared crawler: no account, no campaign, dozens of pages in a row, at any hour.",
        share=0.0,
        visits=5.0,
        pages=60.0,
        dwell_s=1.5,
        mix={"product": 60, "category": 20, "blog": 12, "help": 8},
        peaks=(),
        weekdays=EVERY_DAY,
        mobile=0.0,
        second=0.0,
        buys=0.0,
        known=0.0,
        member=0.0,
        sources={"direct": 1},
        age=0,
        is_bot=True,
    ),
)
KIND_NAMES = tuple(kind.name for kind in KINDS)
N_HUMAN = len(KINDS) - 1
BARGAIN, RESEARCHER, WEEKLY, ONE_TIME, WINDOW, LAPSING, BOT = range(len(KINDS))


def mix_table() -> npt.NDArray[np.float64]:
    """Give the page mix: one row a kind, one column a page group, rows sum to 1."""
    rows = np.array([[kind.mix.get(group, 0.0) for group in GROUPS] for kind in KINDS])
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))
