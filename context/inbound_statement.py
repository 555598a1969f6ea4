"""The usual inbound message in one statement: a known sender, an open conversation, no repeat. All else is `context/inbound.py`'s.

Through the ORM the same takes about ten statements, which was a quarter of a message's processor time (docs/benchmarks-bot.md).
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg

from context.contacts import erased_name
from context.conversations import MESSAGING_THREAD
from context.events import MessageReceived
from context.inbound import PREVIEW, Recorded, check_text, record_inbound
from context.ledger import CUSTOMER, Ledger
from context.types import Author, Content, Delivery, Direction, Inbound, MessageView, Visibility
from kit.db import Database, dump_json
from kit.log import get_logger

_STORE = """
WITH held AS (
    UPDATE conversation AS c
    SET seq = c.seq + 1, channel = %(channel)s, account = %(account)s, address = %(identity)s, preview = %(preview)s,
        last_customer_at = %(now)s, updated_at = %(now)s,
        waiting_since = CASE WHEN c.handler <> 'bot' THEN coalesce(c.waiting_since, %(now)s) ELSE c.waiting_since END
    FROM identity AS i
    WHERE i.channel = %(channel)s AND i.account = %(account)s AND i.external_id = %(identity)s
      AND c.contact_id = i.contact_id AND c.thread_key = %(thread_key)s AND c.status = 'open'
      AND NOT EXISTS (SELECT FROM message WHERE channel = %(channel)s AND account = %(account)s
                      AND external_id IN (%(external_id)s, %(erased)s))
    RETURNING c.id, c.contact_id, c.seq
), stored AS (
    INSERT INTO message (id, conversation_id, seq, direction, author, author_name, visibility, text, payload, body, channel, account,
                         address, external_id, delivery, at)
    SELECT %(id)s, id, seq, 'in', 'customer', %(name)s, 'public', %(text)s, %(payload)s, %(body)s::jsonb, %(channel)s, %(account)s,
           %(identity)s, %(external_id)s, 'delivered', %(now)s
    FROM held
), noted AS (
    INSERT INTO event (name, version, at, actor_kind, conversation_id, channel, seq, data)
    SELECT %(event)s, %(version)s, %(now)s, %(actor)s, id, %(channel)s, seq, %(data)s::jsonb FROM held
)
SELECT id, contact_id, seq{jobs} FROM held
"""
"""A repeat that another connection stores at this very moment breaks the unique index of `message`: nothing of this is kept then."""

log = get_logger("inbound")


async def record_message(database: Database, ledger: Ledger, inbound: Inbound) -> Recorded:
    """Stores an inbound message of a messaging channel; when this returns, it is safe. Raises as `record_inbound`."""
    try:
        recorded = await _store_in_one(database, ledger, inbound)
    except psycopg.errors.UniqueViolation:
        recorded = None
    except psycopg.OperationalError as error:  # the way below has another connection, and sees whether it was stored
        log.warning("the statement failed", error=type(error).__name__)
        recorded = None
    if recorded is not None:
        return recorded
    async with database.transaction() as session:
        return await record_inbound(session, ledger, inbound)


async def _store_in_one(database: Database, ledger: Ledger, inbound: Inbound) -> Recorded | None:
    statement = _statement(ledger)
    if statement is None or inbound.attachments:
        return None
    text, now, message_id = check_text(inbound.text), ledger.now, uuid4()
    event = MessageReceived(message_id=str(message_id), external_id=inbound.external_id)
    values: dict[str, Any] = {
        "id": message_id,
        "channel": inbound.channel,
        "account": inbound.account,
        "identity": inbound.identity,
        "external_id": inbound.external_id,
        "erased": erased_name(inbound.channel, inbound.account, inbound.external_id),
        "thread_key": MESSAGING_THREAD,
        "name": inbound.profile_name,
        "text": text,
        "payload": inbound.payload,
        "preview": text[:PREVIEW],
        "now": now,
        "actor": CUSTOMER.kind,
        "event": event.name,
        "body": dump_json({"metadata": inbound.metadata} if inbound.metadata else {}),
        "version": event.schema,
        "data": dump_json(event.as_json()),
    }
    async with database.plain() as connection:
        row = await (await connection.execute(statement, values, prepare=True)).fetchone()
    if row is None:
        return None
    message = MessageView(
        id=message_id,
        conversation_id=row.id,
        seq=row.seq,
        direction=Direction.IN,
        author=Author.CUSTOMER,
        author_name=inbound.profile_name,
        visibility=Visibility.PUBLIC,
        content=Content(text),
        payload=inbound.payload,
        channel=inbound.channel,
        delivery=Delivery.DELIVERED,
        at=now,
        external_id=inbound.external_id,
        address=inbound.identity,
    )
    return Recorded(message, row.contact_id, repeat=False)


def _statement(ledger: Ledger) -> str | None:
    """The statement with the jobs that follow a received message; None when jobs cannot be put in by a statement."""
    jobs = ledger.follows(MessageReceived.name)
    put = ledger.enqueuer.expression
    if jobs and put is None:
        return None
    arguments = "jsonb_build_object('conversation_id', id::text, 'event_data', %(data)s::jsonb)"
    return _STORE.replace("{jobs}", "".join(f", {put}".format(name=f"'{job}'", arguments=arguments) for job in jobs))
