"""Write what is known of people: users with totals, labels over time, consents, exposures.

And the ids they go by.
"""

from collections.abc import Sequence

import duckdb

from segkit.store.delta import TableWriter
from segkit.store.identity import resolve_joins


def write_identities(con: duckdb.DuckDBPyConnection, writer: TableWriter) -> None:
    """Write every id and the user that it belongs to."""
    writer.write(
        con,
        "SELECT 'user' AS kind, id, user_no, linked_at FROM user_ids UNION ALL "
        "SELECT 'device', id, user_no, linked_at FROM device_ids ORDER BY kind, id",
    )


def write_attributes(con: duckdb.DuckDBPyConnection, writer: TableWriter) -> None:
    """Write every distinct statement of a label with the user that it belongs to now.

    Of the statements without a time the last loaded of each label and pair of ids is kept: an
    older one of the same ids can never be true again.
    """
    con.execute(
        "CREATE TEMP TABLE all_attributes AS SELECT device_id, user_id, name, value, valid_from, "
        "-1 AS file_no, order_no AS row_no FROM old_attributes UNION ALL "
        "SELECT device_id, user_id, name, value, time, file_no, row_no FROM new_attributes "
        "WHERE fault IS NULL AND name IS NOT NULL"
    )
    dated = (
        "SELECT DISTINCT device_id, user_id, name, value, valid_from, NULL::BIGINT AS order_no "
        "FROM all_attributes WHERE valid_from IS NOT NULL"
    )
    current = (
        "SELECT device_id, user_id, name, arg_max(value, (file_no, row_no, value)) AS value, "
        "NULL::TIMESTAMPTZ AS valid_from, "
        "row_number() OVER (ORDER BY max((file_no, row_no)), name, device_id, user_id) AS order_no "
        "FROM all_attributes WHERE valid_from IS NULL GROUP BY device_id, user_id, name"
    )
    number, joins = resolve_joins(con, "e", time="valid_from")
    writer.write(
        con,
        "SELECT *, row_number() OVER (PARTITION BY user_no, name, valid_from "
        "ORDER BY order_no DESC, value DESC NULLS LAST, device_id, user_id) = 1 AS is_valid "
        f"FROM (SELECT {number} AS user_no, e.* FROM ({dated} UNION ALL {current}) e {joins}) "
        "ORDER BY name, user_no, valid_from NULLS FIRST, value, device_id, user_id",
    )


def write_statements(
    con: duckdb.DuckDBPyConnection, writer: TableWriter, name: str, columns: Sequence[str]
) -> None:
    """Write consents or exposures.

    Each distinct statement once, with the user that it belongs to now.
    """
    said = ", ".join(("device_id", "user_id", *columns, "time"))
    number, joins = resolve_joins(con, "e")
    writer.write(
        con,
        f"SELECT {number} AS user_no, e.* FROM (SELECT {said} FROM old_{name} UNION "
        f"SELECT {said} FROM new_{name} WHERE fault IS NULL) e {joins} "
        f"ORDER BY user_no, time, {', '.join(columns)}, device_id, user_id",
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
