"""The help centre in a real browser: read, searched and judged by keyboard, by phone, in the dark, without scripts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import NewAgent
from tests.browser.pages import SECONDS
from tests.browser.test_scenarios import clear_queue, query
from tests.live import LiveBaton

pytestmark = pytest.mark.browser
Contexts = Callable[..., Awaitable[BrowserContext]]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
PAGES = ("/help/en", "/help/zh-Hans/-/category/returns", "/help/pt/refund-times", "/help/en/-/search?q=refund", "/help/en/nothing-here")
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


async def open_page(contexts: Contexts, live: LiveBaton, path: str, **options: object) -> Page:
    page = await (await contexts(**options)).new_page()
    page.set_default_timeout(SECONDS)
    await page.goto(live.url + path)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
async def test_axe_finds_nothing_wrong(live: LiveBaton, contexts: Contexts, path: str, scheme: str) -> None:
    page = await open_page(contexts, live, path, color_scheme=scheme, **PHONE)
    await page.wait_for_selector("baton-chat")
    found = await Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_is_wider_than_a_phone(live: LiveBaton, contexts: Contexts, path: str) -> None:
    page = await open_page(contexts, live, path, viewport={"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_titles_appear_while_one_types_and_are_chosen_by_keyboard(live: LiveBaton, contexts: Contexts) -> None:
    page = await open_page(contexts, live, "/help/en")
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    box = page.get_by_role("combobox", name="Search the help centre")
    await box.press_sequentially("refu", delay=20)
    await expect(page.get_by_role("option").first).to_have_text("When will I get my refund?")
    await expect(box).to_have_attribute("aria-expanded", "true")
    assert (await Axe().run(page, options=RULES)).violations_count == 0
    await box.press("Escape")
    await expect(page.get_by_role("option")).to_have_count(0)
    await box.press_sequentially("n")
    await expect(page.get_by_role("option").first).to_be_visible()
    await box.press("ArrowDown")
    await expect(page.get_by_role("option", selected=True)).to_have_text("When will I get my refund?")
    await box.press("Enter")
    await page.wait_for_url("**/help/en/refund-times")
    assert wrong == []


async def test_enter_without_a_choice_searches_by_meaning(live: LiveBaton, contexts: Contexts) -> None:
    page = await open_page(contexts, live, "/help/en")
    box = page.get_by_role("combobox")
    await box.fill("sent it back last week, where is my money")
    await box.press("Enter")
    await page.wait_for_url("**/help/en/-/search?q=*")
    await expect(page.locator(".entries a").first).to_have_text("When will I get my refund?")


async def test_the_skip_link_comes_first_and_leads_to_the_content(live: LiveBaton, contexts: Contexts) -> None:
    page = await open_page(contexts, live, "/help/pt/return-policy")
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Ir para o conteúdo")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()


async def test_a_reader_tells_that_it_did_not_help_and_why(live: LiveBaton, contexts: Contexts) -> None:
    page = await open_page(contexts, live, "/help/en/brewing-tea")
    await page.get_by_role("button", name="No", exact=True).click()
    await expect(page.get_by_text("Thank you for telling us.")).to_be_visible()
    comment = page.get_by_label("What can we do better?")
    await expect(comment).to_be_focused()
    await comment.fill("Which water?")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("your comment has been sent")).to_be_visible()
    told = query(live, "SELECT helped, comment FROM help_feedback WHERE article_id = 'brewing-tea'")
    assert told == [(False, "Which water?")]
    assert query(live, "SELECT count(*) FROM event WHERE name = 'article.not_helped' AND data->>'article_id' = 'brewing-tea'") == [(1,)]


async def test_everything_works_without_scripts(live: LiveBaton, contexts: Contexts) -> None:
    page = await open_page(contexts, live, "/help/en", java_script_enabled=False)
    await page.fill("#q", "delivery to portugal")
    await page.click("header button")
    await page.click(".entries a >> nth=0")
    assert "/help/en/" in page.url
    article = page.url.rsplit("/", 1)[1]
    await page.click("button[value=yes]")
    assert await page.inner_text("[data-thanks]") == "Thank you for telling us."
    await page.fill("#comment", "Clear.")
    await page.click("[data-comment] button")
    assert await page.inner_text("[data-thanks]") == "Thank you, your comment has been sent."
    told = query(live, "SELECT helped, comment FROM help_feedback WHERE article_id = %s", article)
    assert told == [(True, "Clear.")]


async def test_bot_and_agent_learn_on_which_article_the_customer_wrote(live: LiveBaton, contexts: Contexts, new_agent: NewAgent) -> None:
    clear_queue(live)
    page = await open_page(contexts, live, "/help/en/refund-times?secret=1#x")
    await page.locator("baton-chat .launcher").click()
    await page.locator("baton-chat #text").fill("I want to talk to a person")
    await page.keyboard.press("Enter")
    await expect(page.locator("baton-chat .row.bot").nth(1)).to_be_visible()
    noted = query(live, "SELECT body->'metadata'->'page' FROM message WHERE direction = 'in' AND body ? 'metadata'")
    url = f"{live.url}/help/en/refund-times"
    title = await page.title()
    assert noted[-1] == ({"url": url, "article": "refund-times", "language": "en", "title": title},)
    assert (url,) in query(live, "SELECT data->>'page' FROM event WHERE name = 'visitor.viewed'")
    slots = query(live, "SELECT dialogue::text FROM conversation ORDER BY opened_at DESC LIMIT 1")
    assert "refund-times" in str(slots)
    agent = await new_agent()
    await agent.page.locator(".b-list [data-id]").first.click()
    seen = agent.page.locator(".b-msg.customer a", has_text="refund-times")
    await expect(seen.first).to_have_attribute("href", url)
