"""The supervisors' page: queue, people, alerts and figures as they change; watching, whispering, taking over, giving to somebody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.async_api import async_playwright
from sqlalchemy import update

from console.access import COOKIE
from console.services import ConsoleServices
from console.supervisor.commands import SupervisorCommands
from console.supervisor.live import LiveSupervisor
from console.supervisor.strings import SUPERVISOR_EN, SUPERVISOR_ZH
from context.conversations import get_conversation, list_messages
from context.models import ConversationRow
from context.staff.accounts import create_staff, open_session
from context.staff.models import StaffRow
from context.types import Role, Visibility
from desk.models import AlertRow
from desk.presence import record_presence
from insights.today import access_today
from kit.errors import NotAllowedError
from tests.console.desk import PASSWORD, Screen, log_in, waiting_conversation
from tests.console.test_admin import fits, no_faults
from tests.console.test_learning import picture
from tests.console.test_pages import ARGUMENTS, CHROMIUM, address, started

__all__ = ["address"]
pytestmark = pytest.mark.integration


class Tower:
    """The page as somebody has it open."""

    def __init__(self, services: ConsoleServices, who: tuple[StaffRow, Any]) -> None:
        self.staff, login = who
        self.screen = Screen()
        self.commands = SupervisorCommands(services, login, self.screen)

    async def ask(self, kind: str, **data: Any) -> None:
        await self.commands.run({"kind": kind, **data})

    def last(self, kind: str) -> Any:
        return self.screen.last(kind)


async def tower(services: ConsoleServices, role: Role = Role.SUPERVISOR) -> Tower:
    return Tower(services, await log_in(services, role, name="Sam"))


async def agent(services: ConsoleServices, name: str = "Mei", *, here: bool = True) -> StaffRow:
    staff, _ = await log_in(services, Role.AGENT, name=name)
    if here:
        async with services.database.transaction() as session:
            await record_presence(session, staff.id)
    return staff


async def holder_of(services: ConsoleServices, conversation: UUID) -> UUID | None:
    async with services.database.transaction() as session:
        return (await get_conversation(session, conversation)).agent_id


async def add_alert(services: ConsoleServices, conversation: UUID) -> None:
    async with services.database.transaction() as session:
        session.add(
            AlertRow(conversation_id=conversation, kind="angry", severity=2, detail="This is <b>outrageous</b>", at=services.ledger.now)
        )


def test_both_languages_have_the_same_words() -> None:
    assert SUPERVISOR_EN.keys() == SUPERVISOR_ZH.keys()


async def test_who_waits_stands_in_the_order_of_the_queue_with_why_and_promise(services: ConsoleServices) -> None:
    ana, bo = await waiting_conversation(services, who="ana"), await waiting_conversation(services, "Help!", who="bo")
    due = services.ledger.now + timedelta(minutes=4)
    async with services.database.transaction() as session:
        urgent = update(ConversationRow).where(ConversationRow.id == bo).values(urgency=2, due_at=due, due_metric="first_response")
        await session.execute(urgent)
    sam = await tower(services)
    await sam.ask("list")
    told = sam.last("queue")
    assert (told["count"], [one["id"] for one in told["queue"]]) == (2, [str(bo), str(ana)])
    assert told["queue"][0]["reason"] == "customer_asked"
    assert told["queue"][0]["dueMetric"] == "first_response"
    assert sam.last("today")["today"]["waiting"] == 2


async def test_people_stand_with_presence_and_what_they_hold(services: ConsoleServices) -> None:
    mei, _away = await agent(services), await agent(services, "Bo", here=False)
    conversation = await waiting_conversation(services)
    await services.desk.take(mei.id, conversation)
    sam = await tower(services)
    await sam.ask("list")
    found = {one["name"]: (one["state"], len(one["holds"])) for one in sam.last("people")["people"]}
    assert found == {"Mei": ("online", 1), "Bo": ("offline", 0), "Sam": ("offline", 0)}


async def test_watching_shows_the_talk_and_a_whisper_is_a_note_that_no_customer_sees(services: ConsoleServices) -> None:
    mei, conversation = await agent(services), await waiting_conversation(services)
    await services.desk.take(mei.id, conversation)
    sam = await tower(services)
    await sam.ask("watch", id=str(conversation))
    await sam.ask("whisper", id=str(conversation), text="Offer a voucher.")
    assert sam.last("watched")["messages"][-1] | {"text": "Offer a voucher.", "note": True} == sam.last("watched")["messages"][-1]
    async with services.database.transaction() as session:
        assert (await list_messages(session, [conversation]))[-1].visibility == Visibility.NOTE
    assert await holder_of(services, conversation) == mei.id


async def test_a_supervisor_takes_over_from_an_agent(services: ConsoleServices) -> None:
    mei, conversation = await agent(services), await waiting_conversation(services)
    await services.desk.take(mei.id, conversation)
    sam = await tower(services)
    await sam.ask("take", id=str(conversation))
    assert await holder_of(services, conversation) == sam.staff.id


async def test_a_waiting_and_a_held_conversation_are_given_to_somebody_who_is_here(services: ConsoleServices) -> None:
    mei, bo, gone = await agent(services), await agent(services, "Bo"), await agent(services, "Noor", here=False)
    conversation, sam = await waiting_conversation(services), await tower(services)
    await sam.ask("reassign", id=str(conversation), to=str(mei.id))
    assert await holder_of(services, conversation) == mei.id
    await sam.ask("reassign", id=str(conversation), to=str(bo.id), note="Knows lamps.")
    assert await holder_of(services, conversation) == bo.id
    await sam.ask("reassign", id=str(conversation), to=str(gone.id))
    assert "not here" in sam.last("failed")["message"]
    await sam.ask("reassign", id=str(conversation), to=str(bo.id))
    assert "holds it already" in sam.last("failed")["message"]
    assert await holder_of(services, conversation) == bo.id


async def test_an_editor_is_given_nothing(services: ConsoleServices) -> None:
    eva, _ = await log_in(services, Role.EDITOR, name="Eva")
    conversation, sam = await waiting_conversation(services), await tower(services)
    for someone in (str(eva.id), str(uuid4()), "x"):
        await sam.ask("reassign", id=str(conversation), to=someone)
        assert sam.screen.told[-1][0] in {"failed", "expired"}
    assert await holder_of(services, conversation) is None


async def test_an_alert_goes_when_it_was_seen_to(services: ConsoleServices) -> None:
    await add_alert(services, await waiting_conversation(services))
    sam = await tower(services)
    await sam.ask("list")
    found = sam.last("alerts")["alerts"]
    assert (found[0]["kind"], found[0]["name"]) == ("angry", "Ana")
    await sam.ask("acknowledge", id=found[0]["id"])
    assert sam.last("alerts")["alerts"] == []


async def test_what_happens_is_pushed_and_what_did_not_change_is_not(services: ConsoleServices) -> None:
    sam = await tower(services)
    await sam.ask("list")
    live = LiveSupervisor(sam.commands)
    before = len(sam.screen.told)
    await live.show([])
    assert len(sam.screen.told) == before
    await waiting_conversation(services)
    await live.show([])
    assert sam.last("queue")["count"] == 1
    assert {kind for kind, _ in sam.screen.told[before:]} == {"queue", "today"}


async def test_figures_are_counted_from_the_event_log(services: ConsoleServices) -> None:
    mei, ledger = await agent(services), services.ledger
    began = ledger.now
    conversation = await waiting_conversation(services)
    await waiting_conversation(services, who="bo")
    await services.desk.take(mei.id, conversation)
    await services.desk.reply(mei.id, conversation, "Hello Ana.")
    sam, eva = await tower(services), await log_in(services, Role.EDITOR)
    async with services.database.transaction() as session:
        found = await access_today(session, sam.staff, since=began, now=ledger.now)
        before = await access_today(session, sam.staff, since=ledger.now, now=ledger.now)
        with pytest.raises(NotAllowedError):
            await access_today(session, eva[0], since=began, now=ledger.now)
    assert (found.opened, found.handoffs, found.answered, found.waiting) == (2, 2, 1, 1)
    assert (found.abandonment, found.csat, found.containment) == (0.0, None, None)
    assert found.first_response_p50 is not None
    assert 0 <= found.first_response_p50 < 60
    assert (before.opened, before.waiting, before.first_response_p90) == (0, 1, None)


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_a_supervisor_sees_a_customer_come_without_a_reload_watches_and_gives(address: str, services: ConsoleServices) -> None:
    await started(address)
    mei = await agent(services, "Mei Chan")
    await agent(services, "Noor Haddad", here=False)
    held = await waiting_conversation(services, "My lamp came broken.", who="carla")
    await services.desk.take(mei.id, held)
    async with services.database.transaction() as session:
        sam = await create_staff(session, email="sam@shop.example", name="Sam", role=Role.SUPERVISOR, password=PASSWORD)
        token = await open_session(session, sam)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        await context.add_cookies([{"name": COOKIE, "value": token, "url": f"{address}/console"}])
        page = await context.new_page()
        await page.goto(f"{address}/console/supervisor")
        await page.wait_for_selector(".b-crew li")
        waiting = await waiting_conversation(services, "Where is my order? <b>Now!</b>", who="ana")
        await page.wait_for_selector(f'.b-queue [data-id="{waiting}"]', timeout=10_000)
        await waiting_conversation(services, "Can I change the address?", who="dora")
        async with services.database.transaction() as session:
            due = services.ledger.now + timedelta(minutes=3)
            await session.execute(
                update(ConversationRow).where(ConversationRow.id == waiting).values(priority=3, due_at=due, due_metric="first_response")
            )
        await add_alert(services, waiting)
        await page.wait_for_selector(".b-acknowledge", timeout=10_000)
        assert await page.locator(".b-queue b, .b-alert-said b").count() == 0
        await no_faults(page)
        await picture(page, "supervisor")
        await page.click(f'.b-queue [data-id="{waiting}"] .b-watch')
        await page.wait_for_selector(".b-watched-talk li")
        await page.fill(".b-whisper textarea", "She is a regular customer.")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_selector(".b-watched-talk .note")
        await no_faults(page)
        await picture(page, "supervisor-watching")
        await page.set_viewport_size({"width": 820, "height": 1100})
        await fits(page)
        await picture(page, "supervisor-tablet")
        await page.select_option(".b-give select", str(mei.id))
        await page.click(".b-give button")
        await page.wait_for_selector(f'.b-crew [data-id="{mei.id}"] .b-held + .b-held', timeout=10_000)
        assert await holder_of(services, waiting) == mei.id
        await page.click(".b-acknowledge")
        await page.wait_for_selector(".b-acknowledge", state="detached")
        await browser.close()
