"""The server that readers meet: portal, published reports, and the way to live ones."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from segkit.apps.asking import Asking
from segkit.apps.child import Child
from segkit.apps.export import Exporter
from segkit.apps.gate import Gate
from segkit.apps.live_front import LiveFront, reader_of
from segkit.apps.pages import Pages, utc_now
from segkit.apps.registry import APPS
from segkit.apps.relay import Relay
from segkit.apps.settings import ServeSettings
from segkit.apps.shelf import LATEST, Shelf
from segkit.runs.catalogue import render_catalogue
from segkit.runs.share import share_folder

TYPES = {
    ".html": "text/html",
    ".json": "application/json",
    ".csv": "text/csv",
    ".ipynb": "application/x-ipynb+json",
}
SHOWN = frozenset({".html", ".json"})
"""Endings of files that a browser shows; the others it saves."""
CATALOGUE_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ASSETS = {
    "portal.js": "apps/portal.js",
    "live.js": "apps/live.js",
    "live.css": "apps/live.css",
    "page.js": "nbconvert/segkit/page.js",
}
"""Files that pages load, by name, with their place below the templates."""


@dataclass(frozen=True)
class Front:
    """The answers to requests for one workspace."""

    settings: ServeSettings
    pages: Pages
    shelf: Shelf
    templates: Path

    async def show_portal(self, request: Request) -> Response:
        """Give the first page."""
        reader = reader_of(request)
        cards = await run_in_threadpool(self.shelf.find_cards, reader)
        apps = [app for app in APPS.values() if app.is_for(reader)]
        return self.pages.portal(cards, now=utc_now(), apps=apps)

    async def show_catalogue(self, request: Request) -> Response:
        """Give the list of every run that the reader may see."""
        entries = await run_in_threadpool(self.shelf.find, reader_of(request))
        page = render_catalogue(entries, workspace=self.settings.config.name)
        headers = {"content-security-policy": CATALOGUE_POLICY, "cache-control": "no-store"}
        return Response(page, media_type="text/html", headers=headers)

    async def show_latest(self, request: Request) -> Response:
        """Lead to a file of the newest run of a report."""
        asked = request.path_params
        run = await run_in_threadpool(
            self.shelf.find_latest, reader_of(request), str(asked["report"])
        )
        if run is None:
            raise HTTPException(404)
        return RedirectResponse(f"/reports/{run}/{asked['name']}", status_code=302)

    async def show_file(self, request: Request) -> Response:
        """Give one file of a published run."""
        asked = request.path_params
        run, name = "/".join(str(asked[k]) for k in ("report", "period", "run")), str(asked["name"])
        path = await run_in_threadpool(self.shelf.find_file, reader_of(request), run, name)
        if path is None:
            raise HTTPException(404)
        kind = TYPES.get(path.suffix, "application/octet-stream")
        return FileResponse(
            path,
            media_type=kind,
            headers={"cache-control": "private, no-cache"},
            filename=None if path.suffix in SHOWN else f"{asked['report']}-{name}",
        )

    async def show_asset(self, request: Request) -> Response:
        """Give a script of our own pages."""
        place = ASSETS.get(str(request.path_params["name"]))
        if place is None:
            raise HTTPException(404)
        return FileResponse(
            self.templates / place,
            media_type="text/css" if place.endswith(".css") else "text/javascript",
            headers={"cache-control": "no-cache"},
        )

    async def show_entered(self, request: Request) -> Response:
        """Lead somebody who is let in already from the form to the first page."""
        del request
        return RedirectResponse("/", status_code=303)

    async def show_fault(self, request: Request, fault: Exception) -> Response:
        """Give the page for what is not there."""
        del request
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        if status == 404:  # noqa: PLR2004
            text = "There is no such page, or it is not meant for you."
            return self.pages.message(404, "Not found", text)
        return self.pages.message(status, "That did not work", "The server could not answer.")


def build_front(settings: ServeSettings, *, on_start: Callable[[], None]) -> Starlette:
    """Give the ASGI application that serves a workspace; it calls `on_start` when it does."""
    templates = share_folder("templates")
    pages = Pages(templates / "apps", workspace=settings.config.name)
    shelf = Shelf(settings.reports_out, settings.config.serve.audiences)
    front = Front(settings=settings, pages=pages, shelf=shelf, templates=templates)
    child = Child(settings)
    live = LiveFront(
        pages=pages,
        asking=Asking(settings.root, settings.config),
        child=child,
        relay=Relay(child.settings),
        exporter=Exporter(settings.root),
    )
    routes = [
        Route("/", front.show_portal),
        Route("/reports/", front.show_catalogue),
        Route(f"/reports/{{report}}/{LATEST}/{{name}}", front.show_latest),
        Route("/reports/{report}/{period}/{run}/{name}", front.show_file),
        Route("/assets/{name}", front.show_asset),
        Route("/login", front.show_entered, methods=["GET", "POST"]),
        *live.routes(),
    ]

    @asynccontextmanager
    async def run_live(_app: Starlette) -> AsyncIterator[None]:
        starting = asyncio.create_task(child.start())
        on_start()
        yield
        starting.cancel()
        await live.relay.close()
        child.end()

    return Starlette(
        routes=routes,
        middleware=[Middleware(Gate, settings=settings, pages=pages)],
        exception_handlers={HTTPException: front.show_fault, 500: front.show_fault},
        lifespan=run_live,
    )
