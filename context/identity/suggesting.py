"""Suggestions that two contacts are one, read and decided by a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from context.contacts import get_contact
from context.events import Actor
from context.identity.linking import choose_survivor, speaks_against
from context.identity.merging import Why, merge_contacts
from context.identity.models import IdentifierRow, LinkSuggestionRow, MergeRow
from context.ledger import Ledger
from context.models import ContactRow
from kit.errors import ConflictError, NotFoundError


@dataclass(frozen=True)
class Suggested:
    """Two contacts who may be one: what they have in common, and what speaks against it."""

    id: UUID
    contacts: tuple[tuple[UUID, str | None], tuple[UUID, str | None]]
    kind: str
    value: str
    doubts: tuple[str, ...]
    at: datetime


async def list_suggestions(session: AsyncSession, *, contact_id: UUID | None = None, limit: int = 50) -> list[Suggested]:
    """Open suggestions, newest first; of one contact where it is named."""
    query = select(LinkSuggestionRow).where(LinkSuggestionRow.state == "open").order_by(LinkSuggestionRow.at.desc()).limit(limit)
    if contact_id is not None:
        query = query.where(or_(LinkSuggestionRow.one_id == contact_id, LinkSuggestionRow.other_id == contact_id))
    found = []
    for row in (await session.execute(query)).scalars().all():
        pair = [await session.get(ContactRow, one) for one in (row.one_id, row.other_id)]
        if None in pair or any(one is not None and one.merged_into is not None for one in pair):
            continue
        names = tuple((one.id, one.name) for one in pair if one is not None)
        doubts = tuple(await speaks_against(session, row.one_id, row.other_id))
        evidence: dict[str, Any] = row.evidence
        found.append(Suggested(row.id, (names[0], names[1]), evidence.get("kind", ""), evidence.get("value", ""), doubts, row.at))
    return found


async def confirm(session: AsyncSession, ledger: Ledger, suggestion_id: UUID, *, actor: Actor) -> MergeRow:
    """They are one person: merged, with a record. Raises NotFoundError, ConflictError, MergeError."""
    row = await _open(session, suggestion_id)
    goes, stays = await choose_survivor(session, row.one_id, row.other_id)
    return await merge_contacts(session, ledger, goes, stays, why=Why("agent", actor, dict(row.evidence)))


async def dismiss(session: AsyncSession, ledger: Ledger, suggestion_id: UUID, *, actor: Actor, shared: bool = False) -> None:
    """They are two people. `shared`: what they have in common is marked as shared, so that it links nobody by itself again."""
    row = await _open(session, suggestion_id)
    row.state, row.decided_at, row.decided_by = "dismissed", ledger.now, actor.id
    if shared:
        which = (IdentifierRow.contact_id.in_((row.one_id, row.other_id)), IdentifierRow.value == row.evidence.get("value"))
        await session.execute(update(IdentifierRow).where(*which).values(shared=True))


async def _open(session: AsyncSession, suggestion_id: UUID) -> LinkSuggestionRow:
    row = await session.get(LinkSuggestionRow, suggestion_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError("There is no such suggestion")
    if row.state != "open":
        raise ConflictError("This was decided already", hint=f"It is {row.state}.")
    for contact_id in (row.one_id, row.other_id):
        if (await get_contact(session, contact_id)).id != contact_id:
            raise ConflictError("One of them was merged since")
    return row
