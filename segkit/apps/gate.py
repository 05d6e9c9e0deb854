"""Stand before every request: is it for us, from a page of ours, and from somebody we know.

A foreign Host is refused, so that a name which somebody points at this machine opens nothing. A
foreign Origin is refused wherever something could change, so that no other page acts in a reader's
name. Only then is asked who reads.
"""

from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segkit.apps.access import COOKIE, SESSION_S, SecretAccess
from segkit.apps.pages import Pages
from segkit.apps.settings import ServeSettings

LOGIN = "/login"
ASSETS = "/assets/"
MOST_BODY = 4096
ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}


class Gate:
    """ASGI application around another: refuses, asks for a secret, or lets a reader through."""

    def __init__(self, app: ASGIApp, settings: ServeSettings, pages: Pages) -> None:
        self._app = app
        self._settings = settings
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refuse(scope, headers)
        if refusal is None:
            lowered = {name.lower(): value for name, value in headers.items()}
            cookies = cookie_parser(headers.get("cookie", ""))
            reader = self._settings.access.find_reader(lowered, cookies)
            scope.setdefault("state", {})["reader"] = reader
            if reader is None and not scope["path"].startswith(ASSETS):
                refusal = await self._ask(Request(scope, receive), scope)
        app = self._app if refusal is None else refusal
        if scope["type"] == "websocket" and refusal is not None:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        await app(scope, receive, _with_headers(send))

    def _refuse(self, scope: Scope, headers: Headers) -> Response | None:
        if len(headers.getlist("host")) != 1 or not self._settings.is_own_host(headers["host"]):
            return self._pages.message(
                421,
                "This address is not ours",
                "The server does not answer under this name. Ask under its own name, or add this "
                "one to `hosts` under [serve] in segkit.toml.",
            )
        origin = headers.get("origin")
        changes = scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD"}
        if changes and origin is not None and urlsplit(origin).netloc != headers["host"]:
            return self._pages.message(
                403, "Another page asked", "Only this server's own pages may do that."
            )
        return None

    async def _ask(self, request: Request, scope: Scope) -> Response:
        """Give what somebody unknown gets: a page that asks for a secret, or a refusal."""
        access = self._settings.access
        if not isinstance(access, SecretAccess):
            return self._pages.message(
                403,
                "Nobody vouches for you",
                "Reports are read through the proxy that knows their readers.",
            )
        if scope["type"] == "websocket":
            return self._pages.message(403, "Not let in", "Open the page again and sign in.")
        if request.method == "POST" and request.url.path == LOGIN:
            said = parse_qs((await _body(request)).decode("utf-8", "replace"))
            secret, goal = said.get("secret", [""])[0], said.get("next", ["/"])[0]
        else:
            secret = request.query_params.get("token", "")
            goal = _address(request)
        if not secret:
            return self._pages.login(goal)
        if not await run_in_threadpool(access.is_right, secret):
            status = 429 if access.is_tired else 401
            return self._pages.login(goal, status=status, is_wrong=True)
        return _enter(request, access, goal)


def _address(request: Request) -> str:
    """Give path and query of a request, without the token."""
    rest = [(k, v) for k, v in request.query_params.multi_items() if k != "token"]
    path = "/" if request.url.path == LOGIN else request.url.path
    return f"{path}?{urlencode(rest)}" if rest else path


def _enter(request: Request, access: SecretAccess, goal: str) -> Response:
    """Give the answer that signs a reader in and leads to the page that was asked for."""
    parts = urlsplit(goal)
    is_ours = goal.startswith("/") and not goal.startswith(("//", "/\\")) and not parts.netloc
    answer = RedirectResponse(goal if is_ours else "/", status_code=303)
    is_secure = request.url.scheme == "https"
    answer.set_cookie(
        COOKIE, access.sign(), max_age=SESSION_S, httponly=True, samesite="lax", secure=is_secure
    )
    return answer


async def _body(request: Request) -> bytes:
    """Give the first bytes of a body; a secret is short."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BODY:
            return b""
    return body


def _with_headers(send: Send) -> Send:
    """Give a sender that adds to every answer what keeps browsers from guessing and framing."""

    async def send_more(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            more = [(n, v) for n, v in ALWAYS.items() if n not in present]
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return send_more
