"""The pages as people use them."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

PASSWORD = "lantern-demo"
SECONDS = 20_000


class Shop:
    """The demo shop with its chat widget."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        page.set_default_timeout(SECONDS)

    async def open(self, language: str = "en") -> None:
        """Opens the shop and its chat."""
        await self.page.goto(f"{self.url}/?lang={language}")
        await self.chat()

    async def chat(self) -> None:
        """Opens the chat, if it is not open."""
        launcher = self.page.locator("baton-chat .launcher")
        if await launcher.is_visible():
            await launcher.click()
        await expect(self.page.locator("baton-chat #text")).to_be_visible()

    @property
    def rows(self) -> Locator:
        """All messages."""
        return self.page.locator("baton-chat .row")

    def by(self, author: str) -> Locator:
        """The messages of customer, bot, agent or system."""
        return self.page.locator(f"baton-chat .row.{author}")

    async def say(self, text: str) -> str:
        """Writes a message and returns what the bot answers."""
        bot = self.by("bot")
        before = await bot.count()
        await self.write(text)
        await expect(bot.nth(before)).to_be_visible(timeout=SECONDS)
        await self.page.wait_for_timeout(300)
        return "\n".join([await bot.nth(i).inner_text() for i in range(before, await bot.count())])

    async def write(self, text: str) -> None:
        """Writes a message."""
        await self.page.locator("baton-chat #text").fill(text)
        await self.page.locator("baton-chat #text").press("Enter")

    async def press(self, title: str) -> str:
        """Presses a quick reply and returns what the bot answers."""
        bot = self.by("bot")
        before = await bot.count()
        await self.page.locator("baton-chat .quick:not([hidden]) button", has_text=title).first.click()  # older ones are hidden
        await expect(bot.nth(before)).to_be_visible(timeout=SECONDS)
        await self.page.wait_for_timeout(300)
        return "\n".join([await bot.nth(i).inner_text() for i in range(before, await bot.count())])


class Agent:
    """The console."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        page.set_default_timeout(SECONDS)

    async def log_in(self, email: str) -> None:
        """Logs in with the demo password."""
        await self.page.goto(f"{self.url}/console/")
        await self.page.locator("input[type=email], input[name=email]").first.fill(email)
        await self.page.locator("input[type=password]").first.fill(PASSWORD)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url(lambda url: "login" not in url)

    @property
    def rows(self) -> Locator:
        """The rows of the inbox."""
        return self.page.locator(".b-row")

    def row(self, text: str) -> Locator:
        """The row that shows `text`."""
        return self.page.locator(".b-row", has_text=text).first

    @property
    def transcript(self) -> Locator:
        """The open conversation."""
        return self.page.get_by_role("log", name="Transcript")

    @property
    def composer(self) -> Locator:
        """Where a reply is written."""
        return self.page.locator("textarea").first

    @property
    def suggestions(self) -> Locator:
        """The reply drafts."""
        return self.page.locator(".b-hint-text")

    async def press(self, name: str) -> None:
        """Presses a button by what it says."""
        await self.page.get_by_role("button", name=name).first.click()

    async def reply(self, text: str) -> None:
        """Writes to the customer."""
        await self.composer.fill(text)
        await self.composer.press("Enter")
