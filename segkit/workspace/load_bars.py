"""Show whoever loads from a notebook how far it has come: bars in its page, else plain lines."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from segkit.store.progress import Progress, Silent
from segkit.workspace.live_report import is_live

EVERY_S = 0.1
"""The least time between two changes of a bar."""


class Bars:
    """A bar a step, one below the other; `close` takes them away."""

    def __init__(self) -> None:
        import ipywidgets as widgets  # noqa: PLC0415  slow to import
        from IPython.display import display  # noqa: PLC0415

        self._widgets = widgets
        self._rows: dict[str, tuple[Any, Any]] = {}
        self._changed_at = 0.0
        self.box = widgets.VBox()
        display(self.box)  # type: ignore[no-untyped-call]

    def step(self, name: str, done: int, total: int | None) -> None:
        """Hear that `done` of `total` units of a step are over."""
        bar, told = self._rows.get(name) or self._add(name)
        now = time.monotonic()
        if now - self._changed_at < EVERY_S and done != total:
            return
        self._changed_at = now
        bar.max = total or max(done, 1)
        bar.value, bar.bar_style = done, "success" if done == total else "info"
        told.value = f"{done:,}" if total is None else f"{done:,} of {total:,}"

    def _add(self, name: str) -> tuple[Any, Any]:
        title = self._widgets.Label(name, layout={"width": "6rem"})
        bar = self._widgets.IntProgress(0, 0, 1, layout={"width": "20rem"})
        told = self._widgets.Label()
        self._rows[name] = bar, told
        self.box.children = (*self.box.children, self._widgets.HBox([title, bar, told]))
        return bar, told

    def close(self) -> None:
        """Take the bars away, so that a saved notebook holds the result alone."""
        for row in self.box.children:
            for part in (*row.children, row):
                part.close()
        self.box.close()


class Lines:
    """A line on standard error for each step that is over."""

    def __init__(self) -> None:
        self._over: set[str] = set()

    def step(self, name: str, done: int, total: int | None) -> None:
        """Hear that `done` of `total` units of a step are over."""
        if total is not None and done >= total and name not in self._over:
            self._over.add(name)
            print(f"{name}: {done:,} of {total:,}", file=sys.stderr)  # noqa: T201  whoever waits reads it


@contextmanager
def shown_bars(asked: Progress | None) -> Iterator[Progress]:
    """Give who hears of a load: who is asked for, else bars in a notebook, lines in a shell.

    Nobody hears of it in a run or a plain program.
    """
    if asked is not None:
        yield asked
    elif is_live() and find_spec("ipywidgets") is not None:
        bars = Bars()
        try:
            yield bars
        finally:
            bars.close()
    else:
        yield Lines() if is_live() or _is_shell() else Silent()


def _is_shell() -> bool:
    """Whether somebody types in IPython at a terminal."""
    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython  # noqa: PLC0415

    running = get_ipython()
    return type(running).__name__ == "TerminalInteractiveShell"
