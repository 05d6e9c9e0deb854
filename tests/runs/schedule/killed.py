"""Make the weekly report of a shop and be killed in one phase: `python -m … SHOP PHASE`.

Whoever would be told is written into `told.txt` of the shop.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import segkit as sk
from segkit.runs import execute, publish, run
from segkit.runs.schedule import make
from segkit.runs.schedule.beside import Beside
from segkit.runs.schedule.period import read_period
from segkit.runs.schedule.plan import plan_tasks
from segkit.runs.schedule.read import find_spec


class Writes:
    """Writes down who is told; is killed after the first when it must be."""

    def __init__(self, shop: Path, *, dies: bool = False) -> None:
        self.file = shop / "told.txt"
        self.dies = dies

    def published(self, folder: Path, manifest: dict[str, Any], recipient: str) -> None:
        del folder, manifest
        if self.file.exists() and recipient in self.file.read_text("utf-8").split():
            return
        with self.file.open("a", encoding="utf-8") as out:
            out.write(f"{recipient}\n")
        if self.dies:
            die()

    def failed(self, report: str, period: str, owner: str, sentence: str) -> None:
        raise AssertionError(report, period, owner, sentence)

    late = failed

    def drain(self) -> int:
        raise AssertionError


def die(*_: object, **__: object) -> Any:
    """End this process as nothing can prevent."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_later(*_: object, **__: object) -> Any:
    """End this process while the notebook works."""
    time.sleep(1.5)
    die()


def remake(shop: Path, *, dies: bool = False) -> list[make.Outcome]:
    """Make the report of week 26."""
    workspace = sk.open(shop)
    noon = datetime(2026, 6, 30, 12, tzinfo=UTC)
    desk = make.Desk.of(workspace, now=lambda: noon, notifier=Writes(shop, dies=dies))
    spec = find_spec(shop, "weekly")
    tasks = plan_tasks(workspace, "weekly", spec, read_period("2026-W26", "week"))
    return make.make_all(desk, spec, tasks)


def set_trap(phase: str) -> None:
    """Let this process end where a phase begins."""
    traps: dict[str, tuple[Any, str, Callable[..., Any]]] = {
        "claim": (make, "_not_ready", die),
        "execute": (execute, "wait_for", die_later),
        "verify": (Beside, "weigh", die),
        "publish": (publish, "publish", die),
        "published": (run, "show_newest", die),
    }
    if phase in traps:
        owner, name, trap = traps[phase]
        setattr(owner, name, trap)


if __name__ == "__main__":
    set_trap(sys.argv[2])
    remake(Path(sys.argv[1]), dies=sys.argv[2] == "queue")
