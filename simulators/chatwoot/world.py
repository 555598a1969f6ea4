"""What there is in the simulated Chatwoot, and what it tells its agent bot and the webhook of its account."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

ACCOUNT, INBOX, BOT_TOKEN, PERSON_TOKEN, SECRET = 1, 2, "bot-demo-token", "person-demo-token", "hook-demo-secret"
KINDS = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}
BOT = {"id": 9, "name": "Baton", "type": "agent_bot"}


@dataclass
class World:
    """Everything. `repeat`: each webhook comes so often; `old`: as a Chatwoot that neither signs nor tells of every status, and that
    replaces all custom attributes by those that are sent. `fail`: the answers to the next calls, 0 as usual. `late`: so many tries until a
    file is there. `files`: bytes by name; `elsewhere`: where files lie that are not kept here.
    """

    hook: str = ""
    repeat: int = 1
    old: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    elsewhere: str = ""
    late: int = 0
    fail: list[int] = field(default_factory=list)
    conversations: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def conversation(self, number: int, contact: int = 7, name: str = "Ann Example") -> dict[str, Any]:
        """The conversation of this number, made pending when it is new, as the inbox has a bot."""
        now = time.time()
        person = {"id": contact, "name": name, "email": "ann@example.com", "phone_number": None, "identifier": None, "type": "contact"}
        return self.conversations.setdefault(
            number,
            {
                "id": number, "inbox_id": INBOX, "status": "pending", "channel": "Channel::WebWidget", "can_reply": True, "labels": [],
                "meta": {"sender": person, "assignee": None, "team": None, "hmac_verified": False}, "custom_attributes": {},
                "additional_attributes": {}, "snoozed_until": None, "priority": None, "timestamp": int(now), "created_at": int(now),
                "updated_at": now,
            },
        )  # fmt: skip

    async def add(self, number: int, kind: int, sender: dict[str, Any] | None, content: dict[str, Any]) -> dict[str, Any]:
        """Stores a message and tells of it."""
        conversation = self.conversations[number]
        now = datetime.now(UTC)
        conversation["timestamp"], conversation["updated_at"] = int(now.timestamp()), now.timestamp()
        message = {
            "id": 1000 + len(self.messages), "content": content.get("content"), "content_type": content.get("content_type", "text"),
            "content_attributes": content.get("content_attributes") or {}, "additional_attributes": {}, "message_type": KINDS[kind],
            "created_at": now.isoformat().replace("+00:00", "Z"), "private": bool(content.get("private")), "source_id": None,
            "conversation_id": number, "sender": sender, "attachments": content.get("attachments") or [],
        }  # fmt: skip
        self.messages.append(message)
        if kind != 2:
            await self.tell_message("message_created", message)
        return message

    async def tell_message(self, event: str, message: dict[str, Any]) -> None:
        """A webhook about a message."""
        around = {"account": {"id": ACCOUNT, "name": "Acme"}, "inbox": {"id": INBOX, "name": "Website"}}
        conversation = self.conversations[message["conversation_id"]]
        body = {key: value for key, value in message.items() if value or key != "attachments"}
        await self.tell({"event": event, **body, **around, "conversation": dict(conversation)})

    async def set_status(self, number: int, status: str) -> None:
        """Somebody, or the bot, changes the state."""
        conversation = self.conversations[number]
        before, conversation["status"], conversation["updated_at"] = conversation["status"], status, time.time()
        if before == status:
            return
        changed = [{"status": {"previous_value": before, "current_value": status}}]
        if status in {"open", "resolved"}:
            await self.tell({"event": "conversation_opened" if status == "open" else "conversation_resolved", **conversation})
        if not self.old:
            await self.tell({"event": "conversation_status_changed", **conversation, "changed_attributes": changed})

    async def tell(self, payload: dict[str, Any]) -> None:
        """Posts a webhook, signed, perhaps more than once, with five seconds for an answer."""
        body = json.dumps(payload).encode()
        stamp = str(int(time.time()))
        digest = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json"}
        if not self.old:
            headers |= {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={digest}", "X-Chatwoot-Delivery": str(uuid.uuid4())}
        status: int | None = None
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            for _ in range(self.repeat if self.hook else 0):
                try:
                    status = (await client.post(self.hook, content=body, headers=headers)).status_code
                except httpx.HTTPError:
                    status = None
                await asyncio.sleep(0)
        self.told.append({"event": payload["event"], "status": status})
