"""What goes after as many days as the house says: resolved conversations whole, then customers of whom none is left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.customer.models import CallRow, ContactNoteRow, ShopEventRow
from context.erasing.erasing import Erasing
from context.erasing.person import NOBODY, Person
from context.identity.models import IdentifierRow
from context.models import ContactRow, ConversationRow, IdentityRow
from context.types import Status

RETENTION = ("", "retention")


async def remove_conversations(session: AsyncSession, erasing: Erasing, *, before: datetime, limit: int) -> int:
    """Deletes conversations that were resolved before then, with all that belongs to them; how many. What somebody holds waits."""
    old = select(ConversationRow.id).where(ConversationRow.status == Status.RESOLVED, ConversationRow.resolved_at < before)
    old = old.order_by(ConversationRow.resolved_at).limit(limit).with_for_update(skip_locked=True)
    found = tuple((await session.execute(old)).scalars())
    if found:
        await erasing.clear(session, Person(NOBODY, (), found))
        await session.execute(delete(ConversationRow).where(ConversationRow.id.in_(found)))
    return len(found)


async def erase_inactive(session: AsyncSession, erasing: Erasing, *, before: datetime, limit: int) -> int:
    """Erases customers of whom no conversation is left and nothing was heard since then; how many."""
    one = ContactRow
    heard: list[ColumnElement[bool]] = [
        exists().where(ConversationRow.contact_id == one.id),
        exists().where(IdentityRow.contact_id == one.id, IdentityRow.created_at >= before),
        exists().where(IdentifierRow.contact_id == one.id, (IdentifierRow.at >= before) | (IdentifierRow.verified_at >= before)),
        *(exists().where(row.contact_id == one.id, row.at >= before) for row in (CallRow, ContactNoteRow, ShopEventRow)),
    ]
    silent = select(one.id).where(one.merged_into.is_(None), one.erased_at.is_(None), one.created_at < before)
    found = (await session.execute(silent.where(*(~one for one in heard)).order_by(one.created_at).limit(limit))).scalars().all()
    for contact_id in found:
        await erasing.erase(session, RETENTION, contact_id)
    return len(found)
