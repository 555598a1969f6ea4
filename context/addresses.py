"""Where a customer can be reached, and where a reply goes when an agent chooses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ConversationRow, IdentityRow, MessageRow
from context.types import Author
from kit.errors import InvalidInputError


class NoSuchAddressError(InvalidInputError):
    """The customer cannot be reached on this channel."""


@dataclass(frozen=True)
class Address:
    """Where a customer is reached: the external id of an identity on an account of a channel."""

    channel: str
    account: str
    external_id: str


@dataclass(frozen=True)
class Reachable:
    """An address of a customer; `current`: a reply goes there unless another is chosen."""

    address: Address
    current: bool
    last_wrote_at: datetime | None


async def list_addresses(session: AsyncSession, conversation: ConversationRow) -> list[Reachable]:
    """The customer's addresses, the one where they last wrote first; of several on one channel the one used last."""
    wrote = (
        select(MessageRow.channel, MessageRow.account, MessageRow.address, func.max(MessageRow.at).label("at"))
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(ConversationRow.contact_id == conversation.contact_id, MessageRow.author == Author.CUSTOMER)
        .group_by(MessageRow.channel, MessageRow.account, MessageRow.address)
    )
    last = {(row.channel, row.account, row.address): row.at for row in await session.execute(wrote)}
    rows = (await session.execute(select(IdentityRow).where(IdentityRow.contact_id == conversation.contact_id))).scalars()
    found = [(i, last.get((i.channel, i.account, i.external_id))) for i in rows]
    found.sort(key=lambda pair: pair[1] or pair[0].created_at, reverse=True)
    current = (conversation.channel, conversation.account, conversation.address)
    return sorted(
        (
            Reachable(
                Address(i.channel, i.account, i.external_id), current=(i.channel, i.account, i.external_id) == current, last_wrote_at=at
            )
            for i, at in found
        ),
        key=lambda one: not one.current,
    )


async def choose_address(session: AsyncSession, conversation: ConversationRow, channel: str | None) -> Address | None:
    """The customer's address on a channel; None for where they last wrote. Raises NoSuchAddressError."""
    if channel is None or channel == conversation.channel:
        return None
    found = [one.address for one in await list_addresses(session, conversation) if one.address.channel == channel]
    if not found:
        raise NoSuchAddressError(f"The customer has no address on the channel {channel!r}", hint="Leave the channel out.")
    return found[0]
