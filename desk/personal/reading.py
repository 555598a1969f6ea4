"""How far each person has read each conversation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from desk.personal.models import ReadStateRow


async def record_read(session: AsyncSession, staff_id: UUID, conversation_id: UUID, *, seq: int, now: datetime) -> None:
    """The person has seen everything up to `seq`; it never goes back."""
    row = insert(ReadStateRow).values(staff_id=staff_id, conversation_id=conversation_id, seq=seq, at=now)
    later = {"seq": func.greatest(ReadStateRow.seq, row.excluded.seq), "at": func.greatest(ReadStateRow.at, row.excluded.at)}
    await session.execute(row.on_conflict_do_update(index_elements=["staff_id", "conversation_id"], set_=later))


async def last_read(session: AsyncSession, staff_id: UUID, conversation_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When the person last looked at these conversations; those that they never opened are left out."""
    if not conversation_ids:
        return {}
    query = select(ReadStateRow.conversation_id, ReadStateRow.at)
    query = query.where(ReadStateRow.staff_id == staff_id, ReadStateRow.conversation_id.in_(conversation_ids))
    return {row.conversation_id: row.at for row in (await session.execute(query)).all()}
