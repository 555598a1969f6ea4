"""How articles are used: counted from the event log, with the real questions behind the numbers."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from context.conversations import lock_conversation
from context.events import (
    AnswerAbstained,
    AnswerGiven,
    ArticleHelped,
    ArticleNotHelped,
    EventData,
    RatingGiven,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionShown,
)
from context.ledger import BOT, CUSTOMER, SYSTEM, Ledger
from context.models import ContactRow, MessageRow, TurnRow
from context.outbound import Writer, add_message
from context.ownership import hand_off
from context.types import Author, Content, HandoffReason, HandoffRequest, Role
from insights.usage.counting import UseCounter
from insights.usage.models import ArticleUseRow
from insights.usage.ports import FakeSources
from insights.usage.reading import Period, Usage, WhoAsks, access_usage, access_who_asks
from kit.clock import utc_now
from kit.db import Database
from kit.errors import InvalidInputError, NotAllowedError, NotFoundError
from tests.insights.asking import say
from tests.insights.house import House, number_events
from tests.knowledge.fakes import HOURS, RETURNS

pytestmark = pytest.mark.integration
FIRST, SECOND = "store-hours/en/1/0", "return-policy/en/1/1"
WHEN = "when are you open"


class Talk:
    """One customer's conversation, told event by event."""

    def __init__(self, house: House, sources: FakeSources) -> None:
        self.house, self.sources, self.who = house, sources, uuid.uuid4().hex
        self.conversation_id = UUID(int=0)

    async def ask(self, text: str) -> MessageRow:
        async with self.house.database.transaction() as session:
            message = await say(session, self.house.ledger, text, who=self.who)
            self.conversation_id = message.conversation_id
            return message

    async def answered(self, text: str, passage: str = FIRST) -> MessageRow:
        """The customer asks and the bot answers with an article, as a turn leaves it behind. Returns the bot's message."""
        message = await self.ask(text)
        article = passage.split("/")[0]
        did = {"step": "did", "knowledge": "answered", "passages": [{"id": passage, "article": article, "confidence": 0.8}]}
        trace = [{"step": "understood", "message_id": str(message.id), "intent": "faq/x"}, did]
        async with self.house.database.transaction() as session:
            conversation = await lock_conversation(session, self.conversation_id)
            turn = TurnRow(id=uuid.uuid4(), conversation_id=conversation.id, epoch=1, outcome="taken", trace=trace, milliseconds=1)
            session.add(turn)
            writer = Writer(turn_id=turn.id, ordinal=0)
            view = await add_message(
                session, self.house.ledger, conversation, content=Content("From ten."), author=Author.BOT, writer=writer
            )
            event = AnswerGiven(message_id=str(view.id), article_id=article, passage_id=passage, confidence=0.8)
            await self.house.ledger.append(session, event, actor=BOT, conversation=conversation)
            row = await session.get(MessageRow, view.id)
            assert row is not None
            return row

    async def tell(self, event: EventData) -> None:
        async with self.house.database.transaction() as session:
            conversation = await lock_conversation(session, self.conversation_id)
            await self.house.ledger.append(session, event, actor=CUSTOMER, conversation=conversation)

    async def hand_off(self, reason: HandoffReason = HandoffReason.CUSTOMER_ASKED) -> None:
        async with self.house.database.transaction() as session:
            conversation = await lock_conversation(session, self.conversation_id)
            await hand_off(session, self.house.ledger, conversation, request=HandoffRequest(reason))

    async def suggested(self, text: str, *passages: str) -> UUID:
        """A suggestion made from these passages stands before an agent."""
        message, suggestion = await self.ask(text), uuid.uuid4()
        self.sources.known[suggestion] = tuple((one.split("/")[0], one) for one in passages)
        await self.tell(SuggestionShown(suggestion_id=str(suggestion), message_id=str(message.id), source="knowledge", rank=1))
        return suggestion


@pytest.fixture
def house(database: Database, ledger: Ledger) -> House:
    return House(database, ledger)


@pytest.fixture
def sources() -> FakeSources:
    return FakeSources()


@pytest.fixture
def talk(house: House, sources: FakeSources) -> Talk:
    return Talk(house, sources)


async def count(house: House, sources: FakeSources, *, workers: int = 1) -> None:
    await number_events(house.database)

    async def one() -> None:
        counter = UseCounter(house.database, house.embedder, sources, lambda: house.redactor)
        while await counter.step():
            pass

    await asyncio.gather(*(one() for _ in range(workers)))


async def usage(house: House, **period: object) -> dict[tuple[str, str], Usage]:
    editor = await house.staff(Role.EDITOR, "Eva")
    async with house.database.transaction() as session:
        return {(one.article_id, one.language): one for one in await access_usage(session, editor, Period(**period))}  # type: ignore[arg-type]


async def who_asks(house: House, article_id: str = "store-hours") -> WhoAsks:
    editor = await house.staff(Role.EDITOR, "Eva")
    async with house.database.transaction() as session:
        return await access_who_asks(session, editor, article_id)


async def with_articles(house: House) -> None:
    await house.publish(await house.staff(Role.EDITOR, "Eva"), HOURS, RETURNS)


async def test_an_answer_counts_once_with_its_question_redacted(house: House, sources: FakeSources, talk: Talk) -> None:
    await with_articles(house)
    await talk.answered("I am Ana Silva, when are you open, mail ana@example.com")
    await count(house, sources, workers=3)
    await count(house, sources)
    found = await usage(house)
    assert (found["store-hours", "en"].cited, found["store-hours", "en"].failed) == (1, 0)
    assert found["return-policy", "en"].cited == 0
    asked = await who_asks(house)
    assert [(one.text, one.count) for one in asked.answered] == [("I am <name>, when are you open, mail <email>", 1)]
    assert asked.not_answered == ()


@pytest.mark.parametrize("again", ["when are you open??", "I mean when you are open", "when ARE you open please"])
async def test_who_asks_again_was_not_answered(house: House, sources: FakeSources, talk: Talk, again: str) -> None:
    await with_articles(house)
    await talk.answered(WHEN)
    asked = await talk.ask(again)
    await talk.tell(AnswerAbstained(message_id=str(asked.id), best_article_id=None, confidence=0.0))
    await count(house, sources)
    assert [one.outcomes for one in (await who_asks(house)).not_answered] == [(("asked_again", 1),)]


async def test_the_same_passage_again_is_asking_again_another_passage_is_going_on(house: House, sources: FakeSources) -> None:
    await with_articles(house)
    same, other = Talk(house, sources), Talk(house, sources)
    await same.answered("may I send it back")
    await same.answered("hm, and if it is used, what then", FIRST)
    await other.answered("may I send it back", SECOND)
    await other.answered("who pays the postage", "return-policy/en/1/2")
    await count(house, sources)
    assert [one.text for one in (await who_asks(house)).not_answered] == ["may I send it back"]
    assert (await usage(house))["return-policy", "en"].failed == 0


async def test_another_question_next_says_nothing_against_the_answer(house: House, sources: FakeSources, talk: Talk) -> None:
    await with_articles(house)
    await talk.answered(WHEN)
    asked = await talk.ask("can you fix my grandfather's clock")
    await talk.tell(AnswerAbstained(message_id=str(asked.id), best_article_id=None, confidence=0.0))
    await count(house, sources)
    assert (await who_asks(house)).not_answered == ()


async def test_handed_over_right_after_is_not_answered_but_later_is(house: House, sources: FakeSources) -> None:
    await with_articles(house)
    soon, late = Talk(house, sources), Talk(house, sources)
    await soon.answered(WHEN)
    await soon.ask("a person please")
    await soon.hand_off()
    await late.answered("what time do you close")
    for text in ("thanks", "I also lost my parcel", "hello?"):
        await late.ask(text)
    await late.hand_off()
    await count(house, sources)
    asked = await who_asks(house)
    assert [(one.text, one.outcomes) for one in asked.not_answered] == [(WHEN, (("handed_off", 1),))]
    assert [one.text for one in asked.answered] == ["what time do you close"]


async def test_thumbs_and_what_readers_say(house: House, sources: FakeSources) -> None:
    await with_articles(house)
    good, bad, told = (Talk(house, sources) for _ in range(3))
    await good.answered(WHEN)
    await good.tell(RatingGiven(rating_id="r", score=5, comment_given=False))
    await bad.answered("opening times")
    await bad.tell(RatingGiven(rating_id="r", score=1, comment_given=False))
    message = await told.answered("until when")
    await told.tell(ArticleNotHelped(article_id="store-hours", message_id=str(message.id)))
    async with house.database.transaction() as session:
        page = ArticleHelped(article_id="return-policy", language="pt")
        for event in (ArticleHelped(article_id="return-policy"), ArticleHelped(article_id="return-policy"), page):
            await house.ledger.append(session, event, actor=SYSTEM)
    await count(house, sources)
    found = await usage(house)
    hours = found["store-hours", "en"]
    assert (hours.cited, hours.failed, hours.thumbs_up, hours.thumbs_down, hours.not_helped) == (3, 2, 1, 1, 1)
    assert (found["return-policy", ""].helped, found["return-policy", ""].cited) == (2, 0)
    assert found["return-policy", "pt"].helped == 1
    assert {one.text for one in (await who_asks(house)).not_answered} == {"opening times", "until when"}


async def test_suggestions_shown_used_and_waved_away(house: House, sources: FakeSources) -> None:
    await with_articles(house)
    used, away, order = (Talk(house, sources) for _ in range(3))
    suggestion = await used.suggested("are you open at noon", FIRST, SECOND)
    await used.tell(SuggestionAccepted(suggestion_id=str(suggestion), staff_id="s", message_id=str(uuid.uuid4())))
    suggestion = await away.suggested("is there parking", FIRST)
    await away.tell(SuggestionDismissed(suggestion_id=str(suggestion), staff_id="s"))
    await order.suggested("where is my parcel")  # made from an order, not from an article
    await count(house, sources)
    found = await usage(house)
    assert (found["store-hours", "en"].shown, found["store-hours", "en"].used) == (2, 1)
    assert (found["return-policy", "en"].shown, found["return-policy", "en"].used) == (1, 1)
    asked = await who_asks(house)
    assert [one.text for one in asked.answered] == ["are you open at noon"]
    assert [(one.text, one.outcomes) for one in asked.not_answered] == [("is there parking", (("dismissed", 1),))]


async def test_the_period_the_order_and_the_search(house: House, sources: FakeSources, talk: Talk) -> None:
    await with_articles(house)
    await talk.answered(WHEN)
    await talk.answered("can I return it", SECOND)
    await Talk(house, sources).answered("till when can I return it", SECOND)
    await count(house, sources)
    assert [key[0] for key in await usage(house)] == ["return-policy", "store-hours"]
    assert [key[0] for key in await usage(house, ascending=True)] == ["store-hours", "return-policy"]
    assert [key[0] for key in await usage(house, text="STORES")] == ["store-hours"]
    assert await usage(house, language="pt") == {}
    editor = await house.staff(Role.EDITOR, "Eva")
    async with house.database.transaction() as session:
        later = await access_usage(session, editor, Period(days=7), clock=lambda: utc_now() + timedelta(days=8))
    assert [one.cited for one in later] == [0, 0]


async def test_nonsense_and_agents_are_refused(house: House) -> None:
    for wrong in ({"order": "size"}, {"days": 0}, {"days": 10_000}):
        with pytest.raises(InvalidInputError):
            await usage(house, **wrong)
    with pytest.raises(NotFoundError):
        await who_asks(house, "nothing")
    agent = await house.staff(Role.AGENT, "Bo")
    async with house.database.transaction() as session:
        with pytest.raises(NotAllowedError):
            await access_usage(session, agent, Period())
        with pytest.raises(NotAllowedError):
            await access_who_asks(session, agent, "store-hours")


async def test_erasing_a_customer_erases_what_they_asked(house: House, sources: FakeSources, talk: Talk) -> None:
    await talk.answered(WHEN)
    await count(house, sources)
    async with house.database.transaction() as session:
        await session.execute(delete(ContactRow))
        assert (await session.execute(select(func.count()).select_from(ArticleUseRow))).scalar_one() == 0
