"""The page for the help centre: titles of categories and strict mode, what a browser makes of it, and who may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect

from channels.help.feedback import Feedback, record_feedback
from console.help.commands import HelpCommands
from console.services import ConsoleServices
from context.staff.accounts import create_staff
from context.types import Role
from knowledge.categories import list_categories
from knowledge.generator.policy import Policy, read_policy
from knowledge.importing import import_articles
from tests.console.desk import PASSWORD, Screen, log_in
from tests.console.test_pages import ARGUMENTS, CHROMIUM, MARKUP, address, started
from tests.knowledge.fakes import SHOP

pytestmark = pytest.mark.integration
__all__ = ["address"]
TITLES = {"en": "Returns", "zh-Hant": "退貨", "zh-Hans": "", "pt": "Devoluções"}


async def open_page(services: ConsoleServices, role: Role = Role.EDITOR) -> tuple[HelpCommands, Screen]:
    async with services.database.transaction() as session:
        await import_articles(session, SHOP, editor="eva")
    _, login = await log_in(services, role, name="Eva")
    screen = Screen()
    return HelpCommands(services, login, screen), screen


def row(screen: Screen, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in screen.last("state")["categories"] if one["name"] == name)
    return found


async def test_an_editor_names_orders_and_closes_a_category(services: ConsoleServices) -> None:
    commands, screen = await open_page(services)
    await commands.run({"kind": "save", "name": "returns", "titles": TITLES, "strict": True, "place": 0})
    shown = row(screen, "returns")
    assert (shown["titles"]["pt"], shown["simplified"], shown["strict"]) == ("Devoluções", "退货", True)
    assert screen.last("saved") == {"what": "returns"}
    async with services.database.transaction() as session:
        assert (await read_policy(session)).categories == {"returns"}
        assert (await list_categories(session))[0].name == "returns"


async def test_strict_mode_is_switched_on_and_off_and_says_by_whom(services: ConsoleServices) -> None:
    commands, screen = await open_page(services)
    await commands.run({"kind": "load"})
    assert (screen.last("state")["strict"], screen.last("state")["generator"]) == (False, "")
    for on in (True, False):
        await commands.run({"kind": "strict", "on": on})
        assert (screen.last("state")["strict"], screen.last("state")["by"]) == (on, "Eva")
        async with services.database.transaction() as session:
            assert await read_policy(session) == Policy(strict=on)


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "strict", "on": "yes"},
        {"kind": "strict"},
        {"kind": "save", "name": "nothing", "titles": {}, "strict": False, "place": 0},
        {"kind": "save", "name": "returns", "titles": {"xx": "?"}, "strict": False, "place": 0},
        {"kind": "save", "name": "returns", "titles": {"en": 7}, "strict": False, "place": 0},
        {"kind": "save", "name": "returns", "titles": {"en": "x" * 121}, "strict": False, "place": 0},
        {"kind": "save", "name": "returns", "titles": [], "strict": False, "place": 0},
        {"kind": "save", "name": "returns", "titles": {}, "strict": False, "place": -1},
        {"kind": "save", "name": "returns", "titles": {}, "strict": False, "place": 10**30},
        {"kind": "save"},
        {"kind": "nonsense"},
    ],
)
async def test_what_cannot_be_saved_is_refused_and_changes_nothing(services: ConsoleServices, data: dict[str, Any]) -> None:
    commands, screen = await open_page(services)
    await commands.run(data)
    assert screen.last("failed")["message"]
    async with services.database.transaction() as session:
        assert await read_policy(session) == Policy()
        assert not any(one.titles for one in await list_categories(session))


async def test_an_agent_may_neither_switch_nor_save(services: ConsoleServices) -> None:
    commands, screen = await open_page(services, Role.AGENT)
    for data in ({"kind": "strict", "on": True}, {"kind": "save", "name": "returns", "titles": TITLES, "strict": True, "place": 0}):
        await commands.run(data)
    assert screen.kinds() == {"failed"}
    async with services.database.transaction() as session:
        assert await read_policy(session) == Policy()


async def test_what_readers_wrote_is_shown_newest_first(services: ConsoleServices) -> None:
    commands, screen = await open_page(services)
    async with services.database.transaction() as session:
        for number, comment in enumerate(("Which days?", "", "On <b>Sunday</b>?")):
            told = Feedback(f"reader-{number}", "store-hours", "en", 1, helped=number == 0, comment=comment)
            await record_feedback(session, services.ledger, told)
    await commands.run({"kind": "load"})
    shown = [(one["article"], one["helped"], one["text"]) for one in screen.last("state")["comments"]]
    assert shown == [("store-hours", False, "On <b>Sunday</b>?"), ("store-hours", True, "Which days?")]


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_an_editor_uses_the_page_in_a_browser(address: str, services: ConsoleServices) -> None:
    await started(address)
    async with services.database.transaction() as session:
        await import_articles(session, SHOP, editor="eva")
        await record_feedback(session, services.ledger, Feedback("r", "store-hours", "en", 1, helped=False, comment=MARKUP))
        await create_staff(session, email="eva@shop.example", name="Eva", role=Role.EDITOR, password=PASSWORD)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(f"{address}/console/login?next=/console/help")
        await page.fill("input[name=email]", "eva@shop.example")
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button")
        await expect(page.locator(".b-comment")).to_have_text(MARKUP)
        await page.get_by_label("returns: Portugu").fill("Devoluções <b>")
        await page.get_by_label("Only quoted: returns").check()
        await page.get_by_role("button", name="Save: returns").click()
        await expect(page.get_by_text("returns was saved.")).to_be_visible()
        await expect(page.get_by_role("button", name="Save: returns")).to_be_disabled()
        await page.get_by_label("Articles are only ever quoted").check()
        await expect(page.get_by_text("From now on articles are only quoted.")).to_be_visible()
        found = await Axe().run(page, context="main", options={"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag22aa"]}})
        assert found.violations_count == 0, found.generate_report()
        assert await page.evaluate("window.hacked") is None
        await page.reload()
        await expect(page.get_by_label("Articles are only ever quoted")).to_be_checked()
        await expect(page.get_by_label("returns: Portugu")).to_have_value("Devoluções <b>")
        await browser.close()
    async with services.database.transaction() as session:
        assert await read_policy(session) == Policy(strict=True, categories=frozenset({"returns"}))
