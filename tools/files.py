"""Refuse files that do not belong into the repository: too large, a private key, no end of line.

`python tools/files.py FILE …` lists every fault and exits with 1 when there is one.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_BYTES = 500_000
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def file_faults(path: Path) -> Iterator[str]:
    """Give each reason why a file may not be committed."""
    content = path.read_bytes()
    if len(content) > MAX_BYTES:
        yield f"{len(content):,} bytes, at most {MAX_BYTES:,}"
    if PRIVATE_KEY.search(content):
        yield "holds a private key"
    if content and b"\0" not in content:
        if not content.endswith(b"\n"):
            yield "does not end in a line break"
        elif content.endswith(b"\n\n"):
            yield "ends in empty lines"


def main(arguments: list[str]) -> int:
    """Check the named files; give the exit code."""
    faults = [f"{name}: {fault}" for name in arguments for fault in file_faults(Path(name))]
    sys.stdout.writelines(f"{line}\n" for line in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
