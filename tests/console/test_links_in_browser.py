"""Who may be the same person, decided by keyboard in Chromium, checked by axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from console.services import ConsoleServices
from tests.console.test_desk_in_browser import address, browser, inbox, no_barrier
from tests.console.test_links import known_twice
from tests.console.test_pages import CHROMIUM, started

__all__ = ["address", "browser"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]


async def test_two_who_share_a_number_are_told_apart_by_keyboard(address: str, browser: Browser, services: ConsoleServices) -> None:
    await started(address)
    await known_twice(services)
    page = await inbox(browser, address, services, "mia")
    await page.locator(".b-row").first.click()
    link = page.get_by_role("region", name="May be the same person")
    await expect(link).to_contain_text("Bo has +85362000001 too")
    await expect(link).to_contain_text("Speaks against it: another name")
    await no_barrier(page)
    await link.get_by_role("button", name="Two people who share it").press("Enter")
    await expect(link).to_have_count(0)
    await expect(page.locator(".b-side")).to_contain_text("+85362000001 only said")
