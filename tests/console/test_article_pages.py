"""The article pages in Chromium: writing, losing connection and login, two editors at once, files, review, and hostile text."""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, async_playwright
from sqlalchemy import delete

from console.access import COOKIE
from console.services import ConsoleServices
from context.staff.accounts import create_staff, open_session
from context.staff.models import StaffRow, StaffSessionRow
from context.types import Role
from knowledge.articles import create_article, get_article, publish, save_draft
from knowledge.types import ArticleDraft
from tests.console.desk import PASSWORD
from tests.console.test_pages import ARGUMENTS, CHROMIUM, address, started

__all__ = ["address"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]
ONE = ArticleDraft("returns", "en", "Returns", "Within 14 days.\n\nBring the receipt.")
HOSTILE = (
    "<script>window.hacked=1</script> <img src=x onerror='window.hacked=1'>\n\n[x](javascript:window.hacked=1)\n\n"
    "![y](data:text/html,<script>window.hacked=1</script>)\n\n<svg onload=window.hacked=1>\n\n{{ 7 * 7 }}"
)
KEPT = "document.querySelector('.b-kept')?.textContent.includes('kept at')"
BODY = ".b-body textarea"


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def staff_of(services: ConsoleServices, name: str, role: Role = Role.EDITOR) -> StaffRow:
    async with services.database.transaction() as session:
        return await create_staff(session, email=f"{name}@shop.example", name=name, role=role, password=PASSWORD)


async def editor_page(browser: Browser, address: str, services: ConsoleServices, staff: StaffRow, *, path: str = "returns") -> Page:
    """A browser of its own in which this person has the article open."""
    async with services.database.transaction() as session:
        token = await open_session(session, staff)
    context = await browser.new_context(viewport={"width": 1400, "height": 860})
    await context.add_cookies([{"name": COOKIE, "value": token, "url": f"{address}/console"}])
    page = await context.new_page()
    await page.goto(f"{address}/console/articles/{path}")
    await page.wait_for_selector(".b-editor")
    return page


async def says(page: Page, words: str) -> None:
    await page.wait_for_function(f"document.querySelector('.b-said-now')?.textContent.includes({words!r})")


async def write(services: ConsoleServices, draft: ArticleDraft = ONE) -> None:
    async with services.database.transaction() as session:
        await create_article(session, draft, editor="import")


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 20), "teal").save(out, "PNG")
    return out.getvalue()


async def test_unsaved_text_survives_a_lost_login_and_another_machine(address: str, services: ConsoleServices) -> None:
    await started(address)
    await write(services)
    staff = await staff_of(services, "Edite")
    async with chromium() as browser:
        page = await editor_page(browser, address, services, staff)
        await page.fill(BODY, "Within 30 days.")
        await page.wait_for_function(KEPT)
        elsewhere = await editor_page(browser, address, services, staff)
        await elsewhere.wait_for_function(f"document.querySelector('{BODY}').value === 'Within 30 days.'")
        await says(elsewhere, "kept")
        async with services.database.transaction() as session:
            await session.execute(delete(StaffSessionRow))
        await page.fill(BODY, "Within 31 days.")
        await page.wait_for_selector(".b-ended")
        async with services.database.transaction() as session:
            token = await open_session(session, staff)
        await page.context.add_cookies([{"name": COOKIE, "value": token, "url": f"{address}/console"}])
        await page.reload()
        await page.wait_for_function(f"document.querySelector('{BODY}')?.value === 'Within 31 days.'")
        await page.get_by_role("button", name="Save draft").click()
        await says(page, "version 2")
        async with services.database.transaction() as session:
            assert [v.body for v in (await get_article(session, "returns")).versions] == ["Within 31 days."]


async def test_the_second_of_two_editors_sees_both_texts_and_chooses(address: str, services: ConsoleServices) -> None:
    await started(address)
    await write(services)
    edite, sofia = await staff_of(services, "Edite"), await staff_of(services, "Sofia")
    async with chromium() as browser:
        page = await editor_page(browser, address, services, edite)
        await page.fill(BODY, "Within 30 days.\n\nBring the receipt.")
        await page.wait_for_function(KEPT)
        hers = await editor_page(browser, address, services, sofia)
        await hers.wait_for_selector(".b-others-write")
        assert "Edite is writing" in await hers.inner_text(".b-others-write")
        await hers.fill(BODY, "Within 14 days.\n\nBring your phone.")
        await hers.get_by_role("button", name="Save draft").click()
        await says(hers, "version 2")
        await page.fill(BODY, "Within 30 days.\n\nBring the receipt!")
        await page.wait_for_selector(".b-conflict")  # by the next autosave, before anything is saved
        assert "Sofia saved version 2" in await page.inner_text(".b-conflict")
        await page.get_by_role("button", name="Compare with mine").click()
        assert "your phone" in "".join(await page.locator(".b-diff del").all_inner_texts())
        assert await page.input_value(BODY) == "Within 30 days.\n\nBring the receipt!"
        await page.get_by_role("button", name="Save mine on top").click()
        await says(page, "version 3")
        await page.locator(".b-version-does button", has_text="Compare with newest").first.click()
        await page.wait_for_selector(".b-diff ins")
        await page.locator("li", has_text="Version 2").get_by_role("button", name="Restore").click()
        await says(page, "version 4")
        assert await page.input_value(BODY) == "Within 14 days.\n\nBring your phone."


async def test_a_picture_is_attached_reviewed_and_published(address: str, services: ConsoleServices) -> None:
    await started(address)
    await write(services)
    edite = await staff_of(services, "Edite")
    async with chromium() as browser:
        page = await editor_page(browser, address, services, edite, path="returns?show=files")
        good = FilePayload(name="my lamp.png", mimeType="image/png", buffer=picture())
        bad = FilePayload(name="bad.png", mimeType="image/png", buffer=b"<script>window.hacked=1</script>")
        await page.set_input_files(".b-files input[type=file]", [good, bad])
        await page.wait_for_selector(".b-files [role=alert]")
        assert "bad.png" in await page.inner_text(".b-files [role=alert]")
        await page.get_by_role("button", name="Put into the text").click()
        await page.wait_for_function("document.querySelector('.b-prose img')?.naturalWidth === 32")
        shown = str(await page.get_attribute(".b-prose img", "src"))
        await page.get_by_role("button", name="Submit for review").click()
        await page.wait_for_selector(".b-waits")
        await page.get_by_role("button", name="Send back").click()
        await page.get_by_label("What should be changed").fill("Say which lamp.")
        await page.locator(".b-note button").click()
        await page.wait_for_function("document.querySelector('.b-waits')?.textContent.includes('which lamp')")
        async with httpx.AsyncClient(base_url=address) as anybody:
            assert (await anybody.get(shown)).status_code == 401
            assert (await anybody.get(shown.removeprefix("/console"))).status_code == 404
            await page.get_by_role("button", name="Publish", exact=True).click()
            await says(page, "is published")
            assert (await anybody.get(shown.removeprefix("/console"))).status_code == 200
            foreign = await anybody.post("/console/article-files/returns", content=picture(), headers={"Origin": "https://evil.example"})
            assert foreign.status_code == 403


async def test_a_question_is_tried_and_languages_are_read_side_by_side(address: str, services: ConsoleServices) -> None:
    await started(address)
    await write(services)
    async with services.database.transaction() as session:
        await publish(session, "returns", "en")
        await save_draft(session, ArticleDraft("returns", "pt", "Devoluções", "14 dias."), editor="import", expected_version=0)
    edite = await staff_of(services, "Edite")
    async with chromium() as browser:
        page = await editor_page(browser, address, services, edite, path="returns?show=try")
        await page.fill(BODY, "We mend umbrellas on Fridays.")
        await page.fill(".b-try input", "do you mend umbrellas on fridays")
        await page.get_by_role("button", name="Try", exact=True).click()
        await page.wait_for_selector("[data-side=after] li.own")
        assert await page.locator("[data-side=before] li.own").count() == 0
        await page.get_by_role("tab", name="Portuguese").click()
        await page.get_by_role("tab", name="Translations").click()
        await page.get_by_role("button", name="Read beside").click()
        await page.wait_for_selector("[data-side=en]")
        assert "Bring the receipt" in await page.inner_text("[data-side=en]")


async def test_hostile_text_stays_text_and_what_is_too_long_is_not_sent(address: str, services: ConsoleServices) -> None:
    await started(address)
    await write(services, ArticleDraft("returns", "en", "<img src=x onerror=window.hacked=1>", HOSTILE))
    edite = await staff_of(services, "Edite")
    async with chromium() as browser:
        page = await editor_page(browser, address, services, edite)
        await page.wait_for_function("document.querySelector('.b-prose')?.textContent.includes('7 * 7')")
        await page.fill(BODY, HOSTILE + "\n\nmore")
        await page.get_by_role("button", name="Save draft").click()
        await says(page, "version 2")
        await page.get_by_role("button", name="What changed").click()
        await page.wait_for_selector(".b-diff .added")
        assert await page.evaluate("window.hacked") is None
        assert await page.locator(".b-look script, .b-look svg, .b-look a[href^=javascript], .b-look img").count() == 0
        await page.fill(BODY, "x" * 200_001)
        await page.wait_for_selector("[role=alert]")
        assert "200,001" in await page.inner_text("[role=alert]")
        assert await page.get_by_role("button", name="Save draft").is_disabled()
        await page.fill(BODY, "short again")
        await page.get_by_role("button", name="Save draft").click()
        await says(page, "version 3")


async def test_what_is_typed_without_a_connection_is_there_when_it_is_back(address: str, services: ConsoleServices) -> None:
    await started(address)
    await write(services)
    edite = await staff_of(services, "Edite")
    async with chromium() as browser:
        page = await editor_page(browser, address, services, edite)
        await page.context.set_offline(True)
        await page.fill(BODY, "Typed in a tunnel.")
        await page.wait_for_function("document.querySelector('.b-kept')?.textContent.includes('kept in this browser')", timeout=20_000)
        await page.context.set_offline(False)
        await page.wait_for_function(KEPT, timeout=40_000)
        assert await page.input_value(BODY) == "Typed in a tunnel."
        await page.get_by_role("button", name="Save draft").click()
        await says(page, "version 2")
