"""What the outbox asks and writes in the database: what is due, the claim before each send, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from channels.base import Fate, Place, SendResult
from channels.models import ChannelSendRow
from context.conversations import get_message, load_content, lock_conversation
from context.events import EventData, MessageFailed, MessageSent
from context.ledger import SYSTEM, Ledger
from context.models import MessageRow
from context.types import Author, Delivery, Direction, MessageView, Visibility
from kit.db import Database, dump_json

_DUE = """
SELECT head.* FROM (
    SELECT DISTINCT ON (m.conversation_id, m.channel, m.account) m.id, m.conversation_id, m.channel, m.account
    FROM message AS m
    WHERE m.delivery = 'queued' AND m.channel <> ALL(%(stored)s)
      AND (%(conversation)s::uuid IS NULL OR m.conversation_id = %(conversation)s)
      AND NOT EXISTS (SELECT FROM channel_account AS a WHERE a.channel = coalesce(%(lenders)s::jsonb ->> m.channel, m.channel)
          AND a.account = m.account AND a.state <> 'active')
    ORDER BY m.conversation_id, m.channel, m.account, m.seq
) AS head
WHERE NOT EXISTS (SELECT FROM channel_send AS s WHERE s.message_id = head.id AND s.state = 'waiting' AND s.next_at > %(now)s)
LIMIT 1000
"""
_LOAD = """
SELECT m.id, m.conversation_id, m.seq, m.author, m.author_name, m.text, m.body, m.payload, m.channel, m.account, m.address, m.at,
    c.language, c.contact_id, known.addresses, known.last, known.entry, known.blocked,
    (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.part) FROM channel_send AS s WHERE s.message_id = m.id) AS sends,
    (SELECT max(s.accepted_at) FROM channel_send AS s JOIN message AS p ON p.id = s.message_id
     WHERE p.conversation_id = m.conversation_id AND s.state IN ('accepted', 'sent')) AS unsettled,
    (SELECT coalesce(r.external_id, (SELECT s.provider_id FROM channel_send AS s WHERE s.message_id = r.id ORDER BY s.part LIMIT 1))
     FROM message AS r WHERE r.channel = m.channel AND r.account = m.account
        AND r.id = (substring(m.body -> 'custom' ->> 'reply_to' FROM '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'))::uuid
    ) AS reply_to,
    c.thread_key, CASE WHEN c.thread_key <> 'messaging' OR m.channel = 'email' THEN (
        SELECT jsonb_build_object('id', l.external_id, 'sender', l.address, 'metadata', l.body -> 'metadata') FROM message AS l
        WHERE l.conversation_id = m.conversation_id AND l.direction = 'in' AND l.channel = m.channel AND l.account = m.account
            AND l.seq < m.seq
        ORDER BY l.seq DESC LIMIT 1) END AS place
FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id,
LATERAL (
    SELECT array_agg(i.external_id ORDER BY a.last_inbound_at DESC NULLS LAST, i.created_at DESC) AS addresses,
        max(a.last_inbound_at) AS last, max(a.free_entry_until) AS entry,
        array_agg(i.external_id) FILTER (WHERE a.blocked AND a.blocked_at >= coalesce(a.last_inbound_at, a.blocked_at)) AS blocked
    FROM identity AS i LEFT JOIN channel_address AS a ON a.channel = i.channel AND a.account = i.account AND a.address = i.external_id
    WHERE i.contact_id = c.contact_id AND i.channel = m.channel AND i.account = m.account
) AS known
WHERE m.id = %(id)s AND m.delivery = 'queued'
"""
_CLAIM = """
INSERT INTO channel_send (id, message_id, part, parts, channel, account, address, state, attempts, claimed_at, carrier)
SELECT %(id)s, %(message)s, %(part)s, %(parts)s, %(channel)s, %(account)s, %(address)s, 'sending', 1, %(now)s, %(carrier)s::uuid
FROM message WHERE id = %(message)s AND delivery = 'queued'
ON CONFLICT (message_id, part) DO UPDATE SET state = 'sending', attempts = channel_send.attempts + 1, claimed_at = %(now)s,
    parts = %(parts)s, address = %(address)s, next_at = NULL, once = false, carrier = excluded.carrier
WHERE channel_send.state = 'waiting'
RETURNING attempts
"""
_HANDLE = """
WITH held AS (
    SELECT reply_handle FROM channel_address
    WHERE channel = %(channel)s AND account = %(account)s AND address = %(address)s AND reply_handle IS NOT NULL AND reply_until > %(now)s
    FOR UPDATE
), taken AS (
    UPDATE channel_address SET reply_handle = NULL
    WHERE channel = %(channel)s AND account = %(account)s AND address = %(address)s AND EXISTS (SELECT FROM held)
), marked AS (
    UPDATE channel_send SET once = true WHERE id = %(id)s AND EXISTS (SELECT FROM held)
) SELECT reply_handle FROM held
"""


@dataclass(frozen=True)
class Due:
    """The oldest queued message of a conversation on one account."""

    id: UUID
    conversation_id: UUID
    channel: str
    account: str


@dataclass(frozen=True)
class Loaded:
    """A message with all that sending it needs. `sends`: its parts so far, as rows. `unsettled`: when the last one before was accepted."""

    message: MessageView
    account: str
    language: str
    addresses: tuple[str, ...]
    last_inbound_at: datetime | None
    free_entry_until: datetime | None
    sends: tuple[dict[str, Any], ...]
    unsettled: datetime | None
    reply_to: str | None
    blocked: tuple[str, ...] = ()
    place: Place | None = None


def part_key(message_id: UUID, part: int) -> UUID:
    """Our name of one part, the same at each try."""
    return uuid5(message_id, f"part {part}")


async def find_due(
    database: Database,
    *,
    stored: Sequence[str],
    now: datetime,
    conversation_id: UUID | None = None,
    lenders: Mapping[str, str] | None = None,
) -> list[Due]:
    """The heads of all conversations in which something waits and may be sent now. `stored`: channels where storing is
    sending; `lenders`: channels that send with the accounts of another."""
    values = {"stored": list(stored), "now": now, "conversation": conversation_id, "lenders": dump_json(dict(lenders or {}))}
    async with database.plain() as connection:
        rows = await (await connection.execute(_DUE, values, prepare=True)).fetchall()
    return [Due(row.id, row.conversation_id, row.channel, row.account) for row in rows]


async def load(database: Database, message_id: UUID) -> Loaded | None:
    """The message if it is still queued."""
    async with database.plain() as connection:
        row = await (await connection.execute(_LOAD, {"id": message_id}, prepare=True)).fetchone()
    if row is None:
        return None
    message = MessageView(
        id=row.id, conversation_id=row.conversation_id, seq=row.seq, direction=Direction.OUT, author=Author(row.author),
        author_name=row.author_name, visibility=Visibility.PUBLIC, content=load_content(row.text, row.body), payload=row.payload,
        channel=row.channel, delivery=Delivery.QUEUED, at=row.at, metadata=row.body.get("metadata", {}),
    )  # fmt: skip
    return Loaded(
        message, row.account, row.language or "en", _addresses(row), row.last, row.entry, tuple(row.sends or ()), row.unsettled,
        row.reply_to, tuple(row.blocked or ()), _place(row),
    )  # fmt: skip


def _place(row: Any) -> Place | None:
    """Where in its thread the message stands: under the customer's last one, by whoever of them wrote it."""
    if not row.place:
        return None
    return Place(row.thread_key, row.place["id"], {**(row.place["metadata"] or {}), "sender": row.place["sender"]})


def _addresses(row: Any) -> tuple[str, ...]:
    """Where the message goes: as it was written down, then the customer's other addresses, the last used first."""
    return tuple(dict.fromkeys([*([row.address] if row.address else []), *(row.addresses or ())]))


async def claim(  # noqa: PLR0913 - a claim is all of these
    database: Database, loaded: Loaded, *, part: int, parts: int, address: str, now: datetime, carrier: UUID | None = None
) -> int | None:
    """Says, durably, that this part is about to be sent; the number of the try, or None when somebody else has it or it was sent.

    `carrier`: the send that has this message in it.
    """
    values = {
        "id": part_key(loaded.message.id, part), "message": loaded.message.id, "part": part, "parts": parts,
        "channel": loaded.message.channel, "account": loaded.account, "address": address, "now": now,
        "carrier": carrier,
    }  # fmt: skip
    async with database.plain() as connection:
        row = await (await connection.execute(_CLAIM, values, prepare=True)).fetchone()
    return row.attempts if row else None


async def take_handle(database: Database, loaded: Loaded, *, key: UUID, address: str, now: datetime) -> str | None:
    """The handle that the customer's last message brought, if it is still good: given out once, and written down before it is used."""
    values = {"channel": loaded.message.channel, "account": loaded.account, "address": address, "id": key, "now": now}
    async with database.plain() as connection:
        row = await (await connection.execute(_HANDLE, values, prepare=True)).fetchone()
    return str(row.reply_handle) if row else None


async def settle(
    session: AsyncSession, ledger: Ledger, *, conversation_id: UUID, key: UUID, result: SendResult, next_at: datetime | None = None
) -> None:
    """Stores what became of a part, and of its message when that is clear now."""
    conversation = await lock_conversation(session, conversation_id)
    row = await session.get(ChannelSendRow, key, populate_existing=True)
    if row is None or row.state not in {"sending", "unknown", "waiting"}:
        if row is not None and row.provider_id is None:  # a receipt was faster than the answer
            row.provider_id, row.accepted_at = result.external_id, row.accepted_at or ledger.now
        return
    row.error, row.error_code = result.reason, result.code
    row.error_class = result.problem.value if result.problem else None
    if result.fate == Fate.LATER:
        row.state, row.next_at = "waiting", next_at
        return
    row.settled_at = ledger.now
    message = await session.get(MessageRow, row.message_id, populate_existing=True)
    assert message is not None
    event: EventData
    if result.fate == Fate.SENT:
        row.state, row.provider_id, row.accepted_at = "accepted", result.external_id, ledger.now
        if row.part + 1 < row.parts or message.delivery not in {Delivery.QUEUED, Delivery.UNKNOWN}:
            return
        message.delivery = Delivery.SENT
        event = MessageSent(message_id=str(message.id), external_id=result.external_id)
    else:
        unknown = result.fate == Fate.UNKNOWN
        row.state = "unknown" if unknown else "failed"
        if message.delivery not in {Delivery.QUEUED, Delivery.UNKNOWN}:
            return
        message.delivery = Delivery.UNKNOWN if unknown else Delivery.FAILED
        event = MessageFailed(message_id=str(message.id), reason=result.reason or "", unknown=unknown)
    await ledger.append(session, event, actor=SYSTEM, conversation=conversation)


async def fail_whole(session: AsyncSession, ledger: Ledger, message_id: UUID, *, reason: str) -> None:
    """A message that nothing can be done with: no such channel, no address."""
    view = await get_message(session, message_id)
    conversation = await lock_conversation(session, view.conversation_id)
    row = await session.get(MessageRow, message_id, populate_existing=True)
    if row is not None and row.delivery == Delivery.QUEUED:
        row.delivery = Delivery.FAILED
        event = MessageFailed(message_id=str(message_id), reason=reason)
        await ledger.append(session, event, actor=SYSTEM, conversation=conversation)
