"""One-time codes to addresses and numbers that never wrote: by the first mailbox, by the first SMS account; and whose they are then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.models import ChannelAccountRow
from context.addresses import Address
from context.identity.codes import CodeSender
from context.identity.identifiers import Identifier, Kind, Method
from context.identity.linking import suggest
from context.identity.merging import MergeError, Why, merge_contacts
from context.identity.models import IdentityCodeRow
from context.identity.sending import ChannelSender, code_content
from context.inbound import find_or_open_conversation
from context.ledger import Ledger
from context.models import ContactRow, ConversationRow, IdentityRow, MessageRow
from context.outbound import Writer, add_message
from context.types import Author, Direction, Inbound

CARRIERS = {Kind.EMAIL: "email", Kind.PHONE: "sms"}
MOST_AN_HOUR = 60  # to strangers, by the whole house: each costs money, and nobody asked the one who gets it
HOUR = timedelta(hours=1)


async def find_carrier(session: AsyncSession, kind: Kind) -> Address | None:
    """The first active account that reaches anybody at such an identifier; the address in it is empty."""
    channel = CARRIERS.get(kind)
    query = select(ChannelAccountRow.account).where(ChannelAccountRow.channel == channel, ChannelAccountRow.state == "active")
    account = (await session.execute(query.order_by(ChannelAccountRow.created_at).limit(1))).scalar()
    return Address(channel, account, "") if channel and account else None


@dataclass(frozen=True)
class AccountSender:
    """Sends a code where somebody is known by that number, else, where the house `allows` it, to whoever is there (`CodeSender`)."""

    allows: Callable[[], bool]
    known: CodeSender = field(default_factory=ChannelSender)

    async def send(self, session: AsyncSession, ledger: Ledger, identifier: Identifier, *, code: str) -> bool:
        """See the port."""
        if await self.known.send(session, ledger, identifier, code=code):
            return True
        carrier = await find_carrier(session, identifier.kind) if self.allows() else None
        if carrier is None or await _too_many(session, ledger):
            return False
        inbound = Inbound(carrier.channel, carrier.account, identifier.value, uuid4().hex, "")
        conversation = await find_or_open_conversation(session, ledger, inbound)
        content = code_content(code, await _language_of_asker(session, identifier))
        to = Address(carrier.channel, carrier.account, identifier.value)
        await add_message(session, ledger, conversation, content=content, author=Author.SYSTEM, writer=Writer(to=to))
        return True


async def _too_many(session: AsyncSession, ledger: Ledger) -> bool:
    query = select(func.count()).select_from(IdentityCodeRow).where(IdentityCodeRow.sent, IdentityCodeRow.at > ledger.now - HOUR)
    return (await session.execute(query)).scalar_one() >= MOST_AN_HOUR


async def _language_of_asker(session: AsyncSession, identifier: Identifier) -> str | None:
    query = select(ContactRow.language).join(IdentityCodeRow, IdentityCodeRow.contact_id == ContactRow.id)
    mine = (IdentityCodeRow.kind == identifier.kind, IdentityCodeRow.value == identifier.value)
    return (await session.execute(query.where(*mine).order_by(IdentityCodeRow.at.desc()).limit(1))).scalar()


async def adopt_address(session: AsyncSession, ledger: Ledger, contact_id: UUID, identifier: Identifier) -> UUID:
    """Who has proven an address by a code owns it at our accounts too; returns whose contact it is then.

    A contact that came to be by the code alone becomes part of theirs. Somebody who wrote from there before is suggested to people:
    families share addresses.
    """
    channel = CARRIERS.get(identifier.kind)
    query = select(IdentityRow.contact_id).where(IdentityRow.channel == channel, IdentityRow.external_id == identifier.value)
    for other in set((await session.execute(query)).scalars()) - {contact_id}:
        wrote = exists().where(
            MessageRow.conversation_id == ConversationRow.id, MessageRow.direction == Direction.IN, ConversationRow.contact_id == other
        )
        if (await session.execute(select(wrote))).scalar():
            await suggest(session, contact_id, other, identifier=identifier, at=ledger.now)
            continue
        try:
            await merge_contacts(session, ledger, other, contact_id, why=Why(Method.CODE, evidence={"value": identifier.value}))
        except MergeError:
            await suggest(session, contact_id, other, identifier=identifier, at=ledger.now)
    return contact_id
