"""A customer who says things, and a bot that takes turns, for the tests of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import dump_understanding, lock_conversation
from context.events import TurnTaken
from context.inbound import record_inbound
from context.ledger import BOT, Ledger
from context.models import EventRow, HandoffRow, MessageRow, TurnRow
from context.ownership import hand_off
from context.redaction.redactor import Redactor
from context.types import HandoffReason, HandoffRequest, Inbound, Understanding
from insights.keeping import Keeper
from kit.db import Database

RANKING = (("track_order", 0.41), ("faq/delivery_time", 0.22), ("greet", 0.05))


def make_keeper(database: Database) -> Keeper:
    redactor = Redactor()
    return Keeper(database, lambda: redactor, lambda: 0.3)


async def say(
    session: AsyncSession, ledger: Ledger, text: str, *, who: str = "ana", payload: str | None = None, language: str = "en"
) -> MessageRow:
    """Stores a message that the model took for nothing it knows."""
    inbound = Inbound("web", "main", who, uuid4().hex, text, payload=payload, profile_name="Ana Silva", language=language)
    message_id = (await record_inbound(session, ledger, inbound)).message.id
    row = await session.get(MessageRow, message_id)
    assert row is not None
    row.understanding = dump_understanding(Understanding(language, None, 0.41, ranking=RANKING, model="abc123"))
    return row


async def take_turn(session: AsyncSession, ledger: Ledger, messages: Sequence[MessageRow], **steps: Any) -> dict[str, Any]:
    """The bot answers the messages; `steps` go into the trace of each. Returns the data of the event."""
    conversation = await lock_conversation(session, messages[0].conversation_id)
    trace: list[dict[str, Any]] = []
    for message in messages:
        intent = steps.get("intent", "nlu_fallback")
        trace.append({"step": "understood", "message_id": str(message.id), "intent": intent, "confidence": 0.41})
        if "slots" in steps:
            trace.append({"step": "slots", "set": steps["slots"], "from": {}})
        if "knowledge" in steps:
            trace.append({"step": "did", "knowledge": steps["knowledge"]})
    turn = TurnRow(id=uuid4(), conversation_id=conversation.id, epoch=1, outcome="taken", trace=trace, milliseconds=1, at=ledger.now)
    session.add(turn)
    event = TurnTaken(turn_id=str(turn.id), message_ids=[str(m.id) for m in messages], epoch=1, milliseconds=1)
    row = await ledger.append(session, event, actor=BOT, conversation=conversation)
    return row.data


async def pass_on(session: AsyncSession, ledger: Ledger, conversation_id: UUID, reason: HandoffReason) -> dict[str, Any]:
    """The bot hands over. Returns the data of `handoff.queued`."""
    conversation = await lock_conversation(session, conversation_id)
    handoff: HandoffRow = await hand_off(session, ledger, conversation, request=HandoffRequest(reason))
    query = select(EventRow).where(EventRow.name == "handoff.queued", EventRow.data["handoff_id"].astext == str(handoff.id))
    return (await session.execute(query)).scalar_one().data


async def ask_something_unknown(database: Database, ledger: Ledger, text: str, *, who: str = "ana", language: str = "en") -> UUID:
    """One message that falls back and is kept; returns the conversation."""
    async with database.transaction() as session:
        message = await say(session, ledger, text, who=who, language=language)
        data = await take_turn(session, ledger, [message])
        conversation_id = message.conversation_id
    await make_keeper(database).keep(conversation_id, data)
    return conversation_id
