"""Call-back requests as agents see them: who wants to be reached, how, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import CallbackRow, ContactRow
from context.staff.accounts import check_may
from context.staff.models import StaffRow


@dataclass(frozen=True)
class Callback:
    """An open request; `kind` is email or phone."""

    id: UUID
    conversation_id: UUID
    kind: str
    address: str
    language: str | None
    contact_name: str | None
    asked_at: datetime


async def list_callbacks(session: AsyncSession, staff: StaffRow, *, limit: int = 200) -> list[Callback]:
    """All open requests, the oldest first. Raises NotAllowedError."""
    return await _find(session, staff, limit=limit)


async def access_callback(session: AsyncSession, staff: StaffRow, conversation_id: UUID) -> Callback | None:
    """The open request of a conversation, or None. Raises NotAllowedError."""
    return next(iter(await _find(session, staff, CallbackRow.conversation_id == conversation_id)), None)


async def _find(session: AsyncSession, staff: StaffRow, *where: Any, limit: int = 1) -> list[Callback]:
    check_may(staff, "converse")
    query = select(CallbackRow, ContactRow.name).join(ContactRow, ContactRow.id == CallbackRow.contact_id)
    query = query.where(CallbackRow.closed_at.is_(None), *where).order_by(CallbackRow.asked_at).limit(limit)
    rows = (await session.execute(query)).all()
    return [Callback(c.id, c.conversation_id, c.kind, c.address, c.language, name, c.asked_at) for c, name in rows]
