"""Handing out what the bot has said to a message in one round trip, once its turn is over; all else is `waiting.py`'s."""

from __future__ import annotations

from typing import Any

import psycopg

from channels.rasa.types import Address
from context.conversations import load_content
from context.events import MessageDelivered
from context.ledger import SYSTEM, Ledger
from context.types import Author, Delivery, Direction, MessageView, Visibility
from kit.db import Database
from kit.log import get_logger

_LOCK = "SELECT FROM conversation WHERE id = %(id)s FOR UPDATE"
_HAND_OUT = """
WITH over AS (
    SELECT id, seq FROM conversation AS this WHERE id = %(id)s AND handler = 'bot' AND status <> 'resolved' AND answered_seq >= %(seq)s
      AND NOT EXISTS (
        SELECT FROM conversation AS other JOIN message ON message.conversation_id = other.id
        WHERE other.contact_id = this.contact_id AND other.id <> this.id AND message.channel = %(channel)s
          AND message.account = %(account)s AND direction = 'out' AND visibility = 'public' AND delivery IN ('queued', 'sent'))
), given AS (
    UPDATE message SET delivery = 'delivered' FROM over
    WHERE message.conversation_id = over.id AND message.channel = %(channel)s AND message.account = %(account)s
      AND message.direction = 'out' AND message.visibility = 'public' AND message.delivery IN ('queued', 'sent')
    RETURNING message.id, message.seq, message.author, message.author_name, message.text, message.body, message.payload, message.at,
              message.external_id
), numbered AS (
    SELECT given.*, row_number() OVER (ORDER BY seq) AS step FROM given
), counted AS (
    UPDATE conversation SET seq = conversation.seq + many.many, updated_at = %(now)s
    FROM (SELECT count(*) AS many FROM given) AS many WHERE conversation.id = %(id)s AND many.many > 0
), noted AS (
    INSERT INTO event (name, version, at, actor_kind, conversation_id, channel, seq, data)
    SELECT %(event)s, %(version)s, %(now)s, %(actor)s, over.id, %(channel)s, over.seq + step, jsonb_build_object('message_id', numbered.id)
    FROM over, numbered ORDER BY step
)
SELECT over.id AS conversation_id, numbered.* FROM over LEFT JOIN numbered ON true ORDER BY step
"""

log = get_logger("rasa")


async def hand_out(database: Database, ledger: Ledger, address: Address, message: MessageView) -> list[MessageView] | None:
    """What waits in the conversation of `message`, marked as delivered, oldest first; each is handed out once.

    None when its turn is not over, when a human holds the conversation or it is closed, when something waits in another conversation too,
    or when the statement could not be run.
    """
    values = {
        "id": message.conversation_id,
        "seq": message.seq,
        "channel": address.channel,
        "account": address.account,
        "now": ledger.now,
        "event": MessageDelivered.name,
        "version": MessageDelivered.schema,
        "actor": SYSTEM.kind,
    }
    if ledger.follows(MessageDelivered.name):
        return None
    try:
        async with database.plain(durable=False) as connection:  # the answer that follows can get lost as well
            async with connection.pipeline():
                await connection.execute(_LOCK, {"id": message.conversation_id}, prepare=True)
                cursor = await connection.execute(_HAND_OUT, values, prepare=True)
            rows = await cursor.fetchall()
    except psycopg.OperationalError as error:
        log.warning("the statement failed", error=type(error).__name__)
        return None
    return [_view(row, address) for row in rows if row.id is not None] if rows else None


def _view(row: Any, address: Address) -> MessageView:
    return MessageView(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        direction=Direction.OUT,
        author=Author(row.author),
        author_name=row.author_name,
        visibility=Visibility.PUBLIC,
        content=load_content(row.text, row.body),
        payload=row.payload,
        channel=address.channel,
        delivery=Delivery.DELIVERED,
        at=row.at,
        external_id=row.external_id,
    )
