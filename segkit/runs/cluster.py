"""Let the children of runs work on a Dask cluster: `executor: dask://HOST:PORT` in a report's file.

Only the child goes there. Claim, judgement, publishing and telling people stay with the process
that was asked, so that the ledger is written by one machine. The workers see the workspace under
the same path, and have segkit. What is asked of one, and how far it is, lies in a folder beside the
ledger: a worker that was told to stop, or whose run is over, ends all that it started.

A run whose worker is lost has failed. It is not begun anew by the cluster, since nobody knows
whether the lost one still writes; `retries` of the report say when it is tried again.
"""

import os
import platform
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from segkit.errors import RunError
from segkit.runs import execute
from segkit.runs.publish import remove_abandoned, slug
from segkit.runs.spec import LOG, NOTEBOOK, Headway, Spec
from segkit.runs.verify import FAILED, Ended
from segkit.runs.watch import STOPPED, TICK_S, Limits

ERRANDS = ".segkit"
FOLDER = "errand-"
SCRATCH = "segkit-run-"
BEGUN, STOP = "begun", "stop"
CONNECT_S = 10
LOST = Ended(returncode=-9, account=None)
ASKED = Ended(returncode=None, account=None, stopped=STOPPED)


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What a worker is asked for: a spec, its limits, and the folder that both sides look into."""

    spec: Spec
    clearance: str | None
    limits: Limits
    folder: str


class Told(threading.Event):
    """Is set once the folder of an errand says stop, or is gone.

    Parameters
    ----------
    folder
        The folder.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def is_set(self) -> bool:
        """Look into the folder."""
        return not self._folder.exists() or (self._folder / STOP).exists()


def run_errand(errand: Errand) -> Ended:
    """Do on a worker what is asked for, once, and say how it ended."""
    folder = Path(errand.folder)
    try:
        (folder / BEGUN).touch(exist_ok=False)
    except OSError:  # asked before of a worker that is lost, or nobody waits any more
        return LOST
    with tempfile.TemporaryDirectory(prefix=SCRATCH, suffix=f"-{os.getpid()}") as scratch:
        shutil.copyfile(folder / NOTEBOOK, Path(scratch) / NOTEBOOK)
        spec = replace(errand.spec, scratch=scratch)

        def hear(headway: Headway) -> None:
            headway.write(folder)

        with execute.started(spec, clearance=errand.clearance) as child:
            ended = execute.wait_for(
                child, spec, limits=errand.limits, stop=Told(folder), hear=hear
            )
        with suppress(OSError):
            shutil.copyfile(Path(scratch) / LOG, folder / LOG)
    return ended


class Cluster:
    """A Dask cluster; it is reached when the first run is sent there.

    Parameters
    ----------
    url
        `dask://HOST:PORT` of its scheduler.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._client: Any = None
        self._fault: RunError | None = None

    def execute(
        self,
        spec: Spec,
        *,
        clearance: str | None,
        limits: Limits,
        root: Path,
        stop: threading.Event | None = None,
        hear: Callable[[Headway], None] | None = None,
    ) -> Ended:
        """Let a worker execute a spec, wait for it, and say how it ended.

        Parameters
        ----------
        root
            The workspace's folder, which the workers see too.

        Raises
        ------
        RunError
            With exit code 30 when there is no cluster.
        """
        executor = self._connect().get_executor(retries=0)
        with _folder(root) as folder:
            shutil.copyfile(Path(spec.scratch) / NOTEBOOK, folder / NOTEBOOK)
            errand = Errand(spec=spec, clearance=clearance, limits=limits, folder=str(folder))
            ended = _wait(executor.submit(run_errand, errand), folder, stop, hear)
            with suppress(OSError):
                shutil.copyfile(folder / LOG, Path(spec.scratch) / LOG)
        return ended

    def _connect(self) -> Any:  # noqa: ANN401  distributed has no types
        with self._lock:
            if self._fault is not None:
                raise self._fault
            if self._client is None:
                try:
                    self._client = connect(self.url)
                except RunError as fault:
                    self._fault = fault
                    raise
            return self._client

    def count_workers(self) -> int:
        """Give how many runs it makes at once: its threads, one where it cannot be reached."""
        try:
            threads: dict[str, int] = self._connect().nthreads()
            return max(1, sum(threads.values()))
        except RunError:
            return 1

    def close(self) -> None:
        """Let go of the cluster; what it was asked for is dropped."""
        if self._client is not None:
            self._client.close(timeout=2)


def connect(url: str) -> Any:  # noqa: ANN401
    """Give a client of a cluster; by TLS where Dask's own settings require encryption.

    Raises
    ------
    RunError
        With exit code 30 when Dask is not installed, or nobody answers at the address.
    """
    try:
        import dask  # noqa: PLC0415  an extra
        import distributed  # noqa: PLC0415
    except ImportError as exc:
        text = "Dask is not installed.\nHint: pip install 'segkit[dask]'."
        raise RunError(text, exit_code=FAILED) from exc
    is_secret = dask.config.get("distributed.comm.require-encryption", default=None)
    address = url.replace("dask://", "tls://" if is_secret else "tcp://", 1)
    try:
        client: Any = distributed.Client
        return client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as exc:
        text = f"No Dask scheduler answers at `{url}`.\nHint: start it, or set `executor: local`."
        raise RunError(text, exit_code=FAILED) from exc


@contextmanager
def _folder(root: Path) -> Iterator[Path]:
    """Give the folder of an errand; when it goes, a worker that is still at work stops."""
    errands, mine = root / ERRANDS, f"{FOLDER}{slug(platform.node())}-"
    errands.mkdir(exist_ok=True)
    remove_abandoned(errands, mine)  # those of other machines are theirs
    folder = Path(tempfile.mkdtemp(prefix=mine, suffix=f"-{os.getpid()}", dir=errands))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(
    future: "Future[Ended]",
    folder: Path,
    stop: threading.Event | None,
    hear: Callable[[Headway], None] | None,
) -> Ended:
    """Wait for a worker, pass on how far it is, and tell it when to stop."""
    while not future.done():
        time.sleep(TICK_S)
        headway = Headway.read(folder)
        if hear is not None and headway is not None:
            hear(headway)
        if stop is not None and stop.is_set():
            (folder / STOP).touch()
            if not (folder / BEGUN).exists():  # one at work sees the file, and says how it ended
                future.cancel()
                return ASKED
    try:
        return future.result()
    except Exception:  # noqa: BLE001  Dask's many kinds of a lost worker or scheduler
        return LOST
