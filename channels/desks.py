"""What outside desks tell: that people there hold a conversation, gave it back to the bot, or resolved it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.happenings import CustomerMessage, DeskChanged, DeskState
from channels.models import ChannelAccountRow, ChannelSendRow
from context.contacts import find_identity
from context.conversations import lock_conversation
from context.inbound import find_or_open_conversation
from context.ledger import Ledger
from context.models import ConversationRow, HandoffRow, MessageRow
from context.outside import close_outside, desk_holds, ensure_desk, return_to_bot
from context.ownership import hand_off
from context.types import Handler, HandoffReason, HandoffRequest, Status

STATUS = "desk_status"
"""The key of `Content.custom` of what sets the state of a conversation at an outside desk."""
CERTAIN_AFTER = timedelta(seconds=60)  # clocks may differ, and webhooks be late: only then a message's word counts against ours


async def prepare_desk(session: AsyncSession, ledger: Ledger, happening: CustomerMessage) -> None:
    """Before a message is stored: there is a desk, and who holds the conversation there holds it here, so that the bot keeps silent."""
    inbound = happening.inbound
    desk = await ensure_desk(session, inbound.channel, inbound.account, name=await _name(session, inbound.channel, inbound.account))
    if happening.held:
        conversation = await find_or_open_conversation(session, ledger, inbound)
        if conversation.handler == Handler.BOT:
            conversation.channel, conversation.account, conversation.address = inbound.channel, inbound.account, inbound.identity
            await hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.AGENT_TOOK_OVER))
        return
    known = await _find(session, inbound.channel, inbound.account, inbound.identity)
    if known is None or known.handler != Handler.AGENT or known.agent_id != desk.id:
        return
    opened = await _opened_at(session, known, inbound.identity)
    if opened is not None and happening.at > opened + CERTAIN_AFTER:
        await return_to_bot(session, ledger, known, desk=desk)  # nobody told us, but with us it has been open for long


async def apply_desk_change(session: AsyncSession, ledger: Ledger, channel: str, change: DeskChanged) -> str | None:
    """Does here what was done there. What is known already, or is about a former conversation, changes nothing."""
    conversation = await _find(session, channel, change.account, change.address)
    if conversation is None or conversation.address != change.address or change.at < conversation.opened_at.replace(microsecond=0):
        return None
    if change.state == DeskState.RESOLVED:
        await close_outside(session, ledger, conversation)
    elif change.state == DeskState.PEOPLE and conversation.handler == Handler.BOT:
        await hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.AGENT_TOOK_OVER))
    elif change.state == DeskState.BOT:
        desk = await desk_holds(session, conversation)
        handed = await _handed_over_at(session, conversation)
        if desk is not None and (handed is None or change.at > handed):
            await return_to_bot(session, ledger, conversation, desk=desk)
    return None


async def _name(session: AsyncSession, channel: str, account: str) -> str:
    query = select(ChannelAccountRow.name).where(ChannelAccountRow.channel == channel, ChannelAccountRow.account == account)
    return (await session.execute(query)).scalar() or account


async def _find(session: AsyncSession, channel: str, account: str, address: str) -> ConversationRow | None:
    """The unresolved conversation of whose address it is, locked; the one in which they last wrote from there."""
    identity = await find_identity(session, channel, account, address)
    if identity is None:
        return None
    query = select(ConversationRow.id).where(
        ConversationRow.contact_id == identity.contact_id, ConversationRow.channel == channel, ConversationRow.account == account,
        ConversationRow.status != Status.RESOLVED,
    )  # fmt: skip
    found = (await session.execute(query.order_by(ConversationRow.updated_at.desc()).limit(1))).scalar()
    return await lock_conversation(session, found) if found is not None else None


async def _opened_at(session: AsyncSession, conversation: ConversationRow, address: str) -> datetime | None:
    """When the desk took our word that its people have the conversation at this address, if that was the last we said of it."""
    query = (
        select(MessageRow.body, ChannelSendRow.accepted_at)
        .outerjoin(ChannelSendRow, ChannelSendRow.message_id == MessageRow.id)
        .where(MessageRow.conversation_id == conversation.id, MessageRow.address == address)
        .where(MessageRow.body["custom"].has_key(STATUS))
        .order_by(MessageRow.seq.desc())
        .limit(1)
    )
    found = (await session.execute(query)).one_or_none()
    return found.accepted_at if found is not None and found.body["custom"][STATUS] == "open" else None


async def _handed_over_at(session: AsyncSession, conversation: ConversationRow) -> datetime | None:
    """When the desk's people got it: what is older was said before."""
    query = select(func.max(HandoffRow.accepted_at)).where(HandoffRow.conversation_id == conversation.id, HandoffRow.state == "accepted")
    return (await session.execute(query)).scalar()
