"""Raises alerts: one of a kind stands for a conversation until somebody has seen to it, and does not come again for a while after."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import load_understanding, lock_conversation
from context.events import AlertRaised
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow, MessageRow
from context.types import Author, Status
from desk.alerts.kinds import KINDS, Kind
from desk.alerts.signals import BEFORE, LAST, Signal, read_signals
from desk.models import AlertRow
from desk.routing.deciding import is_vip
from desk.routing.types import Facts, Rules
from kit.db import Database

QUIET = timedelta(minutes=30)
STALE = timedelta(minutes=15)  # what was written before is history: no alarm is raised when an old log is read

_WAITING = """
SELECT c.id, contact.attributes, :now - coalesce(h.at, c.waiting_since) AS waited
FROM conversation AS c JOIN contact ON contact.id = c.contact_id
LEFT JOIN LATERAL (
    SELECT at FROM handoff WHERE conversation_id = c.id AND state = 'queued' ORDER BY at DESC LIMIT 1) AS h ON true
WHERE c.handler = 'queue' AND c.status <> 'resolved' AND coalesce(h.at, c.waiting_since) < :since
ORDER BY c.waiting_since LIMIT 500
"""


async def find_telling(session: AsyncSession, ledger: Ledger, message_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these messages, in their order, for which `alert_message` might raise anything: most say nothing of the kind."""
    if not message_ids:
        return []
    query = select(MessageRow.id, MessageRow.text, MessageRow.understanding).where(
        MessageRow.id.in_(message_ids), MessageRow.understanding.is_not(None), MessageRow.at >= ledger.now - STALE
    )
    telling = set()
    for row in await session.execute(query):
        sentiment = load_understanding(row.understanding).sentiment
        if sentiment.level < 0 or read_signals(row.text, sentiment, []):
            telling.add(row.id)
    return [message_id for message_id in message_ids if message_id in telling]


async def alert_message(session: AsyncSession, ledger: Ledger, message_id: UUID) -> int:
    """Looks at a message that was understood; returns how many alerts it raised."""
    message = await session.get(MessageRow, message_id)
    if message is None or message.understanding is None or message.at < ledger.now - STALE:
        return 0
    sentiment = load_understanding(message.understanding).sentiment
    before = await _moods_before(session, message) if sentiment.level < 0 else []
    signals = read_signals(message.text, sentiment, before)
    if not signals:
        return 0
    conversation = await lock_conversation(session, message.conversation_id)
    return await raise_alerts(session, ledger, conversation, signals, message_id=message_id)


async def _moods_before(session: AsyncSession, message: MessageRow) -> list[float]:
    query = select(MessageRow.understanding).where(
        MessageRow.conversation_id == message.conversation_id,
        MessageRow.seq < message.seq,
        MessageRow.author == Author.CUSTOMER,
        MessageRow.understanding.is_not(None),
    )
    found = (await session.execute(query.order_by(MessageRow.seq.desc()).limit(BEFORE + LAST - 1))).scalars()
    return [float(u["sentiment"].get("score", 0.0)) for u in found if u][::-1]


async def raise_alerts(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, signals: Sequence[Signal], *, message_id: UUID | None = None
) -> int:
    """Raises what does not stand already, and raises the priority of the (locked) conversation; returns how many are new."""
    if conversation.status == Status.RESOLVED:
        return 0
    quiet = await _quiet_kinds(session, conversation.id, ledger)
    new = [signal for signal in signals if signal.kind not in quiet]
    raised = 0
    for signal in new:
        values: Mapping[str, Any] = {
            "id": uuid4(), "conversation_id": conversation.id, "kind": signal.kind.value, "severity": KINDS[signal.kind].severity,
            "detail": signal.detail, "message_id": message_id, "at": ledger.now,
        }  # fmt: skip
        done = await session.execute(insert(AlertRow).values(values).on_conflict_do_nothing().returning(AlertRow.id))
        if done.scalar_one_or_none() is None:
            continue
        raised += 1
        conversation.priority = max(conversation.priority, KINDS[signal.kind].priority)
        event = AlertRaised(kind=signal.kind, message_id=str(message_id) if message_id else None)
        await ledger.append(session, event, actor=SYSTEM, conversation=conversation)
    return raised


async def _quiet_kinds(session: AsyncSession, conversation_id: UUID, ledger: Ledger) -> Collection[str]:
    """Kinds that stand, or were seen to within the last half hour."""
    query = select(AlertRow.kind).where(
        AlertRow.conversation_id == conversation_id,
        AlertRow.acknowledged_at.is_(None) | (AlertRow.acknowledged_at > ledger.now - QUIET),
    )
    return set((await session.execute(query)).scalars())


async def alert_waits(database: Database, ledger: Ledger, rules: Rules) -> int:
    """Looks who has waited long, or is important and waits; returns how many alerts that raised."""
    shortest = min(rules.vip_wait, rules.long_wait)
    async with database.transaction() as session:
        rows = (await session.execute(text(_WAITING), {"now": ledger.now, "since": ledger.now - shortest})).all()
        standing = await _standing(session, [row.id for row in rows])
    raised = 0
    for row in rows:
        kinds = [Kind.LONG_WAIT] if row.waited >= rules.long_wait else []
        kinds += [Kind.VIP_WAITING] if row.waited >= rules.vip_wait and is_vip(Facts(attributes=row.attributes), rules) else []
        signals = [Signal(kind) for kind in kinds if (row.id, kind.value) not in standing]
        if signals:
            async with database.transaction() as session:
                conversation = await lock_conversation(session, row.id)
                if conversation.handler == "queue":
                    raised += await raise_alerts(session, ledger, conversation, signals)
    return raised


async def _standing(session: AsyncSession, conversations: Sequence[UUID]) -> set[tuple[UUID, str]]:
    query = select(AlertRow.conversation_id, AlertRow.kind).where(AlertRow.conversation_id.in_(conversations))
    return {(row[0], row[1]) for row in await session.execute(query.where(AlertRow.acknowledged_at.is_(None)))}
