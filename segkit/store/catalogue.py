"""List what a snapshot holds.

With it definitions are checked in milliseconds and an unknown name is an error, never an empty
result.
"""

from datetime import datetime

import duckdb

from segkit.store.tables import AttributeInfo, Catalogue, EventInfo


def build_catalogue(
    con: duckdb.DuckDBPyConnection,
    *,
    old: Catalogue,
    attributes: str,
    statements: tuple[str, str],
    n_users: int,
    span: tuple[datetime | None, datetime | None],
) -> Catalogue:
    """Give the catalogue of the tables just written.

    `attributes` and `statements` (exposures, consents) are SQL of where they lie.

    Event properties are those of the snapshot before and of the new rows, so that old documents are
    not read again.
    """
    exposures, consents = statements
    counts = con.execute(
        "SELECT event, sum(n)::BIGINT FROM event_counts GROUP BY 1 ORDER BY 1"
    ).fetchall()
    properties = _new_properties(con)
    events = {
        name: EventInfo(
            n=n,
            properties=tuple(
                sorted(
                    {
                        *properties.get(name, ()),
                        *(old.events[name].properties if name in old.events else ()),
                    }
                )
            ),
        )
        for name, n in counts
    }
    experiments: dict[str, list[str]] = {}
    for experiment, variant in con.execute(
        f"SELECT DISTINCT experiment, variant FROM {exposures} ORDER BY 1, 2"
    ).fetchall():
        experiments.setdefault(experiment, []).append(variant)
    return Catalogue(
        events=events,
        attributes=_attributes(con, attributes),
        experiments={k: tuple(v) for k, v in experiments.items()},
        purposes=tuple(
            r[0]
            for r in con.execute(f"SELECT DISTINCT purpose FROM {consents} ORDER BY 1").fetchall()
        ),
        currencies=_currencies(con, old),
        n_events=sum(info.n for info in events.values()),
        n_users=n_users,
        first_at=span[0],
        last_at=span[1],
    )


def _new_properties(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = con.execute(
        "SELECT event, list(DISTINCT key) FROM (SELECT event, unnest(json_keys(properties)) AS "
        "key FROM new_events "
        "WHERE fault IS NULL AND properties IS NOT NULL) GROUP BY 1"
    ).fetchall()
    return dict(rows)


def _currencies(con: duckdb.DuckDBPyConnection, old: Catalogue) -> tuple[str, ...]:
    rows = con.execute(
        "SELECT DISTINCT currency FROM new_events WHERE fault IS NULL AND value IS NOT NULL AND "
        "currency IS NOT NULL"
    ).fetchall()
    return tuple(sorted({*old.currencies, *(row[0] for row in rows)}))


def _attributes(con: duckdb.DuckDBPyConnection, attributes: str) -> dict[str, AttributeInfo]:
    def all_match(test: str) -> str:
        return f"count(value) > 0 AND bool_and({test}) FILTER (value IS NOT NULL)"

    number = all_match("try_cast(value AS DOUBLE) IS NOT NULL")
    boolean = all_match("lower(value) IN ('true', 'false')")
    day = all_match("regexp_matches(value, '^[0-9]{4}-[0-9]{2}-[0-9]{2}')")
    rows = con.execute(
        "SELECT name, count(valid_from) > 0, count(DISTINCT user_no) FILTER (value IS NOT NULL), "
        f"{number}, {boolean}, {day} FROM {attributes} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    found = {}
    for name, has_history, n_users, is_number, is_boolean, is_date in rows:
        kind = "number" if is_number else "boolean" if is_boolean else "date" if is_date else "text"
        found[name] = AttributeInfo(kind=kind, has_history=has_history, n_users=n_users)
    return found
