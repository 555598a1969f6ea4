"""The doors of Rasa's REST and callback channels."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse

from channels.rasa.bodies import rasa_errors, read_json
from channels.rasa.parse import parse_callback, parse_rest
from channels.rasa.show import collected
from channels.rasa.types import Address, RasaError
from channels.rasa.waiting import Waiter
from context.inbound import Recorded
from context.types import MessageView


@dataclass(frozen=True)
class WebhookServices:
    """What the webhooks need. `base_url` makes links to articles absolute; without `callback_url` there is no callback channel."""

    waiter: Waiter
    base_url: str
    callback_url: str | None = None


def webhook_router(services: WebhookServices) -> APIRouter:
    """The routes under /webhooks/rest and /webhooks/callback. As in Rasa they ask for no token: put a proxy before them that does."""
    router = APIRouter(prefix="/webhooks", tags=["rasa"], include_in_schema=False)
    waiter = services.waiter

    def show(messages: list[MessageView], address: Address) -> list[dict[str, object]]:
        return [part for m in messages for part in collected(m.content, recipient=address.sender, base_url=services.base_url)]

    @router.get("/rest/")
    @router.get("/callback/")
    @router.get("/socketio/")
    async def health() -> JSONResponse:
        """As Rasa's channels."""
        return JSONResponse({"status": "ok"})

    @router.post("/rest/webhook")
    @rasa_errors
    async def rest_message(request: Request) -> Response:
        """Stores the message, waits for the bot's turn, and answers with all that was said; `?stream=true` sends a line for each."""
        inbound = parse_rest(await read_json(request))
        address = Address(inbound.channel, inbound.account, inbound.identity)
        recorded = await waiter.record(inbound)
        if request.query_params.get("stream", "").lower() == "true":
            return StreamingResponse(lines(recorded, address), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        return JSONResponse(
            [part async for found in waiter.answers(recorded, address, request.is_disconnected) for part in show(found, address)]
        )

    async def lines(recorded: Recorded, address: Address) -> AsyncIterator[str]:
        async for found in waiter.answers(recorded, address):
            for part in show(found, address):
                yield json.dumps(part, ensure_ascii=False) + "\n"

    @router.post("/callback/webhook")
    @rasa_errors
    async def callback_message(request: Request) -> Response:
        """Stores the message and says so; what is said to it goes to the configured address."""
        if services.callback_url is None:
            raise RasaError(404, "NotFound", "The callback channel is off: BATON_RASA_CALLBACK_URL, or `callback: url:` of credentials.yml")
        await waiter.record(parse_callback(await read_json(request)))
        return PlainTextResponse("success")

    return router
