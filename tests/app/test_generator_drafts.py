"""Agents' suggestions with a generator: its words first where they are proven, the articles after them, internal ones quoted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.readers import IndexDrafts
from assist.ports import Ask, Draft
from knowledge.building import index_drafts
from knowledge.generator.policy import Policy
from knowledge.generator.writing import Parts, Writer
from knowledge.ports import FixedGenerator
from knowledge.search import SearchIndex
from knowledge.types import ArticleDraft
from nlu.encoders import get_encoder
from tests.app.test_generator_injections import ENGLISH, Fixed, Unlimited

pytestmark = pytest.mark.model
ASKED = "Can I return an item?"
WORDED = "You can return an unused item within 30 days of delivery [1]."
SECRET = "Agents may accept a return after 45 days when the customer is angry."


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    drafts = [
        ArticleDraft("returns", "en", "Can I return an item?", ENGLISH),
        ArticleDraft("goodwill", "en", "Can I accept a return of an item late?", SECRET, audience="internal"),
    ]
    return index_drafts(drafts, get_encoder("use-multilingual", Path(os.environ["BATON_ENCODER_CACHE"])))


async def drafts(index: SearchIndex, generator: FixedGenerator, *, policy: Policy | None = None, limit: int = 3) -> list[Draft]:
    writer = Writer(Parts(generator, Unlimited(), Fixed(policy or Policy()), lambda text, _language: text))
    return await IndexDrafts(lambda: index, writer).drafts(Ask(ASKED, "en"), limit=limit)


async def test_proven_words_come_first_and_the_articles_stay_below(index: SearchIndex) -> None:
    generator = FixedGenerator(WORDED)
    quoted = await IndexDrafts(lambda: index).drafts(Ask(ASKED, "en"), limit=3)
    found = await drafts(index, generator)
    assert found[0].text == "You can return an unused item within 30 days of delivery."
    assert [one.article_id for one in found[0].citations] == ["returns"]
    assert [one.text for one in found[1:]] == [one.text for one in quoted][:2]
    assert SECRET in [one.text for one in found], "internal articles are quoted to agents"
    assert "45 days" not in str(generator.asked), "and never sent"


async def test_there_are_never_more_than_asked_for(index: SearchIndex) -> None:
    assert len(await drafts(index, FixedGenerator(WORDED), limit=1)) == 1


@pytest.mark.parametrize("text", ["Returns are free [1].", "NO ANSWER"])
async def test_without_proof_the_suggestions_are_those_without_a_generator(index: SearchIndex, text: str) -> None:
    assert await drafts(index, FixedGenerator(text)) == await IndexDrafts(lambda: index).drafts(Ask(ASKED, "en"), limit=3)


async def test_strict_mode_holds_for_agents_too(index: SearchIndex) -> None:
    generator = FixedGenerator(WORDED)
    assert await drafts(index, generator, policy=Policy(strict=True)) == await IndexDrafts(lambda: index).drafts(Ask(ASKED, "en"), limit=3)
    assert generator.asked == []
