"""Fills a database with open conversations and their messages, by plain SQL."""

from __future__ import annotations

import random
from uuid import UUID, uuid4

import psycopg

from context.staff.accounts import create_staff, open_session
from context.types import Role
from kit.db import Database

WORDS = (
    "parcel", "order", "refund", "teapot", "delivery", "address", "invoice", "broken", "late", "colour", "size", "voucher", "store", "gift",
    "return", "exchange", "customs", "payment", "card", "points", "mooncake", "candle", "apron", "linen", "workshop", "where",
    "when", "why",
)  # fmt: skip
CHINESE = ("退貨", "訂單", "包裹", "破損", "發票", "地址", "付款", "門市", "茶壺", "送貨")
HANDLERS = ("queue", "agent", "agent", "bot")


def fill(dsn: str, staff: list[UUID], *, conversations: int, messages: int, seed: int = 7) -> list[UUID]:
    """Stores open conversations with `messages` messages each; returns those that wait in the queue or are held, the fullest first."""
    dice, ids = random.Random(seed), [uuid4() for _ in range(conversations)]
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        contacts = {i: uuid4() for i in ids}
        with cursor.copy("COPY contact (id, name, email, language, attributes) FROM STDIN") as copy:
            for number, i in enumerate(ids):
                copy.write_row((contacts[i], f"Customer {number}", f"customer{number}@example.com", "en", "{}"))
        with cursor.copy(
            "COPY conversation (id, contact_id, thread_key, channel, account, status, handler, agent_id, epoch, seq, answered_seq,"
            " read_seq, language, slots, dialogue, preview, urgency, waiting_since, last_customer_at) FROM STDIN"
        ) as copy:
            for i in ids:
                copy.write_row(_conversation(i, contacts[i], dice, staff, messages))
        with cursor.copy(
            "COPY message (id, conversation_id, seq, direction, author, visibility, text, body, channel, account, delivery, at) FROM STDIN"
        ) as copy:
            for i in ids:
                for seq in range(1, messages + 1):
                    copy.write_row(_message(i, seq, dice))
        cursor.execute("UPDATE conversation SET updated_at = now() - random() * interval '5 days'")
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    return ids


def _conversation(conversation_id: UUID, contact_id: UUID, dice: random.Random, staff: list[UUID], seq: int) -> tuple[object, ...]:
    handler = dice.choice(HANDLERS)
    since = "2026-01-01T00:00:00Z" if handler == "queue" else None
    return (
        conversation_id, contact_id, "messaging", "web", "shop", "open", handler, dice.choice(staff) if handler == "agent" else None, 1,
        seq, seq, 0, "en", "{}", "{}", "Where is my order?", dice.randrange(3), since, "2026-01-01T00:00:00Z",
    )  # fmt: skip


def _message(conversation_id: UUID, seq: int, dice: random.Random) -> tuple[object, ...]:
    said = " ".join(dice.choices(WORDS, k=dice.randint(6, 24)))
    said += dice.choice(CHINESE) + dice.choice(CHINESE) if dice.random() < 0.25 else f" LC-{dice.randrange(100_000, 200_000)}"
    author = "customer" if seq % 2 else "agent"
    at = f"2026-01-0{1 + seq % 9}T0{seq % 10}:00:00Z"
    return (
        uuid4(), conversation_id, seq, "in" if seq % 2 else "out", author, "public", said, "{}", "web", "shop", "delivered", at,
    )  # fmt: skip


async def hire(database: Database, count: int) -> tuple[list[UUID], list[str]]:
    """Makes agents, logged in; returns their ids and the tokens of their logins."""
    ids, tokens = [], []
    async with database.transaction() as session:
        for number in range(count):
            staff = await create_staff(
                session, email=f"agent{number}@example.com", name=f"Agent {number}", role=Role.AGENT, password="x" * 12
            )
            ids.append(staff.id)
            tokens.append(await open_session(session, staff))
    return ids, tokens
