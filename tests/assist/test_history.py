"""Replies are learned from what agents wrote: redacted, once, offered by the rule, in the customer's language, erased with their source."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from assist.history.gathering import Learner
from assist.history.offering import NOBODY, Given, standing_of
from assist.history.source import HistoryDrafts
from assist.history.wording import filled, find_near, reply_key, reusable
from assist.joining import joined
from assist.models import LearnedExampleRow, LearnedReplyRow
from assist.ports import Ask
from assist.ranking import SHIPPED
from context.conversations import lock_conversation
from context.ledger import Ledger
from context.models import ConversationRow, RatingRow
from context.outbound import record_agent_reply
from context.ownership import take_over
from context.redaction.redactor import Redactor, usual_words
from context.staff.accounts import create_staff
from context.staff.models import StaffRow
from context.types import Role
from kit.db import Database
from knowledge.dense import embed_question
from tests.assist.test_suggest import hand_off, say
from tests.knowledge.fakes import HashingEmbedder

REDACTOR = Redactor(
    known_words=usual_words(["your order will leave tomorrow", "we have opened the return", "please keep the box", "we send a new one"])
)
EMBEDDER = HashingEmbedder()
ANA, BO = UUID(int=1), UUID(int=2)


def given(*times: tuple[UUID, int, int | None]) -> list[Given]:
    """(agent, conversation, rating)."""
    return [Given(agent, UUID(int=100 + conversation), rating) for agent, conversation, rating in times]


@pytest.mark.parametrize(
    ("times", "everyone"),
    [
        ([(ANA, 1, None)], False),
        ([(ANA, 1, 5)], False),
        ([(ANA, 1, None), (ANA, 2, None), (ANA, 3, None)], False),
        ([(ANA, 1, 5), (ANA, 2, None)], True),
        ([(ANA, 1, 5), (ANA, 2, 1)], False),
        ([(ANA, 1, None), (BO, 2, None)], True),
        ([(ANA, 1, 1), (BO, 2, None)], False),
        ([(ANA, 1, 1), (BO, 2, 5)], True),
    ],
)
def test_nothing_is_offered_to_all_because_of_one_agent_alone(times: list[tuple[UUID, int, int | None]], everyone: bool) -> None:
    assert standing_of(given(*times)).everyone is everyone


def test_what_one_agent_writes_again_and_again_is_offered_to_that_agent_only() -> None:
    standing = standing_of(given((ANA, 1, None), (ANA, 2, None)))
    assert standing.reaches(ANA)
    assert not standing.reaches(BO)
    assert not standing.reaches(None)
    assert standing_of(given((ANA, 1, None), (BO, 2, None)), hidden=True) == NOBODY


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Hi Maria, your order LC-100234 will leave tomorrow. Best, Bo", "Your order <order number> will leave tomorrow."),
        ("Hello! We have opened the return, please keep the box.", "We have opened the return, please keep the box."),
        ("Thanks Lena, we have opened the return. Please keep the box, Lena!", None),
        ("Olá Dona Lena, we have opened the return.", "We have opened the return."),
        ("ok", None),
        ("Your order will leave tomorrow, call me at +853 6612 3456", None),
        ("Your order will leave tomorrow. " * 30, None),
    ],
)
def test_a_reply_is_kept_without_what_belongs_to_one_customer(text: str, kept: str | None) -> None:
    assert reusable(text, REDACTOR, language="en", profile=["Maria", "Bo"]) == kept


def test_an_order_number_is_filled_or_the_reply_does_not_fit() -> None:
    assert filled("Order <order number> has left.", {"order.number": "LC-2"}) == "Order LC-2 has left."
    assert filled("Order <order number> has left.", {}) is None


def test_near_repeats_are_one() -> None:
    key = reply_key("Your order has left, it will be there tomorrow.")
    assert find_near(reply_key("Your order has left; it will be there tomorrow!"), [key]) == key
    assert find_near(reply_key("We do not open on Sundays in winter"), [key]) is None


class Shop:
    """A desk whose conversations are learned from."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self.database, self.ledger = database, ledger
        self.learner = Learner(database, lambda: EMBEDDER, lambda: REDACTOR)
        self.source = HistoryDrafts(database, lambda: EMBEDDER)

    async def agent(self, name: str) -> StaffRow:
        async with self.database.transaction() as session:
            return await create_staff(session, email=f"{uuid4().hex}@shop.example", name=name, role=Role.AGENT, password="long enough")

    async def answered(self, staff: StaffRow, question: str, reply: str, *, rating: int | None = None) -> UUID:
        """A conversation in which an agent answers a question, learned from when it is over."""
        conversation_id = await say(self.database, self.ledger, question)
        await hand_off(self.database, self.ledger, conversation_id)
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            await take_over(session, self.ledger, conversation, staff=staff)
            await record_agent_reply(session, self.ledger, conversation, staff=staff, text=reply)
            if rating is not None:
                session.add(RatingRow(conversation_id=conversation_id, staff_id=staff.id, score=rating))
        async with self.database.transaction() as session:
            await session.execute(
                update(ConversationRow).where(ConversationRow.id == conversation_id).values(status="resolved", handler="bot", agent_id=None)
            )
        await self.learner.learn(conversation_id)
        return conversation_id

    async def offered(self, question: str, *, language: str = "en", staff_id: UUID | None = None) -> list[str]:
        """What would be suggested."""
        await self.source.refresh()
        ask = Ask(question, language, staff_id=staff_id, vector=embed_question(question, EMBEDDER))
        return [draft.text for draft in joined(await self.source.drafts(ask, limit=3), ask, ranker=SHIPPED, limit=3)]


@pytest.fixture
def shop(database: Database, ledger: Ledger) -> Shop:
    return Shop(database, ledger)


ASKED, REPLY = "is the blue kettle dishwasher safe", "No, please wash the kettle by hand with warm water."


@pytest.mark.integration
async def test_what_two_agents_answered_is_offered_for_a_like_question(shop: Shop) -> None:
    ana, bo = await shop.agent("Ana"), await shop.agent("Bo")
    await shop.answered(ana, ASKED, REPLY)
    assert await shop.offered(ASKED) == []
    await shop.answered(bo, "blue kettle dishwasher safe?", REPLY.replace("please", "please always"))
    assert await shop.offered("is that blue kettle dishwasher safe") == [REPLY]
    assert await shop.offered(ASKED, language="pt") == []
    assert await shop.offered("when do you open tomorrow") == []


@pytest.mark.integration
async def test_learning_twice_changes_nothing_and_a_rating_that_comes_late_counts(shop: Shop) -> None:
    ana = await shop.agent("Ana")
    first = await shop.answered(ana, ASKED, REPLY)
    await shop.answered(ana, ASKED, REPLY)
    assert await shop.learner.learn(first) == 0
    assert await shop.offered(ASKED) == []
    assert await shop.offered(ASKED, staff_id=ana.id) == [REPLY]
    async with shop.database.transaction() as session:
        session.add(RatingRow(conversation_id=first, staff_id=ana.id, score=5))
    await shop.learner.learn(first)
    assert await shop.offered(ASKED) == [REPLY]


@pytest.mark.integration
async def test_what_is_erased_or_hidden_is_offered_no_more(shop: Shop) -> None:
    ana, bo = await shop.agent("Ana"), await shop.agent("Bo")
    first = await shop.answered(ana, ASKED, REPLY)
    await shop.answered(bo, ASKED, REPLY)
    assert await shop.offered(ASKED) == [REPLY]
    async with shop.database.transaction() as session:
        await session.execute(update(LearnedReplyRow).values(hidden=True))
    assert await shop.offered(ASKED) == []
    async with shop.database.transaction() as session:
        await session.execute(update(LearnedReplyRow).values(hidden=False))
        await session.execute(delete(ConversationRow).where(ConversationRow.id == first))
    assert await shop.offered(ASKED) == []
    async with shop.database.transaction() as session:
        assert len((await session.execute(select(LearnedExampleRow))).scalars().all()) == 1


@pytest.mark.integration
async def test_nothing_personal_is_kept(shop: Shop) -> None:
    ana = await shop.agent("Ana")
    await shop.answered(ana, "my mail is lena@example.com, where is LC-100200?", "Hi Lena, your order LC-100200 will leave tomorrow.")
    async with shop.database.transaction() as session:
        example = (await session.execute(select(LearnedExampleRow))).scalars().one()
        reply = (await session.execute(select(LearnedReplyRow))).scalars().one()
    for kept in (example.question, reply.reply, reply.key):
        assert "lena" not in kept.lower()
        assert "100200" not in kept


@pytest.mark.integration
async def test_examples_of_another_encoder_are_read_again(shop: Shop) -> None:
    ana, bo = await shop.agent("Ana"), await shop.agent("Bo")
    for staff in (ana, bo):
        await shop.answered(staff, ASKED, REPLY)
    async with shop.database.transaction() as session:
        await session.execute(update(LearnedExampleRow).values(encoder="older", vector=b""))
    assert await shop.offered(ASKED) == [REPLY]
