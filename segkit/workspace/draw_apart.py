"""Draw sections for another process: `python -m segkit.workspace.draw_apart`.

It reads drawings from its input and writes their HTML to its output, one after the other, and ends
with whoever started it: then its input ends. It knows no workspace and opens no file of one.
"""

import pickle
import sys
from typing import IO

from segkit.reports.drawings import Drawing

READY = b"ready"
IMPORTED = ("segkit.views.figures.canvas", "segkit.views.patterns")
LENGTH = 8


def write_frame(stream: IO[bytes], content: bytes) -> None:
    """Write some bytes with their length before them."""
    stream.write(len(content).to_bytes(LENGTH, "big") + content)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes:
    """Read the bytes that `write_frame` wrote.

    Raises
    ------
    EOFError
        When the other side has ended.
    """
    head = stream.read(LENGTH)
    content = stream.read(int.from_bytes(head, "big")) if len(head) == LENGTH else b""
    if len(head) < LENGTH or len(content) < int.from_bytes(head, "big"):
        raise EOFError
    return content


def serve(given: IO[bytes], told: IO[bytes]) -> None:
    """Draw until there is nobody left who asks; what cannot be drawn is answered with nothing."""
    write_frame(told, READY)
    while True:
        try:
            drawing: Drawing = pickle.loads(read_frame(given))  # noqa: S301  from our own parent
        except EOFError:
            return
        try:
            html = str(drawing.draw().html)
        except Exception:  # noqa: BLE001  whoever asked draws it, and says what is wrong
            html = ""
        write_frame(told, html.encode())


def main() -> None:
    """Import what drawings need, say so, and draw."""
    for name in IMPORTED:
        __import__(name)
    told = sys.stdout.buffer
    sys.stdout = sys.stderr
    serve(sys.stdin.buffer, told)


if __name__ == "__main__":
    main()
