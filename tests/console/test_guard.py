"""Foreign pages cannot open a connection to the console."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from console.guard import OriginGuard, same_site
from console.services import ConsoleServices

PATH = "/console/_nicegui_ws/socket.io/"


@pytest.mark.parametrize(
    ("headers", "must_say", "allowed"),
    [
        ({"host": "shop.example", "origin": "https://shop.example"}, True, True),
        ({"host": "shop.example", "origin": "https://SHOP.example"}, True, True),
        ({"host": "shop.example", "origin": "https://evil.example"}, True, False),
        ({"host": "shop.example", "origin": "https://shop.example.evil.example"}, True, False),
        ({"host": "shop.example", "origin": "https://shop.example:8443"}, True, False),
        ({"host": "shop.example", "origin": "null"}, True, False),
        ({"host": "", "origin": "null"}, True, False),
        ({"host": "inner:8000", "origin": "https://desk.example"}, True, True),
        ({"host": "shop.example"}, True, False),
        ({"host": "shop.example"}, False, True),
        ({"host": "shop.example", "sec-fetch-site": "cross-site"}, False, False),
        ({"host": "shop.example", "sec-fetch-site": "same-site"}, False, False),
    ],
)
def test_only_pages_of_the_same_host_or_named_ones_are_ours(headers: dict[str, str], must_say: bool, allowed: bool) -> None:
    assert same_site(Headers(headers), frozenset({"https://desk.example"}), must_say=must_say) is allowed


async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    """The application behind the guard: says yes to everything."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def answer(services: ConsoleServices, kind: str, path: str, headers: dict[str, str]) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request", "body": b""}

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": kind, "path": path, "headers": raw, "method": "GET", "query_string": b""}
    await OriginGuard(behind, services)(scope, receive, send)
    return sent


async def test_a_web_socket_of_a_foreign_page_is_refused(services: ConsoleServices) -> None:
    foreign = {"host": "shop.example", "origin": "https://evil.example"}
    assert [m["type"] for m in await answer(services, "websocket", PATH, foreign)] == ["websocket.close"]


async def test_a_web_socket_of_our_page_is_accepted(services: ConsoleServices) -> None:
    ours = {"host": "shop.example", "origin": "https://shop.example"}
    assert [m["type"] for m in await answer(services, "websocket", PATH, ours)] == ["websocket.accept"]


async def test_polling_from_a_foreign_page_is_refused(services: ConsoleServices) -> None:
    foreign = {"host": "shop.example", "origin": "https://evil.example"}
    assert (await answer(services, "http", PATH, foreign))[0]["status"] == 403


async def test_pages_forbid_to_be_framed(services: ConsoleServices) -> None:
    headers = dict((await answer(services, "http", "/console/", {"host": "shop.example"}))[0]["headers"])
    assert headers[b"x-frame-options"] == b"DENY"
