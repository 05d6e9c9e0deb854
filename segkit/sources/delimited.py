"""Read delimited text, all of it as text, so that an id like `00001` stays what it is.

A clean file goes through DuckDB's strict reader at its full speed. A file with any bad row is read
again by a slower, patient reader, which says of every row what is wrong. Both give the same rows
for the same good text.
"""

import csv
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from segkit.config import SourceConfig
from segkit.errors import SourceError
from segkit.sources.files import RawFile, open_bytes, stage_path
from segkit.sources.frames import Frame
from segkit.sources.lines import BOM, NOT_UTF8, stage_lines
from segkit.sources.times import fetch_row

WHITESPACE = "whitespace"
_ROWS = 50_000


def read_delimited(
    backend: Any,  # noqa: ANN401  Ibis backends have no common stub
    source: SourceConfig,
    file: RawFile,
    stage: Path,
) -> Frame:
    """Give the rows of a delimited text file.

    `delimiter` is one character, or `whitespace` for runs of blanks. `row_no` counts rows from 1,
    without the header; empty lines count only in whitespace text. Headings are stripped; a second
    one of the same name (whatever its case) gets `_2` behind it.

    Raises
    ------
    SourceError
        When the file has no header and the source names no columns, its header has another number
        of columns than the source names, or a quote is never closed.
    """
    if source.delimiter == WHITESPACE:
        return _read_blanks(backend, source, file, stage)
    if len(source.delimiter) != 1:
        raise SourceError.build(
            f"Source `{source.name}`: `{source.delimiter}` is not a delimiter.",
            where="delimiter in segkit.toml",
            hint='give one character, or "whitespace" for runs of blanks.',
        )
    plain = _unpack(source, file, stage)
    names, skip = _read_header(source, file, plain)
    text = _Text(source=source, file=file, path=plain, n_columns=len(names), skip=skip)
    target = stage_path(stage, source, file, "rows.parquet")
    if not _stage_clean(backend, text, target):
        _stage_patiently(text, target)
    table = backend.read_parquet(str(target), file_row_number=True)
    columns = {name: f"c{i}" for i, name in enumerate(names)}
    cells = [table[c].fill_null("") for c in columns.values()]
    return Frame(
        table=table,
        row_no=table.file_row_number + 1,
        fault=table.fault,
        raw=ibis.coalesce(table.raw, ibis.literal(source.delimiter).join(cells)),
        columns=columns,
    )


@dataclass(frozen=True, kw_only=True)
class _Text:
    """Plain text whose columns are known: `skip` lines come before the first row."""

    source: SourceConfig
    file: RawFile
    path: Path
    n_columns: int
    skip: int


def _unpack(source: SourceConfig, file: RawFile, stage: Path) -> Path:
    """Give the path of the plain text; unpacked text can be read in parallel."""
    with open_bytes(source, file) as stream:
        if not file.is_gzip:
            return file.path
        target = stage_path(stage, source, file, "plain.csv")
        with target.open("wb") as plain:
            shutil.copyfileobj(stream, plain, 1 << 20)
        return target


def _read_header(source: SourceConfig, file: RawFile, plain: Path) -> tuple[list[str], int]:
    """Give the names of the columns and how many lines come before the first row."""
    if not source.header:
        return _given_names(source, file, None), 0
    with plain.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        reader = csv.reader(stream, delimiter=source.delimiter, strict=True)
        try:
            heads = next((row for row in reader if row), [])
        except csv.Error as exc:
            raise SourceError.build(
                f"Source `{source.name}`: the header cannot be read.",
                where=file.name,
                hint="a quote in it may not be closed.",
            ) from exc
        return _given_names(source, file, heads), reader.line_num


def _given_names(source: SourceConfig, file: RawFile, heads: Sequence[str] | None) -> list[str]:
    """Give the source's names where it has some, else the file's."""
    given = source.columns
    if heads is None and not given:
        raise SourceError.build(
            f"Source `{source.name}`: `header = false` needs the names of the columns.",
            where="columns in segkit.toml",
            hint='give columns = ["…", "…"] in the order of the file.',
        )
    if heads is not None and given and len(given) != len(heads):
        raise SourceError.build(
            f"Source `{source.name}`: the header has {len(heads)} columns, "
            f"the source names {len(given)}.",
            where=file.name,
            hint="name every column of the file, or remove `columns`.",
        )
    names = _name_once(given or heads or [])
    if not names:
        raise SourceError.build(
            f"Source `{source.name}`: the file holds no header.",
            where=file.name,
            hint="if it has none, set header = false and name its columns.",
        )
    return names


def _name_once(heads: Sequence[str]) -> list[str]:
    """Give stripped headings, each different; an empty one is called by its place."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for place, head in enumerate(heads, start=1):
        name = head.strip() or f"column_{place}"
        seen[name.lower()] = seen.get(name.lower(), 0) + 1
        n = seen[name.lower()]
        names.append(name if n == 1 else f"{name}_{n}")
    return names


def _stage_clean(backend: Any, text: _Text, target: Path) -> bool:  # noqa: ANN401
    """Write the rows by DuckDB's strict reader; False when it meets any row that it refuses."""
    try:
        table = backend.read_csv(
            str(text.path),
            columns={f"c{i}": "VARCHAR" for i in range(text.n_columns)},
            auto_detect=False,
            header=False,
            skip=text.skip,
            delim=text.source.delimiter,
            quote='"',
            escape='"',
            nullstr=list(text.source.null_values),
        )
        none = ibis.literal(None, "string")
        backend.to_parquet(table.mutate(fault=none, raw=none), target)
    except duckdb.Error:
        return False
    return True


def _stage_patiently(text: _Text, target: Path) -> None:
    """Write the rows one by one, each with what is wrong with it."""
    columns = [f"c{i}" for i in range(text.n_columns)]
    schema = pa.schema([(name, pa.string()) for name in (*columns, "fault", "raw")])
    nulls = set(text.source.null_values)
    with text.path.open("rb") as stream, pq.ParquetWriter(target, schema) as writer:
        rows = _patient_rows(text, stream)
        while chunk := list(islice(rows, _ROWS)):
            cells = [
                pa.array([None if v is None or v in nulls else v for v in column], pa.string())
                for column in zip(*(row[0] for row in chunk), strict=True)
            ]
            told = [pa.array([row[i] for row in chunk], pa.string()) for i in (1, 2)]
            writer.write_table(pa.table([*cells, *told], schema=schema))


Row = tuple[list[str | None], str | None, str | None]


def _patient_rows(text: _Text, stream: BinaryIO) -> Iterator[Row]:
    """Give the cells, the fault and the raw text of each row; a good row's text is left out."""
    lines = _Lines(stream)
    for _ in range(text.skip):
        next(lines)
    reader = csv.reader(lines, delimiter=text.source.delimiter, strict=True)
    for number in count(1):
        lines.start()
        try:
            cells = next(reader)
            while not cells and text.n_columns > 1:
                lines.start()
                cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            if lines.is_at_end or "limit" in str(exc):
                raise SourceError.build(
                    f"Source `{text.source.name}`: a quote is opened and never closed.",
                    where=f"{text.file.name}, row {number}",
                    hint="close the quote, or double a quote that is part of the text.",
                ) from exc
            yield [None] * text.n_columns, "quotes or line ends are broken", lines.text
            continue
        fault = _row_fault(cells, text.n_columns, is_utf8=lines.is_utf8)
        row: list[str | None] = [*cells[: text.n_columns], *[""] * (text.n_columns - len(cells))]
        yield row, fault, lines.text if fault else None


def _row_fault(cells: Sequence[str], n_columns: int, *, is_utf8: bool) -> str | None:
    if not is_utf8:
        return NOT_UTF8
    has_tail = len(cells) == n_columns + 1 and not cells[-1]
    if len(cells) == n_columns or has_tail or (not cells and n_columns == 1):
        return None
    return f"{len(cells)} fields instead of {n_columns}"


class _Lines(Iterator[str]):
    """Lines of a file as text, which remembers what went into the row that is being read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        if stream.read(3) != BOM:
            stream.seek(0)
        self.is_at_end = False
        self.start()

    def start(self) -> None:
        """Begin a new row."""
        self._taken: list[str] = []
        self.is_utf8 = True

    @property
    def text(self) -> str:
        """The raw text of the row."""
        return "".join(self._taken).rstrip("\r\n")

    def __next__(self) -> str:
        line = self._stream.readline()
        if not line:
            self.is_at_end = True
            raise StopIteration
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self.is_utf8 = False
            text = line.decode(errors="replace")
        self._taken.append(text)
        return text


def _read_blanks(
    backend: Any,  # noqa: ANN401
    source: SourceConfig,
    file: RawFile,
    stage: Path,
) -> Frame:
    """Give the rows of text whose columns are set apart by runs of blanks."""
    target = stage_path(stage, source, file, "lines.parquet")
    stage_lines(source, file, target)
    lines = backend.read_parquet(str(target))
    lines = lines.mutate(line=lines.line.strip())
    lines = lines.filter(lines.line != "")
    first = lines.order_by("row_no").limit(1).select("row_no", "line")
    if source.header:
        at, head = fetch_row(backend, first) or (0, "")
        names = _given_names(source, file, head.split())
        lines = lines.filter(lines.row_no > at).mutate(row_no=lines.row_no - at)
    else:
        names = _given_names(source, file, None)
    rows = lines.mutate(cells=lines.line.re_split(r"\s+"))
    n = rows.cells.length()
    short = n.cast("string") + f" fields instead of {len(names)}"
    rows = rows.mutate(
        fault=ibis.coalesce(rows.fault, ibis.ifelse(n == len(names), ibis.null(), short)),
        **{f"c{i}": rows.cells[i] for i in range(len(names))},
    )
    return Frame(
        table=rows,
        row_no=rows.row_no,
        fault=rows.fault,
        raw=rows.line,
        columns={name: f"c{i}" for i, name in enumerate(names)},
        nulls=source.null_values,
    )
