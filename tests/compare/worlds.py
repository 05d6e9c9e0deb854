"""Tables of made people whose numbers can be counted by hand in Python."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from segkit.compare.candidates import Candidates
from segkit.measures.activity import build_activity
from segkit.measures.facts import Breakdown
from segkit.measures.labels import measure_labels
from segkit.measures.overview import measure_origins
from segkit.measures.sides import Sides
from segkit.measures.traffic import read_visits
from segkit.store.engine import Engine
from segkit.store.tables import Tables
from tests.measures.tiny import Row, build_tables, make_sides, with_visits

FIRST = date(2026, 2, 25)
N_DAYS = 35
EVENTS = ("page_view", "page_view", "add_to_cart", "search", "purchase")
Labels = list[tuple[str, str, str | None, str | None]]


def make_rows(n_users: int, n_rows: int, seed: int) -> list[dict[str, str | None]]:
    """Give events of some users, drawn without regard to who they are."""
    chance = random.Random(seed)
    rows: list[dict[str, str | None]] = []
    for _ in range(n_rows):
        event = chance.choice(EVENTS)
        day = FIRST + timedelta(days=chance.randrange(N_DAYS))
        rows.append(
            {
                "user": f"u{chance.randrange(n_users):02}",
                "time": f"{day}T{chance.randrange(24):02}:{chance.randrange(60):02}:00Z",
                "event": event,
                "page_path": f"/{int(9 * chance.random() ** 2)}" if event == "page_view" else None,
                "value": str(chance.randrange(5, 60)) if event == "purchase" else None,
                "channel": chance.choice(["Direct", "Email", "Referral"]),
                "device_type": chance.choice(["pc", "mobile"]),
            }
        )
    return rows


def make_labels(n_users: int, seed: int) -> Labels:
    """Give two labels that know nothing of anything."""
    chance = random.Random(seed)
    return [
        (f"u{i:02}", name, chance.choice(values), None)
        for i in range(n_users)
        for name, values in (("plan", "aab"), ("colour", "xyz"))
    ]


def make_world(
    engine: Engine, *, n_users: int = 90, n_rows: int = 900, seed: int = 1
) -> tuple[Tables, list[Row]]:
    """Give tables and the events in them."""
    events = with_visits(make_rows(n_users, n_rows, seed))
    return build_tables(engine, events, labels=make_labels(n_users, seed)), events


def make_candidates(tables: Tables, members: Sequence[str], *, min_size: int = 1) -> Candidates:
    """Give the comparisons of some users with the rest."""
    sides = make_sides(tables, members=members, min_size=min_size)
    return Candidates(
        sides=sides,
        activity=build_activity(sides, purchases=("purchase",)),
        visits=read_visits(sides),
        labels=labels_of(sides),
        has_money=True,
    )


def labels_of(sides: Sides) -> tuple[Breakdown, ...]:
    """Give all labels of both sides, nothing withheld."""
    own = measure_labels(sides, columns={}, clearance="pseudonymous")
    return (*measure_origins(sides).labels, *own)
