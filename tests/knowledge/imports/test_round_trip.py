"""Export and import again: whatever is in the knowledge base comes back the same."""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.blobs import MemoryBlobs
from kit.db import Database
from kit.errors import InvalidInputError
from knowledge import articles
from knowledge.articles import LANGUAGES, check_draft
from knowledge.exporting import Export, export_articles, pack, write_folder
from knowledge.files import Upload, add_file, list_files
from knowledge.frontmatter import read_markdown, write_markdown
from knowledge.importing import import_articles, read_markdown_folder
from knowledge.imports.models import ImportFileRow, SourceRow
from knowledge.models import ArticleRow
from knowledge.types import Article, ArticleDraft, Version
from tests.knowledge.imports.helping import Desk
from tests.knowledge.sources.making import picture

FILES = (Upload("photo.png", picture((1, 2, 3))), Upload("photo.png", picture((9, 9, 9))), Upload("terms.txt", b"Bedingungen"))
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
        owner=draw(st.one_of(st.none(), odd.filter(str.strip))),
        review_by=draw(st.one_of(st.none(), st.dates())),
        expires_at=draw(st.one_of(st.none(), st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))),  # noqa: DTZ001
    )
    return check_draft(given_draft)


def stored(draft: ArticleDraft, status: str) -> tuple[Article, Version]:
    """A draft as it is in the database."""
    from kit.clock import utc_now

    version = Version(draft.id, draft.language, 1, draft.title, draft.body, status, "e", utc_now(), None, draft.questions or ())
    given_details = {"owner": draft.owner or "", "review_by": draft.review_by, "expires_at": draft.expires_at, "source": draft.language}
    return Article(draft.id, status, draft.category, draft.tags, draft.audience, utc_now(), (version,), **given_details), version  # type: ignore[arg-type]


@given(drafts(), st.sampled_from(["published", "draft", "archived"]))
@settings(max_examples=400, deadline=None)
def test_any_article_reads_back_as_it_was_written(draft: ArticleDraft, status: str) -> None:
    article, version = stored(draft, status)
    found = read_markdown(write_markdown(article, version, status=status))
    assert found.draft == draft
    assert found.status == ("" if status == "published" else status)
    assert found.unknown == ()


State = dict[str, Any]
_OWN = re.compile(r"/article-files/[0-9a-f-]{36}")


async def state_of(session: AsyncSession) -> State:
    """Everything that readers and editors see."""
    found = await articles.list_articles(session, limit=1000)
    return {
        one.id: (
            one.status, one.details, sorted((f.name, f.digest) for f in await list_files(session, one.id)),
            sorted(
                (v.language, "draft" if one.status == "archived" else v.status, v.title, _OWN.sub("/f", v.body), v.questions)
                for v in one.versions
            ),
        )
        for one in found
    }  # fmt: skip


async def fill(session: AsyncSession, found: list[tuple[ArticleDraft, str]], blobs: MemoryBlobs) -> None:
    """Puts drafts in, published, as drafts, or published with another draft on top; one that is there in the language is passed over.

    Every second article gets files: one that its text shows, another of the same name, one that stands beside.
    """
    known: set[tuple[str, str]] = set()
    for draft, how in found:
        if (draft.id, draft.language) in known:
            continue
        try:
            if any(draft.id == article_id for article_id, _ in known):
                await articles.save_draft(session, draft, editor="e", expected_version=0)
            else:
                await articles.add_article(session, draft)
                details = (await articles.get_article(session, draft.id)).details
                told = {"owner": draft.owner or "", "review_by": draft.review_by, "expires_at": draft.expires_at}
                await articles.set_details(session, draft.id, replace(details, **told))  # type: ignore[arg-type]
                if len(known) % 2 == 0:
                    files = [await add_file(session, blobs, one, article_id=draft.id, editor="e") for one in FILES]
                    draft = replace(draft, body=f"{draft.body}\n\n![a]({files[0].url}) and [b](<{files[1].url}>)")
                await articles.save_draft(session, draft, editor="e", expected_version=0)
        except InvalidInputError:
            continue
        known.add((draft.id, draft.language))
        if how != "draft":
            await articles.publish(session, draft.id, draft.language)
        if how == "both":
            await articles.save_draft(session, replace(draft, body=draft.body + " more"), editor="e", expected_version=1)


@pytest.mark.integration
def test_any_knowledge_base_comes_back_the_same_and_again_changes_nothing(database_url: str) -> None:
    base = st.lists(st.tuples(drafts(), st.sampled_from(["published", "draft", "both"])), min_size=1, max_size=5)

    @given(base)
    @settings(
        max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate],
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
                await fill(session, found, desk.blobs)
                before, files = await state_of(session), await export_articles(session)
            await write_folder(Path(folder) / "out", files, desk.blobs)
            packed = await packed_of(files, desk.blobs)
            same = await desk.preview(await desk.source(Path(folder) / "out"))
            assert same.state == "done", (same.counts, await desk.items(same))
            assert set(same.counts) <= {"unchanged", "kept"}
            async with desk.database.transaction() as session:
                assert await state_of(session) == before
                await _clear(session)
            source = await desk.source(Path(folder) / "out")
            await desk.bring(source)
            async with desk.database.transaction() as session:
                assert await state_of(session) == before
                found_again = await export_articles(session)
            assert found_again.texts == files.texts
            assert await packed_of(found_again, desk.blobs) == packed
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
    assert len(files.texts) == len(found)
    (tmp_path / "all.zip").write_bytes(await packed_of(files, desk.blobs))
    run = await desk.bring(await desk.source(tmp_path / "all.zip"))
    assert run.counts == {"new": len(found), "stored": len(found)}
    async with database.transaction() as session:
        after = await state_of(session)
        assert {name: one for name, one in after.items() if name != found[0].id} == {
            n: one for n, one in before.items() if n != found[0].id
        }
        assert after[found[0].id][0] == "archived"
        assert (await export_articles(session)).texts == files.texts


async def test_an_export_is_not_mixed_with_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("x")
    with pytest.raises(InvalidInputError, match="not an empty folder"):
        await write_folder(tmp_path, Export([("en/a.md", "x")]), MemoryBlobs())


async def packed_of(export: Export, blobs: MemoryBlobs) -> bytes:
    """The bytes of the archive."""
    target = io.BytesIO()
    await pack(target, export, blobs)
    return target.getvalue()


@pytest.mark.integration
async def test_every_field_and_file_comes_back_byte_for_byte_and_importing_over_it_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database)
    async with database.transaction() as session:
        await _everything(session, desk.blobs)
        before, export = await state_of(session), await export_articles(session)
    names = [name for name, _ in export.texts]
    assert names == [
        "en/empty.md", "en/gone.md", "en/returns.draft.md", "en/returns.md", "en/waiting.md", "pt/returns.md", "zh-Hant/own.md",
    ]  # fmt: skip
    text = dict(export.texts)["pt/returns.md"]
    for line in ("owner: eve", "source_language: en", "review_by: 2027-01-31", "expires_at: 2027-02-01 10:00:00+00:00"):
        assert f"\n{line}\n" in text
    assert "attachments:\n- ../_files/returns/terms.txt\nquestions" in text
    assert re.search(r"!\[Imagem\]\(\.\./_files/returns/(?:[0-9a-f]{12}/)?photo\.png\)", text)
    packed = await packed_of(export, desk.blobs)
    await write_folder(tmp_path / "out", export, desk.blobs)

    same = await desk.preview(await desk.source(tmp_path / "out"))
    assert (same.state, set(same.counts)) == ("done", {"unchanged", "kept"}), await desk.items(same)
    async with database.transaction() as session:
        assert await state_of(session) == before
        await _clear(session)
    desk.blobs.data.clear()

    run = await desk.bring(await desk.source(tmp_path / "out"))
    assert run.counts == {"new": len(names), "stored": len(names)}, await desk.items(run)
    async with database.transaction() as session:
        after = await state_of(session)
        assert {name: after[name] for name in ("returns", "empty", "own")} == {name: before[name] for name in ("returns", "empty", "own")}
        assert (after["gone"][0], after["waiting"][0], after["waiting"][2][0][0]) == ("archived", "draft", "photo.png")
        again = await export_articles(session)
        assert (await session.execute(select(func.count()).select_from(ImportFileRow))).scalar_one() == 0
        body = (await articles.find_published(session, "returns", "pt")).body  # type: ignore[union-attr]
    assert body.startswith("Texto. ![Imagem](/article-files/")
    assert await packed_of(again, desk.blobs) == packed
    assert (await desk.preview(await desk.source(tmp_path / "out"))).counts == {"unchanged": len(names), "kept": len(names)}


async def _everything(session: AsyncSession, blobs: MemoryBlobs) -> None:
    draft = ArticleDraft("returns", "en", "Returns?", "Thirty days.", "returns", ("a", "b"), "internal", ("can i send it back",))
    await articles.create_article(session, draft, editor="e")
    photo, other, terms = [await add_file(session, blobs, one, article_id="returns", editor="e") for one in FILES]
    details = (await articles.get_article(session, "returns")).details
    soon = datetime(2027, 2, 1, 18, tzinfo=timezone(timedelta(hours=8)))
    await articles.set_details(session, "returns", replace(details, owner="eve", review_by=date(2027, 1, 31), expires_at=soon))
    await articles.publish(session, "returns", "en")
    worked_on = replace(draft, body=f"Forty days. [other]({other.url})\n\n[photo]: {photo.url}")
    await articles.save_draft(session, worked_on, editor="e", expected_version=1)
    translated = replace(draft, language="pt", title="Devolver?", body=f"Texto. ![Imagem]({photo.url}) e [x]({other.url} 'dois')")
    await articles.save_draft(session, translated, editor="e", expected_version=0)
    await articles.publish(session, "returns", "pt")
    assert terms.name == "terms.txt"
    await articles.create_article(session, ArticleDraft("waiting", "en", "Waits", f"Shows another's ![p]({photo.url})."), editor="e")
    await articles.submit(session, "waiting", "en", editor="e")
    await articles.create_article(session, ArticleDraft("gone", "en", "Gone", "Was here."), editor="e")
    await articles.publish(session, "gone", "en")
    await articles.archive(session, "gone")
    await articles.create_article(session, ArticleDraft("empty", "en", "Begun", ""), editor="e")
    await articles.create_article(session, ArticleDraft("own", "zh-Hant", "退貨", "三十天。"), editor="e")
    await articles.publish(session, "own", "zh-Hant")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("review_by: soon", "line 5: review_by must be a day"),
        ("expires_at: 2027-01-31 10:00:00", "line 5: expires_at must be a time with its zone"),
        ("owner: [a, b]", "line 5: owner must be a text"),
        ("source_language: xx", "not a language"),
        ("attachments: a.pdf", "line 5: attachments must be a list"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(line: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read_markdown(f"---\nid: a\nlanguage: en\ntitle: T\n{line}\n---\nText\n")
