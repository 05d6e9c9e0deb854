"""Keep the process of live reports running, for as long as the front runs."""

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import segkit
from segkit.apps.live_settings import LiveSettings
from segkit.apps.settings import PASSWORD_HASH, SECRET, TOKEN, ServeSettings
from segkit.runs.leash import RUN_DIR
from segkit.runs.publish import remove_abandoned

START_S = 60
STEP_S = 0.05
END_S = 5
LOG = "live.log"
SCRATCH = "sklive-"
"""Short, as the paths of sockets must be; the number at the end of the folder is our process."""

SECRETS = frozenset({TOKEN, PASSWORD_HASH, SECRET})


class Child:
    """The process of live reports: started when the server starts, again after it died."""

    def __init__(self, settings: ServeSettings) -> None:
        self._served = settings
        remove_abandoned(Path(tempfile.gettempdir()), SCRATCH)
        self._scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, suffix=f"-{os.getpid()}"))
        serve = settings.config.serve
        self.settings = LiveSettings(
            workspace=str(settings.root),
            scratch=str(self._scratch),
            token=secrets.token_urlsafe(24),
            most=serve.kernels,
            idle_s=serve.idle_minutes * 60,
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> bool:
        """Start the process unless it runs, and wait until it answers; False when it does not.

        Called from the main thread alone: the system ends a process with the thread it came from.
        """
        async with self._turn:
            if self._process is None or self._process.poll() is not None:
                self._launch()
            for _ in range(int(START_S / STEP_S)):
                if self._process is None or self._process.poll() is not None:
                    return False
                if await self._answers():
                    return True
                await asyncio.sleep(STEP_S)
            return False

    def _launch(self) -> None:
        Path(self.settings.socket).unlink(missing_ok=True)
        self._log = self._log or (self._scratch / LOG).open("ab")
        command = [sys.executable, "-P", "-m", "segkit.apps.live"]
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [*command, str(self.settings.write()), str(os.getpid())],
            cwd=self._scratch,
            env=clean_environment(self._scratch),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_unix_connection(self.settings.socket)
        except OSError:
            return False
        writer.close()
        return True

    def end(self) -> None:
        """End the process, its kernels with it, and remove its folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._log is not None:
            self._log.close()
        shutil.rmtree(self._scratch, ignore_errors=True)


def clean_environment(scratch: Path) -> dict[str, str]:
    """Give the environment of a process that readers reach: this one's, without its secrets."""
    here = str(Path(segkit.__file__).parent.parent)
    kept = {k: v for k, v in os.environ.items() if k not in SECRETS and k != RUN_DIR}
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(paths),
        "JUPYTER_RUNTIME_DIR": str(scratch),
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "IPYTHONDIR": str(scratch / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "MPLBACKEND": "agg",
    }
