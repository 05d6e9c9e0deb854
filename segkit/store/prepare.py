"""Turn events into what reports read.

Events sorted by user and time with their visit, visits, and day rollups. The work goes bucket by
bucket of users, two at a time, so that memory stays bounded: a user lies in one bucket.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

import duckdb

from segkit.periods import offset_steps
from segkit.store.bucket import Plan, write_bucket
from segkit.store.categories import find_small, make_categories
from segkit.store.delta import TableWriter
from segkit.store.progress import Progress
from segkit.store.rows import events_select, find_filled, prepare_touches

BUCKET_ROWS = 1_600_000
AT_ONCE = 2


def local_time(column: str, zone: ZoneInfo, first: datetime | None, last: datetime | None) -> str:
    """Give the SQL of an instant's wall-clock time in a zone, exact over clock changes.

    Without the engine's zone data.
    """
    at = f"epoch_us({column})"
    if first is None or last is None:
        return f"make_timestamp({at})"
    steps = offset_steps(zone, first, last)
    cases = "".join(
        f"WHEN {at} >= {int(since.timestamp()) * 1_000_000} THEN {seconds * 1_000_000} "
        for since, seconds in reversed(steps[1:])
    )
    first_offset = steps[0][1] * 1_000_000
    offset = f"CASE {cases}ELSE {first_offset} END" if cases else str(first_offset)
    return f"make_timestamp({at} + {offset})"


class Buckets:
    """Write events, visits and rollups, bucket by bucket of users.

    Leaves the tables `user_totals` (one row a user) and `event_counts` (one row an event
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
        self._zone = zone

    def run(self, *, n_rows: int, progress: Progress) -> None:
        """Prepare all events.

        `n_rows`, how many there are at most, decides the number of buckets.
        """
        con = self._con
        con.execute(
            "CREATE TABLE user_totals (user_no BIGINT, first_at TIMESTAMPTZ, last_at TIMESTAMPTZ, "
            "n_events BIGINT, n_bot BIGINT)"
        )
        con.execute("CREATE TABLE event_counts (event VARCHAR, n BIGINT)")
        filled = find_filled(con)
        categories = make_categories(con, filled)
        prepare_touches(con, categories)
        select = events_select(con, filled, categories)
        plan = Plan(
            filled=filled,
            categories=find_small(con, categories),
            day=f"({local_time('time', self._zone, self.first_at, self.last_at)})::DATE",
            local_start=local_time("started_at", self._zone, self.first_at, self.last_at),
        )
        n_buckets = max(1, -(-n_rows // BUCKET_ROWS))
        progress.step("prepare", 0, n_buckets)
        if n_buckets == 1:
            write_bucket(con, select, plan, self._writers)
        else:
            self._run_apart(select, plan, n_buckets, progress)
        progress.step("prepare", n_buckets, n_buckets)

    def _run_apart(self, select: str, plan: Plan, n_buckets: int, progress: Progress) -> None:
        """Lay the rows out once, then prepare the buckets side by side, each on its own cursor."""
        # Each bucket is sorted anew, so that rows may be laid out in any order.
        self._con.execute("SET preserve_insertion_order = false")
        self._con.execute(
            f"CREATE TABLE staged AS SELECT *, (user_no % {n_buckets})::USMALLINT AS bucket "
            f"FROM ({select})"
        )
        self._con.execute("SET preserve_insertion_order = true")

        def prepare(bucket: int) -> None:
            own = f"SELECT * EXCLUDE (bucket) FROM staged WHERE bucket = {bucket}"
            with self._con.cursor() as cursor:
                cursor.execute("SET TimeZone = 'UTC'")
                write_bucket(cursor, own, plan, self._writers)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done, _ in enumerate(pool.map(prepare, range(n_buckets)), start=1):
                progress.step("prepare", done, n_buckets)
        self._con.execute("DROP TABLE staged")
