"""Hold the kernels of live reports: so many and no more, and none that nobody looks at.

A kernel is started for one reader and ends with the page that it was started for: when the page is
closed, when it never opens its channel (a crawler), when nobody touches it for long, and when the
server ends, however it ends.
"""

import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_server.services.kernels.kernelmanager import (
    AsyncMappingKernelManager,
    ServerKernelManager,
)
from tornado.ioloop import PeriodicCallback
from tornado.web import HTTPError
from traitlets import Float, Int

from segkit.runs.execute import CLEARANCE
from segkit.runs.kernel import NOTEBOOK
from segkit.workspace.kept_back import KEPT_BACK

LOOK_MS = 1000
HEADERS = {
    "HTTP_X_SEGKIT_CLEARANCE": CLEARANCE,
    "HTTP_X_SEGKIT_KEPT_BACK": KEPT_BACK,
    "HTTP_X_SEGKIT_REPORT": NOTEBOOK,
}
"""What the front says of a reader and a page, as it arrives and as a kernel reads it."""

READER = "HTTP_X_SEGKIT_READER"
KERNEL = "HTTP_X_SEGKIT_KERNEL"
"""The name that the front gave the kernel: it can be asked for before the page tells it."""


class LiveKernel(ServerKernelManager):
    """One kernel: this interpreter's own, over sockets in its folder; it is never restarted.

    A restarted kernel has lost what its page shows.
    """

    @property
    def kernel_spec(self) -> KernelSpec:
        """How a kernel is started, whatever others are installed."""
        argv = [sys.executable, "-P", "-m", "segkit.runs.kernel", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="segkit", language="python")


class LiveKernels(AsyncMappingKernelManager):
    """All kernels of live reports."""

    most = Int(4, config=True, help="The most kernels at once, starting ones counted.")
    unseen_s = Float(20, config=True, help="Seconds without a page before a kernel is ended.")
    first_s = Float(60, config=True, help="Seconds that a page has to open its channel.")

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  traitlets' own
        super().__init__(**given)  # type: ignore[no-untyped-call]
        self._starting: set[str] = set()
        self._rendering: set[str] = set()
        self._readers: dict[str, str] = {}
        self._until: dict[str, float] = {}
        self._looking = PeriodicCallback(self.end_unseen, LOOK_MS)
        self._looking.start()

    async def start_kernel(  # type: ignore[override]  # a coroutine as its parent's, which is typed as data
        self,
        *,
        kernel_id: str | None = None,
        path: Any = None,  # noqa: ANN401
        **given: Any,  # noqa: ANN401
    ) -> str:
        """Start a kernel for the reader that the environment names.

        Raises
        ------
        HTTPError
            503 when there are as many as there may be.
        """
        environment = dict(given.pop("env", {}))
        name = kernel_id or environment.pop(KERNEL, "") or str(uuid.uuid4())
        if len(self._starting | set(self.list_kernel_ids())) >= self.most:
            raise HTTPError(503, "as many live reports are open as there may be")
        self._starting.add(name)
        self._readers[name] = environment.pop(READER, "")
        for said, meant in HEADERS.items():
            environment[meant] = environment.pop(said, "")
        try:
            started = await super().start_kernel(
                kernel_id=name, path=path, env=environment, **given
            )
        finally:
            self._starting.discard(name)
        self._until[name] = time.monotonic() + self.first_s
        return str(started)

    @contextmanager
    def rendering(self, kernel_id: str) -> Iterator[None]:
        """Leave a kernel alone while its page is made; only then it waits for the page."""
        self._rendering.add(kernel_id)
        try:
            yield
        finally:
            self._rendering.discard(kernel_id)

    def is_of(self, kernel_id: str, reader: str) -> bool:
        """Whether a kernel was started for this reader."""
        return self._readers.get(kernel_id) == reader

    async def is_living(self, kernel_id: str) -> bool:
        """Whether a kernel is there and its process too."""
        if kernel_id not in self:
            return False
        kernel: Any = self.get_kernel(kernel_id)
        return bool(await kernel.is_alive())

    async def end_unseen(self) -> None:
        """End each kernel that died, or that no page was connected to for long enough."""
        for kernel_id in self.list_kernel_ids():
            if kernel_id in self._starting:
                continue
            now = time.monotonic()
            if kernel_id in self._rendering:
                self._until[kernel_id] = now + self.first_s
            if self._kernel_connections.get(kernel_id, 0):
                self._until[kernel_id] = now + self.unseen_s
            is_over = self._until.get(kernel_id, now) < now
            if is_over or not await self.is_living(kernel_id):
                await self.end(kernel_id)

    async def end(self, kernel_id: str) -> None:
        """End one kernel; one that is gone already is fine."""
        if kernel_id in self:
            await self.shutdown_kernel(kernel_id, now=True)  # type: ignore[no-untyped-call]
        self._readers.pop(kernel_id, None)
        self._until.pop(kernel_id, None)
