"""SMTP, IMAP and the control API in one process."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from email.message import Message
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from starlette.applications import Starlette

from simulators.email.imap import REFUSED_TOKEN, start_imap
from simulators.email.tokens import Refusal, token_route
from simulators.email.world import Failure, Taken, World
from simulators.telling import control


@dataclass
class Post:
    """What SMTP does with a mail."""

    world: World

    def login(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        """The login of the mailbox."""
        known = isinstance(data, LoginPassword) and self.world.lets_in(data.login.decode(), data.password.decode(), token=False)
        return AuthResult(success=known, handled=known, message=None if known else "535 5.7.8 wrong user or password")

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """The login of the mailbox by access token: a refused one is told why, and then refused."""
        user, _, token = base64.b64decode(args[1]).decode().partition("\x01")
        if self.world.lets_in(user.removeprefix("user="), token.removeprefix("auth=Bearer ").strip("\x01"), token=True):
            return AuthResult(success=True)
        await server.challenge_auth(REFUSED_TOKEN.decode())
        return AuthResult(success=False, handled=False, message="535 5.7.8 Username and Password not accepted")

    async def handle_MAIL(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """The sender."""
        if failure := self.world.failure_at("MAIL"):
            return failure.answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:
        """The recipient."""
        if failure := self.world.failure_at("RCPT"):
            return failure.answer
        if address in self.world.unknown:
            return "550 5.1.1 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """The mail itself."""
        failure = self.world.failure_at("DATA")
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        if failure is None or failure.lost:
            self.world.sent.append(Taken(envelope.mail_from or "", list(envelope.rcpt_tos), content, time.time()))
        if failure is not None and failure.lost:
            cast(asyncio.Transport, server.transport).abort()  # uvloop's transports are of another family
        return failure.answer if failure is not None else "250 2.0.0 taken"


def _payload(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def shown(mail: Taken) -> dict[str, Any]:
    """A sent mail for the control API."""
    parsed = message_from_bytes(mail.raw, policy=policy.default)
    body = parsed.get_body(("plain",))
    files = [{"name": p.get_filename(), "type": p.get_content_type(), "size": len(_payload(p))} for p in parsed.iter_attachments()]
    headers = {name: str(value) for name, value in parsed.items()}
    text = body.get_content().replace("\r\n", "\n") if body is not None else ""
    return {"sender": mail.sender, "to": mail.to, "headers": headers, "text": text, "files": files, "raw": mail.raw.decode("latin-1")}


def arrive(world: World, values: dict[str, Any]) -> list[int]:
    """A mail comes, once or several times; its numbers."""
    day = date.fromisoformat(values["day"]) if values.get("day") else None
    return [world.arrive(base64.b64decode(values["raw"]), day=day) for _ in range(values.get("times", 1))]


def change(known: object, values: dict[str, Any]) -> None:
    """Sets what is named; a list is a set."""
    for name, value in values.items():
        setattr(known, name, set(value) if isinstance(value, list) else value)


def actions(world: World) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """What the control API can do."""
    return {
        "arrive": lambda values: arrive(world, values),
        "renumber": lambda _values: world.renumber(),
        "fail": lambda values: world.failures.append(Failure(**values)),
        "reset": lambda _values: world.reset(),
        "refuse_tokens": lambda values: world.tokens.refusals.append(Refusal(**values)),
        "tokens": lambda values: change(world.tokens, values),
        "set": lambda values: change(world, values),
    }


def build(settings: dict[str, str]) -> tuple[Starlette, World]:
    """The control API's application; SMTP and IMAP run as long as it does."""
    world = World()
    world.user, world.password = settings.get("user", world.user), settings.get("password", world.password)
    post = Post(world)
    ports = int(settings.get("smtp_port") or 1025), int(settings.get("imap_port") or 1143)
    known = actions(world)

    async def act(action: str, values: dict[str, Any]) -> Any:
        return known[action](values)

    def state() -> dict[str, Any]:
        box = [{"uid": m.uid, "flags": sorted(m.flags), "size": len(m.raw)} for m in world.box]
        asked = {"tokens": world.tokens.requests, "refresh_token": world.tokens.refresh_token}
        return {"box": box, "sent": [shown(m) for m in world.sent], "logins": world.logins, "validity": world.validity} | asked

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        smtp = await loop.create_server(lambda: _smtp(post, loop), "127.0.0.1", ports[0])
        imap = await start_imap(world, ports[1])
        yield
        smtp.close()
        imap.close()

    return Starlette(routes=[*control(act, state), token_route(world.tokens)], lifespan=lifespan), world


def _smtp(post: Post, loop: asyncio.AbstractEventLoop) -> SMTP:
    return SMTP(
        post, hostname="simulated", loop=loop, authenticator=post.login, auth_required=True, auth_require_tls=False, enable_SMTPUTF8=True
    )
