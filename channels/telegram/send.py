"""Sending on Telegram: one part, one call. Plain text only, so that there is no markup to escape and none to inject."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from channels.base import Account, AccountIncompleteError, Choice, Fate, File, Part, Problem, Sending, SendResult
from channels.calling import broken_call, json_of, refused, unsure
from channels.telegram.capabilities import CAPABILITIES, NAME, SPECIALS
from channels.telegram.client import BotApi

SHORT = 18
METHODS = {"image": "sendPhoto", "video": "sendVideo", "audio": "sendAudio", "voice": "sendVoice", "document": "sendDocument"}
FIELDS = {"sendPhoto": "photo", "sendVideo": "video", "sendAudio": "audio", "sendVoice": "voice", "sendDocument": "document"}
SHARE = {
    "contact_request": {"en": "Share my number", "zh-Hant": "提供我的電話", "zh-Hans": "提供我的电话", "pt": "Partilhar o meu número"},
    "location_request": {
        "en": "Share my location",
        "zh-Hant": "提供我的位置",
        "zh-Hans": "提供我的位置",
        "pt": "Partilhar a minha localização",
    },
}
NOT_THERE = ("chat not found", "user is deactivated", "initiate conversation", "kicked", "peer_id_invalid", "user not found")
FILE_WORDS = ("photo", "file", "wrong type", "entity too large", "image", "video", "voice_messages_forbidden")


class TelegramChannel:
    """The Bot API as delivery sees it."""

    name = NAME
    sent_when_stored = False
    needs_account = True
    capabilities = CAPABILITIES
    specials = SPECIALS
    answers_choices = True

    def __init__(self, api: BotApi | None = None) -> None:
        self.api = api or BotApi()

    async def send(self, sending: Sending) -> SendResult:
        """Sends the part; a picture that Telegram does not take as one goes as a file."""
        part = sending.part
        if part.file is None:
            return await self._call(sending.account, *message_call(sending))
        method = METHODS.get(part.file.kind, "sendDocument")
        result = await self._file(sending, part.file, method)
        if result.problem == Problem.MEDIA and method != "sendDocument":
            return await self._file(sending, part.file, "sendDocument")
        return result

    async def _file(self, sending: Sending, file: File, method: str) -> SendResult:
        data = {"chat_id": sending.to} | ({"caption": sending.part.text} if sending.part.text else {})
        if sending.reply_to is not None:
            data["reply_parameters"] = json.dumps(_reply(sending.reply_to))
        return await self._call(sending.account, method, {"data": data, "files": {FIELDS[method]: (file.name, file.data, file.type)}})

    async def _call(self, account: Account, method: str, content: dict[str, Any]) -> SendResult:
        try:
            answer = await self.api.call(account, method, **content)
        except (httpx.HTTPError, httpx.InvalidURL, AccountIncompleteError) as error:
            return broken_call(error)
        return result_of(answer)

    async def seen(self, account: Account, external_id: str, *, typing: bool) -> None:
        """Takes the waiting mark from a pressed button, and the buttons from their message, as they are used."""
        kind, *names = external_id.split(":")
        if kind == "c" and len(names) == 3:
            await self.api.call(account, "answerCallbackQuery", json={"callback_query_id": names[0]})
            empty = {"chat_id": int(names[1]), "message_id": int(names[2]), "reply_markup": {"inline_keyboard": []}}
            await self.api.call(account, "editMessageReplyMarkup", json=empty)
        if typing:
            await self.api.call(account, "sendChatAction", json={"chat_id": names[-2] if kind == "c" else kind, "action": "typing"})


def message_call(sending: Sending) -> tuple[str, dict[str, Any]]:
    """The method and the body for a part without a file."""
    part = sending.part
    body: dict[str, Any] = {"chat_id": sending.to}
    if sending.reply_to is not None:
        body["reply_parameters"] = _reply(sending.reply_to)
    if "location" in part.special:
        place = part.special["location"]
        return "sendLocation", {"json": body | {"latitude": float(place["latitude"]), "longitude": float(place["longitude"])}}
    markup = _markup(part, sending.language)
    return "sendMessage", {"json": body | {"text": part.text} | ({"reply_markup": markup} if markup else {})}


def _reply(reply_to: str) -> dict[str, Any]:
    return {"message_id": int(reply_to.rpartition(":")[2]), "allow_sending_without_reply": True}


def _markup(part: Part, language: str) -> dict[str, Any] | None:
    if part.buttons:
        return {"inline_keyboard": _rows(part.buttons)}
    link = part.link or _link(part.special.get("link"))
    if link is not None:
        return {"inline_keyboard": [[{"text": link[0], "url": link[1]}]]}
    asked: dict[str, Callable[[str], dict[str, Any]]] = {
        "contact_request": lambda text: {"text": text, "request_contact": True},
        "location_request": lambda text: {"text": text, "request_location": True},
    }
    for kind, make in asked.items():
        if kind in part.special:
            text = SHARE[kind].get(language, SHARE[kind]["en"])
            return {"keyboard": [[make(text)]], "resize_keyboard": True, "one_time_keyboard": True}
    return None


def _link(value: Any) -> tuple[str, str] | None:
    return (str(value["title"]), str(value["url"])) if value else None


def _rows(choices: Sequence[Choice]) -> list[list[dict[str, str]]]:
    """Two short buttons stand beside each other; a long one has a line of its own."""
    rows: list[list[dict[str, str]]] = []
    for choice in choices:
        button = {"text": choice.title, "callback_data": choice.reference}
        fits = bool(rows) and len(rows[-1]) == 1 and len(choice.title) <= SHORT and len(rows[-1][0]["text"]) <= SHORT
        if fits:
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows


def result_of(answer: httpx.Response) -> SendResult:
    """What an answer to a send says."""
    found = json_of(answer)
    if found.get("ok"):
        try:
            message = found["result"]
            return SendResult(Fate.SENT, external_id=f"{message['chat']['id']}:{message['message_id']}")
        except (KeyError, TypeError):
            return SendResult(Fate.UNKNOWN, reason="taken without a number", problem=Problem.UNKNOWN)
    code = int(found.get("error_code") or answer.status_code)
    return _refusal(code, str(found.get("description") or f"answered {code}"), found.get("parameters") or {})


def _refusal(code: int, words: str, parameters: dict[str, Any]) -> SendResult:
    if code >= 500:
        return unsure(code)
    return refused(_problem(code, words.lower()), words, code=code, retry_after=parameters.get("retry_after"))


def _problem(code: int, words: str) -> Problem:
    """The error table of docs/channels-telegram.md."""
    if code == 429:
        return Problem.RATE_PAIR
    if code in {401, 404}:  # 404: the token is not even of the right form
        return Problem.AUTH
    if code == 403:
        return Problem.OPTED_OUT if "blocked" in words else Problem.RECIPIENT
    if any(w in words for w in NOT_THERE):
        return Problem.RECIPIENT
    if code == 413 or any(w in words for w in FILE_WORDS):
        return Problem.MEDIA
    return Problem.BAD_REQUEST
