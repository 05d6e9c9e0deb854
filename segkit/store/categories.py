"""Carry repeated text as numbers while events are sorted.

An event row is mostly text that occurs millions of times (page paths, channels, user ids). As an
engine's ENUM each takes one to four bytes, so that a bucket's sort moves a tenth of the memory; the
tables written hold text again.
"""

import duckdb

from segkit.schema import EVENTS

MOST_VALUES = 100_000
MOST_PEOPLE = 3_000_000
MOST_AS_IS = 4_096
_SAMPLE = 50_000
_NEVER = {"event_id", "properties", "page_title"}


def make_categories(con: duckdb.DuckDBPyConnection, filled: frozenset[str]) -> frozenset[str]:
    """Create the type `<column>_category` for each filled text column that repeats itself.

    Gives the columns that have one. `load_id` always has: its order is that of the ids, so that
    events of one instant and place have one order whatever was loaded first.
    """
    loads = "SELECT load_id FROM old_loads UNION SELECT DISTINCT load_id FROM new_ids"
    made = {"load_id"} if _create(con, "load_id", loads, most=MOST_VALUES) else set()
    people = {
        "user_id": "SELECT user_id FROM seen_users",
        "device_id": "SELECT id FROM seen_devices",
    }
    texts = [c for c, kind in EVENTS.columns.items() if kind == "string" and c in filled]
    for column in texts:
        if column in people:
            done = _create(con, column, people[column], most=MOST_PEOPLE)
        elif column in _NEVER or column == "load_id" or not _repeats(con, column):
            continue
        else:
            done = _create(con, column, _values(con, column), most=MOST_VALUES)
        if done:
            made.add(column)
    return frozenset(made)


def find_small(con: duckdb.DuckDBPyConnection, categories: frozenset[str]) -> frozenset[str]:
    """Give the categories of at most `MOST_AS_IS` values: files may hold them as they are."""

    def count(column: str) -> int:
        found = con.execute(f"SELECT len(enum_range(NULL::{column}_category))").fetchone()
        return int(found[0]) if found else 0

    return frozenset(column for column in categories if count(column) <= MOST_AS_IS)


def _repeats(con: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether the first rows hold far fewer values than rows."""
    if column == "bot_reason":
        return True
    found = con.execute(
        f"SELECT count({column}), count(DISTINCT {column}) FROM "
        f"(SELECT {column} FROM new_events LIMIT {_SAMPLE})"
    ).fetchone()
    n, n_values = found or (0, 0)
    return bool(n_values <= max(1000, n / 5))


def _values(con: duckdb.DuckDBPyConnection, column: str) -> str:
    """Give the query of all values that a column of the events can take."""
    agents = {row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE agents)").fetchall()}
    tables = ["old_events", *(["new_events"] if column != "bot_reason" else [])]
    tables += ["agents"] if column in agents else []
    return " UNION ".join(
        f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL" for table in tables
    )


def _create(con: duckdb.DuckDBPyConnection, column: str, values: str, *, most: int) -> bool:
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE category_values AS SELECT DISTINCT {column} AS value FROM "
        f"({values}) AS v({column}) WHERE {column} IS NOT NULL"
    )
    counted = con.execute("SELECT count(*) FROM category_values").fetchone()
    if not counted or not 0 < counted[0] <= most:
        return False
    con.execute(
        f"CREATE TYPE {column}_category AS ENUM (SELECT value FROM category_values ORDER BY value)"
    )
    return True
