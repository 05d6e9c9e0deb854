import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.config import SourceConfig
from segkit.errors import SourceError
from segkit.sources import lines
from segkit.sources.files import find_files

SOURCE = SourceConfig(name="shop", format="jsonl", path="raw.*")


def lines_of(folder: Path, data: bytes, name: str = "raw.txt") -> list[tuple[int, str, str | None]]:
    (folder / name).write_bytes(data)
    (file,) = find_files(SOURCE, folder)
    lines.stage_lines(SOURCE, file, folder / "lines.parquet")
    table = pq.read_table(folder / "lines.parquet")
    return list(zip(*(table[c].to_pylist() for c in ("row_no", "line", "fault")), strict=True))


def test_empty_lines_count_and_are_left_out_and_line_ends_may_mix(tmp_path: Path) -> None:
    found = lines_of(tmp_path, b"\xef\xbb\xbfone\r\n\n\r\nfour\nfive")

    assert found == [(1, "one", None), (4, "four", None), (5, "five", None)]


def test_bytes_that_are_not_utf8_fault_their_line_only(tmp_path: Path) -> None:
    found = lines_of(tmp_path, b"one\n\ntw\xff\r\nthr\xc3\xa9\n")

    assert found == [(1, "one", None), (3, "tw\ufffd", "not UTF-8"), (4, "thré", None)]


def test_compressed_lines_read_like_plain_ones(tmp_path: Path) -> None:
    found = lines_of(tmp_path, gzip.compress(b"one\ntwo\n"), "raw.gz")

    assert found == [(1, "one", None), (2, "two", None)]


@given(
    text=st.lists(st.text(st.characters(exclude_characters="\r\n\ufeff"), max_size=9), max_size=9),
    block=st.integers(1, 20),
)
def test_the_size_of_blocks_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, text: list[str], block: int
) -> None:
    data = "\n".join([*text, "end"]).encode(errors="surrogatepass")
    folder = tmp_path_factory.mktemp("lines")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        found = lines_of(folder, data)

    kept = [(n, line) for n, line in enumerate([*text, "end"], start=1) if line]
    assert [(n, line) for n, line, fault in found if fault is None] == kept


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 10)
    monkeypatch.setattr(lines, "LONGEST", 30)

    with pytest.raises(SourceError, match="longer than 64 MiB"):
        lines_of(tmp_path, b"x" * 100)
