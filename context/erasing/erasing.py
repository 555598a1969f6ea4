"""Erasing a customer: who may, what is stopped and taken away, what is written down of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from context.contact_events import ContactErased
from context.contacts import get_whoever
from context.erasing.emptying import empty_tables
from context.erasing.own import Own, attachments_of, empty_orders, orders_of
from context.erasing.person import Person, find_person
from context.erasing.stopping import lock_person, stop_all
from context.events import Actor
from context.ledger import SYSTEM, Ledger
from context.models import ContactRow, ConversationRow, MessageRow
from context.shop.models import ServiceRequestRow
from context.shop.types import RequestStatus
from context.staff.audit import Subject, record_change_of
from context.types import Status
from kit.blobs import BlobStore

ERASED = "contact.erased"
RIGHT = "export_data"
By = tuple[str, str]
"""Who does it: an id and a name."""
Step = Callable[[AsyncSession, Person], Awaitable[None]]
"""What another part of the house does with its own tables, before rows that lead to them are gone."""


@dataclass(frozen=True)
class Standing:
    """How much there is of a customer: what somebody should know before erasing it."""

    contact_id: UUID
    erased_at: datetime | None
    contacts: int
    conversations: int
    messages: int
    files: int
    orders: int
    open_conversations: int
    open_requests: int


@dataclass(frozen=True)
class Erasure:
    """What was erased. `already`: it had been before, and nothing was done. `counts`: how much there was, and what was stopped."""

    contact_id: UUID
    erased_at: datetime
    already: bool
    counts: dict[str, int]


@dataclass(frozen=True)
class Erasing:
    """Erases customers. `steps` are those of the other parts of the house."""

    ledger: Ledger
    blobs: BlobStore
    steps: tuple[Step, ...] = ()

    async def look(self, session: AsyncSession, contact_id: UUID) -> Standing:
        """How much there is of a customer. Raises NotFoundError."""
        row, person = await get_whoever(session, contact_id), await find_person(session, contact_id)
        talks = select(func.count()).select_from(ConversationRow).where(ConversationRow.contact_id.in_(person.contacts))
        said = select(func.count()).select_from(MessageRow).where(MessageRow.conversation_id.in_(person.conversations))
        asked = select(func.count()).select_from(ServiceRequestRow).where(
            ServiceRequestRow.contact_id.in_(person.contacts), ServiceRequestRow.status == RequestStatus.OPEN
        )  # fmt: skip
        files = select(func.count()).where(attachments_of(person))
        unresolved = talks.where(ConversationRow.status != Status.RESOLVED)
        found = [(await session.execute(query)).scalar_one() for query in (talks, said, files, unresolved, asked)]
        names = ("conversations", "messages", "files", "open_conversations", "open_requests")
        counts = dict(zip(names, found, strict=True)) | {"contacts": len(person.contacts), "orders": len(await orders_of(session, person))}
        return Standing(row.id, row.erased_at, **counts)

    async def erase(self, session: AsyncSession, by: By, contact_id: UUID, *, orders: bool = False) -> Erasure:
        """Erases a customer with all who became part of them; once more does nothing. The caller has checked that `by` may.

        `orders`: also whose their orders are, which else stay as long as bookkeeping asks. Raises NotFoundError.
        """
        person = await lock_person(session, await find_person(session, contact_id))
        before = await self.look(session, person.contact_id)
        if before.erased_at is not None:
            return Erasure(person.contact_id, before.erased_at, already=True, counts={})
        actor = Actor("agent", by[0]) if by[0] else SYSTEM
        counts = {"contacts": before.contacts, "conversations": before.conversations, "messages": before.messages}
        counts |= await stop_all(session, self.ledger, person, actor=actor)
        await session.flush()
        if orders:
            numbers = await orders_of(session, person)
            await empty_orders(session, numbers)
            counts["orders"] = len(numbers)
        counts["files"] = await self.clear(session, person)
        now = self.ledger.now
        await session.execute(update(ContactRow).where(ContactRow.id.in_(person.contacts)).values(erased_at=now))
        subject = Subject("contact", str(person.contact_id), str(person.contact_id)[:8])
        await record_change_of(session, by, ERASED, subject, at=now, details=counts)
        told = ContactErased(contact_id=str(person.contact_id), contact_ids=[str(one) for one in person.contacts])
        await self.ledger.append(session, told, actor=actor)
        return Erasure(person.contact_id, now, already=False, counts=counts)

    async def sweep(self, session: AsyncSession, *, before: datetime, limit: int) -> int:
        """Clears once more what jobs that ran at the moment of erasing may have written since; how many customers."""
        late = select(ContactRow.id).where(
            ContactRow.erased_at < before, ContactRow.swept_at.is_(None), ContactRow.merged_into.is_(None)
        )  # fmt: skip
        found = (await session.execute(late.order_by(ContactRow.erased_at).limit(limit).with_for_update(skip_locked=True))).scalars().all()
        for contact_id in found:
            person = await find_person(session, contact_id)
            await self.clear(session, person)
            await session.execute(update(ContactRow).where(ContactRow.id.in_(person.contacts)).values(swept_at=self.ledger.now))
        return len(found)

    async def clear(self, session: AsyncSession, person: Person) -> int:
        """Takes away all that is said of somebody, without stopping anything or telling anybody; how many files."""
        own = Own(self.blobs)
        for step in self.steps:
            await step(session, person)
        files = await own.files(session, person)
        await own.rest(session, person)
        await empty_tables(session, person)
        return files
