"""The widget of a page whose customer is logged in, in a real browser: files both ways, log-out, by keyboard and without faults for axe."""

from __future__ import annotations

import time
from uuid import uuid4

import jwt
import psycopg
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import FilePayload, Page, Route, expect

from kit.postgres import EmbeddedPostgres
from tests.browser.conftest import NewShop
from tests.browser.pages import SECONDS
from tests.browser.test_help import RULES, Contexts
from tests.browser.test_scenarios import query
from tests.context.test_attachments import picture
from tests.live import LiveBaton

pytestmark = pytest.mark.browser
SECRET = "a-secret-of-the-invented-shop-that-is-long-enough"


def signed(live: LiveBaton, member: str) -> str:
    """What the shop's server would print into the page."""
    with psycopg.connect(EmbeddedPostgres(live.data_dir).url.replace("+psycopg", "")) as connection:
        key = "INSERT INTO identity_key (id, algorithm, key) VALUES ('widget', 'HS256', %s) ON CONFLICT DO NOTHING"
        connection.execute(key, (SECRET,))
    now = int(time.time())
    claims = {"sub": member, "aud": "baton", "iat": now, "exp": now + 300, "jti": uuid4().hex, "name": "Ana"}
    return jwt.encode(claims, SECRET, headers={"kid": "widget"})


async def expect_no_faults(page: Page) -> None:
    """The widget's own; those of the page around it are the page's."""
    found = await Axe().run(page, context="baton-chat", options=RULES)
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]] == []


async def test_a_member_sends_a_picture_by_keyboard_and_logs_out(new_shop: NewShop, live: LiveBaton) -> None:
    shop = await new_shop("pt", viewport={"width": 390, "height": 740})
    page, wrong = shop.page, list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.evaluate("token => baton.identify(token)", signed(live, "M-widget"))
    attach = page.get_by_role("button", name="Anexar um ficheiro")
    async with page.expect_file_chooser() as chosen:
        await attach.focus()  # also the round trip after which the browser is told to hand choosers over
        await page.keyboard.press("Enter")
    await expect(page.locator("baton-chat .tray > small")).to_have_text("No máximo 25 MB por ficheiro.")
    files = [("chá.png", "image/png", picture()), ("mentira.png", "image/png", b"MZ"), ("programa.exe", "", b"MZ")]
    await (await chosen.value).set_files([FilePayload(name=name, mimeType=kind, buffer=data) for name, kind, data in files])
    await expect(page.locator("baton-chat .tray > small")).to_contain_text("programa.exe é de um tipo que não pode ser enviado")
    await expect(page.locator("baton-chat .tray span")).to_have_text(["chá.png"])
    await expect_no_faults(page)
    await page.keyboard.press("Enter")
    await expect(shop.by("customer").locator("img")).to_have_attribute("alt", "chá.png")
    await expect(shop.by("bot").last).to_be_visible(timeout=SECONDS)
    proven = query(live, "SELECT c.name FROM contact c JOIN contact_identifier i ON i.contact_id = c.id WHERE i.value = 'M-widget'")
    assert proven == [("Ana",)]
    await page.reload()
    await expect(shop.by("customer").locator("img")).to_be_visible(timeout=SECONDS)
    await expect_no_faults(page)
    await page.evaluate("baton.logout()")
    await expect(shop.rows.locator("visible=true")).to_have_count(0)
    assert await page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('baton:') && !key.endsWith(':open'))") == []
    await shop.chat()
    await expect(shop.by("customer")).to_have_count(0)
    assert wrong == []


async def test_a_choice_of_files_that_is_cancelled_leaves_the_chat_open(new_shop: NewShop) -> None:
    shop = await new_shop("pt", viewport={"width": 390, "height": 740})
    attach = shop.page.get_by_role("button", name="Anexar um ficheiro")
    heard = "window.cancelled = 0; document.querySelector('baton-chat').chooser.addEventListener('cancel', () => (cancelled += 1))"
    await shop.page.evaluate(heard)
    await attach.press("Enter")  # without a screen the browser cancels what nobody takes over
    await shop.page.wait_for_function("window.cancelled")
    await expect(attach).to_be_visible()
    await shop.page.locator("baton-chat #text").press("Escape")
    await expect(attach).to_be_hidden()


async def test_a_language_that_changes_while_the_session_opens_is_followed(live: LiveBaton, contexts: Contexts) -> None:
    page = await (await contexts()).new_page()
    held: list[Route] = []

    async def hold(route: Route) -> None:
        if held:
            await route.continue_()
        held.append(route)

    await page.route("**/v1/widget/sessions", hold)
    await page.goto(f"{live.url}/?lang=en")
    await page.locator("baton-chat .launcher").click()
    while not held:
        await page.wait_for_timeout(50)
    await page.evaluate("document.documentElement.lang = 'pt'")
    await expect(page.locator("baton-chat #text")).to_have_attribute("placeholder", "Escreva uma mensagem")
    await held[0].continue_()
    await expect(page.locator("baton-chat .disclosure")).to_contain_text("assistente")


async def test_a_greeting_comes_once_and_opens_the_chat(live: LiveBaton, contexts: Contexts) -> None:
    page = await (await contexts()).new_page()
    await page.goto(f"{live.url}/?lang=zh-Hans")
    await page.wait_for_function("window.baton")
    assert await page.evaluate("baton.greet('要帮忙吗？')") is True
    await expect(page.get_by_role("status").filter(has_text="要帮忙吗？")).to_be_visible()
    await expect_no_faults(page)
    assert await page.evaluate("baton.greet('要帮忙吗？')") is False
    await page.get_by_role("button", name="要帮忙吗？").press("Enter")
    await expect(page.locator("baton-chat #text")).to_be_focused()
    await expect(page.locator("baton-chat .greet")).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.reload()
    await page.wait_for_function("window.baton")
    assert await page.evaluate("baton.greet('要帮忙吗？')") is False
    assert await page.evaluate("baton.greet('要帮忙吗？', { hours: 0 })") is True
    await page.get_by_role("button", name="关闭此消息").press("Enter")
    await expect(page.locator("baton-chat .launcher")).to_be_focused()
