"""Write down what was planted: a page for people, a table for programs. Neither is ever loaded."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from segkit.demo.catalogue import CAMPAIGN
from segkit.demo.kinds import KIND_NAMES, KINDS, N_HUMAN, RESEARCHER
from segkit.demo.people import People, day_text
from segkit.demo.plan import (
    CAMPAIGN_BUYS,
    CAMPAIGN_SPAN,
    CAMPAIGN_VISITS,
    EXPERIMENT_SPAN,
    NEVER,
    ZONE,
    Bools,
    Ints,
    Plan,
    offsets_of,
)
from segkit.demo.visits import EFFECT_BUYS, Diary
from segkit.demo.write_crm import EXPERIMENT, VARIANTS
from segkit.demo.write_ndjson import EventFiles

_INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, kw_only=True)
class TrueUsers:
    """The users that a right stitching finds, one place a user: a person's linked devices are one.

    Each device that never identified is a user of its own; members who never came are users too.
    """

    keys: list[str]
    person: Ints
    n_devices: Ints
    is_known: Bools
    never_came: Bools
    is_bot: Bools

    @property
    def n_came(self) -> int:
        """Users with events, crawlers left out."""
        return int((~self.is_bot & ~self.never_came).sum())


def find_true_users(plan: Plan, people: People, diary: Diary) -> TrueUsers:
    """Give the users of a shop whose diary is complete."""
    linked = diary.known_from != NEVER
    known = np.flatnonzero(linked.any(axis=1))
    alone, slot = np.nonzero(diary.is_seen & ~linked)
    never = np.arange(len(plan.kind), len(plan.kind) + people.n_never)
    devices = [people.device_ids[s][i] for s, i in zip(slot.tolist(), alone.tolist(), strict=True)]
    members = people.member_ids
    person = np.concatenate([known, alone, never])
    counts = [linked[known].sum(axis=1), np.ones(len(alone)), np.zeros(len(never))]
    return TrueUsers(
        keys=[*(members[i] for i in known), *devices, *(members[i] for i in never)],
        person=person,
        n_devices=np.concatenate(counts).astype(np.int64),
        is_known=np.repeat([True, False, True], [len(known), len(alone), len(never)]),
        never_came=person >= len(plan.kind),
        is_bot=np.array([k.is_bot for k in KINDS])[people.kind[person]],
    )


def write_truth_users(
    path: Path, users: TrueUsers, *, plan: Plan, people: People, diary: Diary
) -> None:
    """Write the true users as Parquet.

    Grain: one row a user. Columns: `user_key` (the user id where known, else the device id),
    `person` (number of the real person, who may be several users), `kind`, `is_bot`, `is_known`,
    `never_came`, `n_devices` linked to the user; of the person: `variant` (null: not exposed),
    `n_visits`, `n_orders`, `first_seen_at` (null: never came), `registered_at` (null: no sign-up in
    the log).
    """
    never = users.never_came
    came = np.minimum(users.person, len(plan.kind) - 1)
    unexposed = never | (diary.exposed_at[came] == NEVER)
    unsigned = never | (diary.registered_at[came] == NEVER)
    columns = {
        "user_key": pa.array(users.keys),
        "person": pa.array(users.person),
        "kind": pa.array([KIND_NAMES[k] for k in people.kind[users.person].tolist()]),
        "is_bot": pa.array(users.is_bot),
        "is_known": pa.array(users.is_known),
        "never_came": pa.array(never),
        "n_devices": pa.array(users.n_devices),
        "variant": pa.array(np.array(VARIANTS)[plan.variant[came]].tolist(), mask=unexposed),
        "n_visits": pa.array(np.where(never, 0, diary.n_visits[came])),
        "n_orders": pa.array(np.where(never, 0, diary.n_orders[came])),
        "first_seen_at": pa.array(diary.first_at[came], _INSTANT, mask=never),
        "registered_at": pa.array(diary.registered_at[came], _INSTANT, mask=unsigned),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def describe_truths(plan: Plan, people: People, diary: Diary, events: EventFiles) -> str:
    """Give the page that says in words and numbers what was planted."""
    head = [
        "# What was planted in this shop",
        "",
        "Generated, never loaded: reports are judged by it.",
        "`truths/users.parquet` holds the same for every user.",
    ]
    kinds, effects = _describe_kinds(plan, diary), _describe_effects(plan, diary)
    faults = _describe_faults(plan, people, events)
    return "\n".join([*head, "", *kinds, "", *effects, "", *faults, ""])


def _describe_kinds(plan: Plan, diary: Diary) -> list[str]:
    rows = ["| kind | people | visits | orders | what they are like |", "|---|---|---|---|---|"]
    for i, kind in enumerate(KINDS[:N_HUMAN]):
        mine = plan.kind == i
        visits, orders = int(diary.n_visits[mine].sum()), int(diary.n_orders[mine].sum())
        rows.append(f"| {kind.name} | {int(mine.sum())} | {visits} | {orders} | {kind.says} |")
    return ["## Kinds of people", "", *rows]


def _describe_effects(plan: Plan, diary: Diary) -> list[str]:
    met = diary.exposed_at != NEVER
    arms = [int((met & (plan.variant == v)).sum()) for v in range(len(VARIANTS))]
    base = KINDS[RESEARCHER].buys
    return [
        "## Campaign and experiment",
        "",
        f"- Campaign `{CAMPAIGN}` (newsletter, e-mail), {_days(plan, CAMPAIGN_SPAN)}: bargain",
        f"  hunters come {CAMPAIGN_VISITS:g} times as often",
        f"  and order {CAMPAIGN_BUYS:g} times as often a visit.",
        "  It reaches a few others too and changes nothing for them.",
        f"- Experiment `{EXPERIMENT}`, {_days(plan, EXPERIMENT_SPAN)}, variants A and B in equal",
        f"  halves of every kind; {arms[0]} people met A, {arms[1]} met B. B lifts a researcher's",
        f"  chance of an order a visit from {base:.0%} to {EFFECT_BUYS:.0%}.",
        "  For all others it does nothing.",
    ]


def _describe_faults(plan: Plan, people: People, events: EventFiles) -> list[str]:
    first, last = plan.first.isoformat(), plan.last.isoformat()
    faults = ", ".join(f"{n} {name}" for name, n in events.faults.items())
    return [
        "## What the files hold",
        "",
        f"- {events.n_lines} lines from {first} to {last} ({ZONE.key}):",
        f"  {events.n_messages} messages, {events.n_repeated} exact repetitions,",
        f"  {events.n_malformed} bad lines ({faults}).",
        f"- {events.n_late} messages stand in a later file than their time.",
        f"- {events.n_bot} messages come from {len(plan.kind) - plan.n_people} declared crawlers.",
        f"- {people.n_never} members of the customer table never came.",
        f"- The clock changes at (UTC): {', '.join(_clock_changes(plan)) or 'not in this log'}.",
        "- Devices come first without a user; `identify` links them. Of people with two devices",
        "  some identify on both, some on one: the other then stays a user of its own.",
    ]


def _clock_changes(plan: Plan) -> list[str]:
    starts, _ = offsets_of(plan)
    texts = [str(np.datetime_as_string(at, unit="m")) for at in starts[1:].view("datetime64[us]")]
    return [text for text in texts if str(plan.first) <= text[:10] <= str(plan.last)]


def _days(plan: Plan, part: tuple[float, float]) -> str:
    days = plan.span(part)
    return f"{day_text(plan, days.start)} to {day_text(plan, days.stop - 1)}"
