"""Draw the visits of one day: who comes, when, on which device, from where, and who orders."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from segkit.demo.catalogue import CAMPAIGN_SOURCE, source_table
from segkit.demo.kinds import BARGAIN, BOT, KINDS, ONE_TIME, RESEARCHER
from segkit.demo.plan import (
    CAMPAIGN_BUYS,
    CAMPAIGN_SPAN,
    EXPERIMENT_SPAN,
    NEVER,
    Bools,
    Floats,
    Ints,
    Plan,
    to_utc,
)

DAY_US = 86_400_000_000
EFFECT_BUYS = 0.14
LAST_DAY_PART = 0.92


@dataclass(kw_only=True)
class Diary:
    """What has happened to everyone so far; the only thing that changes while days are drawn.

    `known_from`, `registered_at` and `exposed_at` are UTC microseconds, `NEVER` until it happens;
    `is_seen` says which of both devices came.
    """

    n_visits: Ints
    n_orders: Ints
    known_from: npt.NDArray[np.int64]
    registered_at: npt.NDArray[np.int64]
    exposed_at: npt.NDArray[np.int64]
    exposed_slot: Ints
    is_seen: Bools
    first_at: npt.NDArray[np.int64]

    @classmethod
    def blank(cls, n: int) -> "Diary":
        """Give the diary of n people before the first day."""
        return cls(
            n_visits=np.zeros(n, dtype=np.int32),
            n_orders=np.zeros(n, dtype=np.int32),
            known_from=np.full((n, 2), NEVER, dtype=np.int64),
            registered_at=np.full(n, NEVER, dtype=np.int64),
            exposed_at=np.full(n, NEVER, dtype=np.int64),
            exposed_slot=np.zeros(n, dtype=np.int8),
            is_seen=np.zeros((n, 2), dtype=bool),
            first_at=np.full(n, NEVER, dtype=np.int64),
        )


@dataclass(frozen=True, kw_only=True)
class Visits:
    """The visits of one day, sorted by person and start (UTC µs); `nth` counts from 0."""

    user: Ints
    kind: Ints
    start: npt.NDArray[np.int64]
    slot: Ints
    source: Ints
    n_pages: Ints
    nth: Ints
    buys: Bools
    logs_in: Bools
    registers: Bools
    size: int = field(default=0)


def draw_visits(plan: Plan, diary: Diary, *, day: int, rng: np.random.Generator) -> Visits:
    """Draw the visits of one day and note in the diary that they took place."""
    user = _draw_visitors(plan, day, rng)
    kind = plan.kind[user]
    start = _draw_starts(plan, kind, day, rng)
    order = np.lexsort((start, user))
    user, kind, start = user[order], kind[order], start[order]
    rank = _rank_within(user)
    slot = (rng.random(len(user)) < plan.second[user]).astype(np.int8)
    nth = diary.n_visits[user] + rank
    logs_in = _first_of(
        user.astype(np.int64) * 2 + slot,
        (plan.login[user] >= 0)
        & (nth >= plan.login[user])
        & (diary.known_from[user, slot] == NEVER),
    )
    registers = _first_of(
        user, logs_in & ~plan.is_member[user] & (diary.registered_at[user] == NEVER)
    )
    visits = Visits(
        user=user,
        kind=kind,
        start=start,
        slot=slot,
        source=_draw_sources(plan, kind, day, rng),
        n_pages=1 + rng.poisson(np.array([k.pages - 1 for k in KINDS])[kind]),
        nth=nth,
        buys=_draw_orders(plan, user, rank, day, rng),
        logs_in=logs_in,
        registers=registers,
        size=len(user),
    )
    _note(plan, diary, visits, day)
    return visits


def _draw_visitors(plan: Plan, day: int, rng: np.random.Generator) -> Ints:
    """Give one place a visit; all come on their first day, one-time buyers on the last too."""
    expected = plan.expected_visits(day)
    alive = np.flatnonzero(expected)
    n = rng.poisson(expected[alive])
    must = plan.first_day[alive] == day
    must |= (plan.kind[alive] == ONE_TIME) & (plan.last_day[alive] == day)
    return np.repeat(alive, np.maximum(n, must)).astype(np.int32)


def _draw_starts(
    plan: Plan, kind: Ints, day: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw local starts by each kind's hours; the last day ends early, before the log does."""
    hours = np.array([np.cumsum(k.hours) for k in KINDS])
    hour = pick_rows(hours, kind, rng)
    wall = (hour + rng.random(len(kind))) * 3_600_000
    if day == plan.days - 1:
        wall *= LAST_DAY_PART
    since_1970 = (plan.first - date(1970, 1, 1) + timedelta(days=day)).days
    return to_utc(since_1970 * DAY_US + wall.astype(np.int64) * 1000, plan)


def _draw_sources(plan: Plan, kind: Ints, day: int, rng: np.random.Generator) -> Ints:
    source = pick_rows(np.cumsum(source_table(), axis=1), kind, rng)
    if day in plan.span(CAMPAIGN_SPAN):
        reach = np.array(
            [0.6 if i == BARGAIN else 0.05 * (not k.is_bot) for i, k in enumerate(KINDS)]
        )
        source[rng.random(len(kind)) < reach[kind]] = CAMPAIGN_SOURCE
    return source


def _draw_orders(plan: Plan, user: Ints, rank: Ints, day: int, rng: np.random.Generator) -> Bools:
    """Say which visits end in an order: by kind, lifted by campaign and variant where planted."""
    kind = plan.kind[user]
    chance = np.array([k.buys for k in KINDS])[kind]
    if day in plan.span(CAMPAIGN_SPAN):
        chance[kind == BARGAIN] *= CAMPAIGN_BUYS
    if day in plan.span(EXPERIMENT_SPAN):
        chance[(kind == RESEARCHER) & (plan.variant[user] == 1)] = EFFECT_BUYS
    only = (kind == ONE_TIME) & (plan.last_day[user] == day) & (rank == 0)
    return np.asarray((rng.random(len(user)) < chance) | only)


def _note(plan: Plan, diary: Diary, visits: Visits, day: int) -> None:
    np.add.at(diary.n_visits, visits.user, 1)
    diary.is_seen[visits.user, visits.slot] = True
    first = _first_of(visits.user, np.ones(visits.size, dtype=bool))
    users = visits.user[first]
    diary.first_at[users] = np.minimum(diary.first_at[users], visits.start[first])
    if day not in plan.span(EXPERIMENT_SPAN):
        return
    meets = first & (visits.kind != BOT) & (diary.exposed_at[visits.user] == NEVER)
    diary.exposed_at[visits.user[meets]] = visits.start[meets] + 800_000
    diary.exposed_slot[visits.user[meets]] = visits.slot[meets]


def pick_rows(cumulated: Floats, row: Ints, rng: np.random.Generator) -> Ints:
    """Draw one column for every entry of `row`, by that row of cumulated shares."""
    chance = rng.random(len(row), dtype=np.float32)
    column = np.zeros(len(row), dtype=np.int16)
    for edge in range(cumulated.shape[1] - 1):
        column += chance >= cumulated[row, edge]
    return column


def _rank_within(user: Ints) -> Ints:
    """Give the place of each row among its person's rows, from 0; rows are sorted by person."""
    at = np.arange(len(user))
    return at - np.maximum.accumulate(
        np.where(np.r_[True, user[1:] != user[:-1]][: len(user)], at, 0)
    )


def _first_of(key: Ints, among: Bools) -> Bools:
    """Mark the first row of every key among the marked rows."""
    places = np.flatnonzero(among)
    _, first = np.unique(key[places], return_index=True)
    marked = np.zeros(len(key), dtype=bool)
    marked[places[first]] = True
    return marked
