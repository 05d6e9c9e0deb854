"""Run the child process of one report and leave nothing of it behind.

The child gets a session of its own, a scratch folder of its own for sockets and notebook copies,
and its limits. Whatever happens here, also an interrupt, every process of the run is ended before
this returns.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import segkit
from segkit.runs.leash import RUN_DIR, kill_family
from segkit.runs.nursery import Nursery
from segkit.runs.spec import LOG, Account, Headway, Spec
from segkit.runs.verify import Ended
from segkit.runs.watch import Child, Limits, watch
from segkit.store.alike import ALIKE
from segkit.store.snapshot import PINNED
from segkit.workspace.asking import EARLIER

__all__ = ["CLEARANCE", "Limits", "started", "wait_for"]

CLEARANCE = "SEGKIT_CLEARANCE"
SECRET = ("SEGKIT_SMTP_", "SEGKIT_WEBHOOK_")
"""Begins the names of variables that hold logins: no notebook sends, so none gets to see them."""


@contextmanager
def started(
    spec: Spec, *, clearance: str | None, nursery: Nursery | None = None
) -> Iterator[Child]:
    """Start the child of a spec; when the block is left, it and all it started are gone.

    With a nursery it is a fork of that, if it can be, else a new process; and what it computes
    like others of the nursery is computed once.
    """
    path, log = spec.write(), Path(spec.scratch) / LOG
    environment = _environment(spec, clearance=clearance)
    if nursery is not None and nursery.alike is not None:
        environment[ALIKE] = str(nursery.alike)
    forked = nursery and nursery.start(path, log=log, environment=environment)
    child: Child = forked or _begin(path, log=log, environment=environment)
    try:
        yield child
    finally:
        if child.poll() != 0:
            child.kill()
            child.wait()
            kill_family(spec.run_dir, session=child.pid)


def _begin(path: Path, *, log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "segkit.runs.child", str(path), str(os.getpid())]
    with log.open("wb") as out:
        return subprocess.Popen(  # noqa: S603  our own interpreter and module
            command,
            cwd=path.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_for(
    child: Child,
    spec: Spec,
    *,
    limits: Limits,
    stop: threading.Event | None = None,
    hear: Callable[[Headway], None] | None = None,
) -> Ended:
    """Wait until the child ends or has taken more than it may, and say how it ended.

    `stop` ends it too, once it is set; `hear` hears how far the notebook is.
    """
    folders = (Path(spec.run_dir), Path(spec.scratch))

    def look() -> None:
        headway = Headway.read(Path(spec.scratch))
        if hear is not None and headway is not None:
            hear(headway)

    stopped = watch(child, limits=limits, folders=folders, stop=stop, look=look)
    return Ended(
        returncode=child.returncode if stopped is None else None,
        account=Account.read(Path(spec.scratch)),
        stopped=stopped,
    )


def _environment(spec: Spec, *, clearance: str | None) -> dict[str, str]:
    """Give the child's environment.

    This one without the logins for mail, with the run's folders and this very segkit on the path.
    """
    here = str(Path(segkit.__file__).parent.parent)
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {
        RUN_DIR: spec.run_dir,
        EARLIER: spec.earlier,
        "JUPYTER_RUNTIME_DIR": spec.scratch,
        "IPYTHONDIR": str(Path(spec.scratch) / "ipython"),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "MPLBACKEND": "agg",
    }
    if clearance is not None:
        own[CLEARANCE] = clearance
    if spec.snapshot:
        own[PINNED] = spec.snapshot
    kept = {key: text for key, text in os.environ.items() if not key.startswith(SECRET)}
    return {**kept, **own}
