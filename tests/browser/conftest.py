"""Chromium, driven by Playwright, on the real Baton."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.pages import Agent, Shop
from tests.live import LiveBaton

expect.set_options(timeout=20_000)  # what comes late on a busy machine has still come
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]

NewShop = Callable[..., Awaitable[Shop]]
NewAgent = Callable[..., Awaitable[Agent]]


def chromium() -> str:
    """The path of the system's Chromium."""
    found = os.environ.get("BATON_CHROMIUM") or next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    assert found, "Chromium is missing: run `make browser`, or set BATON_CHROMIUM"
    return found


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=[*QUIET, "--disable-sync"])
        yield browser
        await browser.close()


@pytest.fixture
async def contexts(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    """Makes browser contexts (people with their own cookies) that end with the test."""
    made: list[BrowserContext] = []

    async def make(**options: object) -> BrowserContext:
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options})  # type: ignore[arg-type]
        made.append(context)
        return context

    yield make
    for context in made:
        await context.close()


@pytest.fixture
def new_shop(live: LiveBaton, contexts: Callable[..., Awaitable[BrowserContext]]) -> NewShop:
    """Opens the demo shop as a new visitor."""

    async def make(language: str = "en", **options: object) -> Shop:
        page: Page = await (await contexts(**options)).new_page()
        shop = Shop(page, live.url)
        await shop.open(language)
        return shop

    return make


@pytest.fixture
def new_agent(live: LiveBaton, contexts: Callable[..., Awaitable[BrowserContext]]) -> NewAgent:
    """Opens the console, logged in."""

    async def make(email: str = "ana@lantern.example.com", **options: object) -> Agent:
        page = await (await contexts(**options)).new_page()
        agent = Agent(page, live.url)
        await agent.log_in(email)
        return agent

    return make
