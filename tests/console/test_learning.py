"""The page for teaching: what editors can do, what others cannot, and what a browser makes of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Page, async_playwright
from sqlalchemy import update

from console.learning.commands import LearningCommands
from console.services import ConsoleServices
from context.staff.accounts import close_session, create_staff
from context.types import Role
from insights.models import LearningMessageRow, TrainingRunRow
from insights.registry import Doer, ModelFacts, activate, record_model
from insights.retraining import end_run, open_run
from nlu.rasa_yaml import read_training_data
from tests.console.desk import PASSWORD, Screen, log_in
from tests.console.test_pages import ARGUMENTS, CHROMIUM, address, started
from tests.insights.asking import ask_something_unknown

pytestmark = pytest.mark.integration
__all__ = ["address"]
ENGRAVE, SHIP = "Can you engrave my initials on a teapot?", "do you repair broken cups"
COMMANDS = ("list", "teach", "dismiss", "undo", "train", "decide", "activate", "rollback")


class Editor:
    """Somebody with the page open."""

    def __init__(self, commands: LearningCommands, screen: Screen) -> None:
        self.commands, self.screen = commands, screen

    async def ask(self, kind: str, **data: Any) -> None:
        await self.commands.run({"kind": kind, **data})

    async def first(self) -> dict[str, Any]:
        """The first sentence of the list."""
        await self.ask("list", status="open")
        found: dict[str, Any] = self.screen.last("list")["sentences"][0]
        return found


async def open_page(services: ConsoleServices, role: Role = Role.EDITOR) -> Editor:
    _, login = await log_in(services, role, name="Eva")
    screen = Screen()
    return Editor(LearningCommands(services, login, screen), screen)


async def add_models(services: ConsoleServices, *, live: str = "20261122-0900-aaaa") -> None:
    """Two models, of which the older serves."""
    async with services.database.transaction() as session:
        for name in ("20261121-1805-bbbb", live):
            scores = {"held_out": {"set": "s", "overall": 0.93, "languages": {"en": 0.95, "pt": 0.91}, "sentences": 100}}
            facts = ModelFacts(name, name, 1, {}, scores, 1040, ["greet", "track_order"], ["en", "pt"])
            await record_model(session, facts, by=Doer("command line: ops", "ops (command line)"))
            await activate(session, services.ledger, name, by=Doer("command line: ops", "ops (command line)"))


@pytest.mark.parametrize("kind", COMMANDS)
async def test_agents_can_do_nothing_here(services: ConsoleServices, kind: str) -> None:
    await ask_something_unknown(services.database, services.ledger, ENGRAVE)
    agent = await open_page(services, Role.AGENT)
    await agent.ask(kind, intent="greet", model="m")
    assert agent.screen.kinds() == {"failed"}


@pytest.mark.parametrize("kind", COMMANDS)
async def test_an_ended_session_changes_nothing(services: ConsoleServices, kind: str) -> None:
    editor = await open_page(services)
    async with services.database.transaction() as session:
        await close_session(session, editor.commands.login.token)
    await editor.ask(kind, intent="greet")
    assert editor.screen.kinds() == {"expired"}


@pytest.mark.parametrize("role", [Role.EDITOR, Role.SUPERVISOR, Role.ADMIN])
async def test_one_click_on_a_guess_teaches(services: ConsoleServices, role: Role) -> None:
    await ask_something_unknown(services.database, services.ledger, ENGRAVE)
    editor = await open_page(services, role)
    sentence = await editor.first()
    assert sentence["guess"][0] == {"intent": "track_order", "percent": 41}
    await editor.ask("teach", id=sentence["id"], intent="track_order", text=sentence["text"], language="en")
    assert editor.screen.last("decided")["sentence"]["status"] == "taught"
    assert editor.screen.last("state")["counts"] == {"open": 0, "taught": 1, "dismissed": 0}
    assert [e.text for e in read_training_data([services.teaching.folder]).examples] == [ENGRAVE]


async def test_a_clash_is_shown_and_nothing_is_taught_until_the_editor_is_sure(services: ConsoleServices) -> None:
    await ask_something_unknown(services.database, services.ledger, "where is my parcel")
    editor = await open_page(services)
    sentence = await editor.first()
    await editor.ask("teach", id=sentence["id"], intent="faq/hours")
    assert "track_order" in editor.screen.last("clash")["message"]
    assert (await editor.first())["status"] == "open"
    await editor.ask("teach", id=sentence["id"], intent="faq/hours", sure=True)
    assert editor.screen.last("decided")["sentence"]["intent"] == "faq/hours"


async def test_a_bad_name_is_refused_with_a_hint(services: ConsoleServices) -> None:
    await ask_something_unknown(services.database, services.ledger, ENGRAVE)
    editor = await open_page(services)
    await editor.ask("teach", id=(await editor.first())["id"], intent="Ask Engraving")
    assert "small letters" in editor.screen.last("failed")["message"]


async def test_what_others_do_is_told_once(services: ConsoleServices) -> None:
    editor = await open_page(services)
    await editor.commands.show_state()
    await editor.commands.show_state()
    assert len([kind for kind, _ in editor.screen.told if kind == "state"]) == 1
    await ask_something_unknown(services.database, services.ledger, ENGRAVE)
    await editor.commands.show_state()
    assert editor.screen.last("state")["counts"]["open"] == 1


async def test_retraining_shows_progress_and_a_worse_model_asks(services: ConsoleServices) -> None:
    await add_models(services)
    editor = await open_page(services)
    await editor.ask("train")
    assert editor.screen.last("state")["run"]["state"] == "asked"
    await editor.ask("train")
    assert "Eva" in editor.screen.last("failed")["message"]
    run_id = editor.screen.last("state")["run"]["id"]
    async with services.database.transaction() as session:
        await session.execute(update(TrainingRunRow).values(state="running"))
        comparison = {"kind": "held_out", "lines": [["overall", 0.93, 0.90]], "fell": True}
        found = {"model_id": "20261121-1805-bbbb", "comparison": comparison}
        await end_run(session, services.ledger, UUID(run_id), activate_model=None, found=found)
    await editor.commands.show_state()
    assert editor.screen.last("state")["run"]["state"] == "held"
    await editor.ask("decide", id=run_id, use=True)
    assert [m["id"] for m in editor.screen.last("state")["models"] if m["active"]] == ["20261121-1805-bbbb"]
    await editor.ask("rollback")
    assert [m["id"] for m in editor.screen.last("state")["models"] if m["active"]] == ["20261122-0900-aaaa"]


@contextlib.asynccontextmanager
async def editor_in_browser(address: str, services: ConsoleServices) -> AsyncIterator[Page]:
    """A browser in which an editor has opened the page."""
    async with services.database.transaction() as session:
        await create_staff(session, email="eva@shop.example", name="Eva", role=Role.EDITOR, password=PASSWORD)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(f"{address}/console/login?next=/console/learning")
        await page.fill("input[name=email]", "eva@shop.example")
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button")
        await page.wait_for_selector(".b-learning")
        yield page
        await browser.close()


async def picture(page: Page, name: str) -> None:
    """Keeps a picture where BATON_PICTURES says."""
    if os.environ.get("BATON_PICTURES"):
        await page.screenshot(path=Path(os.environ["BATON_PICTURES"]) / f"{name}.png")


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_an_editor_teaches_dismisses_and_undoes_in_the_browser(address: str, services: ConsoleServices) -> None:
    await started(address)
    await add_models(services)
    for who, text in (("a", ENGRAVE), ("b", ENGRAVE), ("c", SHIP), ("d", "<img src=x onerror=alert(1)> what is this")):
        await ask_something_unknown(services.database, services.ledger, text, who=who)
    async with services.database.transaction() as session:
        await session.execute(update(LearningMessageRow).where(LearningMessageRow.text == SHIP).values(handed_off=True))
    async with editor_in_browser(address, services) as page:
        await page.wait_for_selector(".b-sentence")
        assert await page.locator(".b-sentence").count() == 3
        assert await page.locator(".b-sentences img").count() == 0
        await picture(page, "learning")
        first = page.locator(".b-sentence").first
        await first.locator(".b-sentence-text input").fill("can you engrave initials on a teapot")
        await first.locator(".b-other input").fill("ask_engraving")
        assert await first.locator(".b-other button").inner_text() == "Teach as new intent"
        await first.locator(".b-other button").click()
        await page.wait_for_function("document.querySelectorAll('.b-sentence').length === 2")
        await page.locator(".b-sentence .b-guess").first.click()
        await page.wait_for_function("document.querySelectorAll('.b-sentence').length === 1")
        await page.locator(".b-useless").click()
        await page.wait_for_selector(".b-empty")
        await page.click(".b-said-now .b-link")
        await page.wait_for_selector(".b-sentence .b-useless")
        await page.locator(".b-tabs button", has_text="Taught").click()
        await page.wait_for_function("document.querySelectorAll('.b-sentence').length === 2")
        assert "ask_engraving" in await page.inner_text(".b-sentences")
        await picture(page, "learning-taught")


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_the_progress_and_the_scores_of_a_training_appear_by_themselves(address: str, services: ConsoleServices) -> None:
    await started(address)
    await add_models(services)
    await ask_something_unknown(services.database, services.ledger, ENGRAVE)
    async with editor_in_browser(address, services) as page:
        await page.wait_for_selector(".b-retrain:not(:disabled)")
        by = Doer("command line: ops", "Sam")
        async with services.database.transaction() as session:
            run = await open_run(session, services.ledger, by=by, state="running", fine_tune=False)
            await session.execute(update(TrainingRunRow).values(progress=0.42, step="encoding with use-multilingual"))
        await page.wait_for_selector(".b-run progress[value='42']")
        assert await page.is_disabled(".b-retrain")
        await picture(page, "learning-training")
        lines = [["overall", 0.93, 0.901], ["en", 0.95, 0.96], ["pt", 0.91, 0.84]]
        async with services.database.transaction() as session:
            found = {"model_id": "20261121-1805-bbbb", "comparison": {"kind": "held_out", "lines": lines, "fell": True}}
            await end_run(session, services.ledger, run.id, activate_model=None, found=found)
        await page.wait_for_selector(".b-run.held")
        assert "93.0 %" in await page.inner_text(".b-run table")
        await page.locator(".b-model-top button", has_text="Models").click()
        await picture(page, "learning-held")
        await page.locator(".b-run button", has_text="Keep the old one").click()
        await page.wait_for_selector(".b-run.done")
