"""What is searched for is cut as the database cuts what it searches."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from context.search_words import parse_search

SAID = {
    "order": "Where is my order LC-100002, please?",
    "portuguese": "A minha devolução não chegou à Conceição",
    "chinese": "你好，我想退貨，訂單 LC-100003 收到時已破損。",
    "mail": "ana.demo@example.com",
}


@pytest.mark.integration
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("order", {"order"}),
        ("ORD", {"order"}),
        ("lc-100002", {"order"}),
        ("100003", {"chinese"}),
        ("devolucao", {"portuguese"}),
        ("Devolução chegou", {"portuguese"}),
        ("退貨", {"chinese"}),
        ("貨退", set()),
        ("破損 lc", {"chinese"}),
        ("demo@example", {"mail"}),
        ("order devolucao", set()),
        ("it's", set()),
    ],
)
async def test_words_beginnings_accents_and_chinese_are_found(session: AsyncSession, wanted: str, found: set[str]) -> None:
    parsed = parse_search(wanted)
    assert parsed is not None
    query = text("SELECT search_words(:said) @@ to_tsquery('simple', :query) AS found")
    hits = {
        name
        for name, said in SAID.items()
        if (await session.execute(query, {"said": said, "query": parsed.query})).scalar_one() and all(run in said for run in parsed.runs)
    }
    assert hits == found


@pytest.mark.parametrize("said", ["", "  ", "!?&|'", "，。"])
def test_nothing_to_look_for_is_nothing(said: str) -> None:
    assert parse_search(said) is None


@pytest.mark.integration
@pytest.mark.parametrize(
    "said", ["a:*|b", "'); DROP TABLE message; --", "x" * 5000, "<->!()&", "\\'", "١٢٣ عربي", "👍🏽 tea", "12abc 1e5 -7", "½ ²"]
)
async def test_whatever_somebody_types_is_a_question_that_can_be_asked(session: AsyncSession, said: str) -> None:
    parsed = parse_search(said)
    if parsed is not None:
        found = await session.execute(
            text("SELECT to_tsquery('simple', :query), search_words(:said)"), {"query": parsed.query, "said": said}
        )
        assert found.one()
