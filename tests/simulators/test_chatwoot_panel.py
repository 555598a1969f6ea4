"""The panel in Chromium, in a page that frames it and speaks to it as Chatwoot's does: token, copying, dismissing, another conversation."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from context.staff.accounts import create_api_token, create_staff
from context.types import Role
from tests.console.test_desk_in_browser import RULES, SECONDS, browser
from tests.console.test_pages import CHROMIUM
from tests.simulators.chatwoot_house import House
from tests.simulators.test_chatwoot import became, house, simulator, suggested

__all__ = ["browser", "house", "simulator"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]
FRAME = "#dashboard-app--frame-0-0"
FOREIGN = """() => postMessage(JSON.stringify({ event: "appContext", data: { conversation: { id: 99 } } }), "*")"""


async def test_an_agent_at_chatwoot_copies_sends_and_dismisses_suggestions(house: House, browser: Browser) -> None:
    await house.do("say", content="where is my parcel, a person please")
    await suggested(house, (await house.row()).id)
    async with house.database.transaction() as session:
        ana = await create_staff(session, email="ana@example.com", name="Ana", role=Role.AGENT, password="long enough")
        token = await create_api_token(session, ana, label="panel")
    page = await (await browser.new_context(viewport={"width": 900, "height": 800})).new_page()
    page.set_default_timeout(SECONDS)
    wrong = list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.goto(f"{str(house.sim.base_url).rstrip('/')}/agent?panel={house.url}/outside/chatwoot/1")
    panel = page.frame_locator(FRAME)
    frame = page.frame(url=f"{house.url}/outside/chatwoot/1")
    assert frame is not None

    await expect(panel.get_by_role("status")).to_have_text("請輸入一次你的 Baton 權杖。")
    await page.locator("#hide").click()
    await frame.evaluate(
        "token => { token_ = document.getElementById('token'); token_.value = token; token_.form.requestSubmit(); }", token
    )
    await expect(panel.locator("#suggestions li")).to_have_count(2)
    assert await became(house) == []  # a panel that nobody sees shows nothing
    await page.locator("#hide").click()
    await expect(panel.locator("#known")).to_contain_text("Ann Example")
    await expect(panel.locator("#suggestions li").last).to_contain_text("只供同事參考")
    await expect(panel.get_by_role("button", name="複製")).to_have_count(1)
    found = await Axe().run(frame, options=RULES)
    assert found.violations_count == 0, found.generate_report()

    await panel.get_by_role("button", name="複製").click()
    await expect(panel.get_by_role("button", name="已複製")).to_be_visible()
    reply = page.get_by_label("Reply")
    await reply.click()
    await page.keyboard.press("Control+V")
    await expect(reply).to_have_value("Your parcel comes tomorrow.")
    await house.do("agent", content=f"{await reply.input_value()} Best, Ben")
    await panel.get_by_role("button", name="略過").last.click()
    await expect(panel.locator("#suggestions li")).to_have_count(1)
    assert await became(house) == ["suggestion.shown", "suggestion.shown", "suggestion.edited", "suggestion.dismissed"]

    await frame.evaluate(FOREIGN)  # not from the page around it
    await page.locator("#next").click()
    await expect(panel.get_by_role("status")).to_have_text("Baton has not seen this conversation")
    await expect(panel.locator("#suggestions")).to_be_hidden()
    assert wrong == []
