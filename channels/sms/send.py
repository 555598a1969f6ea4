"""Sending SMS and MMS through Twilio. There is no idempotency key: what may have gone out is unknown until a status callback settles it."""

from __future__ import annotations

from typing import Any

import httpx

from channels.base import AccountIncompleteError, Fate, Problem, Sending, SendResult
from channels.calling import broken_call, is_local, json_of, refused, retry_after, unsure
from channels.links import Links
from channels.sms.capabilities import CAPABILITIES, NAME, SPECIALS
from channels.sms.client import TwilioApi
from channels.sms.problems import problem_of
from channels.sms.segments import cheapest
from kit.errors import InvalidInputError


class SmsChannel:
    """Twilio's messages as delivery sees them."""

    name = NAME
    sent_when_stored = False
    needs_account = True
    capabilities = CAPABILITIES
    specials = SPECIALS

    def __init__(self, api: TwilioApi | None = None, links: Links | None = None) -> None:
        self.api, self.links = api or TwilioApi(), links

    async def send(self, sending: Sending) -> SendResult:
        """Sends the part as one message; Twilio cuts it into segments."""
        try:
            answer = await self.api.send(sending.account, message_form(sending, self.links))
        except InvalidInputError as error:
            return refused(Problem.AUTH, error.message)
        except (httpx.HTTPError, httpx.InvalidURL, AccountIncompleteError) as error:
            return broken_call(error)
        return result_of(answer)


def message_form(sending: Sending, links: Links | None) -> dict[str, Any]:
    """The form of a message."""
    account, part, text = sending.account, sending.part, sending.part.text
    link = part.special.get("link")
    if link:
        text = f"{text} {link['url']}".strip()
    form: dict[str, Any] = {"To": sending.to}
    url = links.url(part.file) if links is not None and part.file is not None else None
    if part.file is not None and url is not None and account.setting("mms") == "on":
        form["MediaUrl"] = url
    elif part.file is not None:
        text = "\n".join(w for w in (text, url or f"[{part.file.name}]") if w)
    if text:
        form["Body"] = text if account.setting("keep_typography") == "on" else cheapest(text)
    service = account.setting("messaging_service_sid")
    form |= {"MessagingServiceSid": service} if service else {"From": account.setting("from")}
    if links is not None and (not is_local(links.public_url) or is_local(account.setting("base_url"))):
        form["StatusCallback"] = links.hook(NAME, account.account)
    return form


def result_of(answer: httpx.Response) -> SendResult:
    """What an answer to a send says."""
    found = json_of(answer)
    if answer.is_success:
        sid = found.get("sid")
        if not sid:
            return SendResult(Fate.UNKNOWN, reason="taken without a number", problem=Problem.UNKNOWN)
        if found.get("status") == "failed" or found.get("error_code"):
            code = str(found.get("error_code") or "")
            return SendResult(Fate.FAILED, str(sid), str(found.get("error_message") or "failed"), problem_of(code), code)
        return SendResult(Fate.SENT, external_id=str(sid))
    if answer.status_code >= 500:
        return unsure(answer.status_code)
    refusal = str(found["code"]) if found.get("code") else None
    words = str(found.get("message") or f"answered {answer.status_code}")
    return refused(problem_of(refusal, answer.status_code), words, code=refusal or answer.status_code, retry_after=retry_after(answer))
