"""Find published reports for a reader: only whole runs, and only files that their manifests name.

Nothing is looked up by path. What is asked for must equal the name of a run that was found and of a
file that its manifest lists, so no address leads out of `reports_out`.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from segkit.apps.readers import Reader
from segkit.runs.catalogue import Entry, find_runs
from segkit.runs.manifest import MANIFEST
from segkit.runs.publish import LATEST

FRESH_S = 1.0
"""How long a look into the folder holds, in seconds."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """The newest run of one report, and the newest of an earlier day to set it against.

    `earlier` is None where there is none with the same definition.
    """

    entry: Entry
    earlier: Entry | None

    @property
    def change(self) -> int | None:
        """Users more (or fewer) than in the earlier run; None where one of the two is not shown."""
        if self.earlier is None:
            return None
        now, before = (e.manifest["summary"].get("n_users") for e in (self.entry, self.earlier))
        return None if now is None or before is None else now - before


class Shelf:
    """The published reports of a workspace, looked at anew every second at most."""

    def __init__(self, reports_out: Path, audiences: Mapping[str, list[str]]) -> None:
        self._folder = reports_out
        self._audiences = audiences
        self._found: list[Entry] = []
        self._found_at = float("-inf")
        self._turn = threading.Lock()

    def find(self, reader: Reader) -> list[Entry]:
        """Give the runs that a reader may see, the one made last first."""
        return [e for e in self._look() if reader.may_see(e.manifest, self._audiences)]

    def _look(self) -> list[Entry]:
        with self._turn:
            if time.monotonic() - self._found_at > FRESH_S:
                self._found = find_runs(self._folder) if self._folder.is_dir() else []
                self._found_at = time.monotonic()
            return self._found

    def find_cards(self, reader: Reader) -> list[Card]:
        """Give one card a report and subject, the one of the latest day and made last first."""
        by_report: dict[str, list[Entry]] = {}
        for entry in self.find(reader):
            by_report.setdefault(entry.folder.partition("/")[0], []).append(entry)
        return [_card(entries) for entries in by_report.values()]

    def find_file(self, reader: Reader, run: str, name: str) -> Path | None:
        """Give a file of a run named like `report/period/run`; None where it is none to be seen."""
        for entry in self.find(reader):
            if entry.folder == run and (name == MANIFEST or name in entry.manifest["outputs"]):
                return self._folder / entry.folder / name
        return None

    def find_latest(self, reader: Reader, report: str) -> str | None:
        """Give the run that `latest` of a report stands for; None where there is none to be seen.

        The newest for this reader: another may see a newer one.
        """
        entries = [e for e in self.find(reader) if e.folder.partition("/")[0] == report]
        return _newest(entries).folder if entries else None


def _newest(entries: list[Entry]) -> Entry:
    """Give the entry of the latest day; of these the first, as the list is newest first."""
    return max(entries, key=lambda entry: str(entry.manifest.get("as_of")))


def _card(entries: list[Entry]) -> Card:
    newest = _newest(entries)
    earlier = [
        e
        for e in entries
        if str(e.manifest.get("as_of")) < str(newest.manifest.get("as_of"))
        and e.manifest.get("definition") == newest.manifest.get("definition")
        and e.manifest.get("definition") is not None
    ]
    return Card(entry=newest, earlier=_newest(earlier) if earlier else None)


__all__ = ["LATEST", "Card", "Shelf"]
