"""Say how every scheduled report stands: its faults, what is due, what became of it, what is next.

Reading only: nothing is claimed, made or told.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from segkit.errors import SegkitError
from segkit.runs.schedule.due import MADE, Due, find_due, list_next
from segkit.runs.schedule.read import Scheduled, check_spec, read_all
from segkit.runs.schedule.spec import ReportSpec
from segkit.store.run_ledger import Ledger
from segkit.workspace import Workspace

_NAMED = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One file of `reports/` and its faults, each with the line where it is; none when it fits."""

    report: str
    where: str
    faults: tuple[str, ...]


def check_schedules(workspace: Workspace) -> list[Checked]:
    """Read every file of `reports/`, and look up all that they name in the workspace."""
    return [
        Checked(report=one.name, where=one.where, faults=one.faults or _look_up(workspace, one))
        for one in read_all(workspace.root)
    ]


def _look_up(workspace: Workspace, one: Scheduled) -> tuple[str, ...]:
    """Give the first name of a readable file that is not there."""
    if one.spec is None:
        return one.faults
    try:
        check_spec(workspace, one.spec, one.where)
    except SegkitError as error:
        return (_place(str(error), workspace.root, one.where),)
    return ()


def _place(message: str, root: Path, where: str) -> str:
    """Give a message with the line of the file that holds what it names, if any does."""
    lines = (root / where).read_text("utf-8").splitlines()
    sentence, _, hint = message.partition("\nHint:")
    number = next(_lines_of(reversed(_NAMED.findall(sentence)), lines), None)
    spot = where if number is None else f"{where}, line {number}"
    bare = re.sub(rf" \(({re.escape(where)}|[a-z]+)\)$", "", sentence)
    return f"{bare} ({spot})" + (f"\nHint:{hint}" if hint else "")


def _lines_of(names: Iterable[str], lines: Sequence[str]) -> Iterator[int]:
    """Give the numbers of the lines that hold one of some names as a whole word."""
    for name in names:
        word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        for number, line in enumerate(lines, start=1):
            if word.search(line.partition(" #")[0]):
                yield number


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one scheduled report stands at an instant.

    `state` is that of the newest due period: `made`, `not made`, `failed`, `killed`, `running` or
    `waiting`, the worst of its segments; or `paused` or `faulty` of the report, for which `newest`
    and `next` are None.
    """

    report: str
    spec: ReportSpec | None
    zone: ZoneInfo
    state: str
    newest: Due | None = None
    next: Due | None = None
    n_jobs: int = 0
    last_made: str | None = None


def describe_schedules(workspace: Workspace, ledger: Ledger, now: datetime) -> list[Standing]:
    """Give how every scheduled report stands, by name."""
    return [_stand(workspace, ledger, one, now) for one in read_all(workspace.root)]


def _stand(workspace: Workspace, ledger: Ledger, one: Scheduled, now: datetime) -> Standing:
    zone = workspace.config.zone
    if one.spec is None:
        return Standing(report=one.name, spec=None, zone=zone, state="faulty")
    zone = one.spec.zone_in(zone)
    rows = ledger.list_jobs(one.name)
    made = [row["period"] for row in rows if row["state"] == "done"]
    newest = find_due(one.spec, zone, now, rows)
    jobs = [row for row in rows if row["period"] == str(newest.period) and row["key"]]
    state = "paused" if one.spec.paused else _sum_up(jobs)
    return Standing(
        report=one.name,
        spec=one.spec,
        zone=zone,
        state=state,
        newest=None if one.spec.paused else newest,
        next=None if one.spec.paused else list_next(one.spec, zone, now, 1)[0],
        n_jobs=len(jobs),
        last_made=max(made, default=None),
    )


def _sum_up(jobs: Sequence[dict[str, Any]]) -> str:
    """Give one word for the jobs of a period; the one that needs a person comes first."""
    states = {"killed" if row["is_void"] else row["state"] for row in jobs}
    for state in ("failed", "killed", "claimed", "waiting", "new"):
        if state in states:
            return {"new": "not made", "claimed": "running"}.get(state, state)
    return "made" if states & MADE else "not made"


def list_coming(
    standings: Sequence[Standing], now: datetime, count: int
) -> list[tuple[Standing, Due]]:
    """Give what becomes due next over some reports, soonest first; paused and faulty ones never."""
    coming = [
        (one, due)
        for one in standings
        if one.spec is not None and not one.spec.paused
        for due in list_next(one.spec, one.zone, now, count)
    ]
    return sorted(coming, key=lambda pair: (pair[1].at, pair[0].report))[:count]
