"""What was learned from conversations, for those who look after it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assist.models import LearnedExampleRow, LearnedReplyRow
from kit.errors import NotFoundError

MOST = 500


async def list_replies(session: AsyncSession, *, language: str = "") -> list[dict[str, Any]]:
    """Learned replies with in how many conversations and by how many agents they were given, those given most first."""
    conversations = func.count(LearnedExampleRow.conversation_id.distinct())
    query = (
        select(LearnedReplyRow, conversations, func.count(LearnedExampleRow.staff_id.distinct()))
        .join(LearnedExampleRow, LearnedExampleRow.reply_id == LearnedReplyRow.id)
        .group_by(LearnedReplyRow.id)
        .order_by(conversations.desc(), LearnedReplyRow.id)
        .limit(MOST)
    )
    if language:
        query = query.where(LearnedReplyRow.language == language)
    return [
        {"id": row.id, "language": row.language, "reply": row.reply, "hidden": row.hidden, "conversations": times, "agents": agents}
        for row, times, agents in (await session.execute(query)).all()
    ]


async def hide_reply(session: AsyncSession, reply_id: UUID, *, hidden: bool) -> None:
    """Says whether a reply may be offered. Raises NotFoundError."""
    query = update(LearnedReplyRow).where(LearnedReplyRow.id == reply_id).values(hidden=hidden).returning(LearnedReplyRow.id)
    if (await session.execute(query)).first() is None:
        raise NotFoundError("There is no such learned reply")
