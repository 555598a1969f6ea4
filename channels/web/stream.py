"""The widget's live stream: what is stored first, then what happens, each message once and in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.web.parse import ACCOUNT, CHANNEL, show_message
from channels.web.sessions import Visitor, find_sees_from, is_elsewhere, may_see, thread_conversations
from context.conversations import MESSAGING_THREAD, get_message, list_messages
from context.events import EventRecord
from context.models import ConversationRow
from context.staff.models import StaffRow
from context.stream import Hub, Item, Lagging, OutgoingSettled, Owner, Signal, SuggestionsReady
from context.types import Author, Delivery, Handler, Visibility

PING_SECONDS = 15.0
_NEW = {"message.received", "message.queued"}
_CHANGED = {"message.sent", "message.delivered", "message.read", "message.failed"}
_OTHER_OWNERS = {"contact.merged", "contact.unmerged"}
_STATE = {
    "handoff.queued",
    "handoff.accepted",
    "agent.assigned",
    "agent.released",
    "handback.done",
    "conversation.resolved",
    "conversation.opened",
}


@dataclass(frozen=True)
class Push:
    """One event of the stream; None as `event` is a ping."""

    event: str | None
    data: Any = None
    id: int | None = None


async def read_state(session: AsyncSession, conversations: list[ConversationRow]) -> dict[str, Any]:
    """Who answers now."""
    if not conversations:
        return {"handler": Handler.BOT, "agent_name": None, "status": "none"}
    current = conversations[-1]
    agent = await session.get(StaffRow, current.agent_id) if current.agent_id else None
    return {"handler": current.handler, "agent_name": agent.name if agent else None, "status": current.status}


async def read_messages(session: AsyncSession, visitor: Visitor, *, after: int) -> tuple[list[dict[str, Any]], dict[str, Any], int]:
    """Messages after `after`, who answers now, and the last number."""
    conversations = await thread_conversations(session, visitor)
    if not conversations:  # most widgets that are open
        return [], await read_state(session, []), after
    messages = await list_messages(session, [c.id for c in conversations], after=after, public_only=True)
    since = await find_sees_from(session, visitor)
    shown = [
        show_message(m, visitor=visitor.id).model_dump(mode="json") for m in messages if may_see(m, visitor, since) and not is_elsewhere(m)
    ]
    return shown, await read_state(session, conversations), max([after, *[m.seq for m in messages]])


class WidgetStream:
    """One widget's stream."""

    def __init__(self, hub: Hub, visitor: Visitor, after: int) -> None:
        self.hub, self.visitor, self.after = hub, visitor, after
        self._mine: set[UUID] = set()
        self._others: set[UUID] = set()
        self._shown: dict[UUID, str] = {}

    async def run(self) -> AsyncIterator[Push]:
        """Pushes until the client goes away; never skips a message, even when this reader was too slow."""
        while True:
            with self.hub.subscribe(self._maybe_mine, by_owner=True) as reader:
                async for push in self._catch_up():
                    yield push
                try:
                    while True:
                        item = await reader.next(PING_SECONDS)
                        if item is None:
                            yield Push(None)
                        elif isinstance(item, EventRecord) and item.name in _OTHER_OWNERS:
                            self._forget()
                            async for push in self._catch_up():
                                yield push
                        elif item.conversation_id is not None and await self.is_mine(item.conversation_id):
                            async for push in self._pushes(item):
                                yield push
                except Lagging:
                    continue

    def _maybe_mine(self, item: Item) -> bool:
        if isinstance(item, EventRecord) and item.name in _OTHER_OWNERS:
            return True
        if item.conversation_id is None or item.conversation_id in self._others:
            return False
        owner = self.hub.known_owner(item.conversation_id)
        return owner is None or self._owns(owner)

    def _owns(self, owner: Owner) -> bool:
        return owner.thread_key == MESSAGING_THREAD and (CHANNEL, ACCOUNT, self.visitor.id) in owner.addresses

    def _forget(self) -> None:
        """Contacts were merged or parted: whose conversation is whose must be asked anew."""
        self.hub.forget_owners()
        self._mine.clear()
        self._others.clear()

    async def is_mine(self, conversation_id: UUID) -> bool:
        """Whether a conversation is this visitor's, and of the thread that the widget shows."""
        if conversation_id in self._mine or conversation_id in self._others:
            return conversation_id in self._mine
        owner = await self.hub.owner_of(conversation_id)  # one question for all widgets: nothing here may ask the database for each of them
        mine = owner is not None and self._owns(owner)
        (self._mine if mine else self._others).add(conversation_id)
        return mine

    async def _catch_up(self) -> AsyncIterator[Push]:
        async with self.hub.catching_up, self.hub.database.transaction() as session:
            messages, state, _last = await read_messages(session, self.visitor, after=self.after)
        for message in messages:
            self.after = message["seq"]
            yield Push("message", message, message["seq"])
        yield Push("state", state)

    async def _pushes(self, item: Item) -> AsyncIterator[Push]:
        if isinstance(item, Signal):
            if item.author != Author.CUSTOMER:
                yield Push("typing", {"author": item.author, "name": item.name, "on": item.on})
            return
        if isinstance(item, SuggestionsReady | OutgoingSettled):
            return
        async for push in self._event_pushes(item):
            yield push

    async def _event_pushes(self, record: EventRecord) -> AsyncIterator[Push]:
        if record.name in _STATE:
            async with self.hub.database.transaction() as session:
                yield Push("state", await read_state(session, await thread_conversations(session, self.visitor)))
        elif record.name in _NEW | _CHANGED:
            if record.name == "message.sent" and self._shown.get(UUID(record.data["message_id"])) == Delivery.SENT:
                return  # it was sent when it was first shown
            async with self.hub.database.transaction() as session:
                message = await get_message(session, UUID(record.data["message_id"]))
                own = message.channel == CHANNEL and message.address == self.visitor.id
                since = None if own else await find_sees_from(session, self.visitor)
            if not may_see(message, self.visitor, since):
                return  # a late word of what was written elsewhere before this visitor was linked
            if message.visibility != Visibility.PUBLIC or is_elsewhere(message):
                return
            data = show_message(message, visitor=self.visitor.id).model_dump(mode="json")
            if message.seq > self.after:
                self.after = message.seq
                self._shown = {message.id: message.delivery}
                yield Push("message", data, message.seq)
            elif record.name in _CHANGED:
                yield Push("update", data)
