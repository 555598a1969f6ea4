"""A small house for the tests of unanswered questions: an editor, an agent who replies, articles, an index, and the background work."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from context.conversations import lock_conversation
from context.ledger import Ledger
from context.outbound import record_agent_reply
from context.ownership import take_over
from context.publishing import publish_article
from context.redaction.redactor import Redactor
from context.staff.accounts import create_staff
from context.staff.models import StaffRow
from context.types import HandoffReason, Role
from insights.unanswered.deciding import Deciding
from insights.unanswered.gathering import Gatherer
from insights.unanswered.reading import Question, QuestionDetail, Wanted, access_question, access_questions
from kit.clock import Clock, utc_now
from kit.db import Database
from knowledge.articles import create_article
from knowledge.index import load_index, reindex
from knowledge.ports import Embedder
from knowledge.search import SearchIndex
from knowledge.types import ArticleDraft
from tests.insights.asking import ask_something_unknown, make_keeper, pass_on
from tests.knowledge.fakes import HashingEmbedder

PASSWORD = "long enough to pass"


async def number_events(database: Database) -> None:
    """What the sequencer does: every event gets its place."""
    statement = """
    UPDATE event SET position = fresh.place + (SELECT coalesce(max(position), 0) FROM event)
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM event WHERE position IS NULL) AS fresh WHERE event.id = fresh.id
    """
    async with database.transaction() as session:
        await session.execute(text(statement))


@dataclass
class House:
    """Everything on one database."""

    database: Database
    ledger: Ledger
    embedder: Embedder = field(default_factory=HashingEmbedder)
    redactor: Redactor = field(default_factory=Redactor)
    clock: Clock = utc_now
    index: SearchIndex | None = None

    @property
    def gatherer(self) -> Gatherer:
        """A worker that has just started."""
        return Gatherer(self.database, self.embedder, lambda: self.index, lambda: self.redactor, self.clock)

    @property
    def deciding(self) -> Deciding:
        """What editors do."""
        return Deciding(self.redactor, self.clock)

    async def staff(self, role: Role, name: str) -> StaffRow:
        """A new person."""
        async with self.database.transaction() as session:
            return await create_staff(session, email=f"{uuid.uuid4().hex}@shop.example", name=name, role=role, password=PASSWORD)

    async def ask(self, *texts: str, language: str = "en") -> list[UUID]:
        """Each text from a customer of its own, falling back; returns the conversations."""
        return [await ask_something_unknown(self.database, self.ledger, one, who=uuid.uuid4().hex, language=language) for one in texts]

    async def hand_over(self, conversation_id: UUID) -> None:
        """The bot gives up on a conversation, and the queue for learning hears of it."""
        async with self.database.transaction() as session:
            data = await pass_on(session, self.ledger, conversation_id, HandoffReason.NOT_UNDERSTOOD)
        await make_keeper(self.database).keep(conversation_id, data)

    async def reply(self, conversation_id: UUID, agent: StaffRow, *texts: str) -> None:
        """An agent takes a conversation and answers it."""
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            await take_over(session, self.ledger, conversation, staff=agent)
            for one in texts:
                await record_agent_reply(session, self.ledger, conversation, staff=agent, text=one)

    async def catch_up(self) -> None:
        """The sequencer and one worker do all there is to do."""
        await number_events(self.database)
        await self.gatherer.catch_up()

    async def publish(self, editor: StaffRow, *drafts: ArticleDraft) -> None:
        """Creates and publishes articles; the index takes them up."""
        for draft in drafts:
            async with self.database.transaction() as session:
                await create_article(session, draft, editor="e")
            await self.publish_draft(editor, draft.id, draft.language)

    async def publish_draft(self, editor: StaffRow, article_id: str, language: str) -> None:
        """Publishes what is there as a draft; the index takes it up."""
        async with self.database.transaction() as session:
            await publish_article(session, self.ledger, staff=editor, article_id=article_id, language=language)
        await self.load()

    async def load(self) -> None:
        """A fresh index."""
        async with self.database.transaction() as session:
            await reindex(session, self.embedder)
        async with self.database.transaction() as session:
            self.index = await load_index(session, self.embedder)

    async def list(self, editor: StaffRow, **wanted: str) -> list[Question]:
        """What the page shows."""
        async with self.database.transaction() as session:
            return await access_questions(session, editor, Wanted(**wanted))

    async def one(self, editor: StaffRow, **wanted: str) -> QuestionDetail:
        """The only question of a view, in full."""
        found = await self.list(editor, **wanted)
        assert len(found) == 1, [question.text for question in found]
        async with self.database.transaction() as session:
            return await access_question(session, editor, found[0].id)
