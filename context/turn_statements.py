"""A usual turn of the bot in two round trips: what it needs is read as its lease is taken, and all that follows from it is stored at once.

A turn with effects, with a handoff, or without a message goes through the ORM (`bot/turn.py`). The conversation's row is locked first, by a
statement of its own: what comes after sees everything that earlier holders of the lock have committed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from context.conversations import dump_content, dump_understanding, load_understanding
from context.events import Actor, EventData
from context.ledger import Ledger
from context.sequencer import FRESH
from context.stream import SIGNALS, Signal, dump_signal
from context.types import Author, Content, Delivery, Understanding
from kit.db import Database, dump_json

_ANSWERED = """
SELECT FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id
WHERE m.id = %(id)s AND m.understanding IS NOT NULL AND m.seq <= c.answered_seq AND c.handler = 'bot' AND c.status <> 'resolved'
  AND NOT EXISTS (SELECT FROM message AS q WHERE q.conversation_id = c.id AND q.delivery = 'queued')
"""
_LOCK = "SELECT FROM conversation WHERE id = %(id)s FOR UPDATE"
_TAKE = """
WITH held AS (
    UPDATE conversation SET lease_owner = %(owner)s, lease_until = %(until)s
    WHERE id = %(id)s AND handler = 'bot' AND status <> 'resolved'
      AND (lease_until IS NULL OR lease_until <= %(now)s OR lease_owner = %(owner)s)
      AND EXISTS (SELECT FROM message WHERE conversation_id = %(id)s AND author = 'customer' AND seq > answered_seq)
    RETURNING id, contact_id, channel, account, address, epoch, answered_seq, slots, dialogue, language
), waiting AS (
    SELECT m.id, m.seq, m.text, m.payload, m.body, m.at, m.understanding FROM held
    JOIN message AS m ON m.conversation_id = held.id AND m.author = 'customer' AND m.seq > held.answered_seq
), own AS (
    SELECT held.contact_id FROM held WHERE NOT EXISTS (
        SELECT FROM identity AS i WHERE i.channel = held.channel AND i.account = held.account AND i.external_id = held.address
        AND i.sees_from IS NOT NULL)
), proven AS (
    SELECT i.kind, i.value, i.verified_at FROM own JOIN contact_identifier AS i ON i.contact_id = own.contact_id
    WHERE i.verified AND i.method <> 'order'
)
SELECT held.*, pg_notify(%(signals)s, %(signal)s),
    (SELECT value FROM proven WHERE kind = 'email' ORDER BY verified_at DESC NULLS LAST LIMIT 1) AS email,
    (SELECT value FROM proven WHERE kind = 'phone' ORDER BY verified_at DESC NULLS LAST LIMIT 1) AS phone,
    EXISTS (SELECT FROM own JOIN identity AS i ON i.contact_id = own.contact_id AND i.verified) OR EXISTS (SELECT FROM proven)
        AS verified,
    (SELECT at FROM message WHERE conversation_id = held.id AND seq < (SELECT min(seq) FROM waiting) ORDER BY seq DESC LIMIT 1) AS before,
    (SELECT jsonb_agg(to_jsonb(waiting) ORDER BY seq) FROM waiting) AS messages
FROM held
"""
_STORE = """
WITH held AS (
    UPDATE conversation
    SET seq = seq + %(steps)s, answered_seq = %(answered)s, lease_owner = NULL, lease_until = NULL, updated_at = %(now)s,
        slots = %(slots)s::jsonb, dialogue = %(dialogue)s::jsonb, language = %(language)s
    WHERE id = %(id)s AND epoch = %(epoch)s AND lease_owner = %(owner)s AND handler = 'bot' AND status <> 'resolved'
      AND NOT EXISTS (SELECT FROM message WHERE id = ANY(%(fresh)s) AND understanding IS NOT NULL)
    RETURNING id, channel, account, address, seq - %(steps)s AS before
), understood AS (
    UPDATE message SET understanding = new.understanding
    FROM held, jsonb_to_recordset(%(understood)s::jsonb) AS new (id uuid, understanding jsonb)
    WHERE message.id = new.id
), said AS (
    INSERT INTO message (id, conversation_id, seq, direction, author, visibility, text, body, channel, account, address, turn_id,
                         ordinal, delivery, at)
    SELECT new.id, held.id, before + step, 'out', new.author, 'public', new.text, new.body, held.channel, held.account, held.address,
           turn_id, ordinal, %(delivery)s, %(now)s
    FROM held, jsonb_to_recordset(%(said)s::jsonb)
         AS new (id uuid, step bigint, author text, text text, body jsonb, turn_id uuid, ordinal int)
), noted AS (
    INSERT INTO event (name, version, at, actor_kind, conversation_id, channel, seq, data)
    SELECT name, version, %(now)s, actor, held.id, held.channel, before + step, data
    FROM held, jsonb_to_recordset(%(events)s::jsonb) AS new (step bigint, name text, version int, actor text, data jsonb)
    ORDER BY step
), taken AS (
    INSERT INTO turn (id, conversation_id, epoch, outcome, trace, milliseconds, at)
    SELECT %(turn)s, id, %(epoch)s, 'taken', %(trace)s::jsonb, %(milliseconds)s, %(now)s FROM held
)
SELECT pg_notify(%(signals)s, %(signal)s) AS told, pg_notify(%(sequencer)s, '') AS woken,
    CASE WHEN EXISTS (SELECT FROM message WHERE conversation_id = %(id)s AND author = 'customer' AND seq > %(answered)s)
         THEN {again} END AS again
FROM held
"""


@dataclass(frozen=True)
class WaitingMessage:
    """A customer's message that waits for its turn; `understanding` None when nobody has understood it yet."""

    id: UUID
    seq: int
    text: str
    payload: str | None
    metadata: Mapping[str, Any]
    at: datetime
    understanding: Understanding | None


@dataclass(frozen=True)
class Leased:
    """A conversation whose lease was taken, with its waiting messages (at least one) and all that a turn needs to know.

    `before`: when the message before them was written.
    """

    conversation_id: UUID
    contact_id: UUID
    channel: str
    epoch: int
    slots: dict[str, Any]
    dialogue: dict[str, Any]
    language: str | None
    email: str | None
    phone: str | None
    verified: bool
    before: datetime | None
    messages: tuple[WaitingMessage, ...]


@dataclass(frozen=True)
class Said:
    """A message to the customer: its id, who says it, and its place in the turn where it is the bot."""

    id: UUID
    author: Author
    content: Content
    ordinal: int | None = None


Step = Said | tuple[Actor, EventData]
"""What takes one number of the conversation's `seq`: an event; a message belongs to the event that follows it and takes none itself."""


@dataclass(frozen=True)
class Outcome:
    """All that is stored when a turn is over. `understood` are the messages that this turn was the first to understand."""

    turn_id: UUID
    answered_seq: int
    slots: dict[str, Any]
    dialogue: dict[str, Any]
    language: str
    steps: Sequence[Step]
    understood: Mapping[UUID, Understanding]
    delivery: Delivery
    trace: list[dict[str, Any]]
    milliseconds: int


async def answered_and_sent(database: Database, message_id: UUID) -> bool:
    """Whether a turn of the bot, which still holds the conversation, has answered a message, and nothing there waits to be sent."""
    async with database.plain() as connection:
        row = await (await connection.execute(_ANSWERED, {"id": message_id}, prepare=True)).fetchone()
    return row is not None


async def take_lease(database: Database, conversation_id: UUID, *, owner: str, now: datetime, until: datetime) -> Leased | None:
    """Takes the lease of a conversation that the bot holds and in which messages wait; None when that is not so. Raises psycopg.Error."""
    signal = dump_signal(Signal(conversation_id, "bot", None, on=True))
    values = {"id": conversation_id, "owner": owner, "now": now, "until": until, "signals": SIGNALS, "signal": signal}
    row = await _locked(database, _TAKE, values, durable=False)  # a lease that is lost in a crash is taken again
    if row is None:
        return None
    messages = tuple(_waiting(data) for data in row.messages)
    return Leased(
        row.id,
        row.contact_id,
        row.channel,
        row.epoch,
        row.slots,
        row.dialogue,
        row.language,
        row.email,
        row.phone,
        row.verified,
        row.before,
        messages,
    )


async def store_outcome(database: Database, ledger: Ledger, leased: Leased, outcome: Outcome, *, owner: str, again: str) -> bool:
    """Stores a turn and gives the lease back, all or nothing; puts the job `again` in when more messages wait.

    False, and nothing is stored, when the conversation is no longer the turn's, or somebody else has understood one of its messages
    meanwhile. Raises psycopg.Error, ValueError where jobs cannot be put in by a statement.
    """
    put = ledger.enqueuer.expression
    if put is None:
        raise ValueError("jobs cannot be put in by a statement")
    arguments = "jsonb_build_object('conversation_id', %(id)s::text, 'event_data', '{}'::jsonb)"
    said, events = _numbered(outcome)
    signal = dump_signal(Signal(leased.conversation_id, "bot", None, on=False))
    values = {
        "id": leased.conversation_id,
        "epoch": leased.epoch,
        "owner": owner,
        "now": ledger.now,
        "steps": len(events),
        "answered": outcome.answered_seq,
        "slots": dump_json(outcome.slots),
        "dialogue": dump_json(outcome.dialogue),
        "language": outcome.language,
        "fresh": list(outcome.understood),
        "said": dump_json(said),
        "events": dump_json(events),
        "understood": dump_json([{"id": str(i), "understanding": dump_understanding(u)} for i, u in outcome.understood.items()]),
        "delivery": outcome.delivery.value,
        "turn": outcome.turn_id,
        "trace": dump_json(outcome.trace),
        "milliseconds": outcome.milliseconds,
        "signals": SIGNALS,
        "signal": signal,
        "sequencer": FRESH,
    }
    return await _locked(database, _STORE.replace("{again}", put.format(name=f"'{again}'", arguments=arguments)), values) is not None


async def _locked(database: Database, statement: str, values: Mapping[str, Any], *, durable: bool = True) -> Any:
    async with database.plain(durable=durable) as connection:
        async with connection.pipeline():
            await connection.execute(_LOCK, {"id": values["id"]}, prepare=True)
            cursor = await connection.execute(statement, values, prepare=True)
        return await cursor.fetchone()


def _numbered(outcome: Outcome) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    said: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for step in outcome.steps:
        number = len(events) + 1
        if isinstance(step, Said):
            turn = str(outcome.turn_id) if step.ordinal is not None else None
            said.append(
                {"id": str(step.id), "step": number, "author": step.author.value, "text": step.content.text}
                | {"body": dump_content(step.content), "turn_id": turn, "ordinal": step.ordinal}
            )
        else:
            actor, event = step
            row = {"step": number, "name": event.name, "version": event.schema, "actor": actor.kind, "data": event.as_json()}
            events.append(row)
    return said, events


def _waiting(data: dict[str, Any]) -> WaitingMessage:
    understanding = data["understanding"]
    return WaitingMessage(
        UUID(data["id"]),
        data["seq"],
        data["text"],
        data["payload"],
        data["body"].get("metadata", {}),
        datetime.fromisoformat(data["at"]),
        load_understanding(understanding) if understanding else None,
    )
