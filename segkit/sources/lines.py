"""Read line formats in bounded memory: bytes in, one Parquet row a line out.

The lines are cut by vector operations on blocks of some megabytes, never one by one, so that a
gigabyte takes seconds; only a block with bytes that are not UTF-8 is looked at line by line.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from segkit.config import SourceConfig
from segkit.errors import SourceError
from segkit.sources.files import RawFile, open_bytes

BLOCK = 1 << 22
LONGEST = 1 << 26
BOM = b"\xef\xbb\xbf"
NOT_UTF8 = "not UTF-8"
_SCHEMA = pa.schema([("row_no", pa.int64()), ("line", pa.string()), ("fault", pa.string())])


def stage_lines(source: SourceConfig, file: RawFile, target: Path) -> None:
    """Write the lines of a file to Parquet.

    Grain: one row a line, `row_no` from 1; empty lines are counted and left out. A line ends in a
    line feed, with or without a carriage return before it; the last one may have none. A byte
    order mark at the start is dropped. `fault` is `not UTF-8` or null; there, `line` has
    replacement characters.

    Raises
    ------
    SourceError
        When the file is UTF-16 or broken gzip, or a line is longer than 64 MiB.
    """
    with (
        open_bytes(source, file) as stream,
        pq.ParquetWriter(
            target, _SCHEMA, compression="lz4", use_dictionary=False, write_statistics=False
        ) as writer,
    ):
        n_before = 0
        for block in _whole_lines(source, file, stream):
            n_lines = block.count(b"\n")
            batch = _batch(block, n_before)
            if batch.num_rows:
                writer.write_batch(batch)
            n_before += n_lines


def _whole_lines(source: SourceConfig, file: RawFile, stream: BinaryIO) -> Iterator[bytes]:
    """Give the file in blocks that end in a line end."""
    if stream.read(3) != BOM:
        stream.seek(0)
    rest: list[bytes] = []
    while block := stream.read(BLOCK):
        cut = block.rfind(b"\n") + 1
        if cut:
            yield b"".join([*rest, block[:cut]])
            rest = []
        rest.append(block[cut:])
        if sum(map(len, rest)) > LONGEST:
            raise SourceError.build(
                f"Source `{source.name}`: a line is longer than 64 MiB.",
                where=file.name,
                hint="write one record a line.",
            )
    if any(rest):
        yield b"".join([*rest, b"\n"])


def _batch(block: bytes, n_before: int) -> pa.RecordBatch:
    if not _is_utf8(block):
        return _batch_of_bad(block, n_before)
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == 10)  # noqa: PLR2004  a line feed
    offsets = np.zeros(len(ends) + 1, np.int32)
    offsets[1:] = ends - np.arange(len(ends))
    text = pa.py_buffer(block.replace(b"\n", b""))
    lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), text)
    numbers = pa.array(np.arange(n_before + 1, n_before + len(ends) + 1))
    batch = pa.record_batch([numbers, lines, pa.nulls(len(ends), pa.string())], schema=_SCHEMA)
    filled = np.diff(offsets) > 0
    return batch if filled.all() else batch.filter(pa.array(filled))


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _batch_of_bad(block: bytes, n_before: int) -> pa.RecordBatch:
    """Look at each line of a block that holds bytes which are not UTF-8."""
    rows = [
        (n_before + n, line.decode(errors="replace"), None if _is_utf8(line) else NOT_UTF8)
        for n, line in enumerate(block[:-1].replace(b"\r\n", b"\n").split(b"\n"), start=1)
        if line
    ]
    return pa.record_batch(
        [pa.array([row[i] for row in rows], _SCHEMA.field(i).type) for i in range(3)],
        schema=_SCHEMA,
    )
