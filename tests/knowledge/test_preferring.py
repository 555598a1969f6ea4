"""The article on the reader's page is preferred where it answers about as well, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.answer import answer
from knowledge.calibrating import with_calibration
from knowledge.calibration import Calibration, Curve
from knowledge.dense import embed_question
from knowledge.preferring import NEAR, prefer_article
from knowledge.search import SearchIndex
from knowledge.types import Answer
from tests.knowledge.fakes import GIFTS, RETURNS, index_of

QUESTION = "What is your return policy and how do gift cards work?"


@pytest.fixture
def index() -> SearchIndex:
    """Two articles, and so low a threshold that both would be answered with."""
    return with_calibration(index_of((RETURNS, GIFTS)), Calibration({"en": Curve(5.0, 0.0, 0.1)}))


def asked(index: SearchIndex, *confidences: float) -> Answer:
    """An answer whose hits are this sure."""
    said = answer(index, QUESTION, language="en")
    hits = tuple(replace(hit, confidence=sure) for hit, sure in zip(said.hits, confidences, strict=True))
    return replace(said, hits=hits, confidence=confidences[0])


def chosen(index: SearchIndex, said: Answer, article_id: str) -> Answer:
    return prefer_article(index, said, article_id, language="en", vector=embed_question(QUESTION, index.embedder))


def test_it_is_quoted_and_cited_when_it_is_near(index: SearchIndex) -> None:
    said = asked(index, 0.8, 0.8 - NEAR / 2)
    first, second = (hit.passage.article_id for hit in said.hits)
    found = chosen(index, said, second)
    assert [hit.passage.article_id for hit in found.hits] == [second, first]
    assert (found.citations[0].article_id, found.confidence) == (second, 0.8 - NEAR / 2)
    assert found.text is not None
    assert found.text != said.text


def test_it_is_left_when_the_other_is_surer_or_it_would_not_be_answered_with(index: SearchIndex) -> None:
    far = asked(index, 0.8, 0.8 - 2 * NEAR)
    assert chosen(index, far, far.hits[1].passage.article_id) is far
    unsure = asked(index, 0.12, 0.05)
    assert chosen(index, unsure, unsure.hits[1].passage.article_id) is unsure


def test_an_article_that_was_not_found_and_an_answer_that_is_none_change_nothing(index: SearchIndex) -> None:
    said = asked(index, 0.8, 0.79)
    for article_id in ("", "store-hours", said.hits[0].passage.article_id):
        assert chosen(index, said, article_id) is said
    nothing = replace(said, text=None)
    assert chosen(index, nothing, said.hits[1].passage.article_id) is nothing
