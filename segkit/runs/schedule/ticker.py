"""Tick again and again in the foreground, for machines without systemd or cron.

Each tick is a process of its own: what it imports, leaks or breaks ends with it, and an update of
the program counts from the next tick on.
"""

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from segkit.runs.schedule.triggers import command_of

GRACE_S = 60.0
JOB = "tick"


class Ticker:
    """Starts a tick every so often, never two at once; those that were missed count as one.

    Parameters
    ----------
    root
        The workspace's folder.
    every_s
        Seconds from the start of one tick to the start of the next.
    say
        Hears when a tick has ended, and with which code.
    """

    def __init__(self, root: Path, *, every_s: int, say: Callable[[str], None]) -> None:
        self._root = root
        self._say = say
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._scheduler.add_job(
            self._tick,
            "interval",
            id=JOB,
            seconds=every_s,
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def run(self) -> None:
        """Tick until an interrupt or a polite kill; then the tick at work is ended and waited for.

        The reports that it was making are unpublished, and due again.
        """
        self._scheduler.start()
        try:
            self._over.wait()
        except (KeyboardInterrupt, SystemExit):
            self._say("The ticker ends.")
        finally:
            self._end()

    def _tick(self) -> None:
        with self._lock:
            if self._over.is_set():
                return
            command = command_of(self._root, "tick")
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                command, stdin=subprocess.DEVNULL, start_new_session=True
            )
        code = self._process.wait()
        if code and not self._over.is_set():
            self._say(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}: the tick ended with code {code}.")

    def _end(self) -> None:
        with self._lock:
            self._over.set()
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)
            process.kill()
        self._scheduler.shutdown(wait=True)
