"""`?wait` of the generic channel: the bot's answer in the answer to the webhook, and posted all the same under the same name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.errors import install_error_handlers
from channels.hooks import HookServices
from channels.models import ChannelIntakeRow
from channels.registry import doors
from channels.webhook.endpoints import webhook_channel_router
from channels.webhook.waiting import Waiting
from context.conversations import lock_conversation
from context.ownership import hand_off
from context.types import HandoffReason, HandoffRequest
from kit.db import Database
from simulators.webhook.system import ADA, System
from tests.channels.house import House, serving
from tests.channels.webhook_house import webhook_house

pytestmark = pytest.mark.integration


@dataclass
class Shop:
    """The simulated system, the house, and the documented door with its `wait`."""

    system: System
    house: House
    url: str

    def event(self, text: str, number: str = "m-1") -> bytes:
        """A customer's message."""
        data = {"message_id": number, "user": {"id": ADA}, "content": {"type": "text", "text": text}}
        return json.dumps({"type": "message.received", "timestamp": "2026-11-22T10:00:00Z", "data": data}).encode()

    async def post(self, body: bytes, wait: Any, *, name: str | None = None) -> httpx.Response:
        """Posts it and waits."""
        headers = self.system.signed(body, name=name)
        return await self.house.http.post(f"{self.url}/hooks/webhook/shop", params={"wait": wait}, content=body, headers=headers)

    async def ask(self, text: str, *, wait: int = 19, number: str = "m-1", name: str | None = None) -> Any:
        """Posts it, and while that waits everything happens, the posting of the answer last; what was answered."""
        waiting = asyncio.create_task(self.post(self.event(text, number), wait, name=name))
        before = len(await self.house.rows(ChannelIntakeRow))
        while not waiting.done() and len(await self.house.rows(ChannelIntakeRow)) == before:
            await asyncio.sleep(0.02)
        await self.house.settle()
        answer = await waiting
        assert answer.status_code == 202, answer.text
        return answer.json()


@pytest.fixture
async def shop(database: Database, tmp_path: Path) -> AsyncIterator[Shop]:
    """A system that knows the secret, and a house with the door of the documents."""
    async with webhook_house(database, tmp_path) as (system, known, _):
        door = FastAPI()
        install_error_handlers(door)
        door.include_router(webhook_channel_router(HookServices(database, known.intake.accounts, doors())))
        async with serving(door) as at:
            yield Shop(system, known, at)


async def test_what_the_bot_answers_in_time_is_in_the_answer_and_posted_under_the_same_name(shop: Shop) -> None:
    told = await shop.ask("menu")
    assert (told["accepted"], told["repeat"], told["problems"]) == (True, False, [])
    ((name, event),) = shop.system.got.items()
    assert told["messages"] == [event["data"]]
    assert (told["messages"][0]["message_id"], told["messages"][0]["user"]) == (name, {"id": ADA})
    chosen = told["messages"][0]["content"]["options"][1]
    data = {"message_id": "m-2", "user": {"id": ADA}, "content": {"type": "choice", **chosen}}
    body = json.dumps({"type": "message.received", "timestamp": "2026-11-22T10:00:00Z", "data": data}).encode()
    await shop.house.post(body, shop.system.signed(body))
    await shop.house.settle()
    assert shop.system.said()[-1] == "chosen /talk_to_human"  # the options of a waited answer can be chosen


async def test_a_long_answer_comes_in_the_same_parts_both_ways(shop: Shop) -> None:
    told = await shop.ask("long")
    assert told["messages"] == [event["data"] for event in shop.system.got.values()]
    assert [m["message_id"] for m in told["messages"]] == list(shop.system.got)


async def test_the_same_event_again_brings_the_same_messages_and_nothing_new(shop: Shop) -> None:
    first = await shop.ask("hello", name="evt_same")
    again = (await shop.post(shop.event("hello"), 5, name="evt_same")).json()
    assert (again["repeat"], again["messages"]) == (True, first["messages"])
    await shop.house.settle()
    assert shop.system.said() == ["You said hello"]


async def test_who_waits_in_vain_is_told_nothing_and_gets_it_by_post(shop: Shop) -> None:
    answer = await shop.post(shop.event("hello"), 1)
    assert (answer.status_code, answer.json()["accepted"], answer.json()["messages"]) == (202, True, [])
    assert shop.system.said() == []
    await shop.house.settle()
    assert shop.system.said() == ["You said hello"]


async def test_who_goes_away_meanwhile_loses_nothing(shop: Shop) -> None:
    waiting = asyncio.create_task(shop.post(shop.event("hello"), 19))
    while not await shop.house.rows(ChannelIntakeRow):
        await asyncio.sleep(0.02)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await shop.house.settle()
    assert shop.system.said() == ["You said hello"]


async def test_nobody_waits_where_a_person_answers_or_too_many_wait(shop: Shop, database: Database) -> None:
    await shop.ask("hello")
    conversation_id = (await shop.house.messages())[0].conversation_id
    async with database.transaction() as session:
        conversation = await lock_conversation(session, conversation_id)
        await hand_off(session, shop.house.ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    told = await shop.ask("are you there", wait=25, number="m-2")  # longer than the client has patience
    assert [m["author"] for m in told["messages"]] in ([], ["system"])  # what the house says of itself to who waits
    full = Waiting(database, most=0)
    assert await full.replies(shop.event("hello"), shop.house.account, seconds=19) == []
    free = await Waiting(database, most=1).replies(shop.event("hello"), shop.house.account, seconds=19)
    assert free[0].content.text == "You said hello"


@pytest.mark.parametrize("body", [b"no json", b'{"type": "order.paid", "data": {}}'])
async def test_what_is_no_message_is_answered_at_once_with_what_is_wrong(shop: Shop, body: bytes) -> None:
    told = (await shop.post(body, 25)).json()  # longer than the client has patience
    assert (len(told["problems"]), told["messages"]) == (1, [])


@pytest.mark.parametrize("wait", [0, -1, 26, "long", ""])
async def test_a_wait_that_is_none_is_refused_and_nothing_is_stored(shop: Shop, wait: Any) -> None:
    assert (await shop.post(shop.event("hello"), wait)).status_code == 422
    assert await shop.house.rows(ChannelIntakeRow) == []


async def test_a_forged_webhook_waits_for_nothing(shop: Shop) -> None:
    body = shop.event("hello")
    headers = shop.system.signed(body) | {"webhook-signature": "v1,AAAA"}
    refused = await shop.house.http.post(f"{shop.url}/hooks/webhook/shop", params={"wait": 19}, content=body, headers=headers)
    assert (refused.status_code, await shop.house.rows(ChannelIntakeRow)) == (401, [])
