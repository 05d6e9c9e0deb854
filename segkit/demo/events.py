"""Draw the events of the log, day by day, in the order of time.

Everything is drawn in whole arrays of one day, so that memory stays bounded whatever the size of
the shop.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from segkit.demo.catalogue import SEARCH_TERMS, group_spans, price_cents
from segkit.demo.kinds import KINDS
from segkit.demo.pages import GROUP, Rows, draw_rows
from segkit.demo.plan import NEVER, ZONE, Bools, Ints, Plan
from segkit.demo.visits import Diary, Visits, draw_visits
from segkit.periods import day_end, day_start

EVENT_NAMES = (
    "page_view",
    "view_item",
    "search",
    "add_to_cart",
    "remove_from_cart",
    "begin_checkout",
    "purchase",
    "sign_up",
    "newsletter_subscribe",
    "support_ticket",
    "identify",
)
CODE = {name: code for code, name in enumerate(EVENT_NAMES)}
TIERS = ("basic", "silver", "gold")
TIER_ORDERS = (3, 8)
_CHANCE = {
    "add_to_cart": 0.04,
    "remove_from_cart": 0.12,
    "support_ticket": 0.05,
    "newsletter_subscribe": 0.008,
}

Found = tuple[Ints, str, npt.NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Events in the order of time, one place an event in every array.

    `page`, `previous` (−1 on a landing page) and `item` are places in the catalogue's lists,
    `source` is −1 except on a landing page, `cents` the amount of a purchase, `is_known` whether
    the device knew its user. `item` of an `identify` is the tier, of a `search` the term.
    """

    user: Ints
    slot: Ints
    time: npt.NDArray[np.int64]
    event: Ints
    page: Ints
    previous: Ints
    source: Ints
    item: Ints
    cents: Ints
    is_known: Bools

    def __len__(self) -> int:
        return len(self.user)

    def take(self, places: Ints | Bools | slice) -> "Batch":
        """Give the events at some places."""
        return Batch(**{f.name: getattr(self, f.name)[places] for f in fields(self)})

    @classmethod
    def join(cls, parts: list["Batch"]) -> "Batch":
        """Give several batches as one."""
        columns = [f.name for f in fields(cls)]
        return cls(**{c: np.concatenate([getattr(p, c) for p in parts]) for c in columns})


def stream_days(plan: Plan, diary: Diary, *, seed: int) -> Iterator[Batch]:
    """Give the log one local day after the other; what runs past midnight comes with the next day.

    The diary is filled in on the way and is complete after the last day.
    """
    carried: Batch | None = None
    for day in range(plan.days):
        rng = np.random.default_rng([seed, 2, day])
        batch = _draw_day(plan, diary, day, rng)
        if carried is not None and len(carried):
            batch = Batch.join([carried, batch])
        batch = batch.take(np.argsort(batch.time, kind="stable"))
        cut = int(np.searchsorted(batch.time, end_us(plan, day)))
        carried = batch.take(slice(cut, None))
        yield batch.take(slice(0, cut))


def start_us(plan: Plan, day: int = 0) -> int:
    """Give the instant (UTC µs) at which a day (from 0) of the log begins."""
    return int(day_start(plan.first + timedelta(days=day), ZONE).timestamp()) * 1_000_000


def end_us(plan: Plan, day: int) -> int:
    """Give the instant (UTC µs) at which a day (from 0) of the log ends."""
    return int(day_end(plan.first + timedelta(days=day), ZONE).timestamp()) * 1_000_000


def _draw_day(plan: Plan, diary: Diary, day: int, rng: np.random.Generator) -> Batch:
    visits = draw_visits(plan, diary, day=day, rng=rng)
    rows = draw_rows(plan, visits, rng)
    found = [
        (np.arange(len(rows)), "page_view", rows.at),
        *_browse(rows, rng),
        *_shop(visits, rows, rng),
        *_log_in(visits, rows, diary),
    ]
    batch = _to_batch(visits, rows, found, rng)
    batch = replace(batch, is_known=batch.time >= diary.known_from[batch.user, batch.slot])
    return _raise_tiers(batch, diary)


def _browse(rows: Rows, rng: np.random.Generator) -> list[Found]:
    """Give what people do on pages beside looking."""
    chance = rng.random(len(rows), dtype=np.float32)
    human = rows.is_human

    def on(mask: Bools, name: str, after_ms: int) -> Found:
        places = np.flatnonzero(mask & human)
        return places, name, rows.at[places] + after_ms * 1000

    greets = (rows.group == GROUP["home"]) | (rows.group == GROUP["blog"])
    return [
        on(rows.group == GROUP["product"], "view_item", 300),
        on(rows.group == GROUP["search"], "search", 200),
        on(
            (rows.group == GROUP["product"]) & (chance < _CHANCE["add_to_cart"]),
            "add_to_cart",
            2600,
        ),
        on(
            (rows.group == GROUP["cart"]) & (chance < _CHANCE["remove_from_cart"]),
            "remove_from_cart",
            2000,
        ),
        on(
            (rows.group == GROUP["help"]) & (chance < _CHANCE["support_ticket"]),
            "support_ticket",
            3000,
        ),
        on(greets & (chance < _CHANCE["newsletter_subscribe"]), "newsletter_subscribe", 2800),
    ]


def _shop(visits: Visits, rows: Rows, rng: np.random.Generator) -> list[Found]:
    """Give what leads to an order: a full cart before the first cart page, checkout, purchase."""
    at_till = (rows.group == GROUP["cart"]) | (rows.group == GROUP["checkout"])
    till = _first_a_visit(rows, at_till & rows.is_human)
    comes_from = np.where(till > rows.first[till], till - 1, till)
    carts = np.where(till > rows.first[till], rows.at[till] - 500_000, rows.at[till] + 700_000)
    checkout = _first_a_visit(rows, rows.group == GROUP["checkout"])
    last = np.unique(rows.last[visits.buys[rows.visit]]) if len(rows) else rows.last
    paid = rows.at[last] + (20_000 + rng.integers(0, 70_000, len(last))) * 1000
    return [
        (comes_from, "add_to_cart", carts),
        (checkout, "begin_checkout", rows.at[checkout] + 1_200_000),
        (last, "purchase", paid),
    ]


def _log_in(visits: Visits, rows: Rows, diary: Diary) -> list[Found]:
    """Identify on the second page of a visit (or its only one), and note it in the diary."""
    if not len(rows):
        return []
    first = np.flatnonzero(np.arange(len(rows)) == rows.first)
    place = np.minimum(first + 1, rows.last[first])
    enters = visits.logs_in[rows.visit[place]]
    place = place[enters]
    at = rows.at[place] + 2_500_000
    visit = rows.visit[place]
    diary.known_from[visits.user[visit], visits.slot[visit]] = at
    is_new = visits.registers[visit]
    diary.registered_at[visits.user[visit[is_new]]] = at[is_new]
    return [(place, "identify", at), (place[is_new], "sign_up", at[is_new] + 100_000)]


def _first_a_visit(rows: Rows, mask: Bools) -> Ints:
    places = np.flatnonzero(mask)
    visit = rows.visit[places]
    return places[np.r_[True, visit[1:] != visit[:-1]]] if len(places) else places


def _to_batch(visits: Visits, rows: Rows, found: list[Found], rng: np.random.Generator) -> Batch:
    row = np.concatenate([places for places, _, _ in found])
    event = np.repeat(
        np.array([CODE[name] for _, name, _ in found], dtype=np.int8),
        [len(places) for places, _, _ in found],
    )
    visit = rows.visit[row]
    lands = rows.first[row] == row
    return Batch(
        user=visits.user[visit],
        slot=visits.slot[visit],
        time=np.concatenate([at for _, _, at in found]),
        event=event,
        page=rows.page[row],
        previous=np.where(lands, -1, rows.page[row - 1]).astype(np.int16),
        source=np.where(lands, visits.source[visit], -1).astype(np.int8),
        item=_items(rows, row, event),
        cents=_amounts(rows, row, event, rng),
        is_known=np.zeros(len(row), dtype=bool),
    )


def _items(rows: Rows, row: Ints, event: Ints) -> Ints:
    item = rows.item[row]
    searches = event == CODE["search"]
    starts, _ = group_spans()
    item[searches] = (rows.page[row[searches]] - starts[GROUP["search"]]) % len(SEARCH_TERMS)
    return item


def _amounts(rows: Rows, row: Ints, event: Ints, rng: np.random.Generator) -> Ints:
    """Give the amount of purchases: list price × pieces − discount, in 5 cents; else 0."""
    cents = np.zeros(len(row), dtype=np.int32)
    buys = np.flatnonzero(event == CODE["purchase"])
    kind = rows.kind[row[buys]]
    pieces = 1 + rng.poisson(np.array([k.quantity - 1 for k in KINDS]).clip(0)[kind])
    price = price_cents()[rows.item[row[buys]]] * pieces
    cents[buys] = np.round(price * (1 - np.array([k.discount for k in KINDS])[kind]) / 5) * 5
    return cents


def _raise_tiers(batch: Batch, diary: Diary) -> Batch:
    """Count orders; tell the new tier after the 3rd and 8th order of a known user."""
    logins = np.flatnonzero(batch.event == CODE["identify"])
    batch.item[logins] = np.searchsorted(
        TIER_ORDERS, diary.n_orders[batch.user[logins]], side="right"
    )
    bought = np.flatnonzero(batch.event == CODE["purchase"])
    bought = bought[np.lexsort((batch.time[bought], batch.user[bought]))]
    user = batch.user[bought]
    number = diary.n_orders[user] + _rank(user) + 1
    np.add.at(diary.n_orders, user, 1)
    rises = np.isin(number, TIER_ORDERS) & batch.is_known[bought]
    told = batch.take(bought[rises])
    tier = np.searchsorted(TIER_ORDERS, number[rises], side="right").astype(np.int16)
    told = replace(
        told,
        time=told.time + 400_000,
        event=np.full(len(told), CODE["identify"], dtype=np.int8),
        item=tier,
        cents=np.zeros(len(told), dtype=np.int32),
    )
    return Batch.join([batch, told])


def _rank(user: Ints) -> Ints:
    at = np.arange(len(user))
    begins = np.r_[True, user[1:] != user[:-1]][: len(user)]
    return at - np.maximum.accumulate(np.where(begins, at, 0))


def is_known_at_end(diary: Diary) -> Bools:
    """Say who has identified on some device by the end of the log."""
    return np.asarray((diary.known_from != NEVER).any(axis=1))
