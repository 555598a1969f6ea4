"""Rasa's HTTP API: version, status, parsing, and conversations by their tracker. What only the bot knows is asked of a worker."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from channels.rasa.access import Access
from channels.rasa.bodies import rasa_errors, read_json
from channels.rasa.finding import find_address, find_conversation
from channels.rasa.show import collected
from channels.rasa.types import MINIMUM_COMPATIBLE, REST, VERSION, Address, RasaError
from channels.rasa.waiting import Waiter
from context.inbound import MAX_TEXT
from context.types import Handler, Inbound, Status

VERBOSITIES = ("NONE", "APPLIED", "AFTER_RESTART", "ALL")
Handle = Callable[[Request, str], Awaitable[Response]]


class Worker(Protocol):
    """Whoever holds model and bot."""

    async def ask(self, question: str, **arguments: Any) -> Any:
        """The answer to status, parse, tracker, append, replace, message, story, predict or knows_intent. Raises BatonError."""


@dataclass(frozen=True)
class ApiServices:
    """What the API needs. `base_url` makes links to articles absolute."""

    access: Access
    worker: Worker
    waiter: Waiter
    base_url: str


def api_router(services: ApiServices) -> APIRouter:
    """The routes of Rasa's HTTP API. /version is open; each other one checks `Access`."""
    router = APIRouter(tags=["rasa"], include_in_schema=False)
    _add_model_routes(router, services)
    talks = Talks(services)
    for method, path, handle in (
        ("GET", "tracker", talks.tracker),
        ("POST", "tracker/events", talks.append),
        ("PUT", "tracker/events", talks.replace),
        ("POST", "trigger_intent", talks.trigger),
        ("POST", "messages", talks.message),
        ("GET", "story", talks.story),
        ("POST", "predict", talks.predict),
        ("POST", "execute", talks.execute),
    ):
        _add_talk_route(router, services.access, (method, path), handle)
    return router


def _add_talk_route(router: APIRouter, access: Access, route: tuple[str, str], handle: Handle) -> None:
    method, path = route

    @router.api_route(f"/conversations/{{conversation_id:path}}/{path}", methods=[method])
    @rasa_errors
    async def talk(request: Request, conversation_id: str) -> Response:
        access.check(request, conversation_id)
        return await handle(request, conversation_id)


def _add_model_routes(router: APIRouter, services: ApiServices) -> None:
    access, worker = services.access, services.worker

    @router.get("/version")
    async def version() -> JSONResponse:
        return JSONResponse({"version": VERSION, "minimum_compatible_version": MINIMUM_COMPATIBLE})

    @router.get("/status")
    @rasa_errors
    async def status(request: Request) -> Response:
        access.check(request)
        return JSONResponse(await worker.ask("status"))

    @router.post("/model/parse")
    @rasa_errors
    async def parse(request: Request) -> Response:
        access.check(request)
        body = _object(await read_json(request), "text message")
        text = _text(body)
        if request.query_params.get("emulation_mode"):
            raise RasaError(400, "BadRequest", "Other services are not emulated: leave `emulation_mode` out")
        parsed = await worker.ask("parse", text=text)
        given = body.get("message_id")
        return JSONResponse(parsed | ({"message_id": given} if isinstance(given, str) else {}))

    @router.api_route("/model/{rest:path}", methods=["POST"])
    @router.api_route("/model", methods=["PUT", "DELETE"])
    @rasa_errors
    async def not_here(request: Request) -> Response:
        access.check(request)
        raise RasaError(
            501, "NotImplemented", "Models are trained, tested and changed with `baton train`, `baton bot test` and `baton model`"
        )


class Talks:
    """The routes of one conversation, which is named by its sender id or by Baton's own id."""

    def __init__(self, services: ApiServices) -> None:
        self.worker, self.waiter, self.base_url = services.worker, services.waiter, services.base_url

    async def tracker(self, request: Request, name: str) -> Response:
        """The state of the talk; one that never wrote has a fresh one."""
        if request.query_params.get("until"):
            raise RasaError(501, "NotImplemented", "`until` is not supported: cut the events by their `timestamp`")
        return JSONResponse(await self.worker.ask("tracker", sender=name, verbosity=_verbosity(request)))

    async def append(self, request: Request, name: str) -> Response:
        """Adds events to the talk; with `execute_side_effects=true` what the bot says in them goes out to the customer."""
        events = await _events(request)
        side_effects = request.query_params.get("execute_side_effects", "").lower() == "true"
        answer = await self.worker.ask("append", sender=name, events=events, verbosity=_verbosity(request), side_effects=side_effects)
        return JSONResponse(answer)

    async def replace(self, request: Request, name: str) -> Response:
        """Sets the talk to the state that the events lead to."""
        return JSONResponse(await self.worker.ask("replace", sender=name, events=await _events(request), verbosity=_verbosity(request)))

    async def story(self, _request: Request, name: str) -> Response:
        """The talk as a test story."""
        return PlainTextResponse(str(await self.worker.ask("story", sender=name)))

    async def predict(self, _request: Request, name: str) -> Response:
        """What the policies would do next; nothing is done."""
        return JSONResponse(await self.worker.ask("predict", sender=name))

    async def execute(self, _request: Request, name: str) -> Response:  # noqa: ARG002 - one shape for all routes
        """Refused: an action outside a turn could act beside a person who holds the conversation."""
        raise RasaError(
            501, "NotImplemented", "Actions run in turns only. Use trigger_intent, or append a `followup` event and let the bot take it up."
        )

    async def message(self, request: Request, name: str) -> Response:
        """Notes what the customer said without an answer of the bot."""
        body = _object(await read_json(request), "message")
        if body.get("sender") != "user":
            raise RasaError(400, "BadRequest", "Only messages of the sender `user` can be passed to this endpoint")
        return JSONResponse(await self.worker.ask("message", sender=name, text=_text(body), verbosity=_verbosity(request)))

    async def trigger(self, request: Request, name: str) -> Response:
        """The bot acts as if the customer had said the intent; answers with the tracker and what was said."""
        body = _object(await read_json(request), "intent")
        intent = body.get("name")
        if not isinstance(intent, str) or not intent:
            raise RasaError(400, "BadRequest", "Name of the intent not provided in request body.")
        if not (await self.worker.ask("knows_intent", name=intent))["known"]:
            raise RasaError(404, "NotFound", f"The intent {intent} does not exist in the domain.")
        address = await self._reach(name)
        inbound = Inbound(
            channel=address.channel, account=address.account, identity=address.sender, external_id=f"{address.sender}:{uuid4().hex}",
            text=f"EXTERNAL: {intent}", payload=f"/{intent}{json.dumps(_values(body.get('entities')), ensure_ascii=False)}",
        )  # fmt: skip
        recorded = await self.waiter.record(inbound)
        said = await self.waiter.said_to(recorded, address)
        tracker = await self.worker.ask("tracker", sender=name, verbosity=_verbosity(request))
        shown = [part for m in said for part in collected(m.content, recipient=address.sender, base_url=self.base_url)]
        return JSONResponse({"tracker": tracker, "messages": shown})

    async def _reach(self, name: str) -> Address:
        async with self.waiter.database.transaction() as session:
            conversation = await find_conversation(session, name)
            if conversation is None:
                return Address(REST, REST, name)
            if conversation.handler != Handler.BOT and conversation.status != Status.RESOLVED:
                raise RasaError(409, "Conflict", "A person holds this conversation: the bot does not speak in it now")
            return await find_address(session, conversation) or Address(REST, REST, name)


def _verbosity(request: Request) -> str:
    wanted = request.query_params.get("include_events", "AFTER_RESTART").upper()
    if wanted not in VERBOSITIES:
        raise RasaError(400, "BadRequest", f"Invalid parameter value for 'include_events'. Should be one of {', '.join(VERBOSITIES)}")
    return wanted


def _object(body: Any, what: str) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise RasaError(400, "BadRequest", f"No {what} defined in request body: it must be a JSON object")
    return body


def _text(body: dict[str, Any]) -> str:
    """The text of a body, without what cannot be shown. Raises RasaError."""
    text = body.get("text")
    if not isinstance(text, str):
        raise RasaError(400, "BadRequest", "`text` is not a text")
    if len(text) > MAX_TEXT:
        raise RasaError(413, "TooLarge", f"The text is longer than {MAX_TEXT:,} characters")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


async def _events(request: Request) -> list[Any]:
    body = await read_json(request)
    events = body if isinstance(body, list) else [body]
    if not events or not all(isinstance(e, dict) and e.get("event") for e in events):
        raise RasaError(400, "BadRequest", "Couldn't extract a proper event from the request body.")
    return events


def _values(entities: Any) -> dict[str, Any]:
    """The entities of a request ({name: value}, or Rasa's list) as a payload's object."""
    if isinstance(entities, dict):
        return entities
    if not isinstance(entities, list):
        return {}
    values: dict[str, Any] = {}
    for entity in entities:
        if not isinstance(entity, dict) or not isinstance(entity.get("entity"), str):
            raise RasaError(400, "BadRequest", "`entities` must be an object, or a list of objects with `entity` and `value`")
        values.setdefault(entity["entity"], []).append(entity.get("value"))
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}
