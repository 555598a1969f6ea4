"""Customers who want nothing any more from an account: what is known of it, and the note that tells the agents."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.happenings import Blocked
from channels.models import ChannelAddressRow
from context.conversations import MESSAGING_THREAD, lock_conversation
from context.ledger import Ledger
from context.models import ConversationRow, IdentityRow
from context.outbound import Writer, add_message
from context.types import Author, Content, Status, Visibility


async def note_block(session: AsyncSession, ledger: Ledger, channel: str, news: Blocked) -> bool:
    """Notes that a customer blocked the account or allowed it again, once, and tells the open conversation; whether that was news."""
    row = ChannelAddressRow
    if not news.blocked and await session.get(row, (channel, news.account, news.address)) is None:
        return False
    keys = {"channel": channel, "account": news.account, "address": news.address}
    new = {"blocked": news.blocked, "blocked_at": news.at}
    statement = insert(row).values(**keys, **new)
    newer = (row.blocked_at.is_(None) | (row.blocked_at <= news.at)) & (row.blocked != news.blocked)
    changed = statement.on_conflict_do_update(index_elements=list(keys), set_=new, where=newer).returning(row.blocked)
    if (await session.execute(changed)).first() is None:
        return False
    await _tell(session, ledger, channel, news)
    return True


async def _tell(session: AsyncSession, ledger: Ledger, channel: str, news: Blocked) -> None:
    query = (
        select(ConversationRow.id)
        .join(IdentityRow, IdentityRow.contact_id == ConversationRow.contact_id)
        .where(IdentityRow.channel == channel, IdentityRow.account == news.account, IdentityRow.external_id == news.address)
        .where(ConversationRow.thread_key == MESSAGING_THREAD, ConversationRow.status != Status.RESOLVED)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        return
    conversation = await lock_conversation(session, found)
    content = Content(news.reason, custom={"notice": "blocked" if news.blocked else "allowed", "channel": channel})
    await add_message(session, ledger, conversation, content=content, author=Author.SYSTEM, writer=Writer(visibility=Visibility.NOTE))
