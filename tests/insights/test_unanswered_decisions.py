"""What editors do with questions, and what becomes of them afterwards: drafted, closed, watched, opened again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from context.ledger import Ledger
from context.publishing import archive_article
from context.staff.models import StaffRow
from context.types import Role
from insights.unanswered.deciding import Added, Faq, QuestionDecidedError, propose_id
from kit.clock import utc_now
from kit.db import Database
from kit.errors import InvalidInputError, NotAllowedError, NotFoundError
from knowledge.articles import ArticleExistsError, find_published, get_article, save_draft
from tests.insights.house import House
from tests.knowledge.fakes import HOURS, RETURNS, RETURNS_PT

pytestmark = pytest.mark.integration
ROOF = "is the roof terrace open on sundays"
ROOF_TOO = "is the roof terrace open on sunday mornings"
ANSWER = Faq("roof-terrace", "en", "Is the roof terrace open?", "The roof terrace is open on Sundays from noon.", questions=(ROOF,))


class Now:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def house(database: Database, ledger: Ledger, now: Now) -> House:
    return House(database, Ledger(ledger.enqueuer, ledger.consequences, now), clock=now)


async def test_from_the_question_to_an_article_that_is_published_and_watched(house: House, now: Now) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.load()
    await house.ask(ROOF, ROOF_TOO)
    await house.catch_up()
    question = (await house.one(editor)).question
    async with house.database.transaction() as session:
        await house.deciding.approve(session, editor, question.id, ANSWER)
    async with house.database.transaction() as session:
        article = await get_article(session, "roof-terrace")
        assert await find_published(session, "roof-terrace", "en") is None
    draft = article.find("en", "draft")
    assert draft is not None
    assert (draft.questions, draft.editor) == ((ROOF,), str(editor.id))
    await house.catch_up()
    waiting = (await house.one(editor, view="drafted")).question
    assert (waiting.article_id, waiting.decided_by) == ("roof-terrace", "Eva")
    await house.publish_draft(editor, "roof-terrace", "en")
    await house.catch_up()
    closed = (await house.one(editor, view="closed")).question
    assert (closed.id, closed.found_article, closed.since_closed) == (question.id, "roof-terrace", 0)


async def closed_question(house: House) -> StaffRow:
    """An editor whose article about the roof has closed the question."""
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask(ROOF)
    await house.catch_up()
    async with house.database.transaction() as session:
        await house.deciding.approve(session, editor, (await house.one(editor)).question.id, ANSWER)
    await house.publish_draft(editor, "roof-terrace", "en")
    await house.catch_up()
    return editor


async def test_when_customers_go_on_asking_it_opens_again_and_says_so(house: House, now: Now) -> None:
    editor = await closed_question(house)
    await house.ask(ROOF, ROOF_TOO)  # asked while the article was on its way: not counted against it
    await house.catch_up()
    assert await house.list(editor) == []
    now.ahead = timedelta(hours=1)
    await house.ask(ROOF_TOO)
    await house.catch_up()
    assert (await house.one(editor, view="closed")).question.since_closed >= 1
    await house.ask(ROOF)
    await house.catch_up()
    found = [*await house.list(editor), *await house.list(editor, view="answered")]
    assert [(one.reopened_why, one.reopened_times, one.article_id) for one in found] == [("asked_again", 1, "roof-terrace")]


async def test_one_customer_alone_who_goes_on_asking_opens_nothing(house: House, now: Now) -> None:
    editor = await closed_question(house)
    now.ahead = timedelta(hours=1)
    await house.ask(ROOF)
    await house.catch_up()
    assert (await house.one(editor, view="closed")).question.since_closed == 1


async def test_a_retired_article_opens_its_question_again(house: House) -> None:
    editor = await closed_question(house)
    async with house.database.transaction() as session:
        await archive_article(session, house.ledger, staff=editor, article_id="roof-terrace")
    await house.load()
    await house.catch_up()
    assert (await house.one(editor)).question.reopened_why == "retired"


async def test_what_was_published_before_the_decision_does_not_close(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, HOURS)
    await house.ask(ROOF)
    await house.catch_up()
    question = (await house.one(editor)).question
    async with house.database.transaction() as session:
        await house.deciding.add_to(session, editor, question.id, Added("store-hours", (("en", ROOF),)))
    await house.catch_up()
    assert (await house.one(editor, view="drafted")).question.id == question.id


async def test_wordings_are_added_to_the_languages_that_the_article_has(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, RETURNS)
    async with house.database.transaction() as session:
        await save_draft(session, RETURNS_PT, editor="e", expected_version=None)
    await house.ask(ROOF)
    await house.catch_up()
    question = (await house.one(editor)).question
    chosen = (("en", "where do parcels go back to"), ("pt", "para onde vai a encomenda"), ("zh-Hant", "退到哪裡"))
    async with house.database.transaction() as session:
        saved = await house.deciding.add_to(session, editor, question.id, Added("return-policy", chosen))
    assert {one.language: one.questions for one in saved} == {
        "en": ("where do parcels go back to", "退到哪裡"),
        "pt": ("para onde vai a encomenda",),
    }
    assert all(one.title and one.status == "draft" for one in saved)
    async with house.database.transaction() as session:
        published = await find_published(session, "return-policy", "en")
    assert published is not None
    assert published.questions == ()


async def test_placeholders_and_addresses_do_not_reach_the_article(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask(ROOF)
    await house.catch_up()
    faq = Faq("roof", "en", "The roof", "Open.", questions=("can <name> come to the roof", "mail me at ana@example.com about the roof"))
    async with house.database.transaction() as session:
        version = await house.deciding.approve(session, editor, (await house.one(editor)).question.id, faq)
    assert version.questions == ("can come to the roof", "mail me at about the roof")


async def test_an_article_that_is_there_closes_a_question_at_once(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, HOURS)
    await house.ask("When are the stores open?")
    await house.catch_up()
    question = (await house.one(editor, view="answered")).question
    async with house.database.transaction() as session:
        await house.deciding.accept(session, editor, question.id, "store-hours")
    assert (await house.one(editor, view="closed")).question.article_id == "store-hours"


async def test_two_questions_are_put_together_by_hand(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask("may my dog come in", ROOF)
    await house.catch_up()
    dog, roof = sorted(await house.list(editor), key=lambda one: one.text == ROOF)
    async with house.database.transaction() as session:
        await house.deciding.merge(session, editor, roof.id, dog.id)
    found = (await house.one(editor)).question
    assert (found.id, found.asked) == (dog.id, 2)
    async with house.database.transaction() as session:
        with pytest.raises(InvalidInputError, match="one question"):
            await house.deciding.merge(session, editor, roof.id, dog.id)


async def test_a_dismissed_question_keeps_what_is_said_of_it_later_and_can_come_back(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask(ROOF)
    await house.catch_up()
    question = (await house.one(editor)).question
    async with house.database.transaction() as session:
        with pytest.raises(InvalidInputError, match="reason"):
            await house.deciding.dismiss(session, editor, question.id, "  ")
        await house.deciding.dismiss(session, editor, question.id, "We have no roof")
    await house.ask(ROOF_TOO)
    await house.catch_up()
    assert await house.list(editor) == []
    put_away = (await house.one(editor, view="dismissed")).question
    assert (put_away.reason, put_away.asked, put_away.decided_by) == ("We have no roof", 2, "Eva")
    async with house.database.transaction() as session:
        await house.deciding.open_again(session, editor, question.id)
    assert (await house.one(editor)).question.reopened_why == "by_hand"


async def test_refusals_change_nothing(house: House) -> None:
    editor, agent = await house.staff(Role.EDITOR, "Eva"), await house.staff(Role.AGENT, "Bo")
    await house.publish(editor, HOURS)
    await house.ask(ROOF)
    await house.catch_up()
    question = (await house.one(editor)).question
    empty = Faq("roof", "en", "The roof", "  ")
    taken = Faq("store-hours", "en", "The roof", "Open.")
    for wrong, error in ((empty, InvalidInputError), (taken, ArticleExistsError)):
        with pytest.raises(error):
            async with house.database.transaction() as session:
                await house.deciding.approve(session, editor, question.id, wrong)
    async with house.database.transaction() as session:
        with pytest.raises(NotAllowedError):
            await house.deciding.dismiss(session, agent, question.id, "no")
        with pytest.raises(InvalidInputError):
            await house.deciding.add_to(session, editor, question.id, Added("store-hours", ()))
        with pytest.raises(NotFoundError):
            await house.deciding.add_to(session, editor, question.id, Added("nothing", (("en", ROOF),)))
    assert (await house.one(editor)).question.status == "open"
    async with house.database.transaction() as session:
        await house.deciding.dismiss(session, editor, question.id, "no roof")
        with pytest.raises(QuestionDecidedError, match="Eva"):
            await house.deciding.approve(session, editor, question.id, ANSWER)


def test_an_id_is_proposed_from_the_words() -> None:
    assert propose_id("Is the roof terrace open on Sundays, please?", fallback="q-1") == "is-the-roof-terrace-open-on"
    assert propose_id("可以用比特幣付款嗎？", fallback="q-1") == "q-1"
