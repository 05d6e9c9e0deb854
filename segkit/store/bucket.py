"""Prepare one bucket of users: their events in visits, their visits, their days.

Visits follow the preset `ga4`: sort by user and time (equal times keep the file's order); a new
visit begins when there is no previous event or the gap is more than 1,800 s; midnight and campaigns
do not end it. Bots' events keep their reason and belong to no visit and no rollup.
Source: DEFINITIONS "Sessions"; support.google.com/analytics/answer/12798876.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from segkit.schema import DEVICE, EVENTS, PAGE_EVENTS, PLACE, UTM
from segkit.store.delta import TableWriter

VISIT_GAP_S = 1800
_PAGES = f"event IN ({', '.join(repr(name) for name in PAGE_EVENTS)})"
ARRIVAL = ("utm_source", "utm_medium", "utm_campaign", "referrer_url")
_TOUCHED = " OR ".join(f"{c} IS NOT NULL" for c in ARRIVAL)
ORDER = "time, row_no, load_id"
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What every bucket shares.

    The event columns that hold anything, those of them that are ENUMs of few values, and the SQL
    of an event's local day and a visit's local start.
    """

    filled: frozenset[str]
    categories: frozenset[str]
    day: str
    local_start: str


def number_visits(user_no: IntArray, at: IntArray, is_bot: BoolArray) -> pa.Array:
    """Give each event's visit: the start of the visit in microseconds, null for bots.

    Parameters
    ----------
    user_no, at, is_bot
        One entry an event, sorted by user, bot, time: its user, its instant in microseconds since
        1970, whether it is a bot's.

    Notes
    -----
    A visit opens with a user's first event and after a gap of more than `VISIT_GAP_S`; a gap of
    exactly that stays.

    Examples
    --------
    >>> at = np.array([0, 1800, 3601]) * 1_000_000
    >>> number_visits(np.array([7, 7, 7]), at, np.zeros(3, bool)).to_pylist()
    [0, 0, 3601000000]
    """
    opens = np.ones(len(at), dtype=bool)
    opens[1:] = (
        (user_no[1:] != user_no[:-1])
        | (is_bot[1:] != is_bot[:-1])
        | (np.diff(at) > VISIT_GAP_S * 1_000_000)
    )
    opener = np.maximum.accumulate(np.where(opens, np.arange(len(at)), 0))
    return pa.array(at[opener], mask=np.asarray(is_bot))


def write_bucket(
    con: duckdb.DuckDBPyConnection,
    select: str,
    plan: Plan,
    writers: Mapping[str, TableWriter],
) -> None:
    """Write events, visits and rollups of the users that a query gives.

    Adds to the tables `user_totals` and `event_counts`.
    """
    _sessionise(con, select, plan.filled)
    people = "bucket_places WHERE bot_reason IS NULL"
    writers["events"].write(con, "SELECT * FROM bucket_events", plan.categories)
    writers["user_days"].write(
        con,
        f"SELECT user_no, {plan.day} AS day, event, currency, count(*) AS n_events, "
        f"sum(value) AS value FROM {people} "
        "GROUP BY ALL ORDER BY event, user_no, day, currency",
        plan.categories,
    )
    writers["page_days"].write(
        con,
        f"SELECT user_no, {plan.day} AS day, page_path, count(*) AS n_views FROM {people} "
        f"AND {_PAGES} "
        "AND page_path IS NOT NULL GROUP BY ALL ORDER BY user_no, day, page_path",
        plan.categories,
    )
    pages = {"landing_page", "exit_page"} if "page_path" in plan.categories else set()
    writers["visits"].write(con, _visits_select(con, plan), plan.categories | pages)
    con.execute(
        "INSERT INTO user_totals SELECT user_no, coalesce(min(time) FILTER (bot_reason IS "
        "NULL), min(time)), "
        "coalesce(max(time) FILTER (bot_reason IS NULL), max(time)), count(*) FILTER "
        "(bot_reason IS NULL), count(bot_reason) "
        "FROM bucket_places GROUP BY 1"
    )
    con.execute(f"INSERT INTO event_counts SELECT event, count(*) FROM {people} GROUP BY 1")


def _sessionise(con: duckdb.DuckDBPyConnection, select: str, filled: frozenset[str]) -> None:
    """Create `bucket_places` and `bucket_events`: the bucket's rows in order.

    The one with `place` (their position), the other with `visit_no` (null for bots) too, which
    costs a pass in one thread.

    One sort by the engine; what follows in a sorted list is two passes of numpy over two
    columns.
    """
    bot = "bot_reason IS NOT NULL" if "bot_reason" in filled else "false"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE bucket_rows AS SELECT * FROM ({select}) ORDER BY "
        f"user_no, {bot}, {ORDER}"
    )
    columns = con.execute(
        f"SELECT user_no, epoch_us(time) AS at, {bot} AS is_bot FROM bucket_rows"
    ).fetchnumpy()
    user_no, at, is_bot = (np.asarray(columns[c]) for c in ("user_no", "at", "is_bot"))
    visit_no = number_visits(user_no, at, is_bot)
    marks = pa.table({"visit_no": visit_no})
    con.register("marks", marks)
    con.execute("CREATE OR REPLACE TEMP TABLE bucket_marks AS SELECT * FROM marks")
    con.unregister("marks")
    empty = "".join(
        f", NULL::VARCHAR AS {c}"
        for c in EVENTS.columns
        if c not in {*filled, "user_no", "visit_no"}
    )
    con.execute(
        "CREATE OR REPLACE TEMP VIEW bucket_places AS SELECT *, rowid AS place"
        f"{empty} FROM bucket_rows"
    )
    con.execute(
        "CREATE OR REPLACE TEMP VIEW bucket_events AS SELECT * FROM bucket_places "
        "POSITIONAL JOIN bucket_marks"
    )


def _visits_select(con: duckdb.DuckDBPyConnection, plan: Plan) -> str:
    """Give the query of the bucket's visits.

    Touch, device and place come from the first event that has any of them.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE bucket_visits AS SELECT user_no, visit_no, min(time) "
        "AS started_at, max(time) AS ended_at, "
        f"count(*) AS n_events, count(*) FILTER ({_PAGES}) AS n_page_views, "
        f"arg_min(page_path, place) FILTER ({_PAGES}) AS landing_page, arg_max(page_path, "
        f"place) FILTER ({_PAGES}) AS exit_page, "
        f"min(place) FILTER ({_TOUCHED}) AS touch_place, "
        "min(place) FILTER (device_type IS NOT NULL OR os IS NOT NULL OR country IS NOT "
        "NULL) AS device_place, "
        "sum(value) AS value, min(currency) FILTER (value IS NOT NULL) AS currency, "
        "max(currency) FILTER (value IS NOT NULL) AS other_currency "
        "FROM bucket_events WHERE visit_no IS NOT NULL GROUP BY 1, 2"
    )
    touch = " AND ".join(f"touches.{c} IS NOT DISTINCT FROM t.{c}" for c in ARRIVAL)
    one = "v.currency IS NOT DISTINCT FROM v.other_currency"
    engaged = "(epoch_us(ended_at) - epoch_us(started_at)) // 1000000"
    is_first = "v.visit_no = min(v.visit_no) OVER (PARTITION BY v.user_no)"
    columns = ", ".join(
        [
            "v.user_no, v.visit_no, started_at, ended_at",
            f"({plan.local_start})::DATE AS day, hour({plan.local_start}) AS hour",
            f"isodow({plan.local_start}) AS weekday, {is_first} AS is_first",
            f"CASE WHEN {is_first} THEN 'new' ELSE 'returning' END AS visit_type",
            "landing_page, exit_page, t.referrer_url, touches.referrer_host",
            *(f"t.{c}" for c in UTM),
            "touches.source, touches.medium, touches.channel, touches.source_type",
            *(f"d.{c}" for c in (*DEVICE, *PLACE)),
            f"n_events, n_page_views, {engaged} AS engaged_s",
            f"CASE WHEN {one} THEN coalesce(v.value, 0) END AS value",
            f"CASE WHEN {one} THEN v.currency END AS currency",
        ]
    )
    return (
        f"SELECT {columns} FROM bucket_visits v "
        "LEFT JOIN bucket_places t ON t.place = v.touch_place "
        "LEFT JOIN bucket_places d ON d.place = v.device_place "
        f"LEFT JOIN touches ON {touch} "
        "ORDER BY v.user_no, v.visit_no"
    )
