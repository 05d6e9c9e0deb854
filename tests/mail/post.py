"""A real SMTP server on loopback that answers by the recipient's name, for tests of mail."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"


class Scripted:
    """Answers by the recipient's name, and keeps what it accepted."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.messages: list[EmailMessage] = []
        self.later: set[str] = set()

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name and signature
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.split("@", maxsplit=1)[0] in self.later:
            return "451 later"
        match address.split("@", maxsplit=1)[0]:
            case "never":
                return "550 no such person never@example.org"
            case "later":
                return "451 later"
            case "cut":
                server.transport.abort()
            case _:
                envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        self.got.append(address)
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        match address.split("@")[0]:
            case "lost":
                server.transport.abort()
            case "slow":
                await asyncio.sleep(1.0)
            case "full":
                self.got.pop()
                self.messages.pop()
                return "552 too large"
        return "250 OK"


def free_port() -> int:
    """Give a port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(handler: Any, **more: Any) -> Iterator[int]:
    """Serve on a port of loopback until the block is left; give the port."""
    port = free_port()
    controller = Controller(handler, hostname=HOST, port=port, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
