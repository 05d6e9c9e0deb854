"""Judge what a browser may say to a kernel: what widgets need, and nothing that runs code.

Frames come in the binary form `v1.kernel.websocket.jupyter.org`: a count of offsets, the offsets,
then channel, header, parent header, metadata, content and buffers. They are taken apart here as the
Jupyter server takes them apart, so that both see the same message.

Source: jupyter_server, services/kernels/connection/base.py (2.21).
"""

import json
from typing import Any

PROTOCOL = "v1.kernel.websocket.jupyter.org"
ALLOWED = frozenset(
    {"comm_open", "comm_close", "comm_msg", "comm_info_request", "kernel_info_request"}
)
CHANNELS = frozenset({"shell", "control"})
TARGETS = frozenset({"jupyter.widget.control"})
"""What a browser may open: the one comm by which it asks for the widgets that there are."""

MOST_BYTES = 512 * 1024
MOST_OFFSETS = 64
_WIDTH = 8
_HEADER, _CONTENT = 1, 4


def find_fault(frame: bytes | str) -> str | None:
    """Give why a frame from a browser may not reach the kernel; None when it may."""
    if isinstance(frame, str):
        return "a frame that is text"
    if len(frame) > MOST_BYTES:
        return "a frame that is too long"
    try:
        channel, header, content = _read(frame)
    except (ValueError, IndexError, UnicodeDecodeError):
        return "a frame that is no message"
    kind = str(header.get("msg_type"))
    if channel not in CHANNELS or kind not in ALLOWED:
        return "a message that is not for widgets"
    if kind == "comm_open" and str(content.get("target_name")) not in TARGETS:
        return "a comm that pages do not open"
    return None


def _read(frame: bytes) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Give channel, header and content of a frame.

    Raises
    ------
    ValueError
        When it is none.
    """
    n_offsets = int.from_bytes(frame[:_WIDTH], "little")
    if not _CONTENT + 1 < n_offsets <= MOST_OFFSETS:
        raise ValueError("offsets")
    offsets = [
        int.from_bytes(frame[_WIDTH * (at + 1) : _WIDTH * (at + 2)], "little")
        for at in range(n_offsets)
    ]
    if offsets != sorted(offsets) or offsets[-1] > len(frame):
        raise ValueError("offsets")
    parts = [frame[offsets[at] : offsets[at + 1]] for at in range(n_offsets - 1)]
    header, content = json.loads(parts[_HEADER]), json.loads(parts[_CONTENT])
    if not (isinstance(header, dict) and isinstance(content, dict)):
        raise ValueError("no objects")  # noqa: TRY004  one kind of fault for what is no message
    return parts[0].decode("utf-8"), header, content
