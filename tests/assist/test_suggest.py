"""Suggestions come unasked, once a message, and only where a human answers; what became of them is recorded."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from assist.asking import ask_about
from assist.ports import Ask, Draft, FixedDrafts
from assist.suggest import Suggester
from assist.suggestions import InternalTextError, check_may_send, list_suggestions, record_dismissed, record_shown, record_used
from context import ownership
from context.conversations import lock_conversation, view_message
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import EventRow, MessageRow
from context.outbound import record_agent_reply
from context.staff.accounts import create_staff
from context.types import Handler, HandoffReason, HandoffRequest, Inbound, Role, Sentiment, Understanding
from context.understand import understand_message
from kit.db import Database

pytestmark = pytest.mark.integration

SOURCE = FixedDrafts(
    {
        "refund": [Draft("knowledge", "Refunds take 5 days.", (), 0.8), Draft("knowledge", "Perhaps this.", (), 0.1)],
        "delivery": [Draft("knowledge", "Delivery takes 2 days.", (), 0.7)],
    }
)


class PlainUnderstanding:
    """Understands everything as one intent."""

    def understand(
        self, text: str, *, language: str | None = None, previous_language: str | None = None, expected: str | None = None
    ) -> Understanding:
        return Understanding("en", "ask", 0.9, (("ask", 0.9),), (), Sentiment())


async def say(database: Database, ledger: Ledger, text: str) -> UUID:
    """The customer writes, and is understood."""
    async with database.transaction() as session:
        recorded = await record_inbound(session, ledger, Inbound("web", "shop", "visitor", uuid4().hex, text))
    await understand_message(database, ledger, PlainUnderstanding(), message_id=recorded.message.id)
    return recorded.message.conversation_id


async def hand_off(database: Database, ledger: Ledger, conversation_id: UUID) -> None:
    """The bot hands over."""
    async with database.transaction() as session:
        conversation = await lock_conversation(session, conversation_id)
        await ownership.hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))


async def suggested(database: Database, conversation_id: UUID) -> list[str]:
    """The texts that an agent would see."""
    async with database.transaction() as session:
        return [s.text for s in await list_suggestions(session, conversation_id)]


async def test_nothing_is_suggested_while_the_bot_answers(database: Database, ledger: Ledger) -> None:
    conversation_id = await say(database, ledger, "when comes my refund?")
    assert await Suggester(database, ledger, SOURCE).suggest(conversation_id) == 0


async def test_at_a_handoff_the_question_before_the_wish_for_a_person_is_answered(database: Database, ledger: Ledger) -> None:
    await say(database, ledger, "when comes my refund?")
    conversation_id = await say(database, ledger, "I want a person")
    await hand_off(database, ledger, conversation_id)
    assert await Suggester(database, ledger, SOURCE).suggest(conversation_id) == 1
    assert await suggested(database, conversation_id) == ["Refunds take 5 days."]  # the doubtful draft is left out


class Leaning:
    """Finds little for a question that says not what it is about, and more together with what was said before it."""

    async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
        """See `DraftSource`."""
        teapot, doing = "teapot" in ask.question, "do about it" in ask.question
        found = (
            [Draft("knowledge", "Track it.", (), 0.95, origin="track"), Draft("knowledge", "Pick it up.", (), 0.4, origin="pick-up")]
            if doing
            else []
        )
        if teapot:
            found = [
                Draft("knowledge", "We send another.", (), 0.9, origin="damaged"),
                Draft("knowledge", "Track!", (), 0.6, origin="track"),
            ]
        return found[:limit]


async def test_at_a_handoff_a_question_that_leans_on_the_one_before_it_is_read_with_it(database: Database, ledger: Ledger) -> None:
    for text in ("My teapot came in two pieces", "What can I do about it?"):
        await say(database, ledger, text)
    conversation_id = await say(database, ledger, "I want a person")
    await hand_off(database, ledger, conversation_id)
    assert await Suggester(database, ledger, Leaning()).suggest(conversation_id) == 3
    assert await suggested(database, conversation_id) == ["Track it.", "We send another.", "Pick it up."]


async def test_each_message_gets_suggestions_once_and_new_ones_replace_the_old(database: Database, ledger: Ledger) -> None:
    conversation_id = await say(database, ledger, "when comes my refund?")
    await hand_off(database, ledger, conversation_id)
    suggester = Suggester(database, ledger, SOURCE)
    assert await suggester.suggest(conversation_id) == 1
    assert await suggester.suggest(conversation_id) == 0
    await say(database, ledger, "and how long is delivery?")
    assert await suggester.suggest(conversation_id) == 1
    assert await suggested(database, conversation_id) == ["Delivery takes 2 days."]


async def test_silence_where_nothing_helps(database: Database, ledger: Ledger) -> None:
    conversation_id = await say(database, ledger, "ok thanks")
    await hand_off(database, ledger, conversation_id)
    assert await Suggester(database, ledger, SOURCE).suggest(conversation_id) == 0


@pytest.mark.parametrize(
    ("sent", "event"), [("Refunds take 5 days.", "suggestion.accepted"), ("Refunds take about 5 days. Best, Ana", "suggestion.edited")]
)
async def test_what_became_of_a_suggestion_is_an_event(database: Database, ledger: Ledger, sent: str, event: str) -> None:
    conversation_id = await say(database, ledger, "when comes my refund?")
    await hand_off(database, ledger, conversation_id)
    await Suggester(database, ledger, SOURCE).suggest(conversation_id)
    async with database.transaction() as session:
        ana = await create_staff(session, email="ana@example.com", name="Ana", role=Role.AGENT, password="long enough")
        suggestion = (await list_suggestions(session, conversation_id))[0]
        for _ in range(2):
            await record_shown(session, ledger, [suggestion.id], staff_id=ana.id)
        await record_used(session, ledger, suggestion.id, staff_id=ana.id, message_id=uuid4(), sent_text=sent)
    async with database.transaction() as session:
        names = list(
            (await session.execute(select(EventRow.name).where(EventRow.name.like("suggestion.%")).order_by(EventRow.id))).scalars()
        )
    assert names == ["suggestion.shown", event]


async def test_a_dismissed_suggestion_is_gone(database: Database, ledger: Ledger) -> None:
    conversation_id = await say(database, ledger, "when comes my refund?")
    await hand_off(database, ledger, conversation_id)
    await Suggester(database, ledger, SOURCE).suggest(conversation_id)
    async with database.transaction() as session:
        ana = await create_staff(session, email="ana@example.com", name="Ana", role=Role.AGENT, password="long enough")
        await record_dismissed(session, ledger, (await list_suggestions(session, conversation_id))[0].id, staff_id=ana.id)
    assert await suggested(database, conversation_id) == []


async def test_an_internal_draft_cannot_be_sent_as_it_stands(database: Database, ledger: Ledger) -> None:
    secret = "Agents may accept a return after 45 days when the customer is angry."
    conversation_id = await say(database, ledger, "when comes my refund?")
    await hand_off(database, ledger, conversation_id)
    source = FixedDrafts({"refund": [Draft("knowledge", secret, (), 0.8, origin="goodwill", internal=True)]})
    await Suggester(database, ledger, source).suggest(conversation_id)
    async with database.transaction() as session:
        suggestion = (await list_suggestions(session, conversation_id))[0]
        assert suggestion.internal
        with pytest.raises(InternalTextError):
            await check_may_send(session, suggestion.id, secret + " ")
        await check_may_send(session, suggestion.id, "We gladly make an exception for you.")


async def test_what_was_suggested_before_is_not_suggested_again_for_a_word_of_thanks(database: Database, ledger: Ledger) -> None:
    conversation_id = await say(database, ledger, "when comes my refund?")
    await hand_off(database, ledger, conversation_id)
    suggester = Suggester(database, ledger, SOURCE)
    assert await suggester.suggest(conversation_id) == 1
    await say(database, ledger, "sure, take your time")
    assert await suggester.suggest(conversation_id) == 0


async def answer(database: Database, ledger: Ledger, conversation_id: UUID, text: str) -> None:
    """An agent takes the conversation and replies."""
    async with database.transaction() as session:
        ana = await create_staff(session, email="ana@example.com", name="Ana", role=Role.AGENT, password="long enough")
        conversation = await lock_conversation(session, conversation_id)
        conversation.handler, conversation.agent_id = Handler.AGENT, ana.id
        await record_agent_reply(session, ledger, conversation, staff=ana, text=text)


async def test_drafts_go_once_the_message_is_answered_and_the_customer_goes_on(database: Database, ledger: Ledger) -> None:
    conversation_id = await say(database, ledger, "when comes my refund?")
    await hand_off(database, ledger, conversation_id)
    suggester = Suggester(database, ledger, SOURCE)
    await suggester.suggest(conversation_id)
    await say(database, ledger, "hello?")
    await suggester.suggest(conversation_id)
    assert await suggested(database, conversation_id)  # nobody has answered yet
    await answer(database, ledger, conversation_id, "Let me look.")
    assert await suggested(database, conversation_id)  # they may still be wanted
    await say(database, ledger, "lovely, thanks")
    assert await suggester.suggest(conversation_id) == 0
    assert await suggested(database, conversation_id) == []
    await say(database, ledger, "and how long is delivery?")
    await suggester.suggest(conversation_id)
    assert await suggested(database, conversation_id) == ["Delivery takes 2 days."]


async def test_sources_know_what_was_said_to_the_customer_before(database: Database, ledger: Ledger) -> None:
    conversation_id = await say(database, ledger, "my parcel is lost")
    await hand_off(database, ledger, conversation_id)
    await answer(database, ledger, conversation_id, "What is your address?")
    await say(database, ledger, "Example Street 3")
    async with database.transaction() as session:
        conversation = await lock_conversation(session, conversation_id)
        rows = (await session.execute(select(MessageRow).where(MessageRow.author == "customer").order_by(MessageRow.seq))).scalars().all()
        asks = [await ask_about(session, conversation, view_message(row)) for row in rows]
    assert [ask.before for ask in asks] == ["", "What is your address?"]
