"""Say which ids are one person: device ↔ user over time, older user ids.

And the integer that stands for the person.

A user id is a person; `alias` makes two user ids one. A device belongs to the person who was seen
with it; what was anonymous on it before counts as theirs. On a device that several people used, an
event without a user id belongs to the person who was seen there last before it, or, before anyone
was, to the first. All of that depends on what was seen and when, not on the order of loading.
Direction: backwards and forwards (dbt-segment stitches in the same way).

`user_no` is the first 63 bits of the MD5 of the person's key, so it never changes with a later
load.
"""

from collections.abc import Iterable

import duckdb

from segkit.errors import StoreError


def _person_no(column: str) -> str:
    return f"(md5_number_lower('u' || {column}) >> 1)::BIGINT"


def _device_no(column: str) -> str:
    return f"(md5_number_lower('d' || {column}) >> 1)::BIGINT"


def build_identities(con: duckdb.DuckDBPyConnection) -> None:
    """Say who every id of the old and new rows is.

    Creates `user_ids`, `device_ids` (id, user_no, linked_at), `shared_devices`, `people`, `links`.

    Raises
    ------
    StoreError
        When two people share a hash (about 1 in 10 million stores of a million people).
    """
    _collect_ids(con)
    _join_aliases(con)
    con.execute(
        "CREATE TEMP TABLE device_people AS SELECT l.id AS device_id, c.person, min(l.first_at) "
        "AS first_at "
        "FROM device_links l JOIN canon c USING (user_id) GROUP BY 1, 2"
    )
    con.execute(
        "CREATE TEMP TABLE user_ids AS SELECT user_id AS id, person, "
        f"{_person_no('person')} AS user_no, "
        "seen_at AS linked_at FROM canon"
    )
    owner = "arg_min(person, (coalesce(first_at, TIMESTAMPTZ '9999-01-01 00:00:00+00'), person))"
    con.execute(
        f"CREATE TEMP TABLE device_ids AS WITH owners AS (SELECT device_id, {owner} AS person, "
        "min(first_at) AS linked_at, count(*) AS n "
        "FROM device_people GROUP BY 1) "
        f"SELECT d.id, o.person, coalesce({_person_no('o.person')}, "
        f"{_device_no('d.id')}) AS user_no, "
        "o.linked_at, coalesce(o.n, 0) AS n_people FROM seen_devices d LEFT JOIN owners o ON "
        "o.device_id = d.id"
    )
    con.execute(
        "CREATE TEMP TABLE shared_devices AS SELECT device_id AS id, "
        f"{_person_no('person')} AS user_no, first_at AS from_at, "
        "lead(first_at) OVER (PARTITION BY device_id ORDER BY first_at, person) AS to_at "
        "FROM device_people WHERE first_at IS NOT NULL AND device_id IN (SELECT id FROM "
        "device_ids WHERE n_people > 1)"
    )
    con.execute(
        "CREATE TEMP TABLE people AS SELECT user_no, any_value(user_key) AS user_key, "
        "any_value(user_id) AS user_id, "
        "min(linked_at) AS identified_at, count(DISTINCT user_key) AS n_keys FROM ("
        "SELECT user_no, person AS user_key, person AS user_id, linked_at FROM user_ids UNION ALL "
        "SELECT user_no, coalesce(person, id), person, NULL FROM device_ids) GROUP BY 1"
    )
    clash = con.execute("SELECT count(*) FROM people WHERE n_keys > 1").fetchone()
    if clash and clash[0]:
        raise StoreError.build(
            f"{clash[0]} people share a hash with another.",
            hint="report this; nothing was changed.",
        )


def _collect_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Create `links`, `device_links`, `seen_users`, `seen_devices`.

    From the old tables and good new rows.
    """
    con.execute(
        "CREATE TEMP TABLE id_pairs AS SELECT device_id, user_id, min(time) AS first_at FROM ("
        + " UNION ALL ".join(
            f"SELECT device_id, user_id, time FROM new_{name} WHERE fault IS NULL"
            for name in ("events", "attributes", "consents", "exposures", "links")
        )
        + ") GROUP BY 1, 2"
    )
    con.execute(
        "CREATE TEMP TABLE links AS SELECT kind, id, user_id, min(first_at) AS first_at FROM ("
        "SELECT * FROM old_links UNION ALL "
        "SELECT 'device', device_id, user_id, first_at FROM id_pairs WHERE device_id IS NOT NULL "
        "AND user_id IS NOT NULL UNION ALL "
        "SELECT 'alias', previous_id, user_id, time FROM new_links WHERE fault IS NULL AND "
        "previous_id IS NOT NULL AND user_id IS NOT NULL"
        ") GROUP BY 1, 2, 3"
    )
    con.execute(
        "CREATE TEMP TABLE seen_users AS SELECT user_id, min(seen_at) AS seen_at FROM ("
        "SELECT user_id, first_at AS seen_at FROM id_pairs WHERE user_id IS NOT NULL UNION ALL "
        "SELECT user_id, first_at FROM links UNION ALL "
        "SELECT id, linked_at FROM old_identities WHERE kind = 'user') GROUP BY 1"
    )
    # An alias from an id that was never a user's is an alias from a device (Segment: previousId is
    # mostly anonymous). It is not kept as one: a later load may bring that user.
    con.execute(
        "CREATE TEMP TABLE device_links AS SELECT id, user_id, first_at FROM links WHERE "
        "kind = 'device' UNION ALL SELECT l.id, l.user_id, l.first_at FROM links l WHERE "
        "l.kind = 'alias' "
        "AND l.id NOT IN (SELECT user_id FROM seen_users) "
        "AND NOT EXISTS (SELECT 1 FROM links d WHERE d.kind = 'device' AND d.id = l.id AND "
        "d.user_id = l.user_id)"
    )
    _find_mistaken(con)
    con.execute(
        "CREATE TEMP TABLE seen_devices AS SELECT DISTINCT id FROM ("
        "SELECT device_id AS id FROM id_pairs WHERE device_id IS NOT NULL UNION ALL "
        "SELECT id FROM device_links UNION ALL SELECT id FROM old_identities "
        "WHERE kind = 'device' AND id NOT IN (SELECT id FROM mistaken))"
    )


def _find_mistaken(con: duckdb.DuckDBPyConnection) -> None:
    """Create `mistaken` (id).

    What an alias alone made a device, until its older id was seen as a user's.
    """
    con.execute(
        "CREATE TEMP TABLE mistaken AS SELECT id FROM old_identities WHERE kind = 'device' "
        "AND id IN (SELECT id FROM links WHERE kind = 'alias') "
        "AND id IN (SELECT user_id FROM seen_users) AND id NOT IN (SELECT id FROM device_links)"
    )
    for name in ("events", "attributes", "consents", "exposures"):
        if _some(con, "mistaken"):
            con.execute(
                f"DELETE FROM mistaken WHERE id IN (SELECT device_id FROM old_{name} "
                "WHERE device_id IS NOT NULL)"
            )


def _join_aliases(con: duckdb.DuckDBPyConnection) -> None:
    """Create `canon` (user_id, person, seen_at).

    Each user id and the one that stands for its person.
    """
    pairs = con.execute(
        "SELECT id, user_id FROM links WHERE kind = 'alias' AND id IN (SELECT user_id FROM "
        "seen_users) ORDER BY 1, 2"
    ).fetchall()
    con.execute("CREATE TEMP TABLE aliases (user_id VARCHAR, person VARCHAR)")
    renamed = [
        (user_id, person) for user_id, person in join_pairs(pairs).items() if user_id != person
    ]
    if renamed:
        con.executemany("INSERT INTO aliases VALUES (?, ?)", renamed)
    con.execute(
        "CREATE TEMP TABLE canon AS SELECT s.user_id, coalesce(a.person, s.user_id) AS person, "
        "s.seen_at "
        "FROM seen_users s LEFT JOIN aliases a USING (user_id)"
    )


def join_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give every id of (older, newer) pairs its group's name.

    That is the smallest id that nobody left, else the smallest.

    >>> join_pairs([("a", "b"), ("b", "c")])
    {'a': 'c', 'b': 'c', 'c': 'c'}
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    listed = list(pairs)
    for older, newer in listed:
        parent[root(older)] = root(newer)
    left = {older for older, _ in listed}
    groups: dict[str, list[str]] = {}
    for name in sorted(parent):
        groups.setdefault(root(name), []).append(name)
    heads = {
        key: min(n for n in names if n not in left) if set(names) - left else names[0]
        for key, names in groups.items()
    }
    return {name: heads[root(name)] for name in sorted(parent)}


def resolve_joins(
    con: duckdb.DuckDBPyConnection, row: str, *, time: str = "time"
) -> tuple[str, str]:
    """Give the SQL of a row's user number and the joins it needs.

    Tables that are empty are left out.
    """
    joins, numbers = [], []
    if _some(con, "user_ids"):
        joins.append(f"LEFT JOIN user_ids ON user_ids.id = {row}.user_id")
        numbers.append("user_ids.user_no")
    if _some(con, "shared_devices"):
        joins.append(
            f"LEFT JOIN shared_devices ON shared_devices.id = {row}.device_id AND {row}.{time} "
            ">= shared_devices.from_at "
            f"AND ({row}.{time} < shared_devices.to_at OR shared_devices.to_at IS NULL)"
        )
        numbers.append("shared_devices.user_no")
    if _some(con, "device_ids"):
        joins.append(f"LEFT JOIN device_ids ON device_ids.id = {row}.device_id")
        numbers.append("device_ids.user_no")
    return f"coalesce({', '.join(numbers) or 'NULL::BIGINT'})", " ".join(joins)


def _some(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    return con.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None
