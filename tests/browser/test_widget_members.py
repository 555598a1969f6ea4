"""Who is logged in, over two tabs of one browser and over a change of member without log-out: nobody sees what another wrote."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import NewShop
from tests.browser.pages import SECONDS, Shop
from tests.browser.test_scenarios import query
from tests.browser.test_widget import signed
from tests.browser.test_widget_offline import KEPT, UPLOADS, choose, connected, png, refuse_network
from tests.live import LiveBaton

pytestmark = pytest.mark.browser

STORED = "JSON.stringify(Object.entries(localStorage).filter(([key]) => key.startsWith('baton:') && !key.endsWith(':open')))"


async def log_in(page: Page, live: LiveBaton, member: str) -> None:
    """As the page's own script would, and waits until the widget has exchanged it."""
    await page.evaluate("token => baton.identify(token)", signed(live, member))
    await page.wait_for_function("member => baton.store.get('member') === member", arg=member)


async def second_tab(shop: Shop) -> Shop:
    tab = Shop(await shop.page.context.new_page(), shop.url)
    await tab.open()
    await connected(tab)
    return tab


async def test_a_log_out_in_one_tab_empties_the_other(new_shop: NewShop, live: LiveBaton) -> None:
    first = await new_shop()
    await log_in(first.page, live, "M-tabs")
    second = await second_tab(first)
    printed = "token => { baton.dataset.identity = token; }"
    await second.page.evaluate(printed, signed(live, "M-tabs"))  # never needed so far, and so never counted
    await first.write("Is my tea on its way?")
    await expect(second.by("customer")).to_contain_text("Is my tea on its way?", timeout=SECONDS)
    await second.page.locator("baton-chat #text").fill("My address is")
    await first.page.evaluate("baton.logout()")
    await expect(second.by("customer")).to_have_count(0)
    await expect(second.page.locator("baton-chat #text")).to_have_value("")
    assert await second.page.evaluate(STORED) == "[]"

    await second.page.evaluate("baton.wake()")  # as when the tab is looked at again
    await connected(second)
    await second.say("Do you sell gift cards?")
    await expect(second.by("customer")).to_have_count(1)
    assert await second.page.evaluate("baton.store.get('member')") is None
    assert writers(live, "Do you sell gift cards?")[-1] != "M-tabs"


async def test_a_tab_from_before_the_log_in_follows_it(new_shop: NewShop, live: LiveBaton) -> None:
    first = await new_shop()
    await first.page.evaluate("baton.identify('')")  # nobody was logged in when this page was made
    await connected(first)
    second = await second_tab(first)
    await log_in(second.page, live, "M-later")
    await second.write("Where is my parcel?")
    await expect(first.by("customer")).to_contain_text("Where is my parcel?", timeout=SECONDS)
    await first.page.evaluate("baton.fresh = false, baton.wake()")
    await connected(first)
    assert await first.page.evaluate("baton.store.get('member')") == "M-later"
    await expect(second.by("customer")).to_have_count(1)


async def test_another_member_without_log_out_finds_nothing_of_the_first(new_shop: NewShop, live: LiveBaton) -> None:
    shop = await new_shop()
    page = shop.page
    await log_in(page, live, "M-first")
    await shop.say("Where are your stores?")
    await page.context.route(UPLOADS, refuse_network)
    await page.context.route("**/v1/widget/messages", refuse_network)
    await choose(page, png("first.png"))
    await expect(page.locator("baton-chat .tray div")).to_contain_text("first.png")
    await shop.write("A secret of the first")
    await choose(page, png("second.png"))
    await expect(page.locator("baton-chat .tray div")).to_contain_text("second.png")
    await page.locator("baton-chat #text").fill("A half sentence of the first")

    await log_in(page, live, "M-second")
    await expect(shop.by("customer")).to_have_count(0)
    await expect(page.locator("baton-chat .tray div")).to_have_count(0)
    await expect(page.locator("baton-chat #text")).to_have_value("")
    stored = await page.evaluate(STORED)
    assert [word for word in ("stores?", "of the first", "first.png", "second.png", "M-first") if word in stored] == []
    assert await page.evaluate(KEPT) == 0
    await page.context.unroute_all()
    await shop.say("Do you sell gift cards?")
    await expect(shop.by("customer")).to_have_count(1)
    assert writers(live, "Do you sell gift cards?")[-1] == "M-second"
    assert writers(live, "A secret of the first") == []

    await log_in(page, live, "M-first")
    await expect(shop.by("customer")).to_contain_text("Where are your stores?", timeout=SECONDS)
    await expect(shop.by("customer")).to_have_count(1)


async def test_what_is_on_its_way_when_the_member_changes_is_never_sent_as_the_next(new_shop: NewShop, live: LiveBaton) -> None:
    shop = await new_shop()
    page, held, changed = shop.page, asyncio.Event(), asyncio.Event()
    await log_in(page, live, "M-hasty")

    async def hold(route: Route) -> None:
        held.set()
        await changed.wait()
        await route.continue_()

    await page.context.route("**/v1/widget/messages", hold, times=1)
    await shop.write("Words of the hasty one")
    await held.wait()
    await log_in(page, live, "M-next")
    async with page.expect_response("**/v1/widget/messages") as answered:
        changed.set()
    assert (await answered.value).status == 401
    await shop.say("Do you sell gift cards?")
    await expect(shop.by("customer")).to_have_count(1)
    assert writers(live, "Words of the hasty one") == []


async def test_of_two_members_named_at_once_the_last_is_in(new_shop: NewShop, live: LiveBaton) -> None:
    shop = await new_shop()
    await connected(shop)
    tokens = [signed(live, "M-quick"), signed(live, "M-quicker")]
    await shop.page.evaluate("([one, other]) => { baton.identify(one); setTimeout(() => baton.identify(other)); }", tokens)
    await shop.page.wait_for_function("baton.store.get('member') === 'M-quicker'")


def writers(live: LiveBaton, text: str) -> list[object]:
    """The member, if any, behind each message of that text, oldest first."""
    rows = query(
        live,
        "SELECT (SELECT i.value FROM contact_identifier i WHERE i.contact_id = c.contact_id AND i.value LIKE 'M-%%')"
        " FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE m.text = %s ORDER BY m.at",
        text,
    )
    return [row[0] for row in rows]
