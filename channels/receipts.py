"""What providers say of sent messages: applied once, never backwards, also when it comes before the answer to the send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import wake_outbox
from channels.base import Fate, Problem
from channels.happenings import Receipt
from channels.models import ChannelOrphanRow, ChannelSendRow
from channels.problems import MAX_ATTEMPTS, fate_of
from context.conversations import lock_conversation
from context.events import EventData, MessageDelivered, MessageFailed, MessageRead, MessageSent
from context.ledger import CUSTOMER, SYSTEM, Ledger
from context.models import ConversationRow, MessageRow
from context.types import Delivery, Direction

RANKS = {"waiting": 0, "sending": 0, "unknown": 0, "accepted": 1, "sent": 2, "delivered": 3, "read": 4, "played": 5}
FAILED_UNTIL = RANKS["sent"]  # a failure after delivery says nothing
REPEAT_AFTER = timedelta(seconds=5)
_DELIVERIES = {1: Delivery.SENT, 2: Delivery.SENT, 3: Delivery.DELIVERED, 4: Delivery.READ, 5: Delivery.READ}
_STEPS = {Delivery.QUEUED: 0, Delivery.UNKNOWN: 0, Delivery.FAILED: 0, Delivery.SENT: 2, Delivery.DELIVERED: 3, Delivery.READ: 4}


async def apply_receipt(session: AsyncSession, ledger: Ledger, channel: str, receipt: Receipt) -> bool:
    """Applies a receipt; False when the message is not known (yet), in which case it is kept for `apply_orphans`."""
    found = await _find(session, channel, receipt)
    if not found:
        await _keep(session, channel, receipt)
        return False
    for key, conversation_id in found:
        conversation = await lock_conversation(session, conversation_id)
        row = await session.get(ChannelSendRow, key, populate_existing=True)
        if row is not None:
            await _apply(session, ledger, conversation, row=row, receipt=receipt)
    return True


async def apply_orphans(session: AsyncSession, ledger: Ledger, *, channel: str, account: str, provider_id: str) -> int:
    """Applies the receipts of a message that came before its provider id was known; how many there were."""
    mine = (ChannelOrphanRow.channel == channel, ChannelOrphanRow.account == account, ChannelOrphanRow.provider_id == provider_id)
    rows = list((await session.execute(select(ChannelOrphanRow).where(*mine))).scalars())
    for row in sorted(rows, key=lambda r: RANKS.get(r.status, 0)):
        await apply_receipt(session, ledger, channel, _load(row.receipt))
        await session.delete(row)
    return len(rows)


async def _find(session: AsyncSession, channel: str, receipt: Receipt) -> Sequence[tuple[UUID, UUID]]:
    query = select(ChannelSendRow.id, MessageRow.conversation_id).join(MessageRow, MessageRow.id == ChannelSendRow.message_id)
    mine = (ChannelSendRow.channel == channel, ChannelSendRow.account == receipt.account)
    if receipt.upto:
        earlier = (ChannelSendRow.address == receipt.address, ChannelSendRow.accepted_at <= receipt.at)
        states = [name for name, rank in RANKS.items() if 1 <= rank < RANKS.get(receipt.status, 0)]
        query = query.where(*mine, *earlier, ChannelSendRow.state.in_(states)).order_by(MessageRow.seq)
        return [(key, conversation_id) for key, conversation_id in (await session.execute(query)).all()]
    if receipt.key is not None:
        whole = (ChannelSendRow.id == receipt.key) | (ChannelSendRow.carrier == receipt.key)
        found = (await session.execute(query.where(*mine, whole).order_by(MessageRow.seq))).all()
        if found:
            return [(key, conversation_id) for key, conversation_id in found]
    if receipt.provider_id is None:
        return []
    found = (await session.execute(query.where(*mine, ChannelSendRow.provider_id == receipt.provider_id))).all()
    return [(key, conversation_id) for key, conversation_id in found]


async def _apply(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, row: ChannelSendRow, receipt: Receipt) -> None:
    if receipt.status == "failed":
        await _failed(session, ledger, conversation, row=row, receipt=receipt)
        return
    if RANKS.get(receipt.status, 0) <= RANKS.get(row.state, FAILED_UNTIL):  # the failed ones rise with `delivered` only
        return
    row.state, row.settled_at, row.closed_at = receipt.status, ledger.now, row.closed_at
    row.provider_id = row.provider_id or receipt.provider_id
    row.accepted_at = row.accepted_at or ledger.now
    message = await session.get(MessageRow, row.message_id, populate_existing=True)
    assert message is not None
    for event, delivery in await _rises(session, message, row):
        message.delivery = delivery
        actor = CUSTOMER if delivery == Delivery.READ else SYSTEM
        await ledger.append(session, event, actor=actor, conversation=conversation)


async def _rises(session: AsyncSession, message: MessageRow, row: ChannelSendRow) -> list[tuple[EventData, Delivery]]:
    """The events that a message's rise brings: it is as far as the part that is the least far."""
    await session.flush()
    states = list((await session.execute(select(ChannelSendRow.state).where(ChannelSendRow.message_id == message.id))).scalars())
    if len(states) < row.parts:
        return []
    reached = _DELIVERIES.get(min(RANKS.get(s, 0) for s in states))
    before = _STEPS[Delivery(message.delivery)]
    if reached is None or _STEPS[reached] <= before:
        return []
    named: dict[Delivery, EventData] = {
        Delivery.SENT: MessageSent(message_id=str(message.id), external_id=row.provider_id),
        Delivery.DELIVERED: MessageDelivered(message_id=str(message.id)),
        Delivery.READ: MessageRead(message_id=str(message.id)),
    }
    steps = [Delivery.SENT] if before == 0 else []  # that it was sent must stand in the log, whatever was skipped after
    return [(named[d], d) for d in dict.fromkeys([*steps, reached])]


async def _failed(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, row: ChannelSendRow, receipt: Receipt) -> None:
    """The provider took it and could not bring it. It goes again by itself where that may help, as it certainly was not brought."""
    stale = row.state in {"waiting", "sending"} and row.provider_id is not None and row.provider_id == receipt.provider_id
    newer = row.provider_id is not None and receipt.provider_id is not None and row.provider_id != receipt.provider_id
    if stale or row.state == "failed" or RANKS.get(row.state, 0) > FAILED_UNTIL or (newer and row.state != "sending"):
        return
    if await _only_a_copy(session, conversation, row=row, receipt=receipt):
        return
    message = await session.get(MessageRow, row.message_id, populate_existing=True)
    assert message is not None
    row.provider_id = receipt.provider_id or row.provider_id
    row.error, row.error_class, row.error_code, row.settled_at = receipt.reason, receipt.problem, receipt.code, ledger.now
    problem = Problem(receipt.problem) if receipt.problem else Problem.UNKNOWN
    if fate_of(problem) == Fate.LATER and row.attempts < MAX_ATTEMPTS:
        row.state, row.next_at = "waiting", ledger.now + REPEAT_AFTER * row.attempts
        message.delivery = Delivery.QUEUED
        await wake_outbox(session)
        return
    row.state = "failed"
    if message.delivery not in {Delivery.DELIVERED, Delivery.READ, Delivery.FAILED}:
        message.delivery = Delivery.FAILED
        event = MessageFailed(message_id=str(message.id), reason=receipt.reason or "")
        await ledger.append(session, event, actor=SYSTEM, conversation=conversation)


async def _only_a_copy(session: AsyncSession, conversation: ConversationRow, *, row: ChannelSendRow, receipt: Receipt) -> bool:
    """Whether it did not reach somebody who was to get a copy: the customer got theirs."""
    about = receipt.recipient
    if about is None or about == row.address.lower():
        return False
    beside = (MessageRow.address == about) | MessageRow.body["metadata"]["cc"].contains([about])
    query = select(MessageRow.id).where(MessageRow.conversation_id == conversation.id, MessageRow.direction == Direction.IN, beside)
    return (await session.execute(query.limit(1))).first() is not None


async def _keep(session: AsyncSession, channel: str, receipt: Receipt) -> None:
    if receipt.provider_id is None or receipt.upto:
        return
    values = {"channel": channel, "account": receipt.account, "provider_id": receipt.provider_id, "status": receipt.status}
    dumped: dict[str, Any] = asdict(receipt) | {"at": receipt.at.isoformat(), "key": str(receipt.key) if receipt.key else None}
    await session.execute(insert(ChannelOrphanRow).values(**values, receipt=dumped).on_conflict_do_nothing())


def _load(data: dict[str, Any]) -> Receipt:
    key = UUID(data["key"]) if data["key"] else None
    return Receipt(**(data | {"at": datetime.fromisoformat(data["at"]), "key": key}))
