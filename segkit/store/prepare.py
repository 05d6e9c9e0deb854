"""Turn events into what reports read.

Events sorted by user and time with their visit, visits, and day rollups.

The work goes bucket by bucket of users, so that memory stays bounded: a user lies in one bucket.
Visits follow the preset `ga4`: sort by user and time (equal times keep the file's order); a new
visit begins when there is no previous event or the gap is more than 1,800 s; midnight and campaigns
do not end it. Bots' events keep their reason and belong to no visit and no rollup. Source:
DEFINITIONS "Sessions"; support.google.com/analytics/answer/12798876.
"""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from segkit.periods import offset_steps
from segkit.schema import DEVICE, EVENTS, PAGE_EVENTS, PLACE, UTM
from segkit.store.delta import TableWriter
from segkit.store.progress import Progress
from segkit.store.rows import events_select, find_filled, host_of

VISIT_GAP_S = 1800
BUCKET_ROWS = 2_500_000
_PAGES = f"event IN ({', '.join(repr(name) for name in PAGE_EVENTS)})"
_TOUCHED = " OR ".join(
    f"{c} IS NOT NULL" for c in ("utm_source", "utm_medium", "utm_campaign", "referrer_url")
)
ORDER = "time, row_no, load_no"
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def local_time(column: str, zone: ZoneInfo, first: datetime | None, last: datetime | None) -> str:
    """Give the SQL of an instant's wall-clock time in a zone, exact over clock changes.

    Without the engine's zone data.
    """
    utc = f"({column})::TIMESTAMP"
    if first is None or last is None:
        return utc
    steps = offset_steps(zone, first, last)
    cases = "".join(
        f"WHEN {column} >= TIMESTAMPTZ '{at.isoformat()}' THEN {seconds} "
        for at, seconds in reversed(steps[1:])
    )
    seconds = f"CASE {cases}ELSE {steps[0][1]} END" if cases else str(steps[0][1])
    return f"({utc} + to_seconds({seconds}))"


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


class Buckets:
    """Write events, visits and rollups, one bucket of users after the other.

    Leaves the temporary tables `user_totals` (one row a user) and `event_counts` (one row an event
    name and bucket).
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, writers: dict[str, TableWriter], zone: ZoneInfo
    ) -> None:
        self._con = con
        self._writers = writers
        spans = " UNION ALL ".join(
            f"SELECT min(time)::TIMESTAMP AS first, max(time)::TIMESTAMP AS last FROM {table}"
            for table in ("new_events WHERE fault IS NULL", "old_events")
        )
        found = con.execute(
            f"SELECT min(first)::VARCHAR, max(last)::VARCHAR FROM ({spans})"
        ).fetchone() or (None, None)
        first, last = (datetime.fromisoformat(f"{text}+00:00") if text else None for text in found)
        self.first_at, self.last_at = first, last
        self._day = f"({local_time('time', zone, first, last)})::DATE"
        self._local_start = local_time("started_at", zone, first, last)

    def run(self, *, n_rows: int, stage: Path, progress: Progress) -> None:
        """Prepare all events.

        `n_rows`, how many there are at most, decides the number of buckets.
        """
        self._con.execute(
            "CREATE TEMP TABLE user_totals (user_no BIGINT, first_at TIMESTAMPTZ, last_at "
            "TIMESTAMPTZ, n_events BIGINT, n_bot BIGINT)"
        )
        self._con.execute("CREATE TEMP TABLE event_counts (event VARCHAR, n BIGINT)")
        selects = self._split(max(1, -(-n_rows // BUCKET_ROWS)), stage / "buckets")
        for done, select in enumerate(selects):
            progress.step("prepare", done, len(selects))
            self._sessionise(select)
            self._write()
        progress.step("prepare", len(selects), len(selects))

    def _split(self, n_buckets: int, target: Path) -> list[str]:
        """Give one query a bucket; with several, the rows are written apart first."""
        self._filled = find_filled(self._con)
        select = events_select(self._con, self._filled)
        if n_buckets == 1:
            return [select]
        self._con.execute(
            f"COPY (SELECT *, (user_no % {n_buckets})::INTEGER AS bucket FROM ({select})) TO "
            f"'{target}' "
            "(FORMAT parquet, PARTITION_BY (bucket), COMPRESSION lz4)"
        )
        return [
            f"SELECT * FROM read_parquet('{folder}/*.parquet', hive_partitioning = false)"
            for folder in sorted(target.iterdir())
        ]

    def _sessionise(self, select: str) -> None:
        """Create `bucket_events`: the bucket's rows in order.

        With `place` (their position) and `visit_no` (null for bots).

        One sort by the engine; what follows in a sorted list is two passes of numpy over two
        columns.
        """
        bot = "bot_reason IS NOT NULL" if "bot_reason" in self._filled else "false"
        self._con.execute(
            f"CREATE OR REPLACE TEMP TABLE bucket_rows AS SELECT * FROM ({select}) ORDER BY "
            f"user_no, {bot}, {ORDER}"
        )
        columns = self._con.execute(
            f"SELECT user_no, epoch_us(time) AS at, {bot} AS is_bot FROM bucket_rows"
        ).fetchnumpy()
        user_no, at, is_bot = (np.asarray(columns[c]) for c in ("user_no", "at", "is_bot"))
        visit_no = number_visits(user_no, at, is_bot)
        marks = pa.table({"place": np.arange(len(at)), "visit_no": visit_no})
        self._con.register("marks", marks)
        self._con.execute("CREATE OR REPLACE TEMP TABLE bucket_marks AS SELECT * FROM marks")
        self._con.unregister("marks")
        empty = "".join(
            f", NULL::VARCHAR AS {c}"
            for c in EVENTS.columns
            if c not in {*self._filled, "user_no", "visit_no"}
        )
        self._con.execute(
            f"CREATE OR REPLACE TEMP VIEW bucket_events AS SELECT *{empty} FROM bucket_rows "
            "POSITIONAL JOIN bucket_marks"
        )

    def _write(self) -> None:
        people = "bucket_events WHERE bot_reason IS NULL"
        self._writers["events"].write("SELECT * FROM bucket_events")
        self._writers["user_days"].write(
            f"SELECT user_no, {self._day} AS day, event, currency, count(*) AS n_events, "
            f"sum(value) AS value FROM {people} "
            "GROUP BY ALL ORDER BY event, user_no, day, currency"
        )
        self._writers["page_days"].write(
            f"SELECT user_no, {self._day} AS day, page_path, count(*) AS n_views FROM {people} "
            f"AND {_PAGES} "
            "AND page_path IS NOT NULL GROUP BY ALL ORDER BY user_no, day, page_path"
        )
        self._writers["visits"].write(self._visits_select())
        self._con.execute(
            "INSERT INTO user_totals SELECT user_no, coalesce(min(time) FILTER (bot_reason IS "
            "NULL), min(time)), "
            "coalesce(max(time) FILTER (bot_reason IS NULL), max(time)), count(*) FILTER "
            "(bot_reason IS NULL), count(bot_reason) "
            "FROM bucket_events GROUP BY 1"
        )
        self._con.execute(
            f"INSERT INTO event_counts SELECT event, count(*) FROM {people} GROUP BY 1"
        )

    def _visits_select(self) -> str:
        """Give the query of the bucket's visits.

        Touch, device and place come from the first event that has any of them.
        """
        self._con.execute(
            "CREATE OR REPLACE TEMP TABLE bucket_visits AS SELECT user_no, visit_no, min(time) "
            "AS started_at, max(time) AS ended_at, "
            f"count(*) AS n_events, count(*) FILTER ({_PAGES}) AS n_page_views, "
            f"arg_min(page_path, place) FILTER ({_PAGES}) AS landing_page, arg_max(page_path, "
            f"place) FILTER ({_PAGES}) AS exit_page, "
            f"min(place) FILTER ({_TOUCHED}) AS touch_place, "
            "min(place) FILTER (device_type IS NOT NULL OR os IS NOT NULL OR country IS NOT "
            "NULL) AS device_place, "
            "count(DISTINCT currency) FILTER (value IS NOT NULL) AS n_currencies, sum(value) AS "
            "value, "
            "min(currency) FILTER (value IS NOT NULL) AS currency "
            "FROM bucket_events WHERE visit_no IS NOT NULL GROUP BY 1, 2"
        )
        touch = " AND ".join(
            f"touches.{c} IS NOT DISTINCT FROM t.{c}"
            for c in ("utm_source", "utm_medium", "utm_campaign")
        )
        is_first = "v.visit_no = min(v.visit_no) OVER (PARTITION BY v.user_no)"
        columns = ", ".join(
            [
                "v.user_no, v.visit_no, started_at, ended_at",
                f"({self._local_start})::DATE AS day, hour({self._local_start}) AS hour",
                f"isodow({self._local_start}) AS weekday, {is_first} AS is_first",
                f"CASE WHEN {is_first} THEN 'new' ELSE 'returning' END AS visit_type",
                "landing_page, exit_page, t.referrer_url, touches.referrer_host",
                *(f"t.{c}" for c in UTM),
                "touches.source, touches.medium, touches.channel, touches.source_type",
                *(f"d.{c}" for c in (*DEVICE, *PLACE)),
                "n_events, n_page_views, epoch_us(ended_at - started_at) // 1000000 AS engaged_s",
                "CASE WHEN n_currencies <= 1 THEN coalesce(v.value, 0) END AS value",
                "CASE WHEN n_currencies = 1 THEN v.currency END AS currency",
            ]
        )
        return (
            f"SELECT {columns} FROM bucket_visits v "
            "LEFT JOIN bucket_events t ON t.user_no = v.user_no AND t.place = v.touch_place AND "
            "t.bot_reason IS NULL "
            "LEFT JOIN bucket_events d ON d.user_no = v.user_no AND d.place = v.device_place AND "
            "d.bot_reason IS NULL "
            f"LEFT JOIN touches ON {touch} AND touches.host IS NOT DISTINCT FROM "
            f"{host_of('t.referrer_url')} "
            "ORDER BY v.user_no, v.visit_no"
        )
