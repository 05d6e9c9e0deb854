"""Evaluate the segments of one fan-out once, and leave the members to the reports on them.

Reports on many segments that are made together ask one snapshot who is in each at the end of one
day. The first that asks answers for all in one statement and leaves the members in the folder that
they share. Where that fails, or takes longer than it may, each report asks alone as ever: a segment
that cannot be evaluated stops no other.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
from ibis import Table

from segkit.errors import SegkitError
from segkit.periods import Clock
from segkit.segments.clocks import clock_of, undated
from segkit.segments.model import Definition
from segkit.store.alike import ALIKE, aside, turn
from segkit.workspace.asking import Known

if TYPE_CHECKING:
    from segkit.workspace.space import Workspace

MOST, MOST_S = 100, 20.0
"""So many segments are evaluated together, within so many seconds; the others are alone."""


def ask_together(folder: Path, day: str, segments: Sequence[str]) -> None:
    """Say which segments will be asked for at the end of a day by those who share a folder.

    A disk that refuses is no matter: then each asks alone.
    """
    place = _list_of(folder, day)
    with suppress(OSError):
        aside(place).write_text(json.dumps(sorted(set(segments))), "utf-8")
        aside(place).replace(place)


def _list_of(folder: Path, day: str) -> Path:
    return folder / f"segments-{day}.json"


def find_together(workspace: "Workspace") -> Known:
    """Give who finds members that were evaluated together; without a folder to share it has none.

    Whom it does not find must be evaluated.
    """
    folder = os.environ.get(ALIKE)
    if not folder or workspace.engine.name != "duckdb":
        return lambda _definition, _clock: None
    return _Shared(workspace=workspace, folder=Path(folder)).find


@dataclass(kw_only=True)
class _Shared:
    """What a process knows of the members that were evaluated together."""

    workspace: "Workspace"
    folder: Path
    names: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, Table] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)

    def find(self, definition: Definition, clock: Clock) -> Table | None:
        """Give the members of a definition at a clock; None where nobody asked for them."""
        at = clock_of(definition, clock)
        day, key = at.day.isoformat(), _key(definition, at)
        if key in self.kept:
            return self.kept[key]
        if day not in self.keys:
            self.keys[day] = self._told(day)
        if key not in self.keys[day]:
            return None
        with turn(self._name(day)) as place:
            if place is None or not place.exists():
                return None
            rows = self.workspace.engine.read([str(place)])
            own = rows.filter(rows.segment == self.keys[day].index(key)).select("user_no")
            self.kept[key] = self.workspace.engine.keep(own, "members")
        return self.kept[key]

    def _name(self, day: str) -> str:
        return f"members {self.workspace.tables.snapshot} {day} {self.names[day]}"

    def _told(self, day: str) -> list[str]:
        """Give the keys of all that were evaluated for a day; the first that asks evaluates."""
        try:
            self.names[day] = json.loads(_list_of(self.folder, day).read_text("utf-8"))
        except (OSError, ValueError):
            return []
        with turn(self._name(day)) as place, suppress(OSError):
            if place is None:
                return []
            keys, tried = place.with_suffix(".json"), place.with_suffix(".tried")
            if not tried.exists():
                tried.touch()
                _evaluate_all(self.workspace, self.names[day][:MOST], day, place)
            if place.exists():
                told: list[str] = json.loads(keys.read_text("utf-8"))
                return told
        return []


def _key(definition: Definition, clock: Clock) -> str:
    return f"{definition.segment} {definition.id} {clock.at.isoformat()} {clock.zone.key}"


def _evaluate_all(workspace: "Workspace", names: Sequence[str], day: str, place: Path) -> None:
    """Write who is in each of some segments at the end of a day, as one table of all."""
    keys: list[str] = []
    parts: list[Table] = []
    for name in names:
        with suppress(SegkitError):
            definition, clock = workspace.clock(workspace.find(name), day)
            found = workspace.evaluate(undated(definition), clock)
            number = ibis.literal(len(keys), "int32")
            parts.append(found.members.select("user_no", segment=number))
            keys.append(_key(undated(definition), found.clock))
    if parts:
        place.with_suffix(".json").write_text(json.dumps(keys), "utf-8")
        workspace.engine.leave(ibis.union(*parts), place, most_s=MOST_S)
