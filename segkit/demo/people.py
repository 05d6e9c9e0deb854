"""Give the people of the plan their ids and labels: devices, numbers, e-mails, survey answers.

Labels lean by kind, so that a report can find what is over-represented. Names, addresses and ids
are invented.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from segkit.demo.catalogue import PLACES
from segkit.demo.kinds import KINDS, LAPSING, N_HUMAN, RESEARCHER, WEEKLY
from segkit.demo.plan import NEVER, Floats, Ints, Plan, to_local

PLANS = ("free", "plus", "family")
GENDERS = ("female", "male", "diverse", "")
HEARD = ("search engine", "friend", "social media", "newspaper", "advertisement")
NEVER_CAME_SHARE = 0.03
_DIVERSE, _GENDER_UNKNOWN, _AGE_UNKNOWN, _ANSWERS, _ASKED = 0.02, 0.04, 0.05, 0.4, 0.7
_FIRST = (
    "anna",
    "ben",
    "clara",
    "david",
    "ella",
    "finn",
    "greta",
    "henri",
    "ida",
    "jonas",
    "karin",
)
_FIRST_MORE = (
    "lea",
    "maja",
    "nils",
    "oskar",
    "paula",
    "ronja",
    "sven",
    "tilda",
    "uwe",
    "vera",
    "yara",
)
_LAST = (
    "becker",
    "dubois",
    "fischer",
    "hansen",
    "huber",
    "jansen",
    "keller",
    "klein",
    "lang",
    "meyer",
)
_LAST_MORE = (
    "moser",
    "novak",
    "roth",
    "schmid",
    "smit",
    "vogel",
    "wagner",
    "weber",
    "wolf",
    "zimmer",
)
_UUID_PARTS = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
_HEARD_OF_KIND = (
    (2, 3, 2, 1, 4),
    (7, 2, 1, 2, 0.5),
    (3, 5, 1, 3, 1),
    (2, 1, 2, 0.5, 6),
    (0.5, 2, 8, 0.2, 3),
    (2, 4, 0.5, 5, 1),
    (1, 1, 1, 1, 1),
)


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What is known of people, one place a person in every array.

    `age` is −1 where unknown, `nps` and `satisfaction` −1 where not answered, `heard` −1 where not
    asked; `gender`, `plan`, `heard` are places in `GENDERS`, `PLANS`, `HEARD`. `joined_day` is the
    day of registration of members of old, counted from the first day of the log, hence negative.
    """

    age: Ints
    gender: Ints
    plan: Ints
    joined_day: Ints
    nps: Ints
    satisfaction: Ints
    heard: Ints


@dataclass(frozen=True, kw_only=True)
class People:
    """Ids and labels of everyone in the plan, then of the `n_never` members who never came.

    `device_ids` has one list a slot and holds the people of the plan only.
    """

    device_ids: list[list[str]]
    member_ids: list[str]
    emails: list[str]
    kind: Ints
    place: Ints
    labels: Labels
    n_never: int


def draw_people(plan: Plan, *, seed: int) -> People:
    """Draw the ids and labels of everyone in the plan and of those who never came (3% more)."""
    rng = np.random.default_rng([seed, 4])
    n_never = max(1, round(plan.n_people * NEVER_CAME_SHARE))
    kind = np.concatenate([plan.kind, rng.permutation(np.arange(n_never) % N_HUMAN)])
    numbers = 100_000 + rng.permutation(len(kind))
    return People(
        device_ids=_draw_device_ids(len(plan.kind), rng),
        member_ids=[f"m{number}" for number in numbers.tolist()],
        emails=_draw_emails(numbers, rng),
        kind=kind.astype(np.int8),
        place=np.concatenate([plan.place, rng.integers(0, len(PLACES), n_never)]),
        labels=draw_labels(kind, rng),
        n_never=n_never,
    )


def draw_labels(kind: Ints, rng: np.random.Generator) -> Labels:
    """Draw what is known of people, leaning by kind."""
    n = len(kind)
    age = np.clip(np.round(rng.normal(_of(kind, "age"), 9)), 18, 88)
    female = rng.random(n) < _of(kind, "female")
    gender = np.where(female, 0, np.where(rng.random(n) < _DIVERSE, 2, 1))
    answers = rng.random(n) < _ANSWERS
    heard = _pick(np.array(_HEARD_OF_KIND)[kind], rng)
    return Labels(
        age=np.where(rng.random(n) < _AGE_UNKNOWN, -1, age).astype(np.int16),
        gender=np.where(rng.random(n) < _GENDER_UNKNOWN, 3, gender).astype(np.int8),
        plan=_pick(np.array([k.plans for k in KINDS])[kind], rng),
        joined_day=-1 - rng.integers(0, 900, n),
        nps=np.where(answers, _draw_nps(kind, rng), -1).astype(np.int8),
        satisfaction=np.where(answers, _draw_satisfaction(kind, rng), -1).astype(np.int8),
        heard=np.where(rng.random(n) < _ASKED, heard, -1).astype(np.int8),
    )


def joined_on(plan: Plan, labels: Labels, registered_at: Ints) -> list[str]:
    """Give everyone's local date of registration as ISO text: the sign-up's, or before the log."""
    first = np.datetime64(plan.first)
    dates = first + labels.joined_day.astype("timedelta64[D]")
    signed = registered_at != NEVER
    wall = to_local(np.where(signed, registered_at, 0), plan)
    seen = wall.astype("datetime64[us]").astype("datetime64[D]")
    dates[: len(signed)] = np.where(signed, seen, dates[: len(signed)])
    return [str(text) for text in np.datetime_as_string(dates).tolist()]


def _of(kind: Ints, name: str) -> Floats:
    return np.array([float(getattr(k, name)) for k in KINDS])[kind]


def _pick(weights: Floats, rng: np.random.Generator) -> Ints:
    edges = np.cumsum(weights, axis=1)
    chance = rng.random(len(weights)) * edges[:, -1]
    return np.asarray((chance[:, None] >= edges[:, :-1]).sum(axis=1), dtype=np.int8)


def _draw_nps(kind: Ints, rng: np.random.Generator) -> Ints:
    mean = np.full(len(KINDS), 6.5)
    mean[[WEEKLY, LAPSING, RESEARCHER]] = 8.6, 4.8, 7.4
    return np.clip(np.round(rng.normal(mean[kind], 1.8)), 0, 10)


def _draw_satisfaction(kind: Ints, rng: np.random.Generator) -> Ints:
    mean = np.full(len(KINDS), 3.5)
    mean[[WEEKLY, LAPSING]] = 4.4, 2.6
    return np.clip(np.round(rng.normal(mean[kind], 0.8)), 1, 5)


def _draw_emails(numbers: Ints, rng: np.random.Generator) -> list[str]:
    first, last = _FIRST + _FIRST_MORE, _LAST + _LAST_MORE
    a = rng.integers(0, len(first), len(numbers)).tolist()
    b = rng.integers(0, len(last), len(numbers)).tolist()
    hosts = ("example.com", "example.org", "example.net")
    return [
        f"{first[i]}.{last[j]}{number % 1000}.{number // 1000}@{hosts[number % 3]}"
        for i, j, number in zip(a, b, numbers.tolist(), strict=True)
    ]


def _draw_device_ids(n: int, rng: np.random.Generator) -> list[list[str]]:
    """Give everyone two random ids in the form of a UUID."""
    raw = rng.bytes(16 * 2 * n).hex()
    ids = ["-".join(raw[i + a : i + b] for a, b in _UUID_PARTS) for i in range(0, len(raw), 32)]
    return [ids[0::2], ids[1::2]]


def day_text(plan: Plan, day: int) -> str:
    """Give the ISO date of a day of the log, counted from 0."""
    return (plan.first + timedelta(days=day)).isoformat()
