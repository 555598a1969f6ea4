"""What a handoff sets on a conversation at Chatwoot: custom attributes, priority, labels. Setting a thing twice does no harm."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from channels.base import Account, Fate, Problem, SendResult
from channels.calling import broken_call, json_of, refused, retry_after
from channels.chatwoot.api import PERSON, WRONG, ChatwootApi


async def tell_facts(api: ChatwootApi, account: Account, conversation: str, facts: Mapping[str, Any]) -> SendResult:
    """Sets what can be set. What Chatwoot refuses is told and stops neither the rest nor the account; what broke off is done again."""
    result = SendResult(Fate.SENT)
    try:
        async for what, answer in _calls(api, account, conversation, facts):
            if answer.status_code == 429 or answer.status_code >= 500:
                problem = Problem.RATE_ACCOUNT if answer.status_code == 429 else Problem.TRANSIENT
                return refused(problem, f"{what}: answered {answer.status_code}", code=answer.status_code, retry_after=retry_after(answer))
            if not answer.is_success:
                result = _refusal(what, answer)
    except WRONG as error:
        return broken_call(error, repeatable=True)
    return result


async def _calls(
    api: ChatwootApi, account: Account, conversation: str, facts: Mapping[str, Any]
) -> AsyncIterator[tuple[str, httpx.Response]]:
    if attributes := facts.get("attributes"):
        body = {"custom_attributes": {**facts.get("before", {}), **attributes}, "merge": True}  # an older Chatwoot replaces them all
        yield "custom attributes", await api.post(account, conversation, "custom_attributes", json=body)
    if priority := facts.get("priority"):
        yield "priority", await api.post(account, conversation, "toggle_priority", json={"priority": priority})
    labels = list(facts.get("labels") or ())
    if labels and account.secrets.get(PERSON):
        there = await api.get(account, conversation, "labels", as_=PERSON)
        known = json_of(there).get("payload")
        if not there.is_success or not isinstance(known, list):
            yield "labels", there
        elif missing := [label for label in labels if label not in known]:
            yield "labels", await api.post(account, conversation, "labels", as_=PERSON, json={"labels": [*known, *missing]})


def _refusal(what: str, answer: httpx.Response) -> SendResult:
    """A token that may not do this says nothing of whether it may write: the account goes on."""
    found = json_of(answer)
    words = found.get("error") or found.get("message") or f"answered {answer.status_code}"
    return refused(Problem.BAD_REQUEST, f"{what}: {words}", code=answer.status_code)
