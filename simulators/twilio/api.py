"""The REST API: checks what is sent against the documented limits, and answers as Twilio does."""

from __future__ import annotations

import base64
import re
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.telling import control
from simulators.twilio.world import Config, Json, World


class Refused(Exception):
    """Twilio does not do this."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        more = f"https://www.twilio.com/docs/errors/{code}"
        self.status, self.body = status, {"code": code, "message": message, "more_info": more, "status": status}


def build(config: Config | None = None) -> tuple[Starlette, World]:
    """The application and what it knows."""
    world = World(config or Config())
    api = Api(world)
    base = "/2010-04-01/Accounts/{sid}"
    routes = [
        Route(base + ".json", api.account),
        Route(base + "/Messages.json", api.send, methods=["POST"]),
        Route(base + "/Messages/{message}/Media/{media}", api.media),
        Route(base + "/IncomingPhoneNumbers.json", api.numbers),
        Route(base + "/IncomingPhoneNumbers/{number}.json", api.number, methods=["POST"]),
        *control(api.act, lambda: {"sent": world.sent, "stopped": sorted(world.stopped)}),
    ]
    return Starlette(routes=routes), world


class Api:
    """The calls."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def act(self, action: str, values: Json) -> Any:
        """The control API."""
        return await {name: getattr(self.world, name) for name in ("write", "status")}[action](**values)

    def _login(self, request: Request) -> bool:
        known = f"{self.world.config.account_sid}:{self.world.config.auth_token}"
        return request.headers.get("authorization") == "Basic " + base64.b64encode(known.encode()).decode()

    def _refused(self, request: Request) -> JSONResponse | None:
        if self._login(request):
            return None
        error = Refused(401, 20003, "Authenticate")
        return JSONResponse(error.body, error.status)

    async def account(self, request: Request) -> Response:
        """The account itself."""
        found = {"friendly_name": "The shop", "status": "active", "sid": self.world.config.account_sid}
        return self._refused(request) or JSONResponse(found)

    async def numbers(self, request: Request) -> Response:
        """The numbers of the account."""
        wanted = request.query_params.get("PhoneNumber")
        mine = [{"sid": "PN1", "phone_number": self.world.config.number}] if wanted == self.world.config.number else []
        return self._refused(request) or JSONResponse({"incoming_phone_numbers": mine})

    async def number(self, request: Request) -> Response:
        """Changes where a number's messages go."""
        refused = self._refused(request)
        if refused is None:
            async with request.form() as form:
                self.world.config.hook_url = str(form["SmsUrl"])
        return refused or JSONResponse({"sid": "PN1"})

    async def send(self, request: Request) -> Response:
        """A message."""
        refused = self._refused(request)
        if refused is not None:
            return refused
        async with request.form() as read:
            form = {name: str(value) for name, value in read.items()}
        self.world.calls.append(form)
        if self.world.errors:
            status, body = self.world.errors.pop(0)
            return JSONResponse(body, status)
        try:
            return JSONResponse(self._accept(form), 201)
        except Refused as error:
            return JSONResponse(error.body, error.status)

    def _accept(self, form: dict[str, str]) -> Json:
        config, to, body = self.world.config, form.get("To", ""), form.get("Body", "")
        if not re.fullmatch(r"\+[1-9]\d{7,14}", to):
            raise Refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if form.get("From") != config.number and form.get("MessagingServiceSid") != config.service:
            raise Refused(400, 21606, "The 'From' phone number provided is not a valid message-capable Twilio phone number")
        if not body and not form.get("MediaUrl"):
            raise Refused(400, 21602, "Message body is required.")
        if len(body) > 1600:
            raise Refused(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        if to in self.world.stopped:
            raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")
        message = {
            "sid": self.world.sid(),
            "to": to,
            "body": body,
            "media": form.get("MediaUrl"),
            "callback": form.get("StatusCallback", ""),
        }
        self.world.sent.append(message)
        return {"sid": message["sid"], "status": "queued", "num_segments": "1", "error_code": None, "error_message": None, "to": to}

    async def media(self, request: Request) -> Response:
        """A file, for those who are logged in."""
        data, kind = self.world.files.get(request.url.path, (None, ""))
        if data is None:
            return JSONResponse(Refused(404, 20404, "The requested resource was not found").body, 404)
        return self._refused(request) or Response(data, media_type=kind)
