"""Watch what the processes of a run take, and say when it is more than they may.

Memory is that of the child and of all that it started: a kernel's memory is what grows. What a run
writes is its folder and its log; a disk that one run fills is full for everybody.
"""

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Protocol

import psutil

TICK_S = 0.25
MEGABYTE = 1_000_000


class Child(Protocol):
    """The process of a run: what `subprocess.Popen` offers that is asked for here."""

    @property
    def pid(self) -> int:
        """The number of the process."""
        ...

    @property
    def returncode(self) -> int | None:
        """The return code as far as it is known by now."""
        ...

    def poll(self) -> int | None:
        """Give the return code, None while it works."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, at most some seconds."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most that a run may take.

    One cell and the whole run in seconds; the memory of all its processes and the files that it
    writes in megabytes (10⁶ bytes), None for no bound.
    """

    cell_s: int = 900
    run_s: int = 1800
    memory_mb: int | None = None
    output_mb: int | None = None


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """Why a run was ended from outside: `time`, `memory`, `output` or `asked`, in one sentence."""

    why: str
    sentence: str


STOPPED = Stopped(why="asked", sentence="The run was stopped before it was done.")


def memory_mb(pid: int) -> int:
    """Give the resident memory of a process and all below it, in megabytes; 0 when it is gone."""
    total = 0
    with suppress(psutil.Error):
        parent = psutil.Process(pid)
        for process in [parent, *parent.children(recursive=True)]:
            with suppress(psutil.Error):
                total += process.memory_info().rss
    return total // MEGABYTE


def output_mb(*folders: Path) -> int:
    """Give the size of all files below some folders, in megabytes."""
    total = 0
    for folder in folders:
        for path in folder.rglob("*"):
            with suppress(OSError):
                total += path.lstat().st_size
    return total // MEGABYTE


def watch(
    child: Child,
    *,
    limits: Limits,
    folders: tuple[Path, ...],
    stop: threading.Event | None = None,
    look: Callable[[], None] | None = None,
) -> Stopped | None:
    """Wait until the child ends by itself (None), or say why it must be ended.

    `look` is called at every look at it, four times a second.
    """
    deadline = monotonic() + limits.run_s
    while True:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=min(TICK_S, max(0.0, deadline - monotonic())))
            return None
        if look is not None:
            look()
        stopped = _find_breach(child, limits, folders, stop)
        if stopped is not None:
            return stopped
        if monotonic() >= deadline:
            return Stopped(
                why="time", sentence=f"The run took longer than {limits.run_s} s and was ended."
            )


def _find_breach(
    child: Child,
    limits: Limits,
    folders: tuple[Path, ...],
    stop: threading.Event | None,
) -> Stopped | None:
    if stop is not None and stop.is_set():
        return STOPPED
    if limits.memory_mb is not None and memory_mb(child.pid) > limits.memory_mb:
        sentence = f"The run used more than {limits.memory_mb:,} MB of memory and was ended."
        return Stopped(why="memory", sentence=sentence)
    if limits.output_mb is not None and output_mb(*folders) > limits.output_mb:
        sentence = f"The run wrote more than {limits.output_mb:,} MB and was ended."
        return Stopped(why="output", sentence=sentence)
    return None
