"""Build canonical tables from `tests/data/tiny_events.csv`, in plain Python, by the rules in words.

13 people in the zone Europe/Berlin, whose clock moves on 29 March 2026. u01 to u04 are the buyers;
u05 to u11 came and did not buy; u12 is a bot; u13 is known from a customer table alone. The report
day is 2026-03-31, so T is 22:00 UTC and the last event of u03 lies after it.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
from ibis import Table

from segkit.measures.sides import Sides
from segkit.periods import Clock
from segkit.schema import PAGE_EVENTS, TABLES
from segkit.store.engine import Engine
from segkit.store.tables import AttributeInfo, Catalogue, EventInfo, Tables

ZONE = ZoneInfo("Europe/Berlin")
AS_OF = date(2026, 3, 31)
CLOCK = Clock.at_end_of(AS_OF, ZONE)
DAYS = 35
EVENTS_CSV = Path(__file__).parents[1] / "data" / "tiny_events.csv"
BUYERS = ("u01", "u02", "u03", "u04")
Row = dict[str, Any]
DAY_KEYS = ("user_no", "day", "event", "currency")

LABELS: tuple[tuple[str, str, str | None, str | None], ...] = (
    ("u01", "plan", "pro", None),
    ("u02", "plan", "free", "2026-03-01T00:00:00Z"),
    ("u02", "plan", "pro", "2026-03-20T00:00:00Z"),
    ("u02", "plan", "free", "2026-03-31T22:00:00Z"),
    ("u03", "plan", "pro", "2026-03-01T00:00:00Z"),
    ("u03", "plan", None, "2026-03-10T00:00:00Z"),
    ("u05", "plan", "free", None),
    ("u06", "plan", "free", None),
    ("u07", "plan", "pro", None),
    ("u13", "plan", "pro", None),
    ("u01", "age", "25", None),
    ("u02", "age", "29", None),
    ("u03", "age", "31", None),
    ("u05", "age", "25", None),
    ("u06", "age", "64", None),
    ("u01", "e_mail", "ann@example.org", None),
    ("u05", "e_mail", "bob@example.org", None),
    ("u01", "newsletter", "True", None),
    ("u02", "newsletter", "false", None),
    ("u05", "newsletter", "true", None),
    ("u01", "joined", "2025-11-03", None),
    ("u02", "joined", "2025-12-24", None),
    ("u05", "joined", "2025-11-30", None),
)
KINDS = {
    "plan": "text",
    "age": "number",
    "e_mail": "text",
    "newsletter": "boolean",
    "joined": "date",
}


def number(user: str) -> int:
    """Give the `user_no` of a user: 100 and its digits."""
    return 100 + int(user[1:])


def instant(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text).astimezone(UTC)


def read_events() -> list[Row]:
    """Give the events of the file with their visits."""
    with EVENTS_CSV.open(encoding="utf-8") as file:
        raw = [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]
    return with_visits(raw)


def with_visits(raw: Iterable[dict[str, str | None]]) -> list[Row]:
    """Give rows of text as events: sorted by user and time, a new visit after more than 1,800 s."""
    events: list[Row] = [
        {
            **row,
            "user_no": number(str(row["user"])),
            "time": instant(str(row["time"])),
            "value": Decimal(str(row["value"])) if row.get("value") else None,
            "currency": row.get("currency") or ("EUR" if row.get("value") else None),
            "bot_reason": row.get("bot"),
            "row_no": place,
        }
        for place, row in enumerate(raw)
    ]
    events.sort(key=lambda e: (e["user_no"], e["time"], e["row_no"]))
    before: Row | None = None
    for e in events:
        goes_on = (
            before is not None
            and before["user_no"] == e["user_no"]
            and e["time"] - before["time"] <= timedelta(seconds=1800)
        )
        start = before["visit_no"] if goes_on and before else micros(e["time"])
        e["visit_no"] = None if e["bot_reason"] else start
        before = e
    return events


def micros(at: datetime) -> int:
    """Give microseconds since 1970."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def _grouped(rows: Iterable[Row], *keys: str) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[k] for k in keys), []).append(row)
    return found


def _visits(people: Sequence[Row]) -> list[Row]:
    visits = []
    firsts: set[int] = set()
    for (user_no, visit_no), events in _grouped(people, "user_no", "visit_no").items():
        start, end = events[0]["time"], events[-1]["time"]
        views = [e for e in events if e["event"] in PAGE_EVENTS]
        local = start.astimezone(ZONE)
        is_first = user_no not in firsts
        firsts.add(user_no)
        visits.append(
            {
                "user_no": user_no,
                "visit_no": visit_no,
                "started_at": start,
                "ended_at": end,
                "day": local.date(),
                "hour": local.hour,
                "weekday": local.isoweekday(),
                "is_first": is_first,
                "visit_type": "new" if is_first else "returning",
                "landing_page": views[0].get("page_path") if views else None,
                "exit_page": views[-1].get("page_path") if views else None,
                **{k: events[0].get(k) for k in ("source", "channel", "device_type", "country")},
                "n_events": len(events),
                "n_page_views": len(views),
                "engaged_s": (end - start) // timedelta(seconds=1),
                "value": sum((e["value"] or Decimal(0) for e in events), Decimal(0)),
                "currency": next((e["currency"] for e in events if e["currency"]), None),
            }
        )
    return visits


def _sum_values(events: Sequence[Row]) -> Decimal | None:
    values = [e["value"] for e in events if e["value"] is not None]
    return sum(values, Decimal(0)) if values else None


def _users(events: Sequence[Row], visits: Sequence[Row], extra: Sequence[str]) -> list[Row]:
    users = []
    for (user_no,), own in _grouped(events, "user_no").items():
        people = [e for e in own if not e["bot_reason"]]
        first = next((v for v in visits if v["user_no"] == user_no), {})
        seen = people or own
        users.append(
            {
                "user_no": user_no,
                "user_key": own[0]["user"],
                "user_id": own[0]["user"],
                "is_known": True,
                "is_bot": not people,
                "first_seen_at": seen[0]["time"],
                "last_seen_at": seen[-1]["time"],
                "first_day": first.get("day"),
                "n_events": len(people),
                **{
                    f"first_{k}": first.get(k)
                    for k in ("source", "channel", "device_type", "country")
                },
            }
        )
    users += [
        {
            "user_no": number(u),
            "user_key": u,
            "user_id": u,
            "is_known": True,
            "is_bot": False,
            "n_events": 0,
        }
        for u in extra
    ]
    return users


def build_tables(
    engine: Engine,
    events: Sequence[Row],
    *,
    labels: Sequence[tuple[str, str, str | None, str | None]] = (),
    extra: Sequence[str] = (),
) -> Tables:
    """Give the tables of some events; `extra` are people without any."""
    people = [e for e in events if not e["bot_reason"]]
    for e in people:
        e["day"] = _day(e["time"])
    visits = _visits(people)
    views = [e for e in people if e["event"] in PAGE_EVENTS and e.get("page_path")]
    rows: dict[str, Sequence[Row]] = {
        "events": events,
        "visits": visits,
        "users": _users(events, visits, extra),
        "user_days": [
            dict(zip(DAY_KEYS, key, strict=True))
            | {"n_events": len(own), "value": _sum_values(own)}
            for key, own in _grouped(people, *DAY_KEYS).items()
        ],
        "page_days": [
            {"user_no": no, "day": day, "page_path": path, "n_views": len(own)}
            for (no, day, path), own in _grouped(views, "user_no", "day", "page_path").items()
        ],
        "attributes": [
            {
                "user_no": number(u),
                "name": n,
                "value": v,
                "valid_from": instant(t) if t else None,
                "is_valid": True,
            }
            for u, n, v, t in labels
        ],
    }  # fmt: skip
    names = {n for _, n, _, _ in labels}
    dated = {n for _, n, _, t in labels if t}
    catalogue = Catalogue(
        events={n: EventInfo(n=len(own)) for (n,), own in _grouped(people, "event").items()},
        attributes={
            n: AttributeInfo(kind=KINDS.get(n, "text"), has_history=n in dated, n_users=1)
            for n in sorted(names)
        },
        currencies=tuple(sorted({e["currency"] for e in people if e["currency"]})),
        n_events=len(people),
        n_users=len(rows["users"]),
        first_at=min((e["time"] for e in people), default=None),
        last_at=max((e["time"] for e in people), default=None),
    )
    return Tables(
        engine,
        zone=ZONE,
        catalogue=catalogue,
        snapshot="tiny",
        open_table=lambda name: make_table(engine, name, rows.get(name, ())),
    )


def make_table(engine: Engine, name: str, rows: Sequence[Row]) -> Table:
    """Give rows as a canonical table; columns that a row lacks are null."""
    columns = TABLES[name].columns
    schema = ibis.schema(columns).to_pyarrow()
    arrays = [pa.array([row.get(f.name) for row in rows], f.type) for f in schema]
    table = pa.Table.from_arrays(arrays, schema=schema)
    return engine.keep(ibis.memtable(table), f"tiny_{name}")


def build_tiny(engine: Engine) -> Tables:
    """Give the tables of the file, with labels and u13."""
    return build_tables(engine, read_events(), labels=LABELS, extra=["u13"])


def buyers_at(tables: Tables, clock: Clock) -> Table:
    """Give who ever bought before T."""
    days = tables.user_days
    bought = days.filter((days.event == "purchase") & (days.day <= clock.day))
    return bought.select("user_no").distinct()


def everyone_at(tables: Tables, clock: Clock) -> Table:
    """Give who was known before T and is no bot; a person of the customer table always is."""
    users = tables.users
    seen = users.first_seen_at < ibis.literal(clock.at)
    return users.filter(~users.is_bot & (users.first_seen_at.isnull() | seen)).select("user_no")


def make_sides(
    tables: Tables,
    *,
    days: int = DAYS,
    clock: Clock = CLOCK,
    min_size: int = 1,
    members: Sequence[str] | None = None,
) -> Sides:
    """Give the buyers, or the users named, against everyone else."""
    everyone = everyone_at(tables, clock)
    if members is None:
        own = buyers_at(tables, clock)
    else:
        own = everyone.filter(everyone.user_no.isin([number(u) for u in members]))
    marked = own.mutate(in_segment=ibis.literal(value=True))
    rest = everyone.anti_join(own, "user_no").mutate(in_segment=ibis.literal(value=False))
    groups = tables.engine.keep(ibis.union(marked, rest), "groups")
    n = int(tables.engine.scalar(groups.count()))
    n_segment = int(tables.engine.scalar(own.count()))
    return Sides(
        tables=tables, groups=groups, clock=clock, days=days,
        n_segment=n_segment, n_baseline=n - n_segment, min_size=min_size,
    )  # fmt: skip
