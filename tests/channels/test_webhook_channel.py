"""The generic channel from end to end: a system posts what its users do, a bot answers through the real outbox; errors, bad input."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from channels.hooks import HookServices
from channels.models import ChannelIntakeRow
from channels.registry import doors
from channels.webhook.client import NoAnswerError, try_out
from channels.webhook.endpoints import webhook_channel_router
from context.types import Content
from kit.db import Database
from simulators.webhook.system import ADA, System
from tests.channels.house import JPEG, House
from tests.channels.webhook_house import webhook_house

pytestmark = pytest.mark.integration


@dataclass
class Shop:
    """The simulated system and the house."""

    system: System
    house: House
    url: str

    async def talk(self, text: str = "", **data: Any) -> list[str]:
        """Writes, lets everything happen, and returns what Baton has said so far."""
        post = await self.system.write(text, **data)
        assert (post.status, json.loads(post.answer)["problems"]) == (202, [])
        await self.house.settle()
        return self.system.said()


@pytest.fixture
async def shop(database: Database, tmp_path: Path) -> AsyncIterator[Shop]:
    """A system that knows the secret."""
    async with webhook_house(database, tmp_path) as (system, known, url):
        yield Shop(system, known, url)


async def test_a_message_comes_in_and_its_answer_goes_out_signed(shop: Shop) -> None:
    assert await shop.talk("hello") == ["You said hello"]
    ((name, event),) = shop.system.got.items()
    assert shop.system.forged == 0
    data = event["data"]
    assert (event["type"], data["user"], data["author"], data["content"]["type"]) == ("message.created", {"id": ADA}, "bot", "text")
    assert data["message_id"] == name
    assert "took a signed test" in await try_out(shop.house.account)


async def test_options_go_out_and_the_chosen_one_comes_back(shop: Shop) -> None:
    await shop.talk("menu")
    offered = list(shop.system.got.values())[-1]["data"]["content"]
    assert (offered["type"], [o["title"] for o in offered["options"]]) == ("choices", ["Track my order", "Talk to a person"])
    await shop.system.choose("Talk to a person")
    await shop.house.settle()
    assert shop.system.said()[-1] == "chosen /talk_to_human"


async def test_receipts_come_by_our_name_or_theirs_and_never_go_back(shop: Shop) -> None:
    await shop.talk("hello")
    (name,) = shop.system.got
    await shop.system.status(name, "read")
    await shop.system.tell("message.status", {"message_id": "shown-1", "status": "delivered"})
    await shop.house.settle()
    assert [m.delivery for m in await shop.house.messages() if m.direction == "out"] == ["read"]


async def test_a_try_whose_answer_was_lost_is_repeated_under_its_name_and_shown_once(shop: Shop) -> None:
    shop.system.lost = 1
    await shop.talk("hello")
    await shop.house.send()
    assert len(shop.system.tries) == 2
    assert len(set(shop.system.tries)) == 1
    assert shop.system.said() == ["You said hello"]


async def test_a_system_that_is_busy_is_given_time_and_one_that_is_gone_stops_the_account(shop: Shop) -> None:
    shop.system.errors = [(429, {"Retry-After": "9"}), (410, {})]
    await shop.talk("hello")
    (until,) = shop.house.outbox.rates._paused.values()
    assert until - shop.house.outbox.rates.now() > 8
    shop.house.outbox.rates._paused.clear()
    await shop.house.send()
    assert (await shop.house.state())[0] == "blocked"
    await shop.house.change(settings={"url": f"{shop.url}/baton"})
    await shop.house.send()
    assert shop.system.said() == ["You said hello"]


async def test_a_secret_that_was_changed_on_the_other_side_stops_the_account_and_loses_nothing(shop: Shop) -> None:
    await shop.talk("hello")
    await shop.system.write("are you there")
    shop.system.config.secret = "whsec_" + "B" * 32
    await shop.house.settle()
    assert ((await shop.house.state())[0], shop.system.forged) == ("blocked", 1)
    with pytest.raises(NoAnswerError):
        await try_out(shop.house.account)
    await shop.house.change(secrets={"secret": "whsec_" + "B" * 32})
    await shop.house.send()
    assert shop.system.said() == ["You said hello", "You said are you there"]


async def test_an_address_in_the_own_network_is_not_asked_unless_the_account_says_so(shop: Shop) -> None:
    await shop.talk("hello")
    for settings in ({"private": ""}, {"private": "", "url": "https://127.0.0.1/baton"}, {"private": "", "url": "https://[::1]/baton"}):
        await shop.house.change(settings=settings)
        await shop.house.say(Content("no"))
    assert len(shop.system.tries) == 1


async def test_files_are_fetched_checked_and_kept_or_refused(shop: Shop) -> None:
    shop.system.files |= {"a.jpg": JPEG, "b.jpg": b"MZ\x90 a program"}
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        await shop.talk(content={"type": "file", "url": f"{shop.url}/files/{name}", "media_type": "image/jpeg", "name": name})
    await shop.house.change(settings={"private": ""})
    await shop.talk(content={"type": "file", "url": f"{shop.url}/files/a.jpg", "media_type": "image/jpeg"})
    found = await shop.house.files()
    assert [state for state, _, _ in found] == ["stored", "refused", "refused", "refused"]
    assert "private address" in str(found[3][2])


async def test_edits_reactions_and_blocks_are_known(shop: Shop) -> None:
    await shop.talk("helo")
    sent = json.loads(shop.system.teller.posts[-1].body)["data"]["message_id"]
    await shop.system.tell("message.edited", {"message_id": sent, "user": {"id": ADA}, "text": "hello"})
    await shop.system.tell("message.reacted", {"message_id": "shown-1", "user": {"id": ADA}, "emoji": "👍"})
    await shop.house.settle()
    first, answer = await shop.house.messages()
    assert (first.content.text, answer.metadata["reactions"]) == ("hello", {ADA: "👍"})
    await shop.system.tell("user.blocked", {"user": {"id": ADA}})
    await shop.house.settle()
    await shop.house.say(Content("one more"))
    assert [x.problem for x in await shop.house.letters()] == ["recipient_opted_out"]


async def test_forged_old_changed_and_endless_webhooks_are_refused(shop: Shop) -> None:
    body = b'{"type": "message.received"}'
    right, old = shop.system.signed(body), shop.system.signed(body, at=time.time() - 301)
    for headers, content in (({}, body), (right | {"webhook-signature": "v1,AAAA"}, body), (right, body + b" "), (old, body)):
        assert (await shop.house.post(content, headers)).status_code == 401
    large = b"x" * 10_000_000
    assert (await shop.house.post(large, shop.system.signed(large))).status_code == 413
    assert await shop.house.rows(ChannelIntakeRow) == []


async def test_a_replay_is_acknowledged_once_and_another_body_under_its_name_is_refused(shop: Shop) -> None:
    await shop.talk("hello")
    post = shop.system.teller.posts[-1]
    again = await shop.house.post(post.body, post.headers)
    assert (again.status_code, again.json()["repeat"]) == (202, True)
    other = post.body.replace(b"hello", b"HELLO")
    assert (await shop.house.post(other, shop.system.signed(other, name=post.headers["webhook-id"]))).status_code == 409
    await shop.house.settle()
    assert await shop.house.heard() == ["hello"]


async def test_json_of_an_unknown_shape_is_stored_acknowledged_flagged_and_explained(shop: Shop) -> None:
    for body in (b'{"hello": "world"}', b'{"type": "order.paid", "data": {}}', b"[1]", b"no json"):
        answer = await shop.house.post(body, shop.system.signed(body))
        assert (answer.status_code, len(answer.json()["problems"])) == (202, 1)
    assert await shop.talk("after that") == ["You said after that"]
    assert len(await shop.house.notes()) == 4


def test_the_form_stands_in_the_documents_of_the_api(database: Database) -> None:
    app = FastAPI()
    app.include_router(webhook_channel_router(HookServices(database, None, doors())))  # type: ignore[arg-type]
    described = app.openapi()["paths"]["/hooks/webhook/{account}"]["post"]
    kinds = described["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert {k["properties"]["type"].get("const") for k in kinds} >= {"message.received", "message.status"}
    assert "message.created" in described["callbacks"]
    assert {p["name"] for p in described["parameters"]} >= {"webhook-id", "webhook-timestamp", "webhook-signature", "wait"}
