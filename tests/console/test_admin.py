"""The admin pages: what each right may do there, what others cannot, secrets that are told once, and what a browser makes of it."""

from __future__ import annotations

import asyncio
import re
import uuid
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright, expect
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from channels.models import ChannelAccountRow
from console.access import COOKIE
from console.admin.account_strings import ACCOUNT_EN, ACCOUNT_ZH, WEBHOOK_EN, WEBHOOK_ZH
from console.admin.audit import AuditCommands
from console.admin.bot import BotCommands
from console.admin.desk_strings import DESK_EN, DESK_ZH
from console.admin.labels import LabelCommands
from console.admin.people import PeopleCommands
from console.admin.roles import RoleCommands
from console.admin.sections import SECTIONS
from console.admin.strings import ADMIN_EN, ADMIN_ZH
from console.admin.tokens import TokenCommands
from console.admin.webhooks import WebhookCommands
from console.obeying import Data, Obeying
from console.services import ConsoleServices
from console.strings import strings
from context.staff.accounts import access_token_staff, create_staff, open_session
from context.staff.models import StaffRow
from context.staff.passwords import choose_password
from context.types import Role
from context.webhooks.models import WebhookDeliveryRow, WebhookTryRow
from kit.clock import utc_now
from tests.console.desk import PASSWORD, Screen, log_in
from tests.console.test_learning import add_models, picture
from tests.console.test_pages import ARGUMENTS, CHROMIUM, address, cookies_of, started

__all__ = ["address"]
pytestmark = pytest.mark.integration


SETTLED = """Promise.all(
  document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {})))"""


class Desk:
    """One admin page that somebody has open."""

    def __init__(self, kind: type[Obeying], services: ConsoleServices, who: tuple[StaffRow, Any]) -> None:
        self.staff, login = who
        self.screen = Screen()
        self.commands = kind(services, login, self.screen)

    async def ask(self, kind: str, **data: Any) -> None:
        await self.commands.run({"kind": kind, **data})

    def last(self, kind: str) -> dict[str, Any]:
        return self.screen.last(kind)


async def opened(kind: type[Obeying], services: ConsoleServices, role: Role = Role.ADMIN) -> Desk:
    return Desk(kind, services, await log_in(services, role, name="Ada"))


def test_both_languages_have_the_same_words() -> None:
    for english, chinese in ((ADMIN_EN, ADMIN_ZH), (DESK_EN, DESK_ZH), (ACCOUNT_EN, ACCOUNT_ZH), (WEBHOOK_EN, WEBHOOK_ZH)):
        assert english.keys() == chinese.keys()
        for key, said in english.items():
            assert set(re.findall(r"{\w+}", said)) == set(re.findall(r"{\w+}", chinese[key])), key


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
async def test_agents_are_refused_every_command_of_every_page(services: ConsoleServices, section: Any) -> None:
    desk = await opened(section.commands, services, Role.AGENT)
    for kind in desk.commands.handlers:
        await desk.ask(kind, id=str(uuid.uuid4()))
        assert "does not allow this" in desk.last("failed")["message"], kind
    assert desk.screen.kinds() == {"failed"}


@pytest.mark.parametrize("wrong", [NoConnectionError("all in use"), OSError("gone")], ids=["no connection is free", "no network"])
async def test_a_page_is_told_when_the_database_does_not_answer(services: ConsoleServices, wrong: Exception) -> None:
    desk = await opened(PeopleCommands, services)

    async def broken(_staff: StaffRow, _data: Data) -> None:
        raise wrong

    desk.commands.handlers["list"] = broken
    await desk.ask("list")
    assert desk.last("failed") == {"kind": "list", "message": strings()["error_database"]}


async def test_a_person_is_invited_logs_in_by_link_and_gets_another_role(services: ConsoleServices) -> None:
    desk = await opened(PeopleCommands, services)
    await desk.ask("invite", name="Bo", email="bo@shop.example", role="agent")
    link = desk.last("opened")["link"]
    async with services.database.transaction() as session:
        bo = await choose_password(session, link, PASSWORD, now=services.ledger.now)
    await desk.ask("role", id=str(bo.id), role="supervisor")
    assert desk.last("done") == {"what": "role", "name": "Bo", "role": "supervisor"}
    assert {one["name"]: one["role"] for one in desk.last("list")["people"]} == {"Ada": "admin", "Bo": "supervisor"}


async def test_oneself_cannot_be_disabled_and_the_page_says_why(services: ConsoleServices) -> None:
    desk = await opened(PeopleCommands, services)
    await desk.ask("disable", id=str(desk.staff.id))
    assert "own account" in desk.last("failed")["message"]
    await desk.ask("disable", id="x")
    assert "malformed" in desk.last("failed")["message"]


async def test_a_disabled_person_is_out_at_the_next_command(services: ConsoleServices) -> None:
    admin, other = await opened(PeopleCommands, services), await opened(PeopleCommands, services)
    await other.ask("list")
    await admin.ask("disable", id=str(other.staff.id))
    await other.ask("list")
    assert other.screen.told[-1][0] == "expired"


async def test_logins_are_shown_and_ended(services: ConsoleServices) -> None:
    desk, (ana, login) = await opened(PeopleCommands, services), await log_in(services, Role.AGENT, name="Ana")
    await desk.ask("sessions", id=str(ana.id))
    found = desk.last("sessions")["sessions"]
    await desk.ask("end", id=str(ana.id), session=found[0]["id"])
    assert desk.last("sessions")["sessions"] == []
    with pytest.raises(Exception, match="session has ended"):
        await login.check("converse")


async def test_a_custom_role_is_made_given_changed_and_kept_while_somebody_has_it(services: ConsoleServices) -> None:
    roles, people = await opened(RoleCommands, services), await opened(PeopleCommands, services)
    await roles.ask("save", name="Night lead", description="", permissions=["converse", "supervise", 7])
    ana, login = await log_in(services, Role.AGENT, name="Ana")
    await people.ask("role", id=str(ana.id), role="Night lead")
    assert (await login.check("supervise")).id == ana.id
    await roles.ask("remove", name="Night lead")
    assert "still have" in roles.last("failed")["message"]
    await roles.ask("save", name="Night lead", description="", permissions=["converse"])
    with pytest.raises(Exception, match="does not allow"):
        await login.check("supervise")


async def test_a_token_is_told_once_and_works_until_it_is_revoked(services: ConsoleServices) -> None:
    desk = await opened(TokenCommands, services)
    await desk.ask("make", label="Export", person=str(desk.staff.id), limited=True, permissions=["export_data"], days=30)
    token = desk.last("made")["token"]
    assert token not in str(desk.last("list"))
    async with services.database.transaction() as session:
        assert (await access_token_staff(session, token)).id == desk.staff.id
    await desk.ask("revoke", id=desk.last("list")["tokens"][0]["id"])
    assert desk.last("list")["tokens"] == []


async def test_versions_are_shown_with_figures_made_live_and_rolled_back(services: ConsoleServices) -> None:
    await add_models(services)
    desk = await opened(BotCommands, services, Role.SUPERVISOR)
    await desk.ask("list")
    assert [(one["id"], one["heldOut"]) for one in desk.last("state")["models"] if one["active"]] == [("20261122-0900-aaaa", 0.93)]
    await desk.ask("activate", model="20261121-1805-bbbb")
    await desk.ask("rollback")
    assert [one["id"] for one in desk.last("state")["models"] if one["active"]] == ["20261122-0900-aaaa"]
    await desk.ask("activate", model="nothing")
    assert "no model" in desk.last("failed")["message"]
    await desk.ask("train")
    assert desk.last("state")["run"]["state"] == "asked"


async def test_every_change_is_in_the_record_with_its_doer_and_no_secret(services: ConsoleServices) -> None:
    await add_models(services)
    people, tokens = await opened(PeopleCommands, services), await opened(TokenCommands, services)
    await people.ask("invite", name="Bo", email="bo@shop.example", role="agent", temporary=True)
    await tokens.ask("make", label="Export", person=str(tokens.staff.id), limited=False, days=None)
    audit = await opened(AuditCommands, services)
    await audit.ask("list")
    found = audit.last("list")["changes"]
    assert {("Ada", "person.invited", "Bo"), ("Ada", "token.made", "Export")} <= {(c["by"], c["action"], c["name"]) for c in found}
    assert "bot.made_live" in {change["action"] for change in found}
    assert people.last("opened")["password"] not in str(found)
    await audit.ask("list", of="token", text="exp")
    assert [change["name"] for change in audit.last("list")["changes"]] == ["Export"]


async def test_each_role_opens_its_admin_pages_and_a_link_chooses_a_password_once(address: str, services: ConsoleServices) -> None:
    await started(address)
    pages = [f"/console/admin/{section.name}" for section in SECTIONS]
    expected = {
        Role.AGENT: [],
        Role.EDITOR: ["bot"],
        Role.SUPERVISOR: ["teams", "routing", "sla", "macros", "labels", "suggestions", "bot"],
        Role.ADMIN: [section.name for section in SECTIONS],
    }
    for role, names in expected.items():
        async with httpx.AsyncClient(base_url=address, cookies=await cookies_of(services, role)) as client:
            allowed = [page.rsplit("/", 1)[1] for page in pages if (await client.get(page)).status_code == 200]
            assert allowed == names, role
            assert (await client.get("/console/admin")).status_code == (303 if names else 403)
    desk = await opened(PeopleCommands, services)
    async with httpx.AsyncClient(base_url=address) as client:
        await desk.ask("invite", name="Bo", email="bo@shop.example", role="agent", temporary=True)
        login = {"email": "bo@shop.example", "password": desk.last("opened")["password"]}
        where = (await client.post("/console/login", data=login)).headers["location"]
        assert where.startswith("/console/password/")
        assert COOKIE not in client.cookies
        assert (await client.post(where, data={"password": PASSWORD, "again": "other"})).status_code == 422
        assert (await client.post(where, data={"password": PASSWORD, "again": PASSWORD})).headers["location"] == "/console/"
        assert COOKIE in client.cookies
        assert (await client.get(where)).status_code == 401


async def no_faults(page: Page) -> None:
    """What axe-core finds in the page once its colours have changed, which must be nothing."""
    await page.evaluate(SETTLED)
    found = await Axe().run(page, context={"exclude": [["#q-loading-bar"]]})  # the bar is Quasar's own
    assert found.violations_count == 0, found.generate_report()


async def fits(page: Page) -> None:
    """Nothing stands out of the window to the right."""
    assert await page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")


async def shown(page: Page, url: str) -> None:
    """Opens a page and waits until it has what it lists; else says what it shows instead."""
    await page.goto(url)
    try:
        await page.wait_for_selector(".b-admin .b-page[aria-busy=false]")
    except PlaywrightTimeoutError:
        pytest.fail(f"Nothing is listed at {page.url}: {await page.inner_text('body')}")


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_every_admin_page_is_free_of_faults_in_light_dark_and_on_a_tablet(address: str, services: ConsoleServices) -> None:
    await started(address)
    await add_models(services)
    roles, tokens = await opened(RoleCommands, services), await opened(TokenCommands, services)
    await roles.ask("save", name="Night lead", description="Supervises at night", permissions=["converse", "supervise"])
    await tokens.ask("make", label="Nightly export", person=str(tokens.staff.id), limited=True, permissions=["export_data"], days=90)
    labels = await opened(LabelCommands, services)
    await labels.ask("save", title="Refund", colour="green")
    hooks = await opened(WebhookCommands, services)
    await hooks.ask("add", url="https://crm.example/a/rather/long/address/for/a/hook", events="message.*")
    told = {"id": "msg_1", "type": "message.sent", "payload": {"type": "message.sent", "data": {"text": "<b>hi</b>"}}, "state": "failed"}
    async with services.database.transaction() as session:
        session.add(WebhookDeliveryRow(webhook_id=UUID(hooks.last("list")["webhooks"][0]["id"]), tries=1, at=utc_now(), **told))
        await session.flush()
        session.add(WebhookTryRow(delivery_id="msg_1", status=500, milliseconds=12, at=utc_now()))
        session.add(ChannelAccountRow(channel="whatsapp", account="1555000", name="Shop number", state="paused"))
        for name, role in (("Ana", Role.AGENT), ("Sam", Role.SUPERVISOR), ("Noor", "Night lead")):
            await create_staff(session, email=f"{name.lower()}@shop.example", name=name, role=role, password=PASSWORD)
        root = await create_staff(session, email="root@shop.example", name="Root", role=Role.ADMIN, password=PASSWORD)
        token = await open_session(session, root, device="Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        await context.add_cookies([{"name": COOKIE, "value": token, "url": f"{address}/console"}])
        page = await context.new_page()
        for section in SECTIONS:
            await page.set_viewport_size({"width": 1280, "height": 800})
            await shown(page, f"{address}/console/admin/{section.name}")
            await asyncio.sleep(0.3)
            await picture(page, f"admin-{section.name}")
            await no_faults(page)
            await page.set_viewport_size({"width": 820, "height": 1100})
            await fits(page)
            await picture(page, f"admin-{section.name}-tablet")
        await page.click("[aria-label='Switch to dark colours']")
        await no_faults(page)
        await page.set_viewport_size({"width": 1280, "height": 800})
        await shown(page, f"{address}/console/admin/people")
        await page.click(".b-invite")
        await page.get_by_label("Name", exact=True).fill("Bo <b>Bold</b>")
        await page.get_by_label("E-mail").fill("bo@shop.example")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".b-once input")
        assert "/console/password/" in await page.input_value(".b-once input")
        assert await page.locator(".b-once b").count() == 0
        await no_faults(page)
        await picture(page, "admin-people-invited")
        page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
        await page.locator("tr", has_text="Ana").locator(".b-disable").click()
        await page.wait_for_selector("tr.b-off")
        await shown(page, f"{address}/console/admin/roles")
        await page.click(".b-new-role")
        await page.wait_for_selector(".b-role-form")
        await no_faults(page)
        await picture(page, "admin-roles-form")
        for name, button in (
            ("tokens", ".b-new-token"),
            ("teams", ".b-new-team"),
            ("routing", ".b-try-rules"),
            ("sla", ".b-new-policy"),
            ("macros", ".b-new-macro"),
        ):
            await shown(page, f"{address}/console/admin/{name}")
            await page.click(button)
            await page.wait_for_selector(".b-tried" if name == "routing" else ".b-role-form")
            await no_faults(page)
            await picture(page, f"admin-{name}-form")
        await shown(page, f"{address}/console/admin/webhooks")
        await page.click(".b-log")
        await page.click("[data-delivery=msg_1] .b-tries")
        await expect(page.locator(".b-payload")).to_contain_text("<b>hi</b>")
        await expect(page.locator("[data-delivery=msg_1] + tr li")).to_contain_text("500 (12 ms)")
        await no_faults(page)
        await picture(page, "admin-webhooks-log")
        await page.set_viewport_size({"width": 820, "height": 1100})
        await fits(page)
        await page.click("[data-delivery=msg_1] .b-replay")
        await expect(page.locator("[data-delivery=msg_1] .b-replay")).to_have_count(0)
        chinese = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-HK")
        await chinese.add_cookies([{"name": COOKIE, "value": token, "url": f"{address}/console"}])
        page = await chinese.new_page()
        for name, title in (("people", "人員"), ("roles", "角色"), ("sla", "服務水準")):
            await shown(page, f"{address}/console/admin/{name}")
            assert await page.inner_text(".b-admin h1") == title
            await picture(page, f"admin-{name}-chinese")
        await browser.close()
