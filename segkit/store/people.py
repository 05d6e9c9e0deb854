"""Write what is known of people: users with totals, labels over time, consents, exposures.

And the ids they go by.
"""

from collections.abc import Sequence

import duckdb

from segkit.store.delta import TableWriter
from segkit.store.identity import resolve_joins


def build_renumbering(con: duckdb.DuckDBPyConnection) -> None:
    """Create `renumbered` (old_no, user_no).

    Users of the snapshot before who are now part of somebody else.
    """
    con.execute(
        "CREATE TEMP TABLE renumbered AS SELECT o.user_no AS old_no, arg_min(n.user_no, (o.kind "
        "<> 'user', n.user_no)) AS user_no "
        "FROM old_identities o JOIN (SELECT 'user' AS kind, id, user_no FROM user_ids UNION ALL "
        "SELECT 'device', id, user_no FROM device_ids) n "
        "USING (kind, id) GROUP BY 1"
    )


def write_identities(con: duckdb.DuckDBPyConnection, writer: TableWriter) -> None:
    """Write every id and the user that it belongs to."""
    writer.write(
        con,
        "SELECT 'user' AS kind, id, user_no, linked_at FROM user_ids UNION ALL "
        "SELECT 'device', id, user_no, linked_at FROM device_ids ORDER BY kind, id",
    )


def write_attributes(con: duckdb.DuckDBPyConnection, writer: TableWriter) -> None:
    """Write the changes of every label.

    With history one row a change; without, the value that was loaded last.
    """
    number, joins = resolve_joins(con, "e")
    con.execute(
        "CREATE TEMP TABLE all_attributes AS SELECT coalesce(r.user_no, o.user_no) AS user_no, "
        "name, value, valid_from, -1 AS file_no, 0 AS row_no "
        "FROM old_attributes o LEFT JOIN renumbered r ON r.old_no = o.user_no UNION ALL "
        f"SELECT {number}, e.name, e.value, e.time, e.file_no, e.row_no FROM (SELECT * FROM "
        f"new_attributes WHERE fault IS NULL AND name IS NOT NULL) e {joins}"
    )
    current = (
        "SELECT user_no, name, arg_max(value, (file_no, row_no, value)) AS value, "
        "NULL::TIMESTAMPTZ AS valid_from FROM all_attributes "
        "WHERE valid_from IS NULL GROUP BY 1, 2"
    )
    changes = (
        "SELECT user_no, name, value, valid_from FROM ("
        "SELECT *, lag(value) OVER (PARTITION BY user_no, name ORDER BY valid_from) IS DISTINCT "
        "FROM value AS is_change FROM ("
        "SELECT user_no, name, valid_from, max(value) AS value FROM all_attributes WHERE "
        "valid_from IS NOT NULL GROUP BY ALL)) WHERE is_change"
    )
    writer.write(
        con,
        f"SELECT * FROM ({current} UNION ALL {changes}) ORDER BY name, user_no, "
        "valid_from NULLS "
        "FIRST",
    )


def write_statements(
    con: duckdb.DuckDBPyConnection, writer: TableWriter, name: str, columns: Sequence[str]
) -> None:
    """Write consents or exposures, each distinct statement once."""
    number, joins = resolve_joins(con, "e")
    own = ", ".join(columns)
    writer.write(
        con,
        "SELECT DISTINCT * FROM (SELECT coalesce(r.user_no, o.user_no) AS "
        f"user_no, {own}, time "
        f"FROM old_{name} o "
        "LEFT JOIN renumbered r ON r.old_no = o.user_no UNION ALL "
        f"SELECT {number}, {', '.join(f'e.{c}' for c in columns)}, e.time FROM (SELECT * FROM "
        f"new_{name} WHERE fault IS NULL) e {joins}) "
        "ORDER BY user_no, time, 2, 3",
    )


def write_users(
    con: duckdb.DuckDBPyConnection, writer: TableWriter, visit_files: Sequence[str]
) -> None:
    """Write one row a user, with totals over the visits and what is known of the first."""
    visits = f"read_parquet([{', '.join(repr(f) for f in visit_files)}])"
    writer.write(
        con,
        "SELECT p.user_no, p.user_key, p.user_id, p.user_id IS NOT NULL AS is_known, "
        "coalesce(t.n_events = 0 AND t.n_bot > 0 AND p.user_id IS NULL, false) AS is_bot, "
        "t.first_at AS first_seen_at, "
        "t.last_at AS last_seen_at, p.identified_at, v.first_day, v.last_day, "
        "coalesce(t.n_events, 0) AS n_events, "
        "coalesce(v.n_page_views, 0) AS n_page_views, coalesce(v.n_visits, 0) AS n_visits, "
        "CASE WHEN coalesce(v.n_currencies, 0) <= 1 THEN coalesce(v.value, 0) END AS value, "
        "CASE WHEN v.n_currencies = 1 THEN v.currency END AS currency, "
        "f.source AS first_source, f.channel AS first_channel, f.referrer_host AS "
        "first_referrer_host, "
        "f.referrer_url AS first_referrer_url, f.landing_page AS first_landing_page, "
        "f.device_type AS first_device_type, "
        "f.country AS first_country FROM people p LEFT JOIN user_totals t USING (user_no) LEFT "
        "JOIN ("
        "SELECT user_no, min(day) AS first_day, max(day) AS last_day, count(*) AS n_visits, "
        "sum(n_page_views) AS n_page_views, "
        "sum(value) AS value, min(currency) AS currency, count(DISTINCT currency) + count(*) "
        "FILTER (value IS NULL) * 2 AS n_currencies "
        f"FROM {visits} GROUP BY 1) v USING (user_no) "
        f"LEFT JOIN (SELECT * FROM {visits} WHERE is_first) f USING (user_no) ORDER BY p.user_no",
    )
