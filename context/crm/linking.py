"""The link: who is proven is looked up in the customer system, and what was done for them is noted there, once a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.contacts import get_contact, get_trusted
from context.conversations import get_conversation, list_messages
from context.crm.models import CrmLinkRow, CrmNoteRow
from context.crm.port import Crm, CrmContact, CrmRefusedError
from context.customer.keeping import check_attributes, put_label
from context.models import EventRow
from context.packet import summarise
from context.types import Author
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger

log = get_logger("crm")


@dataclass(frozen=True)
class CrmSync:
    """The jobs; they raise CrmError while the system is down, and are tried again."""

    database: Database
    crm: Crm
    clock: Clock = utc_now

    async def pull(self, contact_id: UUID) -> bool:
        """Tags and attributes of a contact with a proven e-mail address come in; whether the system knows them."""
        async with self.database.transaction() as session:
            email = (await get_trusted(session, contact_id)).email
        if email is None:
            return False
        found = await self.crm.find(email)
        if found is None:
            return False
        async with self.database.transaction() as session:
            await self._keep(session, contact_id, found)
        return True

    async def push(self, conversation_id: UUID) -> bool:
        """The outcome of a resolved conversation goes out, once; whether it did now."""
        async with self.database.transaction() as session:
            conversation = await get_conversation(session, conversation_id)
            link = await session.get(CrmLinkRow, (conversation.contact_id, self.crm.name))
            done = await session.get(CrmNoteRow, (conversation_id, self.crm.name))
            if link is None or done is not None or conversation.status != "resolved":
                return False
            external_id, text, at = link.external_id, await _note(session, conversation_id), conversation.resolved_at or self.clock()
        try:
            written = await self.crm.add_note(external_id, text, at=at)
        except CrmRefusedError as error:
            log.warning("the customer system refuses a note", reason=str(error))
            written = ""
        async with self.database.transaction() as session:
            values = {"conversation_id": conversation_id, "system": self.crm.name, "external_id": written, "at": self.clock()}
            await session.execute(insert(CrmNoteRow).values(**values).on_conflict_do_nothing())
        return bool(written)

    async def _keep(self, session: AsyncSession, contact_id: UUID, found: CrmContact) -> None:
        contact = await get_contact(session, contact_id)
        values = {"contact_id": contact.id, "system": self.crm.name, "external_id": found.external_id, "synced_at": self.clock()}
        statement = insert(CrmLinkRow).values(**values)
        await session.execute(statement.on_conflict_do_update(index_elements=["contact_id", "system"], set_=values))
        contact.name = contact.name or found.name
        try:
            contact.attributes = check_attributes(dict(contact.attributes) | found.attributes)
            for tag in found.tags[:20]:
                await put_label(session, contact.id, tag.replace(",", " ")[:60], source=self.crm.name)
        except BatonError as error:  # what is odd there must not keep the rest out
            log.warning("a contact of the customer system is odd", reason=error.message)


async def _note(session: AsyncSession, conversation_id: UUID) -> str:
    """What the customer wanted, in their own words, who dealt with it, and how it ended."""
    messages = await list_messages(session, [conversation_id])
    query = select(EventRow.data).where(EventRow.conversation_id == conversation_id, EventRow.name == "conversation.resolved")
    ended = (await session.execute(query.order_by(EventRow.seq.desc()).limit(1))).scalar() or {}
    people = sorted({m.author_name for m in messages if m.author == Author.AGENT and m.author_name})
    lines = [
        f"Conversation of {messages[0].at:%Y-%m-%d}" if messages else "Conversation",
        f"Channels: {', '.join(dict.fromkeys(m.channel for m in messages))}",
        f"Asked: {summarise([m for m in messages if m.author == Author.CUSTOMER]) or '-'}",
        f"Answered by: {', '.join(people) or 'the bot'}",
        f"Outcome: {ended.get('outcome', '-')}",
    ]
    return "\n".join(lines)
