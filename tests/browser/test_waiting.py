"""A customer who waits, in a real browser: told where they stand, and able to leave an address."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewShop
from tests.browser.pages import SECONDS
from tests.browser.test_scenarios import clear_queue
from tests.e2e.test_bad_input import baton
from tests.live import LiveBaton

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "wish", "place", "noted"),
    [
        ("pt", "Quero falar com uma pessoa", "primeiro na fila", "Vamos escrever para ana@example.pt"),
        ("zh-Hant", "我想轉真人客服", "隊列中的第一位", "我們會寄電郵至 ana@example.pt"),
    ],
)
async def test_a_waiting_customer_leaves_an_address(
    new_shop: NewShop, live: LiveBaton, language: str, wish: str, place: str, noted: str
) -> None:
    clear_queue(live)
    shop = await new_shop(language)
    await shop.say(wish)
    await expect(shop.by("system").last).to_contain_text(place, timeout=SECONDS)
    field = shop.page.locator("baton-chat input.address")
    await field.fill("ana@")
    await field.press("Enter")
    await expect(shop.page.locator("baton-chat form.rating .bad")).not_to_be_empty()
    await field.fill(" Ana@Example.pt ")
    await field.press("Enter")
    await expect(shop.by("system").last).to_contain_text(noted)
    await expect(field).to_have_count(0)
    await expect(shop.page.locator("baton-chat")).to_contain_text(re.compile("fila|隊列|等候"))
    await asyncio.to_thread(see_at_the_desk, live, language)


def see_at_the_desk(live: LiveBaton, language: str) -> None:
    """An agent sees the request over the API, and says that it is done."""
    made = baton("create-agent", f"cy-{language.lower()}@lantern.example.com", "--token", "cy", live=live)
    headers = {"Authorization": f"Bearer {made.stderr.rsplit(' ', 1)[-1].strip()}"}
    with httpx.Client(base_url=live.url, headers=headers, timeout=20) as http:
        found = http.get("/v1/callbacks").json()[-1]
        assert (found["address"], found["kind"], found["language"]) == ("ana@example.pt", "email", language)
        one = f"/v1/conversations/{found['conversation_id']}"
        assert http.get(f"{one}/card", params={"language": "zh-Hant"}).json()["next"] == "請寄電郵至 ana@example.pt。"
        assert http.get("/v1/queue").json()[0] == {"conversation_id": found["conversation_id"], "place": 1}
        assert http.post(f"{one}/callback", json={"outcome": "reached"}).status_code == 204
        assert http.post(f"{one}/callback", json={"outcome": "reached"}).status_code == 404
        assert http.post(f"{one}/transfer", json={}).status_code == 422
        assert http.post(f"{one}/snooze", json={"until": "2030-01-01T00:00:00Z"}).status_code == 409
    assert httpx.get(f"{live.url}/v1/callbacks").status_code == 401
