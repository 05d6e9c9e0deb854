"""Import what every run needs once, then fork a child for each run that is asked for.

`python -m segkit.runs.forking SOCKET`. This process has one thread and computes nothing, so that a
fork of it is as good as a new process, two seconds sooner. It asks for nothing but its orders: one
connection a child, which is told the child's number and how it ended, and which ends the child when
it is closed. When its standard input is closed, whoever started it is gone; it ends, and the system
ends its children.

What importing may not do here: start a thread, open a connection to an engine, make a figure.
"""

import gc
import importlib
import json
import os
import pkgutil
import random
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segkit.runs.ahead import import_modules
from segkit.runs.kernel import LATER, NEEDED
from segkit.runs.leash import die_with_parent

HEAVY = (
    *NEEDED,
    *LATER,
    "segkit.runs.child",
    "segkit.runs.forked_kernel",
    "segkit.runs.exporter",
    "papermill",
    "nbclient",
    "nbconvert",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ibis.backends.duckdb",
    "ibis.formats.pandas",
    "matplotlib.style",
    "pandas",
    "psutil",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "rich.progress",
    "scipy.cluster.hierarchy",
    "scipy.stats",
    "sklearn.cluster",
    "sklearn.decomposition",
    "sklearn.linear_model",
    "sklearn.manifold",
    "sklearn.metrics",
    "sklearn.mixture",
    "sklearn.neighbors",
    "sklearn.tree",
)
"""What a child, its kernel or a report imports, also late."""
STAGES = ("segments", "measures", "patterns", "compare", "views", "reports", "workspace")
"""The parts of segkit that kernels run."""

LINE = 1_000_000
"""The most bytes of one order."""


@dataclass(frozen=True, kw_only=True)
class Child:
    """A forked child: its number, what tells of its end, and the connection that asked for it."""

    pid: int
    handle: int
    asker: socket.socket


class Forking:
    """Forks a child for each connection to a socket.

    Parameters
    ----------
    path
        Where the socket is made.
    """

    def __init__(self, path: str) -> None:
        self.events = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(64)
        self.events.register(self.listener, selectors.EVENT_READ, self._accept)
        self.events.register(sys.stdin.fileno(), selectors.EVENT_READ, self._end)
        self.children: dict[int, Child] = {}
        self.pid = os.getpid()
        self.is_over = False

    def run(self) -> None:
        """Do what is asked until standard input is closed."""
        while not self.is_over:
            for key, _ in self.events.select():
                key.data(key.fileobj)

    def _end(self, _stdin: Any) -> None:  # noqa: ANN401  what a selector gives
        self.is_over = True

    def _accept(self, _listener: Any) -> None:  # noqa: ANN401
        asker, _ = self.listener.accept()
        self.events.register(asker, selectors.EVENT_READ, self._hear)

    def _hear(self, asker: socket.socket) -> None:
        """Take an order; a connection that has one already ends its child."""
        found = next((c for c in self.children.values() if c.asker is asker), None)
        text = b""
        with suppress(OSError), asker.makefile("rb") as stream:
            text = b"" if found else stream.readline(LINE)
        if not text:
            self._kill(asker, found)
            return
        order = json.loads(text)
        pid = os.fork()
        if pid == 0:
            self._become_child(order)
        handle = os.pidfd_open(pid)
        self.children[handle] = Child(pid=pid, handle=handle, asker=asker)
        self.events.register(handle, selectors.EVENT_READ, self._reap)
        self._say(asker, {"pid": pid})

    def _kill(self, asker: socket.socket, child: Child | None) -> None:
        self.events.unregister(asker)
        if child is None:
            asker.close()
        else:
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)

    def _reap(self, handle: int) -> None:
        """Tell whoever asked how a child ended."""
        child = self.children.pop(handle)
        _, status = os.waitpid(child.pid, 0)
        self.events.unregister(handle)
        os.close(handle)
        self._say(child.asker, {"returncode": os.waitstatus_to_exitcode(status)})
        with suppress(KeyError, ValueError):
            self.events.unregister(child.asker)
        child.asker.close()

    def _say(self, asker: socket.socket, document: dict[str, int]) -> None:
        with suppress(OSError):  # whoever asked is gone; its connection says so too
            asker.sendall(json.dumps(document).encode() + b"\n")

    def _become_child(self, order: dict[str, Any]) -> None:
        """Be the child of a run in this fork; leaves the process."""
        code = 1
        try:
            self._close_all()
            _settle(order, self.pid)
            from segkit.runs import child, forked_kernel  # noqa: PLC0415  imported long ago

            code = child.work(Path(order["spec"]), forked_kernel.fork_kernel())
        except BaseException:  # noqa: BLE001  nothing may go on from here
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _close_all(self) -> None:
        for key in list(self.events.get_map().values()):
            if key.fd != sys.stdin.fileno():
                os.close(key.fd)
        self.events.close()


def _settle(order: dict[str, Any], parent: int) -> None:
    """Give a fork its own session, leash, environment, log and chance."""
    os.setsid()
    die_with_parent(parent)
    os.environ.clear()
    os.environ.update(order["environment"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    random.seed()
    import numpy as np  # noqa: PLC0415  imported long ago

    np.random.seed()  # noqa: NPY002  the old generator, which notebooks may use


def _own_modules() -> Iterator[str]:
    """Give the modules of the parts that kernels run."""
    for stage in STAGES:
        package = importlib.import_module(f"segkit.{stage}")
        found = pkgutil.walk_packages(package.__path__, f"segkit.{stage}.")
        yield from (module.name for module in found)


def main(path: str) -> None:
    """Import, open the socket, and fork until nobody is there to ask."""
    import_modules((*HEAVY, *_own_modules()))
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Forking(path).run()


if __name__ == "__main__":
    main(sys.argv[1])
