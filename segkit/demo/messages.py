"""Turn events into the lines that a Segment-spec collector writes: page, track, identify."""

import json
from urllib.parse import quote_plus

import numpy as np

from segkit.demo.catalogue import (
    CRAWLERS,
    CURRENCY,
    DEVICES,
    N_PRODUCTS,
    PLACES,
    SEARCH_TERMS,
    SOURCES,
    Page,
    Source,
    pack,
    page_url,
    pages,
    price_cents,
    product_category,
    product_name,
)
from segkit.demo.events import CODE, EVENT_NAMES, TIERS, Batch
from segkit.demo.kinds import BARGAIN
from segkit.demo.people import People
from segkit.demo.plan import Ints, Plan, offsets_of

_SCRAMBLE = np.uint64(0x9E3779B97F4A7C15)
_N_PAGES = len(pages())


class MessageWriter:
    """Writes the messages of one shop; texts that repeat are made once."""

    def __init__(self, plan: Plan, people: People) -> None:
        self._plan = plan
        self._people = people
        self._n_messages = 0
        self._n_orders = 0
        self._heads = [_head(name) for name in EVENT_NAMES]
        self._members = ["null", *map(pack, people.member_ids)]
        self._machines = _machine_texts(plan)
        self._tails, self._tail_starts = _tails()
        self._contexts: dict[int, str] = {}

    def lines(self, batch: Batch) -> list[str]:
        """Give one line (with its line end) an event, in the batch's order."""
        n = len(batch)
        device_ids, user = self._people.device_ids, batch.user.tolist()
        slots = batch.slot.tolist()
        members = np.where(batch.is_known, batch.user + 1, 0).tolist()
        times, zones = self._times(batch)
        parts = zip(
            map(self._heads.__getitem__, batch.event.tolist()),
            self._message_ids(n),
            [device_ids[s][u] for s, u in zip(slots, user, strict=True)],
            map(self._members.__getitem__, members),
            times,
            zones,
            self._context_texts(batch),
            [self._machines[s][u] for s, u in zip(slots, user, strict=True)],
            self._tail_texts(batch),
            strict=True,
        )
        return [
            f'{{{head},"messageId":"{message}","anonymousId":"{device}","userId":{member},'
            f'"timestamp":"{time}{zone}","context":{{{context},{machine}}},{tail}}}\n'
            for head, message, device, member, time, zone, context, machine, tail in parts
        ]

    def _message_ids(self, n: int) -> list[str]:
        numbers = np.arange(self._n_messages + 1, self._n_messages + n + 1, dtype=np.uint64)
        self._n_messages += n
        return [f"{number:016x}" for number in (numbers * _SCRAMBLE).tolist()]

    def _times(self, batch: Batch) -> tuple[list[str], list[str]]:
        """Give times to the millisecond: UTC with Z, or local with an offset on some devices."""
        starts, offsets = offsets_of(self._plan)
        is_local = self._plan.local_clock[batch.user]
        place = np.searchsorted(starts, batch.time, side="right") - 1
        offset = np.where(is_local, offsets[place], 0)
        text = np.datetime_as_string((batch.time + offset).view("datetime64[us]"), unit="ms")
        names = np.array(["Z", *(f"+{us // 3_600_000_000:02}:00" for us in offsets.tolist())])
        return text.tolist(), names[np.where(is_local, place + 1, 0)].tolist()

    def _context_texts(self, batch: Batch) -> list[str]:
        """Give the page (and the campaign, on a landing page) of every event."""
        came_from = np.where(
            batch.previous >= 0, batch.previous, _N_PAGES + batch.source.astype(np.int64)
        )
        keys = (batch.page.astype(np.int64) * 1024 + came_from).tolist()
        known = self._contexts
        for key in set(keys) - known.keys():
            known[key] = _context(key // 1024, key % 1024)
        return [known[key] for key in keys]

    def _tail_texts(self, batch: Batch) -> list[str]:
        """Give the properties (or traits) of every event."""
        place = self._tail_starts[batch.event].astype(np.int64)
        is_page = batch.event == CODE["page_view"]
        place += np.where(is_page, batch.page, batch.item * self._takes_item()[batch.event])
        tails = [self._tails[i] for i in place.tolist()]
        for i in np.flatnonzero(batch.event == CODE["purchase"]).tolist():
            tails[i] = self._purchase(batch, i)
        for i in np.flatnonzero(batch.event == CODE["identify"]).tolist():
            email = pack(self._people.emails[int(batch.user[i])])
            tails[i] = f'"traits":{{"email":{email},"tier":"{TIERS[int(batch.item[i])]}"}}'
        return tails

    @staticmethod
    def _takes_item() -> Ints:
        by_item = ("view_item", "search", "add_to_cart", "remove_from_cart", "begin_checkout")
        return np.array([name in by_item for name in EVENT_NAMES], dtype=np.int64)

    def _purchase(self, batch: Batch, place: int) -> str:
        self._n_orders += 1
        item, value = int(batch.item[place]), int(batch.cents[place]) / 100
        properties: dict[str, str | float] = {
            "order_id": f"o-{self._n_orders:07}",
            "product_id": f"p-{1000 + item}",
            "category": product_category(item),
            "value": value,
            "revenue": value,
            "currency": CURRENCY,
        }
        if self._plan.kind[batch.user[place]] == BARGAIN:
            properties["coupon"] = "DEAL"
        return _properties(properties)


def spoil(line: str, how: str, *, number: int) -> str:
    """Give a line that a loader must refuse: `broken` JSON, `no_time`, or `no_id` of any person.

    It bears a message id of its own, so that it is nobody's repetition.
    """
    message = json.loads(line)
    message["messageId"] = f"spoilt-{number:06}"
    if how == "no_time":
        del message["timestamp"]
    if how == "no_id":
        message["anonymousId"] = message["userId"] = None
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return (text[: len(text) * 2 // 3] if how == "broken" else text) + "\n"


def _head(name: str) -> str:
    if name == "page_view":
        return '"type":"page"'
    return '"type":"identify"' if name == "identify" else f'"type":"track","event":"{name}"'


def _machine_texts(plan: Plan) -> list[list[str]]:
    """Give the context of both devices of everyone: agent, screen, language, zone, place."""
    devices = [
        f'"userAgent":{pack(d.agent)},"screen":{{"width":{d.width},"height":{d.height}}}'
        for d in DEVICES + CRAWLERS
    ]
    places = [
        f'"locale":"{p.locale}","timezone":"{p.timezone}","location":{{"country":"{p.country}",'
        f'"region":{pack(p.region)},"city":{pack(p.city)}}}'
        for p in PLACES
    ]
    where = [places[i] for i in plan.place.tolist()]
    return [
        [f"{devices[d]},{place}" for d, place in zip(column, where, strict=True)]
        for column in plan.device.T.tolist()
    ]


def _context(page_place: int, came_from: int) -> str:
    page = pages()[page_place]
    if came_from < _N_PAGES:
        return _page_text(page, page_url(page), page_url(pages()[came_from]))
    source = SOURCES[came_from - _N_PAGES]
    text = _page_text(page, _tagged_url(page, source), source.referrer)
    return f'{text},"campaign":{pack(source.utm)}' if source.utm else text


def _page_text(page: Page, url: str, referrer: str) -> str:
    fields = {"path": page.path, "title": page.title, "url": url, "referrer": referrer}
    return f'"page":{pack(fields)}'


def _tagged_url(page: Page, source: Source) -> str:
    names = {"name": "campaign"}
    tags = [f"utm_{names.get(k, k)}={quote_plus(v)}" for k, v in source.utm.items()]
    url = page_url(page)
    return url + ("&" if "?" in url else "?") + "&".join(tags) if tags else url


def _properties(values: dict[str, str | float]) -> str:
    return f'"properties":{pack(values)}'


def _page_properties(page: Page) -> dict[str, str | float]:
    extra = {"category": page.category} if page.category else {}
    if page.product >= 0:
        extra["product_id"] = f"p-{1000 + page.product}"
    return {"page_group": page.group, **extra}


def _tails() -> tuple[list[str], Ints]:
    """Give the texts of all properties that repeat, and where each event's begin in their list."""
    items = [
        _properties(
            {
                "product_id": f"p-{1000 + i}",
                "name": product_name(i),
                "category": product_category(i),
                "price": int(price_cents()[i]) / 100,
            }
        )
        for i in range(N_PRODUCTS)
    ]
    blocks: dict[str, list[str]] = {
        "page_view": [_properties(_page_properties(page)) for page in pages()],
        "search": [_properties({"search_term": term}) for term in SEARCH_TERMS],
        "sign_up": [_properties({"method": "email"})],
        "newsletter_subscribe": [_properties({"list": "weekly_news"})],
        "support_ticket": [_properties({"topic": "order", "channel": "form"})],
    }
    texts: list[str] = list(items)
    starts = np.zeros(len(EVENT_NAMES), dtype=np.int64)
    for name, block in blocks.items():
        starts[CODE[name]] = len(texts)
        texts += block
    return texts, starts
