"""The pages themselves, from a real server: who gets which, and what a browser makes of what customers write."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, async_playwright

from console.access import COOKIE
from console.services import ConsoleServices
from context.conversations import list_messages
from context.staff.accounts import create_staff, open_session
from context.types import Role
from tests.console.desk import DRAFTS, PASSWORD, make_drafts, waiting_conversation
from tests.live import free_port

pytestmark = pytest.mark.integration
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> **bold** {{ 7 * 7 }}'
START_SECONDS = 40.0


@pytest.fixture
def address(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running console on a database of its own. What it says goes to a file: a pipe that nobody reads would stop it when full."""
    port = free_port()
    command = [sys.executable, "-m", "tests.console.serving", database_url, str(port)]
    with (tmp_path_factory.mktemp("console") / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)


async def started(address: str) -> None:
    """Waits until the console answers."""
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    async with httpx.AsyncClient() as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(f"{address}/console/login")).status_code == 200:
                    return
            assert asyncio.get_running_loop().time() < deadline, "the console does not start"
            await asyncio.sleep(0.1)


async def cookies_of(services: ConsoleServices, role: Role) -> dict[str, str]:
    async with services.database.transaction() as session:
        staff = await create_staff(session, email=f"{role}@shop.example", name=role.title(), role=role, password=PASSWORD)
        return {COOKIE: await open_session(session, staff)}


async def test_each_role_gets_its_pages_and_no_others(address: str, services: ConsoleServices) -> None:
    await started(address)
    pages = (
        "/console/", "/console/articles", "/console/articles/nothing-here", "/console/learning",
        "/console/unanswered", "/console/knowledge", "/console/help", "/console/imports",
    )  # fmt: skip
    expected = {
        Role.AGENT: [200, 403, 403, 403, 403, 403, 403, 403],
        Role.EDITOR: [303, 200, 404, 200, 200, 200, 200, 200],
        Role.SUPERVISOR: [200, 200, 404, 200, 200, 200, 200, 200],
        Role.ADMIN: [200, 200, 404, 200, 200, 200, 200, 200],
    }
    for role, statuses in expected.items():
        async with httpx.AsyncClient(base_url=address, cookies=await cookies_of(services, role)) as client:
            assert [(await client.get(page)).status_code for page in pages] == statuses, role


async def test_without_a_login_every_page_leads_to_the_login_and_back(address: str, services: ConsoleServices) -> None:
    await started(address)
    async with httpx.AsyncClient(base_url=address, cookies={COOKIE: "made-up"}) as client:
        for page in (
            "/console/",
            "/console/articles",
            "/console/articles/x",
            "/console/learning",
            "/console/unanswered",
            "/console/knowledge",
            "/console/help",
            "/console/imports",
        ):
            answer = await client.get(page)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/console/login?next={page.replace('/', '%2F')}")


async def test_the_connection_of_a_foreign_page_is_refused(address: str, services: ConsoleServices) -> None:
    await started(address)
    where = "/console/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    async with httpx.AsyncClient(base_url=address) as client:
        assert (await client.get(where, headers={"Origin": "https://evil.example"})).status_code == 403
        assert (await client.get(where, headers={"Origin": address})).status_code == 200


@contextlib.asynccontextmanager
async def agent_in_browser(address: str, services: ConsoleServices) -> AsyncIterator[Page]:
    """A browser in which an agent has logged in."""
    async with services.database.transaction() as session:
        await create_staff(session, email="mei@shop.example", name="Mei", role=Role.AGENT, password=PASSWORD)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(f"{address}/console/login")
        await page.fill("input[name=email]", "mei@shop.example")
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button")
        yield page
        await browser.close()


async def prepare(services: ConsoleServices, text: str, who: str = "ana") -> Any:
    conversation_id = await waiting_conversation(services, text, who=who)
    async with services.database.transaction() as session:
        message = (await list_messages(session, [conversation_id]))[0]
    await make_drafts(services, conversation_id, message.id)
    return conversation_id


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_an_agent_answers_with_one_key_and_markup_stays_text(address: str, services: ConsoleServices) -> None:
    await started(address)
    async with agent_in_browser(address, services) as page:
        await page.wait_for_selector(".b-list")
        conversation_id = await prepare(services, MARKUP)  # appears without a reload
        await page.click(f'[data-id="{conversation_id}"]')
        await page.wait_for_selector(".b-hint")
        assert await page.inner_text(".b-msg.customer .b-text") == MARKUP
        assert await page.locator(".b-desk img, .b-desk script").count() == 0
        await page.keyboard.press("Alt+Digit2")
        await page.wait_for_function(f"document.querySelector('textarea').value === {DRAFTS[1]!r}")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_selector(".b-msg.agent")
        assert await page.inner_text(".b-msg.agent .b-text") == DRAFTS[1]
        assert await page.input_value("textarea") == ""
        assert await page.evaluate("window.hacked") is None


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_a_draft_is_kept_per_conversation_over_switching_and_reload(address: str, services: ConsoleServices) -> None:
    await started(address)
    ana, rui = await prepare(services, "One", "ana"), await prepare(services, "Two", "rui")
    async with agent_in_browser(address, services) as page:
        await page.click(f'[data-id="{ana}"]')
        await page.wait_for_selector("textarea")
        await page.fill("textarea", "Half a thought")
        await page.click(f'[data-id="{rui}"]')
        await page.wait_for_function("document.querySelector('.b-head h1').textContent === 'Rui'")
        assert await page.input_value("textarea") == ""
        await page.click(f'[data-id="{ana}"]')
        await page.wait_for_function("document.querySelector('textarea').value === 'Half a thought'")
        await page.reload()
        await page.wait_for_function("document.querySelector('textarea')?.value === 'Half a thought'")
