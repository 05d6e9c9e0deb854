"""Say which events count, and look up once what many rows share.

User numbers, user agents, sources and channels.
"""

from collections.abc import Callable, Sequence

import duckdb

from segkit.schema import DEVICE, EVENTS, RAW_EVENTS
from segkit.sources.agents import parse_agents
from segkit.sources.channels import classify_many
from segkit.store.bucket import ARRIVAL
from segkit.store.identity import resolve_joins


def host_of(column: str) -> str:
    """Give the SQL of a URL's host in lower case; null when there is none."""
    return (
        f"nullif(lower(regexp_extract({column}, "
        "'^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@?#]*@)?([^/:?#]+)', 1)), '')"
    )


def prepare_agents(con: duckdb.DuckDBPyConnection) -> None:
    """Create `agents`: one row a distinct user agent of the new events.

    With what it says and whether it is a bot's.
    """
    columns = ("user_agent", *(c for c in DEVICE if c != "resolution"), "bot_reason")
    con.execute(f"CREATE TEMP TABLE agents ({', '.join(f'{c} VARCHAR' for c in columns)})")
    texts = [
        row[0]
        for row in con.execute(
            "SELECT DISTINCT user_agent FROM new_events WHERE fault IS NULL AND user_agent IS "
            "NOT NULL"
        ).fetchall()
    ]
    if texts:
        rows = [
            (text, a.device_type, a.os, a.os_version, a.browser, a.browser_version, a.bot_reason)
            for text, a in zip(texts, parse_agents(texts), strict=True)
        ]
        insert_rows(con, "agents", columns=columns, rows=rows)


def insert_rows(
    con: duckdb.DuckDBPyConnection,
    table: str,
    *,
    columns: tuple[str, ...],
    rows: Sequence[tuple[str | None, ...]],
) -> None:
    """Append rows of text to a temporary table in one step."""
    import pyarrow as pa  # noqa: PLC0415  only loads need it

    batch = pa.table(
        {c: pa.array([row[i] for row in rows], pa.string()) for i, c in enumerate(columns)}
    )
    con.register("batch_rows", batch)
    con.execute(f"INSERT INTO {table} SELECT {', '.join(columns)} FROM batch_rows")
    con.unregister("batch_rows")


def prepare_touches(con: duckdb.DuckDBPyConnection, categories: frozenset[str]) -> None:
    """Create `touches`: what each way of arriving means.

    Grain: one row a distinct (UTM source, medium, campaign, referrer URL), the direct one with
    nulls included. The keys have the types of the staged events (ENUM for `categories`), so that
    visits find theirs without comparing text.
    """
    keys = ", ".join(ARRIVAL)
    union = " UNION ".join(
        f"SELECT DISTINCT {keys} FROM {table}{more}"
        for table, more in (("new_events", " WHERE fault IS NULL"), ("old_events", ""))
    )
    con.execute(
        f"CREATE TEMP TABLE arrivals AS SELECT *, {host_of('referrer_url')} AS host FROM ({union} "
        "UNION SELECT NULL, NULL, NULL, NULL)"
    )
    found = con.execute(
        "SELECT DISTINCT utm_source, utm_medium, utm_campaign, host FROM arrivals"
    ).fetchall()
    touches = classify_many(
        [(s, m, c, f"https://{h}/" if h else None) for s, m, c, h in found],
        own_hosts=_own_hosts(con),
    )
    by = ("utm_source", "utm_medium", "utm_campaign", "host")
    columns = (*by, "source", "medium", "channel", "source_type", "referrer_host")
    con.execute(f"CREATE TEMP TABLE classes ({', '.join(f'{c} VARCHAR' for c in columns)})")
    rows = [
        (*key, t.source, t.medium, t.channel, t.source_type, t.referrer_host)
        for key, t in zip(found, touches, strict=True)
    ]
    insert_rows(con, "classes", columns=columns, rows=rows)
    typed = ", ".join(
        f"a.{c}::{c}_category AS {c}" if c in categories else f"a.{c}" for c in ARRIVAL
    )
    same = " AND ".join(f"a.{c} IS NOT DISTINCT FROM c.{c}" for c in by)
    con.execute(
        f"CREATE TABLE touches AS SELECT {typed}, c.* EXCLUDE ({', '.join(by)}) FROM arrivals a "
        f"JOIN classes c ON {same}"
    )


def _own_hosts(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Give the hosts of the site's own pages; links from these are not referrers."""
    hosts = con.execute(
        " UNION ".join(
            f"SELECT DISTINCT {host_of('page_url')} FROM {table} WHERE page_url IS NOT NULL"
            for table in ("new_events", "old_events")
        )
    ).fetchall()
    return frozenset(host for (host,) in hosts if host)


_ALWAYS = ("time", "event", "value", "load_id", "row_no")


def find_filled(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Give the event columns that hold anything at all.

    The others need not be carried through the sort.
    """
    filled = set(_ALWAYS)
    agents = con.execute("SELECT count(*) FROM agents").fetchone()
    if agents and agents[0]:
        filled |= {*DEVICE, "bot_reason"}
    for column in EVENTS.columns:
        for table in ("new_events", "old_events"):
            known = column in RAW_EVENTS.columns or table == "old_events"
            if column in filled or not known:
                continue
            if con.execute(f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL LIMIT 1").fetchone():
                filled.add(column)
    return frozenset(filled - {"visit_no", "user_no"})


def events_select(
    con: duckdb.DuckDBPyConnection, filled: frozenset[str], categories: frozenset[str]
) -> str:
    """Give the query of every event that counts, old and new.

    With the filled columns (text of `categories` as ENUM) and the event's user.
    """
    number, joins = resolve_joins(con, "e")
    has_agents = con.execute("SELECT 1 FROM agents LIMIT 1").fetchone() is not None
    lost = (
        "ANTI JOIN losers USING (load_id, row_no)"
        if con.execute("SELECT 1 FROM losers LIMIT 1").fetchone()
        else ""
    )
    columns = [c for c in EVENTS.columns if c in filled]

    def selected(value: Callable[[str], str]) -> str:
        return ", ".join(
            f"({value(c)})::{c}_category AS {c}" if c in categories else f"{value(c)} AS {c}"
            for c in columns
        )

    new = selected(lambda c: _new_column(c, has_agents=has_agents))
    agents = "LEFT JOIN agents ON agents.user_agent = e.user_agent" if has_agents else ""
    return (
        f"SELECT {new}, {number} AS user_no FROM (SELECT * FROM new_events {lost} WHERE "
        f"fault IS NULL) e {agents} {joins} UNION ALL "
        f"SELECT {selected('e.{}'.format)}, {number} AS user_no FROM (SELECT * FROM old_events "
        f"{lost}) e {joins}"
    )


def _new_column(column: str, *, has_agents: bool) -> str:
    if column == "bot_reason":
        return "agents.bot_reason" if has_agents else "NULL::VARCHAR"
    if has_agents and column in DEVICE and column != "resolution":
        return f"coalesce(e.{column}, agents.{column})"
    return f"e.{column}"
