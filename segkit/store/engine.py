"""Reach the query engine: DuckDB in this process, or Spark.

Both through Ibis expressions over the same files.

Everything above `store/` speaks Ibis only; the few places where two engines name one thing
differently are methods here.
"""

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import ibis
from ibis import Table
from ibis.expr.operations import DatabaseTable, InMemoryTable, Namespace, PhysicalTable
from ibis.expr.types import IntegerValue, StringValue

from segkit.errors import StoreError
from segkit.store.alike import aside, turn
from segkit.store.bits import MOST_ROWS, read_counts, write_counts
from segkit.store.kept import Answers, KeptTables


@ibis.udf.scalar.builtin(name="json_extract_string")
def _duckdb_json_text(document: str, path: str) -> str: ...  # type: ignore[empty-body]


@ibis.udf.scalar.builtin(name="get_json_object")
def _spark_json_text(document: str, path: str) -> str: ...  # type: ignore[empty-body]


@ibis.udf.scalar.builtin(
    name="map_extract_value", signature=(("map<string, int64>", "string"), "int64")
)
def _duckdb_map_value(numbers: dict[str, int], text: str) -> int: ...  # type: ignore[empty-body]


class Engine:
    """One connection to a query engine.

    Parameters
    ----------
    url
        `duckdb://` (in memory, in this process) or `pyspark://MASTER`, for example
        `pyspark://local[2]`.
    memory
        The most memory DuckDB may use before it spills to `spill`.
    spill
        Folder for what does not fit; None lets the engine choose.

    Raises
    ------
    StoreError
        When Spark is asked for and pyspark or a Java runtime is missing.
    """

    def __init__(
        self, url: str = "duckdb://", *, memory: str = "3GB", spill: str | None = None
    ) -> None:
        self.url = url
        self.name = url.split("://", 1)[0]
        self._session: Any = self._spark(url) if self.name == "pyspark" else None
        self.backend: Any = (
            ibis.pyspark.connect(self._session) if self._session else self._duckdb(memory, spill)
        )
        self._n_kept = 0
        self._kept = KeptTables()
        self._answers = Answers()
        self._views: set[str] = set()

    @staticmethod
    def _duckdb(memory: str, spill: str | None) -> Any:  # noqa: ANN401  Ibis backends have no common stub
        config = {"memory_limit": memory}
        if spill:
            config["temp_directory"] = spill
        backend = ibis.duckdb.connect(**config)
        backend.raw_sql("SET TimeZone = 'UTC'")
        backend.raw_sql("SET enable_progress_bar = false")
        return backend

    @staticmethod
    def _spark(url: str) -> Any:  # noqa: ANN401
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415  an extra
        except ImportError as exc:
            raise StoreError.build(
                "The engine pyspark is not installed.",
                where="[engine] url",
                hint="pip install 'segkit[spark]'.",
            ) from exc
        return (
            SparkSession.builder.master(url.removeprefix("pyspark://"))
            .appName("segkit")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .getOrCreate()
        )

    def read(self, files: Sequence[str]) -> Table:
        """Give the rows of some Parquet files as one table."""
        view = f"files_{sha256(repr(list(files)).encode()).hexdigest()[:16]}"
        self._views.add(view)
        if self.name != "duckdb":
            self._session.read.parquet(*files).createOrReplaceTempView(view)
            table: Table = self.backend.table(view)
            return table
        listed = ", ".join(f"'{_quoted(file)}'" for file in files)
        self.backend.con.execute(
            f'CREATE OR REPLACE TEMP VIEW "{view}" AS SELECT * FROM read_parquet([{listed}])'
        )
        return self._described(view)

    def _described(self, view: str) -> Table:
        """Give a view as a table; Ibis would import pyarrow only to hear of its columns."""
        told = self.backend.con.execute(f'DESCRIBE "{view}"').fetchall()
        types = self.backend.compiler.type_mapper
        columns = {column: types.from_string(kind) for column, kind, *_ in told}
        return self._named(view, ibis.schema(columns))

    def _named(self, name: str, schema: ibis.Schema) -> Table:
        return DatabaseTable(
            name, schema=schema, source=self.backend, namespace=Namespace()
        ).to_expr()

    def keep(
        self, table: Table, name: str, *, is_alike: bool = False, is_held: bool = False
    ) -> Table:
        """Compute a table once and give it back as a temporary one.

        The same table again is the one that was computed before, while anybody has it; one that
        `is_held` stays for the next question. So does one that `is_alike` for other reports on the
        same snapshot, which is computed once for all that are made together. Ibis' own way takes
        more statements, and imports pyarrow only to hear of the columns.
        """
        self._n_kept += 1
        kept = f"{re.sub(r'[^a-z0-9_]', '_', name.lower())}_{self._n_kept}"
        if self.name == "pyspark":
            return table.cache()
        if table.op().find(InMemoryTable):
            return self.backend.create_table(kept, table, temp=True)
        schema = table.schema()
        columns = ", ".join(c.sql("duckdb") for c in schema.to_sqlglot_column_defs("duckdb"))
        statement = str(self.backend.compile(table))
        key = f"{columns} {statement}"
        if (known := self._kept.find(key)) is not None:
            return known
        self._kept.sweep(lambda gone: self.backend.con.execute(f'DROP TABLE IF EXISTS "{gone}"'))
        self.backend.con.execute(f'CREATE TEMP TABLE "{kept}" ({columns})')
        read = {leaf.name for leaf in table.op().find(PhysicalTable)}
        if is_alike and read <= self._views:
            n_rows = self._fill_alike(kept, statement)
        else:
            n_rows = self._fill(kept, statement)
        given = self._named(kept, schema)
        self._kept.add(key, given, n_rows=n_rows, is_held=is_held or is_alike)
        return given

    def _fill(self, kept: str, statement: str) -> int:
        """Fill a temporary table and give the number of its rows."""
        self.backend.con.execute(f'INSERT INTO "{kept}" {statement}')
        return int(self.backend.con.fetchone()[0])

    def _fill_alike(self, kept: str, statement: str) -> int:
        """Fill a temporary table with what another process left of the statement, or leave it."""
        with turn(f"{self.backend.version} {statement}") as place:
            if place is not None and place.exists():
                return self._fill(kept, f"FROM '{_quoted(place)}'")
            n_rows = self._fill(kept, statement)
            if place is not None:
                self._leave(kept, place)
            return n_rows

    def leave(self, table: Table, place: Path, *, most_s: float) -> bool:
        """Compute a table into a file for others; False when it fails or takes longer than it may.

        For DuckDB alone.
        """
        from duckdb import Error  # noqa: PLC0415  Spark does without

        late = threading.Timer(most_s, self.backend.con.interrupt)
        late.daemon = True
        late.start()
        try:
            kept = self.keep(table, "left")
            self._leave(kept.get_name(), place)
        except (Error, ibis.IbisError):
            return False
        finally:
            late.cancel()
        return place.exists()

    def _leave(self, kept: str, place: Path) -> None:
        """Write a temporary table for others; a disk that refuses is no matter."""
        from duckdb import Error  # noqa: PLC0415  Spark does without

        with suppress(OSError, Error):
            target = _quoted(aside(place))
            self.backend.con.execute(f"COPY \"{kept}\" TO '{target}' (FORMAT parquet)")
            aside(place).replace(place)

    def values(self, rows: Iterable[dict[str, Any]], schema: dict[str, str]) -> Table:
        """Give a small table of given rows, also when there are none."""
        listed = [tuple(row[column] for column in schema) for row in rows]
        return ibis.memtable(listed, schema=ibis.schema(schema))

    def laid(self, columns: Mapping[str, Any], name: str) -> Table:
        """Give columns of numbers, as numpy arrays of one length, as a temporary table."""
        import pyarrow as pa  # noqa: PLC0415  slow to import

        given = ibis.memtable(pa.table({key: pa.array(values) for key, values in columns.items()}))
        return given if self.name == "pyspark" else self.keep(given, name)

    def json_text(self, document: StringValue, key: str) -> StringValue:
        """Give the text of one key of a JSON document; null where it is missing or null."""
        if self.name == "pyspark":
            return _spark_json_text(document, f"$['{key}']")
        escaped = key.replace('"', '\\"')
        return _duckdb_json_text(document, f'$."{escaped}"')

    def numbered(self, text: StringValue, numbers: Mapping[str, int]) -> IntegerValue:
        """Give the number that stands for a text; null for every other text.

        DuckDB looks a repeated text up once, where it would try the branches of a CASE row by row.
        """
        known = ibis.literal(dict(numbers), "map<string, int64>")
        if self.name == "pyspark":
            return known[text]
        return _duckdb_map_value(known, text)

    def sums(
        self, table: Table, sets: Sequence[Sequence[str]], columns: Sequence[str]
    ) -> list[list[tuple[Any, ...]]]:
        """Give for each of some sets of keys its rows (key …, sums of columns).

        DuckDB reads the table once for all of them.
        """
        if self.name != "duckdb":
            summed = {column: table[column].sum() for column in columns}
            return [self.rows(table.group_by(list(keys)).agg(**summed)) for keys in sets]
        names = list(dict.fromkeys(key for keys in sets for key in keys))
        summed_up = ", ".join(f'sum("{column}")' for column in columns)
        fetched = self._fetched(
            f"SELECT grouping_id({_listed(names)}), {summed_up}, {_listed(names)} "
            f"FROM ({self.backend.compile(table)}) "
            f"GROUP BY GROUPING SETS ({', '.join(f'({_listed(keys)})' for keys in sets)})"
        )
        found: dict[int, list[dict[str, Any]]] = {}
        for number, *row in fetched:
            found.setdefault(number, []).append(dict(zip([*columns, *names], row, strict=True)))
        return [
            [tuple(row[name] for name in (*keys, *columns)) for row in found.get(number, [])]
            for keys in sets
            for number in [int("".join(str(int(name not in keys)) for name in names), 2)]
        ]

    def count_bits(
        self, table: Table, bits: Mapping[str, int], *, by: str | None = None
    ) -> dict[Any, dict[str, list[int]]]:
        """Give how many rows have each of the first bits of some columns.

        For every value of `by`; `bits` says how many bits of each column, 62 at most; under `""`
        stands the number of rows. Without `by` there is one key, None.
        """
        if self.name != "duckdb":
            sums = {
                f"{column}_{i}": ((table[column] >> i) & 1).sum()
                for column, n_bits in bits.items()
                for i in range(n_bits)
            }
            counted = table.aggregate(by=[by] if by else [], n_rows=table.count(), **sums)
            return self._read_bits(self.rows(counted), bits, by, is_packed=False)
        inner = str(self.backend.compile(table))
        found = self._fetched(write_counts(inner, bits, by, is_packed=True))
        if any(row[by is not None] > MOST_ROWS for row in found):
            found = self._fetched(write_counts(inner, bits, by, is_packed=False))
            return self._read_bits(found, bits, by, is_packed=False)
        return self._read_bits(found, bits, by, is_packed=True)

    @staticmethod
    def _read_bits(
        rows: Sequence[tuple[Any, ...]],
        bits: Mapping[str, int],
        by: str | None,
        *,
        is_packed: bool,
    ) -> dict[Any, dict[str, list[int]]]:
        start = 0 if by is None else 1
        return {
            row[0] if start else None: read_counts(row[start:], bits, is_packed=is_packed)
            for row in rows
        }

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        """Give the rows of a small table as plain tuples.

        Without importing pandas where the engine allows it.

        Instants come as aware UTC datetimes, dates as dates, decimals as Decimal, on every engine.
        """
        if self.name != "duckdb":
            return [self._aware(row.values()) for row in table.to_pyarrow().to_pylist()]
        instants = [name for name, kind in table.schema().items() if kind.is_timestamp()]
        plain = table.mutate(**{name: table[name].cast("timestamp") for name in instants})
        fetched = self._fetched(str(self.backend.compile(plain)))
        return [self._aware(row) for row in fetched] if instants else fetched

    def _fetched(self, statement: str) -> list[tuple[Any, ...]]:
        """Give the rows of a statement, which are the same whenever it is asked again."""
        found = self._answers.find(statement)
        if found is None:
            found = self.backend.raw_sql(statement).fetchall()
            self._answers.add(statement, found)
        return list(found)

    def columns(self, table: Table) -> dict[str, Any]:
        """Give the columns of a large table as numpy arrays: numbers, and text as objects.

        Unknown numbers are NaN, unknown text is None.
        """
        if self.name != "duckdb":
            frame = table.to_pandas()
            return {name: frame[name].to_numpy() for name in table.columns}
        fetched = self.backend.raw_sql(self.backend.compile(table)).fetchnumpy()
        return {name: self._unmasked(fetched[name]) for name in table.columns}

    @staticmethod
    def _unmasked(values: Any) -> Any:  # noqa: ANN401  numpy is not imported here
        if not hasattr(values, "mask") or not values.mask.any():
            return getattr(values, "data", values) if hasattr(values, "mask") else values
        is_text = values.dtype == object
        return (values if is_text else values.astype(float)).filled(
            None if is_text else float("nan")
        )

    @staticmethod
    def _aware(row: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for v in row)

    def scalar(self, value: Any) -> Any:  # noqa: ANN401  any Ibis scalar
        """Give the one value of a scalar expression."""
        return self.rows(value.as_table())[0][0]


def _quoted(text: str | Path) -> str:
    """Give a text as it stands between the quotes of a statement."""
    return str(text).replace("'", "''")


def _listed(names: Iterable[str]) -> str:
    """Give quoted names with commas between."""
    return ", ".join(f'"{name}"' for name in names)
