"""Sending to Chatwoot as its agent bot: messages, notes for its people, and the state of a conversation."""

from __future__ import annotations

import json
from typing import Any

import httpx

from channels.base import Fate, Part, Problem, Sending, SendResult
from channels.calling import broken_call, json_of, refused, retry_after, unsure
from channels.chatwoot.api import WRONG, ChatwootApi
from channels.chatwoot.capabilities import CAPABILITIES, FACTS, NAME, NOTE, SPECIALS
from channels.chatwoot.facts import tell_facts
from channels.desks import STATUS

PROBLEMS = {
    401: Problem.AUTH, 403: Problem.PERMISSION, 404: Problem.RECIPIENT, 413: Problem.MEDIA, 422: Problem.BAD_REQUEST,
    429: Problem.RATE_ACCOUNT,
}  # fmt: skip


class ChatwootChannel:
    """The agent bot as delivery sees it."""

    name = NAME
    sent_when_stored = False
    needs_account = True
    capabilities = CAPABILITIES
    specials = SPECIALS

    def __init__(self, api: ChatwootApi | None = None) -> None:
        self.api = api or ChatwootApi()

    async def send(self, sending: Sending) -> SendResult:
        """A message, a note, or a change of state. Setting a state twice does no harm, so that is repeated; a message never."""
        to = next((a for a in (sending.to, *sending.addresses) if a.isascii() and a.isdigit()), None)
        if to is None:
            return refused(Problem.RECIPIENT, "there is no conversation at Chatwoot to write in")
        facts = sending.part.special.get(FACTS)
        if facts is not None:
            return await tell_facts(self.api, sending.account, to, facts)
        status = sending.part.special.get(STATUS)
        path, content = ("toggle_status", {"json": {"status": status}}) if status else ("messages", content_of(sending.part))
        try:
            answer = await self.api.post(sending.account, to, path, **content)
        except WRONG as error:
            return broken_call(error, repeatable=bool(status))
        return result_of(answer, repeatable=bool(status))


def content_of(part: Part) -> dict[str, Any]:
    """The body of a message, as `httpx` takes it."""
    body: dict[str, Any] = {"content": part.text, "message_type": "outgoing", "private": NOTE in part.special}
    if part.file is not None:
        fields = {name: json.dumps(value) if isinstance(value, bool) else value for name, value in body.items()}
        return {"data": fields, "files": [("attachments[]", (part.file.name, part.file.data, part.file.type))]}
    if not part.buttons:
        return {"json": body | {"content_type": "text", "content_attributes": {}}}
    items = [{"title": choice.title, "value": choice.reference} for choice in part.buttons]
    return {"json": body | {"content_type": "input_select", "content_attributes": {"items": items}}}


def result_of(answer: httpx.Response, *, repeatable: bool) -> SendResult:
    """What an answer says; the table stands in docs/channels-chatwoot.md."""
    found, code = json_of(answer), answer.status_code
    if answer.is_success:
        if repeatable:
            return SendResult(Fate.SENT)
        if found.get("id") is None:
            return SendResult(Fate.UNKNOWN, reason="taken without an id", problem=Problem.UNKNOWN)
        return SendResult(Fate.SENT, external_id=str(found["id"]))
    if code >= 500 and not repeatable:
        return unsure(code)
    problem = PROBLEMS.get(code, Problem.TRANSIENT if code >= 500 else Problem.BAD_REQUEST)
    words = found.get("error") or found.get("message") or f"answered {code}"
    return refused(problem, str(words), code=code, retry_after=retry_after(answer))
