"""What the widget asks beside the chat, in a real browser: a form and a notice by keyboard, in other languages, without faults for axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import NewAgent
from tests.browser.pages import SECONDS, Shop
from tests.browser.test_help import Contexts
from tests.browser.test_scenarios import clear_queue, query
from tests.browser.test_widget import expect_no_faults
from tests.live import LiveBaton

pytestmark = pytest.mark.browser
SETUP = """
form:
  fields:
    - {name: name, kind: name, required: true}
    - {name: mail, kind: email, required: true}
    - name: topic
      kind: choice
      label: {en: "What is it about?", pt: "Qual é o assunto?"}
      choices: [{value: parcel, label: {en: A parcel, pt: Uma encomenda}}, {value: other, label: {en: Something else, pt: Outra coisa}}]
    - {name: company, label: {en: Company, pt: Empresa}}
consent:
  version: "2026-11"
  text: {en: "May we note which pages you look at?", pt: "Podemos registar as páginas que vê?"}
  link: https://shop.example/privacy
email: {minutes: 10}
codes: true
"""
MAILBOX = """
INSERT INTO channel_account (id, channel, account, name, settings) VALUES (gen_random_uuid(), 'email', 'box@shop.example', 'Box',
'{"imap_host": "127.0.0.1", "imap_port": 9, "smtp_host": "127.0.0.1", "smtp_port": 9, "imap_security": "plain", "smtp_security": "plain"}')
RETURNING account
"""


@pytest.fixture(name="asking")
def _asking(live: LiveBaton) -> Iterator[None]:
    """The house asks, until the test is over: the file may change while Baton runs."""
    path = live.data_dir / "widget.yml"
    path.write_text(SETUP, encoding="utf-8")
    query(live, MAILBOX)
    yield
    query(live, "DELETE FROM channel_account WHERE account = 'box@shop.example' RETURNING account")
    path.unlink()


async def fill_by_keyboard(page: Page) -> None:
    """Name, e-mail, choice and company, from the field that has the focus."""
    await page.keyboard.type("Ana Lopes")
    await page.keyboard.press("Tab")
    await page.keyboard.type("ana.form@")
    await page.keyboard.press("Enter")
    wrong = page.get_by_role("textbox", name="O seu e-mail")
    await expect(page.locator("baton-chat #form-bad")).to_have_text("Verifique: O seu e-mail")
    await expect(wrong).to_be_focused()
    await expect(wrong).to_have_attribute("aria-invalid", "true")
    await wrong.fill("ana.form@example.com")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Uma")


@pytest.mark.usefixtures("asking")
async def test_a_form_and_a_notice_are_answered_by_keyboard(contexts: Contexts, new_agent: NewAgent, live: LiveBaton) -> None:
    clear_queue(live)
    page = await (await contexts(viewport={"width": 390, "height": 740})).new_page()
    page.set_default_timeout(SECONDS)
    faults = list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(f"{live.url}/?lang=pt")
    await page.locator("baton-chat .launcher").press("Enter")
    form = page.get_by_role("form", name="Antes de começar")
    await expect(form.get_by_role("textbox", name="O seu nome")).to_be_focused()
    await expect(page.locator("baton-chat #text")).to_be_hidden()
    await expect_no_faults(page)
    await page.keyboard.press("Enter")
    await expect(page.locator("baton-chat #form-bad")).to_have_text("Preencha: O seu nome")
    await fill_by_keyboard(page)
    await form.get_by_role("button", name="Começar").press("Enter")
    await expect(page.locator("baton-chat #text")).to_be_focused()
    await page.reload()
    await expect(page.locator("baton-chat .mail")).to_have_text("Se sair, as respostas vão para an…@example.com.")
    shop = Shop(page, live.url)
    await shop.say("Quero falar com uma pessoa sobre o meu bule")
    viewed = "SELECT count(*) FROM event e JOIN message m USING (conversation_id) WHERE e.name = 'visitor.viewed' AND m.text = %s"
    assert query(live, viewed, "Quero falar com uma pessoa sobre o meu bule") == [(0,)]
    await page.get_by_role("region", name="Privacidade").get_by_role("button", name="Aceito").press("Enter")
    await expect(page.get_by_role("region", name="Privacidade")).to_have_count(0)
    await page.reload()
    await expect(page.locator("baton-chat #text")).to_be_visible()
    await page.get_by_role("button", name="Mais opções").press("Enter")
    await page.get_by_role("button", name="Respostas por e-mail").press("Enter")
    await page.keyboard.type("outra@example.com")
    await page.keyboard.press("Enter")
    await expect(page.locator("baton-chat .mail")).to_have_text("Se sair, as respostas vão para ou…@example.com.")
    await page.get_by_role("button", name="Mais opções").press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect_no_faults(page)
    await page.get_by_role("region", name="Privacidade").get_by_role("button", name="Não, obrigado").press("Enter")
    await expect(page.locator("baton-chat .note")).to_contain_text("Nada se regista")
    said = "SELECT granted, version FROM contact_consent c JOIN contact_identifier i USING (contact_id) WHERE i.value = %s ORDER BY c.id"
    assert query(live, said, "ana.form@example.com") == [(True, "2026-11"), (False, "2026-11")]
    assert faults == []
    agent = await new_agent()
    await agent.row("Ana Lopes").click()
    await expect(agent.page.locator(".b-packet")).to_contain_text("parcel")
    await expect(agent.page.locator(".b-side")).to_contain_text("ana.form@example.com only said")
    await expect(agent.page.locator(".b-side")).to_contain_text("Not verified")


@pytest.mark.usefixtures("asking")
async def test_a_code_is_offered_where_an_order_needs_proof_and_opens_it(contexts: Contexts, live: LiveBaton) -> None:
    page = await (await contexts()).new_page()
    page.set_default_timeout(SECONDS)
    await page.goto(f"{live.url}/?lang=en")
    await page.locator("baton-chat .launcher").click()
    await page.get_by_role("textbox", name="Your name").fill("Ana Demo")
    await page.get_by_role("textbox", name="Your e-mail address").fill("ana.demo@example.com")
    await page.get_by_role("button", name="Start").click()
    shop = Shop(page, live.url)
    await shop.say("Where is my order LC-100001?")
    await page.get_by_role("button", name="Prove it with a code instead").press("Enter")
    await page.keyboard.type("ana.demo@example.com")
    await page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="If ana.demo@example.com can be reached")
    await expect(field).to_be_focused()
    await expect_no_faults(page)
    await page.keyboard.type("12")
    await page.keyboard.press("Enter")
    await expect(page.locator("baton-chat #one-bad")).not_to_be_empty()
    sent = "SELECT text FROM message WHERE channel = 'email' AND address = 'ana.demo@example.com' ORDER BY at DESC LIMIT 1"
    ((text,),) = query(live, sent)
    await field.fill(str(text)[:6])
    await page.keyboard.press("Enter")
    await expect(shop.by("customer").last).to_contain_text("I have proven who I am")
    await expect(shop.by("bot").last).to_contain_text("LC-100001", timeout=SECONDS)
    await expect(page.locator("baton-chat .row", has_text="is your code")).to_have_count(0)
