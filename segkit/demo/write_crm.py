"""Write what a shop keeps beside its log as CSV: customer table, consents, exposures."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from segkit.demo.catalogue import PLACES
from segkit.demo.events import is_known_at_end
from segkit.demo.kinds import KINDS
from segkit.demo.people import GENDERS, HEARD, PLANS, People, joined_on
from segkit.demo.plan import NEVER, Ints, Plan, to_local
from segkit.demo.visits import DAY_US, Diary

EXPERIMENT = "guide_banner"
VARIANTS = ("A", "B")
PURPOSES = ("marketing_email", "personalisation")
CRM_COLUMNS = (
    "member_id",
    "email",
    "age",
    "gender",
    "plan",
    "registered_on",
    "country",
    "city",
    "nps",
    "satisfaction",
    "heard_about_us",
)


def members_of(plan: Plan, people: People, diary: Diary) -> Ints:
    """Give the places of all with an account at the end, also who never came; by member id."""
    never = np.arange(len(plan.kind), len(plan.kind) + people.n_never)
    members = np.concatenate([np.flatnonzero(is_known_at_end(diary)), never])
    return members[np.argsort(np.array(people.member_ids)[members])]


def write_crm(path: Path, plan: Plan, people: People, diary: Diary) -> int:
    """Write one row a member, current values only; give the number of rows."""
    joined = joined_on(plan, people.labels, diary.registered_at)
    members = members_of(plan, people, diary).tolist()
    rows = (_crm_row(people, joined, i) for i in members)
    _write_csv(path, CRM_COLUMNS, rows)
    return len(members)


def _crm_row(people: People, joined: list[str], i: int) -> list[str]:
    place, heard = PLACES[people.place[i]], int(people.labels.heard[i])
    return [
        people.member_ids[i],
        people.emails[i],
        _number(people.labels.age[i]),
        GENDERS[people.labels.gender[i]],
        PLANS[people.labels.plan[i]],
        joined[i],
        place.country,
        place.city,
        _number(people.labels.nps[i]),
        _number(people.labels.satisfaction[i]),
        HEARD[heard] if heard >= 0 else "",
    ]


def write_consents(path: Path, plan: Plan, people: People, diary: Diary, *, seed: int) -> int:
    """Write one row a consent given or withdrawn, in naive local time; give their number.

    Everyone decides on e-mail at registration, half on personalisation too; one in seven decides
    anew during the log.
    """
    rng = np.random.default_rng([seed, 5])
    members = members_of(plan, people, diary)
    at = _joined_at(plan, people, diary, rng)[members]
    end = (plan.last - date(1970, 1, 1)).days * DAY_US
    grants = np.array([k.newsletter for k in KINDS])[people.kind[members]]
    rows: list[tuple[int, int, int, int]] = []
    for purpose, reach in enumerate((1.0, 0.5)):
        asked = np.flatnonzero(rng.random(len(members)) < reach)
        state = (rng.random(len(members)) < grants).astype(int)
        again = asked[rng.random(len(asked)) < 1 / 7]
        log_start = end - (plan.days - 1) * DAY_US
        since = np.maximum(at[again] + DAY_US, log_start)
        later = since + (rng.random(len(again)) * (end - since)).astype(np.int64)
        fits = later > at[again]
        rows += [(int(at[i]), int(members[i]), purpose, int(state[i])) for i in asked]
        changed = zip(again[fits].tolist(), later[fits].tolist(), strict=True)
        rows += [(t, int(members[i]), purpose, 1 - int(state[i])) for i, t in changed]
    rows.sort()
    texts = _wall_texts(np.array([row[0] for row in rows], dtype=np.int64))
    written = (
        (people.member_ids[who], PURPOSES[purpose], ("denied", "granted")[state], text)
        for (_, who, purpose, state), text in zip(rows, texts, strict=True)
    )
    _write_csv(path, ("member_id", "purpose", "state", "time"), written)
    return len(rows)


def write_exposures(path: Path, plan: Plan, people: People, diary: Diary) -> int:
    """Write one row a person who met the experiment, in epoch ms; give their number."""
    met = np.flatnonzero(diary.exposed_at != NEVER)
    met = met[np.argsort(diary.exposed_at[met], kind="stable")]
    rows = []
    for i in met.tolist():
        slot, at = int(diary.exposed_slot[i]), int(diary.exposed_at[i])
        member = people.member_ids[i] if diary.known_from[i, slot] <= at else ""
        device = people.device_ids[slot][i]
        rows.append([device, member, EXPERIMENT, VARIANTS[plan.variant[i]], str(at // 1000)])
    columns = ("anonymous_id", "member_id", "experiment", "variant", "seen_at_ms")
    _write_csv(path, columns, rows)
    return len(rows)


def _joined_at(plan: Plan, people: People, diary: Diary, rng: np.random.Generator) -> Ints:
    """Give the local wall-clock µs at which everyone registered."""
    first = (plan.first - date(1970, 1, 1)).days
    hour = 8 + rng.random(len(people.member_ids)) * 13
    wall = (first + people.labels.joined_day) * DAY_US + (hour * 3600).astype(np.int64) * 1_000_000
    signed = np.flatnonzero(diary.registered_at != NEVER)
    wall[signed] = to_local(diary.registered_at[signed], plan)
    return wall


def _wall_texts(wall: Ints) -> list[str]:
    texts = np.datetime_as_string(wall.view("datetime64[us]"), unit="s").tolist()
    return [str(text).replace("T", " ") for text in texts]


def _number(value: int) -> str:
    return "" if value < 0 else str(int(value))


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
