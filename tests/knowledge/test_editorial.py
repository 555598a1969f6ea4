"""Review, owner, dates, unsaved text and differences of articles, in the real database where there is one to ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import FixedClock
from kit.errors import InvalidInputError
from knowledge import articles
from knowledge.articles import ArticleFilter, NothingToReviewError
from knowledge.difference import changes, compare
from knowledge.expiry import notice_expired
from knowledge.importing import import_articles
from knowledge.index import load_index, needs_refresh, reindex
from knowledge.reading import count_cares
from knowledge.translations import outdated
from knowledge.types import Details
from knowledge.working_copies import copies_of, drop_copy, keep_copy
from tests.knowledge.fakes import GIFTS, RETURNS, RETURNS_PT, SHOP, HashingEmbedder

MORNING = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.mark.integration
async def test_a_change_takes_a_text_back_from_review(session: AsyncSession) -> None:
    await articles.create_article(session, RETURNS, editor="eve")
    submitted = await articles.submit(session, RETURNS.id, "en", editor="eve")
    assert (submitted.status, submitted.submitted_by) == ("in_review", "eve")
    assert [a.id for a in await articles.list_articles(session, ArticleFilter(status="in_review"))] == [RETURNS.id]
    await articles.save_draft(session, replace(RETURNS, body="Changed."), editor="bob", expected_version=1)
    article = await articles.get_article(session, RETURNS.id)
    assert [(v.version, v.status) for v in article.versions] == [(2, "draft")]
    with pytest.raises(NothingToReviewError):
        await articles.send_back(session, RETURNS.id, "en")


@pytest.mark.integration
async def test_nothing_cannot_be_submitted(session: AsyncSession) -> None:
    await articles.create_article(session, replace(RETURNS, body=""), editor="eve")
    for language in ("en", "pt"):
        with pytest.raises(InvalidInputError):
            await articles.submit(session, RETURNS.id, language, editor="eve")


@pytest.mark.integration
async def test_what_has_expired_is_served_nowhere_until_its_time_is_moved(session: AsyncSession) -> None:
    embedder, clock = HashingEmbedder(), FixedClock(MORNING)
    await import_articles(session, SHOP, editor="eve", clock=clock)
    await reindex(session, embedder)
    await articles.set_details(session, GIFTS.id, Details(GIFTS.category, expires_at=MORNING + timedelta(hours=1)), clock=clock)
    index = await load_index(session, embedder, clock=clock)
    assert index.search("gift card", language="en")[0].passage.article_id == GIFTS.id
    assert await notice_expired(session, clock=clock) == ()
    clock.advance(3600)
    assert await articles.find_published(session, GIFTS.id, "en", clock=clock) is None
    assert await notice_expired(session, clock=clock) == (GIFTS.id,)
    assert await notice_expired(session, clock=clock) == ()
    assert await needs_refresh(session, index.generation)
    after = await load_index(session, embedder, clock=clock)
    assert GIFTS.id not in {hit.passage.article_id for hit in after.search("gift card", language="en", limit=10)}
    assert [a.id for a in await articles.list_articles(session, ArticleFilter(care="expired"), clock=clock)] == [GIFTS.id]
    await articles.set_details(session, GIFTS.id, Details(GIFTS.category), clock=clock)
    again = await load_index(session, embedder, clock=clock)
    assert again.search("gift card", language="en")[0].passage.article_id == GIFTS.id


@pytest.mark.integration
async def test_a_past_review_date_makes_an_article_stale(session: AsyncSession) -> None:
    clock = FixedClock(MORNING)
    await import_articles(session, [GIFTS], editor="eve", clock=clock)
    await articles.set_details(session, GIFTS.id, Details(review_by=MORNING.date()), clock=clock)
    assert (await count_cares(session, clock=clock))["stale"] == 0
    clock.advance(86_400)
    assert await count_cares(session, clock=clock) == {"in_review": 0, "stale": 1, "expired": 0, "outdated": 0}
    assert await articles.find_published(session, GIFTS.id, "en", clock=clock) is not None


@pytest.mark.integration
async def test_describing_leaves_owner_and_dates_alone(session: AsyncSession) -> None:
    await articles.create_article(session, GIFTS, editor="eve", owner="eve")
    kept = Details(owner="eve", review_by=MORNING.date(), expires_at=MORNING)
    await articles.set_details(session, GIFTS.id, kept)
    await articles.describe_article(session, GIFTS.id, category="gifts", tags=["b"], audience="internal")
    assert (await articles.get_article(session, GIFTS.id)).details == replace(kept, category="gifts", tags=("b",), audience="internal")


@pytest.mark.integration
async def test_translations_saved_with_their_source_are_not_called_old(session: AsyncSession) -> None:
    clock = FixedClock(MORNING)
    await import_articles(session, [RETURNS_PT, RETURNS], editor="eve", clock=clock)  # the translation first
    assert (await articles.get_article(session, RETURNS.id)).source == "pt"
    await articles.set_details(session, RETURNS.id, replace((await articles.get_article(session, RETURNS.id)).details, source="en"))
    assert outdated(await articles.get_article(session, RETURNS.id)) == ()
    clock.advance(3600)
    await import_articles(session, [replace(RETURNS, body="New.")], editor="eve", clock=clock)
    assert outdated(await articles.get_article(session, RETURNS.id)) == ("pt",)
    assert [a.id for a in await articles.list_articles(session, ArticleFilter(care="outdated"))] == [RETURNS.id]
    await articles.save_draft(session, replace(RETURNS_PT, body="Novo."), editor="eve", expected_version=None, clock=clock)
    assert await articles.list_articles(session, ArticleFilter(care="outdated")) == []


@pytest.mark.integration
async def test_everybody_has_their_own_unsaved_text(session: AsyncSession) -> None:
    await articles.create_article(session, RETURNS, editor="eve")
    await keep_copy(session, replace(RETURNS, body="Eve's"), editor="eve", base=1)
    await keep_copy(session, replace(RETURNS, body="Bob's"), editor="bob", base=1)
    await keep_copy(session, replace(RETURNS, title="", body="Eve's later"), editor="eve", base=1)
    assert {copy.editor: (copy.title, copy.body) for copy in await copies_of(session, RETURNS.id)} == {
        "eve": ("", "Eve's later"),
        "bob": (RETURNS.title, "Bob's"),
    }
    await drop_copy(session, RETURNS.id, "en", editor="eve")
    assert [copy.editor for copy in await copies_of(session, RETURNS.id)] == ["bob"]
    assert [v.version for v in await articles.versions(session, RETURNS.id, "en")] == [1]


def said(old: str, new: str) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(line.kind, [(part.kind, part.text) for part in line.parts]) for line in compare(old, new)]


def test_a_difference_names_the_words_that_changed() -> None:
    assert said("Hello\nWithin 14 days.", "Hello\nWithin 30 days.") == [
        ("same", [("same", "Hello")]),
        ("changed", [("same", "Within "), ("removed", "14"), ("added", "30"), ("same", " days.")]),
    ]


def test_chinese_is_compared_character_by_character() -> None:
    assert said("收貨後可以退貨", "收貨前可以退貨")[0][1] == [
        ("same", "收貨"), ("removed", "後"), ("added", "前"), ("same", "可以退貨"),
    ]  # fmt: skip


def test_new_and_lost_lines_are_whole() -> None:
    assert said("a\nb", "b\nsomething else") == [
        ("removed", [("removed", "a")]),
        ("same", [("same", "b")]),
        ("added", [("added", "something else")]),
    ]


def test_a_difference_leaves_nothing_out() -> None:
    old, new = "# One\n\ntext here\n\n- a\n- b", "# Two\n\ntext there, longer\n\n- b\n- c\n"
    lines = compare(old, new)
    assert "\n".join("".join(p.text for p in line.parts if p.kind != "added") for line in lines if line.kind != "added") == old
    assert "\n".join("".join(p.text for p in line.parts if p.kind != "removed") for line in lines if line.kind != "removed") == new
    assert {line.kind for line in lines} == {"same", "added", "removed"}


def test_comparing_huge_and_dull_texts_ends() -> None:
    dull = "\n".join(["x", "", "y"] * 30_000)
    assert changes(compare(dull, dull.replace("y", "z"))) > 0
    assert changes(compare("a " * 100_000, "b " * 100_000)) == 2
