"""Sending on WhatsApp: one part, one call; nothing here is tried again."""

from __future__ import annotations

import contextlib
from typing import Any

import httpx

from channels.base import Account, AccountIncompleteError, Fate, Problem, Sending, SendResult
from channels.problems import fate_of
from channels.whatsapp.bodies import message_body
from channels.whatsapp.capabilities import CAPABILITIES, NAME, SPECIALS
from channels.whatsapp.client import GraphClient, GraphError, error_of
from channels.whatsapp.errors import refusal

BEFORE_IT_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class WhatsAppChannel:
    """The Cloud API as delivery sees it."""

    name = NAME
    sent_when_stored = False
    needs_account = True
    capabilities = CAPABILITIES
    specials = SPECIALS

    def __init__(self, client: GraphClient | None = None) -> None:
        self.client = client or GraphClient()

    async def send(self, sending: Sending) -> SendResult:
        """Uploads the part's file where it has one, and sends it."""
        account = sending.account
        try:
            media_id = await self.client.upload(account, sending.part.file) if sending.part.file else None
        except GraphError as error:
            return refusal(error.error, status=error.answered)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            return _later(f"upload: {type(error).__name__}")
        except AccountIncompleteError as error:
            return _unfinished(error)
        return await self._post(account, message_body(sending, media_id=media_id))

    async def _post(self, account: Account, body: dict[str, Any]) -> SendResult:
        try:
            answer = await self.client.call(account, "POST", f"{account.account}/messages", json=body)
        except BEFORE_IT_LEFT as error:
            return _later(type(error).__name__)
        except httpx.HTTPError as error:  # it may have arrived: only a status can tell
            return SendResult(Fate.UNKNOWN, reason=f"no answer: {type(error).__name__}", problem=Problem.UNKNOWN)
        except AccountIncompleteError as error:
            return _unfinished(error)
        return result_of(answer)

    async def seen(self, account: Account, external_id: str, *, typing: bool) -> None:
        """Two blue ticks for the customer's message, and "typing" until the reply or 25 seconds. Nothing depends on it."""
        body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": external_id}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        with contextlib.suppress(httpx.HTTPError, AccountIncompleteError):
            await self.client.call(account, "POST", f"{account.account}/messages", json=body)


def result_of(answer: httpx.Response) -> SendResult:
    """What an answer to a send says."""
    if answer.is_success:
        try:
            return SendResult(Fate.SENT, external_id=str(answer.json()["messages"][0]["id"]))
        except (ValueError, KeyError, IndexError, TypeError):
            return SendResult(Fate.UNKNOWN, reason="taken without an id", problem=Problem.UNKNOWN)
    error = error_of(answer)
    if error is None and answer.status_code in {500, 502, 504}:  # something between us and Meta: it may have passed on what we sent
        return SendResult(Fate.UNKNOWN, reason=f"answered {answer.status_code} without a reason", problem=Problem.UNKNOWN)
    return refusal(error, status=answer.status_code, retry_after=_retry_after(answer))


def _retry_after(answer: httpx.Response) -> float | None:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None


def _later(reason: str) -> SendResult:
    return SendResult(Fate.LATER, reason=reason, problem=Problem.TRANSIENT)


def _unfinished(error: AccountIncompleteError) -> SendResult:
    return SendResult(fate_of(Problem.AUTH), reason=error.message, problem=Problem.AUTH)
