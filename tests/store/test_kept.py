from pathlib import Path

import ibis
import pytest
from ibis import Table

from segkit.store.engine import Engine
from segkit.store.kept import KeptTables


@pytest.fixture
def rows(tmp_path: Path) -> tuple[Engine, Table]:
    """Give an engine and a table of three people."""
    place = tmp_path / "rows.parquet"
    engine = Engine()
    engine.backend.to_parquet(ibis.memtable({"user_no": [1, 1, 2, 3]}), place)
    return engine, engine.read([str(place)])


def counted(table: Table, least: int = 0) -> Table:
    """Give one row a user."""
    users = table.group_by("user_no").agg(n=table.count())
    return users.filter(users.n > least)


def names(engine: Engine) -> set[str]:
    found = engine.backend.con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    return {name for (name,) in found}


def test_the_same_table_is_computed_once_while_somebody_has_it(rows: tuple[Engine, Table]) -> None:
    engine, table = rows

    first = engine.keep(counted(table), "counted")
    again = engine.keep(counted(table), "counted")
    other = engine.keep(counted(table, 1), "counted")

    assert first.op() is again.op()
    assert other.op().name != first.op().name
    assert engine.rows(other) == [(1, 2)]


def test_a_table_that_nobody_can_ask_is_dropped(rows: tuple[Engine, Table]) -> None:
    engine, table = rows
    kept = engine.keep(counted(table), "counted")
    name = kept.op().name
    asked = kept.filter(kept.n > 1)
    del kept

    engine.keep(counted(table, 1), "other")
    while_asked = names(engine)
    del asked
    engine.keep(counted(table, 2), "another")

    assert name in while_asked
    assert name not in names(engine)
    assert engine.rows(engine.keep(counted(table), "counted").count().as_table()) == [(3,)]


def test_what_is_alike_stays_for_the_next_question(rows: tuple[Engine, Table]) -> None:
    engine, table = rows
    name = engine.keep(counted(table), "counted", is_alike=True).op().name

    engine.keep(counted(table, 1), "other")

    assert engine.keep(counted(table), "counted").op().name == name


def test_of_what_stays_the_oldest_goes_when_there_is_no_room(rows: tuple[Engine, Table]) -> None:
    engine, table = rows
    kept = KeptTables(most_cells=8)
    dropped: list[str] = []

    def add(least: int) -> str:
        made = engine.keep(counted(table, least), "counted")
        kept.add(str(least), made, n_rows=2, is_held=True)
        return str(made.op().name)

    gone = add(0)
    stays = add(1)
    assert kept.find("0") is not None
    add(2)
    engine.keep(counted(table, 3), "sweep")
    kept.sweep(dropped.append)

    assert kept.find("0") is not None
    assert kept.find("1") is None
    assert dropped == [stays]
    assert gone in names(engine)
