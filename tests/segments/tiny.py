"""Canonical tables out of a few events written by hand, in plain Python, without the loader."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis import Table

from segkit.periods import Clock, local_day
from segkit.schema import PAGE_EVENTS, TABLES
from segkit.segments.evaluate import Membership, evaluate, no_lists
from segkit.segments.model import Definition, read_document
from segkit.segments.pattern_models import NO_MODELS, PatternModels
from segkit.segments.shapes import Place
from segkit.store.engine import Engine
from segkit.store.tables import AttributeInfo, Catalogue, EventInfo, Tables

Row = dict[str, Any]
_NAMES = count()
EVENT_COLUMNS = tuple(TABLES["events"].columns)
VISIT_ONLY = ("source_type", "channel", "referrer_host")
OPTIONS = ("library", "lists", "models")
SILENCE = timedelta(minutes=30)


LOT = 200
"""So many worlds share an engine: their tables stay in its memory as long as it does."""


@lru_cache(maxsize=1)
def duckdb(_lot: int) -> Engine:
    """One engine for the worlds of a lot."""
    return Engine()


@dataclass(frozen=True, kw_only=True)
class Tiny:
    """The tables, the key of each user number, and the plain rows of every table."""

    tables: Tables
    keys: Mapping[int, str]
    rows: Mapping[str, list[Row]]

    def users(self, table: Table) -> set[str]:
        """The keys of a table with one column `user_no`; every user must stand in it once."""
        found = [self.keys[row[0]] for row in self.tables.engine.rows(table)]
        assert len(found) == len(set(found)), "a user stands twice"
        return set(found)

    def evaluate(
        self,
        definition: Definition,
        clock: Clock,
        *,
        library: Mapping[str, Definition] | None = None,
        lists: Callable[[str], Sequence[Mapping[str, str]]] = no_lists,
        models: PatternModels = NO_MODELS,
    ) -> Membership:
        return evaluate(
            definition,
            tables=self.tables,
            clock=clock,
            library=library,
            lists=lists,
            models=models,
        )

    def members(self, where: Any, day: str = "2026-06-30", **document: Any) -> set[str]:
        """The members of a condition in the plain form of the language at the end of a day."""
        options = {key: document.pop(key) for key in OPTIONS if key in document}
        clock = Clock.at_end_of(date.fromisoformat(day), self.tables.zone)
        return self.users(self.evaluate(segment(where, **document), clock, **options).members)


def segment(where: Any, *, name: str = "tested", **document: Any) -> Definition:
    """A definition in the plain form of the language."""
    tree = {"segkit": 1, "segment": name, "title": "Tested", "where": where} | document
    return read_document(tree, Place(f"{name}.yml"))


def event(user: str, time: str | datetime, name: str = "page_view", **more: Any) -> Row:
    """One event; a time without offset is UTC; keys that are no columns become properties."""
    at = datetime.fromisoformat(time) if isinstance(time, str) else time
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    columns = {k: v for k, v in more.items() if k in EVENT_COLUMNS or k in VISIT_ONLY}
    told = {k: v for k, v in more.items() if k not in columns}
    value = columns.get("value")
    columns["value"] = None if value is None else Decimal(str(value))
    properties = json.dumps(told) if told else None
    return {"user": user, "time": at, "event": name, "properties": properties} | columns


def label(
    user: str, name: str, value: str | None, since: str | None = None, *, is_valid: bool = True
) -> Row:
    """One statement of a label, valid from an instant (UTC where it has no offset)."""
    at = None if since is None else datetime.fromisoformat(since)
    at = at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
    return {"user": user, "name": name, "value": value, "valid_from": at, "is_valid": is_valid}


@dataclass(frozen=True, kw_only=True)
class People:
    """Who the rows are about: numbers by key, in the order of their first mention."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, key: str) -> int:
        return self.numbers.setdefault(key, 1000 + len(self.numbers))


def tables_of(
    events: Sequence[Row] = (),
    *,
    attributes: Sequence[Row] = (),
    consents: Sequence[Row] = (),
    exposures: Sequence[Row] = (),
    people: Mapping[str, str | None] | None = None,
    zone: str = "UTC",
    engine: Engine | None = None,
) -> Tiny:
    """Build all tables of a snapshot.

    A user key that begins with `d_` is a device nobody was identified on; any other is a user id.
    `people` are persons of a table without events, with the instant at which they became known
    (None: always).
    """
    who = People()
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    rows["events"] = _event_rows(events, who)
    rows["attributes"] = _numbered(attributes, who)
    rows["consents"] = _numbered(consents, who)
    rows["exposures"] = _numbered(exposures, who)
    for key in people or {}:
        who.number(key)
    zone_info = ZoneInfo(zone)
    rows["visits"] = _visit_rows(rows["events"], zone_info)
    rows["users"] = _user_rows(who, rows, people or {}, zone_info)
    rows["user_days"] = _day_rows(rows["events"], zone_info)
    rows["page_days"] = _page_rows(rows["events"], zone_info)
    rows["identities"] = [
        {
            "kind": "device" if key.startswith("d_") else "user",
            "id": key,
            "user_no": no,
            "linked_at": None,
        }
        for key, no in who.numbers.items()
    ]
    keys = {no: key for key, no in who.numbers.items()}
    number = next(_NAMES)
    tables = _opened(rows, zone_info, engine or duckdb(number // LOT), number)
    return Tiny(tables=tables, keys=keys, rows=rows)


def _numbered(rows: Iterable[Row], who: People) -> list[Row]:
    return [
        {"user_no": who.number(row["user"])} | {k: v for k, v in row.items() if k != "user"}
        for row in rows
    ]


def _event_rows(events: Sequence[Row], who: People) -> list[Row]:
    rows: list[Row] = []
    for i, told in enumerate(events):
        row = dict.fromkeys(EVENT_COLUMNS) | {k: v for k, v in told.items() if k != "user"}
        key = told["user"]
        is_device = key.startswith("d_")
        row |= {
            "user_no": who.number(key),
            "user_id": None if is_device else key,
            "event_id": f"e{i}",
        }
        row |= {"device_id": key if is_device else f"d_{key}", "load_id": "load", "row_no": i}
        rows.append(row)
    rows.sort(key=lambda r: (r["user_no"], r["time"], r["row_no"]))
    return rows


def people_events(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Events of people by user, bots left out, in order."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row["bot_reason"] is None:
            found[row["user_no"]].append(row)
    return found


def _visit_rows(events: list[Row], zone: ZoneInfo) -> list[Row]:
    visits: list[Row] = []
    for user_no, own in people_events(events).items():
        chunk: list[Row] = []
        is_first = True
        for row in [*own, None]:
            if chunk and (row is None or row["time"] - chunk[-1]["time"] > SILENCE):
                visits.append(_visit(user_no, chunk, zone, is_first=is_first))
                chunk, is_first = [], False
            if row is not None:
                chunk.append(row)
    return visits


def _visit(user_no: int, chunk: list[Row], zone: ZoneInfo, *, is_first: bool) -> Row:
    start = chunk[0]["time"]
    number = round(start.timestamp() * 1_000_000)
    for row in chunk:
        row["visit_no"] = number
    views = [row for row in chunk if row["event"] in PAGE_EVENTS]
    local = start.astimezone(zone)
    copied = {
        k: chunk[0].get(k) for k in TABLES["visits"].columns if k in (*EVENT_COLUMNS, *VISIT_ONLY)
    }
    values = [row["value"] for row in chunk if row["value"] is not None]
    return (
        dict.fromkeys(TABLES["visits"].columns)
        | copied
        | {
            "user_no": user_no,
            "visit_no": number,
            "started_at": start,
            "ended_at": chunk[-1]["time"],
        }
        | {
            "day": local.date(),
            "hour": local.hour,
            "weekday": local.isoweekday(),
            "is_first": is_first,
        }
        | {
            "visit_type": "new" if is_first else "returning",
            "n_events": len(chunk),
            "n_page_views": len(views),
        }
        | {"landing_page": views[0]["page_path"] if views else None}
        | {"exit_page": views[-1]["page_path"] if views else None}
        | {
            "engaged_s": int((chunk[-1]["time"] - start).total_seconds()),
            "value": sum(values) if values else None,
        }
    )


def _user_rows(
    who: People, rows: Mapping[str, list[Row]], people: Mapping[str, str | None], zone: ZoneInfo
) -> list[Row]:
    users: list[Row] = []
    for key, user_no in who.numbers.items():
        own = [row for row in rows["events"] if row["user_no"] == user_no]
        is_known = not key.startswith("d_")
        human = [row for row in own if row["bot_reason"] is None] or own
        told = people.get(key)
        first = human[0]["time"] if human else None
        identified = datetime.fromisoformat(told) if told else first if is_known else None
        users.append(
            dict.fromkeys(TABLES["users"].columns)
            | {
                "user_no": user_no,
                "user_key": key,
                "user_id": key if is_known else None,
                "is_known": is_known,
            }
            | {"is_bot": bool(own) and not is_known and all(r["bot_reason"] for r in own)}
            | {"first_seen_at": first, "last_seen_at": human[-1]["time"] if human else None}
            | {"identified_at": identified, "n_events": len(human)}
            | {"first_day": local_day(first, zone) if first else None}
        )
    return users


def _day_rows(events: list[Row], zone: ZoneInfo) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for own in people_events(events).values():
        for row in own:
            key = (row["user_no"], local_day(row["time"], zone), row["event"], row["currency"])
            groups[key].append(row)
    days = []
    for (user_no, day, name, currency), found in groups.items():
        values = [row["value"] for row in found if row["value"] is not None]
        value = sum(values, Decimal(0)) if values else None
        days.append(
            {
                "user_no": user_no,
                "day": day,
                "event": name,
                "currency": currency,
                "n_events": len(found),
                "value": value,
            }
        )
    return days


def _page_rows(events: list[Row], zone: ZoneInfo) -> list[Row]:
    groups: dict[tuple[int, date, str | None], int] = defaultdict(int)
    for own in people_events(events).values():
        for row in own:
            if row["event"] in PAGE_EVENTS:
                groups[row["user_no"], local_day(row["time"], zone), row["page_path"]] += 1
    return [
        {"user_no": u, "day": d, "page_path": p, "n_views": n} for (u, d, p), n in groups.items()
    ]


def catalogue_of(rows: Mapping[str, list[Row]]) -> Catalogue:
    """What a snapshot of these rows holds."""
    events: dict[str, EventInfo] = {}
    for row in rows["events"]:
        before = events.get(row["event"], EventInfo(n=0))
        keys = set(before.properties) | set(json.loads(row["properties"] or "{}"))
        events[row["event"]] = EventInfo(n=before.n + 1, properties=tuple(sorted(keys)))
    attributes: dict[str, AttributeInfo] = {}
    for name in sorted({row["name"] for row in rows["attributes"]}):
        own = [row for row in rows["attributes"] if row["name"] == name]
        attributes[name] = AttributeInfo(
            kind=_kind([row["value"] for row in own if row["value"] is not None]),
            has_history=any(row["valid_from"] for row in own),
            n_users=len({row["user_no"] for row in own}),
        )
    variants: dict[str, set[str]] = defaultdict(set)
    for row in rows["exposures"]:
        variants[row["experiment"]].add(row["variant"])
    times = [row["time"] for row in rows["events"]]
    return Catalogue(
        events=events,
        attributes=attributes,
        experiments={name: tuple(sorted(found)) for name, found in variants.items()},
        purposes=tuple(sorted({row["purpose"] for row in rows["consents"]})),
        currencies=tuple(sorted({row["currency"] for row in rows["events"] if row["currency"]})),
        n_events=len(times),
        n_users=len(rows["users"]),
        first_at=min(times, default=None),
        last_at=max(times, default=None),
    )


def _kind(values: list[str]) -> str:
    if values and all(v.replace(".", "", 1).lstrip("-").isdigit() for v in values):
        return "number"
    if values and all(v in {"true", "false"} for v in values):
        return "boolean"
    return "text"


def _opened(rows: Mapping[str, list[Row]], zone: ZoneInfo, engine: Engine, number: int) -> Tables:
    folder = Path(tempfile.mkdtemp()) if engine.name == "pyspark" else None

    def open_table(name: str) -> Table:
        columns = TABLES[name].columns
        schema = ibis.schema(columns)
        listed = [{column: row.get(column) for column in columns} for row in rows[name]]
        table = pa.Table.from_pylist(listed, schema=schema.to_pyarrow())
        if folder is None:
            return engine.backend.create_table(f"{name}_{number}", table, temp=True)
        pq.write_table(table, folder / f"{name}.parquet")
        return engine.backend.read_parquet(folder / f"{name}.parquet")

    return Tables(
        engine,
        zone=zone,
        catalogue=catalogue_of(rows),
        snapshot=f"tiny-{number}",
        open_table=open_table,
    )
