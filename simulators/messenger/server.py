"""The Graph API of the page, and the control API."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from simulators.messenger.world import DAY, Comment, Person, World
from simulators.telling import control


class Refused(Exception):
    """An error of the API: code, subcode, words, HTTP status."""

    def __init__(self, code: int, message: str, *, subcode: int | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.subcode, self.message, self.status = code, subcode, message, status


class Lost(Response):
    """An answer that breaks off."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the shape of ASGI
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


@dataclass
class Graph:
    """The API."""

    world: World

    def routes(self) -> list[Route]:
        """What is answered."""
        return [
            Route("/files/{name}", self._file),
            Route("/{version}/{page}/messages", self._guarded(self._messages), methods=["POST"]),
            Route("/{version}/{page}/message_attachments", self._guarded(self._upload), methods=["POST"]),
            Route("/{version}/{comment}/comments", self._guarded(self._answer), methods=["POST"]),
            Route("/{version}/{comment}/replies", self._guarded(self._answer), methods=["POST"]),
            Route("/{version}/{page}", self._guarded(self._page)),
        ]

    def _guarded(self, endpoint: Any) -> Any:
        async def answer(request: Request) -> Response:
            try:
                if request.headers.get("authorization") != f"Bearer {self.world.config.token}":
                    raise Refused(190, "Invalid OAuth access token", status=401)
                if self.world.failures and request.method == "POST":
                    code, subcode, status = self.world.failures.pop(0)
                    raise Refused(code, "simulated", subcode=subcode, status=status)
                found: Response = await endpoint(request)
                return found
            except Refused as refused:
                inner: dict[str, Any] = {"message": f"(#{refused.code}) {refused.message}", "type": "OAuthException", "code": refused.code}
                inner |= {"error_subcode": refused.subcode} if refused.subcode else {}
                return JSONResponse({"error": inner}, refused.status)

        return answer

    async def _page(self, _request: Request) -> Response:
        return JSONResponse({"id": self.world.config.page, "name": "Simulated page"})

    async def _messages(self, request: Request) -> Response:
        config = self.world.config
        if request.path_params["page"] != config.page:
            raise Refused(100, "no such page")
        body = await request.json()
        self.world.calls.append(("messages", body))
        message = dict(body["message"])
        self._check(message)
        person = self._recipient(body)
        message |= {"mid": self.world.mid(), "from": "page"}
        person.chat.append(message)
        if config.echo_first:
            await self._echo(person, message)
        else:
            self.world.later(self._echo(person, message))
        if config.lose > 0:
            config.lose -= 1
            return Lost()
        return JSONResponse({"recipient_id": person.id, "message_id": message["mid"]})

    def _recipient(self, body: dict[str, Any]) -> Person:
        recipient = body["recipient"]
        if "comment_id" in recipient:
            return self._privately(recipient["comment_id"])
        person = self.world.people.get(recipient["id"])
        if person is None:
            raise Refused(100, "No matching user found", subcode=2018001)
        age = time.time() - person.wrote
        tagged = body.get("messaging_type") == "MESSAGE_TAG" and body.get("tag") == "HUMAN_AGENT" and self.world.config.human_agent
        if age > DAY and not (tagged and age < 7 * DAY):
            raise Refused(10, "This message is sent outside of allowed window.", subcode=2018278)
        return person

    def _privately(self, name: str) -> Person:
        comment = self.world.comments.get(name)
        if comment is None:
            raise Refused(100, "no such comment")
        if comment.answered_privately:
            raise Refused(10900, "Activity already replied to")
        if time.time() - comment.at > 7 * DAY:
            raise Refused(10901, "The comment is too old")
        comment.answered_privately = True
        return self.world.person(comment.author)

    def _check(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        instagram = self.world.config.kind == "instagram"
        if text is not None and (len(text.encode()) > 1000 if instagram else len(text) > 2000):
            raise Refused(100, "Length of param message[text] must be less than or equal to 2000")
        if text is None and "attachment" not in message:
            raise Refused(100, "Empty message")
        replies = message.get("quick_replies") or ()
        if len(replies) > 13 or any(len(r["title"]) > 20 or len(r["payload"]) > 1000 for r in replies):
            raise Refused(100, "Invalid quick replies")
        attached = (message.get("attachment") or {}).get("payload") or {}
        if "attachment_id" in attached and attached["attachment_id"] not in self.world.files:
            raise Refused(100, "no such attachment", subcode=2018008)

    async def _echo(self, person: Person, message: dict[str, Any]) -> None:
        shown = {k: v for k, v in message.items() if k not in {"from", "quick_replies"}} | {"is_echo": True, "app_id": 1}
        sides = {"sender": {"id": self.world.config.page}, "recipient": {"id": person.id}}
        await self.world.tell({**sides, "timestamp": int(time.time() * 1000), "message": shown})

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            file = form["filedata"]
            if isinstance(file, str) or "attachment" not in json.loads(str(form["message"])):
                raise Refused(100, "filedata is missing")
            name = f"att{next(self.world.numbers)}"
            self.world.files[name] = (str(file.content_type), await file.read())
        return JSONResponse({"attachment_id": name})

    async def _file(self, request: Request) -> Response:
        found = self.world.files.get(request.path_params["name"])
        return Response(found[1], media_type=found[0]) if found else Response(status_code=404)

    async def _answer(self, request: Request) -> Response:
        parent = self.world.comments.get(request.path_params["comment"])
        body = await request.json()
        self.world.calls.append((request.url.path.rpartition("/")[2], body))
        if parent is None:
            raise Refused(100, "Object does not exist", subcode=33)
        if not body.get("message") or len(body["message"]) > 8000:
            raise Refused(100, "Invalid message")
        name = f"55_{next(self.world.numbers)}"
        self.world.comments[name] = Comment(name, parent.post, parent.id, self.world.config.page, body["message"], time.time())
        self.world.later(self.world.tell(self.world.change(name), name="changes"))
        return JSONResponse({"id": name})


def build(settings: dict[str, str] | None = None) -> tuple[Starlette, World]:
    """The application and what it knows."""
    world = World()
    for name, value in (settings or {}).items():
        setattr(world.config, name, value)

    async def act(action: str, values: dict[str, Any]) -> Any:
        known: dict[str, Any] = {"write": world.write, "tap": world.tap, "comment": world.comment}
        return await known[action](**values)

    def state() -> dict[str, Any]:
        comments = [vars(c) for c in world.comments.values()]
        return {"people": {p.id: p.chat for p in world.people.values()}, "comments": comments, "calls": world.calls}

    return Starlette(routes=[*control(act, state), *Graph(world).routes()]), world
