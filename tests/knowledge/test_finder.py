"""Titles while one types."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from knowledge.finder import Finder
from knowledge.public import PublicLine

NOW = datetime(2026, 7, 20, tzinfo=UTC)


def line(article_id: str, title: str, *, language: str = "en", summary: str = "", questions: tuple[str, ...] = ()) -> PublicLine:
    return PublicLine(article_id, language, title, summary, "", (), questions, NOW)


ENGLISH = Finder(
    [
        line("return-policy", "What is your return policy?", summary="You can return an item within 30 days."),
        line("refund-times", "When will I get my refund?", questions=("where is my money",)),
        line("delivery-times", "How long does delivery take?"),
        line("teapot-sizes", "Which teapot size do I need?"),
    ]
)
PORTUGUESE = Finder(
    [line("devolucoes", "Qual é a política de devoluções?", language="pt"), line("horas", "Horário das lojas", language="pt")]
)
CHINESE = Finder([line("returns", "退貨政策是怎樣的？", language="zh-Hant"), line("hours", "門市何時營業？", language="zh-Hant")])


def ids(finder: Finder, typed: str) -> list[str]:
    return [found.article_id for found in finder.find(typed)]


@pytest.mark.parametrize(
    ("finder", "typed", "first"),
    [
        (ENGLISH, "refu", "refund-times"),
        (ENGLISH, "REFUND ", "refund-times"),
        (ENGLISH, "return pol", "return-policy"),
        (ENGLISH, "where is my mon", "refund-times"),
        (ENGLISH, "delivrey", "delivery-times"),
        (ENGLISH, "tea", "teapot-sizes"),
        (PORTUGUESE, "devolucoes", "devolucoes"),
        (PORTUGUESE, "DEVOLUÇ", "devolucoes"),
        (CHINESE, "退貨", "returns"),
        (CHINESE, "退货", "returns"),
        (CHINESE, "營業", "hours"),
    ],
)
def test_the_article_meant_comes_first(finder: Finder, typed: str, first: str) -> None:
    assert ids(finder, typed)[:1] == [first]


@pytest.mark.parametrize("typed", ["", "   ", "?!", "zzzzqqq", "a" * 5000, "\x00", "😀😀", "((((", "%_\\"])
def test_what_says_nothing_finds_nothing(typed: str) -> None:
    assert ids(ENGLISH, typed) == []


def test_a_finished_word_is_not_the_beginning_of_others() -> None:
    assert "teapot-sizes" in ids(ENGLISH, "teap")
    assert ids(ENGLISH, "delivery ") == ["delivery-times"]


def test_there_are_no_more_than_asked_for() -> None:
    many = Finder([line(f"a-{n}", f"Tea number {n}") for n in range(50)])
    assert len(many.find("tea", limit=8)) == 8
    assert Finder([]).find("tea") == []
