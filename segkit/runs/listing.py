"""Find the runs that are whole, without reading again what was read before.

What a look has found is kept beside the reports: of each run the sizes and times of its files, what
the list says of it, and its row. The folders are the truth. A run of which a size or a time differs
is read and checked anew, one that is not there is forgotten, and a kept look that cannot be read,
or was made by another version, counts for nothing.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import segkit
from segkit.runs import catalogue_page
from segkit.runs.catalogue_page import Entry, Line
from segkit.runs.manifest import MANIFEST, holds, read_manifest
from segkit.runs.publish import is_run, write_whole

LISTED = ".listed.jsonl"
SAID = (
    "report", "period", "segment", "segments", "finished_at", "summary", "exit_code", "warnings",
    "corrects",
)  # fmt: skip
"""What the list says of a run, by the names of the manifest."""


@dataclass
class Found:
    """A whole run: sizes, times and numbers of its files, its entry, and its row once made.

    `kept` is the line of the kept look that says all this; empty when none does.
    """

    state: list[int]
    entry: Entry
    line: Line | None = None
    kept: str = ""

    def set_line(self, line: Line) -> None:
        """Take a row that was made."""
        if line is not self.line:
            self.line, self.kept = line, ""

    def write(self) -> str:
        """Give the line that says all of it, for a kept look."""
        parts = [self.entry.folder, self.state, self.entry.manifest]
        return self.kept or json.dumps([*parts, self.line and list(vars(self.line).values())])

    @classmethod
    def read(cls, kept: str) -> "Found":
        """Give what a line of a kept look says."""
        folder, state, manifest, line = json.loads(kept)
        entry = Entry(folder=folder, manifest=manifest)
        return cls(state, entry, line and Line(*line), kept)


@dataclass
class Listing:
    """The whole runs below a folder, by their folders' names.

    Parameters
    ----------
    reports_out
        The folder of all reports.
    """

    reports_out: Path
    found: dict[str, Found] = field(default_factory=dict)
    kept: str = ""

    @classmethod
    def look(cls, reports_out: Path) -> "Listing":
        """Look into the folder, and read what is new or differs from the look before."""
        listing = cls(reports_out)
        with suppress(OSError):
            listing.kept = (reports_out / LISTED).read_text("utf-8")
        known = _read(listing.kept)
        for name in _folders(str(reports_out)):
            before = known.get(name)
            place = f"{reports_out}/{name}"
            if before and before.state == _state(place, before.entry.manifest["outputs"]):
                listing.found[name] = before
                continue
            fresh = _check(reports_out / name, name)
            if fresh is not None:
                listing.found[name] = fresh
        return listing

    def lines(self) -> dict[str, Line]:
        """Give the rows that were made before, by folder."""
        return {name: one.line for name, one in self.found.items() if one.line is not None}

    def keep(self, lines: dict[str, Line] | None = None) -> None:
        """Keep this look, with rows by folder; who may not write looks at all files again.

        It need not reach the disk: what is torn counts for nothing.
        """
        for name, line in (lines or {}).items():
            self.found[name].set_line(line)
        text = "\n".join([_maker(), *(one.write() for one in self.found.values())])
        if text != self.kept:
            with suppress(OSError):
                write_whole(self.reports_out / LISTED, text.encode(), is_durable=False)


def _folders(reports_out: str) -> Iterator[str]:
    """Give the names of all run folders below a folder; none is opened."""
    for report in _inner(reports_out):
        for period in _inner(f"{reports_out}/{report}"):
            for run in _inner(f"{reports_out}/{report}/{period}"):
                if is_run(run):
                    yield f"{report}/{period}/{run}"


def _inner(folder: str) -> list[str]:
    """Give the folders inside one; none where it is not there, or is pruned at this moment."""
    try:
        with os.scandir(folder) as inner:
            return sorted(
                one.name
                for one in inner
                if not one.name.startswith(".") and one.is_dir(follow_symlinks=False)
            )
    except FileNotFoundError:
        return []


def _state(place: str, outputs: list[str]) -> list[int] | None:
    """Give what changes whenever a file of a run is written; None when one is not there."""
    try:
        stats = [os.stat(f"{place}/{name}") for name in (MANIFEST, *outputs)]  # noqa: PTH116  many
    except OSError:
        return None
    return [n for stat in stats for n in (stat.st_size, stat.st_mtime_ns, stat.st_ino)]


def _check(folder: Path, name: str) -> Found | None:
    manifest = read_manifest(folder)
    if manifest is None:
        return None
    outputs = list(manifest["outputs"])
    state = _state(str(folder), outputs)
    if state is None or not holds(folder, manifest):
        return None
    said = {key: manifest[key] for key in SAID if key in manifest}
    return Found(state=state, entry=Entry(folder=name, manifest={**said, "outputs": outputs}))


def _maker() -> str:
    """Give what differs between programs that write rows differently."""
    page = Path(catalogue_page.__file__).read_bytes()
    return f"{segkit.__version__} {sha256(page).hexdigest()[:16]}"


def _read(text: str) -> dict[str, Found]:
    maker, *lines = text.split("\n")
    if maker != _maker():
        return {}
    try:
        found = [Found.read(line) for line in lines]
    except (ValueError, TypeError):
        return {}
    return {one.entry.folder: one for one in found}
