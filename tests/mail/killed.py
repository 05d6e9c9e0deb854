"""Make the weekly report of a shop, tell people by mail and be killed: `python -m … SHOP PHASE`."""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import segkit as sk
from segkit.mail.notices import find_notifier
from segkit.mail.outbox import Outbox
from segkit.mail.smtp import Line
from segkit.runs.schedule import make
from segkit.runs.schedule.period import read_period
from segkit.runs.schedule.plan import plan_tasks
from segkit.runs.schedule.read import find_spec


def die(*_: object, **__: object) -> Any:
    """End this process as nothing can prevent."""
    os.kill(os.getpid(), signal.SIGKILL)


def after(act: Callable[..., Any]) -> Callable[..., Any]:
    """Give an act after which this process ends."""

    def acted(*given: Any, **named: Any) -> Any:
        act(*given, **named)
        die()

    return acted


TRAPS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "before queueing": (Outbox, "queue", die),
    "after queueing": (Outbox, "queue", after(Outbox.queue)),
    "before sending": (Line, "send", die),
    "after sending": (Line, "send", after(Line.send)),
}


def tell(shop: Path) -> tuple[list[make.Outcome], int]:
    """Make the report of week 26 unless it is made, and send what is due."""
    workspace = sk.open(shop)
    notifier = find_notifier(workspace)
    assert notifier is not None
    noon = datetime(2026, 6, 30, 12, tzinfo=UTC)
    desk = make.Desk.of(workspace, now=lambda: noon, notifier=notifier)
    spec = find_spec(shop, "weekly")
    tasks = plan_tasks(workspace, "weekly", spec, read_period("2026-W26", "week"))
    return make.make_all(desk, spec, tasks), notifier.drain()


if __name__ == "__main__":
    owner, name, trap = TRAPS[sys.argv[2]]
    setattr(owner, name, trap)
    tell(Path(sys.argv[1]))
