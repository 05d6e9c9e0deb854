"""What several processes ask of one snapshot alike is computed once, and is the same for all."""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pytest
from ibis import Table

from segkit.store.alike import ALIKE
from segkit.store.engine import Engine

ROOT = Path(__file__).parents[2]
ASK = """
import sys
from tests.store.test_alike import ask
print(ask(sys.argv[1:])[1])
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Give a file of amounts of three people."""
    rows = {
        "user_no": [1, 1, 2, 3],
        "paid": [Decimal("0.10"), Decimal("0.20"), Decimal(5), Decimal(7)],
    }
    place = tmp_path / "it's.parquet"
    Engine().backend.to_parquet(ibis.memtable(rows), place)
    return [str(place)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder that processes share."""
    shared = tmp_path / "they're alike"
    shared.mkdir()
    monkeypatch.setenv(ALIKE, str(shared))
    yield shared
    assert not list(shared.glob("*.[0-9]*"))


def summed(table: Table) -> Table:
    """Give one row a user."""
    return table.group_by("user_no").agg(n=table.count(), paid=table.paid.sum())


def ask(files: list[str]) -> tuple[list[tuple[Any, ...]], str]:
    """Sum up with a new engine; give rows, and the columns' types."""
    engine = Engine()
    kept = engine.keep(summed(engine.read(files)), "summed", is_alike=True)
    return sorted(engine.rows(kept)), str(kept.schema())


def test_the_second_engine_reads_what_the_first_left(files: list[str], folder: Path) -> None:
    first = ask(files)
    (left,) = folder.glob("*.parquet")
    made = left.stat().st_mtime_ns
    second = ask(files)

    assert first == second
    assert left.stat().st_mtime_ns == made
    assert list(folder.glob("*.parquet")) == [left]


def test_what_was_left_is_what_is_read(files: list[str], folder: Path) -> None:
    ask(files)
    (left,) = folder.glob("*.parquet")
    engine = Engine()
    read = engine.read([str(left)])
    engine.backend.to_parquet(read.mutate(n=read.n + 100), folder.parent / "other.parquet")
    (folder.parent / "other.parquet").replace(left)

    assert [row[1] for row in ask(files)[0]] == [102, 101, 101]


def test_other_files_and_other_questions_are_not_alike(
    files: list[str], folder: Path, tmp_path: Path
) -> None:
    engine = Engine()
    other = tmp_path / "other.parquet"
    engine.backend.to_parquet(ibis.memtable({"user_no": [9], "paid": [Decimal(1)]}), other)
    table = engine.read(files)
    ask(files)

    engine.keep(summed(engine.read([str(other)])), "summed", is_alike=True)
    engine.keep(summed(table.filter(table.user_no > 1)), "summed", is_alike=True)

    assert len(list(folder.glob("*.parquet"))) == 3


def test_what_hangs_on_an_engines_own_tables_is_never_shared(
    files: list[str], folder: Path
) -> None:
    engine = Engine()
    own = engine.keep(engine.read(files), "own")

    kept = engine.keep(summed(own), "summed", is_alike=True)

    assert len(engine.rows(kept)) == 3
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("fault", ["gone", "a file", "unset"])
def test_without_a_folder_everybody_computes_alone(
    files: list[str], folder: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = ask(files)
    if fault == "unset":
        monkeypatch.delenv(ALIKE)
    else:
        place = files[0] if fault == "a file" else str(folder / "gone")
        monkeypatch.setenv(ALIKE, place)

    assert ask(files) == shared


def test_of_four_processes_that_ask_at_once_one_computes(files: list[str], folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASK, *files], env=environment, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]

    said = {one.communicate(timeout=60)[0] for one in asking}

    assert [one.returncode for one in asking] == [0] * 4
    assert len(said) == 1
    assert len(list(folder.glob("*.parquet"))) == 1


def test_what_takes_too_long_is_left_to_nobody(files: list[str], tmp_path: Path) -> None:
    engine = Engine()
    table = engine.read(files).select("user_no")
    endless = table
    for number in range(30):
        endless = endless.cross_join(table.rename({f"n{number}": "user_no"}))

    is_left = engine.leave(endless.agg(n=endless.count()), tmp_path / "left.parquet", most_s=0.2)

    assert not is_left
    assert not (tmp_path / "left.parquet").exists()
    assert len(engine.rows(table)) == 4
