"""The live understander reads the attached questions in the background, once, and then says what a question is about."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.expecting import A_SHELF, Understood, chosen_questions
from knowledge.building import index_drafts
from knowledge.search import SearchIndex
from knowledge.types import ArticleDraft
from nlu.intents import Prediction
from tests.knowledge.fakes import HashingEmbedder

HOURS = ArticleDraft("hours", "en", "Opening hours", "We open at ten.", questions=("when do you open", "open on sunday"))
GIFTS = ArticleDraft("gifts", "en", "Gift cards", "A card is valid for a year.", questions=("is my card still valid",))


class Reader:
    """Understands by a word, and counts what it was asked."""

    def __init__(self, model: str = "one") -> None:
        self.model, self.read = model, 0

    def likely_intents(self, texts: Sequence[str], *, language: str) -> list[Prediction]:
        """See the port."""
        assert language == "en"
        self.read += len(texts)
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Prediction:
        name = "hours" if "open" in text else "cards" if "card" in text else None
        return Prediction(name, (((name or "hours"), 0.9),), 1.0)


@pytest.fixture
def index() -> SearchIndex:
    return index_drafts([HOURS, GIFTS], HashingEmbedder())


def understood(reader: Reader | None, index: SearchIndex, folder: Path) -> Understood:
    return Understood(lambda: reader, lambda: index, file=folder / "index" / "expected.json")


async def test_a_question_is_about_the_article_whose_questions_are_understood_alike(index: SearchIndex, tmp_path: Path) -> None:
    found = understood(Reader(), index, tmp_path)
    assert found.expected("do you open late", "en") is None
    found.refresh()
    await found.finish()
    expected = found.expected("do you open late", "en")
    assert expected is not None
    assert expected.articles == {"hours": 0.9}


async def test_what_was_read_is_kept_for_the_next_start_and_read_anew_by_another_model(index: SearchIndex, tmp_path: Path) -> None:
    for reader, read in ((Reader(), 3), (Reader(), 0), (Reader("two"), 3)):
        found = understood(reader, index, tmp_path)
        found.refresh()
        await found.finish()
        assert reader.read == read
        assert found.expected("open?", "en") is not None


@pytest.mark.parametrize("harm", ["", "{}", '{"model": "one", "questions": 3}', "\x00"])
async def test_a_damaged_file_is_read_anew(index: SearchIndex, tmp_path: Path, harm: str) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "expected.json").write_text(harm, encoding="utf-8")
    reader = Reader()
    found = understood(reader, index, tmp_path)
    found.refresh()
    await found.finish()
    assert reader.read == 3


async def test_without_an_understander_nothing_is_expected(index: SearchIndex, tmp_path: Path) -> None:
    found = understood(None, index, tmp_path)
    found.refresh()
    await found.finish()
    assert found.expected("open?", "en") is None


def test_an_article_has_a_few_of_its_questions_read() -> None:
    many = ArticleDraft("many", "en", "Many", "Asked a lot.", questions=tuple(f"question {n}" for n in range(3 * A_SHELF)))
    assert len(chosen_questions(index_drafts([many], HashingEmbedder()))) == A_SHELF


async def test_reading_rests_between_portions_and_hurries_when_waited_for(
    index: SearchIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr("app.expecting.time.sleep", rests.append)
    found = understood(Reader(), index, tmp_path)
    found.refresh()
    while found.expected("open?", "en") is None:
        await asyncio.sleep(0.001)
    assert len(rests) == 1
    hurried = understood(Reader("two"), index, tmp_path)
    hurried.refresh()
    await hurried.finish()
    assert len(rests) == 1


async def test_what_was_read_before_a_kill_is_not_read_again(index: SearchIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.expecting.STORE_SECONDS", 0.0)
    monkeypatch.setattr("app.expecting.BATCH", 1)

    class Dies(Reader):
        def likely_intents(self, texts: Sequence[str], *, language: str) -> list[Prediction]:
            if self.read == 2:
                raise RuntimeError("killed")
            return super().likely_intents(texts, language=language)

    first = understood(Dies(), index, tmp_path)
    first.refresh()
    await first.finish()
    again = Reader()
    found = understood(again, index, tmp_path)
    found.refresh()
    await found.finish()
    assert again.read == 1
