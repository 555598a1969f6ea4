"""The page for importing: what it tells, who may, uploads and export over HTTP, and the whole way in a browser."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import FilePayload, async_playwright

from console.imports.commands import ImportCommands
from console.services import ConsoleServices
from context.staff.accounts import create_staff
from context.types import Role
from knowledge import articles
from knowledge.imports import runs, sources
from knowledge.imports.types import Run
from knowledge.types import ArticleDraft
from tests.console.desk import PASSWORD, Screen, log_in
from tests.console.test_pages import ARGUMENTS, CHROMIUM, address, cookies_of, started
from tests.knowledge.imports.helping import Desk, write

pytestmark = pytest.mark.integration
__all__ = ["address"]
LIST = b"question,answer\nWhere is the workshop?,In the old town.\n<img src=x onerror=window.hacked=1>,Some <b>text</b>\nEmpty?,\n"


class Page:
    """An open page of one person."""

    def __init__(self, commands: ImportCommands, screen: Screen) -> None:
        self.commands, self.screen = commands, screen

    async def ask(self, kind: str, **data: Any) -> None:
        await self.commands.run({"kind": kind, **data})


async def open_page(services: ConsoleServices, role: Role = Role.EDITOR) -> Page:
    _, login = await log_in(services, role)
    screen = Screen()
    return Page(ImportCommands(services, login, screen), screen)


async def previewed(services: ConsoleServices, folder: Path, **files: str) -> Run:
    desk = Desk(services.database)
    write(folder, **files)
    return await desk.preview(await desk.source(folder))


async def test_a_preview_is_shown_decided_and_approved(services: ConsoleServices, tmp_path: Path) -> None:
    run = await previewed(services, tmp_path, returns="A.", gifts="B.")
    page = await open_page(services)
    await page.ask("load")
    (source,) = page.screen.last("state")["sources"]
    assert (source["run"]["state"], source["run"]["counts"]) == ("ready", {"new": 2})
    await page.ask("open", id=str(run.id), state="", limit=100)
    first, second = page.screen.last("items")["items"]
    assert (first["taken"], first["title"]) == (True, "About gifts")
    await page.ask("decide", id=str(run.id), number=first["number"], take=False, state="", limit=100)
    assert page.screen.last("items")["items"][0]["taken"] is False
    await page.ask("difference", number=second["number"])
    assert page.screen.last("difference")["lines"] == [{"kind": "added", "text": "About returns"}, {"kind": "added", "text": "A."}]
    await page.ask("approve", id=str(run.id))
    assert page.screen.last("state")["sources"][0]["run"]["state"] == "approved"
    desk = Desk(services.database)
    assert (await desk.importer().work(run.id)).counts == {"new": 2, "stored": 1}


async def test_an_address_is_added_and_never_allows_a_private_one(services: ConsoleServices) -> None:
    page = await open_page(services)
    await page.ask("add", address="http://127.0.0.1:9/help", category="shop", private=True, publish=False, single=True)
    source_id = page.screen.last("added")["source"]
    async with services.database.transaction() as session:
        source = await sources.get_source(session, uuid.UUID(source_id))
        run = await runs.find_open_run(session, source.id)
    assert (source.options.private, source.options.category, source.options.depth, source.publish) == (False, "shop", 0, False)
    assert run is not None
    run = await Desk(services.database).importer().work(run.id)
    assert (run.state, "private address" in (run.error or "")) == ("failed", True)


async def test_bad_input_is_answered_with_what_to_do(services: ConsoleServices, tmp_path: Path) -> None:
    page = await open_page(services)
    for kind, data, said in (
        ("add", {"address": "file:///etc/passwd"}, "not an address"),
        ("add", {"address": "https://a.example/", "language": "klingon"}, "not a language"),
        ("open", {"id": "x"}, "malformed"),
        ("approve", {"id": str(uuid.uuid4())}, "no such import"),
        ("difference", {"number": "1"}, "malformed"),
        ("difference", {"number": 999_999}, "not in the import"),
        ("schedule", {"id": str(uuid.uuid4()), "every": 5}, "no such source"),
    ):
        await page.ask(kind, **data)
        assert said in page.screen.last("failed")["message"].lower() or said in page.screen.last("failed")["message"], kind
    run = await previewed(services, tmp_path, returns="A.")
    await page.ask("read", id=str(run.source_id))
    assert "read there" in page.screen.last("failed")["message"]


async def test_agents_may_do_nothing_here(services: ConsoleServices, tmp_path: Path) -> None:
    run = await previewed(services, tmp_path, returns="A.")
    page = await open_page(services, Role.AGENT)
    for kind in page.commands.handlers:
        page.screen.told.clear()
        await page.ask(kind, id=str(run.id), number=1, address="https://a.example/")
        assert page.screen.kinds() == {"failed"}, kind
    async with services.database.transaction() as session:
        assert (await runs.get_run(session, run.id)).state == "ready"
        assert len(await sources.list_sources(session)) == 1


def headers(name: str = "faq.csv", **wishes: Any) -> dict[str, str]:
    return {"X-File-Name": quote(name), "X-Options": quote(json.dumps(wishes))}


async def test_uploads_and_export_ask_for_login_right_and_origin(address: str, services: ConsoleServices) -> None:
    await started(address)
    upload, export = "/console/imports/upload", "/console/imports/export.zip"
    async with httpx.AsyncClient(base_url=address) as nobody:
        assert (await nobody.post(upload, content=LIST, headers=headers() | {"Origin": address})).status_code == 401
        assert (await nobody.get(export)).status_code == 401
    async with httpx.AsyncClient(base_url=address, cookies=await cookies_of(services, Role.AGENT)) as agent:
        assert (await agent.post(upload, content=LIST, headers=headers() | {"Origin": address})).status_code == 403
        assert (await agent.get(export)).status_code == 403
    async with httpx.AsyncClient(base_url=address, cookies=await cookies_of(services, Role.EDITOR)) as editor:
        assert (await editor.post(upload, content=LIST, headers=headers())).status_code == 403
        assert (await editor.post(upload, content=LIST, headers=headers() | {"Origin": "https://evil.example"})).status_code == 403
        assert (await editor.get(export, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
        mine = {"Origin": address}
        assert (await editor.post(upload, content=b"", headers=headers() | mine)).json()["message"] == "The file is empty"
        assert (await editor.post(upload, content=LIST, headers={"X-Options": "[]"} | mine)).status_code == 422
        assert (await editor.post(upload, content=LIST, headers=headers(audience="martians") | mine)).status_code == 422
        assert (await editor.post(upload, content=LIST, headers=headers("列表.csv") | mine)).status_code == 200
        again = await editor.post(upload, content=LIST, headers=headers("列表.csv") | mine)
        assert (again.status_code, again.json()["error"]) == (409, "import_open")
        async with services.database.transaction() as session:
            await articles.create_article(session, ArticleDraft("hours", "en", "Hours?", "Ten to eight."), editor="e")
        attached = await editor.post("/console/article-files/hours", content=b"Level 1", headers=mine | {"X-File-Name": "plan.txt"})
        assert attached.status_code == 201
        packed = await editor.get(export)
        with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
            assert archive.namelist() == ["en/hours.md", "_files/hours/plan.txt"]
            assert archive.read("_files/hours/plan.txt") == b"Level 1"
    async with services.database.transaction() as session:
        assert [source.location for source in await sources.list_sources(session)] == ["列表.csv"]


@pytest.fixture
def chromium() -> str:
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium here")
    return CHROMIUM


async def work_forever(services: ConsoleServices) -> None:
    """A worker."""
    while True:
        async with services.database.transaction() as session:
            waiting = await runs.find_workable(session)
        for run_id in waiting:
            await Desk(services.database).importer().work(run_id)
        await asyncio.sleep(0.2)


@pytest.mark.browser
async def test_an_editor_uploads_looks_and_stores_in_a_browser(address: str, services: ConsoleServices, chromium: str) -> None:
    await started(address)
    async with services.database.transaction() as session:
        await create_staff(session, email="eve@shop.example", name="Eve", role=Role.EDITOR, password=PASSWORD)
    working = asyncio.create_task(work_forever(services))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        await page.goto(f"{address}/console/login?next=/console/imports")
        await page.fill("input[name=email]", "eve@shop.example")
        await page.fill("input[name=password]", PASSWORD)
        await page.click("form button")
        await page.wait_for_selector(".b-import-new")
        await page.set_input_files("input[type=file]", files=FilePayload(name="faq.csv", mimeType="text/csv", buffer=LIST))
        await page.click(".b-import-go button")
        await page.wait_for_selector(".b-review tbody tr")
        assert await page.inner_text(".b-review td >> text=<img src=x onerror=window.hacked=1>")
        assert "The answer is empty" in await page.inner_text(".b-review")
        await page.get_by_role("checkbox", name="Store Where is the workshop?").uncheck()
        await page.click("text=Store what is ticked")
        await page.wait_for_selector(".b-tag.stored")
        assert await page.locator(".b-tag.stored").count() == 1
        assert await page.evaluate("window.hacked") is None
        await browser.close()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)  # it gives its connection back
    async with services.database.transaction() as session:
        assert [one.versions[0].body for one in await articles.list_articles(session)] == ["Some **text**"]
