"""Pictures and attachments of what is imported: with the article, once, by what they are; what cannot be taken is said."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from kit.db import Database
from knowledge.files import list_files, read_bytes
from knowledge.imports.differences import difference
from knowledge.sources.apart import Inside
from knowledge.sources.attaching import FolderOpener, WebOpener, attach
from knowledge.sources.fetching import Fetcher
from knowledge.sources.links import Link
from knowledge.sources.registry import parse
from knowledge.sources.types import Document, Options, UnreadableError
from knowledge.types import ArticleFile
from tests.knowledge.imports.helping import Desk
from tests.knowledge.sources.making import archive, picture, word
from tests.knowledge.sources.serving import Answer, page, serving

RED, BLUE = picture((200, 0, 0)), picture((0, 0, 200))


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def files_of(desk: Desk, article_id: str) -> list[ArticleFile]:
    """The attachments of an article."""
    async with desk.database.transaction() as session:
        return await list_files(session, article_id)


async def body_of(desk: Desk, article_id: str, language: str = "en") -> str:
    """What readers get."""
    found = await desk.published(article_id, language)
    assert found is not None
    return found.body


@pytest.mark.integration
async def test_pictures_of_a_folder_are_attached_once_and_a_changed_one_is_a_change(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "red shoe.png").write_bytes(RED)
    (tmp_path / "img" / "form.gif").write_bytes(picture(kind="GIF"))
    for language in ("en", "pt"):
        (tmp_path / language).mkdir()
        shown = "![A shoe](<../img/red shoe.png>) and [the form](../img/form.gif 'take it'), [more](other.md), [top](#top)."
        (tmp_path / language / "shoes.md").write_text(f"# Shoes\n\n{shown}\n")
    source = await desk.source(tmp_path)
    await desk.bring(source)
    shoe, form = sorted(await files_of(desk, "shoes"), key=lambda one: one.name, reverse=True)
    assert (shoe.name, form.name) == ("red-shoe.png", "form.gif")
    assert await read_bytes(desk.blobs, shoe) == RED
    assert await body_of(desk, "shoes") == f"![A shoe](<{shoe.url}>) and [the form]({form.url} 'take it'), [more](other.md), [top](#top)."
    assert await body_of(desk, "shoes", "pt") == await body_of(desk, "shoes")
    assert (await desk.preview(source)).counts == {"unchanged": 2, "kept": 2}

    (tmp_path / "img" / "red shoe.png").write_bytes(BLUE)
    run = await desk.preview(source)
    assert run.counts == {"changed": 2}
    item, _ = await desk.items(run)
    async with desk.database.transaction() as session:
        lines = [(line.kind, line.text.split(" and ")[0]) for line in await difference(session, item.number) if line.kind != "same"]
    assert [kind for kind, _ in lines] == ["removed", "added"]
    assert all(text.startswith("![A shoe](<red-shoe.png#") for _, text in lines)
    await desk.store(run)
    assert {one.name for one in await files_of(desk, "shoes")} == {"red-shoe.png", "form.gif"}
    assert len(await files_of(desk, "shoes")) == 3
    assert (await desk.preview(source)).counts == {"unchanged": 2, "kept": 2}


@pytest.mark.integration
async def test_what_cannot_be_attached_is_listed_and_the_rest_is_imported(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("outside")
    root = tmp_path / "docs"
    root.mkdir()
    (root / "lies.png").write_bytes(b"<html>not a picture</html>")
    (root / "good.png").write_bytes(RED)
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / ".hidden.txt").write_text("hidden")
    names = ("lies.png", "gone.png", "../secret.txt", "link.txt", ".hidden.txt", "good.png", "https://elsewhere.example/far.png")
    (root / "aa.md").write_text("# A\n\n" + "\n".join(f"![{name}]({name})" for name in names))
    run = await desk.bring(await desk.source(root))
    (item,) = await desk.items(run)
    assert [file.name for file in await files_of(desk, "aa")] == ["good.png"]
    said = "\n".join(item.notes)
    for line in (
        "lies.png was not attached: 'lies.png' is not a whole image", "gone.png was not attached: there is no such file",
        "../secret.txt was not attached: it lies outside", "link.txt was not attached: there is no such file",
        ".hidden.txt was not attached: it lies outside",
    ):  # fmt: skip
        assert line in said
    assert "elsewhere" not in said
    assert "![gone.png](gone.png)" in await body_of(desk, "aa")


@pytest.mark.integration
async def test_pictures_of_html_files_in_an_archive_and_in_the_page_itself_are_attached(desk: Desk, tmp_path: Path) -> None:
    inside = f"data:image/png;base64,{base64.b64encode(BLUE).decode()}"
    html = "<html lang=en><body><h1>Care</h1><p>How to wash cups by hand, slowly and with care.</p>"
    html += f"<img src='pics/a.png' alt=A><img src='{inside}' alt=B><img src='pics/none.png' alt='Lost'>"
    html += "<p>And how to dry them in the open air. <a href='pics/list.csv'>The list</a></p></body></html>"
    parts = {"x/care.html": html.encode(), "x/pics/a.png": RED, "x/pics/list.csv": b"question,answer\nQ?,A."}
    (tmp_path / "all.zip").write_bytes(archive(parts))
    source = await desk.source(tmp_path / "all.zip")
    await desk.bring(source)
    files = {file.name: file for file in await files_of(desk, "care")}
    assert sorted(name.split("-")[0] for name in files) == ["a.png", "list.csv", "picture"]
    body = await body_of(desk, "care")
    assert f"![A]({files['a.png'].url})" in body
    assert body.count("/article-files/") == 3
    assert "Lost" in body
    assert "file:" not in body
    assert "data:" not in body
    assert (await desk.preview(source)).counts == {"unchanged": 2, "kept": 2}


@pytest.mark.integration
async def test_pictures_of_a_site_are_fetched_once_and_kept_when_the_site_loses_them(desk: Desk) -> None:
    shown = '<img src="/pics/a.png" alt="A"> <img src="/pics/none.png" alt="N"> <img src="/pics/lie.png" alt="L">'
    text = f"This page tells in a whole sentence what customers should know. {shown}"
    pages = {
        "/help/": page("Help", "/help/b", text=text), "/help/b": page("Second", text=f"Another page that says quite other things. {shown}"),
        "/pics/a.png": Answer(RED, type="image/png"), "/pics/lie.png": Answer(b"<html>", type="image/png"),
    }  # fmt: skip
    with serving(pages) as site:
        source = await desk.source(f"{site.address}/help/", kind="site", options=Options(delay=0, private=True))
        await desk.bring(source)
        assert site.asked.count("/pics/a.png") == 1
        (file,) = await files_of(desk, "help")
        body = await body_of(desk, "help")
        assert f"![A]({file.url})" in body
        assert f"![N]({site.address}/pics/none.png)" in body
        assert (await desk.preview(source)).counts == {"unchanged": 2, "kept": 2}
        pages["/pics/a.png"] = Answer(b"", 500)
        run = await desk.preview(source)
        assert run.counts == {"unchanged": 2, "kept": 2}
        notes = "\n".join((await desk.items(run))[0].notes)
    assert "a.png was not attached: the site answered 500." in notes
    assert "none.png was not attached: the site answered 404." in notes
    assert "lie.png was not attached: 'lie.png' is not a whole image." in notes


async def test_a_picture_at_a_private_address_is_refused() -> None:
    with serving({"/a.png": Answer(RED, type="image/png")}) as site:
        async with Fetcher(delay=0, private=False) as fetcher:
            with pytest.raises(UnreadableError, match="private"):
                await WebOpener(fetcher, "https://shop.example/").open(Link(f"{site.address}/a.png", True))
        assert site.asked == []


async def test_files_of_other_hosts_and_what_robots_forbids_stay_links() -> None:
    with serving({"/a.png": Answer(RED, type="image/webp")}) as site:
        async with Fetcher(delay=0, private=True) as fetcher:
            opener = WebOpener(fetcher, site.address, allowed=lambda _: False)
            assert await opener.open(Link("https://elsewhere.example/terms.pdf", False)) is None
            with pytest.raises(UnreadableError, match="robots"):
                await opener.open(Link(f"{site.address}/a.png", True))
            with pytest.raises(UnreadableError, match="not what its name says"):
                await WebOpener(fetcher, site.address).open(Link(f"{site.address}/a.png", True))
        assert site.asked == ["/a.png"]


async def test_pictures_in_word_and_in_an_export_of_zendesk_come_with_their_articles() -> None:
    async def read(name: str, data: bytes) -> tuple[str, list[bytes]]:
        async with Inside() as apart:
            reading = await apart.parse(Document(name, data), Options())
        found = await attach(reading, FolderOpener(name, dict[str, bytes]().__getitem__))
        (item,) = found.items
        assert [file.digest for file in item.files] == [file.digest for file in found.files]
        assert all(f"({file.link})" in item.body for file in item.files)
        return item.body, [file.data for file in found.files]

    body, files = await read("guide.docx", word(shown=BLUE))
    assert files == [BLUE]
    assert "![](inside:picture-" in body
    html = (
        f'<p>Look:</p><img src="data:image/png;base64,{base64.b64encode(RED).decode()}"><img src="inside:picture-made-up.png" alt="none">'
    )
    centre = {"articles": [{"id": 7, "locale": "en-us", "section_id": 1, "title": "Shoes", "body": html}]}
    body, files = await read("zendesk.json", json.dumps(centre).encode())
    assert files == [RED]
    assert "made-up" not in body


def test_a_word_file_alone_keeps_its_pictures_apart_from_its_text() -> None:
    reading = parse(Document("guide.docx", word(shown=RED)), Options())
    assert [one.data for one in reading.enclosed] == [RED]
    assert not reading.items[0].files
