"""The front's answers about live reports: checked first, then relayed to where they run."""

import json
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from segkit.apps.asking import Asking
from segkit.apps.child import Child
from segkit.apps.export import Exporter
from segkit.apps.pages import Pages
from segkit.apps.readers import Reader
from segkit.apps.registry import APPS, LiveApp
from segkit.apps.relay import KERNEL, Relay
from segkit.errors import PrivacyError, SegkitError
from segkit.runs.parameters import SEGMENT_REPORT
from segkit.runs.publish import slug
from segkit.store.snapshot import latest

RETRY_S = 30


@dataclass(frozen=True, kw_only=True)
class LiveFront:
    """Live reports of one workspace."""

    pages: Pages
    asking: Asking
    child: Child
    relay: Relay
    exporter: Exporter

    def routes(self) -> list[BaseRoute]:
        """Give the addresses; the channel of a kernel last."""
        return [
            Route("/live/users.csv", self.give_users),
            *(Route(f"/live/{name}", self.show, name=name) for name in APPS),
            Route("/live/pulse/{kernel}", self.feel_pulse),
            Route("/live/voila/api/shutdown/{kernel}", self.end, methods=["POST"]),
            Route("/live/api/kernels/{kernel}", self.give_model),
            Route("/live/{path:path}", self.give_static),
            WebSocketRoute("/live/api/kernels/{kernel}/channels", self.join),
        ]

    async def show(self, request: Request) -> Response:
        """Give the live report that the query asks for; what is wrong with it before all else."""
        app, reader = app_of(request), reader_of(request)
        if not app.is_for(reader):
            return self._refuse_people()
        asked = request.query_params.multi_items()
        query = [(name, text) for name, text in asked if name not in app.private]
        try:
            order = await run_in_threadpool(self.asking.order, app, query, reader)
        except SegkitError as error:
            return self.pages.refusal(400, "That cannot be shown", error)
        hidden = {name: text for name, text in asked if name in app.private}
        address = app.address({**order.parameters, **hidden})
        if not query or hidden:
            return RedirectResponse(address, status_code=303)
        if not await self.child.start():
            return self._say_trouble(502, address)
        found = await self.relay.render(order, reader, self.asking.kept_back(reader))
        return self._say_trouble(found, address) if isinstance(found, int) else found

    def _refuse_people(self) -> Response:
        return self.pages.message(
            403,
            "This page is about single people",
            "You may read what groups of people do, but not what single people do.",
            hint="who needs that for their work asks whoever runs the server for clearance.",
        )

    def _say_trouble(self, status: int, again: str) -> Response:
        if status == 503:  # noqa: PLR2004
            page = self.pages.message(
                503,
                "All places are taken",
                "As many people explore reports right now as this server has room for. A place is "
                "free again when one of them leaves. The published reports can be read meanwhile.",
                again=again,
            )
            page.headers["retry-after"] = str(RETRY_S)
            return page
        return self.pages.message(
            502, "Live reports do not answer", "The published reports can be read.", again=again
        )

    async def give_users(self, request: Request) -> Response:
        """Give the members of a segment as a file, as far as policy and clearance allow."""
        reader = reader_of(request)
        query = request.query_params.multi_items()
        try:
            order = await run_in_threadpool(
                self.asking.order, APPS[SEGMENT_REPORT.report], query, reader
            )
            segment = str(order.segment)
            content = await self.exporter.write(
                segment, as_of=order.as_of, clearance=reader.clearance
            )
        except PrivacyError as error:
            return self.pages.refusal(403, "This list stays here", error)
        except SegkitError as error:
            return self.pages.refusal(400, "That cannot be given", error)
        name = f"{slug(segment)}-{order.as_of}.csv"
        return Response(
            content,
            media_type="text/csv",
            headers={
                "content-disposition": f'attachment; filename="{name}"',
                "cache-control": "no-store",
            },
        )

    async def feel_pulse(self, request: Request) -> Response:
        """Say whether a page's kernel lives, and which snapshot is the newest."""
        kernel, reader = self._kernel_of(request), reader_of(request)
        living = await self.relay.is_living(kernel, reader)
        snapshot = await run_in_threadpool(latest, self.asking.root)
        content = json.dumps({"is_living": bool(living), "snapshot": snapshot})
        return Response(
            content, media_type="application/json", headers={"cache-control": "no-store"}
        )

    async def give_model(self, request: Request) -> Response:
        """Give what a page asks of its kernel before it opens the channel."""
        answer = await self.relay.give_model(self._kernel_of(request), reader_of(request))
        if answer is None:
            raise HTTPException(404)
        return answer

    async def end(self, request: Request) -> Response:
        """End the kernel of a page that is being closed."""
        await self.relay.end(self._kernel_of(request), reader_of(request))
        return Response(status_code=204)

    def _kernel_of(self, request: Request) -> str:
        kernel = str(request.path_params["kernel"])
        if KERNEL.fullmatch(kernel) is None:
            raise HTTPException(404)
        return kernel

    async def give_static(self, request: Request) -> Response:
        """Give a script or style that a live page loads."""
        path = str(request.path_params["path"])
        answer = await self.relay.give_static(request, path, reader_of(request))
        if answer is None:
            raise HTTPException(404)
        return answer

    async def join(self, socket: WebSocket) -> None:
        """Join a page to its kernel."""
        kernel, reader = str(socket.path_params["kernel"]), socket.scope["state"]["reader"]
        if KERNEL.fullmatch(kernel) is None or not isinstance(reader, Reader):
            await socket.close(1008)
            return
        await self.relay.join(socket, kernel, reader)


def app_of(request: Request) -> LiveApp:
    """Give the live page that a request's address names."""
    return APPS[request.url.path.rpartition("/")[2]]


def reader_of(request: Request) -> Reader:
    """Give who asks; the gate has made sure that somebody does."""
    found = request.scope["state"]["reader"]
    if not isinstance(found, Reader):
        raise HTTPException(404)
    return found
