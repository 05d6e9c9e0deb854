"""Draw another world: a town library's site, walked page by page, week after week.

Written after the method stood still, to another logic than `archetypes.py`: nobody has shares of
pages. A user follows links from page to page; a taste of one's own bends the links; what was read
before is read again (so later weeks depend on earlier ones); how busy a week is depends on the
week before. Page groups are not given, but made of the paths by segkit
itself; the busiest has ten times the views of the rarest.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from segkit.patterns.features import Block, Features, FloatArray, IntArray
from segkit.patterns.page_groups import PageGroups, find_page_groups
from tests.patterns.archetypes import VOLUME, Drawn

SECTIONS = {
    "home": ("/", 1),
    "search": ("/search", 1),
    "novels": ("/catalogue/novels/{}", 400),
    "nonfiction": ("/catalogue/non-fiction/{}", 300),
    "music": ("/catalogue/music/{}", 80),
    "children": ("/catalogue/children/{}", 150),
    "loans": ("/account/loans", 1),
    "fines": ("/account/fines", 1),
    "events": ("/events/{}", 40),
    "archive": ("/local-history/photographs/{}", 200),
    "papers": ("/local-history/newspapers/{}", 90),
    "courses": ("/courses/{}/lesson", 30),
    "rooms": ("/rooms/booking", 1),
    "contact": ("/contact/opening-hours", 1),
}
"""Sections of the site: the form of their paths and how many pages they have."""
NAMES = tuple(SECTIONS)
CHANNELS = ("Direct", "Organic Search", "Email", "Referral")
DEVICES = ("mobile", "pc", "tablet")
WEEKS_A_WINDOW = 4
MOST_PAGES = 40


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A kind: where visits begin, where links lead, how often and how long, from where, on what.

    `links` adds to the site's own links: (from, to) → weight; "" is from anywhere. `visits` a
    week, `stop` the chance that a page is the visit's last, `minutes` a page, `hour` the peak.
    """

    share: float
    start: dict[str, float]
    links: dict[tuple[str, str], float]
    visits: float
    stop: float
    minutes: float
    hour: float
    channels: tuple[float, ...]
    devices: tuple[float, ...]


READERS = {
    "renewer": Reader(
        share=0.30,
        start={"loans": 6, "home": 3},
        links={("", "loans"): 3, ("loans", "fines"): 4, ("loans", "contact"): 2},
        visits=1.0,
        stop=0.30,
        minutes=0.6,
        hour=18,
        channels=(5, 2, 4, 1),
        devices=(6, 3, 1),
    ),
    "novel_reader": Reader(
        share=0.26,
        start={"home": 3, "search": 4, "novels": 2},
        links={("", "novels"): 4, ("novels", "novels"): 6, ("novels", "loans"): 1},
        visits=1.1,
        stop=0.14,
        minutes=1.0,
        hour=20,
        channels=(3, 4, 3, 1),
        devices=(4, 4, 3),
    ),
    "historian": Reader(
        share=0.08,
        start={"archive": 4, "search": 3, "papers": 2},
        links={("", "archive"): 3, ("archive", "archive"): 6, ("archive", "papers"): 3},
        visits=0.9,
        stop=0.08,
        minutes=2.2,
        hour=14,
        channels=(2, 5, 1, 4),
        devices=(1, 8, 1),
    ),
    "parent": Reader(
        share=0.20,
        start={"events": 3, "home": 3, "children": 2},
        links={("", "children"): 3, ("children", "children"): 3, ("", "events"): 2},
        visits=0.9,
        stop=0.18,
        minutes=0.9,
        hour=21,
        channels=(3, 3, 4, 2),
        devices=(7, 2, 2),
    ),
    "student": Reader(
        share=0.16,
        start={"search": 4, "nonfiction": 2, "rooms": 2, "courses": 1},
        links={("", "nonfiction"): 3, ("nonfiction", "nonfiction"): 3, ("", "rooms"): 1.5},
        visits=1.6,
        stop=0.16,
        minutes=1.8,
        hour=13,
        channels=(3, 5, 1, 2),
        devices=(3, 7, 1),
    ),
}


@dataclass(frozen=True, kw_only=True)
class _Walk:
    """Page views in the order of users and weeks: `page` is a place in the list of all paths."""

    user: IntArray
    visit: IntArray
    week: IntArray
    page: IntArray


@dataclass(frozen=True, kw_only=True)
class Library:
    """The same people over several windows of four weeks, oldest first."""

    windows: tuple[Drawn, ...]
    groups: PageGroups


def draw_library(
    *,
    n: int = 8_000,
    seed: int,
    windows: int = 1,
    kinds: tuple[str, ...] = tuple(READERS),
    taste: float = 0.7,
    groups: PageGroups | None = None,
) -> Library:
    """Give `n` people of the kinds over windows of four weeks.

    Pages are counted by `groups`, by default those made of the paths of the first window.

    `taste` is how far people of one kind differ: the deviation of the logarithm of what each adds
    to the links of the site.
    """
    rng = np.random.default_rng(seed)
    weights = np.array([READERS[kind].share for kind in kinds])
    truth = rng.choice(len(kinds), n, p=weights / weights.sum())
    paths = _paths()
    visits, busy = _plan_visits(truth, kinds, rng, n_weeks=WEEKS_A_WINDOW * windows)
    walk = _walk(_links(truth, kinds, rng, taste), (truth, kinds), visits, paths, rng)
    people = _People(truth, kinds, busy, rng)
    seen = Counter(paths[page] for page in walk.page[walk.week < WEEKS_A_WINDOW].tolist())
    groups = groups or find_page_groups(seen)
    return Library(
        windows=tuple(
            _count(people, walk, paths, groups, number, rng, seed) for number in range(windows)
        ),
        groups=groups,
    )


def _paths() -> list[str]:
    """Give every path of the site, section by section; most pages of a section are seldom seen."""
    return [form.format(f"title-{i}") for form, n in SECTIONS.values() for i in range(n)]


def _plan_visits(
    truth: IntArray, kinds: tuple[str, ...], rng: np.random.Generator, *, n_weeks: int
) -> tuple[IntArray, FloatArray]:
    """Give visits a user (row) and week: how busy a week is leans on the week before."""
    mean = np.array([READERS[kind].visits for kind in kinds])[truth]
    own = rng.normal(0, 0.5, len(truth))
    state, rows = rng.normal(0, 0.6, len(truth)), []
    for _ in range(n_weeks):
        state = 0.7 * state + rng.normal(0, 0.6 * np.sqrt(1 - 0.49), len(truth))
        rows.append(rng.poisson(mean * np.exp(own + state - 0.3)))
    return np.column_stack(rows), own


def _walk(
    ways: tuple[FloatArray, FloatArray],
    people: tuple[IntArray, tuple[str, ...]],
    visits: IntArray,
    paths: list[str],
    rng: np.random.Generator,
) -> _Walk:
    """Let every visit follow links until it stops, week by week, all visits at once."""
    (links, starts), (truth, kinds) = ways, people
    stop = np.array([READERS[kind].stop for kind in kinds])[truth]
    first_page = np.cumsum([0, *(n for _, n in SECTIONS.values())])
    last_read = np.full((len(truth), len(NAMES)), -1)
    parts, n_visits = [], 0
    for week in range(visits.shape[1]):
        user = np.repeat(np.arange(len(truth)), visits[:, week])
        visit = n_visits + np.arange(len(user))
        n_visits += len(user)
        section = _choose(starts[user], rng)
        for _ in range(MOST_PAGES):
            page = _pick_page(user, section, first_page, last_read, rng)
            parts.append((user, visit, np.full(len(user), week), page))
            going = rng.random(len(user)) >= stop[user]
            user, visit, section = user[going], visit[going], section[going]
            section = _choose(links[user, section], rng)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    assert columns[3].max() < len(paths)
    return _Walk(user=columns[0], visit=columns[1], week=columns[2], page=columns[3])


def _links(
    truth: IntArray, kinds: tuple[str, ...], rng: np.random.Generator, taste: float
) -> tuple[FloatArray, FloatArray]:
    """Give each user's links (user, from, to) and first pages, bent by a taste for sections."""
    n = len(NAMES)
    site = np.full((n, n), 0.15)
    site[:, NAMES.index("home")] += 0.6
    site[:, NAMES.index("search")] += 0.8
    by_kind, begun = np.empty((len(kinds), n, n)), np.full((len(kinds), n), 0.1)
    for k, kind in enumerate(kinds):
        by_kind[k] = site
        for (origin, target), weight in READERS[kind].links.items():
            rows = slice(None) if not origin else NAMES.index(origin)
            by_kind[k, rows, NAMES.index(target)] += weight
        for name, weight in READERS[kind].start.items():
            begun[k, NAMES.index(name)] += weight
    leaning = rng.lognormal(0, taste, (len(truth), n))
    return by_kind[truth] * leaning[:, None, :], begun[truth] * leaning


def _choose(weights: FloatArray, rng: np.random.Generator) -> IntArray:
    """Give one column of each row, by its weights."""
    summed = np.cumsum(weights, axis=1)
    drawn = rng.random(len(weights)) * summed[:, -1] if len(weights) else np.empty(0)
    found: IntArray = (summed < drawn[:, None]).sum(axis=1)
    return found


def _pick_page(
    user: IntArray,
    section: IntArray,
    first_page: IntArray,
    last_read: IntArray,
    rng: np.random.Generator,
) -> IntArray:
    """Give a page of the section: often the one read last there, else one that many read."""
    n_pages = np.diff(first_page)[section]
    fresh = (n_pages * rng.random(len(user)) ** 3).astype(np.int64)
    again = (last_read[user, section] >= 0) & (rng.random(len(user)) < 0.4)
    place = np.where(again, last_read[user, section], fresh)
    last_read[user, section] = place
    return first_page[section] + place


class _People:
    """What stays with a person: channel, device, hour and pace."""

    def __init__(
        self,
        truth: IntArray,
        kinds: tuple[str, ...],
        busy: FloatArray,
        rng: np.random.Generator,
    ) -> None:
        n = len(truth)
        self.truth, self.kinds, self.busy = truth, kinds, busy
        rows = [READERS[kind] for kind in kinds]
        taste = rng.lognormal(0, 0.8, (n, len(CHANNELS)))
        self.channels = np.array([row.channels for row in rows])[truth] * taste
        taste = rng.lognormal(0, 1.2, (n, len(DEVICES)))
        self.devices = np.array([row.devices for row in rows])[truth] * taste
        self.hour = (np.array([row.hour for row in rows])[truth] + rng.normal(0, 3, n)) % 24
        self.minutes = np.array([r.minutes for r in rows])[truth] * rng.lognormal(0, 0.4, n)


def _count(
    people: _People,
    walk: _Walk,
    paths: list[str],
    groups: PageGroups,
    number: int,
    rng: np.random.Generator,
    seed: int,
) -> Drawn:
    """Give the features of one window, of those who came in it."""
    inside = walk.week // WEEKS_A_WINDOW == number
    user, page = walk.user[inside], walk.page[inside]
    n, n_groups = len(people.truth), len(groups.names)
    place = np.array([groups.find(path) for path in paths])[page]
    pages = np.bincount(user * n_groups + place, minlength=n * n_groups).reshape(n, n_groups)
    visit, first = np.unique(walk.visit[inside], return_index=True)
    owner = user[first]
    visits = np.bincount(owner, minlength=n)
    day = 7 * (walk.week[inside][first] % WEEKS_A_WINDOW) + rng.integers(0, 7, len(visit))
    channel = _tally(owner, _choose(people.channels[owner], rng), n, len(CHANNELS))
    device = _tally(owner, _choose(people.devices[owner], rng), n, len(DEVICES))
    last = np.zeros(n, dtype=np.int64)
    np.maximum.at(last, owner, day)
    n_days = np.bincount(np.unique(owner * 28 + day) // 28, minlength=n)
    views = pages.sum(axis=1)
    pace = views / np.maximum(visits, 1)
    angle = people.hour * (2 * np.pi / 24)
    told = [visits, views, n_days, 27 - last, people.minutes * pace, pace]
    features = Features(
        user_no=np.arange(n),
        user_key=np.array([f"l{seed}-{i:07d}" for i in range(n)]),
        bot_reason=np.full(n, ""),
        blocks={
            "pages": Block(columns=groups.names, values=pages.astype(float)),
            "source": Block(columns=CHANNELS, values=channel),
            "device": Block(columns=DEVICES, values=device),
            "time": Block(
                columns=("hour_sin", "hour_cos"),
                values=np.column_stack([np.sin(angle), np.cos(angle)]),
            ),
            "volume": Block(columns=VOLUME, values=np.column_stack(told).astype(float)),
        },
        outcomes=Block(columns=("orders", "revenue"), values=np.zeros((n, 2))),
    )
    came: npt.NDArray[np.bool_] = visits > 0
    drawn = Drawn(features=features, truth=people.truth, kinds=people.kinds)
    return replace(drawn, features=features.take(came), truth=people.truth[came])


def _tally(owner: IntArray, column: IntArray, n: int, n_columns: int) -> FloatArray:
    found = np.bincount(owner * n_columns + column, minlength=n * n_columns)
    return found.reshape(n, n_columns).astype(np.float64)
