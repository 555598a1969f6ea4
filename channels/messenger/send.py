"""Sending to people on Messenger and Instagram, and in public under posts: one part, one call; nothing is tried again here."""

from __future__ import annotations

import contextlib
import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from channels.base import Account, AccountIncompleteError, Choice, Fate, File, MediaGoneError, Problem, Sending, SendResult
from channels.calling import Caller, broken_call, refused, retry_after, same_origin
from channels.messenger.capabilities import CAPABILITIES, COMMENTS, INSTAGRAM
from channels.messenger.errors import refusal
from channels.whatsapp.client import GRAPH, GraphClient, GraphError, error_of
from context.types import Author

FILES = {"image": "image", "video": "video", "audio": "audio", "voice": "audio"}
MEDIA_HOSTS = ("fbcdn.net", "fbsbx.com", "cdninstagram.com", "facebook.com", "instagram.com")
PRIVATE = "private_reply"


class PageChannel:
    """Messages of a page or an Instagram account, as delivery sees them."""

    sent_when_stored = False
    needs_account = True
    specials: frozenset[str] = frozenset()

    def __init__(self, name: str, client: GraphClient | None = None) -> None:
        self.name = name
        self.capabilities = CAPABILITIES[name]
        self.client = client or GraphClient()

    async def send(self, sending: Sending) -> SendResult:
        """Uploads the part's file where it has one, and sends it."""
        account = sending.account
        late = sending.late and sending.message.author == Author.AGENT
        if late and account.setting("human_agent") != "on":
            return refused(Problem.WINDOW, "24 hours have passed; people may write up to 7 days where the app has the tag HUMAN_AGENT")
        try:
            attachment = await self._upload(account, sending.part.file) if sending.part.file else None
        except GraphError as error:
            return refusal(error.error, status=error.answered)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            return refused(Problem.TRANSIENT, f"upload: {type(error).__name__}")
        except AccountIncompleteError as error:
            return refused(Problem.AUTH, error.message)
        body = {"recipient": {"id": sending.to}, **_typed(late), "message": message_of(sending, attachment)}
        return await post(self.client, account, f"{account.account}/messages", body)

    async def _upload(self, account: Account, file: File) -> str:
        """Uploads a file; its id. Raises GraphError, httpx.HTTPError."""
        message = {"attachment": {"type": FILES.get(file.kind, "file"), "payload": {"is_reusable": True}}}
        files = {"filedata": (file.name, file.data, file.type)}
        answer = await self.client.call(
            account, "POST", f"{account.account}/message_attachments", data={"message": json.dumps(message)}, files=files
        )
        if not answer.is_success:
            raise GraphError(answer)
        return str(answer.json()["attachment_id"])

    async def seen(self, account: Account, external_id: str, *, typing: bool) -> None:
        """Nothing: Meta marks a message as seen for a person, not by its id."""


def _typed(late: bool) -> dict[str, str]:
    return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"} if late else {"messaging_type": "RESPONSE"}


def message_of(sending: Sending, attachment: str | None) -> dict[str, Any]:
    """The `message` of a body. Our key goes along: the echo brings it back."""
    part = sending.part
    message: dict[str, Any] = {"metadata": str(sending.key)}
    if attachment is not None and part.file is not None:
        message["attachment"] = {"type": FILES.get(part.file.kind, "file"), "payload": {"attachment_id": attachment}}
    else:
        message["text"] = part.text or "…"
    if part.buttons:
        message["quick_replies"] = [_quick(choice) for choice in part.buttons]
    if sending.reply_to is not None:
        message["reply_to"] = {"mid": sending.reply_to}
    return message


def _quick(choice: Choice) -> dict[str, str]:
    return {"content_type": "text", "title": choice.title, "payload": choice.reference}


class CommentChannel:
    """Public answers under posts, and the one private answer to each comment."""

    sent_when_stored = False
    needs_account = True
    specials = frozenset({PRIVATE})

    def __init__(self, messages: str, client: GraphClient | None = None) -> None:
        self.name, self.accounts_of = COMMENTS[messages], messages
        self.capabilities = CAPABILITIES[self.name]
        self.client = client or GraphClient()

    async def send(self, sending: Sending) -> SendResult:
        """Answers the customer's comment: in public, or once by a message that others do not see."""
        account, text = sending.account, sending.part.text
        private = sending.part.special.get(PRIVATE)
        comment = str(private or sending.reply_to or (sending.place.last_id if sending.place else ""))
        if not comment:
            return refused(Problem.BAD_REQUEST, "there is no comment to answer")
        if private:
            body = {"recipient": {"comment_id": comment}, "message": {"text": text, "metadata": str(sending.key)}}
            return await post(self.client, account, f"{account.account}/messages", body)
        edge = "replies" if self.accounts_of == INSTAGRAM else "comments"
        return await post(self.client, account, f"{comment}/{edge}", {"message": text})


async def post(client: GraphClient, account: Account, path: str, body: dict[str, Any]) -> SendResult:
    """One call that sends, and what its answer says."""
    try:
        answer = await client.call(account, "POST", path, json=body)
    except (httpx.HTTPError, AccountIncompleteError) as error:
        return broken_call(error)
    if answer.is_success:
        with contextlib.suppress(ValueError, AttributeError):
            found = answer.json()
            name = found.get("message_id") or found.get("id")
            if name:
                return SendResult(Fate.SENT, external_id=str(name))
        return SendResult(Fate.UNKNOWN, reason="taken without an id", problem=Problem.UNKNOWN)
    error_found = error_of(answer)
    if error_found is None and answer.status_code in {500, 502, 504}:
        return SendResult(Fate.UNKNOWN, reason=f"answered {answer.status_code} without a reason", problem=Problem.UNKNOWN)
    return refusal(error_found, status=answer.status_code, retry_after=retry_after(answer))


class PageFiles:
    """Files of customers: at addresses of Meta, fetched without any token."""

    def __init__(self) -> None:
        self.caller = Caller()

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a file. Raises MediaGoneError, httpx.HTTPError."""
        host = (urlsplit(source).hostname or "").lower()
        base = account.setting("base_url", GRAPH)
        local = same_origin(source, base)
        known = urlsplit(source).scheme == "https" and any(host == h or host.endswith("." + h) for h in MEDIA_HOSTS)
        if not (local or known):
            raise MediaGoneError("The file lies at an address that is not Meta's")
        parts = urlsplit(source)
        return await self.caller.download(f"{parts.scheme}://{parts.netloc}", source, max_bytes=max_bytes)


async def test(account: Account) -> str:
    """Asks for the account's own name; a sentence. Raises GraphError."""
    client = GraphClient()
    try:
        answer = await client.call(account, "GET", account.account, params={"fields": "name"})
    except httpx.HTTPError as error:
        return f"No answer: {type(error).__name__}."
    finally:
        await client.close()
    if not answer.is_success:
        raise GraphError(answer)
    return f"It works: {answer.json().get('name')}."
