"""The system: it signs what its users do, checks what it is sent, and shows it to them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.telling import Post, Teller, control

Json = dict[str, Any]
ADA = "u-42"


@dataclass
class Config:
    """The secret that both sides sign with, and where Baton listens."""

    secret: str = "whsec_" + base64.b64encode(b"a simulated secret of 32 letters").decode()
    hook_url: str = ""


@dataclass
class System:
    """What it knows. `errors`: the next answers to messages, as (status, headers); `lost`: taken, and answered with 500 all the same."""

    config: Config = field(default_factory=Config)
    got: dict[str, Json] = field(default_factory=dict)
    tries: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    errors: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    lost: int = 0
    forged: int = 0
    teller: Teller = field(default_factory=Teller)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def signed(self, body: bytes, *, name: str | None = None, at: float | None = None) -> dict[str, str]:
        """The headers of a webhook, as Standard Webhooks has them."""
        name, stamp = name or f"evt_{next(self._numbers)}", str(int(at if at is not None else time.time()))
        signature = self.sign(name, stamp, body)
        return {"Content-Type": "application/json", "webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signature}

    def sign(self, name: str, stamp: str, body: bytes) -> str:
        """One signature."""
        key = base64.b64decode(self.config.secret.removeprefix("whsec_"))
        mac = hmac.new(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
        return "v1," + base64.b64encode(mac).decode()

    async def tell(self, kind: str, data: Json, *, name: str | None = None) -> Post:
        """Posts an event to Baton."""
        event = {"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": data}
        body = json.dumps(event, ensure_ascii=False).encode()
        return await self.teller.tell(self.config.hook_url, body, self.signed(body, name=name))

    async def write(self, text: str = "", user: str = ADA, **data: Any) -> Post:
        """A user writes; `content` says what else than text it is."""
        content = data.pop("content", {"type": "text", "text": text})
        person = {"id": user, "name": "Ada Example", "email": "ada@example.com", "locale": "pt-BR"}
        return await self.tell("message.received", {"message_id": f"m-{next(self._numbers)}", "user": person, "content": content, **data})

    async def choose(self, title: str, user: str = ADA) -> Post:
        """A user chooses an option that was offered. Raises ValueError."""
        for event in reversed(list(self.got.values())):
            for option in event["data"]["content"]["options"]:
                if option["title"] == title:
                    return await self.write(user=user, content={"type": "choice", **option})
        raise ValueError(f"no option {title!r}")

    async def status(self, delivery: str, status: str) -> Post:
        """How far a message of Baton got."""
        return await self.tell("message.status", {"delivery": delivery, "status": status})

    def said(self) -> list[str]:
        """What Baton has said."""
        return [str(event["data"]["content"]["text"]) for event in self.got.values()]


def build(config: Config | None = None) -> tuple[Starlette, System]:
    """The application and what it knows."""
    system = System(config or Config())

    async def receive(request: Request) -> Response:
        return _receive(system, request, await request.body())

    async def file(request: Request) -> Response:
        data = system.files.get(request.path_params["name"])
        return Response(data) if data is not None else Response(status_code=404)

    async def act(action: str, values: Json) -> Any:
        return await {name: getattr(system, name) for name in ("write", "choose", "status", "tell")}[action](**values)

    def state() -> Json:
        return {"got": system.got, "forged": system.forged}

    routes = [Route("/baton", receive, methods=["POST"]), Route("/files/{name}", file), *control(act, state)]
    return Starlette(routes=routes), system


def _receive(system: System, request: Request, body: bytes) -> Response:
    """Takes a message of Baton: checked, once for each name."""
    name, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "0")
    given = request.headers.get("webhook-signature", "").split()
    if system.sign(name, stamp, body) not in given or abs(time.time() - int(stamp)) > 300:
        system.forged += 1
        return JSONResponse({"error": "signature"}, 401)
    event = json.loads(body)
    if event["type"] == "test":
        return JSONResponse({})
    system.tries.append(name)
    if system.errors:
        status, headers = system.errors.pop(0)
        return JSONResponse({}, status, headers=headers)
    system.got.setdefault(name, event)
    if system.lost:
        system.lost -= 1
        return JSONResponse({}, 500)
    return JSONResponse({"message_id": f"shown-{list(system.got).index(name) + 1}"})
