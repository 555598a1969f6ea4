"""A reranker changes the order of the best and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.search_encoder import open_reranker
from app.settings import read_settings
from kit.errors import UnavailableError
from knowledge.types import Filters
from tests.knowledge.fakes import index_of

QUESTION = "how long can I return something?"


class Favours:
    """A reranker that likes texts with a word."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.read: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        assert question == QUESTION
        self.read += texts
        return [float(self.word in text) for text in texts]


class Broken:
    """A reranker whose model is gone."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        raise UnavailableError("no such model")


def test_it_changes_the_order_and_no_confidence() -> None:
    index = index_of()
    before = index.search(QUESTION, language="en", limit=3)
    last = before[-1].passage
    reranker = Favours(last.text)
    index.reranker = reranker
    after = index.search(QUESTION, language="en", limit=3)
    assert after[0].passage == last
    assert {(h.passage.id, h.confidence) for h in after} == {(h.passage.id, h.confidence) for h in before}
    assert all(text.partition("\n")[0] for text in reranker.read), "titles are read too"


def test_equals_stay_in_the_order_of_search() -> None:
    index = index_of()
    before = index.search(QUESTION, language="en")
    index.reranker = Favours("no text has this")
    assert index.search(QUESTION, language="en") == before


def test_what_filters_hide_is_not_read() -> None:
    index = index_of()
    reranker = Favours("x")
    index.reranker = reranker
    index.search(QUESTION, language="en", filters=Filters(audience="public"))
    assert reranker.read
    assert not any("supplier" in text for text in reranker.read)


def test_search_goes_on_without_one_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    index = index_of()
    before = index.search(QUESTION, language="en")
    index.reranker = Broken()
    assert index.search(QUESTION, language="en") == before


def test_a_changed_index_keeps_it() -> None:
    index = index_of()
    index.reranker = Favours("x")
    assert index.changed(set(), [], generation=2).reranker is index.reranker


def test_a_name_that_cannot_be_read_leaves_search_without_one(tmp_path: Path) -> None:
    settings = {"BATON_DATA_DIR": str(tmp_path), "BATON_RERANKER": "no-such-thing"}
    assert open_reranker(read_settings(settings)) is None
    assert open_reranker(read_settings({"BATON_DATA_DIR": str(tmp_path)})) is None
    assert open_reranker(read_settings(settings | {"BATON_RERANKER": "ce:owner/model@abc"})) is not None
