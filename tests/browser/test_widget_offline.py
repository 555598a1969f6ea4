"""Files that a customer chooses while there is no network: kept in the browser, shown as waiting, sent up once, forgotten at log-out."""

from __future__ import annotations

import pytest
from playwright.async_api import FilePayload, Page, Route, expect

from tests.browser.conftest import NewShop
from tests.browser.pages import SECONDS, Shop
from tests.browser.test_scenarios import query
from tests.browser.test_widget import expect_no_faults, signed
from tests.context.test_attachments import picture
from tests.live import LiveBaton

pytestmark = pytest.mark.browser

UPLOADS = "**/v1/widget/files?*"
KEPT = """() => new Promise((done, failed) => {
  const asked = indexedDB.open(baton.store.prefix);
  asked.onupgradeneeded = () => asked.result.createObjectStore("files");
  asked.onerror = () => failed(asked.error);
  asked.onsuccess = () => {
    const counted = asked.result.transaction("files").objectStore("files").count();
    counted.onsuccess = () => [asked.result.close(), done(counted.result)];
  };
})"""


async def choose(page: Page, *files: FilePayload) -> None:
    """As by the paper clip's window, which `test_widget.py` opens."""
    await page.locator("baton-chat input[type=file]").set_input_files(files)


def png(name: str) -> FilePayload:
    return FilePayload(name=name, mimeType="image/png", buffer=picture())


def sent_up(live: LiveBaton, name: str) -> list[bool]:
    """For each file of that name at the server: whether it belongs to a message."""
    return [bool(row[0]) for row in query(live, "SELECT message_id IS NOT NULL FROM attachment WHERE name = %s", name)]


async def connected(shop: Shop) -> None:
    """Waits for the widget's stream and its second file."""
    await shop.page.wait_for_function("baton.fresh && baton.loading && baton.feed.abort")
    await shop.page.evaluate("baton.more()")


async def refuse_network(route: Route) -> None:
    await route.abort("internetdisconnected")


async def test_a_picture_chosen_without_network_survives_a_reload_and_arrives_once_with_its_message(
    new_shop: NewShop, live: LiveBaton
) -> None:
    shop = await new_shop("pt")
    page, wrong = shop.page, list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await connected(shop)
    await page.context.set_offline(True)
    await choose(page, png("bule.png"))
    await expect(page.locator("baton-chat .tray div")).to_contain_text("bule.pngÀ espera de ligação")
    await expect(page.locator("baton-chat .tray small[role=status]")).to_have_text("bule.png fica guardado e segue mais tarde.")
    await expect_no_faults(page)

    await page.context.route(UPLOADS, refuse_network)
    await page.context.set_offline(False)
    await page.reload()
    await connected(shop)
    await expect(page.locator("baton-chat .tray div")).to_contain_text("bule.pngÀ espera de ligação")
    await shop.write("Têm este bule?")
    await expect(shop.by("customer").locator("img")).to_have_attribute("alt", "bule.png")
    await expect(shop.by("customer")).to_contain_text("A enviar")
    await expect(page.locator("baton-chat .tray div")).to_have_count(0)
    await page.reload()
    await expect(shop.by("customer").locator("img")).to_have_attribute("alt", "bule.png")
    await expect(shop.by("customer")).to_contain_text("A enviar")
    assert sent_up(live, "bule.png") == []

    await page.context.unroute(UPLOADS)
    await expect(shop.by("customer")).to_contain_text("Enviada", timeout=3 * SECONDS)
    await expect(shop.by("customer")).to_have_count(1)
    assert sent_up(live, "bule.png") == [True]
    assert await page.evaluate(KEPT) == 0
    await page.reload()
    await expect(shop.by("customer").locator("img")).to_have_attribute("alt", "bule.png")
    assert wrong == []


async def test_what_waits_in_the_tray_is_sent_up_when_the_network_is_back(new_shop: NewShop, live: LiveBaton) -> None:
    shop = await new_shop("zh-Hant")
    page = shop.page
    await connected(shop)
    await page.context.set_offline(True)
    false = FilePayload(name="假.png", mimeType="image/png", buffer=b"MZ")
    await choose(page, png("茶壺.png"), false, png("不要.png"))
    await expect(page.locator("baton-chat .tray div")).to_contain_text(["茶壺.png等候連線", "假.png等候連線", "不要.png等候連線"])
    await page.get_by_role("button", name="移除 不要.png").press("Enter")
    await expect(page.locator("baton-chat .tray div")).to_have_count(2)
    assert await page.evaluate(KEPT) == 2
    await page.context.set_offline(False)
    await expect(page.locator("baton-chat .tray div")).to_have_text(["茶壺.png"], timeout=3 * SECONDS)
    await expect(page.locator("baton-chat .tray small[role=status]")).not_to_be_empty()  # why the other was refused
    assert sent_up(live, "茶壺.png") == [False]
    assert sent_up(live, "不要.png") == []
    await page.wait_for_function(f"({KEPT})().then((count) => count === 0)")


async def test_what_is_told_of_one_file_stays_when_another_is_sent_up_later(new_shop: NewShop) -> None:
    shop = await new_shop("en")
    page, told = shop.page, shop.page.locator("baton-chat .tray small[role=status]")
    await connected(shop)

    async def busy(route: Route) -> None:
        await route.fulfill(status=503, json={"detail": "busy"})

    await page.context.route(UPLOADS, busy)
    await choose(page, png("tea.png"), *(FilePayload(name=name, mimeType="", buffer=b"MZ") for name in ("tea.exe", "cup.exe")))
    refused = ["tea.exe is of a kind that cannot be sent.", "cup.exe is of a kind that cannot be sent."]
    await expect(told).to_have_text("\n".join(["tea.png is kept and sent later.", *refused]))
    await page.context.unroute(UPLOADS)
    await page.evaluate("async () => (await baton.more()).connected()")
    await expect(told).to_have_text("\n".join(refused))
    await expect(page.locator("baton-chat .tray div")).to_have_text(["tea.png"])
    await page.get_by_role("button", name="Remove tea.png").press("Enter")
    await expect(page.locator("baton-chat .tray div")).to_have_count(0)


async def test_a_browser_that_keeps_no_files_says_so(new_shop: NewShop) -> None:
    shop = await new_shop("en")
    await connected(shop)
    await shop.page.evaluate("() => { IDBFactory.prototype.open = () => { throw new DOMException('Blocked', 'SecurityError'); }; }")
    await shop.page.context.set_offline(True)
    await choose(shop.page, png("tea.png"))
    told = "tea.png could not be kept in this browser. Choose it again when the connection is back."
    await expect(shop.page.locator("baton-chat .tray small[role=status]")).to_have_text(told)
    await expect(shop.page.locator("baton-chat .tray div")).to_have_count(0)


async def test_only_so_much_waits_and_none_of_it_after_the_log_out(new_shop: NewShop, live: LiveBaton) -> None:
    shop = await new_shop("zh-Hans")
    page = shop.page
    await connected(shop)
    await page.evaluate("token => baton.identify(token)", signed(live, "M-offline"))
    await page.wait_for_function("baton.store.get('member') === 'M-offline'")
    await page.context.set_offline(True)
    large = "new File([new Uint8Array(24e6)], name + '.png', { type: 'image/png' })"
    await page.evaluate(f"async () => (await baton.more()).attach(['一', '二', '三'].map((name) => {large}))")
    await expect(page.locator("baton-chat .tray div")).to_contain_text(["一.png等待连接", "二.png等待连接"])
    await expect(page.locator("baton-chat .tray small[role=status]")).to_contain_text("最多可保留 50 MB。")
    assert await page.evaluate(KEPT) == 2
    await page.evaluate("baton.logout()")
    assert await page.evaluate(KEPT) == 0
    await expect(page.locator("baton-chat .tray div")).to_have_count(0)
    await expect(page.locator("baton-chat .tray small")).to_be_empty()
