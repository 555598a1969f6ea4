"""Search with the encoders that it has by default: across languages, with typing errors, in Cantonese."""

from __future__ import annotations

import pytest

from app.search_encoder import search_encoder
from app.settings import read_settings
from knowledge.building import index_drafts
from knowledge.search import SearchIndex
from tests.knowledge.fakes import SHOP

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return index_drafts(SHOP, search_encoder(read_settings()))


@pytest.mark.parametrize(
    ("question", "language", "article", "shown_in"),
    [
        ("validade do cartão-presente", "pt", "gift-cards", "en"),
        ("禮品卡可以用幾耐？", "zh-Hant", "gift-cards", "en"),
        ("商店几点开门？", "zh-Hans", "store-hours", "en"),
        ("can I send something back?", "en", "return-policy", "en"),
        ("quero devolver o que comprei", "pt", "return-policy", "pt"),
    ],
)
def test_an_article_is_found_from_another_language_and_in_the_readers_own_first(
    index: SearchIndex, question: str, language: str, article: str, shown_in: str
) -> None:
    hit = index.search(question, language=language)[0]
    assert (hit.passage.article_id, hit.passage.language) == (article, shown_in)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("hwo do I retrun an itme", "en"),
        ("qual a politca de devoluçoes", "pt"),
        ("我想退嘢，要俾幾錢？", "zh-Hant"),
        ("點樣退返件貨俾你哋？", "zh-Hant"),
    ],
)
def test_typing_errors_and_cantonese_are_understood(index: SearchIndex, question: str, language: str) -> None:
    assert index.search(question, language=language)[0].passage.article_id == "return-policy"
