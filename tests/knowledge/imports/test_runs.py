"""Imports: nothing is stored before somebody says so, a second one changes nothing, and what editors did is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.db import Database
from knowledge import articles
from knowledge.imports import runs, sources
from knowledge.imports.differences import difference
from knowledge.imports.runner import RunTakenError
from knowledge.imports.runs import ImportOpenError, NotReadyError
from knowledge.models import ArticleRow, VersionRow
from knowledge.sources.types import Options
from knowledge.types import ArticleDraft
from tests.knowledge.imports.helping import EVE, Desk, write
from tests.knowledge.sources.making import GUIDE, archive, encrypted, pdf, sheet, word
from tests.knowledge.sources.serving import Answer, page, serving

pytestmark = pytest.mark.integration
BIG5 = "問題,答案\n如何退貨？,收貨後三十天內可以退貨，請聯絡我們。\n".encode("big5")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_a_preview_stores_nothing(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="Within 30 days.", gifts="We wrap.")
    run = await desk.preview(await desk.source(tmp_path))
    assert (run.state, run.counts) == ("ready", {"new": 2})
    assert [(item.article_id, item.state, item.added) for item in await desk.items(run)] == [("gifts", "new", 1), ("returns", "new", 1)]
    async with desk.database.transaction() as session:
        assert (await session.execute(select(func.count()).select_from(ArticleRow))).scalar_one() == 0


async def test_what_is_approved_is_stored_published_and_announced(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="Within 30 days.")
    run = await desk.bring(await desk.source(tmp_path))
    assert (run.state, run.counts) == ("done", {"new": 1, "stored": 1})
    stored = await desk.published("returns")
    assert stored is not None
    assert (stored.title, stored.body, stored.editor) == ("About returns", "Within 30 days.", "eve")
    assert desk.announced == ["returns/en"]


async def test_a_second_import_changes_nothing_and_waits_for_nobody(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="Within 30 days.", gifts="We wrap.")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    run = await desk.preview(source)
    assert (run.state, run.counts) == ("done", {"unchanged": 2, "kept": 2})
    async with desk.database.transaction() as session:
        assert (await session.execute(select(func.count()).select_from(VersionRow))).scalar_one() == 2
    assert len(desk.announced) == 2


async def test_a_change_is_shown_with_its_size_and_only_it_is_stored(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="One.\n\nTwo.\n\nThree.", gifts="We wrap.")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    write(tmp_path, returns="One.\n\nTwo and a half.\n\nThree.\n\nFour.")
    run = await desk.preview(source)
    (item,) = await desk.items(run, "changed")
    assert (item.article_id, item.added, item.removed) == ("returns", 3, 1)
    async with desk.database.transaction() as session:
        shown = [(line.kind, line.text) for line in await difference(session, item.number)]
    assert ("removed", "Two.") in shown
    assert ("added", "Two and a half.") in shown
    assert (await desk.store(run)).counts == {"changed": 1, "unchanged": 1, "stored": 1, "kept": 1}


async def test_items_that_are_not_ticked_are_not_stored(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="A.", gifts="B.")
    run = await desk.preview(await desk.source(tmp_path))
    first, second = await desk.items(run)
    async with desk.database.transaction() as session:
        await runs.decide(session, run.id, [first.number], take_it=False)
    assert (await desk.store(run)).counts == {"new": 2, "stored": 1}
    assert await desk.published(first.article_id) is None
    assert await desk.published(second.article_id) is not None


async def test_what_an_editor_changed_is_in_conflict_and_stays_unless_somebody_takes_the_source(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="Source 1.")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    async with desk.database.transaction() as session:
        mine = ArticleDraft("returns", "en", "About returns", "Edited here.")
        await articles.save_draft(session, mine, editor="bob", expected_version=1)
        await articles.publish(session, "returns", "en")
    same = await desk.preview(source)
    assert (same.state, same.counts) == ("done", {"unchanged": 1, "kept": 1})
    assert "Edited" in (await desk.items(same))[0].notes[0]
    write(tmp_path, returns="Source 2.")
    run = await desk.preview(source)
    (item,) = await desk.items(run)
    assert (item.state, item.reason) == ("conflict", "It was edited here, and has changed at the source too")
    assert (await desk.store(run)).counts == {"conflict": 1}
    assert (await desk.published("returns")).body == "Edited here."  # type: ignore[union-attr]
    again = await desk.preview(source)
    async with desk.database.transaction() as session:
        await runs.decide(session, again.id, [(await desk.items(again))[0].number], take_it=True)
    await desk.store(again)
    assert (await desk.published("returns")).body == "Source 2."  # type: ignore[union-attr]
    assert (await desk.preview(source)).counts == {"unchanged": 1, "kept": 1}


async def test_an_editors_draft_in_work_is_a_conflict_too(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="Source 1.")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    async with desk.database.transaction() as session:
        await articles.save_draft(session, ArticleDraft("returns", "en", "T", "Half a thought"), editor="bob", expected_version=1)
    write(tmp_path, returns="Source 2.")
    run = await desk.preview(source)
    assert run.counts == {"conflict": 1}


async def test_an_edit_between_preview_and_approval_is_not_overwritten(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="Source 1.", gifts="G 1.")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    write(tmp_path, returns="Source 2.", gifts="G 2.")
    run = await desk.preview(source)
    async with desk.database.transaction() as session:
        await articles.save_draft(session, ArticleDraft("returns", "en", "T", "Quick edit"), editor="bob", expected_version=1)
    run = await desk.store(run)
    assert run.counts == {"changed": 2, "stored": 1, "failed": 1}
    failed = next(item for item in await desk.items(run) if item.outcome == "failed")
    assert "was saved while you wrote" in failed.reason
    assert (await desk.published("gifts")).body == "G 2."  # type: ignore[union-attr]


async def test_an_article_of_another_origin_with_the_same_id_is_a_conflict(desk: Desk, tmp_path: Path) -> None:
    async with desk.database.transaction() as session:
        await articles.create_article(session, ArticleDraft("returns", "en", "Ours", "By hand."), editor="bob")
    write(tmp_path, returns="Theirs.")
    (item,) = await desk.items(await desk.preview(await desk.source(tmp_path)))
    assert (item.state, item.reason) == ("conflict", "There is an article with this id that did not come from this source")


async def test_category_and_tags_follow_the_source_unless_editors_changed_them(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="A.")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    file = tmp_path / "returns.md"
    file.write_text(file.read_text().replace("category: shop", "category: sending back\ntags: [x]"))
    run = await desk.preview(source)
    (item,) = await desk.items(run)
    assert (item.state, item.changes) == ("changed", ("details",))
    await desk.store(run)
    async with desk.database.transaction() as session:
        assert (await articles.get_article(session, "returns")).tags == ("x",)
        await articles.describe_article(session, "returns", category="mine", tags=["y"], audience="public")
    assert (await desk.preview(source)).counts == {"unchanged": 1, "kept": 1}
    file.write_text(file.read_text().replace("sending back", "third"))
    assert (await desk.preview(source)).counts == {"conflict": 1}


async def test_what_is_gone_at_the_source_is_listed_and_stays(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="A.", gifts="B.")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    (tmp_path / "gifts.md").unlink()
    run = await desk.preview(source)
    (item,) = await desk.items(run, "gone")
    assert (item.article_id, item.title, run.state) == ("gifts", "About gifts", "done")
    assert await desk.published("gifts") is not None


async def test_drafts_are_left_as_drafts(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="A.")
    source = await desk.source(tmp_path, publish=False)
    await desk.bring(source)
    async with desk.database.transaction() as session:
        assert (await articles.get_article(session, "returns")).find("en", "draft") is not None
    assert (await desk.preview(source)).counts == {"unchanged": 1, "kept": 1}
    published = await desk.source(tmp_path, publish=True)
    (item,) = await desk.items(await desk.preview(published))
    assert (item.state, item.changes) == ("changed", ("status",))


async def test_of_a_mixed_folder_the_good_is_taken_and_the_rest_listed(desk: Desk, tmp_path: Path) -> None:
    files = {
        "good.md": b"# Good\n\nA text with a <script>alert(1)</script> in it.", "empty.md": b"", "big.md": b"# B\n\n" + b"x " * 25_000_000,
        "secret.pdf": encrypted(GUIDE, "x"), "scanned.pdf": pdf([[]]), "guide.pdf": GUIDE, "word.docx": word(),
        "really.pdf": b"<html></html>", "faq.csv": BIG5, "faq.xlsx": sheet([["Q", "A"], ["What?", "That."]]),
        "odd.xlsx": b"PK\x03\x04 nonsense", "notes.exe": b"MZ", "list.csv": b"a,b\n1,2\n",
    }  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    run = await desk.bring(await desk.source(tmp_path))
    assert sorted((item.article_id, item.language) for item in await desk.items(run, "new")) == [
        ("faq-89a0c389", "zh-Hant"), ("good", "en"), ("guide", "en"), ("what", "en"), ("word", "en"),
    ]  # fmt: skip
    reasons = {item.key: item.reason for item in await desk.items(run, "skipped")}
    assert set(reasons) == {"empty.md", "big.md", "secret.pdf", "scanned.pdf", "really.pdf", "odd.xlsx", "list.csv"}
    assert "password" in reasons["secret.pdf"]
    assert "scanned" in reasons["scanned.pdf"]
    assert "50,000,000 characters" in reasons["big.md"]
    assert run.counts["stored"] == 5


async def test_a_zip_of_documents_and_one_that_is_a_bomb(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "good.zip").write_bytes(
        archive({"en/about.md": b"# A\n\nText.", "../../evil.md": b"# Evil\n\nText.", "__MACOSX/x.md": b"x"})
    )
    run = await desk.bring(await desk.source(tmp_path / "good.zip"))
    assert sorted(item.article_id for item in await desk.items(run, "new")) == ["about"]
    assert not (tmp_path.parent / "evil.md").exists()
    (tmp_path / "bomb.zip").write_bytes(archive({"a.md": bytes(80_000_000)}))
    run = await desk.preview(await desk.source(tmp_path / "bomb.zip"))
    assert run.state == "failed"
    assert "zip bomb" in (run.error or "")


async def test_a_source_that_cannot_be_read_fails_with_its_reason(desk: Desk, tmp_path: Path) -> None:
    run = await desk.preview(await desk.source(tmp_path / "nowhere"))
    assert (run.state, run.error) == ("failed", f"There is no file or folder {tmp_path}/nowhere. Look at the path again.")
    run = await desk.preview(await desk.source("http://127.0.0.1:9/", kind="site"))
    assert run.state == "failed"
    assert "private address" in (run.error or "")


async def test_a_site_is_imported_and_read_again(desk: Desk) -> None:
    pages: dict[str, Answer] = {"/": page("Home", "/a", "/b"), "/a": page("Returns"), "/b": page("Delivery")}
    with serving(pages) as site:
        source = await desk.source(site.address + "/", kind="site", options=Options(delay=0, private=True, category="help"))
        run = await desk.bring(source)
        assert run.counts == {"new": 3, "stored": 3}
        del pages["/b"]
        pages["/a"] = page("Returns", text="Now this page says something else that matters to everybody.")
        run = await desk.preview(source)
        assert run.counts == {"changed": 1, "unchanged": 1, "kept": 1, "skipped": 1}  # answered 404: skipped, not yet gone
        pages["/"] = page("Home", "/a")
        await desk.store(run)
        run = await desk.preview(source)
        assert [item.title for item in await desk.items(run, "gone")] == ["Delivery"]


async def test_more_pages_than_allowed_are_left_out_and_nothing_counts_as_gone(desk: Desk) -> None:
    pages = {"/": page("Home", *(f"/{n}" for n in range(20)))} | {f"/{n}": page(f"Page {n}") for n in range(20)}
    with serving(pages) as site:
        source = await desk.source(site.address + "/", kind="site", options=Options(delay=0, private=True))
        await desk.bring(source)
        fewer = await desk.source(site.address + "/", kind="site", options=Options(delay=0, private=True, pages=5))
        run = await desk.preview(fewer)
    assert run.counts == {"unchanged": 5, "kept": 5, "skipped": 1}
    assert "More pages were found" in (await desk.items(run, "skipped"))[0].reason


async def test_only_one_import_of_a_source_at_a_time_and_only_what_waits_can_be_approved(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="A.")
    source = await desk.source(tmp_path)
    run = await desk.preview(source)
    with pytest.raises(ImportOpenError):
        await desk.ask(source)
    async with desk.database.transaction() as session:
        await runs.drop(session, run.id)
    with pytest.raises(NotReadyError):
        await desk.store(run)
    assert await desk.published("returns") is None


async def test_two_do_not_work_on_one_run(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="A.")
    run = await desk.ask(await desk.source(tmp_path))
    async with desk.database.transaction() as session:
        assert await runs.take(session, run.id, owner="first") is not None
    with pytest.raises(RunTakenError):
        await desk.importer("second").work(run.id)


async def test_a_removed_source_leaves_its_articles(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, returns="A.")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    async with desk.database.transaction() as session:
        await sources.remove_source(session, source.id)
    assert await desk.published("returns") is not None


async def test_an_upload_is_read_from_the_database_and_a_newer_one_takes_its_place(desk: Desk) -> None:
    for answer, expected in (("So.", {"new": 1, "stored": 1}), ("Not so.", {"changed": 1, "stored": 1})):
        async with desk.database.transaction() as session:
            data = f"question,answer\nHow do I pay?,{answer}\n".encode()
            source = await sources.keep_upload(session, "C:\\Users\\x\\faq.csv", data, options=Options(), by=EVE, publish=True)
        assert source.location == "faq.csv"
        assert (await desk.bring(source)).counts == expected


class BrokenOffError(Exception):
    """Stands for whatever ends a process."""


async def test_storing_that_breaks_off_goes_on_where_it_stopped_and_stores_nothing_twice(desk: Desk, tmp_path: Path) -> None:
    write(tmp_path, **{f"article{n}": f"Text {n}." for n in range(6)})
    run = await desk.preview(await desk.source(tmp_path))
    async with desk.database.transaction() as session:
        await runs.approve(session, run.id, by=EVE)
    importer = desk.importer("first")
    announce = importer.announce

    async def break_off(session: AsyncSession, names: Sequence[str]) -> None:
        if len(desk.announced) == 3:
            raise BrokenOffError
        await announce(session, names)

    importer.announce = break_off
    with pytest.raises(BrokenOffError):
        await importer.work(run.id)
    async with desk.database.transaction() as session:
        assert (await session.execute(select(func.count()).select_from(VersionRow))).scalar_one() == 3
        await runs.release(session, run.id, owner="first")
    done = await desk.importer("second").work(run.id)
    assert (done.state, done.counts) == ("done", {"new": 6, "stored": 6})
    async with desk.database.transaction() as session:
        assert (await session.execute(select(func.count(), func.max(VersionRow.version)))).one() == (6, 1)
    assert len(desk.announced) == len(set(desk.announced)) == 6
