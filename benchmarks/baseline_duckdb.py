"""Answer the report's questions by hand-written DuckDB SQL over the raw Parquet parts.

Nothing is kept beforehand. Written as an analyst would who knows DuckDB: columns pruned, people
stitched once, events read once into a narrow temporary table, visits and days built once and used
by every question.
"""

from typing import Any

import duckdb
from task import (
    DAYS,
    ENGAGED_S,
    FUNNEL,
    MEMBER_DAYS,
    MEMBER_ORDERS,
    N_WEEKS,
    OWN_HOST,
    PAID,
    SEARCH_HOSTS,
    SOCIAL_HOSTS,
    TOP,
    VISIT_GAP_S,
    Task,
    read_task,
    write_headline,
)

Con = duckdb.DuckDBPyConnection

TEXTS = (
    *("event", "page_path", "referrer_url", "utm_source", "utm_medium", "device_type", "country"),
)
CATEGORY = """
CREATE TYPE {text}_category AS ENUM (
  SELECT DISTINCT {text} FROM read_parquet(getvariable('events')) WHERE {text} IS NOT NULL
)
"""

SPELT = {
    "search": "|".join(SEARCH_HOSTS).replace(".", r"\."),
    "social": "|".join(SOCIAL_HOSTS).replace(".", r"\."),
    "paid": ", ".join(f"'{medium}'" for medium in PAID),
}
# Sorted once: what follows reads neighbours by `lag(...) OVER ()`, as a table keeps its order.
EVENTS = """
CREATE TEMP TABLE ev AS
SELECT hash(user_id) AS user_no, time, value, {texts}
FROM read_parquet(getvariable('events')) WHERE time < getvariable('until')
ORDER BY user_no, time;

CREATE TEMP TABLE keys AS
SELECT user_id AS user_key, hash(user_id) AS user_no
FROM (SELECT DISTINCT user_id FROM read_parquet(getvariable('events')));
"""

TABLES = """
CREATE TEMP TABLE visits AS
WITH marked AS (
  SELECT *, coalesce(user_no <> lag(user_no) OVER ()
    OR epoch_us(time) - lag(epoch_us(time)) OVER () > getvariable('gap_us'), true) AS opens
  FROM ev
), numbered AS (
  SELECT *, sum(opens::INTEGER) OVER (ROWS UNBOUNDED PRECEDING) AS n FROM marked
), built AS (
  SELECT any_value(user_no) AS user_no, min(time) AS started_at, max(time) AS ended_at,
    count(*) FILTER (event = 'page_view') AS n_pages, bool_or(event = 'purchase') AS bought,
    arg_min(page_path, time) FILTER (event = 'page_view') AS entry_page,
    arg_max(page_path, time) FILTER (event = 'page_view') AS exit_page,
    any_value(utm_source) FILTER (opens)::VARCHAR AS utm_source,
    any_value(utm_medium) FILTER (opens)::VARCHAR AS utm_medium,
    any_value(referrer_url) FILTER (opens)::VARCHAR AS referrer_url,
    any_value(device_type) FILTER (opens) AS device, any_value(country) FILTER (opens) AS country
  FROM numbered GROUP BY n
), touched AS (
  SELECT * EXCLUDE (referrer_url),
    nullif(regexp_extract(referrer_url, '//(?:www\\.)?([^/]+)', 1), getvariable('own')) AS host
  FROM built
)
SELECT *, (epoch_us(ended_at) - epoch_us(started_at)) // 1000000 AS engaged_s,
  coalesce(utm_source, host, '(direct)') AS source,
  CASE WHEN utm_medium IN ({paid}) THEN 'Paid'
    WHEN utm_medium = 'email' THEN 'Email'
    WHEN utm_medium IS NOT NULL THEN 'Other campaign'
    WHEN host IS NULL THEN 'Direct'
    WHEN regexp_matches(host, '{search}') THEN 'Search'
    WHEN regexp_matches(host, '{social}') THEN 'Social'
    ELSE 'Referral' END AS channel
FROM touched;

CREATE TEMP TABLE days AS
SELECT DISTINCT user_no, timezone('Europe/Berlin', to_timestamp(hour * 3600))::DATE AS day
FROM (SELECT DISTINCT user_no, epoch_us(time) // 3600000000 AS hour FROM ev);

CREATE TEMP TABLE orders AS SELECT user_no, time, timezone('Europe/Berlin', time)::DATE AS day,
round(value * 100)::BIGINT AS cents FROM ev WHERE event = 'purchase';

CREATE TEMP TABLE users AS
SELECT user_no, max(time) AS last_at, min(time) AS first_at,
  count(*) FILTER (time >= getvariable('since')) AS n_events,
  count(*) FILTER (time >= getvariable('since') AND event = 'page_view') AS n_pages
FROM ev GROUP BY 1;

CREATE TEMP TABLE people AS
WITH o AS (
  SELECT user_no, count(*) FILTER (day > getvariable('as_of') - getvariable('member_days')) AS
  n_recent,
    count(*) FILTER (time >= getvariable('since')) AS n_orders,
    coalesce(sum(cents) FILTER (time >= getvariable('since')), 0) AS cents
  FROM orders GROUP BY 1
), v AS (
  SELECT user_no, count(*) FILTER (started_at >= getvariable('since')) AS n_visits,
    arg_min(source, started_at) AS first_source
  FROM visits GROUP BY 1
), d AS (
  SELECT user_no, min(day) AS first_day, max(day) AS last_day FROM days GROUP BY 1
)
SELECT u.*, k.user_key, d.first_day, d.last_day, v.n_visits, v.first_source,
  coalesce(o.n_orders, 0) AS n_orders, coalesce(o.cents, 0) AS cents,
  coalesce(o.n_recent, 0) >= getvariable('member_orders') AS is_member
FROM users u JOIN keys k USING (user_no) JOIN v USING (user_no) JOIN d USING (user_no) LEFT JOIN o
USING (user_no);

CREATE TEMP TABLE window_visits AS
SELECT v.*, p.is_member FROM visits v JOIN people p USING (user_no)
WHERE started_at >= getvariable('since');
"""

OVERVIEW = """
SELECT count(*) FILTER (is_member), count(*),
  count(*) FILTER (is_member AND last_day > getvariable('as_of') - 7),
  count(*) FILTER (is_member AND first_day > getvariable('as_of') - 7)
FROM people
"""
TOP_USERS = """
SELECT n_visits, n_pages, cents, first_source FROM people WHERE is_member
ORDER BY n_visits DESC, n_pages DESC, last_at DESC, user_key LIMIT getvariable('top')
"""
TOTALS = """
WITH v AS (
  SELECT is_member, count(*) AS visits, sum(engaged_s)::BIGINT AS engaged_s,
    count(*) FILTER (engaged_s > getvariable('engaged_s') OR n_pages >= 2 OR bought) AS
    engaged_visits, count(*) FILTER (n_pages = 1) AS single_page_visits
  FROM window_visits GROUP BY 1
), p AS (
  SELECT is_member, sum(n_pages)::BIGINT AS page_views, sum(n_events)::BIGINT AS events,
    sum(cents)::BIGINT AS cents, sum(n_orders)::BIGINT AS orders,
    count(*) FILTER (n_orders > 0) AS buyers
  FROM people GROUP BY 1
)
SELECT * FROM p LEFT JOIN v USING (is_member) ORDER BY is_member DESC
"""
PAGES = """
WITH seen AS (
  SELECT page_path, user_no, count(*) AS n FROM ev
  WHERE event = 'page_view' AND page_path IS NOT NULL AND time >= getvariable('since') GROUP BY 1, 2
)
SELECT page_path::VARCHAR, count(*) FILTER (is_member) AS n, count(*) FILTER (NOT is_member),
  coalesce(sum(n) FILTER (is_member), 0)::BIGINT
FROM seen JOIN people USING (user_no) GROUP BY 1 ORDER BY 2 DESC, 1
"""
BREAKDOWN = """
SELECT {column}::VARCHAR, count(*) FILTER (is_member), count(*) FILTER (NOT is_member)
FROM window_visits WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
"""
HOURS = """
WITH local AS (
  SELECT timezone('Europe/Berlin', started_at) AS moment FROM window_visits WHERE is_member
)
SELECT isodow(moment), hour(moment), count(*) FROM local GROUP BY 1, 2 ORDER BY 1, 2
"""
PURCHASES = """
SELECT least(n_orders, 10), count(*) FILTER (is_member), count(*) FILTER (NOT is_member)
FROM people WHERE n_orders > 0 GROUP BY 1 ORDER BY 1
"""
RETENTION = """
WITH fresh AS (
  SELECT user_no, date_trunc('week', first_day)::DATE AS cohort FROM people
  WHERE first_day > getvariable('as_of') - getvariable('days')
), starters AS (
  SELECT f.user_no, f.cohort FROM fresh f JOIN orders o ON o.user_no = f.user_no
  WHERE o.day <= f.cohort + 6 AND o.day > f.cohort + 6 - getvariable('member_days')
  GROUP BY 1, 2 HAVING count(*) >= getvariable('member_orders')
)
SELECT cohort, (date_trunc('week', d.day)::DATE - cohort) // 7 AS k, count(DISTINCT user_no)
FROM days d JOIN starters USING (user_no)
GROUP BY 1, 2 ORDER BY 1, 2
"""
FUNNEL_STEPS = """
WITH f AS (
  SELECT user_no, event, time FROM ev
  WHERE event IN getvariable('funnel') AND time >= getvariable('since')
), a AS (SELECT user_no, min(time) AS moment FROM f WHERE event = getvariable('funnel')[1] GROUP BY
1), b AS (
  SELECT f.user_no, min(f.time) AS moment FROM f JOIN a USING (user_no)
  WHERE event = getvariable('funnel')[2] AND f.time > a.moment GROUP BY 1
), c AS (
  SELECT f.user_no, min(f.time) AS moment FROM f JOIN b USING (user_no)
  WHERE event = getvariable('funnel')[3] AND f.time > b.moment GROUP BY 1
), d AS (
  SELECT f.user_no, min(f.time) AS moment FROM f JOIN c USING (user_no)
  WHERE event = getvariable('funnel')[4] AND f.time > c.moment GROUP BY 1
)
SELECT is_member, count(a.moment), count(b.moment), count(c.moment), count(d.moment)
FROM people LEFT JOIN a USING (user_no) LEFT JOIN b USING (user_no)
LEFT JOIN c USING (user_no) LEFT JOIN d USING (user_no)
GROUP BY 1 ORDER BY 1 DESC
"""
ATTRIBUTES = """
WITH long AS (
  UNPIVOT (SELECT * FROM read_csv(getvariable('attributes'), all_varchar = true))
  ON COLUMNS(* EXCLUDE (member_id)) INTO NAME name VALUE value
)
SELECT name, value, count(*) FILTER (is_member), count(*) FILTER (NOT is_member)
FROM long JOIN people ON people.user_no = hash(long.member_id)
GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
"""
TREND = """
WITH weeks AS (SELECT k, (getvariable('as_of') - (7 * k)::INTEGER)::DATE AS day FROM range(14)
t(k)), inside AS (
  SELECT w.k, o.user_no FROM orders o JOIN weeks w
  ON o.day <= w.day AND o.day > w.day - getvariable('member_days')
  GROUP BY 1, 2 HAVING count(*) >= getvariable('member_orders')
), active AS (
  SELECT DISTINCT (getvariable('as_of') - day) // 7 AS k, user_no FROM days
), flow AS (
  SELECT coalesce(n.k, p.k - 1) AS k, n.user_no IS NOT NULL AS is_in, p.user_no IS NOT NULL AS
  was_in,
    coalesce(n.user_no, p.user_no) AS user_no
  FROM inside n FULL JOIN inside p ON p.k = n.k + 1 AND p.user_no = n.user_no
)
SELECT w.day, count(*) FILTER (is_in), count(*) FILTER (is_in AND a.user_no IS NOT NULL),
  count(*) FILTER (is_in AND NOT was_in), count(*) FILTER (was_in AND NOT is_in)
FROM weeks w LEFT JOIN flow f USING (k) LEFT JOIN active a ON a.k = f.k AND a.user_no = f.user_no
WHERE w.k < 13 GROUP BY 1 ORDER BY 1
"""
USER_LIST = """
SELECT user_key, first_at, last_at, n_visits, n_pages, n_events, n_orders, cents, first_source
FROM people WHERE is_member ORDER BY n_visits DESC, n_pages DESC, last_at DESC, user_key
"""


def main() -> None:
    """Build what every question needs, then ask."""
    task = read_task()
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    set_variables(con, task)
    build_tables(con)
    write_headline({**ask_people(con), **ask_visits(con), **ask_time(con)})


def build_tables(con: Con) -> None:
    """Read the events with texts as categories and build what every question needs."""
    for text in TEXTS:
        con.execute(CATEGORY.format(text=text))
    texts = ", ".join(f"{text}::{text}_category AS {text}" for text in TEXTS)
    con.execute(EVENTS.format(texts=texts))
    con.execute(TABLES.format(**SPELT))


def set_variables(con: Con, task: Task) -> None:
    """Hand the task over to SQL."""
    variables: dict[str, Any] = {
        "events": task.events, "attributes": task.attributes, "as_of": task.as_of, "days": DAYS,
        "until": task.end, "since": task.start, "gap_us": VISIT_GAP_S * 1_000_000,
        "engaged_s": ENGAGED_S, "member_days": MEMBER_DAYS, "member_orders": MEMBER_ORDERS,
        "funnel": list(FUNNEL), "own": OWN_HOST, "top": TOP,
    }  # fmt: skip
    for name, value in variables.items():
        con.execute(f"SET VARIABLE {name} = $1", [value])


def ask_people(con: Con) -> dict[str, Any]:
    """Answer what is counted in people."""
    listed = con.execute(USER_LIST).to_arrow_table()
    attributes: dict[str, list[Any]] = {}
    for name, *row in con.execute(ATTRIBUTES).fetchall():
        attributes.setdefault(name, []).append(row)
    return {
        "overview": con.execute(OVERVIEW).fetchone(),
        "top_users": con.execute(TOP_USERS).fetchall(),
        "purchases": con.execute(PURCHASES).fetchall(),
        "funnel": [row[1:] for row in con.execute(FUNNEL_STEPS).fetchall()],
        "attributes": attributes,
        "n_listed": listed.num_rows,
        "user_list": [
            listed.num_rows,
            *(
                int(sum(listed[c].to_pylist()))
                for c in ("n_visits", "n_pages", "n_orders", "cents")
            ),
        ],
    }


def ask_visits(con: Con) -> dict[str, Any]:
    """Answer what is counted in visits and pages."""
    found = con.execute(TOTALS)
    names = [column[0] for column in found.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    pages = con.execute(PAGES).fetchall()
    shown = {
        "entry_page": TOP,
        "exit_page": TOP,
        "source": TOP,
        "channel": None,
        "device": None,
        "country": None,
    }
    return {
        "totals": {("seg" if r.pop("is_member") else "rest"): r for r in rows},
        "pages": [len(pages), pages[:TOP]],
        **{c: con.execute(BREAKDOWN.format(column=c)).fetchall()[:n] for c, n in shown.items()},
    }


def ask_time(con: Con) -> dict[str, Any]:
    """Answer what is laid out in time."""
    return {
        "hours": con.execute(HOURS).fetchall(),
        "retention": [[str(c), k, n] for c, k, n in con.execute(RETENTION).fetchall()],
        "trend": [[str(day), *row] for day, *row in con.execute(TREND).fetchall()][-N_WEEKS:],
    }


if __name__ == "__main__":
    main()
