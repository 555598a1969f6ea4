"""Sending to a system of the shop: one signed POST a part, with the same `webhook-id` at each try, so that a try may be repeated."""

from __future__ import annotations

import json
from typing import Any

from channels.base import Account, AccountIncompleteError, Fate, Problem, Sending, SendResult
from channels.calling import refused
from channels.links import Links
from channels.webhook.capabilities import CAPABILITIES, NAME, SPECIALS
from channels.webhook.schemas import ContentOut, Created, CreatedData, FileOut, OptionOut
from context.webhooks.signing import sign
from kit.clock import Clock, utc_now
from kit.errors import BatonError
from kit.outside import Answer, Outside, UrlError

SECONDS = 15.0


class WebhookChannel:
    """Signed POSTs as delivery sees them."""

    name = NAME
    sent_when_stored = False
    needs_account = True
    capabilities = CAPABILITIES
    specials = SPECIALS

    def __init__(self, links: Links | None = None, clock: Clock = utc_now) -> None:
        self.links, self.clock = links, clock

    async def send(self, sending: Sending) -> SendResult:
        """Sends the part."""
        account = sending.account
        try:
            body = message_body(sending, self.links, clock=self.clock)
            answer = await post(account, body, str(sending.key), clock=self.clock)
        except AccountIncompleteError as error:
            return refused(Problem.AUTH, error.message)
        except UrlError as error:
            return refused(Problem.PERMISSION, error.message)
        except BatonError as error:
            return refused(Problem.TRANSIENT, error.message)
        return result_of(answer, str(sending.key))


async def post(account: Account, body: bytes, key: str, *, clock: Clock) -> Answer:
    """One signed POST to the account's address. Raises AccountIncompleteError, UrlError, OutsideError."""
    url, private = account.setting("url"), account.setting("private") == "on"
    if not url:
        raise AccountIncompleteError(f"The account {account.channel}/{account.account} has no url", hint="baton channel set")
    if not private and not url.startswith("https://"):
        raise UrlError("The url must be https://, or lie in the own network with private=on")
    stamp = int(clock().timestamp())
    secrets = [account.secret("secret"), *(s for s in (account.secrets.get("old_secret"),) if s)]
    headers = {
        "webhook-id": key, "webhook-timestamp": str(stamp), "webhook-signature": sign(secrets, key, stamp, body),
        "content-type": "application/json", "user-agent": "Baton",
    }  # fmt: skip
    return await Outside(private=private, seconds=SECONDS).post(url, body, headers)


def message_body(sending: Sending, links: Links | None, *, clock: Clock) -> bytes:
    """`message.created`."""
    return Created(type="message.created", timestamp=clock(), data=message_data(sending, links)).model_dump_json().encode()


def message_data(sending: Sending, links: Links | None) -> CreatedData:
    """What is said, the same at each try."""
    message = sending.message
    return CreatedData(
        message_id=str(sending.key), conversation_id=str(message.conversation_id), user={"id": sending.to}, author=_author(sending),
        author_name=message.author_name, language=sending.language, content=_content(sending, links), reply_to=sending.reply_to,
    )  # fmt: skip


def _author(sending: Sending) -> Any:
    return sending.message.author.value


def _content(sending: Sending, links: Links | None) -> ContentOut:
    part = sending.part
    for kind in SPECIALS:
        if kind in part.special:
            value = part.special[kind]
            return ContentOut.model_validate({"type": kind, "text": part.text, "extra": dict(value) if isinstance(value, dict) else None})
    if part.file is not None:
        url = (links.url(part.file) if links is not None else None) or ""
        file = FileOut(url=url, name=part.file.name, media_type=part.file.type, size=len(part.file.data))
        return ContentOut(type="file", text=part.text or f"[{part.file.name}]", file=file)
    if part.buttons:
        return ContentOut(type="choices", text=part.text, options=[OptionOut(id=c.reference, title=c.title) for c in part.buttons])
    return ContentOut(type="text", text=part.text)


def result_of(answer: Answer, key: str) -> SendResult:
    """What an answer means: 2xx is taken, 410 ends it, slow down is obeyed, a redirect is an error."""
    status = answer.status
    if 200 <= status < 300:
        return SendResult(Fate.SENT, external_id=_message_id(answer.body) or key)
    wait = answer.retry_after or None
    if status in {429, 502, 503, 504}:
        return refused(Problem.RATE_ACCOUNT if status == 429 else Problem.TRANSIENT, f"answered {status}", code=status, retry_after=wait)
    if status >= 500 or status == 408:
        return refused(Problem.TRANSIENT, f"answered {status}", code=status, retry_after=wait)
    if status in {401, 403}:
        return refused(Problem.AUTH, f"The other side refuses our signature: it answered {status}", code=status)
    if status in {404, 410} or 300 <= status < 400:
        return refused(Problem.PERMISSION, f"There is nothing at the account's url any more: it answered {status}", code=status)
    return refused(Problem.BAD_REQUEST, f"answered {status}: {answer.body[:200].decode(errors='replace')}", code=status)


def _message_id(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    named = found.get("message_id") if isinstance(found, dict) else None
    return named if isinstance(named, str) and 0 < len(named) <= 200 else None
