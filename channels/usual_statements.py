"""The two usual ends of a send in one statement each: it was accepted, and a receipt says how far it got. All else is the ORM's.

Through the ORM they are most of what a reply costs on a channel that has receipts. Both ways are held equal by
`tests/channels/test_usual_statements.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from channels.happenings import Receipt
from channels.receipts import RANKS
from context.events import EventData, MessageDelivered, MessageRead, MessageSent
from context.ledger import CUSTOMER, SYSTEM, Ledger
from context.types import Delivery
from kit.db import Database, dump_json

_LOCK_OF_MESSAGE = """
SELECT FROM conversation WHERE id = (SELECT conversation_id FROM message WHERE id = %(message)s) FOR UPDATE
"""
_LOCK_OF_SEND = """
SELECT FROM conversation WHERE id = (
    SELECT m.conversation_id FROM channel_send AS s JOIN message AS m ON m.id = s.message_id
    WHERE s.id = %(key)s AND s.channel = %(channel)s AND s.account = %(account)s
) FOR UPDATE
"""
_ACCEPTED = """
WITH old AS (
    SELECT s.id, s.message_id, m.conversation_id FROM channel_send AS s JOIN message AS m ON m.id = s.message_id
    WHERE s.id = %(key)s AND s.state = 'sending' AND s.part + 1 = s.parts AND m.delivery = 'queued'
), accepted AS (
    UPDATE channel_send AS s
    SET state = 'accepted', provider_id = %(provider)s, accepted_at = %(now)s, settled_at = %(now)s,
        error = NULL, error_code = NULL, error_class = NULL
    FROM old WHERE s.id = old.id
), sent AS (
    UPDATE message AS m SET delivery = 'sent' FROM old WHERE m.id = old.message_id
), held AS (
    UPDATE conversation AS c SET seq = c.seq + 1, updated_at = %(now)s FROM old WHERE c.id = old.conversation_id
    RETURNING c.id, c.channel, c.seq
), noted AS (
    INSERT INTO event (name, version, at, actor_kind, conversation_id, channel, seq, data)
    SELECT %(event)s, %(version)s, %(now)s, %(actor)s, held.id, held.channel, held.seq, %(data)s::jsonb FROM held
)
SELECT count(*) AS done FROM old
"""
_RISEN = """
WITH old AS (
    SELECT s.id, s.message_id, m.conversation_id, CASE m.delivery WHEN 'sent' THEN 2 WHEN 'delivered' THEN 3 ELSE 4 END AS rank
    FROM channel_send AS s JOIN message AS m ON m.id = s.message_id
    WHERE s.id = %(key)s AND s.channel = %(channel)s AND s.account = %(account)s AND s.parts = 1
      AND s.state = ANY(%(usual)s) AND m.delivery = ANY(%(deliveries)s)
      AND NOT EXISTS (SELECT FROM channel_send AS along WHERE along.carrier = s.id)
), risen AS (
    UPDATE channel_send AS s SET state = %(state)s, settled_at = %(now)s FROM old WHERE s.id = old.id AND s.state = ANY(%(below)s)
), steps AS (
    SELECT new.*, row_number() OVER (ORDER BY new.rank) AS step
    FROM old, jsonb_to_recordset(%(events)s::jsonb) AS new (name text, version int, rank int, actor text, delivery text)
    WHERE new.rank > old.rank
), told AS (
    UPDATE message AS m SET delivery = (SELECT delivery FROM steps ORDER BY rank DESC LIMIT 1)
    FROM old WHERE m.id = old.message_id AND EXISTS (SELECT FROM steps)
), held AS (
    UPDATE conversation AS c SET seq = c.seq + (SELECT count(*) FROM steps), updated_at = %(now)s
    FROM old WHERE c.id = old.conversation_id AND EXISTS (SELECT FROM steps)
    RETURNING c.id, c.channel, c.seq - (SELECT count(*) FROM steps) AS before
), noted AS (
    INSERT INTO event (name, version, at, actor_kind, conversation_id, channel, seq, data)
    SELECT steps.name, steps.version, %(now)s, steps.actor, held.id, held.channel, held.before + steps.step,
        jsonb_build_object('message_id', old.message_id::text)
    FROM steps, held, old ORDER BY steps.step
)
SELECT count(*) AS done FROM old
"""
_USUAL = ("accepted", "sent", "delivered", "read")
_EVENTS: dict[str, tuple[type[EventData], Delivery]] = {
    "delivered": (MessageDelivered, Delivery.DELIVERED),
    "read": (MessageRead, Delivery.READ),
}


async def store_accepted(database: Database, ledger: Ledger, *, message_id: UUID, key: UUID, provider_id: str) -> bool:
    """Stores that the provider took the last part of a queued message; False, and nothing is stored, where that is not how it stands.

    Raises psycopg.Error.
    """
    event = MessageSent(message_id=str(message_id), external_id=provider_id)
    if ledger.follows(event.name):
        return False
    values = {
        "message": message_id, "key": key, "provider": provider_id, "now": ledger.now, "event": event.name, "version": event.schema,
        "actor": SYSTEM.kind, "data": dump_json(event.as_json()),
    }  # fmt: skip
    return await _both(database, _LOCK_OF_MESSAGE, _ACCEPTED, values)


async def store_receipts(database: Database, ledger: Ledger, channel: str, receipts: Sequence[Receipt]) -> bool:
    """Stores the receipts of one send, all with the same key; False, and nothing is stored, where they are not of the usual kind.

    Usual is: sent, delivered and read of a message of one part that was accepted. Raises psycopg.Error.
    """
    first = receipts[0]
    told = {r.status for r in receipts}
    if first.key is None or not told <= {"sent", "delivered", "read"} or any(r.upto for r in receipts):
        return False
    if any(ledger.follows(kind.name) for kind, _ in _EVENTS.values()):
        return False
    highest = max(told, key=lambda status: RANKS[status])
    events = [_event(status) for status in ("delivered", "read") if status in told]
    values = {
        "key": first.key, "channel": channel, "account": first.account, "state": highest, "now": ledger.now, "usual": list(_USUAL),
        "below": [s for s in _USUAL if RANKS[s] < RANKS[highest]], "deliveries": ["sent", "delivered", "read"], "events": dump_json(events),
    }  # fmt: skip
    return await _both(database, _LOCK_OF_SEND, _RISEN, values)


def _event(status: str) -> dict[str, Any]:
    kind, delivery = _EVENTS[status]
    actor = CUSTOMER if delivery == Delivery.READ else SYSTEM
    return {"name": kind.name, "version": kind.schema, "rank": RANKS[status], "actor": actor.kind, "delivery": delivery.value}


async def _both(database: Database, lock: str, statement: str, values: dict[str, Any]) -> bool:
    """Locks the conversation first, in a statement of its own: what comes after sees all that earlier holders have committed."""
    async with database.plain() as connection:
        async with connection.pipeline():
            await connection.execute(lock, {k: v for k, v in values.items() if f"%({k})s" in lock}, prepare=True)
            cursor = await connection.execute(statement, values, prepare=True)
        row = await cursor.fetchone()
    return row is not None and int(row.done) > 0
