"""The eight scenarios of the product, in a real browser against real processes."""

from __future__ import annotations

import asyncio
import re
import time
from uuid import uuid4

import httpx
import psycopg
import pytest
from playwright.async_api import expect

from kit.postgres import EmbeddedPostgres
from tests.browser.conftest import NewAgent, NewShop
from tests.browser.pages import SECONDS
from tests.e2e.test_bad_input import baton
from tests.live import LiveBaton

pytestmark = pytest.mark.browser


def query(live: LiveBaton, sql: str, *values: object) -> list[tuple[object, ...]]:
    """Rows of the database, behind the product's back."""
    url = EmbeddedPostgres(live.data_dir).url.replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        return connection.execute(sql, values).fetchall()


def clear_queue(live: LiveBaton) -> None:
    """Takes and resolves whatever other tests left waiting, over the API."""
    made = baton("create-agent", "bo@lantern.example.com", "--token", uuid4().hex[:6], live=live)
    headers = {"Authorization": f"Bearer {made.stderr.rsplit(' ', 1)[-1].strip()}"}
    with httpx.Client(base_url=live.url, headers=headers, timeout=20) as http:
        for waiting in http.get("/v1/conversations", params={"handler": "queue", "status": "open"}).json():
            for step in ("take", "resolve"):
                assert http.post(f"/v1/conversations/{waiting['id']}/{step}").status_code == 204


async def expect_rating(live: LiveBaton, score: int) -> None:
    """The newest rating is stored, without any further press of a button."""
    for _ in range(40):
        if query(live, "SELECT score FROM rating ORDER BY asked_at DESC LIMIT 1") == [(score,)]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the rating is not stored")


@pytest.mark.parametrize(
    ("language", "question", "hint", "link"),
    [
        ("en", "What is your return policy?", "30 days", "/help/en/return-policy"),
        ("zh-Hant", "退貨要點做？", "退", "/help/zh-Hant/"),
        ("zh-Hans", "退货政策是怎样的？", "退货", "/help/zh-Hans/"),
        ("pt", "Qual é a política de devoluções?", "30 dias", "/help/pt/return-policy"),
    ],
)
async def test_1_a_visitor_gets_the_right_answer_with_its_article(
    new_shop: NewShop, language: str, question: str, hint: str, link: str
) -> None:
    shop = await new_shop(language)
    assert hint in await shop.say(question)
    source = shop.page.locator("baton-chat .sources a").first
    address = await source.get_attribute("href")
    assert address is not None
    assert link in address
    title = (await source.inner_text()).strip()
    async with shop.page.context.expect_page() as opened:
        await source.click()
    article = await opened.value
    await expect(article.locator("h1")).to_contain_text(title[:20])


async def test_2_where_is_my_order_with_a_change_of_mind_and_a_question_in_the_middle(new_shop: NewShop) -> None:
    shop = await new_shop()
    assert "order number" in await shop.say("Where is my order?")
    between = await shop.say("how much is delivery to Portugal?")
    assert "180" in between
    assert "order number" in between
    await shop.say("LC-424242")
    assert "could not" in await shop.say("nobody@example.com")
    await shop.say("LC-100001")
    shown = await shop.say("ana.demo@example.com")
    for fact in ("LC-100001", "on its way", "Pato Courier", "Expected"):
        assert fact in shown
    await shop.say("and where is another order of mine?")
    stopped = await shop.say("never mind, leave it")
    assert "order number" not in stopped


async def test_3_a_return_ends_in_a_stored_request(new_shop: NewShop, live: LiveBaton) -> None:
    shop = await new_shop()
    await shop.say("I would like to return something")
    await shop.say("LC-100002")
    await shop.say("ana.demo@example.com")
    await shop.press("cup")
    await shop.press("mind")
    await shop.press("Exchange")
    done = await shop.say("yes please")
    found = re.search(r"RT-\d{5}", done)
    assert found
    assert query(live, "SELECT wish FROM return_request WHERE reference = %s", found[0]) == [("exchange",)]


async def test_4_anger_hands_over_with_a_complete_packet(new_shop: NewShop, live: LiveBaton) -> None:
    shop = await new_shop()
    await shop.say("Where is my order?")
    await shop.say("LC-100001")
    await shop.say("ana.demo@example.com")
    await shop.say("How long does delivery take?")
    told = await shop.say("This is an outrage! You are liars and thieves, I am furious and will sue you!!!")
    assert "colleague" in told.lower()
    packet = query(live, "SELECT packet FROM handoff ORDER BY at DESC LIMIT 1")[0][0]
    assert isinstance(packet, dict)
    assert packet["reason"] == "angry"
    assert packet["orders_seen"] == ["LC-100001"]
    assert packet["answers"]
    assert packet["slots"]
    assert packet["entities"]
    assert packet["summary"]
    assert packet["language"] == "en"
    assert packet["sentiment"]["level"] < 0
    assert len(packet["transcript"]) >= 8


async def test_5_and_6_the_agent_is_helped_answers_and_hands_back(new_shop: NewShop, new_agent: NewAgent, live: LiveBaton) -> None:
    clear_queue(live)
    agent = await new_agent()
    shop, mark = await new_shop(), "parcel with the blue ribbon"
    await shop.say("What is your return policy?")
    await shop.say(f"About my {mark}: I want to talk to a person")
    row = agent.rows.first  # it stands at the top, without reloading
    await expect(row).to_contain_text("Visitor", timeout=SECONDS)
    await expect(agent.page.locator(".b-tabs")).to_contain_text(re.compile(r"Waiting\s*[1-9]"))
    await row.click()
    await expect(agent.transcript).to_contain_text("What is your return policy?")
    await expect(agent.transcript).to_contain_text(mark)
    await expect(agent.suggestions.first).to_be_visible()
    await agent.press("Take")
    await expect(shop.by("system").last).to_contain_text("Ana")

    await shop.write("How long does a refund take?")
    await expect(agent.transcript).to_contain_text("How long does a refund take?")
    await expect(agent.suggestions.first).to_contain_text("5–7 working days", timeout=3_000)
    await agent.page.keyboard.press("Alt+1")
    await expect(agent.composer).to_have_value(re.compile("5–7 working days"))
    await expect(shop.page.locator("baton-chat .typing")).to_be_visible()
    await agent.composer.press("End")
    await agent.composer.press_sequentially(" Best, Ana")
    await agent.composer.press("Enter")
    await expect(shop.by("agent").last).to_contain_text("Best, Ana", timeout=SECONDS)  # it can be undone for five seconds
    states = query(live, "SELECT name FROM event WHERE name LIKE 'suggestion.%%' ORDER BY id DESC LIMIT 1")
    assert states == [("suggestion.edited",)]

    silent = await shop.by("bot").count()
    await agent.press("Hand back")
    await expect(shop.page.locator("baton-chat .rating")).to_be_visible()
    assert await shop.by("bot").count() == silent
    await shop.page.locator("baton-chat .star").nth(4).click()
    await expect_rating(live, 5)
    answer = await shop.say("Where are your stores?")
    assert "Taipa" in answer
    assert "colleague" not in answer.lower()
    await expect(agent.page.locator(".b-tabs")).to_contain_text(re.compile(r"Mine\s*0"))


async def test_7_a_published_change_is_used_by_bot_and_suggestions_within_seconds(
    new_shop: NewShop, new_agent: NewAgent, live: LiveBaton
) -> None:
    editor = await new_agent("eva@lantern.example.com")
    page, fact = editor.page, f"{uuid4().int % 900 + 100} paper lanterns"
    await page.goto(f"{editor.url}/console/articles/gift-wrapping")
    body = page.locator("textarea").first
    await expect(body).to_have_value(re.compile("wrap"))
    text = await body.input_value()
    await body.fill(f"Yes, we wrap your order as a gift, with {fact}, for MOP 20 an item.\n\n" + text)
    await page.get_by_role("button", name="Save draft").click()
    await page.get_by_role("button", name="Publish", exact=True).click()
    shop = await new_shop()
    question = "Can you wrap my order as a gift?"
    began = time.monotonic()
    while fact not in await shop.say(question):
        assert time.monotonic() - began < 10, "the bot does not use the new text"
    clear_queue(live)
    await shop.say("I want to talk to a person")
    agent = await new_agent()
    await agent.rows.first.click()
    await shop.write(question)
    await expect(agent.suggestions.first).to_contain_text(fact)


async def test_8_reloading_losing_the_network_and_a_restart_lose_nothing(new_shop: NewShop, live: LiveBaton) -> None:
    shop = await new_shop()
    await shop.say("Where are your stores?")
    count = await shop.rows.count()
    await shop.page.reload()
    await shop.chat()
    await expect(shop.by("customer").first).to_contain_text("Where are your stores?")
    assert await shop.rows.count() == count

    await shop.page.context.set_offline(True)
    await shop.write("Do you sell gift cards?")
    await shop.page.wait_for_timeout(800)
    assert not any("gift cards?" in str(row[0]) for row in query(live, "SELECT text FROM message ORDER BY at DESC LIMIT 3"))
    await shop.page.context.set_offline(False)
    await expect(shop.by("bot").filter(has_text="MOP 100").last).to_be_visible(timeout=SECONDS)

    assert live.kill("serve")
    await shop.write("What are your opening hours?")
    await expect(shop.by("bot").last).to_contain_text("10:00", timeout=40_000)
    own = [await shop.by("customer").nth(i).inner_text() for i in range(await shop.by("customer").count())]
    assert sum("opening hours" in text for text in own) == 1
    for _ in range(20):
        if live.healthy():
            return
        await shop.page.wait_for_timeout(500)
    raise AssertionError("not whole ten seconds after the restart")


async def test_injection_is_shown_as_text_on_both_sides(new_shop: NewShop, new_agent: NewAgent, live: LiveBaton) -> None:
    clear_queue(live)
    agent, evil = await new_agent(), "<img src=x onerror=\"document.title='owned'\"> **bold** <script>document.title='owned'</script>"
    shop = await new_shop()
    await shop.write(evil)
    await expect(shop.by("customer").first).to_contain_text("<img src=x")
    await shop.say("I want to talk to a person")
    await agent.rows.first.click()
    await expect(agent.transcript).to_contain_text("<img src=x")
    await agent.press("Take")
    await agent.reply(evil)
    await expect(shop.by("agent").first).to_contain_text("<script>", timeout=SECONDS)
    assert "owned" not in await agent.page.title() + await shop.page.title()
    await agent.press("Resolve")
    await expect(shop.by("system").last).to_be_visible()
