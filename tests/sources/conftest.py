"""Read small raw files as a load would."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import pytest

from segkit.config import SourceConfig
from segkit.schema import RAW_TABLES
from segkit.sources.files import find_files
from segkit.sources.read import read_files
from segkit.store.engine import Engine

Rows = list[dict[str, Any]]
Tables = dict[str, Rows]
Reader = Callable[..., Tables]


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine()


@pytest.fixture
def read(engine: Engine, tmp_path: Path) -> Reader:
    """Give a function that reads a text (or a file) as a source and returns rows by table."""

    def read_rows(content: str | bytes | Path, **settings: Any) -> Tables:
        if isinstance(content, Path):
            settings.setdefault("path", str(content))
        else:
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / settings.setdefault("path", "raw.txt")).write_bytes(data)
        source = SourceConfig(**({"name": "raw"} | settings))
        (file,) = find_files(source, tmp_path)
        tables = read_files(engine.backend, source, [file], stage=tmp_path / "stage")
        return {name: _rows(engine, name, table) for name, table in tables.items()}

    return read_rows


def _rows(engine: Engine, name: str, table: ibis.Table) -> Rows:
    assert table.schema() == ibis.schema(RAW_TABLES[name].columns)
    ordered = table.order_by(["row_no", *(["name"] if name == "attributes" else [])])
    return [dict(zip(table.columns, row, strict=True)) for row in engine.rows(ordered)]
