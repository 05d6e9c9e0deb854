"""Run the child process of one report and leave nothing of it behind.

The child gets a session of its own, a scratch folder of its own for sockets and notebook copies,
and its limits. Whatever happens here, also an interrupt, every process of the run is ended before
this returns.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import segkit
from segkit.runs.leash import RUN_DIR, kill_family
from segkit.runs.spec import LOG, Account, Spec
from segkit.runs.verify import Ended

CLEARANCE = "SEGKIT_CLEARANCE"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The longest that one cell and the whole run may take, in seconds."""

    cell_s: int = 900
    run_s: int = 1800


@contextmanager
def started(spec: Spec, *, clearance: str | None) -> Iterator[subprocess.Popen[bytes]]:
    """Start the child of a spec; when the block is left, it and all it started are gone."""
    scratch = Path(spec.scratch)
    command = [sys.executable, "-P", "-m", "segkit.runs.child", str(spec.write()), str(os.getpid())]
    with (scratch / LOG).open("wb") as log:
        child = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command,
            cwd=scratch,
            env=_environment(spec, clearance=clearance),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        if child.poll() != 0:
            child.kill()
            child.wait()
            kill_family(spec.run_dir)


def wait_for(child: subprocess.Popen[bytes], spec: Spec, *, limits: Limits) -> Ended:
    """Wait until the child ends or its time is over, and say how it ended."""
    try:
        returncode: int | None = child.wait(timeout=limits.run_s)
    except subprocess.TimeoutExpired:
        returncode = None
    return Ended(
        returncode=returncode, account=Account.read(Path(spec.scratch)), limit_s=limits.run_s
    )


def _environment(spec: Spec, *, clearance: str | None) -> dict[str, str]:
    """Give the child's environment.

    This one, with the run's folders and this very segkit on the path.
    """
    here = str(Path(segkit.__file__).parent.parent)
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {
        RUN_DIR: spec.run_dir,
        "JUPYTER_RUNTIME_DIR": spec.scratch,
        "IPYTHONDIR": str(Path(spec.scratch) / "ipython"),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "MPLBACKEND": "agg",
    }
    if clearance is not None:
        own[CLEARANCE] = clearance
    return {**os.environ, **own}
