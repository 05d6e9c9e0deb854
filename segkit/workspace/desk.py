"""Draw the sections of a live page in two processes: what one measures, the other draws meanwhile.

Drawing holds the interpreter as long as measuring does. So a second process draws what is measured
already; whoever has measured everything helps with what is left. Where that process is not there,
not yet or no more, all is drawn here.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from segkit.reports.drawings import Drawing
from segkit.workspace.draw_apart import read_frame, write_frame

COMMAND = (sys.executable, "-m", "segkit.workspace.draw_apart")


@dataclass(frozen=True)
class Task:
    """A drawing, and what is done with its HTML."""

    drawing: Drawing
    done: Callable[[str], None]

    def draw(self) -> None:
        """Draw it in this process."""
        self.done(str(self.drawing.draw().html))


class Desk:
    """Drawings that wait, a second process that draws them, and the thread that hands them over.

    Nothing is started before the first drawing, nor on a machine with one processor.
    """

    def __init__(self) -> None:
        self._waiting: deque[Task] = deque()
        self._left: deque[Task] = deque()
        self._changed = threading.Condition()
        self._is_drawing = False
        self._is_ready = False
        self._process: subprocess.Popen[bytes] | None = None
        self._has_tried = (os.cpu_count() or 1) < 2  # noqa: PLR2004  one to measure, one to draw

    @property
    def pid(self) -> int | None:
        """The number of the second process; None while there is none."""
        return self._process.pid if self._process else None

    def open(self) -> None:
        """Start the second process, if it was not tried yet."""
        if self._has_tried:
            return
        self._has_tried = True
        with suppress(OSError):
            self._process = subprocess.Popen(  # noqa: S603  our own module
                COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            threading.Thread(target=self._hand_over, name="segkit-desk", daemon=True).start()

    def put(self, task: Task) -> None:
        """Have a section drawn by the process that comes to it first; here, where there is one."""
        with self._changed:
            if self._is_ready:
                self._waiting.append(task)
                self._changed.notify_all()
                return
        task.draw()

    def clear(self) -> None:
        """Forget what nobody draws yet."""
        with self._changed:
            self._waiting.clear()
            self._left.clear()

    def finish(self) -> None:
        """Draw what is left, and wait for what the other process draws."""
        while (task := self._take_any()) is not None:
            task.draw()

    def close(self) -> None:
        """End the second process."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
            self._process.wait(10)

    def _take_any(self) -> Task | None:
        """Give a drawing that nobody draws; None when all are drawn."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._left or not self._is_drawing)
            waiting = self._left or self._waiting
            return waiting.popleft() if waiting else None

    def _take(self) -> Task:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            self._is_drawing = True
            return self._waiting.popleft()

    def _hand_over(self) -> None:
        """Hand drawings to the other process for as long as it lives."""
        assert self._process is not None  # noqa: S101
        given, told = self._process.stdin, self._process.stdout
        assert given is not None  # noqa: S101
        assert told is not None  # noqa: S101
        try:
            read_frame(told)
            self._set_ready(is_ready=True)
            while True:
                task, html = self._take(), b""
                try:
                    write_frame(given, pickle.dumps(task.drawing))
                    html = read_frame(told)
                    if html:
                        task.done(html.decode())
                finally:
                    self._put_down(None if html else task)
        except (OSError, EOFError, ValueError):
            self._set_ready(is_ready=False)

    def _set_ready(self, *, is_ready: bool) -> None:
        with self._changed:
            self._is_ready = is_ready

    def _put_down(self, undrawn: Task | None) -> None:
        """Say that nothing is being drawn; what could not be drawn is left for this process."""
        with self._changed:
            self._is_drawing = False
            if undrawn is not None:
                self._left.append(undrawn)
            self._changed.notify_all()
