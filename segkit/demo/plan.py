"""Plan who comes to the demo shop, how often and when, before a single event is drawn.

The plan is the truth that reports are judged by: nobody's kind, variant or life span depends on
what chance does later.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from segkit.demo.catalogue import CRAWLERS, DEVICES, PLACES
from segkit.demo.kinds import BARGAIN, BOT, KINDS, N_HUMAN, mix_table
from segkit.periods import offset_steps

ZONE = ZoneInfo("Europe/Berlin")
END_ON = date(2026, 5, 31)
"""Last day of a log: fixed, so that equal seeds give equal files; in spring, for a clock change."""
LEAST_USERS, LEAST_DAYS = 10, 7
NEVER = np.iinfo(np.int64).max
CAMPAIGN_SPAN = (0.45, 0.60)
EXPERIMENT_SPAN = (0.55, 0.90)
CAMPAIGN_VISITS = 2.0
CAMPAIGN_BUYS = 1.6
CONCENTRATION = 24.0
_LOCAL_CLOCKS, _EARLY, _TABLETS = 0.2, 0.62, 0.08
_LIVES = ("whole", "brief", "fading")
_BRIEF, _FADING = 1, 2

Ints = npt.NDArray[np.integer]
Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Who comes and when: one place a person in every array, bots after the people.

    `rate` visits a day of life · `first_day`, `last_day` days of life from 0 · `habit` weekday of a
    weekly habit, −1 for none · `mix` cumulated shares of page groups · `second` chance that a visit
    is on the second device · `login` number of the visit (from 0) that identifies, −1 for never ·
    `is_member` had an account before the first day · `variant` 0 is A, 1 is B · `device` places in
    the list of devices, one column a slot · `place` place in `PLACES` · `local_clock` devices that
    write local time with an offset.
    """

    first: date
    days: int
    n_people: int
    kind: Ints
    rate: Floats
    first_day: Ints
    last_day: Ints
    habit: Ints
    mix: Floats
    second: Floats
    login: Ints
    is_member: Bools
    variant: Ints
    device: Ints
    place: Ints
    local_clock: Bools

    @property
    def last(self) -> date:
        """The last day of the shop's log."""
        return self.first + timedelta(days=self.days - 1)

    def span(self, part: tuple[float, float]) -> range:
        """Give the days (from 0) of a part of the log, at least one."""
        start = int(part[0] * self.days)
        return range(start, max(start + 1, int(part[1] * self.days)))

    def expected_visits(self, day: int) -> Floats:
        """Give the expected number of visits of every person on one day."""
        alive = (self.first_day <= day) & (day <= self.last_day)
        weekday = (self.first + timedelta(days=day)).weekday()
        by_weekday = np.array([kind.weekdays[weekday] for kind in KINDS])
        expected = np.where(alive, self.rate * by_weekday[self.kind], 0.0)
        has_habit = self.habit >= 0
        expected[has_habit] *= np.where(self.habit[has_habit] == weekday, 5.2, 0.3)
        fading = np.array([kind.life == "fading" for kind in KINDS])[self.kind] & alive
        age = (day - self.first_day) / (self.last_day - self.first_day + 1)
        expected[fading] *= 1.9 * (1.0 - age[fading]) + 0.1
        if day in self.span(CAMPAIGN_SPAN):
            expected[self.kind == BARGAIN] *= CAMPAIGN_VISITS
        return expected


def plan_people(
    *, users: int, days: int, end_on: date, seed: int, bots: int = 0, scale: float = 1.0
) -> Plan:
    """Plan a shop's people.

    Parameters
    ----------
    users, bots
        Number of people who come at least once, and of crawlers beside them.
    days, end_on
        Length of the log and its last local day (Europe/Berlin).
    seed
        Equal seeds give equal plans.
    scale
        Factor on everyone's number of visits, for benchmarks.
    """
    rng = np.random.default_rng([seed, 1])
    kind = np.concatenate([_draw_kinds(users, rng), np.full(bots, BOT, dtype=np.int8)])
    n = len(kind)
    first_day, last_day = _draw_lives(kind, days, rng)
    login, is_member = _draw_logins(kind, rng)
    weekly = np.array([k.name == "weekly_habit" for k in KINDS])[kind]
    return Plan(
        first=end_on - timedelta(days=days - 1),
        days=days,
        n_people=users,
        kind=kind,
        rate=_draw_rates(kind, rng) * scale,
        first_day=first_day,
        last_day=last_day,
        habit=np.where(weekly, rng.integers(0, 7, n), -1).astype(np.int8),
        mix=_draw_mixes(kind, rng),
        second=_draw_second(kind, rng),
        login=login,
        is_member=is_member,
        variant=_draw_variants(kind, rng),
        device=_draw_devices(kind, rng),
        place=_draw_places(n, rng),
        local_clock=rng.random(n) < _LOCAL_CLOCKS,
    )


def to_utc(wall: Ints, plan: Plan) -> npt.NDArray[np.int64]:
    """Turn local wall-clock µs since 1970 into UTC; an hour that does not exist is moved on."""
    starts, offsets = offsets_of(plan)
    guess = wall - offsets[np.searchsorted(starts, wall - offsets[0], side="right") - 1]
    place = np.searchsorted(starts, guess, side="right") - 1
    return np.asarray(wall - offsets[place], dtype=np.int64)


def to_local(instant: Ints, plan: Plan) -> npt.NDArray[np.int64]:
    """Turn UTC microseconds into local wall-clock microseconds since 1970."""
    starts, offsets = offsets_of(plan)
    place = np.searchsorted(starts, instant, side="right") - 1
    return np.asarray(instant + offsets[place], dtype=np.int64)


def offsets_of(plan: Plan) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the instants (UTC µs) from which each offset (µs) of the zone holds."""
    start = datetime(plan.first.year, plan.first.month, plan.first.day, tzinfo=UTC)
    steps = offset_steps(ZONE, start - timedelta(days=2), start + timedelta(days=plan.days + 2))
    instants = np.array([int(at.timestamp()) * 1_000_000 for at, _ in steps])
    return instants, np.array([seconds * 1_000_000 for _, seconds in steps])


def _draw_kinds(users: int, rng: np.random.Generator) -> Ints:
    """Give everyone a kind, in exactly the planned shares (largest remainders), in random order."""
    exact = np.array([kind.share for kind in KINDS[:N_HUMAN]]) * users
    counts = np.floor(exact).astype(int)
    short = users - counts.sum()
    counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
    return rng.permutation(np.repeat(np.arange(N_HUMAN), counts)).astype(np.int8)


def _by_kind(kind: Ints, value: str) -> Floats:
    return np.array([float(getattr(k, value)) for k in KINDS])[kind]


def _draw_rates(kind: Ints, rng: np.random.Generator) -> Floats:
    spread = rng.gamma(3.0, 1 / 3.0, len(kind))
    is_brief = np.array([k.life == "brief" for k in KINDS])[kind]
    return _by_kind(kind, "visits") / 30 * np.where(is_brief, 1.0, spread)


def _draw_lives(kind: Ints, days: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    n = len(kind)
    life = np.array([_LIVES.index(k.life) for k in KINDS])[kind]
    early = rng.random(n) < _EARLY
    first = np.where(early, rng.random(n) * 0.15, 0.15 + rng.random(n) * 0.7) * days
    first = np.where(life == _BRIEF, rng.random(n) * days, first)
    first = np.where(life == _FADING, rng.random(n) * 0.12 * days, first).astype(np.int32)
    last = np.full(n, days - 1)
    last = np.where(life == _BRIEF, first + rng.integers(1, 7, n), last)
    last = np.where(life == _FADING, (0.52 + rng.random(n) * 0.18) * days, last)
    return first, np.clip(last, first, days - 1).astype(np.int32)


def _draw_logins(kind: Ints, rng: np.random.Generator) -> tuple[Ints, Bools]:
    n = len(kind)
    known = rng.random(n) < _by_kind(kind, "known")
    is_member = known & (rng.random(n) < _by_kind(kind, "member"))
    brief = np.array([k.life == "brief" for k in KINDS])[kind]
    later = np.where(brief, rng.integers(0, 2, n), rng.integers(0, 4, n))
    return np.where(known, np.where(is_member, 0, later), -1).astype(np.int16), is_member


def _draw_mixes(kind: Ints, rng: np.random.Generator) -> Floats:
    """Give everyone cumulated page-group shares, scattered around the kind's (Dirichlet)."""
    shares = mix_table()[kind].astype(np.float32)
    weights = rng.standard_gamma(shares * CONCENTRATION + 1e-3, dtype=np.float32)
    cumulated = np.cumsum(weights, axis=1)
    return (cumulated / cumulated[:, -1:]).astype(np.float32)


def _draw_second(kind: Ints, rng: np.random.Generator) -> Floats:
    n = len(kind)
    has_second = rng.random(n) < _by_kind(kind, "second")
    return np.where(has_second, 0.2 + 0.3 * rng.random(n), 0.0).astype(np.float32)


def _draw_variants(kind: Ints, rng: np.random.Generator) -> Ints:
    """Split every kind into two equal halves, so that arms differ by nothing but the variant."""
    variant = np.zeros(len(kind), dtype=np.int8)
    for k in range(N_HUMAN):
        members = rng.permutation(np.flatnonzero(kind == k))
        variant[members[::2]] = 1
    return variant


def _draw_devices(kind: Ints, rng: np.random.Generator) -> Ints:
    """Give everyone two devices: the second is of the other kind than the first."""
    n = len(kind)
    on_phone = rng.random(n) < _by_kind(kind, "mobile")
    phones = _places_of("mobile")[rng.integers(0, len(_places_of("mobile")), n)]
    tablets = _places_of("tablet")[rng.integers(0, len(_places_of("tablet")), n)]
    desks = _places_of("pc")[rng.integers(0, len(_places_of("pc")), n)]
    hand = np.where(rng.random(n) < _TABLETS, tablets, phones)
    device = np.stack([np.where(on_phone, hand, desks), np.where(on_phone, desks, hand)], axis=1)
    is_bot = np.flatnonzero(kind == BOT)
    device[is_bot] = (len(DEVICES) + np.arange(len(is_bot)) % len(CRAWLERS))[:, None]
    return device.astype(np.int8)


def _places_of(kind: str) -> Ints:
    return np.array([i for i, device in enumerate(DEVICES) if device.kind == kind])


def _draw_places(n: int, rng: np.random.Generator) -> Ints:
    weights = np.array([place.weight for place in PLACES])
    return rng.choice(len(PLACES), n, p=weights / weights.sum()).astype(np.int8)
