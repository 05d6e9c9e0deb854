"""Show how far reports are: a live table on a terminal, JSON lines for programs, else nothing."""

import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import fmean
from typing import TYPE_CHECKING, Any

from segkit.cli.progress import Kind
from segkit.runs.schedule.beside import Witness
from segkit.runs.schedule.plan import Task
from segkit.runs.spec import Headway

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from segkit.runs.schedule.make import Desk

ENDED = frozenset({"made", "done", "skipped", "claimed", "waiting", "failed"})
COLOURS = {"made": "green", "failed": "red", "waiting": "yellow", "claimed": "yellow"}
AFTER_CELLS = {"verify": "checking", "publish": "publishing", "queue": "queuing mail"}
TYPICAL_S = 6.0
"""Seconds of a report before there is any to go by."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """How far one task is: `queued`, a phase, or how it ended; seconds by the clock."""

    task: Task
    state: str = "queued"
    headway: Headway | None = None
    began_s: float | None = None
    ended_s: float | None = None

    @property
    def took_s(self) -> float:
        """Seconds since it began, or that it took; 0 before."""
        if self.began_s is None:
            return 0.0
        return (self.ended_s or time.monotonic()) - self.began_s

    @property
    def part(self) -> float:
        """How much of it is done, 0 to 1."""
        if self.state in ENDED or self.state in AFTER_CELLS:
            return 1.0
        return 0.0 if self.headway is None else (self.headway.cell - 1) / self.headway.n_cells


class Board(Witness):
    """Keeps one line a task; asked from several threads.

    Parameters
    ----------
    workers
        How many are made at a time.
    """

    def __init__(self, workers: int) -> None:
        self._lock = threading.Lock()
        self._lines: dict[tuple[str, str, str], Line] = {}
        self._workers = workers

    def expect(self, tasks: Sequence[Task]) -> None:
        """Keep lines for tasks that will be made."""
        with self._lock:
            for task in tasks:
                self._lines[_key(task)] = Line(task=task)

    def see(self, task: Task, state: str, headway: Headway | None = None) -> None:
        """Keep how far a task is, and tell of it when it is news."""
        with self._lock:
            old = self._lines.get(_key(task), Line(task=task))
            new = self._move(old, state, headway)
            self._lines[_key(task)] = new
            is_news = (old.state, old.headway) != (new.state, new.headway)
        if is_news:
            self.tell(new)

    def _move(self, old: Line, state: str, headway: Headway | None) -> Line:
        now = time.monotonic()
        new = replace(old, state=state, headway=headway or old.headway)
        if old.began_s is None and state not in ENDED:
            new = replace(new, began_s=now)
        return replace(new, ended_s=now) if state in ENDED else new

    def tell(self, line: Line) -> None:
        """Hear of a line that changed; a table that is drawn anew needs no word."""

    def lines(self) -> list[Line]:
        """Give the lines as they are now."""
        with self._lock:
            return list(self._lines.values())

    def left_s(self) -> float:
        """Give about how many seconds are left, by what reports took so far."""
        lines = self.lines()
        made = [line.took_s for line in lines if line.state == "made" and line.took_s]
        typical = fmean(made) if made else TYPICAL_S
        parts = [1 - line.part for line in lines if line.state not in ENDED]
        return sum(parts) * typical / max(1, min(self._workers, len(parts)))


def _key(task: Task) -> tuple[str, str, str]:
    return task.job.report, task.job.period, task.job.key


class JsonLines(Board):
    """Writes one JSON document a line to standard error whenever something is new."""

    def tell(self, line: Line) -> None:
        """Write the line that changed."""
        headway, job = line.headway, line.task.job
        document: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "report": job.report,
            "period": job.period,
            "segment": job.segment,
            "state": line.state,
            "cell": headway and headway.cell,
            "cells": headway and headway.n_cells,
            "seconds": round(line.took_s, 1),
            "left_s": round(self.left_s(), 1),
        }
        sys.stderr.write(json.dumps(document, ensure_ascii=False) + "\n")
        sys.stderr.flush()


class LiveTable(Board):
    """A table that draws itself: a row a report and segment, with how far it is."""

    def __rich__(self) -> "Table":
        return draw_table(self.lines(), self.left_s())


def draw_table(lines: Sequence[Line], left_s: float) -> "Table":
    """Give the table of some lines, with the time that is left below it."""
    from rich.progress_bar import ProgressBar  # noqa: PLC0415  only on a terminal
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    n_ended = sum(line.state in ENDED for line in lines)
    about = "" if n_ended == len(lines) else f", about {_clock(left_s)} left"
    table = Table(box=None, pad_edge=False, caption_justify="left")
    table.caption = f"{n_ended} of {len(lines)} reports{about}"
    for heading, least in (("report", 6), ("period", 8), ("segment", 7), ("state", 8), ("cell", 8)):
        table.add_column(heading, no_wrap=True, overflow="ellipsis", min_width=least)
    table.add_column("")
    table.add_column("time", justify="right", min_width=4)
    for line in lines:
        job = line.task.job
        table.add_row(
            *(Text(text) for text in (job.report, job.period, job.segment or "")),
            Text(AFTER_CELLS.get(line.state, line.state), style=COLOURS.get(line.state, "")),
            "" if line.headway is None else f"{line.headway.cell} of {line.headway.n_cells}",
            ProgressBar(total=1, completed=line.part, width=10),
            _clock(line.took_s) if line.took_s else "",
        )
    return table


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


@contextmanager
def witnessed(desk: "Desk", kind: Kind, console: "Console | None" = None) -> Iterator["Desk"]:
    """Give a desk whose work is shown while the block lasts.

    Parameters
    ----------
    console
        Where the table is drawn; None is standard error, when that is a terminal.
    """
    if kind is Kind.json:
        yield replace(desk, witness=JsonLines(desk.workers))
        return
    if kind is Kind.none or (console is None and not sys.stderr.isatty()):
        yield desk
        return
    from rich.console import Console  # noqa: PLC0415  only on a terminal
    from rich.live import Live  # noqa: PLC0415

    board = LiveTable(desk.workers)
    with Live(board, console=console or Console(stderr=True), refresh_per_second=4):
        yield replace(desk, witness=board)
