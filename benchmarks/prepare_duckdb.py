"""Prepare the raw Parquet parts by hand-written DuckDB SQL, as an analyst would write it.

What `segkit load` makes: events sorted by person and time with their visit, visits, day rollups and
users, each as Parquet. It keeps no history of loads, finds no repetitions, checks no rows and knows
one id a person; the tables are those that reports read.
"""

import shutil
from pathlib import Path
from typing import Any

import duckdb
from baseline_duckdb import CATEGORY, SPELT, set_variables
from baseline_duckdb import TEXTS as REPORT_TEXTS
from task import Task, read_task, write_headline

TEXTS = (*REPORT_TEXTS, "utm_campaign", "currency")

READ = """
CREATE TEMP TABLE sorted AS
SELECT (hash(user_id) >> 1)::BIGINT AS user_no, user_id, time, value, {texts}
FROM read_parquet(getvariable('events')) ORDER BY user_no, time;

CREATE TEMP TABLE hours AS
SELECT hour, timezone('Europe/Berlin', to_timestamp(hour * 3600))::DATE AS day
FROM (SELECT DISTINCT epoch_us(time) // 3600000000 AS hour FROM sorted);

CREATE TEMP TABLE events AS
WITH marked AS (  -- DuckDB keeps a table's order, so neighbours are read without another sort
  SELECT *, coalesce(user_no <> lag(user_no) OVER ()
    OR epoch_us(time) - lag(epoch_us(time)) OVER () > getvariable('gap_us'), true) AS opens
  FROM sorted
)
SELECT *, sum(opens::INTEGER) OVER (ROWS UNBOUNDED PRECEDING)::BIGINT AS visit_no FROM marked;

DROP TABLE sorted;

CREATE TEMP TABLE visits AS
WITH built AS (
  SELECT visit_no, any_value(user_no) AS user_no, min(time) AS started_at, max(time) AS ended_at,
    count(*) AS n_events, count(*) FILTER (event = 'page_view') AS n_page_views,
    sum(value) AS value, any_value(currency) AS currency,
    arg_min(page_path, time) FILTER (event = 'page_view') AS landing_page,
    arg_max(page_path, time) FILTER (event = 'page_view') AS exit_page,
    any_value(referrer_url) FILTER (opens)::VARCHAR AS referrer_url,
    any_value(utm_source) FILTER (opens)::VARCHAR AS utm_source,
    any_value(utm_medium) FILTER (opens)::VARCHAR AS utm_medium,
    any_value(utm_campaign) FILTER (opens) AS utm_campaign,
    any_value(device_type) AS device_type, any_value(country) AS country
  FROM events GROUP BY visit_no
), hosted AS (
  SELECT *, timezone('Europe/Berlin', started_at) AS local_start,
    nullif(regexp_extract(referrer_url, '//(?:www\\.)?([^/]+)', 1), getvariable('own')) AS host
  FROM built
)
SELECT * EXCLUDE (local_start), local_start::DATE AS day, hour(local_start) AS hour,
  isodow(local_start) AS weekday,
  (epoch_us(ended_at) - epoch_us(started_at)) // 1000000 AS engaged_s,
  visit_no = min(visit_no) OVER (PARTITION BY user_no) AS is_first,
  coalesce(utm_source, host, '(direct)') AS source,
  CASE WHEN utm_medium IN ({paid}) THEN 'Paid'
    WHEN utm_medium = 'email' THEN 'Email'
    WHEN utm_medium IS NOT NULL THEN 'Other campaign'
    WHEN host IS NULL THEN 'Direct'
    WHEN regexp_matches(host, '{search}') THEN 'Search'
    WHEN regexp_matches(host, '{social}') THEN 'Social'
    ELSE 'Referral' END AS channel
FROM hosted ORDER BY visit_no;
"""
USER_DAYS = """
SELECT user_no, day, event, currency, count(*) AS n_events, sum(value) AS value
FROM events JOIN hours ON hour = epoch_us(time) // 3600000000
GROUP BY ALL ORDER BY event, user_no, day
"""
PAGE_DAYS = """
SELECT user_no, day, page_path, count(*) AS n_views
FROM events JOIN hours ON hour = epoch_us(time) // 3600000000
WHERE event = 'page_view' AND page_path IS NOT NULL
GROUP BY ALL ORDER BY user_no, day, page_path
"""
USERS = """
WITH e AS (
  SELECT user_no, any_value(user_id) AS user_id, min(time) AS first_seen_at,
    max(time) AS last_seen_at, count(*) AS n_events, sum(value) AS value,
    count(*) FILTER (event = 'page_view') AS n_page_views
  FROM events GROUP BY 1
), v AS (
  SELECT user_no, count(*) AS n_visits, arg_min(source, visit_no) AS first_source,
    arg_min(channel, visit_no) AS first_channel, arg_min(device_type, visit_no) AS first_device_type
  FROM visits GROUP BY 1
)
SELECT e.*, v.* EXCLUDE (user_no), a.* EXCLUDE (member_id)
FROM e JOIN v USING (user_no)
LEFT JOIN read_csv(getvariable('attributes'), all_varchar = true) a ON a.member_id = e.user_id
ORDER BY user_no
"""


def main() -> None:
    """Prepare, write, and print what was written."""
    task = read_task()
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    set_variables(con, task)
    write_headline(prepare(con, task))


def prepare(con: duckdb.DuckDBPyConnection, task: Task) -> dict[str, Any]:
    """Write every table below `prepared/` and give its number of rows."""
    target = task.folder / "prepared"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for text in TEXTS:
        con.execute(CATEGORY.format(text=text))
    texts = ", ".join(f"{text}::{text}_category AS {text}" for text in TEXTS)
    con.execute(READ.format(texts=texts, **SPELT))
    selects = {
        "events": "SELECT * EXCLUDE (opens) FROM events",
        "visits": "FROM visits",
        "user_days": USER_DAYS,
        "page_days": PAGE_DAYS,
        "users": USERS,
    }
    return {name: write(con, sql, target / f"{name}.parquet") for name, sql in selects.items()}


def write(con: duckdb.DuckDBPyConnection, sql: str, path: Path) -> int:
    """Write the rows of a query as Parquet; give how many there are."""
    found = con.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)").fetchone()
    return int(found[0]) if found else 0


if __name__ == "__main__":
    main()
