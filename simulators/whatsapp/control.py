"""The control API under /sim/: what customers do, how the provider behaves, and the ledger of all that happened."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.whatsapp.pump import Pump
from simulators.whatsapp.world import Failure, Message, World


@dataclass
class Control:
    """For tests, demos and the phone page."""

    world: World
    pump: Pump

    def routes(self) -> list[Route]:
        """All of /sim/."""
        return [
            Route("/sim/config", self._config, methods=["GET", "POST"]),
            Route("/sim/customers", self._customers, methods=["GET", "POST"]),
            Route("/sim/say", self._say, methods=["POST"]),
            Route("/sim/tap", self._tap, methods=["POST"]),
            Route("/sim/react", self._react, methods=["POST"]),
            Route("/sim/read", self._read, methods=["POST"]),
            Route("/sim/delete", self._delete, methods=["POST"]),
            Route("/sim/edit", self._edit, methods=["POST"]),
            Route("/sim/file", self._file, methods=["POST"]),
            Route("/sim/file/{media_id}", self._show_file, methods=["GET"]),
            Route("/sim/number", self._new_number, methods=["POST"]),
            Route("/sim/fail", self._fail, methods=["POST"]),
            Route("/sim/raw", self._raw, methods=["POST"]),
            Route("/sim/template", self._judge_template, methods=["POST"]),
            Route("/sim/handshake", self._handshake, methods=["POST"]),
            Route("/sim/chat/{phone}", self._chat, methods=["GET"]),
            Route("/sim/ledger", self._ledger, methods=["GET"]),
            Route("/sim/idle", self._idle, methods=["GET"]),
            Route("/sim/reset", self._reset, methods=["POST"]),
        ]

    async def _config(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                self.world.config.change(await request.json())
            except KeyError as unknown:
                return JSONResponse({"error": f"there is no setting {unknown}"}, status_code=422)
        return JSONResponse(dataclasses.asdict(self.world.config))

    async def _customers(self, request: Request) -> Response:
        if request.method == "POST":
            data = await request.json()
            customer = self.world.customer(data["phone"], name=data.get("name"), username=data.get("username"))
            customer.hidden, customer.blocked = bool(data.get("hidden")), bool(data.get("blocked"))
            return JSONResponse(dataclasses.asdict(customer))
        return JSONResponse([dataclasses.asdict(c) for c in self.world.customers.values()])

    async def _say(self, request: Request) -> Response:
        """`{"phone", "text"}`, or `{"phone", "message": {"type": ..., ...}}` for any other type; `reply_to`, `at` may be given."""
        data = await request.json()
        customer = self.world.customer(data["phone"], name=data.get("name"))
        body = dict(data.get("message") or {"type": "text", "text": {"body": data["text"]}})
        if data.get("reply_to"):
            body["context"] = {"from": self.world.config.display_phone, "id": data["reply_to"]}
        message = self.world.add(customer, out=True, body=body)
        message.at = float(data.get("at") or message.at)
        self.pump.tell_message(message)
        return JSONResponse({"id": message.id})

    async def _tap(self, request: Request) -> Response:
        """`{"phone", "message", "reply"}`: the customer taps the button or row with that id."""
        data = await request.json()
        message = self.world.messages[data["message"]]
        kind, chosen = find_choice(message.body, data["reply"])
        if chosen is None:
            return JSONResponse({"error": "there is no such button"}, status_code=422)
        body = {"type": "interactive", "interactive": {"type": kind, kind: chosen}}
        if kind == "button":
            body = {"type": "button", "button": chosen}
        body["context"] = {"from": self.world.config.display_phone, "id": message.id}
        answer = self.world.add(self.world.customer(data["phone"]), out=True, body=body)
        self.pump.tell_message(answer)
        return JSONResponse({"id": answer.id})

    async def _react(self, request: Request) -> Response:
        data = await request.json()
        target = self.world.messages[data["message"]]
        target.reaction = data.get("emoji") or None
        reaction = {"message_id": target.id} | ({"emoji": data["emoji"]} if data.get("emoji") else {})
        message = self.world.add(self.world.customer(data["phone"]), out=True, body={"type": "reaction", "reaction": reaction})
        self.pump.tell_message(message)
        return JSONResponse({"id": message.id})

    async def _read(self, request: Request) -> Response:
        """The customer looks at the chat: everything the business sent is read."""
        phone = (await request.json())["phone"]
        for message in self.world.chats.get(phone, ()):
            if not message.out and message.state in {"accepted", "sent", "delivered"} and message.body["type"] != "reaction":
                message.state = "read"
                self.world.version += 1
                self.pump.tell_status(message, "read")
        return JSONResponse({"ok": True})

    async def _delete(self, request: Request) -> Response:
        target = self.world.messages[(await request.json())["message"]]
        target.deleted = True
        return self._about(target, {"type": "revoke", "revoke": {"original_message_id": target.id}})

    async def _edit(self, request: Request) -> Response:
        data = await request.json()
        target = self.world.messages[data["message"]]
        target.body = {"type": "text", "text": {"body": data["text"]}}
        return self._about(target, {"type": "edit", "edit": {"original_message_id": target.id, "message": target.body}})

    def _about(self, target: Message, body: dict[str, Any]) -> Response:
        message = self.world.add(self.world.customers[target.customer], out=True, body=body)
        self.pump.tell_message(message)
        return JSONResponse({"id": message.id})

    async def _file(self, request: Request) -> Response:
        """A customer sends a file: `phone`, `kind` (as in webhooks, or voice), `file`, `caption`, `claimed`."""
        async with request.form(max_part_size=101 * 2**20) as form:
            file = form["file"]
            assert not isinstance(file, str)
            kind, claimed = str(form.get("kind") or "image"), str(form.get("claimed") or file.content_type)
            stored = self.world.keep(await file.read(), claimed, file.filename or "file")
            phone, caption = str(form["phone"]), form.get("caption")
        named = "audio" if kind == "voice" else kind
        content: dict[str, Any] = {"id": stored.id, "mime_type": claimed, "sha256": stored.sha256}
        content |= {"voice": kind == "voice"} if named == "audio" else {}
        content |= {"filename": stored.name} if named == "document" else {}
        content |= {"caption": caption} if caption else {}
        message = self.world.add(self.world.customer(phone), out=True, body={"type": named, named: content})
        self.pump.tell_message(message)
        return JSONResponse({"id": message.id, "media": stored.id})

    async def _show_file(self, request: Request) -> Response:
        stored = self.world.files.get(request.path_params["media_id"])
        headers = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
        return Response(stored.data, media_type=stored.type, headers=headers) if stored else Response(status_code=404)

    async def _new_number(self, request: Request) -> Response:
        """`{"phone", "new", "user_id"?}`: the customer gets another number; the system message names the user id only where asked."""
        data = await request.json()
        customer = self.world.customers.pop(data["phone"])
        old, customer.phone = customer.phone, data["new"]
        self.world.customers[customer.phone] = customer
        self.world.chats[customer.phone] = self.world.chats.pop(old, [])
        for message in self.world.chats[customer.phone]:
            message.customer = customer.phone
        system: dict[str, Any] = {"body": f"{customer.name} changed", "wa_id": customer.phone, "type": "user_changed_number"}
        system |= {"user_id": customer.user_id} if data.get("user_id") else {}
        entry = {"from": old, "id": f"wamid.system{time.time_ns()}", "timestamp": str(int(time.time())), "type": "system", "system": system}
        metadata = {"display_phone_number": self.world.config.display_phone, "phone_number_id": self.world.config.phone_number_id}
        value = {"messaging_product": "whatsapp", "metadata": metadata, "messages": [entry]}
        self.pump.tell({"field": "messages", "value": value})
        return JSONResponse({"ok": True})

    async def _fail(self, request: Request) -> Response:
        """`{"count", "code", "status", "message", "later"}`: what the next sends are answered with; a list puts in several."""
        data = await request.json()
        for entry in data if isinstance(data, list) else [data]:
            self.world.failures.append(Failure(**entry))
        return JSONResponse({"waiting": len(self.world.failures)})

    async def _raw(self, request: Request) -> Response:
        """A whole change of a webhook, sent as it is."""
        self.pump.tell(await request.json())
        return JSONResponse({"ok": True})

    async def _judge_template(self, request: Request) -> Response:
        """`{"name", "language", "status", "reason"?}`: the provider decides about a template, and tells it by webhook."""
        data = await request.json()
        known = next(t for t in self.world.templates if (t["name"], t["language"]) == (data["name"], data["language"]))
        known["status"] = data["status"]
        value = {
            "event": data["status"], "message_template_id": int(known["id"]), "message_template_name": known["name"],
            "message_template_language": known["language"], "reason": data.get("reason", "NONE"),
        }  # fmt: skip
        self.pump.tell({"field": "message_template_status_update", "value": value})
        return JSONResponse({"ok": True})

    async def _handshake(self, _request: Request) -> Response:
        """Asks the webhook's address to prove itself, as when it is entered at the provider."""
        config = self.world.config
        params = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": config.verify_token}
        async with httpx.AsyncClient(timeout=10.0, trust_env=False) as client:
            try:
                answer = await client.get(config.hook_url, params=params)
            except httpx.HTTPError as error:
                return JSONResponse({"verified": False, "error": type(error).__name__})
        return JSONResponse({"verified": answer.status_code == 200 and answer.text == "1158201444", "status": answer.status_code})

    async def _chat(self, request: Request) -> Response:
        """What one phone shows; nothing new when `version` is the present one. `silent`: nobody takes the webhooks."""
        phone = request.path_params["phone"]
        typing = self.world.typing.get(phone, 0.0) > time.time()
        shown = [show(m) for m in self.world.chats.get(phone, ())[-200:]]
        return JSONResponse({"version": self.world.version, "typing": typing, "silent": self.pump.silent, "messages": shown})

    async def _ledger(self, _request: Request) -> Response:
        """Everything: `inbound` what customers sent, `sends` what was accepted of the business, in their order."""
        messages = sorted(self.world.messages.values(), key=lambda m: m.number)
        return JSONResponse(
            {
                "inbound": [show(m) for m in messages if m.out], "sends": [show(m) for m in messages if not m.out],
                "refused": self.world.refused, "posts": self.pump.posts, "unanswered": self.pump.unanswered,
            }
        )  # fmt: skip

    async def _idle(self, _request: Request) -> Response:
        waiting = len(self.pump.queue)
        return JSONResponse({"idle": self.pump.idle, "waiting": waiting, "posts": self.pump.posts, "unanswered": self.pump.unanswered})

    async def _reset(self, request: Request) -> Response:
        """Forgets everything; the settings are those of the beginning, changed by the body."""
        self.pump.forget()
        self.world.forget()
        return await self._config(request)


def find_choice(body: dict[str, Any], reply: str) -> tuple[str, dict[str, Any] | None]:
    """What a webhook says when a button or row of a message is tapped."""
    action = (body.get("interactive") or {}).get("action") or {}
    for button in action.get("buttons") or ():
        if button["reply"]["id"] == reply:
            return "button_reply", dict(button["reply"])
    for section in action.get("sections") or ():
        for row in section["rows"]:
            if row["id"] == reply:
                return "list_reply", dict(row)
    for component in (body.get("template") or {}).get("components") or ():
        for parameter in component.get("parameters") or ():
            if component.get("type") == "button" and parameter.get("payload") == reply:
                return "button", {"payload": reply, "text": reply}
    return "", None


def show(message: Message) -> dict[str, Any]:
    """A message of the ledger."""
    known = ("id", "number", "customer", "out", "at", "state", "key", "acked", "acked_at", "reaction", "deleted")
    return {name: getattr(message, name) for name in known} | message.body
