"""The Bot API: checks what a bot sends against the documented limits, and answers as Telegram does."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.telegram.world import Config, Json, User, World
from simulators.telling import control

FILES = {"sendPhoto": "photo", "sendVideo": "video", "sendAudio": "audio", "sendVoice": "voice", "sendDocument": "document"}
MOST = {"sendPhoto": 10 * 1024 * 1024}
DOWNLOAD_MOST = 20 * 1024 * 1024


class Refused(Exception):
    """The API does not do this."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def build(config: Config | None = None) -> tuple[Starlette, World]:
    """The application and what it knows."""
    world = World(config or Config())
    api = Api(world)

    def state() -> Json:
        return {"users": [vars(u) | {"spinning": sorted(u.spinning)} for u in world.users.values()]}

    routes = [
        Route("/bot{token}/{method}", api.call, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path:path}", api.file),
        *control(api.act, state),
    ]
    return Starlette(routes=routes), world


class Api:
    """The methods."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def act(self, action: str, values: Json) -> Any:
        """The control API."""
        actions: dict[str, Callable[..., Any]] = {name: getattr(self.world, name) for name in ("write", "press", "edit", "block", "react")}
        return await actions[action](**values)

    async def call(self, request: Request) -> Response:
        """Any method, with JSON or a form."""
        try:
            values = await _values(request)
            return JSONResponse({"ok": True, "result": self._do(request.path_params["token"], request.path_params["method"], values)})
        except Refused as error:
            body: Json = {"ok": False, "error_code": error.code, "description": error.description}
            return JSONResponse(body | ({"parameters": error.parameters} if error.parameters else {}), error.code)

    def _do(self, token: str, method: str, values: Json) -> Any:
        if token != self.world.config.token:
            raise Refused(401, "Unauthorized") if re.fullmatch(r"\d+:[\w-]+", token) else Refused(404, "Not Found")
        self.world.calls.append((method, {k: v for k, v in values.items() if not isinstance(v, bytes)}))
        if self.world.errors:
            error = self.world.errors.pop(0)
            raise Refused(error["error_code"], error["description"], **error.get("parameters", {}))
        if method in FILES:
            return self._send_file(method, values)
        known = getattr(self, f"_{method}", None)
        if known is None:
            raise Refused(404, "Not Found: method not found")
        return known(values)

    def _getMe(self, _values: Json) -> Json:
        bot = self.world.config
        return {"id": int(bot.token.split(":")[0]), "is_bot": True, "first_name": "Shop", "username": bot.username}

    def _deleteWebhook(self, _values: Json) -> bool:
        self.world.config.hook_url = ""
        return True

    def _getUpdates(self, values: Json) -> list[Json]:
        """What waits from `offset` on; what is before it is confirmed, and forgotten."""
        if self.world.config.hook_url:
            raise Refused(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        first = int(values.get("offset") or 0)
        self.world.waiting = [update for update in self.world.waiting if update["update_id"] >= first]
        return self.world.waiting[: int(values.get("limit") or 100)]

    def _setWebhook(self, values: Json) -> bool:
        secret = str(values.get("secret_token") or "")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self.world.config.hook_url, self.world.config.secret = str(values["url"]), secret
        self.world.allowed = list(values.get("allowed_updates") or [])
        return True

    def _getWebhookInfo(self, _values: Json) -> Json:
        return {"url": self.world.config.hook_url, "has_custom_certificate": False, "pending_update_count": 0}

    def _sendMessage(self, values: Json) -> Json:
        text = str(values.get("text") or "")
        if not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if _length(text) > 4096:
            raise Refused(400, "Bad Request: message is too long")
        if values.get("parse_mode"):
            raise Refused(400, "Bad Request: can't parse entities: this simulator wants plain text")
        return self._to_chat(values, {"text": text})

    def _sendLocation(self, values: Json) -> Json:
        return self._to_chat(values, {"location": {"latitude": float(values["latitude"]), "longitude": float(values["longitude"])}})

    def _send_file(self, method: str, values: Json) -> Json:
        name, data = values.get(FILES[method] + "_name"), values.get(FILES[method])
        if not isinstance(data, bytes) or not data:
            raise Refused(400, "Bad Request: there is no file in the request")
        if len(data) > MOST.get(method, 50 * 1024 * 1024):
            raise Refused(413, "Request Entity Too Large")
        if method == "sendPhoto" and not data.startswith((b"\xff\xd8\xff", b"\x89PNG")):
            raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
        if _length(str(values.get("caption") or "")) > 1024:
            raise Refused(400, "Bad Request: message caption is too long")
        extra = {"caption": values["caption"]} if values.get("caption") else {}
        return self._to_chat(values, extra | {FILES[method]: {"file_name": name, "file_size": len(data)}})

    def _to_chat(self, values: Json, content: Json) -> Json:
        person = self._person(values)
        reply = values.get("reply_parameters")
        if reply and not reply.get("allow_sending_without_reply") and reply["message_id"] not in [m["message_id"] for m in person.chat]:
            raise Refused(400, "Bad Request: message to be replied not found")
        markup = values.get("reply_markup")
        for row in (markup or {}).get("inline_keyboard") or []:
            for button in row:
                if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
        message = {"message_id": self.world.message_id(), "date": int(time.time()), "chat": self.world.chat(person), **content,
                   "from": self._getMe({}), **({"reply_markup": markup} if markup else {}),
                   **({"reply_to_message": {"message_id": reply["message_id"]}} if reply else {})}  # fmt: skip
        person.chat.append(message)
        return message

    def _person(self, values: Json) -> User:
        person = self.world.users.get(int(values["chat_id"]))
        if person is None:
            raise Refused(400, "Bad Request: chat not found")
        if person.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        second = int(time.monotonic())
        count = person.last_second[1] + 1 if person.last_second[0] == second else 1
        person.last_second = (second, count)
        if count > self.world.config.per_chat:
            raise Refused(429, "Too Many Requests: retry after 1", retry_after=1)
        return person

    def _answerCallbackQuery(self, values: Json) -> bool:
        for person in self.world.users.values():
            if values["callback_query_id"] in person.spinning:
                person.spinning.discard(values["callback_query_id"])
                return True
        raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")

    def _editMessageReplyMarkup(self, values: Json) -> Json:
        message = next((m for m in self._person(values).chat if m["message_id"] == int(values["message_id"])), None)
        if message is None:
            raise Refused(400, "Bad Request: message to edit not found")
        message["reply_markup"] = values.get("reply_markup") or {}
        return message

    def _sendChatAction(self, values: Json) -> bool:
        self._person(values)
        return True

    def _getFile(self, values: Json) -> Json:
        found = self.world.files.get(str(values["file_id"]))
        if found is None:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(found[1]) > DOWNLOAD_MOST:
            raise Refused(400, "Bad Request: file is too big")
        return {"file_id": values["file_id"], "file_unique_id": "u", "file_path": found[0], "file_size": len(found[1])}

    async def file(self, request: Request) -> Response:
        """A file by its path."""
        path = request.path_params["path"]
        found = next((data for known, data in self.world.files.values() if known == path), None)
        if request.path_params["token"] != self.world.config.token or found is None:
            return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)
        return Response(found, media_type="application/octet-stream")


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


async def _values(request: Request) -> Json:
    if request.headers.get("content-type", "").startswith("application/json"):
        found: Json = await request.json()
        return found
    values: Json = dict(request.query_params)
    async with request.form() as form:
        for name, value in form.items():
            if isinstance(value, UploadFile):
                values[name], values[f"{name}_name"] = await value.read(), value.filename
            else:
                values[name] = json.loads(value) if name in {"reply_parameters", "reply_markup"} else value
    return values
