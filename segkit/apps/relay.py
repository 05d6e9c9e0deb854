"""Pass between readers and the process of live reports what a live page needs, and nothing else.

Requests are made anew: of what a browser sends only the few headers named here go on. Everything
that names a reader or a clearance is said by the front.
"""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from segkit.apps.live_settings import BASE, LiveSettings
from segkit.apps.messages import PROTOCOL, find_fault
from segkit.apps.readers import Reader
from segkit.runs.order import Order

STATIC = re.compile(
    r"voila/(static|templates|labextensions|api/themes)/[\w@.-]+(/[\w@.-]+)*", re.ASCII
)
KERNEL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SESSION = re.compile(r"[\w-]{1,64}", re.ASCII)
ASKED = ("accept-encoding", "if-none-match", "if-modified-since")
ANSWERED = ("content-type", "content-encoding", "content-length", "etag", "last-modified")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
REFUSED = 1008
GONE = 1011
START_S = 90


class Relay:
    """The one way to the process of live reports."""

    def __init__(self, settings: LiveSettings) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=settings.socket),
            base_url="http://localhost",
            timeout=httpx.Timeout(START_S, connect=5),
            trust_env=False,
        )

    def _headers(self, reader: Reader, **more: str) -> dict[str, str]:
        """Give what the front says with each request."""
        return {
            "authorization": f"token {self._settings.token}",
            "x-segkit-reader": quote(reader.name),
            **more,
        }

    async def render(
        self, order: Order, reader: Reader, kept_back: frozenset[str]
    ) -> StreamingResponse | int:
        """Give the page of a live report as it grows; a status where there is none."""
        asked = {k: str(v) for k, v in order.parameters.items() if k != "workspace"}
        headers = self._headers(
            reader,
            **{
                "x-segkit-clearance": reader.clearance,
                "x-segkit-kept-back": ",".join(sorted(kept_back)),
                "x-segkit-title": quote(order.title),
                "x-segkit-report": order.report,
                "x-segkit-asked": quote(json.dumps(asked)),
                "x-segkit-kernel": str(uuid.uuid4()),
            },
        )
        request = self._client.build_request("GET", BASE, headers=headers)
        try:
            answer = await self._client.send(request, stream=True)
        except httpx.HTTPError:
            return 502
        if answer.status_code != httpx.codes.OK:
            await answer.aclose()
            return answer.status_code
        return StreamingResponse(
            _parts(answer),
            media_type="text/html",
            headers={"content-security-policy": POLICY, "cache-control": "no-store"},
        )

    async def give_static(self, request: Request, path: str, reader: Reader) -> Response | None:
        """Give a script or style of Voilà; None for whatever else the path names."""
        if STATIC.fullmatch(path) is None or ".." in path:
            return None
        passed = {name: request.headers[name] for name in ASKED if name in request.headers}
        headers = {**self._headers(reader), **passed}
        asked = self._client.build_request(
            "GET", f"{BASE}{path}", params=str(request.query_params), headers=headers
        )
        try:
            answer = await self._client.send(asked, stream=True)
        except httpx.HTTPError:
            return None
        if answer.status_code not in {httpx.codes.OK, httpx.codes.NOT_MODIFIED}:
            await answer.aclose()
            return None
        kept = {n: answer.headers[n] for n in ANSWERED if n in answer.headers}
        return StreamingResponse(
            _parts(answer),
            status_code=answer.status_code,
            headers={**kept, "cache-control": "private, max-age=3600"},
        )

    async def give_model(self, kernel: str, reader: Reader) -> Response | None:
        """Give what a page asks of its kernel first; None where it is none of the reader's."""
        path = f"{BASE}api/kernels/{kernel}"
        try:
            answer = await self._client.get(path, headers=self._headers(reader))
        except httpx.HTTPError:
            return None
        if answer.status_code != httpx.codes.OK:
            return None
        return Response(answer.content, media_type="application/json")

    async def is_living(self, kernel: str, reader: Reader) -> bool | None:
        """Whether a page's kernel lives; None when nobody answers."""
        return await self._ask_kernel("GET", f"api/pulse/{kernel}", reader)

    async def end(self, kernel: str, reader: Reader) -> bool | None:
        """End a page's kernel."""
        return await self._ask_kernel("POST", f"voila/api/shutdown/{kernel}", reader)

    async def _ask_kernel(self, method: str, path: str, reader: Reader) -> bool | None:
        try:
            answer = await self._client.request(
                method, f"{BASE}{path}", headers=self._headers(reader)
            )
        except httpx.HTTPError:
            return None
        return answer.status_code == httpx.codes.NO_CONTENT

    async def join(self, socket: WebSocket, kernel: str, reader: Reader) -> None:
        """Join a page to its kernel until one of them leaves, or the page says what it may not."""
        session = socket.query_params.get("session_id", "")
        if PROTOCOL not in socket.scope["subprotocols"] or not SESSION.fullmatch(session):
            await socket.close(REFUSED)
            return
        try:
            async with unix_connect(
                self._settings.socket,
                uri=f"ws://localhost{BASE}api/kernels/{kernel}/channels?session_id={session}",
                additional_headers=self._headers(reader),
                subprotocols=[PROTOCOL],
                max_size=None,
                compression=None,
                ping_interval=None,
                proxy=None,
            ) as channel:
                await socket.accept(subprotocol=PROTOCOL)
                code = await _talk(socket, channel)
        except (InvalidStatus, OSError):
            await socket.close(GONE)
            return
        if code:
            await socket.close(code)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()


async def _parts(answer: httpx.Response) -> AsyncIterator[bytes]:
    """Give an answer's bytes as they come, and close it however that ends."""
    try:
        async for part in answer.aiter_raw():
            yield part
    finally:
        await answer.aclose()


async def _talk(socket: WebSocket, channel: ClientConnection) -> int:
    """Pass messages both ways; give the code to close the page's side with, 0 for none."""
    ways = [asyncio.create_task(_up(socket, channel)), asyncio.create_task(_down(channel, socket))]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _up(socket: WebSocket, channel: ClientConnection) -> int:
    """Pass on what the page says, as far as widgets need it."""
    try:
        while True:
            message: Mapping[str, Any] = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return 0
            frame = message.get("bytes")
            frame = message.get("text", "") if frame is None else frame
            if find_fault(frame) is not None:
                return REFUSED
            await channel.send(frame)
    except (ConnectionClosed, WebSocketDisconnect):
        return GONE


async def _down(channel: ClientConnection, socket: WebSocket) -> int:
    """Pass on what the kernel says."""
    try:
        async for frame in channel:
            if isinstance(frame, bytes):
                await socket.send_bytes(frame)
            else:
                await socket.send_text(frame)
    except (ConnectionClosed, WebSocketDisconnect, RuntimeError):
        return 0
    return GONE
