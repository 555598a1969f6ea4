"""LINE from end to end: a user of the simulator writes, a bot answers through the real outbox; limits, errors, bad input."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from channels.base import Fate, File, Part, Sending
from channels.line.client import LineApi
from channels.line.send import LineChannel
from channels.links import Links
from channels.models import ChannelAddressRow, ChannelIntakeRow, ChannelMediaRow
from context.models import ContactRow
from context.types import Button, Content
from kit.db import Database
from simulators.line.api import build
from simulators.line.world import ADA, World
from tests.channels.house import JPEG, House, account_of, house, serving

pytestmark = pytest.mark.integration
BOT = "U" + "f" * 32
SECRETS = {"token": "simulated-line-token", "channel_secret": "simulated-line-secret"}


@dataclass
class Line:
    """The simulator and the house."""

    world: World
    house: House
    api: LineApi

    async def talk(self, text: str | None = None, **message: Any) -> list[str]:
        """Writes, lets everything happen, and returns what the bot has said so far."""
        assert (await self.world.write(text, **message)).status == 200
        await self.house.settle()
        return self.world.said()

    def calls(self) -> list[str]:
        """How messages were sent."""
        return [method for method, _ in self.world.calls]


@pytest.fixture
async def line(database: Database, tmp_path: Path) -> AsyncIterator[Line]:
    """An account with its webhook entered."""
    app, world = build()
    async with serving(app) as url:
        account = account_of("line", BOT, secrets=SECRETS, base_url=url)
        async with house(database, account, tmp_path) as known:
            assert isinstance(known.channel, LineChannel)
            assert "and was answered" in await known.channel.api.connect(account, known.hook)
            yield Line(world, known, known.channel.api)


async def test_who_writes_is_named_as_line_says_once_and_what_people_wrote_stays(line: Line) -> None:
    await line.talk("hello")
    (contact,) = await line.house.rows(ContactRow)
    assert contact.name == "Ada Example"
    line.world.names[ADA] = "Somebody else"
    async with line.house.database.transaction() as session:
        await session.execute(update(ContactRow).values(name="Ada of the office"))
    line.house.seeing._asked.clear()
    await line.talk("again")
    assert [row.name for row in await line.house.rows(ContactRow)] == ["Ada of the office"]
    await line.talk("and again")
    assert line.world.profiles == [ADA, ADA]


async def test_a_name_that_line_does_not_tell_holds_nothing_up(line: Line) -> None:
    line.world.names.clear()
    assert await line.talk("hello") == ["You said hello"]
    assert [row.name for row in await line.house.rows(ContactRow)] == [None]


async def test_a_message_is_answered_with_its_token_and_what_follows_is_pushed(line: Line) -> None:
    assert await line.talk("hello") == ["You said hello"]
    await line.house.say(Content("and one more"))
    assert line.world.said() == ["You said hello", "and one more"]
    assert line.calls() == ["reply", "push"]
    assert "1 of 1000 messages" in await line.api.test(line.house.account)


async def test_a_token_that_is_too_old_is_not_tried_and_one_that_is_refused_is_pushed(line: Line) -> None:
    await line.world.write("late")
    await line.house.intake.work_off()
    async with line.house.database.transaction() as session:
        await session.execute(update(ChannelAddressRow).values(reply_until=None))
    await line.house.settle()
    line.world.tokens.clear()
    await line.world.write("refused")
    line.world.tokens.clear()
    await line.house.settle()
    assert line.world.said() == ["You said late", "You said refused"]
    assert line.calls() == ["push", "reply", "push"]


async def test_a_push_whose_answer_was_lost_is_repeated_with_its_key_and_arrives_once(line: Line) -> None:
    await line.talk("hello")
    line.world.lost = 1
    await line.house.say(Content("once"))
    assert line.world.said() == ["You said hello", "once"]
    line.house.outbox.rates._paused.clear()
    await line.house.send()
    assert line.calls()[1:] == ["push", "push"]
    assert line.world.said() == ["You said hello", "once"]
    assert [m.delivery for m in await line.house.messages() if m.direction == "out"] == ["sent", "sent"]


async def test_a_reply_whose_answer_was_lost_is_of_unknown_fate(line: Line) -> None:
    await line.world.write("hello")
    line.world.errors.append((500, {"message": "Internal Server Error"}))
    await line.house.settle()
    assert [x.state for x in await line.house.letters()] == ["unknown"]
    assert line.calls() == ["reply"]


async def test_a_pressed_button_means_its_payload(line: Line) -> None:
    await line.talk("menu")
    assert line.world.chats[ADA][-1]["template"]["actions"][0]["label"] == "Track my order"
    await line.world.press("Track my order")
    await line.house.settle()
    assert line.world.said()[-1] == "chosen /track_order"
    assert (await line.house.heard())[-1] == "Track my order"


async def test_many_choices_are_quick_replies_and_more_are_numbered(line: Line) -> None:
    await line.talk("hello")
    await line.house.say(Content("Which?", tuple(Button(f"Choice {n}", f"/choose{n}") for n in range(1, 14))))
    assert len(line.world.chats[ADA][-1]["quickReply"]["items"]) == 13
    await line.world.press("Choice 13")
    await line.house.settle()
    assert line.world.said()[-1] == "chosen /choose13"
    await line.house.say(Content("Which?", tuple(Button(f"Choice {n}", f"/choose{n}") for n in range(1, 21))))
    assert (await line.talk("20"))[-1] == "chosen /choose20"


async def test_a_redelivered_event_is_one_message_and_one_answer(line: Line) -> None:
    event = line.world.event("message", ADA, {"message": {"id": "900", "type": "text", "text": "hello", "quoteToken": "q"}})
    await line.world.tell(event)
    await line.house.settle()
    await line.world.redeliver(event)
    await line.world.tell(event | {"message": event["message"] | {"id": "901", "text": "next"}, "webhookEventId": "01JX"}, event)
    await line.house.settle()
    assert await line.house.heard() == ["hello", "next"]
    assert line.world.said() == ["You said hello", "You said next"]


async def test_a_message_that_was_taken_back_is_marked(line: Line) -> None:
    await line.talk("my secret")
    await line.world.unsend(line.world.chats[ADA][0]["id"])
    await line.house.settle()
    assert "revoked" in (await line.house.messages())[0].metadata


async def test_who_blocked_the_account_is_not_written_to_although_line_would_take_it(line: Line) -> None:
    await line.talk("hello")
    await line.world.follow(False)
    await line.house.settle()
    await line.house.say(Content("are you there"))
    assert line.calls() == ["reply"]
    assert [x.problem for x in await line.house.letters()] == ["recipient_opted_out"]
    assert any("blocked the account" in m.content.text for m in await line.house.messages() if m.visibility == "note")
    await line.world.follow(True)
    assert (await line.talk("back"))[-1] == "You said back"


async def test_a_picture_is_fetched_when_it_is_ready(line: Line) -> None:
    number = line.world.upload(JPEG, not_yet=1)
    await line.talk(id=number, type="image", contentProvider={"type": "line"})
    assert [state for state, _, _ in await line.house.files()] == ["waiting"]
    async with line.house.database.transaction() as session:
        await session.execute(update(ChannelMediaRow).values(next_at=None))
    await line.house.settle()
    assert await line.house.files() == [("stored", "image/jpeg", None)]


async def test_files_that_lie_or_are_gone_are_refused(line: Line) -> None:
    lying = line.world.upload(b"<html><script>alert(1)</script>" * 9)
    for number in (lying, "531299"):
        await line.talk(id=number, type="image", contentProvider={"type": "line"})
    assert [str(note)[:22] for _, _, note in await line.house.files()] == ["The file says image/jp", "The file is answered w"]


async def test_a_file_goes_out_under_an_address_that_is_signed(line: Line) -> None:
    await line.talk("hello")
    (message, _) = await line.house.messages()
    links = Links("https://baton.example", "a key of tests")
    channel = LineChannel(line.api, links)
    for kind, type_, name in (("image", "image/jpeg", "lamp.jpg"), ("document", "application/pdf", "plan.pdf")):
        part = Part("", file=File(kind, type_, name, JPEG, uuid4()))
        result = await channel.send(Sending(uuid4(), message, part, ADA, line.house.account))
        assert result.fate == Fate.SENT
    picture, plan = line.world.chats[ADA][-2:]
    assert picture["originalContentUrl"].startswith("https://baton.example/media/")
    assert plan["text"].startswith("plan.pdf\nhttps://baton.example/media/")


async def test_a_revoked_token_stops_the_account_in_the_middle_and_nothing_is_lost(line: Line) -> None:
    await line.talk("hello")
    line.world.config.token = "another"
    await line.talk("are you there")
    assert (await line.house.state())[0] == "blocked"
    await line.house.change(secrets={"token": "another"})
    await line.house.send()
    assert line.world.said() == ["You said hello", "You said are you there"]


async def test_a_used_up_month_stops_the_account_and_says_why(line: Line) -> None:
    await line.talk("hello")
    line.world.config.quota = 0
    await line.house.say(Content("one too many"))
    assert await line.house.state() == ("blocked", "You have reached your monthly limit.")


async def test_rates_are_waited_for(line: Line) -> None:
    await line.talk("hello")
    line.world.errors.append((429, {"message": "The API rate limit has been exceeded.", "headers": {"Retry-After": "9"}}))
    await line.house.say(Content("later"))
    assert line.world.said() == ["You said hello"]
    (until,) = line.house.outbox.rates._paused.values()
    assert until - line.house.outbox.rates.now() > 8
    line.house.outbox.rates._paused.clear()
    await line.house.send()
    assert line.world.said() == ["You said hello", "later"]


async def test_forged_changed_and_endless_webhooks_are_refused(line: Line) -> None:
    body = json.dumps({"destination": BOT, "events": []}).encode()
    signed = line.world.signed(body)
    for headers, content in (({}, body), ({"X-Line-Signature": "AAAA"}, body), (signed, body + b" ")):
        assert (await line.house.post(content, headers)).status_code == 401
    large = b"x" * 10_000_000
    assert (await line.house.post(large, line.world.signed(large))).status_code == 413
    assert len(await line.house.rows(ChannelIntakeRow)) == 1  # the test of `connect`


async def test_a_replayed_webhook_does_nothing_twice(line: Line) -> None:
    await line.talk("hello")
    post = line.world.teller.posts[-1]
    assert (await line.house.post(post.body, post.headers)).status_code == 200
    await line.house.settle()
    assert (await line.house.heard(), line.world.said()) == (["hello"], ["You said hello"])


async def test_json_of_an_unknown_shape_is_stored_acknowledged_and_flagged(line: Line) -> None:
    for body in (b'{"hello": "world"}', b'{"events": [{"type": "hologram"}]}', b"[1, 2]", b"no json"):
        assert (await line.house.post(body, line.world.signed(body))).status_code == 200
    assert await line.talk("after that") == ["You said after that"]
    assert len(await line.house.notes()) == 4
