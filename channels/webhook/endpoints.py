"""The door of the generic channel as it stands in the API's documents; it does what every webhook's door does (`channels/hooks.py`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from channels.hooks import HookServices, respond, take_in
from channels.webhook.capabilities import NAME
from channels.webhook.schemas import Accepted, schemas
from channels.webhook.waiting import MOST_SECONDS, Waiting

Wait = Annotated[
    int | None, Query(ge=1, le=MOST_SECONDS, description="Seconds to wait for what the bot answers; it comes to the account's url too")
]
HEADERS = {
    "webhook-id": "The event's name, the same at each try",
    "webhook-timestamp": "Seconds since 1970 of this try; at most five minutes off",
    "webhook-signature": "v1, and base64 of HMAC-SHA256 of id.timestamp.body; several, separated by spaces, while a secret changes",
}


def webhook_channel_router(services: HookServices) -> APIRouter:
    """POST /hooks/webhook/{account}."""
    router = APIRouter(prefix="/hooks", tags=["webhook channel"])
    waiting = Waiting(services.database)

    @router.post(f"/{NAME}/{{account}}", status_code=202, response_model=Accepted, responses=_refusals(), openapi_extra=_document())
    async def receive(account: str, request: Request, wait: Wait = None) -> Response:
        """Tell Baton what happened on a system of yours: a customer wrote, a message was delivered. Signed by Standard Webhooks."""
        taken = await take_in(services, NAME, account, request)
        if wait is None:
            return respond(taken.answer)
        messages = await waiting.replies(taken.hook.body, taken.account, seconds=wait)
        told = Accepted.model_validate_json(taken.answer.body).model_copy(update={"messages": messages})
        return respond(replace(taken.answer, body=told.model_dump_json().encode()))

    return router


def _refusals() -> dict[int | str, dict[str, Any]]:
    words = {401: "The signature is missing, wrong or old", 404: "No such account", 409: "Another body under a known webhook-id"}
    words |= {413: "More than 5,000,000 bytes", 503: "Not stored; send it again"}
    return {status: {"description": text} for status, text in words.items()}


def _document() -> dict[str, Any]:
    """Body, headers, and what Baton posts to the account's url, in OpenAPI's words."""
    forms = schemas()
    headers = [{"name": n, "in": "header", "required": True, "description": d, "schema": {"type": "string"}} for n, d in HEADERS.items()]
    answer = {"description": 'Taken; best with {"message_id": "your id of it"}'}
    out = {"summary": "A message to a customer", "requestBody": _json(forms["out"]), "responses": {"200": answer}}
    return {"requestBody": _json(forms["in"]), "parameters": headers, "callbacks": {"message.created": {"{$account.url}": {"post": out}}}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}
