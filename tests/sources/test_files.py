import gzip
import hashlib
from pathlib import Path

import pytest

from segkit.config import SourceConfig
from segkit.errors import SourceError
from segkit.sources.files import drop_working, find_files, open_bytes, stage_path


def source(path: str) -> SourceConfig:
    return SourceConfig(name="shop", format="csv", path=path)


def test_a_glob_gives_its_files_sorted_with_hash_and_size(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "b.csv").write_text("bb")
    (tmp_path / "raw" / "a.csv").write_text("a")

    files = find_files(source("raw/*.csv"), tmp_path)

    assert [f.name for f in files] == ["raw/a.csv", "raw/b.csv"]
    assert files[1].sha256 == hashlib.sha256(b"bb").hexdigest()
    assert files[1].size == 2


def test_two_stars_reach_any_depth_and_folders_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "raw" / "deep.csv").mkdir(parents=True)
    (tmp_path / "raw" / "deep.csv" / "a.csv").write_text("a")

    files = find_files(source("raw/**/*.csv"), tmp_path)

    assert [f.name for f in files] == ["raw/deep.csv/a.csv"]


def test_an_absolute_path_and_a_name_with_brackets_are_found(tmp_path: Path) -> None:
    file = tmp_path / "a[1].csv"
    file.write_text("a")

    found = find_files(source(str(file)), tmp_path / "workspace")

    assert [f.name for f in found] == [file.as_posix()]
    assert [f.name for f in find_files(source("a[1].csv"), tmp_path)] == ["a[1].csv"]


def test_a_path_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no file matches `raw/\*.csv`.*\n?Hint"):
        find_files(source("raw/*.csv"), tmp_path)


def test_an_empty_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()

    with pytest.raises(SourceError, match=r"the file is empty. \(a.csv\)"):
        find_files(source("a.csv"), tmp_path)


def test_a_folder_is_refused_with_the_glob_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()

    with pytest.raises(SourceError, match=r"is a folder(.|\n)*raw/\*"):
        find_files(source("raw/"), tmp_path)


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("a")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(SourceError, match="cannot be read \\(Permission denied\\)"):
        find_files(source("a.csv"), tmp_path)


def test_compressed_files_open_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"text"))
    (file,) = find_files(source("a.csv.gz"), tmp_path)

    with open_bytes(source("a.csv.gz"), file) as stream:
        content = stream.read()

    assert content == b"text"


@pytest.mark.parametrize(
    "data",
    [gzip.compress(b"text" * 100)[:-9], b"text"],
    ids=["cut off", "not compressed"],
)
def test_broken_compression_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.csv.gz").write_bytes(data)
    (file,) = find_files(source("a.csv.gz"), tmp_path)

    with (
        pytest.raises(SourceError, match="not whole gzip"),
        open_bytes(source("a.csv.gz"), file) as stream,
    ):
        stream.read()


def test_utf16_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b", encoding="utf-16")
    (file,) = find_files(source("a.csv"), tmp_path)

    with (
        pytest.raises(SourceError, match=r"UTF-16(.|\n)*save it as UTF-8"),
        open_bytes(source("a.csv"), file),
    ):
        pass


def test_working_files_go_and_canonical_ones_stay(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a")
    (file,) = find_files(source("a.csv"), tmp_path)
    lines = stage_path(tmp_path / "stage", source("a.csv"), file, "lines.parquet")
    events = stage_path(tmp_path / "stage", source("a.csv"), file, "events.parquet")
    lines.touch()
    events.touch()

    drop_working(tmp_path / "stage", source("a.csv"), file)

    assert not lines.exists()
    assert events.exists()
