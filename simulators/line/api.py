"""The Messaging API: checks what an account sends against the documented limits, and answers as LINE does."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.line.world import Config, Json, World
from simulators.telling import control


class Refused(Exception):
    """LINE does not do this."""

    def __init__(self, status: int, message: str, *, headers: dict[str, str] | None = None, **body: Any) -> None:
        super().__init__(message)
        self.status, self.body, self.headers = status, {"message": message, **body}, headers or {}


def build(config: Config | None = None) -> tuple[Starlette, World]:
    """The application and what it knows."""
    world = World(config or Config())
    api = Api(world)
    routes = [
        Route("/v2/bot/message/reply", api.answer(api.reply), methods=["POST"]),
        Route("/v2/bot/message/push", api.answer(api.push), methods=["POST"]),
        Route("/v2/bot/message/quota", api.answer(lambda _r, _b: {"type": "limited", "value": world.config.quota})),
        Route("/v2/bot/message/quota/consumption", api.answer(lambda _r, _b: {"totalUsage": world.pushed})),
        Route("/v2/bot/message/{number}/content", api.content),
        Route("/v2/bot/profile/{user}", api.answer(api.profile)),
        Route("/v2/bot/info", api.answer(lambda _r, _b: {"userId": world.config.bot, "basicId": "@shop", "displayName": "The shop"})),
        Route("/v2/bot/channel/webhook/endpoint", api.answer(api.endpoint), methods=["PUT"]),
        Route("/v2/bot/channel/webhook/test", api.test, methods=["POST"]),
        *control(api.act, lambda: {"chats": world.chats, "blocked": sorted(world.blocked)}),
    ]
    return Starlette(routes=routes), world


class Api:
    """The calls."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def act(self, action: str, values: Json) -> Any:
        """The control API."""
        return await {name: getattr(self.world, name) for name in ("write", "press", "unsend", "follow")}[action](**values)

    def answer(self, do: Callable[[Request, Json], Json]) -> Callable[[Request], Any]:
        """An endpoint with LINE's login, errors and request id."""

        async def endpoint(request: Request) -> Response:
            headers = {"x-line-request-id": str(uuid.uuid4())}
            try:
                self._check_login(request)
                raw = await request.body()
                return JSONResponse(do(request, json.loads(raw) if raw else {}), headers=headers)
            except Refused as error:
                return JSONResponse(error.body, error.status, headers=headers | error.headers)

        return endpoint

    def _check_login(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.world.config.token}":
            raise Refused(401, "Authentication failed. Confirm that the access token in the authorization header is valid.")

    def reply(self, _request: Request, body: Json) -> Json:
        """With the token of an event: once, and within its time."""
        self._begin("reply", body)
        user, until = self.world.tokens.pop(body.get("replyToken", ""), ("", 0.0))
        if until < time.monotonic():
            raise Refused(400, "Invalid reply token")
        return self._deliver(user, body["messages"])

    def profile(self, request: Request, _body: Json) -> Json:
        """Who a user says they are; nobody is known who blocked the account."""
        user = request.path_params["user"]
        self.world.profiles.append(user)
        if user in self.world.blocked or user not in self.world.names:
            raise Refused(404, "Not found")
        return {"userId": user, "displayName": self.world.names[user], "language": "en"}

    def push(self, request: Request, body: Json) -> Json:
        """At any time; counted; the same retry key once."""
        self._begin("push", body)
        key = request.headers.get("x-line-retry-key")
        if key is not None:
            uuid.UUID(key)
        if key in self.world.keys:
            accepted, number = self.world.keys[key]
            headers = {"x-line-accepted-request-id": accepted}
            raise Refused(409, "The retry key is already accepted", headers=headers, sentMessages=[{"id": number}])
        if not str(body.get("to", "")).startswith("U") or len(body["to"]) != 33:
            raise Refused(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
        if self.world.pushed >= self.world.config.quota:
            raise Refused(429, "You have reached your monthly limit.")
        sent = self._deliver(body["to"], body["messages"])
        self.world.pushed += 1
        if key is not None:
            self.world.keys[key] = (str(uuid.uuid4()), sent["sentMessages"][0]["id"])
        if self.world.lost:
            self.world.lost -= 1
            raise Refused(500, "Internal Server Error")
        return sent

    def _begin(self, method: str, body: Json) -> None:
        self.world.calls.append((method, body))
        if self.world.errors:
            status, error = self.world.errors.pop(0)
            raise Refused(status, str(error.get("message", "")), headers=error.get("headers"))
        messages = body.get("messages")
        if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
            raise Refused(
                400, "The request body has 1 error(s)", details=[{"message": "Size must be between 1 and 5", "property": "messages"}]
            )
        for number, message in enumerate(messages):
            wrong = _wrong(message)
            if wrong:
                raise Refused(400, "The request body has 1 error(s)", details=[{"message": wrong, "property": f"messages[{number}]"}])

    def _deliver(self, user: str, messages: list[Json]) -> Json:
        """Who blocked the account gets nothing, and LINE does not say so."""
        sent = []
        for message in messages:
            number = self.world.number()
            sent.append({"id": number, "quoteToken": "q"})
            if user not in self.world.blocked:
                self.world.chats.setdefault(user, []).append({"from": "bot", "id": number, **message})
        return {"sentMessages": sent}

    async def content(self, request: Request) -> Response:
        """A file: 202 while it is worked on."""
        try:
            self._check_login(request)
        except Refused as error:
            return JSONResponse(error.body, error.status)
        number = request.path_params["number"]
        data, not_yet = self.world.contents.get(number, (None, 0))
        if data is None:
            return JSONResponse({"message": "Not found"}, 404)
        if not_yet:
            self.world.contents[number] = (data, not_yet - 1)
            return Response(status_code=202)
        return Response(data, media_type="application/octet-stream")

    def endpoint(self, _request: Request, body: Json) -> Json:
        """Where webhooks go."""
        self.world.config.hook_url = body["endpoint"]
        return {}

    async def test(self, _request: Request) -> Response:
        """LINE tries the webhook without events."""
        post = await self.world.tell()
        return JSONResponse(
            {"success": post.status == 200, "statusCode": post.status, "reason": "OK" if post.status == 200 else "ERROR_STATUS_CODE"}
        )


def _length(text: object) -> int:
    return len(str(text or "").encode("utf-16-le")) // 2


def _wrong(message: Json) -> str | None:
    """What is wrong with a message, or None."""
    kind = message.get("type")
    if kind == "text":
        items = (message.get("quickReply") or {}).get("items") or []
        if not 1 <= _length(message.get("text")) <= 5000:
            return "Length must be between 0 and 5000"
        return "Size must be between 1 and 13" if len(items) > 13 else _wrong_actions([i["action"] for i in items])
    if kind == "template":
        template = message["template"]
        if not 1 <= _length(message.get("altText")) <= 400 or not 1 <= _length(template.get("text")) <= 160:
            return "Length must be between 1 and 160"
        return "Size must be between 1 and 4" if not 1 <= len(template["actions"]) <= 4 else _wrong_actions(template["actions"])
    if kind == "image":
        urls = (message.get("originalContentUrl"), message.get("previewImageUrl"))
        return None if all(str(u).startswith("https://") for u in urls) else "Must be a valid HTTPS URL"
    return None if kind in {"location", "sticker", "video", "audio", "flex"} else "Must be one of the message types"


def _wrong_actions(actions: list[Json]) -> str | None:
    for action in actions:
        if not 1 <= _length(action.get("label")) <= 20 or _length(action.get("data")) > 300:
            return "Length must be between 1 and 20"
    return None
