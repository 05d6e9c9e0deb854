"""Let no process outlive the one that started it, and end a whole family of processes at once.

A kernel that computes in C holds the interpreter's lock for minutes: it notices neither a signal
handler nor the death of its parent. So the system itself is asked to end it (Linux), and a run's
processes are found by the run folder in their environment, wherever they have moved in the process
tree.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

PR_SET_PDEATHSIG = 1
RUN_DIR = "SEGKIT_RUN_DIR"


def die_with_parent(parent: int) -> None:
    """Have the system kill this process when its parent ends; does nothing off Linux.

    `parent` is the process that it should be: when that is gone already, this one ends at once.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def kill_family(run_dir: str, session: int | None = None) -> int:
    """Kill every process whose environment names this run folder and give how many there were.

    Those of a session are killed too: a fork keeps the environment that it was forked with. This
    process itself is spared.
    """
    import psutil  # noqa: PLC0415  only when something went wrong

    n_killed = 0
    while family := list(_family(run_dir, session)):
        for process in family:
            with suppress(psutil.Error):
                process.kill()
        gone, _ = psutil.wait_procs(family, timeout=5)
        n_killed += len(gone)
        if not gone:
            break
    return n_killed


def _family(run_dir: str, session: int | None) -> Iterator[Any]:
    """Give the processes of a session, and those whose environment names a run folder.

    Those of other people stay unseen.
    """
    import psutil  # noqa: PLC0415

    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with suppress(psutil.Error, ProcessLookupError):
            is_near = session is not None and os.getsid(process.pid) == session
            if is_near or process.environ().get(RUN_DIR) == run_dir:
                yield process
