"""Who waits for a person is helped by the articles meanwhile, keeps the place, and may leave an address by writing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import pytest

from context.callbacks import find_open_callback
from context.types import Author, Handler
from desk.self_service import MOST, WhileWaiting
from kit.db import Database
from knowledge.types import Answer, Citation
from tests.desk.house import House

NOTHING = Answer(None, "en", 0.1)


def quoted(article: str, text: str) -> Answer:
    """What an article says."""
    return Answer(text, "en", 0.9, citations=(Citation(article, article.title(), f"/help/{article}"),))


@dataclass
class Articles:
    """Knows what it was given, and keeps what it was asked."""

    known: dict[str, Answer]
    asked: list[str] = field(default_factory=list)

    async def answer(self, question: str, *, language: str) -> Answer:
        """See the port."""
        assert language
        self.asked.append(question)
        return self.known.get(question, NOTHING)


ARTICLES = {f"question {n}": quoted(f"article-{n}", f"Answer {n}.") for n in range(9)} | {"the same": quoted("article-0", "Answer 0.")}


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def helper(house: House) -> tuple[WhileWaiting, Articles]:
    articles = Articles(dict(ARTICLES))
    return WhileWaiting(house.database, house.ledger, articles), articles


async def asks(house: House, text: str, *, visitor: str = "ann") -> UUID:
    house.later(seconds=5)
    return await house.writes(visitor, text)


async def test_what_an_article_answers_is_quoted_once_and_the_place_is_kept(house: House) -> None:
    waiting = await house.waits("ann")
    before = await house.row(waiting)
    await asks(house, "question 1")
    helping, _ = helper(house)
    assert await helping.help(waiting)
    said = (await house.said(waiting))[-1]
    assert said.startswith("While you wait, this may help already")
    assert said.endswith("Answer 1.")
    row = await house.row(waiting)
    assert (row.handler, row.answered_seq, row.waiting_since) == (Handler.QUEUE, before.answered_seq, before.waiting_since)
    assert not await helping.help(waiting), "the same message is not answered again"
    assert (await house.events(waiting, "message.queued"))[-1]["author"] == Author.SYSTEM


async def test_what_no_article_answers_is_left_to_the_person(house: House) -> None:
    waiting = await house.waits("ann")
    await asks(house, "is anybody there?")
    helping, articles = helper(house)
    said = await house.said(waiting)
    assert not await helping.help(waiting)
    assert articles.asked == ["is anybody there?"]
    assert await house.said(waiting) == said


async def test_an_article_is_quoted_once_a_wait_and_answers_have_an_end(house: House) -> None:
    waiting = await house.waits("ann")
    helping, _ = helper(house)
    told = []
    for text in ("question 0", "the same", "question 1", "question 2", "question 3"):
        await asks(house, text)
        told.append(await helping.help(waiting))
    assert told == [True, False, True, True, False]
    assert sum(told) == MOST


async def test_nobody_is_helped_whom_a_person_has_or_whose_question_was_before_the_wait(house: House) -> None:
    ben = await house.person("ben")
    waiting = await house.waits("ann")
    helping, articles = helper(house)
    assert not await helping.help(waiting)
    await asks(house, "question 1")
    await house.desk.take(ben.id, waiting)
    assert not await helping.help(waiting)
    assert articles.asked == []


async def test_a_person_who_comes_while_it_is_looked_up_is_not_talked_over(house: House) -> None:
    ben = await house.person("ben")
    waiting = await house.waits("ann")
    await asks(house, "question 1")

    class Slow(Articles):
        async def answer(self, question: str, *, language: str) -> Answer:
            await house.desk.take(ben.id, waiting)
            return await super().answer(question, language=language)

    said = len(await house.said(waiting))
    assert not await WhileWaiting(house.database, house.ledger, Slow(dict(ARTICLES))).help(waiting)
    assert not [text for text in (await house.said(waiting))[said:] if "Answer 1" in text]


async def test_an_address_counts_as_one_once_it_was_asked_for(house: House) -> None:
    waiting = await house.waits("ann")
    await asks(house, "+351 912 345 678")
    helping, articles = helper(house)
    assert not await helping.help(waiting)
    assert await house.teller.tell() == 1
    assert await helping.help(waiting)
    assert not await helping.help(waiting), "told once"
    async with house.database.transaction() as session:
        callback = await find_open_callback(session, waiting)
    assert callback is not None
    assert (callback.kind, callback.address) == ("phone", "+351912345678")
    assert articles.asked == []
