"""Start a notebook kernel as a fork of a process that has imported everything already.

The fork is made first, while the process has one thread; it waits at a gate until the manager has
written the connection file. To the manager it is a kernel like any other.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import run_sync

from segkit.runs.kernel import launch
from segkit.runs.leash import die_with_parent

NAME = "segkit-forked"
POLL_S = 0.01


class Forked:
    """A forked process, with the parts of `subprocess.Popen` that a manager asks of one.

    Parameters
    ----------
    pid
        The process, a child of this one.
    gate
        The writing end of the pipe that it waits at.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, gate: int) -> None:
        self.pid = pid
        self.gate = gate
        self.returncode: int | None = None

    def open_gate(self, connection_file: str) -> None:
        """Tell the process where its sockets are; it goes on."""
        os.write(self.gate, connection_file.encode())
        os.close(self.gate)

    def poll(self) -> int | None:
        """Give the return code, None while it works."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and give the return code.

        Raises
        ------
        TimeoutExpired
            When it takes longer than `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutExpired(NAME, timeout or 0)
            time.sleep(POLL_S)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class ForkedProvisioner(LocalProvisioner):
    """Lets the kernel that waits at the gate go on, in place of starting one."""

    waiting: Forked | None = None

    async def launch_kernel(  # what the manager calls
        self,
        cmd: list[str],
        **kwargs: Any,  # noqa: ANN401
    ) -> KernelConnectionInfo:
        """Tell the waiting kernel where its sockets are."""
        del cmd, kwargs
        if self.waiting is None or self.parent is None:
            raise RuntimeError("the kernel that was forked has been used")
        kernel, type(self).waiting = self.waiting, None
        kernel.open_gate(self.parent.connection_file)
        self.process: Any = kernel
        self.pid = self.pgid = kernel.pid
        self.cwd = Path.cwd()
        return self.connection_info


def fork_kernel() -> Callable[[Path], Any]:
    """Fork the kernel now and give what starts it once a scratch folder is named.

    The process must have one thread. The fork never returns from here.
    """
    reading, writing = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        _be_kernel(reading, parent)
    os.close(reading)
    with suppress(OSError):  # the fork does so too; whoever is first
        os.setpgid(pid, pid)
    ForkedProvisioner.waiting = Forked(pid, writing)
    return _start


def _be_kernel(gate: int, parent: int) -> None:
    """Wait at the gate, then be a kernel until told to stop; leaves the process."""
    code = 1
    try:
        os.setpgid(0, 0)
        die_with_parent(parent)
        connection_file = os.read(gate, 4096).decode()
        os.close(gate)
        os.environ["JPY_PARENT_PID"] = str(parent)
        sys.argv = ["kernel", "-f", connection_file]
        if connection_file:
            launch()
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _start(scratch: Path) -> Any:  # noqa: ANN401  a kernel manager
    factory = KernelProvisionerFactory.instance()
    place = f"{ForkedProvisioner.__module__}:{ForkedProvisioner.__name__}"
    factory.provisioners[NAME] = EntryPoint(name=NAME, value=place, group=factory.GROUP_NAME)
    spec = KernelSpec(
        argv=["{connection_file}"],
        display_name="segkit",
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": NAME}},
    )

    class ForkedKernelManager(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return spec

    manager = ForkedKernelManager(transport="ipc", connection_file=str(scratch / "kernel.json"))
    run_sync(manager.start_kernel)()
    return manager
