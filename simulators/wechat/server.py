"""The API of the Official Account, its people, and the control API."""

from __future__ import annotations

import itertools
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.telling import Post, control
from simulators.wechat.push import push, signed, xml_of

MOST = 5
HOURS = 48 * 3600.0
LIMITS = {"image": 10, "voice": 2, "video": 10}


@dataclass
class Person:
    """A follower."""

    openid: str
    wrote: float = 0.0
    sent: int = 0  # by the account, since they last wrote
    follows: bool = True
    chat: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class World:
    """Everything, in memory."""

    hook_url: str = ""
    account: str = "gh_simulated"
    app_id: str = "wx1234567890abcdef"
    app_secret: str = "simulated-app-secret"  # noqa: S105 - invented
    token: str = "simulatedtoken"  # noqa: S105 - invented
    aes_key: str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    mode: str = "safe"
    quota: int = MOST
    access: str = ""
    expires: float = 0.0
    tokens: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(23_456_789_012_345_678))

    def person(self, openid: str = "oAnn") -> Person:
        """A follower, made when not there."""
        return self.people.setdefault(openid, Person(openid))

    async def tell(self, openid: str = "oAnn", *, at: int | None = None, **fields: object) -> Post:
        """Pushes what somebody did."""
        person = self.person(openid)
        stamp = at or int(time.time())
        whole = {"ToUserName": self.account, "FromUserName": openid, "CreateTime": stamp, **fields}
        if fields.get("MsgType") != "event":
            whole.setdefault("MsgId", next(self.numbers))
            person.wrote, person.sent = time.time(), 0
        return await self.send(xml_of(whole))

    async def send(self, xml: bytes, *, at: int | None = None) -> Post:
        """Pushes this XML."""
        key = self.aes_key if self.mode == "safe" else None
        query, body = signed(xml, account=self.account, token=self.token, aes_key=key, app_id=self.app_id, at=at)
        post, _tries = await push(self.hook_url, query, body)
        self.posts.append(post)
        return post

    async def write(self, text: str, openid: str = "oAnn", **more: Any) -> Post:
        """Somebody writes."""
        self.person(openid).chat.append({"from": "customer", "text": text})
        return await self.tell(openid, MsgType="text", Content=text, **more)

    async def choose(self, title: str, openid: str = "oAnn") -> Post:
        """Somebody taps a choice of the last menu."""
        menu = next(m["msgmenu"] for m in reversed(self.person(openid).chat) if m.get("msgtype") == "msgmenu")
        row = next(r for r in menu["list"] if r["content"] == title)
        return await self.write(title, openid, bizmsgmenuid=row["id"])

    def said(self, openid: str = "oAnn") -> list[str]:
        """The texts that the account sent."""
        return [m["text"]["content"] for m in self.person(openid).chat if m.get("msgtype") == "text"]


@dataclass
class Api:
    """The API; errors come in HTTP 200."""

    world: World

    def routes(self) -> list[Route]:
        """What is answered."""
        return [
            Route("/cgi-bin/stable_token", self._token, methods=["POST"]),
            Route("/cgi-bin/message/custom/send", self._send, methods=["POST"]),
            Route("/cgi-bin/message/custom/typing", self._typing, methods=["POST"]),
            Route("/cgi-bin/media/upload", self._upload, methods=["POST"]),
            Route("/cgi-bin/media/get", self._file),
        ]

    async def _token(self, request: Request) -> Response:
        body, world = await request.json(), self.world
        if body.get("appid") != world.app_id:
            return _wrong(40013, "invalid appid")
        if body.get("secret") != world.app_secret:
            return _wrong(40125, "invalid appsecret")
        if body.get("force_refresh") or world.expires < time.time():
            world.access, world.expires = secrets.token_hex(16), time.time() + 7200
        world.tokens += 1
        return JSONResponse({"access_token": world.access, "expires_in": int(world.expires - time.time())})

    def _refusal(self, request: Request) -> Response | None:
        world = self.world
        if request.query_params.get("access_token") != world.access:
            return _wrong(40001, "invalid credential, access_token is invalid or not latest")
        if world.expires < time.time():
            return _wrong(42001, "access_token expired")
        return _wrong(world.failures.pop(0), "simulated") if world.failures else None

    async def _send(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        raw = (await request.body()).decode()
        body = json.loads(raw if "\\u" not in raw else raw.replace("\\u", "\\\\u"))  # escaped letters are shown as they stand
        self.world.calls.append(("send", body))
        person = self.world.people.get(body["touser"])
        if person is None:
            return _wrong(40003, "invalid openid")
        if not person.follows:
            return _wrong(43004, "require subscribe")
        if time.time() - person.wrote > HOURS:
            return _wrong(45015, "response out of time limit or subscription is canceled")
        if person.sent >= self.world.quota:
            return _wrong(45047, "out of response count limit")
        if body["msgtype"] == "text" and len(body["text"]["content"].encode()) > 2048:
            return _wrong(45002, "content size out of limit")
        media = body.get(body["msgtype"], {}).get("media_id")
        if body["msgtype"] in LIMITS and media not in self.world.files:
            return _wrong(40007, "invalid media_id")
        person.sent += 1
        person.chat.append({**body, "from": "account"})
        return JSONResponse({"errcode": 0, "errmsg": "ok"})

    async def _typing(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"errcode": 0, "errmsg": "ok"})

    async def _upload(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        kind = request.query_params["type"]
        async with request.form() as form:
            file = form["media"]
            if isinstance(file, str):
                return _wrong(41005, "media data missing")
            data, name = await file.read(), f"media{next(self.world.numbers)}"
        if len(data) > LIMITS[kind] * 2**20:
            return _wrong(45001, "media size out of limit")
        self.world.files[name] = (str(file.content_type), data)
        return JSONResponse({"type": kind, "media_id": name, "created_at": int(time.time())})

    async def _file(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        found = self.world.files.get(request.query_params.get("media_id", ""))
        return Response(found[1], media_type=found[0]) if found else _wrong(40007, "invalid media_id")


def _wrong(code: int, words: str) -> Response:
    return JSONResponse({"errcode": code, "errmsg": words})


def build(settings: dict[str, str] | None = None) -> tuple[Starlette, World]:
    """The application and what it knows."""
    world = World()
    for name, value in (settings or {}).items():
        setattr(world, name, value)

    async def act(action: str, values: dict[str, Any]) -> Any:
        known: dict[str, Any] = {"write": world.write, "choose": world.choose, "tell": world.tell}
        return await known[action](**values)

    def state() -> dict[str, Any]:
        return {"people": {p.openid: p.chat for p in world.people.values()}, "calls": world.calls, "tokens": world.tokens}

    return Starlette(routes=[*control(act, state), *Api(world).routes()]), world
