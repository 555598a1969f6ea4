"""Codes through the channels that are there: to somebody who wrote from that number or address before."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.addresses import Address
from context.identity.identifiers import STRONG, Identifier
from context.identity.models import IdentifierRow
from context.inbound import find_or_open_conversation
from context.ledger import Ledger
from context.models import ContactRow, IdentityRow
from context.outbound import Writer, add_message
from context.phrases import phrase
from context.types import Author, Content, Inbound

WEB = "web"  # whoever asks sits there: a code on the same screen proves nothing


CODE = "code"


def code_content(code: str, language: str | None) -> Content:
    """The message of a code; it is marked, so that no other place of the same customer shows it."""
    return Content(phrase("identity_code", language, code=code), custom={CODE: True})


class ChannelSender:
    """Sends a code as a message to an identity that the provider of its channel vouches for (`context.identity.codes.CodeSender`)."""

    async def send(self, session: AsyncSession, ledger: Ledger, identifier: Identifier, *, code: str) -> bool:
        """See the port."""
        query = (
            select(IdentityRow, ContactRow.language)
            .join(IdentifierRow, IdentifierRow.contact_id == IdentityRow.contact_id)
            .join(ContactRow, ContactRow.id == IdentityRow.contact_id)
            .where(IdentifierRow.kind == identifier.kind, IdentifierRow.value == identifier.value)
            .where(IdentifierRow.verified, IdentifierRow.method.in_(STRONG), IdentityRow.verified, IdentityRow.channel != WEB)
            .order_by(IdentityRow.created_at.desc())
            .limit(1)
        )
        found = (await session.execute(query)).one_or_none()
        if found is None:
            return False
        identity, language = found
        inbound = Inbound(identity.channel, identity.account, identity.external_id, uuid4().hex, "")
        conversation = await find_or_open_conversation(session, ledger, inbound)
        to = Address(identity.channel, identity.account, identity.external_id)
        content = code_content(code, conversation.language or language)
        await add_message(session, ledger, conversation, content=content, author=Author.SYSTEM, writer=Writer(to=to))
        return True
