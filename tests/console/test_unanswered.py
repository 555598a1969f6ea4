"""The page of unanswered questions: what editors can do, what others cannot, and what a browser makes of it."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from console.services import ConsoleServices
from console.unanswered.commands import UnansweredCommands
from context.staff.accounts import close_session, create_staff
from context.types import Role
from knowledge.articles import get_article
from tests.console.desk import PASSWORD, Screen, log_in
from tests.console.test_learning import picture
from tests.console.test_pages import ARGUMENTS, CHROMIUM, address, started
from tests.insights.house import House
from tests.knowledge.fakes import HOURS

__all__ = ["address"]
pytestmark = pytest.mark.integration
COMMANDS = ("list", "open", "approve", "add", "accept", "dismiss", "reopen", "merge")
ENGRAVE = ("can you engrave a teapot", "could you engrave a teapot for <b>me</b>")
YES = "Yes, we engrave teapots from 30 pieces."


@dataclass(frozen=True)
class Board:
    """The page as a person of some role has it open."""

    commands: UnansweredCommands
    screen: Screen

    async def ask(self, kind: str, **data: Any) -> None:
        await self.commands.run({"kind": kind, "id": str(uuid.uuid4()), **data})

    async def first(self, **filters: str) -> dict[str, Any]:
        await self.ask("list", **filters)
        found = self.screen.last("list")["questions"]
        assert found
        return dict(found[0])


async def open_board(services: ConsoleServices, role: Role = Role.EDITOR) -> Board:
    _, login = await log_in(services, role, name="Eva")
    screen = Screen()
    return Board(UnansweredCommands(services, login, screen), screen)


@pytest.fixture
async def house(services: ConsoleServices) -> House:
    """Two customers asked for engraving, an agent answered one of them; the shop has an article about its hours."""
    house = House(services.database, services.ledger)
    editor, mei = await house.staff(Role.EDITOR, "Eva"), await house.staff(Role.AGENT, "Mei")
    await house.publish(editor, HOURS)
    first, *_ = await house.ask(*ENGRAVE, "When are the stores open?")
    await house.hand_over(first)
    await house.reply(first, mei, f"Hello Ana, {YES[0].lower()}{YES[1:]}", YES)
    await house.catch_up()
    return house


@pytest.mark.parametrize("kind", COMMANDS)
async def test_agents_can_do_nothing_here(services: ConsoleServices, house: House, kind: str) -> None:
    agent = await open_board(services, Role.AGENT)
    await agent.ask(kind)
    assert agent.screen.kinds() == {"failed"}


@pytest.mark.parametrize("kind", COMMANDS)
async def test_an_ended_session_changes_nothing(services: ConsoleServices, kind: str) -> None:
    editor = await open_board(services)
    async with services.database.transaction() as session:
        await close_session(session, editor.commands.login.token)
    await editor.ask(kind)
    assert editor.screen.kinds() == {"expired"}


@pytest.mark.parametrize("kind", COMMANDS[1:])
async def test_a_question_that_is_not_there_is_said(services: ConsoleServices, kind: str) -> None:
    editor = await open_board(services)
    for wrong in (str(uuid.uuid4()), "x", None):
        await editor.ask(kind, id=wrong, other=wrong, body="b", article="store-hours", wordings=7)
        assert editor.screen.kinds() == {"failed"}


async def test_a_question_opens_with_wordings_a_draft_and_a_proposal(services: ConsoleServices, house: House) -> None:
    editor = await open_board(services)
    question = await editor.first()
    assert (question["asked"], question["handoffs"]) == (2, 1)
    await editor.ask("open", id=question["id"])
    detail = editor.screen.last("detail")
    assert [one["text"] for one in detail["wordings"]] == list(ENGRAVE)
    assert detail["drafts"]["en"]["text"] == YES
    assert detail["proposal"] == {"id": "can-you-engrave-a-teapot", "title": "Can you engrave a teapot", "language": "en"}


async def test_an_editor_makes_a_draft_and_a_colleague_is_told(services: ConsoleServices, house: House) -> None:
    editor, other = await open_board(services), await open_board(services, Role.SUPERVISOR)
    question = await editor.first()
    form = {"id": question["id"], "article": "engraving", "language": "en", "title": "Engraving", "body": YES, "audience": "public"}
    await editor.ask("approve", **form, wordings=[{"language": "en", "text": ENGRAVE[0]}, {"language": "en", "text": " "}])
    assert editor.screen.last("done") == {"what": "approved", "article": "engraving", "language": "en"}
    async with services.database.transaction() as session:
        draft = (await get_article(session, "engraving")).find("en", "draft")
    assert draft is not None
    assert draft.questions == (ENGRAVE[0],)
    await other.ask("dismiss", id=question["id"], reason="no")
    assert "Eva" in other.screen.last("failed")["message"]


async def test_a_taken_id_is_refused_with_a_hint_and_nothing_is_lost(services: ConsoleServices, house: House) -> None:
    editor = await open_board(services)
    question = await editor.first()
    form = {"id": question["id"], "language": "en", "title": "Engraving", "body": YES, "audience": "public"}
    for wrong in ("store-hours", "Engraving Teapots", ""):
        await editor.ask("approve", article=wrong, **form)
        assert editor.screen.kinds() == {"list", "failed"}
    assert (await editor.first())["id"] == question["id"]


@contextlib.asynccontextmanager
async def editor_in_browser(address: str, services: ConsoleServices, page_name: str) -> AsyncIterator[Page]:
    """A browser in which an editor has opened a page."""
    async with services.database.transaction() as session:
        await create_staff(session, email="eva@shop.example", name="Eva", role=Role.EDITOR, password=PASSWORD)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        await page.goto(f"{address}/console/login?next=/console/{page_name}")
        await page.fill("input[name=email]", "eva@shop.example")
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button")
        yield page
        await browser.close()


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_an_editor_goes_from_a_question_to_a_draft_in_the_browser(address: str, services: ConsoleServices, house: House) -> None:
    await started(address)
    async with editor_in_browser(address, services, "unanswered") as page:
        await page.wait_for_selector(".b-question")
        assert await page.locator(".b-question").count() == 1
        assert await page.locator(".b-nav [aria-current=page]").inner_text() == "Unanswered"
        await page.focus(".b-question-text")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".b-faq textarea")
        assert await page.input_value(".b-faq textarea") == YES
        assert await page.locator(".b-question b").count() == 0  # what customers wrote stays text
        await picture(page, "unanswered")
        await page.locator(".b-wordings input[type=checkbox]").nth(1).uncheck()
        await page.click(".b-approve")
        await page.wait_for_selector(".b-said-now a")
        assert await page.get_attribute(".b-said-now a", "href") == "/console/articles/can-you-engrave-a-teapot?language=en"
        await page.locator(".b-tabs button", has_text="Waiting").click()
        await page.wait_for_selector(".b-remark a")
        await page.locator(".b-tabs button", has_text="Answered by now").click()
        await page.wait_for_selector("text=store-hours answers 100 % of it")
        await picture(page, "unanswered-answered")
        await page.click(".b-question-text")
        await page.click(".b-accept")
        await page.wait_for_selector(".b-empty")
        await page.locator(".b-tabs button", has_text="Closed").click()
        await page.wait_for_selector("text=not asked since")
        await page.reload()
        await page.wait_for_selector("text=not asked since")


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_putting_away_needs_a_reason_and_can_be_undone(address: str, services: ConsoleServices, house: House) -> None:
    await started(address)
    async with editor_in_browser(address, services, "unanswered") as page:
        await page.click(".b-question-text")
        await page.wait_for_selector(".b-put-away")
        assert await page.is_disabled(".b-put-away button")
        await page.fill(".b-put-away input", "We do not engrave")
        await page.click(".b-put-away button")
        await page.click(".b-said-now .b-link")
        await page.wait_for_selector("text=Opened again by hand")
