"""A customer is erased: what channels know of their addresses, and the bodies of webhooks that brought what they wrote."""

from __future__ import annotations

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.models import ChannelAddressRow, ChannelIntakeRow, ChannelOrphanRow, ChannelSendRow
from context.erasing.person import Person

WAITING = "waiting"


async def erase_from_channels(session: AsyncSession, person: Person) -> None:
    """Forgets addresses and receipts, and empties what was worked off on the accounts where they wrote.

    Nobody can tell in every body whose it is (WeChat's are enciphered, a batch holds many people's): all of these accounts are emptied,
    those too that were kept for looking at. That they came, and what was wrong with them, stays; what still waits is taken in.
    """
    key = (ChannelAddressRow.channel, ChannelAddressRow.account, ChannelAddressRow.address)
    await session.execute(delete(ChannelAddressRow).where(tuple_(*key).in_(sorted(person.addresses))))
    sent = select(ChannelSendRow.channel, ChannelSendRow.account, ChannelSendRow.provider_id)
    sent = sent.where(ChannelSendRow.message_id.in_(person.messages), ChannelSendRow.provider_id.is_not(None))
    receipt = (ChannelOrphanRow.channel, ChannelOrphanRow.account, ChannelOrphanRow.provider_id)
    await session.execute(delete(ChannelOrphanRow).where(tuple_(*receipt).in_(sent)))
    accounts = {(channel, account) for channel, account, _ in person.addresses}
    of_theirs = tuple_(ChannelIntakeRow.channel, ChannelIntakeRow.account).in_(sorted(accounts))
    old = update(ChannelIntakeRow).where(of_theirs, ChannelIntakeRow.state != WAITING, ChannelIntakeRow.body != b"")
    await session.execute(old.values(body=b"").execution_options(synchronize_session=False))
