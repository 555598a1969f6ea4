"""A customer is erased: what was learned from what agents wrote to them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assist.models import LearnedExampleRow, LearnedReplyRow, SuggestionRow
from assist.ports import HISTORY
from context.erasing.person import Person
from kit.jobs import Enqueuer


@dataclass(frozen=True)
class LearnedForgetting:
    """Forgets. `learn_again` is the job that learns from a conversation: where the words of a reply were written to this customer, it goes
    whole, and is learned again from the other conversations in which it was given."""

    enqueuer: Enqueuer
    learn_again: str

    async def erase(self, session: AsyncSession, person: Person) -> None:
        """The step."""
        one = LearnedExampleRow
        mine = one.conversation_id.in_(person.conversations)
        replies = set((await session.execute(select(one.reply_id).where(mine))).scalars())
        worded = await _first_given(session, replies, person)
        others = select(one.conversation_id).join(LearnedReplyRow, LearnedReplyRow.id == one.reply_id)
        others = others.where(one.reply_id.in_(worded), ~mine, ~LearnedReplyRow.hidden).distinct()
        again = (await session.execute(others)).scalars().all()
        await session.execute(delete(one).where(mine))
        left = select(one.reply_id).where(one.reply_id.in_(replies))
        gone = LearnedReplyRow.id.in_(worded) | (LearnedReplyRow.id.in_(replies) & LearnedReplyRow.id.not_in(left))
        ids = (await session.execute(delete(LearnedReplyRow).where(gone).returning(LearnedReplyRow.id))).scalars().all()
        await _empty_drafts(session, [str(reply_id) for reply_id in ids])
        for conversation_id in again:
            await self.enqueuer.enqueue(session, self.learn_again, conversation_id=str(conversation_id), event_data={})


async def _first_given(session: AsyncSession, replies: set[UUID], person: Person) -> list[UUID]:
    """Those of the replies whose words are this customer's agent's: the first time that one was given made it."""
    one = LearnedExampleRow
    first = select(one.reply_id, func.min(one.number).label("number")).where(one.reply_id.in_(replies)).group_by(one.reply_id).subquery()
    query = select(one.reply_id).join(first, first.c.number == one.number).where(one.conversation_id.in_(person.conversations))
    return list((await session.execute(query)).scalars())


async def _empty_drafts(session: AsyncSession, replies: list[str]) -> None:
    """What was suggested to others from these replies; its length stays, as figures are computed from it."""
    made = update(SuggestionRow).where(SuggestionRow.source == HISTORY, SuggestionRow.origin.in_(replies))
    await session.execute(made.values(text=func.repeat(".", func.length(SuggestionRow.text)), citations=[]))
