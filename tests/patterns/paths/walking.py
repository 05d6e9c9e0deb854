"""Make paths by hand, in memory and in the engine."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from segkit.patterns.paths.sequences import Sequences
from segkit.patterns.paths.steps import Walks, build_walks
from segkit.store.engine import Engine

MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)
ROW = {
    "side": "int32",
    "user_no": "int64",
    "visit_no": "int64",
    "time": "timestamp('UTC', 6)",
    "row_no": "int64",
    "load_id": "string",
    "place": "int32",
}


def walk(
    paths: Sequence[tuple[int, int, str]],
    *,
    names: str = "ABC",
    n_sides: int = 2,
    seconds: int = 10,
    **options: Any,
) -> Walks:
    """Give paths of (side, user, letters), one letter a step, `seconds` apart."""
    rows = [
        {
            "side": side,
            "user_no": user,
            "visit_no": number,
            "time": MIDNIGHT + timedelta(seconds=seconds * at),
            "row_no": at,
            "load_id": "l",
            "place": names.index(letter),
        }
        for number, (side, user, letters) in enumerate(paths)
        for at, letter in enumerate(letters)
    ]
    engine = Engine()
    return build_walks(engine, engine.values(rows, ROW), tuple(names), n_sides=n_sides, **options)


def sequences(paths: Sequence[str], *, names: str = "ABCDEFG", one_user: bool = False) -> Sequences:
    """Give paths of letters in memory, one user each unless all are of one."""
    return Sequences(
        places=np.array([names.index(c) for path in paths for c in path], dtype=np.int64),
        path=np.repeat(np.arange(len(paths)), [len(path) for path in paths]),
        user_no=np.zeros(len(paths), np.int64) if one_user else np.arange(len(paths)),
        n_places=len(names),
    )


def read_published(path: Path, unit: str, *, by_country: bool = False) -> Walks:
    """Give the paths of a published file: a visit or a user each, US as side 1 where asked."""
    with path.open(encoding="utf-8") as lines:
        listed = [row for row in csv.DictReader(lines, delimiter="\t") if row["user_id"]]
    rows = [
        {
            "side": int(by_country and row["country"] == "US"),
            "user_no": int(row["user_id"].removeprefix("user_")),
            "visit_no": int(row["session_id"].removeprefix("session_")) if unit == "visit" else 0,
            "time": datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC),
            "row_no": at,
            "load_id": "l",
            "place": "ABC".index(row["event"]),
        }
        for at, row in enumerate(listed)
    ]
    engine = Engine()
    return build_walks(
        engine, engine.values(rows, ROW), "ABC", n_sides=1 + by_country, collapse=False
    )
