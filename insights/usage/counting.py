"""Follows the event log and writes down what each article was used for, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.following import follow
from context.models import EventRow, MessageRow
from context.redaction.redactor import Redactor
from context.types import Author, HandoffReason
from insights.grouping import is_near, sentence_key
from insights.unanswered.grouping import Vectors
from insights.unanswered.placing import encode
from insights.usage.asked import AskedMessage, find_question, load_asked, read_asked
from insights.usage.models import ArticleUseRow
from insights.usage.ports import SuggestionSources
from kit.db import Database
from knowledge.ports import Embedder

READER = "article_use"
SOON = timedelta(minutes=15)
MOST_BETWEEN = 2  # messages of the customer between a question and the handoff that is put down to its answer
SAME_AGAIN = 0.6
GOOD, BAD = 4, 2  # ratings from and to which a thumb goes up or down
OPEN, ASKED_AGAIN, HANDED_OFF, THUMBS_DOWN = "open", "asked_again", "handed_off", "thumbs_down"
_SETTLED = {"suggestion.accepted": "accepted", "suggestion.edited": "edited", "suggestion.dismissed": "dismissed"}
NAMES = (
    "answer.given", "answer.abstained", "handoff.queued", "rating.given", "article.helped", "article.not_helped", "suggestion.shown",
    *_SETTLED,
)  # fmt: skip


@dataclass(frozen=True)
class UseCounter:
    """The reader. It may run in several workers: a page is read by one of them."""

    database: Database
    embedder: Embedder
    sources: SuggestionSources
    redactor: Callable[[], Redactor]

    async def step(self) -> bool:
        """Reads a page of the log; returns whether there is more."""
        redactor = await asyncio.to_thread(self.redactor)
        async with self.database.transaction() as session:
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": READER})
            page = await follow(session, READER, NAMES)
            at_hand = await load_asked(session, _message_ids(page.events))  # what a session holds is not asked for one by one
            for event in page.events:
                await self._read(session, event, redactor)
            del at_hand
            return page.more

    async def _read(self, session: AsyncSession, event: EventRow, redactor: Redactor) -> None:
        if event.name == "answer.given":
            await self._answered(session, event, redactor)
        elif event.name == "answer.abstained":
            row = await session.get(MessageRow, UUID(event.data["message_id"]))
            if row is not None:
                await self._note_again(session, row, await read_asked(session, row, redactor), passage_id=None)
        elif event.name == "handoff.queued":
            await _handed_off(session, event)
        elif event.name == "rating.given":
            await _rated(session, event)
        elif event.name.startswith("article."):
            await _judged(session, event)
        elif event.name == "suggestion.shown":
            await self._suggested(session, event, redactor)
        else:
            mine = update(ArticleUseRow).where(ArticleUseRow.suggestion_id == UUID(event.data["suggestion_id"]))
            await session.execute(mine.values(outcome=_SETTLED[event.name]))

    async def _answered(self, session: AsyncSession, event: EventRow, redactor: Redactor) -> None:
        message_id, passage_id = UUID(event.data["message_id"]), event.data["passage_id"]
        row = await find_question(session, message_id, event.data["article_id"])
        if row is None or not event.data["article_id"]:
            return
        asked = await read_asked(session, row, redactor)
        await self._note_again(session, row, asked, passage_id=passage_id)
        values = {
            "kind": "answer", "article_id": event.data["article_id"], "passage_id": passage_id, "outcome": OPEN, "message_id": row.id,
            "answer_id": message_id if message_id != row.id else None, "question": asked.text, "question_language": asked.language,
        }  # fmt: skip
        await _store(session, event, [values])

    async def _suggested(self, session: AsyncSession, event: EventRow, redactor: Redactor) -> None:
        suggestion_id = UUID(event.data["suggestion_id"])
        found = (await self.sources.passages(session, [suggestion_id])).get(suggestion_id, ())
        row = await session.get(MessageRow, UUID(event.data["message_id"]))
        if row is None or not found:
            return
        asked = await read_asked(session, row, redactor)
        rows = [
            {
                "kind": "suggestion", "article_id": article_id, "passage_id": passage_id, "message_id": row.id, "question": asked.text,
                "question_language": asked.language, "suggestion_id": suggestion_id, "outcome": "shown",
            }
            for article_id, passage_id in dict(found).items()
        ]  # fmt: skip
        await _store(session, event, rows)

    async def _note_again(self, session: AsyncSession, row: MessageRow, asked: AskedMessage, *, passage_id: str | None) -> None:
        """The question before, when this one asks it again: the same passage answers it, or the words mean the same."""
        before = await _last_answer(session, row.conversation_id, before=row)
        if before is None or row.at - before.at > SOON:
            return
        if (passage_id and passage_id == before.passage_id) or await self._same(before.question or "", asked.text):
            before.outcome = ASKED_AGAIN
            await session.flush()

    async def _same(self, one: str, other: str) -> bool:
        if is_near(sentence_key(one), sentence_key(other)):
            return True
        first, second = await self._vectors((one, other))
        return float(first @ second) >= SAME_AGAIN

    async def _vectors(self, texts: Sequence[str]) -> Vectors:
        return await encode(texts, self.embedder)


def _message_ids(events: Sequence[EventRow]) -> list[UUID]:
    """The messages that these events are about, as far as words of theirs may be read."""
    about = ("answer.given", "answer.abstained", "suggestion.shown")
    return [UUID(event.data["message_id"]) for event in events if event.name in about]


async def _store(session: AsyncSession, event: EventRow, rows: Sequence[dict[str, object]]) -> None:
    for values in rows:
        language = str(values["passage_id"]).split("/")[1:2]
        known = {
            "event_id": event.id,
            "conversation_id": event.conversation_id,
            "language": language[0] if language else "",
            "at": event.at,
        }
        await session.execute(
            insert(ArticleUseRow).values(known | values).on_conflict_do_nothing(index_elements=["event_id", "article_id"])
        )


async def _last_answer(session: AsyncSession, conversation_id: UUID, *, before: MessageRow | None = None) -> ArticleUseRow | None:
    """The newest answer of a conversation of which nothing is known yet, to another message than `before`."""
    query = select(ArticleUseRow).where(ArticleUseRow.conversation_id == conversation_id, ArticleUseRow.kind == "answer")
    if before is not None:
        query = query.where(ArticleUseRow.message_id != before.id)
    row = (await session.execute(query.order_by(ArticleUseRow.at.desc(), ArticleUseRow.id.desc()).limit(1))).scalar_one_or_none()
    return row if row is not None and row.outcome == OPEN else None


async def _handed_off(session: AsyncSession, event: EventRow) -> None:
    if event.conversation_id is None or event.data["reason"] == HandoffReason.AGENT_TOOK_OVER:
        return
    row = await _last_answer(session, event.conversation_id)
    question = await session.get(MessageRow, row.message_id) if row is not None else None
    if row is None or question is None or event.at - row.at > SOON:
        return
    later = select(func.count()).where(
        MessageRow.conversation_id == event.conversation_id, MessageRow.author == Author.CUSTOMER,
        MessageRow.seq > question.seq, MessageRow.seq < (event.seq or 0),
    )  # fmt: skip
    if (await session.execute(later)).scalar_one() <= MOST_BETWEEN:
        row.outcome = HANDED_OFF
        await session.flush()


async def _rated(session: AsyncSession, event: EventRow) -> None:
    if event.conversation_id is None:
        return
    score = int(event.data["score"])
    last = await _last_answer(session, event.conversation_id)
    if last is not None and score <= BAD:
        last.outcome = THUMBS_DOWN
        await session.flush()
    used = ArticleUseRow.outcome.not_in(("shown", "dismissed"))
    mine = update(ArticleUseRow).where(ArticleUseRow.conversation_id == event.conversation_id, used)
    await session.execute(mine.values(rating=score))


async def _judged(session: AsyncSession, event: EventRow) -> None:
    helped, article_id, message_id = event.name == "article.helped", event.data["article_id"], event.data.get("message_id")
    if message_id:
        either = (ArticleUseRow.message_id == UUID(message_id)) | (ArticleUseRow.answer_id == UUID(message_id))
        mine = update(ArticleUseRow).where(ArticleUseRow.article_id == article_id, ArticleUseRow.kind == "answer", either)
        values = {"helped": helped} if helped else {"helped": False, "outcome": THUMBS_DOWN}
        if (await session.execute(mine.values(values).returning(ArticleUseRow.id))).first() is not None:
            return
    page = {"kind": "page", "article_id": article_id, "passage_id": "", "outcome": "judged", "helped": helped}
    await _store(session, event, [page | {"language": event.data.get("language") or ""}])
