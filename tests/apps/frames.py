"""Make the frames that a page sends to its kernel."""

import json
from typing import Any

V1 = "v1.kernel.websocket.jupyter.org"


def frame(
    kind: str, content: dict[str, Any] | None = None, *, channel: str = "shell", session: str = "s"
) -> bytes:
    """Give a message in the binary form of the Jupyter server."""
    header = {
        "msg_id": f"{kind}-1",
        "msg_type": kind,
        "session": session,
        "username": "u",
        "version": "5.3",
        "date": "2026-07-01T12:00:00Z",
    }
    return pack(channel, header, content or {})


def pack(channel: str, header: Any, content: Any) -> bytes:
    """Give a frame of these parts, whatever they are."""
    said: tuple[Any, ...] = (header, {}, {}, content)
    parts = [channel.encode(), *(json.dumps(part).encode() for part in said)]
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    numbers = [len(offsets), *offsets]
    return b"".join([*(n.to_bytes(8, "little") for n in numbers), *parts])
