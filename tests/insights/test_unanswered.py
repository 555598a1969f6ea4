"""From messages that nothing answered to questions in a list: gathered, ranked, drafted, redacted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from context.ledger import Ledger
from context.models import ContactRow
from context.types import Role
from insights.models import LearningMessageRow, LearningSentenceRow
from insights.unanswered.models import QuestionRow, WordingRow
from kit.clock import utc_now
from kit.db import Database
from kit.errors import InvalidInputError, NotAllowedError
from nlu.encoders import get_encoder
from tests.insights.house import House
from tests.knowledge.fakes import HOURS, RETURNS, HashingEmbedder

pytestmark = pytest.mark.integration
ENGRAVE = ("can you engrave a teapot", "can you engrave teapots for me", "could you engrave a teapot")
ROOF = "is the roof terrace open on sundays"
NO = "Yes, we engrave teapots from 30 pieces."


@pytest.fixture
def house(database: Database, ledger: Ledger) -> House:
    return House(database, ledger)


async def test_wordings_of_one_question_are_one_line_with_how_many_asked(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask(*ENGRAVE, ENGRAVE[0], ROOF)
    await house.catch_up()
    found = await house.list(editor)
    assert [(one.text, one.asked, one.conversations) for one in found] == [(ENGRAVE[0], 4, 4), (ROOF, 1, 1)]


async def test_the_identity_of_a_question_stays_when_more_is_asked_and_after_a_restart(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask(ENGRAVE[0])
    await house.catch_up()
    before = (await house.list(editor))[0].id
    await house.ask(*ENGRAVE[1:])
    await asyncio.gather(*(house.gatherer.catch_up() for _ in range(3)))  # three workers at once
    after = await house.list(editor)
    assert [(one.id, one.asked) for one in after] == [(before, 3)]


async def test_what_one_worker_placed_all_at_once_many_place_one_by_one_alike(house: House) -> None:
    texts = [*ENGRAVE, ROOF, "do you repair a broken cup", "can a broken cup be repaired", "is the roof terrace open on mondays"]
    for one in texts:
        await house.ask(one)
        await house.catch_up()
    one_by_one = await placed(house)
    async with house.database.transaction() as session:
        await session.execute(delete(QuestionRow))
    await house.catch_up()
    assert await placed(house) == one_by_one


async def placed(house: House) -> list[tuple[str, str]]:
    async with house.database.transaction() as session:
        query = select(LearningSentenceRow.text, WordingRow.question_id).join(WordingRow, WordingRow.sentence_id == LearningSentenceRow.id)
        return sorted((text, str(question)) for text, question in (await session.execute(query)).all())


async def test_what_costs_most_can_come_first(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    [*_, roof] = await house.ask(*ENGRAVE, ROOF)
    await house.hand_over(roof)
    await house.catch_up()
    assert [one.text for one in await house.list(editor)] == [ENGRAVE[0], ROOF]
    assert [(one.text, one.handoffs) for one in await house.list(editor, order="cost")] == [(ROOF, 1), (ENGRAVE[0], 0)]


async def test_what_agents_replied_becomes_a_draft_without_small_talk_and_personal_data(house: House) -> None:
    editor, mei = await house.staff(Role.EDITOR, "Eva"), await house.staff(Role.AGENT, "Mei Chan")
    first, second, third = await house.ask(*ENGRAVE)
    for conversation in (first, second, third):
        await house.hand_over(conversation)
    await house.catch_up()
    assert (await house.one(editor)).drafts == {}
    await house.reply(first, mei, f"Hi Ana Silva! Thank you for waiting. {NO} Your order LC-100234 can be engraved too.")
    await house.reply(second, mei, "Hello, this is Mei Chan.", NO, "Is there anything else I can do?")
    await house.reply(third, mei, "It takes about three weeks until engraved teapots are ready. Write to ana.silva@example.com")
    await house.catch_up()
    draft = (await house.one(editor)).drafts["en"]
    assert draft.text.startswith(NO)
    assert "It takes about three weeks until engraved teapots are ready." in draft.text
    everything = draft.text + "".join(draft.replies)
    for secret in ("Ana", "Silva", "LC-100234", "example.com", "Mei", "Thank you", "anything else"):
        assert secret not in everything
    assert draft.count == 5


async def test_an_article_that_answers_already_is_pointed_to(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, RETURNS, HOURS)
    await house.ask("When are the stores open?", ROOF)
    await house.catch_up()
    assert [one.text for one in await house.list(editor)] == [ROOF]
    known = (await house.one(editor, view="answered")).question
    assert (known.found_article, known.found_language, known.found_share) == ("store-hours", "en", 1.0)


async def test_what_was_taught_as_an_intent_since_is_no_question_until_it_is_asked_again(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask(ROOF)
    await house.catch_up()
    async with house.database.transaction() as session:
        await session.execute(update(LearningSentenceRow).values(status="taught", intent="faq/roof", decided_at=utc_now()))
    assert await house.list(editor) == []
    await house.ask(ROOF)
    assert [one.asked for one in await house.list(editor)] == [1]


async def test_what_was_answered_all_the_same_is_no_question(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask(ROOF)
    async with house.database.transaction() as session:
        await session.execute(update(LearningMessageRow).values(answered=True))
    await house.catch_up()
    assert await house.list(editor) == []


async def test_erasing_the_customers_erases_the_question(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask(ROOF)
    await house.catch_up()
    async with house.database.transaction() as session:
        await session.execute(delete(ContactRow))
    assert await house.list(editor) == []
    await house.catch_up()
    async with house.database.transaction() as session:
        assert (await session.execute(select(QuestionRow))).all() == []


async def test_another_encoder_encodes_again_and_keeps_together_what_is(house: House) -> None:
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask(*ENGRAVE)
    await house.catch_up()
    before = [one.id for one in await house.list(editor)]
    house.embedder = HashingEmbedder("another")
    await house.ask("can you engrave a teapot for us")
    await house.catch_up()
    assert [one.id for one in await house.list(editor)] == before
    async with house.database.transaction() as session:
        assert set((await session.execute(select(WordingRow.encoder))).scalars()) == {"another@"}


async def test_the_list_can_be_searched_and_refuses_nonsense(house: House) -> None:
    editor, agent = await house.staff(Role.EDITOR, "Eva"), await house.staff(Role.AGENT, "Bo")
    await house.ask(*ENGRAVE, ROOF)
    await house.ask("o terraço abre ao domingo", language="pt")
    await house.catch_up()
    assert [one.text for one in await house.list(editor, text="ROOF")] == [ROOF]
    assert [one.text for one in await house.list(editor, text="engrave teapots for")] == [ENGRAVE[0]]
    assert [one.text for one in await house.list(editor, language="pt")] == ["o terraço abre ao domingo"]
    for wrong in ({"view": "nothing"}, {"order": "size"}):
        with pytest.raises(InvalidInputError):
            await house.list(editor, **wrong)
    with pytest.raises(NotAllowedError):
        await house.list(agent)


@pytest.mark.model
async def test_one_question_in_four_languages_is_one_line(house: House, tmp_path: Path) -> None:
    house.embedder = get_encoder("use-multilingual", tmp_path)
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.ask("Can I pay in bitcoin?", "do you accept bitcoin as payment")
    await house.ask("Posso pagar com bitcoin?", language="pt")
    await house.ask("可以用比特幣付款嗎？", language="zh-Hant")
    await house.ask("可以用比特币付款吗？", language="zh-Hans")
    await house.ask("do you have a piano lesson for children", "can dogs come into the store")
    await house.catch_up()
    first = (await house.list(editor))[0]
    assert (first.asked, set(first.languages)) == (5, {"en", "pt", "zh-Hans", "zh-Hant"})
    assert len(await house.list(editor)) == 3
