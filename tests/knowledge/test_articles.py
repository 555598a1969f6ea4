"""Writing, publishing, retiring, importing and indexing articles in the real database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import InvalidInputError
from knowledge import articles
from knowledge.articles import ArticleChangedError, ArticleExistsError, ArticleFilter, ArticleNotFoundError
from knowledge.importing import ImportReport, import_articles, read_markdown_folder
from knowledge.index import current_generation, load_index, needs_refresh, recalibrate, reindex
from knowledge.models import EmbeddingRow, PassageRow
from knowledge.types import ArticleDraft
from tests.knowledge.fakes import GIFTS, HOURS, RETURNS, RETURNS_ZH, SHOP, HashingEmbedder

pytestmark = pytest.mark.integration


async def test_a_draft_is_saved_published_and_replaced(session: AsyncSession) -> None:
    await articles.create_article(session, RETURNS, editor="eve")
    first = await articles.publish(session, RETURNS.id, "en")
    second = await articles.save_draft(session, replace(RETURNS, body="New."), editor="bob", expected_version=first.version)
    await articles.publish(session, RETURNS.id, "en")
    assert [(v.version, v.status, v.editor) for v in await articles.versions(session, RETURNS.id, "en")] == [
        (2, "published", "bob"),
        (1, "archived", "eve"),
    ]
    published = await articles.find_published(session, RETURNS.id, "en")
    assert published is not None
    assert (published.version, published.body) == (second.version, "New.")


async def test_the_second_of_two_editors_is_told_and_nothing_is_lost(session: AsyncSession) -> None:
    seen = await articles.create_article(session, RETURNS, editor="eve")
    await articles.save_draft(session, replace(RETURNS, body="Eve's."), editor="eve", expected_version=seen.version)
    with pytest.raises(ArticleChangedError):
        await articles.save_draft(session, replace(RETURNS, body="Bob's."), editor="bob", expected_version=seen.version)
    draft = (await articles.get_article(session, RETURNS.id)).find("en", "draft")
    assert draft is not None
    assert draft.body == "Eve's."


async def test_an_id_is_taken_once(session: AsyncSession) -> None:
    await articles.create_article(session, RETURNS, editor="eve")
    with pytest.raises(ArticleExistsError):
        await articles.create_article(session, RETURNS, editor="eve")


@pytest.mark.parametrize(
    "wrong",
    [
        replace(RETURNS, id="Return Policy"),
        replace(RETURNS, id="-"),
        replace(RETURNS, language="de"),
        replace(RETURNS, title="  "),
        replace(RETURNS, title="x" * 301),
        replace(RETURNS, body="x" * 200_001),
        replace(RETURNS, body="a\0b"),
        replace(RETURNS, audience="friends"),
    ],
)
async def test_what_cannot_be_an_article_is_refused(session: AsyncSession, wrong: ArticleDraft) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await articles.create_article(session, wrong, editor="eve")
    assert refused.value.hint


async def test_nothing_and_emptiness_cannot_be_published(session: AsyncSession) -> None:
    await articles.create_article(session, replace(RETURNS, body=" "), editor="eve")
    with pytest.raises(InvalidInputError, match="empty"):
        await articles.publish(session, RETURNS.id, "en")
    with pytest.raises(InvalidInputError, match="no draft"):
        await articles.publish(session, RETURNS.id, "pt")
    with pytest.raises(ArticleNotFoundError):
        await articles.publish(session, "nowhere", "pt")


async def test_simplified_is_served_from_traditional_until_it_has_its_own(session: AsyncSession) -> None:
    await articles.create_article(session, RETURNS_ZH, editor="eve")
    await articles.publish(session, RETURNS.id, "zh-Hant")
    converted = await articles.find_published(session, RETURNS.id, "zh-Hans")
    assert converted is not None
    assert converted.title == "退货政策是怎样的？"
    own = replace(RETURNS_ZH, language="zh-Hans", title="怎么退货", body="三十天内。")
    await articles.save_draft(session, own, editor="eve", expected_version=0)
    await articles.publish(session, RETURNS.id, "zh-Hans")
    found = await articles.find_published(session, RETURNS.id, "zh-Hans")
    assert found is not None
    assert found.title == "怎么退货"


async def test_articles_are_listed_by_what_is_asked(session: AsyncSession) -> None:
    await import_articles(session, SHOP, editor="eve")
    assert [a.id for a in await articles.list_articles(session, ArticleFilter(audience="internal"))] == ["supplier-prices"]
    assert [a.id for a in await articles.list_articles(session, ArticleFilter(language="pt"))] == ["return-policy"]
    assert [a.id for a in await articles.list_articles(session, ArticleFilter(text="GIFT CARDS"))] == ["gift-cards"]
    assert [a.id for a in await articles.list_articles(session, ArticleFilter(text="%"))] == []


async def test_what_is_published_is_found_and_what_is_archived_is_not(session: AsyncSession) -> None:
    embedder = HashingEmbedder()
    await import_articles(session, SHOP, editor="eve")
    await reindex(session, embedder)
    index = await load_index(session, embedder)
    assert index.search("gift card", language="en")[0].passage.article_id == "gift-cards"
    retired = await articles.archive(session, "gift-cards")
    assert [version.language for version in retired] == ["en"]
    assert await needs_refresh(session, index.generation)
    after = await load_index(session, embedder)
    assert "gift-cards" not in {hit.passage.article_id for hit in after.search("gift card", language="en", limit=10)}
    assert index.search("gift card", language="en")[0].passage.article_id == "gift-cards"


async def test_a_published_change_is_found_and_only_it_is_embedded_again(session: AsyncSession) -> None:
    embedder = HashingEmbedder()
    await import_articles(session, SHOP, editor="eve")
    assert await reindex(session, embedder) == (await session.execute(select(func.count()).select_from(PassageRow))).scalar_one()
    assert await reindex(session, embedder) == 0
    before = await current_generation(session)
    await articles.save_draft(session, replace(HOURS, body="We open at noon."), editor="eve", expected_version=None)
    await articles.publish(session, HOURS.id, "en")
    assert await reindex(session, embedder, article_id=HOURS.id) == 1
    assert await current_generation(session) == before + 1
    found = (await load_index(session, embedder)).search("stores open", language="en")[0]
    assert found.passage.text == "We open at noon."


async def test_drafts_are_not_found(session: AsyncSession) -> None:
    await articles.create_article(session, GIFTS, editor="eve")
    await reindex(session, HashingEmbedder())
    assert (await load_index(session, HashingEmbedder())).entries == ()


async def test_another_encoder_embeds_beside_the_first(session: AsyncSession) -> None:
    old, new = HashingEmbedder("old"), HashingEmbedder("new")
    await import_articles(session, SHOP, editor="eve")
    count = await reindex(session, old)
    bare = await load_index(session, new)
    assert bare.search("gift card", language="en")[0].passage.article_id == "gift-cards"
    assert await reindex(session, new) == count
    names = (await session.execute(select(EmbeddingRow.encoder).distinct().order_by(EmbeddingRow.encoder))).scalars().all()
    assert names == ["new", "old"]


async def test_changed_tags_are_embedded_again(session: AsyncSession) -> None:
    embedder = HashingEmbedder()
    await import_articles(session, [GIFTS], editor="eve")
    await reindex(session, embedder)
    await articles.describe_article(session, GIFTS.id, category="x", tags=["voucher"], audience="public")
    assert await reindex(session, embedder) == 1
    assert (await load_index(session, embedder)).search("voucher", language="en")[0].passage.article_id == GIFTS.id


async def test_importing_again_changes_nothing(session: AsyncSession) -> None:
    first = await import_articles(session, SHOP, editor="eve")
    assert len(first.created) == len(SHOP)
    before = await current_generation(session)
    again = await import_articles(session, SHOP, editor="eve")
    assert again == ImportReport(unchanged=first.created)
    assert await current_generation(session) == before
    changed = await import_articles(session, [*SHOP[1:], replace(RETURNS, body="Other.")], editor="eve")
    assert changed.changed == ("return-policy/en",)


async def test_a_calibration_is_kept_for_its_encoder(session: AsyncSession) -> None:
    embedder = HashingEmbedder()
    lines = [ArticleDraft(f"topic-{n}", "en", f"What about {w}?", f"The {w} of our shop is {w * 2}.") for n, w in enumerate(_words(60))]
    await import_articles(session, lines, editor="eve")
    await reindex(session, embedder)
    calibration = await recalibrate(session, embedder)
    assert calibration.curve("en").examples > 100
    assert (await load_index(session, embedder)).calibration == calibration
    assert (await load_index(session, HashingEmbedder("other"))).calibration.curve("en").examples == 0


async def test_what_changes_much_is_calibrated_again_at_once(session: AsyncSession) -> None:
    embedder, other = HashingEmbedder(), HashingEmbedder("other")
    lines = [
        ArticleDraft(f"topic-{n}", "en", f"What about {w}?", f"The {w} of our shop is {w * 2}.", questions=(f"any {w} left", f"{w} please"))
        for n, w in enumerate(_words(60))
    ]
    await import_articles(session, lines, editor="eve")
    await reindex(session, embedder)
    first = (await load_index(session, embedder)).calibration
    assert first.curve("en").examples > 100
    assert (await load_index(session, other)).calibration.curve("en").examples == 0
    await import_articles(session, [replace(lines[0], body="Something else.")], editor="eve")
    await reindex(session, embedder)
    assert (await load_index(session, embedder)).calibration == first
    await import_articles(session, [replace(line, body="All is new now.") for line in lines[1:9]], editor="eve")
    await reindex(session, embedder)
    assert (await load_index(session, embedder)).calibration != first


async def test_attached_questions_are_loaded_with_their_vectors(session: AsyncSession) -> None:
    embedder = HashingEmbedder()
    await import_articles(session, [replace(GIFTS, questions=("voucher for my aunt",)), HOURS], editor="eve")
    await reindex(session, embedder)
    calls = embedder.calls
    index = await load_index(session, embedder)
    assert embedder.calls == calls
    assert [one.text for one in index.asked.questions] == ["voucher for my aunt"]
    row = index.asked.questions[0].row
    assert row is not None
    assert (row == embedder.encode(["voucher for my aunt"])[0]).all()


def _words(count: int) -> list[str]:
    syllables = ["ba", "ko", "mi", "tu", "re", "so", "la", "ni"]
    return [syllables[n % 8] + syllables[n // 8 % 8] + syllables[(n * 3 + 1) % 8] for n in range(count)]


async def test_the_sample_articles_import(session: AsyncSession) -> None:
    drafts = read_markdown_folder(Path(__file__).parents[2] / "sample_shop" / "articles")
    report = await import_articles(session, drafts, editor="seed")
    assert len(report.created) == len(drafts)
