"""Live suggestions, unasked: for each customer message in a conversation that a human holds or that waits for one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assist.asking import ask_about
from assist.models import SuggestionRow
from assist.ports import Ask, Draft, DraftSource
from context.conversations import get_conversation, lock_conversation, view_message
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.stream import SuggestionsReady, send_signal
from context.types import Author, Handler, MessageView, Status
from kit.db import Database

LIMIT = 3
LOOK_BACK = 4  # "I want to talk to a person" asks nothing: then the questions before it are answered
MIN_CONFIDENCE = 0.3


@dataclass(frozen=True)
class Suggester:
    """Makes suggestions and stores them."""

    database: Database
    ledger: Ledger
    source: DraftSource

    async def suggest(self, conversation_id: UUID) -> int:
        """Makes suggestions for the newest understood customer message; returns how many. A repeat for the same message makes none."""
        async with self.database.reading() as session:
            conversation = await get_conversation(session, conversation_id)
            if conversation.handler == Handler.BOT or conversation.status == Status.RESOLVED:
                return 0
            recent = await _recent_questions(session, conversation)
            if not recent or await _has_suggestions(session, recent[0].id):
                return 0
            earlier = recent[1:LOOK_BACK] if conversation.handler == Handler.QUEUE else []
            wanted = [recent[0], *await _without_suggestions(session, earlier)]
            asks = [await ask_about(session, conversation, message) for message in wanted]
        ask, drafts = await self._drafts(asks)
        if not drafts:
            await self._tell_of_silence(conversation_id, recent[0])
            return 0
        async with self.database.transaction() as session:
            await self._store(session, conversation, recent[0], ask=ask, drafts=drafts)
        return len(drafts)

    async def _drafts(self, asks: list[Ask]) -> tuple[Ask, list[Draft]]:
        """Drafts for the newest message; at a handoff also for the ones before it, while nothing is found.

        What is found for may lean on the message before it ("What can I do about it?"): the surest for it and for both as one are kept.
        """
        for ask, before in zip_longest(asks, asks[1:]):
            found = await self._sure(ask)
            if found and before is not None:
                found += await self._sure(replace(ask, question=f"{before.question}\n{ask.question}"))
            if found:
                return ask, _surest(found)
        return asks[0], []

    async def _sure(self, ask: Ask) -> list[Draft]:
        return [draft for draft in await self.source.drafts(ask, limit=LIMIT) if draft.confidence >= MIN_CONFIDENCE]

    async def _tell_of_silence(self, conversation_id: UUID, message: MessageView) -> None:
        """Consoles that still show the drafts of an earlier message look again."""
        async with self.database.transaction() as session:
            earlier = select(SuggestionRow.id).where(SuggestionRow.conversation_id == conversation_id).limit(1)
            if (await session.execute(earlier)).first() is not None:
                await send_signal(session, SuggestionsReady(conversation_id, message.id))

    async def _store(
        self, session: AsyncSession, conversation: ConversationRow, message: MessageView, *, ask: Ask, drafts: list[Draft]
    ) -> None:
        await lock_conversation(session, conversation.id)  # two jobs may have looked at the same message
        if await _has_suggestions(session, message.id):
            return
        session.add_all(
            SuggestionRow(
                conversation_id=conversation.id, message_id=message.id, rank=rank, source=draft.source, text=draft.text,
                citations=[asdict(c) for c in draft.citations], confidence=draft.confidence, state="made", made_at=self.ledger.now,
                origin=draft.origin, internal=draft.internal, ranker=draft.ranker,
                features={"own": round(draft.own, 4), "intent": ask.intent, "language": draft.language, "title": draft.title},
            )
            for rank, draft in enumerate(drafts, 1)
        )  # fmt: skip
        await session.flush()
        await send_signal(session, SuggestionsReady(conversation.id, message.id))


def _surest(drafts: list[Draft]) -> list[Draft]:
    """At most `LIMIT`, the surest first, each origin once."""
    best: dict[tuple[str, str], Draft] = {}
    for draft in sorted(drafts, key=lambda one: -one.confidence):
        best.setdefault((draft.source, draft.origin or draft.text), draft)
    return list(best.values())[:LIMIT]


async def _recent_questions(session: AsyncSession, conversation: ConversationRow) -> list[MessageView]:
    query = select(MessageRow).where(
        MessageRow.conversation_id == conversation.id, MessageRow.author == Author.CUSTOMER, MessageRow.understanding.is_not(None)
    )
    return [view_message(row) for row in (await session.execute(query.order_by(MessageRow.seq.desc()).limit(LOOK_BACK))).scalars()]


async def _without_suggestions(session: AsyncSession, messages: list[MessageView]) -> list[MessageView]:
    """The newest of these up to the first for which something was suggested: that was answered, or is still before the agent."""
    found: list[MessageView] = []
    for message in messages:
        if await _has_suggestions(session, message.id):
            break
        found.append(message)
    return found


async def _has_suggestions(session: AsyncSession, message_id: UUID) -> bool:
    return (await session.execute(select(SuggestionRow.id).where(SuggestionRow.message_id == message_id).limit(1))).first() is not None
