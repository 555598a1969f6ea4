"""The handoff packet: everything already known, gathered from what is stored. Extractive: every sentence was said by someone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import list_messages
from context.identity.models import IdentifierRow
from context.models import ContactRow, ConversationRow, EventRow
from context.types import AnswerGiven, Author, Entity, HandoffPacket, HandoffReason, HandoffRequest, MessageView, Sentiment

URGENCY = {HandoffReason.ANGRY: 2, HandoffReason.TOOL_FAILED: 1, HandoffReason.HIGH_VALUE: 2}
SUMMARY_LENGTH = 400
QUOTE_LENGTH = 140


async def build_packet(session: AsyncSession, conversation: ConversationRow, request: HandoffRequest) -> HandoffPacket:
    """Gathers the packet of a locked conversation."""
    messages = await list_messages(session, [conversation.id])
    customer = [m for m in messages if m.author == Author.CUSTOMER]
    understood = [m.understanding for m in customer if m.understanding]
    sentiment = understood[-1].sentiment if understood else Sentiment()
    return HandoffPacket(
        reason=request.reason,
        summary=summarise(customer),
        language=conversation.language or "en",
        transcript=tuple(_line(m) for m in messages),
        slots={k: v for k, v in conversation.slots.items() if v is not None},
        entities=_distinct([e for u in understood for e in u.entities]),
        answers=tuple(_answers(messages)),
        sentiment=sentiment,
        orders_seen=await _orders_seen(session, conversation),
        urgency=max(request.urgency, URGENCY.get(request.reason, 0), 1 if sentiment.urgent else 0),
        suggested_team=request.suggested_team,
        actions=await _actions(session, conversation),
        note=request.note,
        given_by=request.given_by,
        told=await _told(session, conversation),
    )


def summarise(customer: list[MessageView]) -> str:
    """What the customer wants, in their own words: the first message that asks something, and the latest ones."""
    telling = [m.content.text for m in customer if _tells(m)]
    if not telling:
        return ""
    intents = {m.content.text: m.understanding.intent for m in customer if m.understanding}
    first = next((t for t in telling if intents.get(t) not in {"greet", "thank", "affirm", "deny", None}), telling[0])
    latest = [t for t in telling[-2:] if t != first]
    return " … ".join(_cut(t, QUOTE_LENGTH) for t in [first, *latest])[:SUMMARY_LENGTH]


def _tells(message: MessageView) -> bool:
    """Whether a message says more than an order number, an address, or a yes."""
    rest = message.content.text
    for entity in message.understanding.entities if message.understanding else ():
        rest = rest.replace(entity.text, " ")
    return sum(2 if ord(c) > 0x2E80 else 1 for c in rest if c.isalpha()) > 3  # a Chinese character says as much as two letters


def _cut(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _line(message: MessageView) -> dict[str, Any]:
    return {
        "seq": message.seq,
        "at": message.at.isoformat(),
        "author": str(message.author),
        "text": message.content.text,
        "channel": message.channel,
    }


def _distinct(entities: list[Entity]) -> tuple[Entity, ...]:
    return tuple({(e.name, e.value): e for e in entities}.values())


def _answers(messages: list[MessageView]) -> list[AnswerGiven]:
    answers: list[AnswerGiven] = []
    question = ""
    for message in messages:
        if message.author == Author.CUSTOMER:
            question = message.content.text
        cited = message.content.citations[:1] if message.author == Author.BOT else ()
        answers += [AnswerGiven(question, message.content.text, c.article_id, c.confidence) for c in cited]
    return answers


async def _told(session: AsyncSession, conversation: ConversationRow) -> dict[str, Any]:
    """Name, claimed address and number, and what else is known of the contact by their own word or the shop's."""
    contact = await session.get_one(ContactRow, conversation.contact_id)
    claimed = select(IdentifierRow.kind, IdentifierRow.value).where(
        IdentifierRow.contact_id == contact.id, ~IdentifierRow.verified, IdentifierRow.kind.in_(("email", "phone"))
    )
    said = {row.kind: row.value for row in await session.execute(claimed.order_by(IdentifierRow.at))}
    return ({"name": contact.name} if contact.name else {}) | said | dict(contact.attributes)


async def _orders_seen(session: AsyncSession, conversation: ConversationRow) -> tuple[str, ...]:
    query = select(EventRow.data).where(EventRow.conversation_id == conversation.id, EventRow.name == "order.seen").order_by(EventRow.seq)
    return tuple(dict.fromkeys(data["order_number"] for data in (await session.execute(query)).scalars()))


async def _actions(session: AsyncSession, conversation: ConversationRow) -> tuple[dict[str, Any], ...]:
    query = select(EventRow.data).where(EventRow.conversation_id == conversation.id, EventRow.name == "action.done").order_by(EventRow.seq)
    return tuple({"name": data["action"], "result": data["result"]} for data in (await session.execute(query)).scalars())
