"""Keeps foreign pages out: checks the Origin of every connection to the console, and sends headers that forbid framing and sniffing."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.services import ConsoleServices

SOCKET = "/_nicegui_ws"
SECURITY_HEADERS = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def same_site(headers: Headers, allowed: frozenset[str], *, must_say: bool) -> bool:
    """Whether a request comes from a page of ours.

    The Origin header decides (RFC 6454): its host must be the one that is asked, or the origin must be in `allowed`. Browsers leave it
    out of same-origin GET requests; then `must_say` refuses, and otherwise Sec-Fetch-Site must not speak of another site.
    """
    origin = headers.get("origin")
    if origin is None:
        return not must_say and headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}
    named = origin.rstrip("/").lower()
    host = headers.get("host", "").lower()
    return named in allowed or bool(host and urlsplit(named).netloc == host)


class OriginGuard:
    """Refuses Socket.IO handshakes (WebSocket and polling) of foreign pages, and adds the security headers to everything else."""

    def __init__(self, app: ASGIApp, services: ConsoleServices) -> None:
        self.app = app
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
        elif SOCKET in scope["path"]:
            await self._connect(scope, receive, send)
        else:
            await self.app(scope, receive, _with_headers(send))

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_socket = scope["type"] == "websocket"
        if same_site(Headers(scope=scope), self.services.origins(), must_say=is_socket):
            await self.app(scope, receive, send)
        elif is_socket:
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign origin"})
        else:
            await PlainTextResponse("This origin is not allowed", status_code=403)(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(SECURITY_HEADERS)
        await send(message)

    return wrapped
