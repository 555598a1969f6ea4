"""What the inbox reads beyond `desk.inbox`: counts of the views, reasons of those who wait, other conversations of a customer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import get_conversation
from context.erasing.erasing import RIGHT
from context.labels.keeping import list_labels
from context.models import ConversationRow, HandoffRow, MessageRow, TurnRow
from context.staff.accounts import check_may, may
from context.staff.models import StaffRow, TeamRow
from context.types import Status
from desk.personal.notifications import list_colleagues


@dataclass(frozen=True)
class OtherConversation:
    """Another conversation of the same customer. `merged`: it is part of this one."""

    id: UUID
    channel: str
    status: str
    preview: str
    updated_at: datetime
    merged: bool = False


async def find_reasons(session: AsyncSession, conversation_ids: Collection[UUID]) -> dict[UUID, str]:
    """Why each of these conversations waits: the reason of its newest handoff."""
    if not conversation_ids:
        return {}
    query = select(HandoffRow.conversation_id, HandoffRow.reason).where(HandoffRow.conversation_id.in_(conversation_ids))
    query = query.ext(distinct_on(HandoffRow.conversation_id)).order_by(HandoffRow.conversation_id, HandoffRow.at.desc())
    return {row.conversation_id: row.reason for row in (await session.execute(query)).all()}


async def access_others(session: AsyncSession, staff: StaffRow, conversation_id: UUID, *, limit: int = 10) -> list[OtherConversation]:
    """The newest other conversations of the customer of this one. Raises NotFoundError and NotAllowedError."""
    check_may(staff, "converse")
    conversation = await get_conversation(session, conversation_id)
    query = select(ConversationRow).where(ConversationRow.contact_id == conversation.contact_id, ConversationRow.id != conversation_id)
    rows = (await session.execute(query.order_by(ConversationRow.updated_at.desc()).limit(limit))).scalars()
    return [OtherConversation(r.id, r.channel, r.status, r.preview, r.updated_at, r.merged_into_id == conversation_id) for r in rows]


async def access_trace(session: AsyncSession, staff: StaffRow, message_id: UUID, *, within: Collection[UUID]) -> list[Any] | None:
    """How the bot decided in the turn that this message belongs to; None when that is not kept or stands in other conversations.

    Raises NotAllowedError.
    """
    check_may(staff, "converse")
    query = select(TurnRow.trace).join(MessageRow, MessageRow.turn_id == TurnRow.id)
    query = query.where(MessageRow.id == message_id, MessageRow.conversation_id.in_(within))
    return (await session.execute(query)).scalar_one_or_none()


async def access_meta(session: AsyncSession, staff: StaffRow) -> dict[str, Any]:
    """What the inbox offers to choose from: labels, teams, colleagues, kept views, channels and languages in use."""
    check_may(staff, "converse")
    table = ConversationRow
    teams = (await session.execute(select(TeamRow.id, TeamRow.name).order_by(TeamRow.name))).all()
    used = (await session.execute(select(table.channel, table.language).where(table.status != Status.RESOLVED).distinct().limit(200))).all()
    return {
        "labels": [{"id": str(label.id), "title": label.title, "colour": label.colour} for label in await list_labels(session)],
        "teams": [{"id": str(team.id), "name": team.name} for team in teams],
        "people": [{"id": str(one.id), "name": one.name} for one in await list_colleagues(session)],
        "channels": sorted({row.channel for row in used}),
        "languages": sorted({row.language for row in used if row.language}),
        "mayLabel": may(staff, "manage_labels"),
        "mayErase": may(staff, RIGHT),
    }
