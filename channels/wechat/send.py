"""Sending by customer-service messages: one part, one call; nothing is tried again here, save with a fresh token."""

from __future__ import annotations

import contextlib
from typing import Any

import httpx

from channels.base import Account, AccountIncompleteError, Fate, Problem, Sending, SendResult
from channels.calling import broken_call, refused
from channels.wechat.capabilities import CAPABILITIES, NAME
from channels.wechat.client import WeChatApi, WeChatError
from channels.wechat.errors import problem_of

SEE = {"en": "Please choose:", "zh-Hant": "請選擇：", "zh-Hans": "请选择：", "pt": "Escolha, por favor:"}
SEND = "/cgi-bin/message/custom/send"


class WeChatChannel:
    """An Official Account as delivery sees it."""

    name = NAME
    sent_when_stored = False
    needs_account = True
    capabilities = CAPABILITIES
    specials: frozenset[str] = frozenset()

    def __init__(self, api: WeChatApi | None = None) -> None:
        self.api = api or WeChatApi()

    async def send(self, sending: Sending) -> SendResult:
        """Sends one part. WeChat gives no id: our key is it."""
        account, part = sending.account, sending.part
        try:
            await self.api.token(account)
            media_id = await self.api.upload(account, part.file) if part.file else None
        except WeChatError as error:
            return refused(problem_of(error.number), error.message, code=error.number)
        except AccountIncompleteError as error:
            return refused(Problem.AUTH, error.message)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            return refused(Problem.TRANSIENT, f"before it was sent: {type(error).__name__}")
        try:
            await self.api.post(account, SEND, {"touser": sending.to, **message_of(sending, media_id)})
        except WeChatError as error:
            return refused(problem_of(error.number), error.message, code=error.number)
        except httpx.HTTPStatusError as error:
            return SendResult(Fate.UNKNOWN, reason=f"answered {error.response.status_code}", problem=Problem.UNKNOWN)
        except httpx.HTTPError as error:
            return broken_call(error)
        return SendResult(Fate.SENT, external_id=str(sending.key))

    async def show_typing(self, account: Account, openid: str) -> None:
        """Shows that somebody types; nothing depends on it."""
        with contextlib.suppress(httpx.HTTPError, WeChatError, AccountIncompleteError):
            await self.api.post(account, "/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})


def message_of(sending: Sending, media_id: str | None) -> dict[str, Any]:
    """The part in WeChat's words: a text, a file, or a menu whose choices come back as text with `bizmsgmenuid`."""
    part = sending.part
    if part.file is not None:
        kind = {"image": "image", "video": "video"}.get(part.file.kind, "voice")
        content: dict[str, Any] = {"media_id": media_id}
        if kind == "video":
            content |= {"thumb_media_id": media_id, "title": part.file.name, "description": ""}
        return {"msgtype": kind, kind: content}
    if part.rows:
        rows = [{"id": choice.reference, "content": choice.title} for choice in part.rows]
        head = part.text or SEE.get(sending.language, SEE["en"])
        return {"msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": rows, "tail_content": ""}}
    return {"msgtype": "text", "text": {"content": part.text}}
