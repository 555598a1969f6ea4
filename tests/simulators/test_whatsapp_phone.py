"""The simulated WhatsApp's page with the phone in Chromium: a customer writes, taps, reacts and sends a picture; Baton answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright, expect

from context.ledger import Ledger
from context.types import Button, Content, MessageView
from kit.db import Database
from tests.channels.house import JPEG
from tests.console.test_pages import ARGUMENTS, CHROMIUM
from tests.simulators.whatsapp_house import House, running_simulator, whatsapp_house

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")]


def answers(message: MessageView) -> list[Content]:
    """Buttons for `menu`, a list for `list`, else what was heard."""
    options = {"menu": ("Track my order", "Talk to a person"), "list": tuple(f"Option {n}" for n in range(1, 7))}
    if message.payload is not None:
        return [Content(f"You chose {message.payload}")]
    titles = options.get(message.content.text, ())
    return [Content("Please choose" if titles else f"You said {message.content.text}", tuple(Button(t, f"/{t.lower()}") for t in titles))]


@pytest.fixture
async def house(database: Database, ledger: Ledger) -> AsyncIterator[House]:
    """Baton's side and the simulator."""
    async with running_simulator() as sim, whatsapp_house(database, ledger, sim) as known:
        known.answer = answers
        yield known


@pytest.fixture
async def phone(house: House) -> AsyncIterator[Page]:
    """The page with the phone; no error of it goes unseen."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1100, "height": 860})
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        await page.goto(house.sim.url)
        await expect(page.locator("#who option")).to_have_text(["Ada Example"])
        yield page
        assert wrong == []
        await browser.close()


async def write(phone: Page, house: House, text: str) -> None:
    """The customer writes, and Baton does all it has to do."""
    await phone.get_by_label("Message", exact=True).fill(text)
    await phone.keyboard.press("Enter")
    await expect(phone.locator("#chat li.mine").last).to_contain_text(text)
    await house.turn()


async def test_a_customer_at_the_phone_talks_with_baton(phone: Page, house: House) -> None:
    theirs, mine = phone.locator("#chat li:not(.mine)"), phone.locator("#chat li.mine")
    await write(phone, house, "hello <b>you</b>")
    await expect(theirs.last).to_contain_text("You said hello <b>you</b>")
    await expect(mine.last.get_by_title("delivered")).to_have_text(" ✓✓")

    await write(phone, house, "menu")
    await phone.get_by_role("button", name="Track my order").click()
    await expect(mine.last).to_contain_text("Track my order")
    await house.turn()
    await expect(theirs.last).to_contain_text("You chose /track my order")

    await write(phone, house, "list")
    await phone.get_by_role("button", name="Option 4").focus()
    await house.sim.post("react", {"phone": "85291234567", "message": (await house.sim.sends())[0]["id"], "emoji": "👍"})
    await expect(theirs.first.locator(".smile")).to_have_text("👍")
    await expect(phone.get_by_role("button", name="Option 4")).to_be_focused()  # what did not change was not drawn anew
    await phone.keyboard.press("Enter")
    await expect(mine.last).to_contain_text("Option 4")
    await house.turn()
    await expect(theirs.last).to_contain_text("You chose /option 4")

    await phone.locator("#file").set_input_files({"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": JPEG})
    await expect(mine.last.locator("img")).to_be_visible()
    await house.take_in()
    said = [(message.text, message.delivery) for message in await house.messages() if message.direction == "out"]
    assert [text for text, _ in said] == [
        "You said hello <b>you</b>", "Please choose", "You chose /track my order", "Please choose", "You chose /option 4",
    ]  # fmt: skip
    assert {delivery for _, delivery in said} == {"read"}


async def test_the_page_says_when_nobody_takes_the_webhooks_and_is_accessible(phone: Page, house: House) -> None:
    await house.sim.post("config", {"hook_url": "http://127.0.0.1:9/hooks"})
    await phone.get_by_label("Message", exact=True).fill("is anybody there?")
    await phone.get_by_role("button", name="Send", exact=True).click()
    await expect(phone.locator("#trouble")).to_contain_text("Is Baton running?")
    await expect(phone.locator("#chat li.mine").last.get_by_title("sent")).to_have_text(" ✓")
    await house.sim.post("config", {"hook_url": house.hook_url})
    await house.turn()
    await expect(phone.locator("#trouble")).to_have_text("")
    await expect(phone.locator("#chat li:not(.mine)").last).to_contain_text("You said is anybody there?")
    found = await Axe().run(phone, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert [fault["id"] for fault in found.response["violations"]] == []
