"""The Graph API as far as WhatsApp's messaging needs it: messages, media, templates; with its errors, limits and windows."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from simulators.whatsapp.checks import Refused, check_body, need, placeholders
from simulators.whatsapp.limits import Limits
from simulators.whatsapp.pump import Pump
from simulators.whatsapp.world import Customer, Message, Stored, World

Endpoint = Callable[[Request], Awaitable[Response]]
MOST_MEDIA = {"image": 5, "video": 16, "audio": 16, "application": 100, "text": 100}
PAGE = 25


class Lost(Response):
    """An answer that breaks off: the caller never knows what became of the call."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the shape of ASGI
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


@dataclass
class Graph:
    """The API of one business account."""

    world: World
    pump: Pump
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        self.limits = Limits(self.world.config)

    def routes(self) -> list[Route]:
        """What is answered under /v<version>/."""
        return [
            Route("/{version}/{number}/messages", self._guarded(self._messages), methods=["POST"]),
            Route("/{version}/{number}/media", self._guarded(self._upload), methods=["POST"]),
            Route("/{version}/{waba}/message_templates", self._guarded(self._templates), methods=["GET"]),
            Route("/{version}/{waba}/message_templates", self._guarded(self._create_template), methods=["POST"]),
            Route("/files/{path}", self._guarded(self._download), methods=["GET"]),
            Route("/{version}/{thing}", self._guarded(self._thing), methods=["GET"]),
            Route("/{version}/{thing}", self._guarded(self._delete), methods=["DELETE"]),
        ]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            try:
                if request.headers.get("authorization") != f"Bearer {self.world.config.token}":
                    raise Refused(190, "Error validating access token: the session has been invalidated.", status=401)
                return await endpoint(request)
            except Refused as refused:
                return self._refuse(refused)
            except (KeyError, TypeError, ValueError) as wrong:
                return self._refuse(Refused(100, f"Invalid parameter: {type(wrong).__name__}"))

        return answer

    def _refuse(self, refused: Refused) -> Response:
        self.world.refused.append({"code": refused.code, "details": refused.details, "at": time.time()})
        return error(refused.code, refused.details, refused.status)

    async def _messages(self, request: Request) -> Response:
        config, rng = self.world.config, self.world.rng
        await asyncio.sleep(rng.uniform(*config.latency))
        if request.path_params["number"] != config.phone_number_id:
            raise Refused(33, "Unsupported post request: there is no such phone number.")
        body = await request.json()
        if body.get("status") == "read":
            return self._read(body)
        if rng.random() < config.fail_before:
            raise Refused(131000, "Something went wrong", status=500)
        customer = self._recipient(body)
        check_body(self.world, body)
        self.limits.check(customer.phone)
        failure = self.world.next_failure()
        if failure is not None and not failure.later:
            raise Refused(failure.code, failure.message, status=failure.status)
        message = await self._take(customer, body, failure.code if failure else None)
        if rng.random() < config.fail_after:
            return Lost()
        answer = {"input": body.get("to") or body.get("recipient"), "user_id": customer.user_id}
        contact = answer if customer.hidden else answer | {"wa_id": customer.phone}
        return JSONResponse({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message.id}]})

    def _recipient(self, body: dict[str, Any]) -> Customer:
        to, recipient = body.get("to"), body.get("recipient")
        if to is not None and not str(to).lstrip("+").isdigit():
            raise Refused(100, "Invalid parameter: to is not a phone number")
        if to is None and recipient is None:
            raise Refused(131008, "The parameter to is required.")
        if to and to.lstrip("+") == self.world.config.display_phone:
            raise Refused(131021, "Recipient phone number cannot be sender phone number.")
        found = self.world.find(to=to, recipient=recipient)
        if found is None and recipient and not to:
            raise Refused(131062, "There is no such business-scoped user id here.")
        return found or self.world.customer(str(to).lstrip("+"))

    async def _take(self, customer: Customer, body: dict[str, Any], fails: int | None) -> Message:
        """The message is accepted: it stands in the chat, and statuses follow."""
        config, rng = self.world.config, self.world.rng
        kind = body.get("type", "text")
        if not self.world.window_open(customer) and kind != "template":
            if config.window_at_once:
                raise Refused(131047, "More than 24 hours have passed since the customer last replied to this number.")
            fails = 131047
        if customer.blocked:
            fails = fails or 131026
        if kind == "reaction":
            self.world.messages[body["reaction"]["message_id"]].reaction = body["reaction"].get("emoji") or None
        shown = {"type": kind, kind: body[kind]} | ({"context": body["context"]} if body.get("context") else {})
        message = self.world.add(customer, out=False, body=shown, key=body.get("biz_opaque_callback_data"))
        message.state = "accepted"
        self.world.typing.pop(customer.phone, None)
        if fails is not None:
            message.state = "failed"
            self.pump.tell_status(message, "failed", after=rng.uniform(*config.status_delay), code=fails)
        else:
            self.pump.follow(self._statuses(message))
            if rng.random() < config.status_first:
                await asyncio.sleep(0.3)
        return message

    async def _statuses(self, message: Message) -> None:
        """Sent, delivered, and read where customers read by themselves."""
        config, rng = self.world.config, self.world.rng
        states = ["sent", "delivered", "read"] if config.read_by_itself else ["sent", "delivered"]
        if rng.random() < config.skip_delivered and len(states) > 2:
            states.remove("delivered")
        for state in states if message.body["type"] != "reaction" else ["sent"]:
            await asyncio.sleep(rng.uniform(*config.status_delay))
            if message.state != "read":
                message.state = state
                self.world.version += 1
                self.pump.tell_status(message, state)

    def _read(self, body: dict[str, Any]) -> Response:
        message = self.world.messages.get(need(body.get("message_id"), "message_id"))
        if message is None or not message.out:
            raise Refused(100, "Invalid parameter: there is no such message.")
        for earlier in self.world.chats[message.customer]:
            if earlier.out and earlier.number <= message.number:
                earlier.state = "read"
        if body.get("typing_indicator"):
            self.world.typing[message.customer] = time.time() + 25.0
        self.world.version += 1
        return JSONResponse({"success": True})

    async def _upload(self, request: Request) -> Response:
        async with request.form(max_part_size=101 * 2**20) as form:
            file = form["file"]
            if isinstance(file, str) or form.get("messaging_product") != "whatsapp":
                raise Refused(100, "Invalid parameter: file")
            data, kind = await file.read(), str(form.get("type") or file.content_type)
            name = file.filename or "file"
        if len(data) > MOST_MEDIA.get(kind.partition("/")[0], 100) * 2**20:
            raise Refused(131053, "Media upload error: the file is too large.")
        return JSONResponse({"id": self.world.keep(data, kind, name).id})

    async def _thing(self, request: Request) -> Response:
        thing = request.path_params["thing"]
        if thing == self.world.config.phone_number_id:
            number = {"display_phone_number": self.world.config.display_phone, "verified_name": "Simulated", "id": thing}
            return JSONResponse(number | {"quality_rating": "GREEN"})
        stored = self._file(thing)
        stored.path, stored.until = secrets.token_urlsafe(16), time.time() + self.world.config.url_seconds
        url = str(request.base_url) + f"files/{stored.path}"
        size = {"file_size": str(len(stored.data)), "mime_type": stored.type, "sha256": stored.sha256}
        return JSONResponse({"messaging_product": "whatsapp", "id": stored.id, "url": url} | size)

    async def _delete(self, request: Request) -> Response:
        del self.world.files[self._file(request.path_params["thing"]).id]
        return JSONResponse({"success": True})

    def _file(self, media_id: str) -> Stored:
        stored = self.world.files.get(media_id)
        if stored is None:
            raise Refused(100, "Unsupported get request: there is no such object.")
        return stored

    async def _download(self, request: Request) -> Response:
        path = request.path_params["path"]
        stored = next((f for f in self.world.files.values() if f.path == path and f.until > time.time()), None)
        if stored is None:
            return Response(status_code=404)
        return Response(stored.data, media_type=stored.type)

    async def _templates(self, request: Request) -> Response:
        self._check_waba(request)
        after, limit = int(request.query_params.get("after") or 0), int(request.query_params.get("limit") or PAGE)
        page = self.world.templates[after : after + limit]
        cursors = {"before": str(after), "after": str(after + len(page))}
        more = after + limit < len(self.world.templates)
        return JSONResponse({"data": page, "paging": {"cursors": cursors} | ({"next": str(request.url)} if more else {})})

    async def _create_template(self, request: Request) -> Response:
        self._check_waba(request)
        body = await request.json()
        name = need(body.get("name"), "name", most=512)
        if not all(c.islower() or c.isdigit() or c == "_" for c in name):
            raise Refused(100, "Invalid parameter: name may have lower-case letters, digits and underscores")
        if any((t["name"], t["language"]) == (name, body["language"]) for t in self.world.templates):
            raise Refused(100, "There is already content in this language for this template.")
        for component in body["components"]:
            if component["type"].lower() == "body":
                need(component.get("text"), "text", most=1024)
                if placeholders(component["text"]) and not component.get("example"):
                    raise Refused(100, "Invalid parameter: variables need examples")
        category = str(body["category"]).upper()
        number = str(7 * 10**14 + len(self.world.templates))
        known = {"id": number, "name": name, "language": body["language"], "category": category, "status": "PENDING"}
        self.world.templates.append(known | {"components": body["components"]})
        return JSONResponse({"id": number, "status": "PENDING", "category": category})

    def _check_waba(self, request: Request) -> None:
        if request.path_params["waba"] != self.world.config.waba_id:
            raise Refused(33, "Unsupported request: there is no such business account.")


def error(code: int, details: str, status: int) -> JSONResponse:
    """The provider's error object."""
    data = {"messaging_product": "whatsapp", "details": details}
    inner = {
        "message": f"(#{code}) {details}",
        "type": "OAuthException",
        "code": code,
        "error_data": data,
        "fbtrace_id": secrets.token_hex(8),
    }
    return JSONResponse({"error": inner}, status_code=status)
