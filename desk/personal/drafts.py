"""What people are writing: kept here, so that neither a lost browser nor an ended login takes it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import get_conversation
from context.inbound import MAX_TEXT
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from desk.personal.models import DraftRow
from kit.errors import InvalidInputError

KEPT_DAYS = 30
_FIELDS: Mapping[str, type] = {"note": bool, "suggestion": str, "inserted": str, "files": list, "mentions": list}


@dataclass(frozen=True)
class Draft:
    """An unsent text. `body` holds what the composer needs beside it: note, suggestion, inserted, files, mentions."""

    conversation_id: UUID
    text: str
    body: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


def check_draft(text: object, body: object) -> tuple[str, dict[str, Any]]:
    """What may be kept. Raises InvalidInputError."""
    if not isinstance(text, str) or len(text) > 2 * MAX_TEXT or not isinstance(body, Mapping):
        raise InvalidInputError("This draft cannot be kept", hint=f"It may have {2 * MAX_TEXT:,} characters.")
    kept = {name: body[name] for name, kind in _FIELDS.items() if isinstance(body.get(name), kind)}
    if len(str(kept)) > 4 * MAX_TEXT:
        raise InvalidInputError("This draft cannot be kept")
    return text.replace("\0", ""), kept


async def keep_draft(session: AsyncSession, staff: StaffRow, draft: Draft, *, now: datetime) -> None:
    """Keeps a draft in the place of the one before; an empty one forgets it. Raises NotFoundError, NotAllowedError."""
    check_may(staff, "converse")
    if not draft.text.strip() and not draft.body.get("files"):
        await forget_draft(session, staff.id, draft.conversation_id)
        return
    await get_conversation(session, draft.conversation_id)
    row = insert(DraftRow).values(staff_id=staff.id, conversation_id=draft.conversation_id, text=draft.text, body=draft.body, at=now)
    values = {"text": row.excluded.text, "body": row.excluded.body, "at": row.excluded.at}
    await session.execute(row.on_conflict_do_update(index_elements=["staff_id", "conversation_id"], set_=values))


async def find_draft(session: AsyncSession, staff_id: UUID, conversation_id: UUID) -> Draft | None:
    """What this person was writing there, or None."""
    row = await session.get(DraftRow, (staff_id, conversation_id), populate_existing=True)
    return Draft(row.conversation_id, row.text, row.body, row.at) if row is not None else None


async def forget_draft(session: AsyncSession, staff_id: UUID, conversation_id: UUID) -> None:
    """The draft is sent or thrown away; none is fine."""
    await session.execute(delete(DraftRow).where(DraftRow.staff_id == staff_id, DraftRow.conversation_id == conversation_id))


async def list_drafts(session: AsyncSession, staff_id: UUID) -> list[UUID]:
    """The conversations in which this person has a draft, the newest first."""
    query = select(DraftRow.conversation_id).where(DraftRow.staff_id == staff_id).order_by(DraftRow.at.desc()).limit(200)
    return list((await session.execute(query)).scalars())


async def sweep_drafts(session: AsyncSession, *, now: datetime) -> None:
    """Forgets drafts that nobody has touched for 30 days."""
    await session.execute(delete(DraftRow).where(DraftRow.at < now - timedelta(days=KEPT_DAYS)))
