"""The page on how articles are used and how healthy they are: what editors see, what others do not, and what a browser makes of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.knowledge.commands import KnowledgeCommands
from console.services import ConsoleServices
from context.staff.accounts import close_session
from context.types import Role
from insights.health.scanning import Scanner
from insights.usage.models import ArticleUseRow
from kit.clock import utc_now
from knowledge.types import ArticleDraft
from tests.console.desk import Screen, log_in
from tests.console.test_learning import picture
from tests.console.test_pages import CHROMIUM, address, started
from tests.console.test_unanswered import editor_in_browser
from tests.insights.house import House
from tests.knowledge.fakes import HOURS

__all__ = ["address"]
pytestmark = pytest.mark.integration
COMMANDS = ("usage", "asked", "findings", "judge", "stale", "links", "calibrate")
RETURN = ArticleDraft(
    "returning", "en", "Returning an item", "You can return an item within 30 days of delivery. See [prices](price-list)."
)
LATE = ArticleDraft("late-return", "en", "Returning an item late", "You can return an item within 14 days of delivery.")
MARKUP = '<img src=x onerror="window.hacked=1"> may I return it'


@dataclass(frozen=True)
class Board:
    """The page as a person of some role has it open."""

    commands: KnowledgeCommands
    screen: Screen

    async def ask(self, kind: str, **data: Any) -> None:
        await self.commands.run({"kind": kind, **data})


async def open_board(services: ConsoleServices, role: Role = Role.EDITOR) -> Board:
    _, login = await log_in(services, role, name="Eva")
    screen = Screen()
    return Board(KnowledgeCommands(services, login, screen), screen)


def use(number: int, article_id: str, outcome: str, question: str, *, kind: str = "answer", days: int = 1) -> ArticleUseRow:
    at = utc_now() - timedelta(days=days)
    return ArticleUseRow(
        event_id=number, kind=kind, article_id=article_id, language="en", passage_id="", question=question, question_language="en",
        outcome=outcome, at=at,
    )  # fmt: skip


@pytest.fixture
async def house(services: ConsoleServices) -> House:
    """Three articles, two of which contradict each other and one of which links to nothing; some uses."""
    house = House(services.database, services.ledger)
    editor = await house.staff(Role.EDITOR, "Eva")
    await house.publish(editor, HOURS, RETURN, LATE)
    async with services.database.transaction() as session:
        session.add_all([
            use(1, "returning", "open", MARKUP),
            use(2, "returning", "open", MARKUP),
            use(3, "returning", "asked_again", "and if it is used"),
            use(4, "store-hours", "accepted", "open at noon?", kind="suggestion"),
            use(5, "store-hours", "open", "open on sunday?", days=60),
        ])  # fmt: skip
    while await Scanner(services.database, house.embedder).step():
        pass
    return house


@pytest.mark.parametrize("kind", COMMANDS)
async def test_agents_see_nothing_here(services: ConsoleServices, house: House, kind: str) -> None:
    agent = await open_board(services, Role.AGENT)
    await agent.ask(kind, article="returning", of="duplicate", id=str(uuid.uuid4()))
    assert agent.screen.kinds() == {"failed"}


@pytest.mark.parametrize("kind", COMMANDS)
async def test_an_ended_session_sees_nothing(services: ConsoleServices, kind: str) -> None:
    editor = await open_board(services)
    async with services.database.transaction() as session:
        await close_session(session, editor.commands.login.token)
    await editor.ask(kind)
    assert editor.screen.kinds() == {"expired"}


async def test_usage_is_sorted_as_asked(services: ConsoleServices, house: House) -> None:
    editor = await open_board(services)
    await editor.ask("usage")
    lines = editor.screen.last("usage")["lines"]
    assert [(one["article"], one["cited"], one["failed"], one["used"]) for one in lines] == [
        ("returning", 3, 1, 0), ("late-return", 0, 0, 0), ("store-hours", 0, 0, 1),
    ]  # fmt: skip
    await editor.ask("usage", order="used", days=90)
    assert next((one["article"], one["cited"]) for one in editor.screen.last("usage")["lines"]) == ("store-hours", 1)
    await editor.ask("usage", order="title", ascending=True)
    assert [one["title"] for one in editor.screen.last("usage")["lines"]] == sorted(one["title"] for one in lines)
    assert editor.screen.last("overview")["contradiction"] == 1


async def test_an_editor_asks_for_a_new_calibration_and_sees_that_it_is_waited_for(services: ConsoleServices, house: House) -> None:
    editor = await open_board(services)
    await editor.ask("usage")
    assert editor.screen.last("overview")["calibrationAskedAt"] is None
    await editor.ask("calibrate")
    assert editor.screen.last("overview")["calibrationAskedAt"] is not None


async def test_nonsense_is_refused_with_a_hint(services: ConsoleServices, house: House) -> None:
    editor = await open_board(services)
    for kind, data in (
        ("usage", {"order": "id; DROP TABLE article_use"}), ("usage", {"days": -1}), ("asked", {"article": "nothing"}),
        ("findings", {"of": "everything"}), ("judge", {"id": "x"}), ("judge", {"id": str(uuid.uuid4()), "dismissed": True}),
    ):  # fmt: skip
        await editor.ask(kind, **data)
        assert editor.screen.kinds() == {"failed"}, kind


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_an_editor_sorts_looks_who_asks_and_judges_in_the_browser(address: str, services: ConsoleServices, house: House) -> None:
    await started(address)
    async with editor_in_browser(address, services, "knowledge") as page:
        await page.wait_for_selector(".b-ask")
        assert await page.locator(".b-ask").all_inner_texts() == [
            "Returning an item",
            "Returning an item late",
            "When are the stores open?",
        ]
        assert await page.get_attribute("th:has-text('Cited')", "aria-sort") == "descending"
        await picture(page, "knowledge-usage")
        await page.focus("th:has-text('Used') .b-sort >> nth=0")
        await page.keyboard.press("Enter")
        await page.wait_for_function("document.querySelector('.b-ask').textContent === 'When are the stores open?'")
        await page.click(".b-ask >> text='Returning an item'")
        await page.wait_for_selector(".b-asked.who_not li")
        assert MARKUP in await page.inner_text(".b-asked.who_answered")
        assert "asked again" in await page.inner_text(".b-asked.who_not")
        assert await page.locator(".b-who img").count() == 0
        await picture(page, "knowledge-asked")
        await page.reload()
        await page.wait_for_selector(".b-asked.who_not li")
        await page.locator(".b-tabs button", has_text="Contradictions").click()
        await page.wait_for_selector(".b-finding")
        assert "days: 14 or 30" in await page.inner_text(".b-finding")
        await picture(page, "knowledge-contradictions")
        await page.click(".b-finding .b-btn")
        await page.wait_for_selector(".b-empty")
        await page.check("label:has-text('judged no problem') input")
        await page.wait_for_selector("text=judged by Eva")
        await page.locator(".b-tabs button", has_text="Broken links").click()
        await page.wait_for_selector("text=There is no such article")
        assert await page.inner_text(".b-written") == "price-list"
        await page.locator(".b-tabs button", has_text="Out of date").click()
        await page.wait_for_selector(".b-empty")
        assert await page.evaluate("window.hacked") is None
        await page.get_by_role("tab").first.click()
        await page.focus(".b-calibrate")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".b-calibration [role=status]")
        assert await page.locator(".b-calibrate").count() == 0
        await page.reload()
        await page.wait_for_selector(".b-calibration [role=status]")  # it is still waited for
