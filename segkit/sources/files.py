"""Find the raw files of a source and open them: which there are, what they hold, told by a hash.

A file is known by the hash of its content, so that a file loaded twice counts once, however it is
named.
"""

import glob
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from segkit.config import SourceConfig
from segkit.errors import SourceError

_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class RawFile:
    """One raw file: place, name below the workspace, SHA-256 of its content, size in bytes."""

    path: Path
    name: str
    sha256: str
    size: int

    @property
    def is_gzip(self) -> bool:
        """Whether its name says that it is compressed."""
        return self.path.name.lower().endswith(".gz")


def find_files(source: SourceConfig, root: Path) -> list[RawFile]:
    """Give the files that a source's path names, sorted by name.

    Parameters
    ----------
    source
        Its `path` is a file or a glob (`**` for any depth), below `root` or absolute.
    root
        The workspace's folder.

    Raises
    ------
    SourceError
        When no file matches, or one is empty or cannot be read.
    """
    paths = _matches(source, root)
    if not paths:
        raise SourceError.build(
            f"Source `{source.name}`: no file matches `{source.path}`.",
            where="path in segkit.toml",
            hint="give a file or a glob like raw/*.csv, below the workspace or absolute.",
        )
    return [_identify(source, path, root) for path in paths]


def _matches(source: SourceConfig, root: Path) -> list[Path]:
    if Path(source.path).is_absolute():
        pattern = source.path
    else:
        pattern = f"{glob.escape(str(root))}/{source.path}"
    plain = Path(source.path) if Path(source.path).is_absolute() else root / source.path
    found = [plain] if plain.exists() else [Path(p) for p in glob.glob(pattern, recursive=True)]  # noqa: PTH207  Path.glob takes no absolute pattern
    if found == [plain] and plain.is_dir():
        raise SourceError.build(
            f"Source `{source.name}`: `{source.path}` is a folder.",
            where="path in segkit.toml",
            hint=f"name the files in it, for example {source.path.rstrip('/')}/*.",
        )
    return sorted(path for path in found if path.is_file())


def _identify(source: SourceConfig, path: Path, root: Path) -> RawFile:
    inside = path.is_relative_to(root)
    name = path.relative_to(root).as_posix() if inside else path.as_posix()
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as exc:
        raise SourceError.build(
            f"Source `{source.name}`: the file cannot be read ({exc.strerror}).",
            where=name,
            hint="check its permissions.",
        ) from exc
    if size == 0:
        raise SourceError.build(
            f"Source `{source.name}`: the file is empty.",
            where=name,
            hint="remove it, or wait until it is written.",
        )
    return RawFile(path=path, name=name, sha256=sha256, size=size)


@contextmanager
def open_bytes(source: SourceConfig, file: RawFile) -> Iterator[BinaryIO]:
    """Open a file for reading its bytes, unpacked when its name ends in `.gz`.

    Raises
    ------
    SourceError
        When it is UTF-16, or its compression is broken or cut off (also while it is read).
    """
    try:
        with file.path.open("rb") as packed:
            stream = gzip.GzipFile(fileobj=packed) if file.is_gzip else packed
            head = stream.read(2)
            if head in _WIDE:
                raise SourceError.build(
                    f"Source `{source.name}`: the file is UTF-16.",
                    where=file.name,
                    hint="save it as UTF-8.",
                )
            stream.seek(0)
            yield cast("BinaryIO", stream)
    except (gzip.BadGzipFile, EOFError, zlib.error) as exc:
        raise SourceError.build(
            f"Source `{source.name}`: the file is not whole gzip.",
            where=file.name,
            hint="it may still be written, or its transfer was cut off; get it again.",
        ) from exc


WORKING = ("plain.csv", "lines.parquet", "rows.parquet")
"""Intermediate files that canonical rows are made from and that nothing needs afterwards."""


def drop_working(stage: Path, source: SourceConfig, file: RawFile) -> None:
    """Remove the intermediate files that are no longer needed."""
    for what in WORKING:
        stage_path(stage, source, file, what).unlink(missing_ok=True)


def stage_path(stage: Path, source: SourceConfig, file: RawFile, what: str) -> Path:
    """Give the place of an intermediate file: the same for the same source, file and purpose."""
    key = hashlib.sha256(f"{source.name}\0{file.name}\0{file.sha256}".encode()).hexdigest()[:16]
    stage.mkdir(parents=True, exist_ok=True)
    return stage / f"{source.name}-{key}-{what}"
