"""Where providers call: GET and POST /hooks/<channel>/<account>. Checked on the raw body, stored, and only then acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from channels.accounts import Accounts
from channels.base import Account, Answer, Answering, Door, Hook, NamedDeliveries, ShapeError
from channels.intake import store_delivery
from kit.db import Database
from kit.errors import BatonError, NotFoundError, UnavailableError

MAX_BYTES = 5_000_000


class TooLargeError(BatonError):
    """The body is larger than 5,000,000 bytes."""

    status = 413


@dataclass(frozen=True)
class HookServices:
    """What the routes need. `public_url`: as providers call us, whatever proxies say; some sign it."""

    database: Database
    accounts: Accounts
    doors: Mapping[str, Door]
    public_url: str = ""


def hooks_router(services: HookServices) -> APIRouter:
    """The routes. They ask for no login: the provider's signature is the right."""
    router = APIRouter(prefix="/hooks", tags=["webhooks"], include_in_schema=False)

    @router.get("/{channel}/{account}")
    async def greet(channel: str, account: str, request: Request) -> Response:
        """The provider's handshake."""
        door, known = await find_door(services, channel, account)
        return respond(door.greet(_hook(services, request, b""), known))

    @router.post("/{channel}/{account}")
    async def receive(channel: str, account: str, request: Request) -> Response:
        """Stores what the provider sends; 200 after the commit."""
        return await take_hook(services, channel, account, request)

    return router


@dataclass(frozen=True)
class Taken:
    """A webhook that was stored, whose it is, and what is answered to it."""

    hook: Hook
    account: Account
    answer: Answer


async def take_hook(services: HookServices, channel: str, account: str, request: Request) -> Response:
    """Checks and stores a webhook; the answer to it, after the commit. Raises BatonError."""
    return respond((await take_in(services, channel, account, request)).answer)


async def take_in(services: HookServices, channel: str, account: str, request: Request) -> Taken:
    """The same, for who has more to say to it. Raises BatonError."""
    door, known = await find_door(services, channel, account)
    hook = _hook(services, request, await _body(request))
    door.check(hook, known)
    delivery = door.delivery(hook) if isinstance(door, NamedDeliveries) else None
    try:
        stored = await store_delivery(services.database, channel=channel, account=account, body=hook.body, delivery=delivery)
    except psycopg.Error:
        raise UnavailableError("This could not be stored; send it again") from None
    return Taken(hook, known, door.answer(hook, known, stored) if isinstance(door, Answering) else Answer())


async def find_door(services: HookServices, channel: str, account: str) -> tuple[Door, Account]:
    """Whose webhook it is. Raises NotFoundError."""
    door, known = services.doors.get(channel), await services.accounts.find(channel, account)
    if door is None or known is None:
        raise NotFoundError("There is no such webhook")
    return door, known


async def _body(request: Request) -> bytes:
    """The raw body. Raises TooLargeError as soon as it is too large."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BYTES:
                raise TooLargeError
    except ClientDisconnect:
        raise ShapeError("The body broke off") from None  # nobody waits for this answer; the provider sends it again
    return bytes(body)


def _hook(services: HookServices, request: Request, body: bytes) -> Hook:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.scope["headers"]}
    url = str(request.url)
    if services.public_url:
        query = request.scope["query_string"].decode("latin-1")
        url = services.public_url.rstrip("/") + request.url.path + (f"?{query}" if query else "")
    return Hook(request.method, url, dict(request.query_params), headers, body)


def respond(answer: Answer) -> Response:
    """The response that says it."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(answer.body, status_code=answer.status, media_type=answer.type, headers=headers)
