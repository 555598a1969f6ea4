"""Takes the pictures under docs/screenshots anew, of a real Baton with the sample shop: `make screenshots`."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from benchmarks.live import ROOT, LiveBaton, new_folder

PICTURES = ROOT / "docs" / "screenshots"
PASSWORD = "lantern-demo"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]
TALK = (
    "What is your return policy?",
    "Where is my order?",
    "LC-100002",
    "ana.demo@example.com",
    "My teapot arrived in two pieces, I want to talk to a person",
)


async def open_page(browser: Browser, address: str, *, width: int = 1280, height: int = 800) -> Page:
    """A page of a new person."""
    page = await (await browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")).new_page()
    await page.goto(address)
    return page


async def say(page: Page, text: str) -> None:
    """Writes to the bot and waits for its answer."""
    answers = page.locator("baton-chat .row.bot")
    before = await answers.count()
    await page.locator("baton-chat #text").fill(text)
    await page.locator("baton-chat #text").press("Enter")
    await answers.nth(before).wait_for(timeout=30_000)
    await page.wait_for_timeout(500)


async def log_in(browser: Browser, url: str, email: str, path: str) -> Page:
    """The console, logged in, at `path`."""
    page = await open_page(browser, f"{url}/console/")
    await page.locator("input[type=email], input[name=email]").first.fill(email)
    await page.locator("input[type=password]").first.fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda address: "login" not in address)
    await page.goto(f"{url}/console/{path}")
    await page.wait_for_timeout(1500)
    return page


async def take_pictures(browser: Browser, url: str, folder: Path) -> None:
    """Plays one conversation through and pictures both sides."""
    shop = await open_page(browser, url)
    await shop.wait_for_timeout(1000)
    await shop.screenshot(path=folder / "shop.png")
    await shop.locator("baton-chat .launcher").click()
    for text in TALK[:2]:
        await say(shop, text)
    await shop.screenshot(path=folder / "widget.png")
    for text in TALK[2:]:
        await say(shop, text)
    phone = await open_page(browser, f"{url}/?lang=zh-Hant", width=390, height=780)
    await phone.locator("baton-chat .launcher").click()
    await say(phone, "退貨要點做？")
    await phone.screenshot(path=folder / "widget-phone.png")
    console = await log_in(browser, url, "ana@lantern.example.com", "")
    await console.locator(".b-row").first.click()
    await console.wait_for_timeout(800)
    await console.screenshot(path=folder / "console-waiting.png")
    await console.get_by_role("button", name="Take").first.click()
    await console.wait_for_timeout(800)
    await shop.locator("baton-chat #text").fill("How do I get a replacement for something that arrived damaged?")
    await shop.locator("baton-chat #text").press("Enter")
    await console.wait_for_timeout(2000)
    await console.keyboard.press("Alt+1")
    await console.wait_for_timeout(500)
    await console.screenshot(path=folder / "console.png")
    articles = await log_in(browser, url, "eva@lantern.example.com", "articles/return-policy")
    await articles.screenshot(path=folder / "articles.png")
    for name, path in (("supervisor", "supervisor"), ("knowledge", "knowledge"), ("unanswered", "unanswered")):
        page = await log_in(browser, url, "sam@lantern.example.com", path)
        await page.screenshot(path=folder / f"{name}.png")


async def main() -> None:
    """Starts a Baton of its own, takes the pictures, stops it."""
    executable = os.environ.get("BATON_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        sys.exit("Chromium is missing: run `make browser`, or set BATON_CHROMIUM.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    folder = new_folder()
    live = LiveBaton(folder)
    try:
        await asyncio.to_thread(live.start)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=executable, args=QUIET)
            await take_pictures(browser, live.url, PICTURES)
            await browser.close()
    finally:
        live.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"Pictures are in {PICTURES.relative_to(ROOT)}.")


if __name__ == "__main__":
    asyncio.run(main())
