"""Write the members of a segment for a reader, as `segkit segments members` writes them.

By that very command, in a process of its own: the file is the same to the byte, and what a large
segment takes of memory is given back.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from segkit.apps.child import clean_environment
from segkit.config import Role
from segkit.errors import PrivacyError, SegkitError

LONGEST_S = 300
AT_ONCE = 2


class Exporter:
    """Makes user lists, at most two at once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def write(self, segment: str, *, as_of: str, clearance: Role) -> bytes:
        """Give the members of a segment at the end of a day as CSV.

        Raises
        ------
        PrivacyError
            When policy, clearance or consent forbid it, with the command's own sentence.
        """
        async with self._turn:
            with tempfile.TemporaryDirectory(prefix="segkit-list-") as scratch:
                return await self._write(Path(scratch), segment, as_of, clearance)

    async def _write(self, scratch: Path, segment: str, as_of: str, clearance: Role) -> bytes:
        out = scratch / "users.csv"
        command = [
            *(sys.executable, "-P", "-m", "segkit", "-w", str(self._root), "segments", "members"),
            *("--out", str(out), "--as-of", as_of, "--clearance", clearance, "--", segment),
        ]
        process = await asyncio.create_subprocess_exec(
            *command,
            env=clean_environment(scratch),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, said = await asyncio.wait_for(process.communicate(), LONGEST_S)
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode == SegkitError.exit_code:
            raise PrivacyError(said.decode("utf-8", "replace").strip())
        if process.returncode != 0 or not out.exists():
            raise SegkitError.build("The list could not be written.", hint="try again.")
        return out.read_bytes()
