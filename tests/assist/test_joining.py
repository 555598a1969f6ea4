"""Drafts of several sources become one short list, or none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assist.joining import JoinedDrafts, joined, repeats
from assist.ports import Ask, Draft, DraftSource, FixedDrafts
from assist.ranking import SHIPPED, Ranker
from assist.wanting import Wanting
from kit.errors import UnavailableError
from knowledge.dense import embed_question
from tests.knowledge.fakes import HashingEmbedder

ASK = Ask("when comes my refund?", "en", intent="faq/refund_time")
ARTICLE = Draft("knowledge", "Refunds take three to five working days.", (), 0.6, origin="refunds", language="en")
MACRO = Draft("macro", "Hi Ana, your refund for order LC-1 is under way.", (), 0.7, origin="m1", language="en")
REPLY = Draft("history", "Refunds take three to five working days!", (), 0.5, origin="r1", language="en")


def texts(drafts: list[Draft], *, ranker: Ranker = SHIPPED, ask: Ask = ASK, limit: int = 3) -> list[str]:
    return [draft.source for draft in joined(drafts, ask, ranker=ranker, limit=limit)]


def test_sources_are_ordered_together_and_repeats_are_shown_once() -> None:
    assert texts([ARTICLE, MACRO, REPLY]) == ["macro", "knowledge"]


def test_nothing_is_said_when_nothing_is_good() -> None:
    assert texts([replace(ARTICLE, confidence=0.1), replace(MACRO, confidence=0.29)]) == []


def test_there_are_never_more_than_asked_for() -> None:
    assert texts([ARTICLE, MACRO], limit=1) == ["macro"]


def test_a_draft_in_another_language_gives_way() -> None:
    foreign = replace(MACRO, language="pt")
    assert texts([ARTICLE, foreign]) == ["knowledge", "macro"]
    assert texts([replace(ARTICLE, language="zh-Hant")], ask=replace(ASK, language="zh-Hans")) == ["knowledge"]


def test_what_was_learned_changes_the_order() -> None:
    learned = Ranker(3, origins={"macro:m1": -1.5}, intents={"knowledge|faq/refund_time": 0.5})
    found = joined([ARTICLE, MACRO], ASK, ranker=learned, limit=3)
    assert [draft.source for draft in found] == ["knowledge", "macro"]
    assert {draft.ranker for draft in found} == {3}
    assert {draft.own for draft in found} == {0.6, 0.7}


def test_an_internal_text_never_hides_one_that_may_be_sent() -> None:
    internal = replace(ARTICLE, origin="secret", internal=True, confidence=0.9)
    assert not repeats(internal, ARTICLE)
    assert len(texts([internal, ARTICLE])) == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("退款需要三至五個工作天。", "退款需要三至五個工作天", True),
        ("退款需要三至五個工作天。", "門市每天十一時開門。", False),
        ("Is there anything else?", "We open at ten every day of the week.", False),
    ],
)
def test_the_same_words_are_the_same(one: str, other: str, same: bool) -> None:
    assert repeats(replace(ARTICLE, text=one, origin="a"), replace(ARTICLE, text=other, origin="b")) is same


class Broken:
    """A source whose part is away."""

    async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
        raise UnavailableError


async def test_a_source_that_fails_does_not_silence_the_others() -> None:
    sources: dict[str, DraftSource] = {"history": Broken(), "knowledge": FixedDrafts({"refund": [ARTICLE]})}
    together = JoinedDrafts(sources, HashingEmbedder, lambda: SHIPPED)
    assert [draft.text for draft in await together.drafts(ASK, limit=3)] == [ARTICLE.text]
    assert await together.drafts(replace(ASK, question="  "), limit=3) == []


async def test_where_no_answer_is_wanted_nothing_is_shown() -> None:
    wanting = Wanting(HashingEmbedder())
    together = JoinedDrafts(
        {"knowledge": FixedDrafts({"Exam": [ARTICLE], "refund": [ARTICLE]})}, HashingEmbedder, lambda: SHIPPED, lambda: wanting
    )
    answered = replace(ASK, question="Example Street 3", before="What is your address?")
    assert await together.drafts(answered, limit=3) == []
    assert await together.drafts(replace(ASK, question="what about my refund for Example Street 3?", before=answered.before), limit=3)
    of_another = Wanting(HashingEmbedder())
    of_another.encoder = "another"
    untold = replace(together, wanting=lambda: of_another)
    assert await untold.drafts(answered, limit=3)  # what was learned with another encoder says nothing


async def test_who_also_asks_for_a_person_is_suggested_what_the_matter_is() -> None:
    asked: list[Ask] = []

    class Listening:
        async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
            asked.append(ask)
            return [ARTICLE]

    wanting = Wanting(HashingEmbedder())
    together = JoinedDrafts({"knowledge": Listening()}, HashingEmbedder, lambda: SHIPPED, lambda: wanting)
    assert await together.drafts(replace(ASK, question="where is my refund? I want to talk to a person"), limit=3)
    assert [one.question for one in asked] == ["where is my refund?"]
    assert asked[0].vector is not None
    assert np.allclose(asked[0].vector, embed_question("where is my refund?", HashingEmbedder()))
    assert await together.drafts(replace(ASK, question="Thank you. I want to talk to a person"), limit=3) == []
