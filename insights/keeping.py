"""Keeps what the bot did not understand for those who teach it: redacted, once a message, repeats together.

Follows `turn.taken` (a message fell back, was out of scope, or nothing in the knowledge base answered it) and `handoff.queued` (a person
had to take over because of it).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import load_understanding
from context.models import ContactRow, ConversationRow, EventRow, HandoffRow, MessageRow, TurnRow
from context.redaction.redactor import Redactor, holds_words
from context.types import Author, HandoffReason
from insights.grouping import is_near, sentence_key
from insights.held import asked_of_people
from insights.models import LearningMessageRow, LearningSentenceRow
from kit.clock import utc_now
from kit.db import Database

OUT_OF_SCOPE, NOT_UNDERSTOOD, NO_KNOWLEDGE, HANDOFF = "out_of_scope", "not_understood", "no_knowledge", "handoff"
REASONS = (OUT_OF_SCOPE, NOT_UNDERSTOOD, NO_KNOWLEDGE, HANDOFF)
FALLBACK_INTENT = "nlu_fallback"
GUESSES = 5
TURNS_BEFORE_HANDOFF = 3
COMPARED = 500  # so many of the newest open sentences of a language are looked through for a near one
_FAILED = frozenset({HandoffReason.NOT_UNDERSTOOD, HandoffReason.NO_KNOWLEDGE})

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Judged:
    """Why a message belongs into the queue, and whether the knowledge base answered it all the same."""

    reason: str
    answered: bool = False


def judge(understanding: Json, trace: Sequence[Json], *, unsure_below: float) -> Judged | None:
    """What the bot made of one message, by its part of the turn's trace; None when it was understood.

    A message that a form took as its answer was understood, whatever intent it seemed to have.
    """
    read = next((step for step in trace if step.get("step") == "understood"), None)
    intent = understanding.get("intent")
    fell_back = read["intent"] == FALLBACK_INTENT if read else intent is None or understanding["confidence"] < unsure_below
    taken_by_form = any(step.get("step") == "slots" and step.get("set") for step in trace)
    knowledge = next((str(step["knowledge"]) for step in reversed(trace) if "knowledge" in step), None)
    if fell_back and not taken_by_form:
        return Judged(OUT_OF_SCOPE if intent is None else NOT_UNDERSTOOD, answered=knowledge == "answered")
    return Judged(NO_KNOWLEDGE) if knowledge == "abstained" else None


def may_need_teaching(trace: Sequence[Json]) -> bool:
    """Whether something in a turn was not understood or not answered; what `judge` says message by message."""
    return any(step.get("intent") == FALLBACK_INTENT or step.get("knowledge") == "abstained" for step in trace)


def parts_of(trace: Sequence[Json]) -> dict[str, list[Json]]:
    """A turn's trace cut by message: the id of each to its steps."""
    found: dict[str, list[Json]] = {}
    current: list[Json] = []
    for step in trace:
        if step.get("step") == "understood":
            current = found.setdefault(str(step.get("message_id")), [])
        current.append(step)
    return found


async def _never(_text: str, _understanding: Json) -> bool:
    return False


@dataclass(frozen=True)
class Keeper:
    """The job. `unsure_below`: the confidence under which the bot falls back; both are asked anew each time.

    `unanswered`: whether the bot would look a message that it understands up in the articles, and find nothing.
    """

    database: Database
    redactor: Callable[[], Redactor]
    unsure_below: Callable[[], float]
    unanswered: Callable[[str, Json], Awaitable[bool]] = _never

    async def keep(self, conversation_id: UUID, event_data: Json) -> int:
        """Keeps what follows from one event; returns how many messages. A repeat changes nothing."""
        await asyncio.to_thread(self.redactor)  # reading the shop's words takes a moment, once
        async with self.database.transaction() as session:
            if "handoff_id" in event_data:
                return await self._keep_handoff(session, conversation_id, UUID(event_data["handoff_id"]))
            return await self._keep_turn(session, event_data, forced=None)

    async def keep_held(self, conversation_id: UUID) -> int:
        """Keeps what the bot would not have understood, or found no article for, of what a person was asked, and answered.

        A repeat changes nothing.
        """
        await asyncio.to_thread(self.redactor)
        kept = 0
        async with self.database.transaction() as session:
            for message in await asked_of_people(session, conversation_id):
                understanding = message.understanding or {}
                found = judge(understanding, (), unsure_below=self.unsure_below())
                if found is None and await self.unanswered(message.text, understanding):
                    found = Judged(NO_KNOWLEDGE)
                if found is not None:
                    kept += await self._store(session, message, found, handed_off=True)
        return kept

    async def _keep_turn(self, session: AsyncSession, turn: Json, *, forced: str | None, handed_off: bool = False) -> int:
        row = await session.get(TurnRow, UUID(turn["turn_id"]))
        parts, kept = parts_of(row.trace if row is not None else ()), 0
        for message_id in turn["message_ids"]:
            message = await session.get(MessageRow, UUID(message_id))
            if message is None or message.understanding is None or message.author != Author.CUSTOMER or message.payload:
                continue
            found = judge(message.understanding, parts.get(message_id, ()), unsure_below=self.unsure_below())
            if found is None and forced is not None:
                found = Judged(forced)
            if found is not None:
                kept += await self._store(session, message, found, handed_off=handed_off)
        return kept

    async def _keep_handoff(self, session: AsyncSession, conversation_id: UUID, handoff_id: UUID) -> int:
        """The failed messages before a handoff; the last turn in any case when it failed itself."""
        handoff = await session.get(HandoffRow, handoff_id)
        if handoff is None or handoff.reason not in {*_FAILED, HandoffReason.CUSTOMER_ASKED}:
            return 0
        turns = await _turns_before(session, conversation_id, handoff)
        kept = 0
        for number, turn in enumerate(turns):
            forced = HANDOFF if number == 0 and handoff.reason in _FAILED else None
            kept += await self._keep_turn(session, turn, forced=forced, handed_off=True)
        return kept

    async def _store(self, session: AsyncSession, message: MessageRow, judged: Judged, *, handed_off: bool) -> int:
        understood = load_understanding(message.understanding or {})
        names = await names_of(session, message.conversation_id, also=message.author_name)
        redacted = self.redactor().redact(message.text, language=understood.language, profile=names)
        if not holds_words(redacted):
            return 0
        values = {
            "message_id": message.id,
            "sentence_id": await _find_sentence(session, redacted, understood.language),
            "conversation_id": message.conversation_id,
            "text": redacted,
            "reason": judged.reason,
            "handed_off": handed_off,
            "answered": judged.answered,
            "guess": [[name, round(probability, 4)] for name, probability in understood.ranking[:GUESSES]],
            "model": understood.model,
            "at": message.at,
        }
        row = insert(LearningMessageRow).values(values)
        changes = {"handed_off": LearningMessageRow.handed_off | row.excluded.handed_off}
        await session.execute(row.on_conflict_do_update(index_elements=["message_id"], set_=changes))
        return 1


async def _turns_before(session: AsyncSession, conversation_id: UUID, handoff: HandoffRow) -> list[Json]:
    """The data of the last `turn.taken` events before a handoff, newest first, none from before a person handed back."""
    query = select(EventRow).where(
        EventRow.conversation_id == conversation_id, EventRow.name.in_(("turn.taken", "handback.done")), EventRow.at <= handoff.at
    )
    found: list[Json] = []
    for event in (await session.execute(query.order_by(EventRow.seq.desc()).limit(TURNS_BEFORE_HANDOFF))).scalars():
        if event.name == "handback.done":
            break
        found.append(event.data)
    return found


async def names_of(session: AsyncSession, conversation_id: UUID, *, also: str | None = None) -> list[str]:
    """What the customer of a conversation is called, as far as is known, and `also`: it is taken out wherever it stands."""
    query = select(ContactRow.name, ContactRow.email).join(ConversationRow, ConversationRow.contact_id == ContactRow.id)
    row = (await session.execute(query.where(ConversationRow.id == conversation_id))).one_or_none()
    known = [row.name, (row.email or "").split("@")[0]] if row else []
    return [name for name in [*known, also] if name]


async def _find_sentence(session: AsyncSession, redacted: str, language: str) -> UUID:
    """The sentence that these words repeat, exactly or nearly, or a new one; one writer a language at a time."""
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")
    await session.execute(lock, {"what": f"learning sentences {language}"})
    key = sentence_key(redacted)
    found = await _same_or_near(session, key, language)
    if found is not None:
        found.changed_at = utc_now()
        return found.id
    row = LearningSentenceRow(language=language, key=key, text=redacted, created_at=utc_now(), changed_at=utc_now())
    session.add(row)
    await session.flush()
    return row.id


async def _same_or_near(session: AsyncSession, key: str, language: str) -> LearningSentenceRow | None:
    mine = select(LearningSentenceRow).where(LearningSentenceRow.language == language)
    same = (await session.execute(mine.where(LearningSentenceRow.key == key))).scalar_one_or_none()
    if same is not None:
        return same
    newest = mine.order_by(LearningSentenceRow.changed_at.desc()).limit(COMPARED)
    return next((row for row in (await session.execute(newest)).scalars() if is_near(row.key, key)), None)
