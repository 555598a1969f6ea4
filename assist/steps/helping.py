"""Reading the help beside a conversation, rights checked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assist.steps.proposing import Situation, propose, questions_for
from assist.steps.summary import summarise
from assist.steps.types import Help
from context.conversations import get_conversation, list_messages
from context.events import Actor, EventRecord
from context.models import EventRow
from context.orders.spoken_of import find_spoken_of
from context.staff.models import StaffRow
from context.staff.rights import check_may
from context.types import Author

READ = 200  # messages


async def access_help(session: AsyncSession, staff: StaffRow, conversation_id: UUID, *, now: datetime) -> Help:
    """Summary, order, next actions and questions for an agent. Raises NotAllowedError, NotFoundError."""
    check_may(staff, "converse")
    conversation = await get_conversation(session, conversation_id)
    messages = await list_messages(session, [conversation_id], limit=READ)
    spoken = await find_spoken_of(session, conversation)
    said = [(m.content.text, m.understanding) for m in messages if m.author == Author.CUSTOMER and m.understanding is not None]
    proposals = propose(Situation(said, conversation.slots, spoken.order if spoken else None, now))
    language = said[-1][1].language if said else conversation.language or "en"
    done = await _done(session, conversation_id)
    return Help(summarise(messages, done), spoken, proposals, questions_for(proposals, language))


async def _done(session: AsyncSession, conversation_id: UUID) -> list[EventRecord]:
    query = select(EventRow).where(EventRow.conversation_id == conversation_id, EventRow.name == "action.done").order_by(EventRow.seq)
    return [
        EventRecord(r.id, r.name, r.version, r.at, Actor(r.actor_kind, r.actor_id), r.conversation_id, r.channel, r.seq, r.position, r.data)
        for r in (await session.execute(query)).scalars()
    ]
