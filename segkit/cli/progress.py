"""Show how far long work has come: a bar on a terminal, plain lines in a log."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer

from segkit.store.progress import Progress

EVERY_S = 10.0


class Kind(StrEnum):
    """How progress is shown."""

    auto = "auto"
    json = "json"
    none = "none"


PROGRESS = Annotated[
    Kind,
    typer.Option(
        "--progress",
        help="auto shows a table on a terminal; json writes JSON lines to standard error.",
    ),
]


class Lines:
    """Say on standard error when a step is over, and every ten seconds while it lasts."""

    def __init__(self) -> None:
        self._said_at = time.monotonic()
        self._over: set[str] = set()

    def step(self, name: str, done: int, total: int | None) -> None:
        """Hear that `done` of `total` units of a step are over."""
        now = time.monotonic()
        is_over = total is not None and done >= total
        if (is_over and name not in self._over) or now - self._said_at > EVERY_S:
            self._said_at = now
            of = "" if total is None else f" of {total:,}"
            sys.stderr.write(f"{name}: {done:,}{of}\n")
        if is_over:
            self._over.add(name)


@contextmanager
def shown() -> Iterator[Progress]:
    """Give whoever shows progress here: a bar when standard error is a terminal, else lines."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich import progress as bars  # noqa: PLC0415  only on a terminal
    from rich.console import Console  # noqa: PLC0415

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True)) as shown_bars:
        tasks: dict[str, bars.TaskID] = {}

        class Shown:
            def step(self, name: str, done: int, total: int | None) -> None:
                if name not in tasks:
                    tasks[name] = shown_bars.add_task(name, total=total)
                shown_bars.update(tasks[name], completed=done, total=total)

        yield Shown()
