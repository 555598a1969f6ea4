"""Real questions for the calibration: which are taken, which are not, and who calibrates with them when."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from context.ledger import Ledger
from context.redaction.redactor import EMAIL
from context.staff.models import StaffRow
from context.types import Role
from insights.health.reading import access_overview, calibrate_anew
from insights.models import LearningMessageRow, LearningSentenceRow
from insights.unanswered.models import QuestionRow, WordingRow
from insights.usage.models import ArticleUseRow
from insights.usage.real import FROM_ONE_TALK, real_questions
from kit.clock import utc_now
from kit.db import Database
from kit.errors import NotAllowedError
from knowledge.articles import set_details
from knowledge.calibrating import Judged, calibrate
from knowledge.index import load_index, recalibrate, reindex
from knowledge.real import MOST, counted, usable
from knowledge.recalibrating import Recalibrating, TooLargeToCalibrateError, ask_for_calibration, find_calibrating
from knowledge.types import ArticleDraft, Details
from tests.insights.asking import say
from tests.insights.house import House
from tests.knowledge.fakes import GIFTS, HOURS, PRICES, RETURNS, index_of

NAMES = [f"{a}{b}" for a in ("blue", "warm", "tall", "soft", "dark") for b in ("bowl", "lamp", "cup", "vase", "tray", "mug")]


@pytest.fixture
def house(database: Database, ledger: Ledger) -> House:
    return House(database, ledger)


def test_only_what_can_be_asked_of_the_index_is_used_and_so_much_of_each_kind() -> None:
    attached = ArticleDraft("gift-cards", "en", GIFTS.title, GIFTS.body, questions=("Can I buy a voucher?",))
    index = index_of((RETURNS, HOURS, attached))
    kept = [Judged("do vouchers end", "en", "gift-cards"), Judged("who are you", "en", None)]
    left = [
        Judged("can I buy a voucher", "en", "gift-cards"),
        Judged("x", "en", "no-such-article"),
        Judged("quoi", "fr", None),
        Judged("?!", "en", None),
    ]
    assert usable(index, [*kept, *left, *kept]) == kept
    many = [Judged(f"question {number}", "pt", None) for number in range(MOST + 20)]
    assert len(usable(index, [*many, *kept])) == MOST + 2


def test_a_calibration_says_how_many_questions_of_customers_are_in_it() -> None:
    index = index_of((RETURNS, HOURS, GIFTS))
    real = [Judged(f"how do gift cards work {number}", "en", GIFTS.id) for number in range(30)]
    real += [Judged(f"zzqx jjkv {number}", "en", None) for number in range(25)]
    curve = counted(calibrate(index, real=real), real).curve("en")
    assert (curve.real_answered, curve.real_unanswered) == (30, 25)
    assert counted(calibrate(index), []).curves == {}


@pytest.mark.integration
async def test_content_customers_and_written_articles_are_answers_and_what_people_had_to_say_is_none(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, RETURNS, HOURS, PRICES)
    async with house.database.transaction() as session:
        await set_details(session, PRICES.id, Details(audience="internal"))
        session.add_all(
            [
                use(1, "store-hours", "open on sundays?", helped=True),
                use(2, "store-hours", "till when today?", rating=5),
                use(3, "store-hours", "nobody said a thing"),
                use(4, "store-hours", "not this", outcome="asked_again", rating=5),
                use(5, "store-hours", f"write to {EMAIL} please", helped=True),
                use(6, "store-hours", "bad", helped=False, rating=5),
                use(7, "supplier-prices", "what do they charge", helped=True),
                use(8, "store-hours", "long ago", helped=True, days=400),
                use(9, "store-hours", "two minds", helped=True),
                use(10, "return-policy", "two minds", helped=True),
            ]
        )  # fmt: skip
        await wording(session, house, "may I bring my dog", status="open", handed_off=True)
        await wording(session, house, "do you sell fish", status="open", handed_off=False)
        await wording(session, house, "an article was found", status="open", handed_off=True, found="store-hours")
        await wording(session, house, "who won the match", status="dismissed")
        await wording(session, house, "send things back abroad", status="closed", article="return-policy")
        await wording(session, house, "still to be published", status="drafted", article="return-policy")
        found = await real_questions(session)
    assert {(one.question, one.language, one.article_id) for one in found} == {
        ("open on sundays?", "en", "store-hours"), ("till when today?", "en", "store-hours"), ("may I bring my dog", "en", None),
        ("who won the match", "en", None), ("send things back abroad", "en", "return-policy"),
    }  # fmt: skip


@pytest.mark.integration
async def test_one_talk_alone_does_not_fill_the_calibration(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, HOURS)
    async with house.database.transaction() as session:
        message = await say(session, house.ledger, "hello")
        rows = [use(number, "store-hours", f"open at {name}", helped=True) for number, name in enumerate(NAMES)]
        for row in rows:
            row.conversation_id = message.conversation_id
        session.add_all(rows)
        await session.flush()
        assert len(await real_questions(session)) == FROM_ONE_TALK


@pytest.mark.integration
async def test_who_asks_for_it_gets_a_new_calibration_from_a_worker_once(house: House) -> None:
    editor, agent = await house.staff(Role.EDITOR, "Eva"), await house.staff(Role.AGENT, "Ann")
    async with house.database.transaction() as session:
        with pytest.raises(TooLargeToCalibrateError, match="no published articles"):
            await ask_for_calibration(session)
    await fill(house, editor)
    async with house.database.transaction() as session:
        with pytest.raises(NotAllowedError):
            await calibrate_anew(session, agent)
        assert (await calibrate_anew(session, editor)).asked_at is not None
    worker, other = recalibrating(house), recalibrating(house)
    assert await worker.step()
    assert not await other.step()
    async with house.database.transaction() as session:
        overview = await access_overview(session, editor)
        assert overview.calibrating.asked_at is None
        assert overview.calibrating.calibrated_at is not None
        curve = overview.expected["en"]
        assert (curve.real_answered, curve.real_unanswered) == (len(NAMES), 0)
        await recalibrate(session, house.embedder)  # as a change of many articles does, which has no time for customers' questions
        assert (await find_calibrating(session)).asked_at is not None


@pytest.mark.integration
async def test_it_is_calibrated_by_itself_after_a_week_once_enough_is_new(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await fill(house, editor)
    later = Later()
    worker = recalibrating(house, later)
    assert not await worker.step()  # calibrated when its articles came, less than a week ago
    later.days = 8
    assert await worker.step()
    later.days = 16
    assert not await worker.step()  # nothing is new


class Later:
    """A clock that can be put forward."""

    days = 0

    def __call__(self) -> datetime:
        return utc_now() + timedelta(days=self.days)


def recalibrating(house: House, clock: Later | None = None) -> Recalibrating:
    """A worker's step that has just started."""
    return Recalibrating(house.database, lambda: house.index, real_questions, clock or utc_now)


async def fill(house: House, editor: StaffRow) -> None:
    """Thirty articles, each with a question that a content customer asked."""
    drafts = [
        ArticleDraft(
            name, "en", f"What about {name}?", f"The {name} of our shop is {name * 2}.", questions=(f"any {name} left", f"{name} please")
        )
        for name in NAMES
    ]
    await house.publish(editor, *drafts)
    async with house.database.transaction() as session:
        await reindex(session, house.embedder)
        session.add_all(use(number, name, f"have you got a {name} today", helped=True) for number, name in enumerate(NAMES))
        await session.flush()
        house.index = await load_index(session, house.embedder)


def use(
    number: int,
    article_id: str,
    question: str,
    *,
    outcome: str = "open",
    helped: bool | None = None,
    rating: int | None = None,
    days: int = 1,
) -> ArticleUseRow:
    """An answer of the bot, and what became of it."""
    at = utc_now() - timedelta(days=days, minutes=number)
    return ArticleUseRow(
        event_id=number, kind="answer", article_id=article_id, language="en", passage_id="", question=question, question_language="en",
        outcome=outcome, helped=helped, rating=rating, at=at,
    )  # fmt: skip


async def wording(
    session: AsyncSession,
    house: House,
    text: str,
    *,
    status: str,
    handed_off: bool = False,
    found: str | None = None,
    article: str | None = None,
) -> None:
    """A question that customers asked in these words, and how it stands."""
    message = await say(session, house.ledger, text, who=uuid.uuid4().hex)
    sentence = LearningSentenceRow(language="en", key=text, text=text)
    question = QuestionRow(status=status, text=text, language="en", found_article=found, article_id=article)
    session.add_all([sentence, question])
    await session.flush()
    session.add_all([
        WordingRow(sentence_id=sentence.id, question_id=question.id, encoder="hashing", vector=b""),
        LearningMessageRow(
            message_id=message.id, sentence_id=sentence.id, conversation_id=message.conversation_id, text=text, reason="no_knowledge",
            handed_off=handed_off, guess=[], model="m", at=utc_now(),
        ),
    ])  # fmt: skip
    await session.flush()
