"""Start the children of many runs as forks of one process that has imported everything.

Two thirds of a report's processor time on small data is importing. A nursery does it once for all
reports of a command. It works on Linux; elsewhere, and whenever it cannot work, each child is a new
process, as for a single report.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from segkit.runs import publish
from segkit.runs.leash import RUN_DIR

START_S = 120.0
WORTH_IT = 3
"""The fewest runs that are sooner done with a nursery."""

SCRATCH = "segkit-nursery-"
ALIKE_FOLDER = "segkit-alike-"


class ForkedChild:
    """The child of a run that a nursery forked, with what a runner asks of `subprocess.Popen`.

    Parameters
    ----------
    connection
        The connection that tells of it.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._text = b""
        self._lock = threading.Lock()
        self.returncode: int | None = None
        self.pid: int = self._read(START_S)["pid"]

    def _read(self, timeout: float) -> dict[str, Any]:
        """Give the next line; TimeoutError when it does not come, ConnectionError at the end."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._text:
            self._connection.settimeout(max(0.001, deadline - time.monotonic()))
            more = self._connection.recv(4096)
            if not more:
                raise ConnectionError("the nursery has ended")
            self._text += more
        line, _, self._text = self._text.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def poll(self) -> int | None:
        """Give the return code, None while it works."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0.001)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and give the return code; -9 when the nursery died with it.

        Raises
        ------
        TimeoutExpired
            When it takes longer than `timeout` seconds.
        """
        with self._lock:
            if self.returncode is None:
                try:
                    self.returncode = self._read(1e9 if timeout is None else timeout)["returncode"]
                except TimeoutError as exc:
                    raise subprocess.TimeoutExpired("segkit.runs.child", timeout or 0) from exc
                except OSError:
                    self.returncode = -9
                if self.returncode is not None:
                    self._connection.close()
            return self.returncode or 0

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)


class Nursery:
    """One process that forks the children of runs; it is started when the first is asked for.

    Parameters
    ----------
    is_off
        Fork nothing: each child is a new process.
    alike
        The folder that children share what they compute alike in, if they do.
    """

    def __init__(self, *, is_off: bool = False, alike: Path | None = None) -> None:
        self.alike = alike
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._is_broken = is_off or not (
            sys.platform.startswith("linux") and hasattr(os, "pidfd_open")
        )

    def start(self, spec: Path, *, log: Path, environment: dict[str, str]) -> ForkedChild | None:
        """Fork the child of a spec; None when that cannot be, and a new process must do."""
        order = {"spec": str(spec), "log": str(log), "environment": environment}
        try:
            connection = self._connect(environment)
            if connection is None:
                return None
            connection.sendall(json.dumps(order).encode() + b"\n")
            return ForkedChild(connection)
        except (OSError, ValueError, KeyError):
            self._is_broken = True
            return None

    def _connect(self, environment: dict[str, str]) -> socket.socket | None:
        with self._lock:
            if self._is_broken:
                return None
            if self._process is None:
                self._begin({k: v for k, v in environment.items() if k != RUN_DIR})
            return self._plug()

    def _plug(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self._place()))
        except OSError:
            connection.close()
            raise
        return connection

    def _place(self) -> Path:
        return (self._folder or Path()) / "orders"

    def _begin(self, environment: dict[str, str]) -> None:
        """Start the process and wait until it listens."""
        publish.remove_abandoned(Path(tempfile.gettempdir()), SCRATCH)
        folder = tempfile.mkdtemp(prefix=SCRATCH, suffix=f"-{os.getpid()}")
        self._folder = Path(folder)
        with (self._folder / "nursery.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-P", "-m", "segkit.runs.forking", str(self._place())],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self._plug().close()
                return
            time.sleep(0.01)
        raise ConnectionError("the nursery did not begin")

    def close(self) -> None:
        """End the process; what it forked ends with it."""
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


@contextlib.contextmanager
def opened(n_runs: int = WORTH_IT) -> Iterator[Nursery]:
    """Give a nursery; when the block is left, it and all that it forked are gone.

    Parameters
    ----------
    n_runs
        How many runs will be made; for one or two it is off, since they import at the same time as
        it would.
    """
    publish.remove_abandoned(Path(tempfile.gettempdir()), ALIKE_FOLDER)
    alike = tempfile.mkdtemp(prefix=ALIKE_FOLDER, suffix=f"-{os.getpid()}")
    nursery = Nursery(is_off=n_runs < WORTH_IT, alike=Path(alike) if n_runs > 1 else None)
    try:
        yield nursery
    finally:
        nursery.close()
        shutil.rmtree(alike, ignore_errors=True)
