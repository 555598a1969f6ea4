"""Sending on LINE: with the reply token while it holds, which is free; else as a push that may be repeated with its key."""

from __future__ import annotations

import httpx

from channels.base import Account, AccountIncompleteError, Fate, Problem, Sending, SendResult
from channels.calling import broken_call, json_of, refused, retry_after, unsure
from channels.line.bodies import message_of
from channels.line.capabilities import CAPABILITIES, NAME, SPECIALS
from channels.line.client import LineApi
from channels.links import Links

WRONG = (httpx.HTTPError, httpx.InvalidURL, AccountIncompleteError)


class LineChannel:
    """The Messaging API as delivery sees it."""

    name = NAME
    sent_when_stored = False
    needs_account = True
    capabilities = CAPABILITIES
    specials = SPECIALS

    def __init__(self, api: LineApi | None = None, links: Links | None = None) -> None:
        self.api, self.links = api or LineApi(), links

    async def name_of(self, account: Account, address: str) -> str | None:
        """The name in a customer's profile. Raises LineError, httpx.HTTPError."""
        return await self.api.name_of(account, address)

    async def send(self, sending: Sending) -> SendResult:
        """Sends the part. A token that LINE does not take any more is no failure: the part is pushed."""
        url = self.links.url(sending.part.file) if self.links is not None and sending.part.file is not None else None
        messages = [message_of(sending.part, sending.language, file_url=url)]
        if sending.handle is not None:
            try:
                answer = await self.api.reply(sending.account, sending.handle, messages)
            except WRONG as error:
                return broken_call(error)
            if not _token_is_used_up(answer):
                return result_of(answer, repeatable=False)
        try:
            answer = await self.api.push(sending.account, sending.to, messages, key=sending.key)
        except WRONG as error:
            return broken_call(error, repeatable=True)
        return result_of(answer, repeatable=True)


def _token_is_used_up(answer: httpx.Response) -> bool:
    return answer.status_code == 400 and "reply token" in str(json_of(answer).get("message", "")).lower()


def result_of(answer: httpx.Response, *, repeatable: bool) -> SendResult:
    """What an answer to a send says. 409: this key was sent before, which is as good."""
    found, code = json_of(answer), answer.status_code
    if answer.is_success or code == 409:
        sent = found.get("sentMessages") or [{}]
        number = sent[0].get("id") or answer.headers.get("x-line-accepted-request-id") or answer.headers.get("x-line-request-id")
        return SendResult(Fate.SENT, external_id=str(number) if number else None)
    words = str(found.get("message") or f"answered {code}")
    details = "; ".join(str(d.get("message")) for d in found.get("details") or () if isinstance(d, dict))
    if code >= 500 and not repeatable:
        return unsure(code)
    return refused(_problem(code, words.lower()), f"{words}{': ' + details if details else ''}", code=code, retry_after=retry_after(answer))


def _problem(code: int, words: str) -> Problem:
    """The error table of docs/channels-line.md."""
    if code >= 500:
        return Problem.TRANSIENT
    if code == 429:
        return Problem.BILLING if "monthly limit" in words else Problem.RATE_ACCOUNT
    if code == 401:
        return Problem.AUTH
    if code == 403:
        return Problem.PERMISSION
    if code == 413:
        return Problem.MEDIA
    if code == 404 or "property, 'to'" in words or "failed to send messages" in words:
        return Problem.RECIPIENT
    return Problem.BAD_REQUEST
