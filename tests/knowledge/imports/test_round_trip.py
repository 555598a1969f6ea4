"""Export and import again: whatever is in the knowledge base comes back the same."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from kit.db import Database
from kit.errors import InvalidInputError
from knowledge import articles
from knowledge.articles import LANGUAGES, check_draft
from knowledge.exporting import export_articles, pack, write_folder
from knowledge.frontmatter import read_markdown, write_markdown
from knowledge.importing import import_articles, read_markdown_folder
from knowledge.imports.models import SourceRow
from knowledge.models import ArticleRow
from knowledge.types import Article, ArticleDraft, Version
from tests.knowledge.imports.helping import Desk

SAMPLE = Path(__file__).parents[3] / "sample_shop" / "articles"
odd = st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=60)
lines = st.lists(
    st.one_of(odd, st.sampled_from(["---", "title: x", "# Heading", "", "\r", "- a", "\u2028", "\x85", "{{ x }}"])), max_size=8
)


@st.composite
def drafts(draw: Any) -> ArticleDraft:
    """Any draft that can be stored."""
    given_draft = ArticleDraft(
        draw(st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)),
        draw(st.sampled_from(LANGUAGES)),
        "T" + draw(odd),
        "B" + "\n".join(draw(lines)),
        draw(odd),
        tuple(draw(st.lists(odd, max_size=3))),
        draw(st.sampled_from(["public", "internal"])),
        tuple(draw(st.lists(odd, max_size=3))),
    )
    return check_draft(given_draft)


def stored(draft: ArticleDraft, status: str) -> tuple[Article, Version]:
    """A draft as it is in the database."""
    from kit.clock import utc_now

    version = Version(draft.id, draft.language, 1, draft.title, draft.body, status, "e", utc_now(), None, draft.questions or ())
    return Article(draft.id, status, draft.category, draft.tags, draft.audience, utc_now(), (version,)), version


@given(drafts(), st.sampled_from(["published", "draft", "archived"]))
@settings(max_examples=400, deadline=None)
def test_any_article_reads_back_as_it_was_written(draft: ArticleDraft, status: str) -> None:
    article, version = stored(draft, status)
    found = read_markdown(write_markdown(article, version, status=status))
    assert found.draft == draft
    assert found.status == ("" if status == "published" else status)
    assert found.unknown == ()


State = dict[str, Any]


async def state_of(session: AsyncSession) -> State:
    """Everything that readers and editors see."""
    found = await articles.list_articles(session, limit=1000)
    return {
        one.id: (
            one.status, one.category, one.tags, one.audience,
            sorted((v.language, "draft" if one.status == "archived" else v.status, v.title, v.body, v.questions) for v in one.versions),
        )
        for one in found
    }  # fmt: skip


async def fill(session: AsyncSession, found: list[tuple[ArticleDraft, str]]) -> None:
    """Puts drafts in, published, as drafts, or published with another draft on top; one that is there in the language is passed over."""
    known: set[tuple[str, str]] = set()
    for draft, how in found:
        if (draft.id, draft.language) in known:
            continue
        try:
            if any(draft.id == article_id for article_id, _ in known):
                await articles.save_draft(session, draft, editor="e", expected_version=0)
            else:
                await articles.create_article(session, draft, editor="e")
        except InvalidInputError:
            continue
        known.add((draft.id, draft.language))
        if how != "draft":
            await articles.publish(session, draft.id, draft.language)
        if how == "both":
            from dataclasses import replace

            await articles.save_draft(session, replace(draft, body=draft.body + " more"), editor="e", expected_version=1)


@pytest.mark.integration
def test_any_knowledge_base_comes_back_the_same_and_again_changes_nothing(database_url: str) -> None:
    base = st.lists(st.tuples(drafts(), st.sampled_from(["published", "draft", "both"])), min_size=1, max_size=5)

    @given(base)
    @settings(
        max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    def round_trip(found: list[tuple[ArticleDraft, str]]) -> None:
        asyncio.run(_round_trip(database_url, found))

    round_trip()


async def _round_trip(url: str, found: list[tuple[ArticleDraft, str]]) -> None:
    desk = Desk(Database(url))
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with desk.database.transaction() as session:
                await _clear(session)
                await fill(session, found)
                before, files = await state_of(session), await export_articles(session)
                await _clear(session)
            write_folder(Path(folder) / "out", files)
            source = await desk.source(Path(folder) / "out")
            await desk.bring(source)
            async with desk.database.transaction() as session:
                assert await state_of(session) == before
                assert sorted(await export_articles(session)) == sorted(files)
            again = await desk.preview(source)
            assert again.state == "done"
            assert set(again.counts) <= {"unchanged", "kept"}
    finally:
        await desk.database.close()


async def _clear(session: AsyncSession) -> None:
    await session.execute(delete(SourceRow))
    await session.execute(delete(ArticleRow))


@pytest.mark.integration
async def test_the_sample_shop_exports_and_imports_back_with_retired_articles(database: Database, tmp_path: Path) -> None:
    desk = Desk(database)
    async with database.transaction() as session:
        found = [draft for folder in sorted(SAMPLE.iterdir()) for draft in read_markdown_folder(folder)]
        await import_articles(session, found, editor="seed")
        await articles.archive(session, found[0].id)
        before, files = await state_of(session), await export_articles(session)
        await _clear(session)
    assert len(files) == len(found)
    (tmp_path / "all.zip").write_bytes(pack(files))
    run = await desk.bring(await desk.source(tmp_path / "all.zip"))
    assert run.counts == {"new": len(found), "stored": len(found)}
    async with database.transaction() as session:
        after = await state_of(session)
        assert {name: one for name, one in after.items() if name != found[0].id} == {
            n: one for n, one in before.items() if n != found[0].id
        }
        assert after[found[0].id][0] == "archived"
        assert sorted(await export_articles(session)) == sorted(files)


def test_an_export_is_not_mixed_with_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("x")
    with pytest.raises(InvalidInputError, match="not an empty folder"):
        write_folder(tmp_path, [("en/a.md", "x")])
