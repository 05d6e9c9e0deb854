"""Run the server until it is told to stop."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from segkit.apps.front import build_front
from segkit.apps.settings import ServeSettings, decide, is_local
from segkit.errors import ParameterError
from segkit.workspace import Workspace

BACKLOG = 128
CLOSING_S = 3


def bind(host: str, port: int) -> socket.socket:
    """Give a socket that listens at an address; port 0 is a free one.

    Raises
    ------
    ParameterError
        When the address is not of this machine, or the port is taken.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as exc:
        raise ParameterError.build(
            f"Nothing can listen at `{host[:60]}`, port {port}: {exc.strerror or exc}.",
            hint="name an address of this machine with --host, or another --port; 0 is a free one.",
        ) from exc


def name_address(host: str, listening: socket.socket) -> str:
    """Give the address that a browser asks for."""
    port = listening.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"


def serve(workspace: Workspace, *, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serve a workspace's reports at an address, and tell it with `say` once it can be asked.

    Raises
    ------
    SegkitError
        When the address cannot be had or a secret in the environment is none.
    """
    settings = decide(workspace.root, workspace.config, host=host, environment=os.environ)
    with bind(host, port) as listening:
        address = name_address(host, listening)
        with suppress(KeyboardInterrupt):
            asyncio.run(_run(settings, listening, lambda: say_start(settings, host, address, say)))


def say_start(settings: ServeSettings, host: str, address: str, say: Callable[[str], None]) -> None:
    """Tell who is let in where that is not everybody here, then where the server is."""
    if settings.token:
        say(f"Let in with this token, until the server ends: {address}?token={settings.token}")
    if not is_local(host):
        say("Note: beyond this machine let a proxy with TLS stand before it; see docs/apps.md.")
    say(address)
    sys.stdout.flush()


async def _run(settings: ServeSettings, listening: socket.socket, tell: Callable[[], None]) -> None:
    """Answer requests until a signal, from when `tell` is called; what is asked is not logged."""
    config = uvicorn.Config(
        build_front(settings, on_start=tell),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=CLOSING_S,
        ws="websockets-sansio",
        ws_max_size=16 * 1024 * 1024,
    )
    await uvicorn.Server(config).serve(sockets=[listening])
