"""Find events that were delivered more than once: each counts once.

An event's identity is its id where the source has one, scoped to the source; else the file's
content and the row's place, which a file loaded twice shares; `identity = "content"` or a list of
columns says otherwise. Of several deliveries the one with the earliest (time, row, file) stays: a
rule that does not depend on which came first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from segkit.config import SourceConfig
from segkit.schema import UTM

CONTENT = (
    *("event_id", "device_id", "user_id", "time", "event", "page_url", "page_path", "page_title"),
    *("referrer_url", *UTM, "value", "currency", "properties"),
)
"""Columns that make up an event's content; device and place are derived from the same request."""

RECORDS = {
    "attributes": "device_id, user_id, name, value, time",
    "links": "device_id, user_id, previous_id, time",
    "consents": "device_id, user_id, purpose, state, time",
    "exposures": "device_id, user_id, experiment, variant, time",
}
"""What makes two records of the other tables the same."""


def _hash(columns: Sequence[str]) -> str:
    text = ", ".join(f'coalesce("{c}"::VARCHAR, chr(0))' for c in columns)
    return f"md5_number_lower(concat_ws(chr(31), {text}))"


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """How many new rows repeat an event, by load id.

    And how many of them differ from it in content, by source.
    """

    by_load: dict[str, int]
    conflicts: dict[str, int]


def find_repeats(con: duckdb.DuckDBPyConnection, sources: Sequence[SourceConfig]) -> Repeats:
    """Find the deliveries that do not count, and count the new ones.

    Creates the tables `losers` (load_id, row_no) of deliveries, old and new, that are left out, and
    `repeated_rows` of new rows whose event was delivered before. They differ where a new delivery
    takes the place of an old one.
    """
    con.execute("CREATE TEMP TABLE losers (load_id VARCHAR, row_no BIGINT)")
    con.execute("CREATE TEMP TABLE repeated_rows (load_id VARCHAR, row_no BIGINT)")
    conflicts: dict[str, int] = {}
    for source in sources:
        key, needs = _key(source)
        good = f"source = '{source.name}' AND fault IS NULL AND {needs}"
        if not con.execute(f"SELECT 1 FROM new_events WHERE {good} LIMIT 1").fetchone():
            continue
        old = (
            f"load_id IN (SELECT load_id FROM old_loads WHERE source = '{source.name}') AND {needs}"
        )
        keys = (
            f"SELECT {key} AS k FROM new_events WHERE {good} UNION ALL SELECT {key} FROM "
            f"old_events WHERE {old}"
        )
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE doubled AS SELECT k FROM ({keys}) GROUP BY k HAVING "
            "count(*) > 1"
        )
        columns = f"{key} AS k, {_hash(CONTENT)} AS content, time, load_id, row_no"
        con.execute(
            "CREATE OR REPLACE TEMP TABLE ranked AS SELECT *, row_number() OVER w AS place, "
            "row_number() OVER (PARTITION BY k ORDER BY is_new, time, row_no, load_id) AS turn, "
            "count(DISTINCT content) OVER (PARTITION BY k) AS n "
            f"FROM (SELECT {columns}, true AS is_new FROM new_events WHERE {good} UNION ALL "
            f"SELECT {columns}, false FROM old_events WHERE {old}) "
            "SEMI JOIN doubled USING (k) WINDOW w AS (PARTITION BY k ORDER BY time, row_no, "
            "load_id)"
        )
        con.execute("INSERT INTO losers SELECT load_id, row_no FROM ranked WHERE place > 1")
        con.execute(
            "INSERT INTO repeated_rows SELECT load_id, row_no FROM ranked WHERE is_new AND turn > 1"
        )
        differing = con.execute(
            "SELECT count(DISTINCT (k, content)) - count(DISTINCT k) FROM ranked WHERE n > 1"
        ).fetchone()
        if differing and differing[0]:
            conflicts[source.name] = int(differing[0])
    return Repeats(by_load=_count_rows(con), conflicts=conflicts)


def _count_rows(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count new rows none of whose records is new, by load id.

    Labels, links, consents and exposures repeat when all their columns are equal; a message that
    gives several records is a repeat only when each of them is.
    """
    simple = con.execute("SELECT load_id, count(*) FROM repeated_rows GROUP BY 1").fetchall()
    records = [
        f"SELECT load_id, row_no, row_number() OVER (PARTITION BY {columns} ORDER BY load_id, "
        "row_no) > 1 AS is_repeat "
        f"FROM new_{name} WHERE fault IS NULL"
        for name, columns in RECORDS.items()
    ]
    con.execute(
        "CREATE TEMP TABLE other_rows AS SELECT load_id, row_no, bool_and(is_repeat) AS "
        f"is_repeat FROM ({' UNION ALL '.join(records)}) GROUP BY 1, 2"
    )
    mixed = con.execute(
        "SELECT load_id, count(*) FROM (SELECT o.load_id, o.row_no FROM other_rows o "
        "LEFT JOIN (SELECT load_id, row_no, true AS is_event FROM new_events WHERE fault IS NULL "
        "AND load_id IN (SELECT load_id FROM other_rows)) e USING (load_id, row_no) "
        "WHERE o.is_repeat AND e.is_event IS NULL) GROUP BY 1"
    ).fetchall()
    kept_losers = con.execute(
        "SELECT load_id, count(*) FROM repeated_rows JOIN other_rows USING (load_id, row_no) "
        "WHERE NOT "
        "is_repeat GROUP BY 1"
    ).fetchall()
    counts: dict[str, int] = {}
    for rows, sign in ((simple, 1), (mixed, 1), (kept_losers, -1)):
        for load_id, n in rows:
            counts[load_id] = counts.get(load_id, 0) + sign * int(n)
    return counts


def _key(source: SourceConfig) -> tuple[str, str]:
    """Give the SQL of an event's identity and the condition under which it has one."""
    if source.identity == "id":
        return "md5_number_lower(event_id)", "event_id IS NOT NULL"
    columns = CONTENT if source.identity == "content" else tuple(source.identity)
    return _hash(columns), "true"
