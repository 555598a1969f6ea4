"""What an understander expects of a question changes the order and the confidence of what search finds."""

from __future__ import annotations

import pytest

from knowledge.answer import answer
from knowledge.building import index_drafts
from knowledge.expecting import Expected, expected_of, shares
from knowledge.search import SearchIndex
from tests.knowledge.fakes import GIFTS, HOURS, PRICES, RETURNS, HashingEmbedder


class Says:
    """Expects the same of every question."""

    def __init__(self, expected: Expected | None) -> None:
        self.found = expected

    def expected(self, question: str, language: str) -> Expected | None:
        """See the port."""
        assert question
        assert language
        return self.found


@pytest.fixture
def index() -> SearchIndex:
    return index_drafts([RETURNS, HOURS, GIFTS, PRICES], HashingEmbedder())


QUESTION = "when can I come on Sunday"


def test_the_article_that_is_expected_comes_first(index: SearchIndex) -> None:
    others = {hit.passage.article_id for hit in index.search(QUESTION, language="en")[1:]}
    for wanted in others:
        index.expecting = Says(Expected({wanted: 1.0}))
        assert index.search(QUESTION, language="en")[0].passage.article_id == wanted


def test_confidence_rises_with_what_is_expected_and_falls_when_nothing_is_expected(index: SearchIndex) -> None:
    alone = index.search(QUESTION, language="en")[0]
    index.expecting = Says(Expected({alone.passage.article_id: 1.0}))
    sure = index.search(QUESTION, language="en")[0]
    index.expecting = Says(Expected({}))
    strange = index.search(QUESTION, language="en")[0]
    assert strange.confidence < alone.confidence < sure.confidence
    assert strange.score == alone.score == sure.score


def test_while_nothing_is_known_search_is_as_without(index: SearchIndex) -> None:
    alone = answer(index, QUESTION, language="en")
    index.expecting = Says(None)
    assert answer(index, QUESTION, language="en") == alone


def test_intents_share_the_articles_of_the_questions_that_have_them() -> None:
    read = [("hours", {"open": 0.9, "pay": 0.1}), ("hours", {"open": 0.7}), ("gifts", {"open": 0.4})]
    found = shares(read)
    assert found["open"] == {"hours": pytest.approx(0.8), "gifts": pytest.approx(0.2)}
    assert found["pay"] == {"hours": 1.0}


def test_a_question_is_about_the_articles_of_its_intents_by_their_chances() -> None:
    articles = {"open": {"hours": 0.8, "gifts": 0.2}, "pay": {"payment": 1.0}}
    found = expected_of({"open": 0.5, "pay": 0.25, "unknown": 0.25}, articles)
    assert found.articles == {"hours": 0.4, "gifts": 0.1, "payment": 0.25}
