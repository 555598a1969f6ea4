"""The admin page of channel accounts: every kind by its own description, secrets that go in and never come out, and the provider asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import async_playwright
from sqlalchemy import select, update

from channels.accounts import open_account
from channels.base import Account
from channels.models import ChannelAccountRow
from channels.registry import ACCOUNTS
from channels.telegram.client import BotApi
from console.access import COOKIE
from console.admin.channels import ChannelCommands, form_json
from console.language import speak
from console.services import ConsoleServices
from context.staff.accounts import create_staff, open_session
from context.staff.audit import AuditFilter, access_changes
from context.types import Role
from kit.sealing import Sealer
from simulators.telegram.api import build
from simulators.telegram.world import World
from tests.channels.house import serving
from tests.console.desk import PASSWORD, make_channels
from tests.console.test_admin import Desk, fits, no_faults, opened
from tests.console.test_pages import ARGUMENTS, CHROMIUM, address, started

__all__ = ["address"]
pytestmark = pytest.mark.integration
TOKEN = "700001:simulated-bot-token"
WHATSAPP = {"token": "very-secret-token", "app_secret": "very-secret-app"}


def entered(channel: str) -> dict[str, Any]:
    """Something for everything that a channel asks for."""
    form = ACCOUNTS[channel]
    needed = {name: form.choices.get(name, ("7",))[0] for name in form.settings if name not in form.optional}
    secrets = {name: f"secret-{name}" for name in form.secrets if name not in form.made and name not in form.optional}
    return {"channel": channel, "account": "1555000", "name": f"Our {channel}", "settings": needed, "secrets": secrets}


async def stored(services: ConsoleServices, channel: str) -> Account:
    """The one account of a channel with its secrets."""
    async with services.database.transaction() as session:
        query = select(ChannelAccountRow).where(ChannelAccountRow.channel == channel)
        return open_account((await session.execute(query)).scalar_one(), services.channels.sealer)


async def test_every_kind_of_account_is_added_by_its_own_description(services: ConsoleServices) -> None:
    desk = await opened(ChannelCommands, services)
    for channel, form in ACCOUNTS.items():
        await desk.ask("add", **entered(channel))
        assert "failed" not in desk.screen.kinds(), desk.screen.told
        fresh = desk.last("added")["fresh"]
        assert sorted(fresh) == sorted(form.made)
        account = await stored(services, channel)
        assert not form.missing(account.settings, account.secrets)
        line = next(one for one in desk.last("list")["accounts"] if one["channel"] == channel)
        assert line["hook"] == (f"https://shop.example/hooks/{channel}/1555000" if form.hook else "")
        assert line["copied"] == {name: fresh[name] for name in form.copied}
        hidden = [value for name, value in account.secrets.items() if name not in form.copied]
        assert not [value for value in hidden if value in json.dumps(desk.last("list"))]


@pytest.mark.parametrize("channel", sorted(ACCOUNTS))
def test_every_field_is_described_in_both_languages(channel: str) -> None:
    form = ACCOUNTS[channel]
    assert sorted(form.zh_hant) == sorted({"account", *form.settings, *form.secrets})
    assert {*form.choices, *form.numbers} <= form.settings.keys()
    assert form.copied <= form.made.keys() <= form.secrets.keys()
    speak("zh-Hant")
    try:
        told = form_json(channel, make_channels())
    finally:
        speak("en")
    assert (told["account"], {field["name"]: field["help"] for field in told["fields"]}) == (  # type: ignore[attr-defined]
        form.zh_hant["account"], {name: text for name, text in form.zh_hant.items() if name != "account"},
    )  # fmt: skip


async def test_an_account_that_cannot_be_is_refused_with_the_reason(services: ConsoleServices) -> None:
    desk = await opened(ChannelCommands, services)
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"channel": "pigeon"}, "no channel with accounts"),
        ({"account": "two words"}, "without spaces"),
        ({"account": "a/b"}, "without spaces"),
        ({"secrets": {"token": "x"}}, "Missing: app_secret"),
        ({"secrets": {**WHATSAPP, "tokne": "x"}}, "'tokne' is no secret"),
        ({"settings": {"waba": "1"}}, "'waba' is no setting"),
        ({"settings": {"per_second": "many"}}, "per_second is a number"),
        ({"settings": {"appsecret_proof": "perhaps"}}, "appsecret_proof cannot be 'perhaps'"),
        ({"secrets": {**WHATSAPP, "token": "x\x00y"}}, "token is one line"),
    )
    for part, said in wrong:
        await desk.ask("add", **{"channel": "whatsapp", "account": "1555000", "name": "", "settings": {}, "secrets": WHATSAPP, **part})
        assert said in desk.last("failed")["message"]
    await desk.ask("list")
    assert desk.last("list")["accounts"] == []


async def test_an_account_is_changed_and_what_is_left_empty_stays(services: ConsoleServices) -> None:
    desk = await opened(ChannelCommands, services)
    given = {"channel": "sms", "account": "1555", "name": "Numbers", "settings": {"account_sid": "AC1", "from": "+15550001111"}}
    await desk.ask("add", **given, secrets={"auth_token": "one", "signing_key": "two"})
    one = desk.last("added")["id"]
    async with services.database.transaction() as session:
        await session.execute(update(ChannelAccountRow).values(state="blocked", reason="The token was refused"))
    change = {"id": one, "name": "Number", "settings": {"account_sid": "AC2", "from": ""}, "secrets": {"auth_token": ""}}
    await desk.ask("change", **change, cleared=["signing_key"])
    account = await stored(services, "sms")
    assert (account.name, account.state, account.settings, account.secrets) == (
        "Number",
        "active",
        {"account_sid": "AC2"},
        {"auth_token": "one"},
    )
    await desk.ask("change", **{**change, "secrets": {"signing_key": "three"}})
    await desk.ask("change", **{**change, "secrets": {"auth_token": "another"}})
    assert (await stored(services, "sms")).secrets == {"auth_token": "another", "signing_key": "three"}
    await desk.ask("change", **change, cleared=["auth_token"])
    assert "auth_token cannot be left out" in desk.last("failed")["message"]
    await desk.ask("add", **given, secrets={"auth_token": "one"})
    assert "already" in desk.last("failed")["message"]


async def test_an_account_whose_key_is_lost_is_mended_by_entering_its_secrets_anew(services: ConsoleServices) -> None:
    desk = await opened(ChannelCommands, services)
    await desk.ask("add", channel="line", account="U1", settings={}, secrets={"token": "t", "channel_secret": "s"})
    other = replace(services, channels=replace(services.channels, sealer=Sealer("another key")))
    changed = Desk(ChannelCommands, other, (desk.staff, desk.commands.login))
    await changed.ask("list")
    (line,) = changed.last("list")["accounts"]
    assert (line["lost"], line["set"]) == (True, [])
    await changed.ask("change", id=line["id"], name="", settings={}, secrets={"token": "new"})
    assert "sealed with another key" in changed.last("failed")["message"]
    await changed.ask("change", id=line["id"], name="", settings={}, secrets={"token": "new", "channel_secret": "new"})
    assert (await stored(other, "line")).secrets == {"token": "new", "channel_secret": "new"}


async def test_what_is_done_with_accounts_is_recorded_without_a_secret(services: ConsoleServices) -> None:
    desk = await opened(ChannelCommands, services)
    await desk.ask("add", channel="whatsapp", account="1555000", name="Shop", settings={"waba_id": "7"}, secrets=WHATSAPP)
    one = desk.last("added")["id"]
    await desk.ask("change", id=one, name="Shop", settings={"waba_id": "8"}, secrets={"token": "very-secret-new"})
    await desk.ask("pause", id=one, on=True)
    await desk.ask("remove", id=one)
    assert desk.last("list")["accounts"] == []
    async with services.database.transaction() as session:
        found = await access_changes(session, desk.staff, AuditFilter(kind="channel"))
    assert [entry.action for entry in found] == ["channel.removed", "channel.paused", "channel.changed", "channel.added"]
    assert found[2].details == {"settings": ["waba_id"], "secrets": ["token"]}
    assert "very-secret" not in json.dumps([dict(entry.details) for entry in found])
    await desk.ask("test", id=one)
    assert "no such account" in desk.last("failed")["message"]
    await desk.ask("remove", id=str(uuid4()))
    assert "no such account" in desk.last("failed")["message"]


@pytest.fixture
async def telegram() -> AsyncIterator[tuple[str, World]]:
    """The simulated Telegram and its address."""
    app, world = build()
    async with serving(app) as url:
        yield url, world


async def test_the_provider_is_asked_and_what_it_says_is_shown(services: ConsoleServices, telegram: tuple[str, World]) -> None:
    (url, _), api = telegram, BotApi()
    desk = await opened(ChannelCommands, replace(services, channels=replace(services.channels, testers={"telegram": api.test})))
    for account, token, base in (("1", TOKEN, url), ("2", "1:wrong", url), ("3", TOKEN, "http://127.0.0.1:1"), ("4", TOKEN, "no address")):
        await desk.ask("add", channel="telegram", account=account, settings={"base_url": base}, secrets={"token": token})
    ids = {one["account"]: one["id"] for one in desk.last("list")["accounts"]}
    await desk.ask("test", id=ids["1"])
    assert "@simulated_bot works" in desk.last("answered")["answer"]
    for account, said in (("2", "Unauthorized"), ("3", "does not answer"), ("4", "does not answer")):
        await desk.ask("test", id=ids[account])
        assert said in desk.last("failed")["message"]
    await api.caller.close()


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
async def test_an_account_is_connected_tried_changed_and_removed_in_the_browser(
    address: str, services: ConsoleServices, telegram: tuple[str, World]
) -> None:
    url, world = telegram
    await started(address)
    async with services.database.transaction() as session:
        root = await create_staff(session, email="root@shop.example", name="Root", role=Role.ADMIN, password=PASSWORD)
        token = await open_session(session, root, device="Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        await context.add_cookies([{"name": COOKIE, "value": token, "url": f"{address}/console"}])
        page = await context.new_page()
        page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
        await page.goto(f"{address}/console/admin/channels")
        await page.click(".b-new-account")
        for channel in ("whatsapp", "sms", "email", "telegram"):
            await page.select_option(".b-account-channel", channel)
            await no_faults(page)
        await page.get_by_label("Account", exact=True).fill("700001")
        await page.get_by_label("What colleagues call it").fill("Shop <b>bot</b>")
        await page.get_by_label("token", exact=True).fill(TOKEN)
        await page.get_by_label("base_url").fill(url)
        await page.click(".b-save-account")
        await page.wait_for_selector(".b-once input")
        made = await page.input_value(".b-once input")
        line = page.locator("tr[data-id]")
        await line.get_by_text("Shop <b>bot</b>").wait_for()
        address_shown = page.get_by_label("Webhook address", exact=True)
        assert await address_shown.input_value() == "https://shop.example/hooks/telegram/700001"
        await page.click(".b-connect")
        await page.get_by_text("Telegram calls https://shop.example/hooks/telegram/700001 from now on.").wait_for()
        assert world.config.secret == made
        await no_faults(page)
        await page.click(".b-test")
        await page.get_by_text("@simulated_bot works").wait_for()
        await page.click(".b-edit-account")
        assert await page.get_by_label("token", exact=True).input_value() == ""
        await page.get_by_label("What colleagues call it").fill("Shop bot")
        await page.click(".b-save-account")
        await line.get_by_text("Shop bot").wait_for()
        await page.set_viewport_size({"width": 820, "height": 1100})
        await fits(page)
        await page.click(".b-remove-account")
        await page.wait_for_selector(".b-page .b-empty")
        await browser.close()
    async with services.database.transaction() as session:
        assert (await session.execute(select(ChannelAccountRow))).first() is None
