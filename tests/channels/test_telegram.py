"""Telegram from end to end: a user of the simulator writes, a bot answers through the real outbox; limits, errors, bad input."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from channels.base import Fate, File, Part, Problem, Sending
from channels.models import ChannelIntakeRow
from channels.telegram.client import BotApi
from channels.telegram.send import TelegramChannel, _problem
from context.conversations import lock_conversation
from context.identity.models import IdentifierRow
from context.ownership import hand_off
from context.types import Button, Citation, Content, HandoffReason, HandoffRequest
from kit.db import Database
from kit.errors import InvalidInputError
from simulators.telegram.api import build
from simulators.telegram.world import World
from tests.channels.house import JPEG, House, account_of, house, serving

pytestmark = pytest.mark.integration
ADA = 5_550_001
SECRETS = {"token": "700001:simulated-bot-token", "secret_token": "a-secret-of-the-tests"}


@dataclass
class Telegram:
    """The simulator and the house."""

    world: World
    house: House
    api: BotApi

    async def talk(self, **content: Any) -> list[str]:
        """Writes, lets everything happen, and returns what the bot has said so far."""
        assert (await self.world.write(**content)).status == 200
        await self.house.settle()
        return self.world.said()

    def methods(self) -> list[str]:
        """The methods that were called."""
        return [method for method, _ in self.world.calls]


@pytest.fixture
async def telegram(database: Database, tmp_path: Path) -> AsyncIterator[Telegram]:
    """A bot with its webhook entered."""
    app, world = build()
    async with serving(app) as url:
        account = account_of("telegram", "700001", secrets=SECRETS, base_url=url)
        async with house(database, account, tmp_path) as known:
            assert isinstance(known.channel, TelegramChannel)
            api = known.channel.api
            assert await api.connect(account, known.hook) == f"Telegram calls {known.hook} from now on."
            world.calls.clear()
            yield Telegram(world, known, api)


async def test_a_message_comes_in_and_its_answer_goes_out_once(telegram: Telegram) -> None:
    assert await telegram.talk(text="hello") == ["You said hello"]
    await telegram.house.settle()
    assert telegram.world.said() == ["You said hello"]
    assert telegram.methods().count("sendMessage") == 1
    assert "sendChatAction" in telegram.methods()
    (sent,) = [m for m in await telegram.house.messages() if m.direction == "out"]
    assert sent.delivery == "sent"


async def test_the_webhook_is_entered_with_its_secret_and_what_we_want_to_hear(telegram: Telegram) -> None:
    assert telegram.world.config.secret == SECRETS["secret_token"]
    assert telegram.world.allowed == ["message", "edited_message", "callback_query", "my_chat_member", "message_reaction"]
    assert "@simulated_bot works" in await telegram.api.test(telegram.house.account)
    weak = account_of("telegram", "1", secrets=SECRETS | {"secret_token": "no spaces please"}, base_url=telegram.house.url)
    with pytest.raises(InvalidInputError):
        await telegram.api.connect(weak, "https://b.example")


async def test_a_pressed_button_is_answered_used_up_and_means_its_payload(telegram: Telegram) -> None:
    await telegram.talk(text="menu")
    person = telegram.world.user()
    keyboard = person.chat[-1]["reply_markup"]["inline_keyboard"]
    assert [[b["text"] for b in row] for row in keyboard] == [["Track my order", "Talk to a person"]]
    assert (await telegram.world.press("Track my order")).status == 200
    await telegram.house.settle()
    assert telegram.world.said()[-1] == "chosen /track_order"
    assert person.spinning == set()
    assert person.chat[1]["reply_markup"] == {"inline_keyboard": []}
    assert (await telegram.house.heard())[-1] == "Track my order"


async def test_a_button_is_answered_also_while_an_agent_holds_the_conversation(telegram: Telegram) -> None:
    await telegram.talk(text="menu")
    async with telegram.house.database.transaction() as session:
        conversation = await lock_conversation(session, (await telegram.house.messages())[0].conversation_id)
        await hand_off(session, telegram.house.ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    before = telegram.methods().count("sendChatAction")
    await telegram.world.press("Talk to a person")
    await telegram.house.settle()
    assert telegram.world.user().spinning == set()
    assert telegram.methods().count("sendChatAction") == before


async def test_an_update_that_comes_twice_is_one_message(telegram: Telegram) -> None:
    await telegram.talk(text="hello")
    post = telegram.world.teller.posts[-1]
    for _ in range(3):
        assert (await telegram.house.post(post.body, post.headers)).status_code == 200
    await telegram.house.settle()
    assert len(await telegram.house.rows(ChannelIntakeRow)) == 1
    assert await telegram.house.heard() == ["hello"]
    assert telegram.world.said() == ["You said hello"]


async def test_an_edit_a_reply_and_a_reaction_belong_to_their_message(telegram: Telegram) -> None:
    await telegram.talk(text="hallo")
    mine, answer = (m["message_id"] for m in telegram.world.user().chat)
    await telegram.world.edit(mine, "hello")
    await telegram.world.react(answer, "👍")
    await telegram.talk(text="that one", reply_to_message={"message_id": answer})
    first, said, second = (await telegram.house.messages())[:3]
    assert (first.content.text, first.metadata["original_text"]) == ("hello", "hallo")
    assert said.metadata["reactions"] == {str(ADA): "👍"}
    assert second.metadata["reply_to"] == str(said.id)


async def test_an_answer_to_a_message_goes_out_as_a_reply(telegram: Telegram) -> None:
    await telegram.talk(text="hello")
    (asked, _) = await telegram.house.messages()
    await telegram.house.say(Content("to that", custom={"reply_to": str(asked.id)}))
    chat = telegram.world.user().chat
    assert chat[-1]["reply_to_message"]["message_id"] == chat[0]["message_id"]


async def test_a_long_text_goes_in_parts_that_fit_also_where_letters_count_double(telegram: Telegram) -> None:
    await telegram.talk(text="hello")
    await telegram.house.say(Content("👩‍👩‍👧‍👦" * 900))
    parts = telegram.world.said()[1:]
    assert len(parts) == 3
    assert "".join(parts) == "👩‍👩‍👧‍👦" * 900


async def test_markup_in_a_text_stays_text(telegram: Telegram) -> None:
    await telegram.talk(text="<b>*_[x](y)`")
    assert telegram.world.said() == ["You said <b>*_[x](y)`"]
    assert all("parse_mode" not in values for _, values in telegram.world.calls)


async def test_sources_are_written_out_and_links_are_buttons(telegram: Telegram) -> None:
    await telegram.talk(text="hello")
    source = Citation(article_id="a", passage_id="p", title="Returns", url="https://shop.example/returns")
    await telegram.house.say(Content("So it is.", (), (source,)))
    await telegram.house.say(Content("Pay here", custom={"link": {"title": "Pay", "url": "https://shop.example/pay"}}))
    await telegram.house.say(Content("Your number?", custom={"contact_request": True}))
    await telegram.house.say(Content("", custom={"location": {"latitude": 22.2, "longitude": 113.5}}))
    chat = telegram.world.user().chat
    assert chat[-4]["text"] == "So it is.\n\nReturns: https://shop.example/returns"
    assert chat[-3]["reply_markup"]["inline_keyboard"] == [[{"text": "Pay", "url": "https://shop.example/pay"}]]
    assert chat[-2]["reply_markup"]["keyboard"][0][0]["request_contact"]
    assert chat[-1]["location"]["latitude"] == 22.2


async def test_more_buttons_than_fit_are_numbered_and_the_number_counts(telegram: Telegram) -> None:
    await telegram.talk(text="hello")
    await telegram.house.say(Content("Which?", tuple(Button(f"Choice {n}", f"/choose{n}") for n in range(1, 40))))
    assert "39. Choice 39" in telegram.world.said()[-1]
    assert (await telegram.talk(text="39"))[-1] == "chosen /choose39"


async def test_a_picture_is_fetched_checked_and_kept(telegram: Telegram) -> None:
    file = telegram.world.upload(JPEG)
    await telegram.talk(photo=[{"file_id": file, "width": 90, "height": 67}], caption="broken")
    assert await telegram.house.files() == [("stored", "image/jpeg", None)]
    (message, _) = await telegram.house.messages()
    assert (message.content.attachments[0].media_type, message.content.attachments[0].size) == ("image/jpeg", len(JPEG))


async def test_files_that_lie_are_too_large_or_gone_are_refused(telegram: Telegram) -> None:
    lying = telegram.world.upload(b"MZ\x90\x00 a program" * 9)
    large = telegram.world.upload(JPEG + bytes(20 * 1024 * 1024))
    sneaky = telegram.world.upload(JPEG, path="../../etc/passwd_1")
    for file in (lying, large, sneaky, "gone"):
        await telegram.talk(photo=[{"file_id": file, "width": 90, "height": 67}])
    notes = [note for state, _, note in await telegram.house.files() if state == "refused"]
    assert sorted(str(n)[:24] for n in notes) == sorted(
        ["The file says image/jpeg", "Bad Request: file is too", "Telegram names no path t", "Bad Request: wrong file_"]
    )


async def test_a_number_is_proven_when_telegram_says_that_it_is_their_own(telegram: Telegram) -> None:
    await telegram.talk(text="hello")
    await telegram.talk(contact={"phone_number": "15550002222", "first_name": "Bob", "user_id": 77})
    assert await telegram.house.rows(IdentifierRow) == []
    await telegram.talk(contact={"phone_number": "12025550143", "first_name": "Ada", "user_id": ADA})
    (known,) = await telegram.house.rows(IdentifierRow)
    assert (known.kind, known.value, known.verified, known.method) == ("phone", "+12025550143", True, "channel")


async def test_rates_are_kept_and_retry_after_is_waited_for(telegram: Telegram) -> None:
    wait = {"error_code": 429, "description": "Too Many Requests: retry after 7", "parameters": {"retry_after": 7}}
    await telegram.world.write(text="hello")
    await telegram.house.intake.work_off()
    await asyncio.gather(*telegram.house.seeing._running)
    telegram.world.errors.append(wait)
    await telegram.house.settle()
    assert telegram.world.said() == []
    (paused,) = telegram.house.outbox.rates._paused.values()
    assert paused - telegram.house.outbox.rates.now() > 6
    telegram.house.outbox.rates._paused.clear()
    await telegram.house.send()
    assert telegram.world.said() == ["You said hello"]


async def test_who_blocked_the_bot_is_not_written_to_and_the_agent_sees_it(telegram: Telegram) -> None:
    await telegram.talk(text="hello")
    telegram.world.user().blocked = True  # before Telegram said so
    await telegram.house.say(Content("one"))
    await telegram.world.block()
    await telegram.house.settle()
    calls = telegram.methods().count("sendMessage")
    await telegram.house.say(Content("two"))
    assert telegram.methods().count("sendMessage") == calls
    assert [(x.problem, x.text) for x in await telegram.house.letters()] == [("recipient_opted_out", "two"), ("recipient_opted_out", "one")]
    assert any("blocked the bot" in m.content.text and m.visibility == "note" for m in await telegram.house.messages())
    await telegram.world.block(blocked=False)
    assert (await telegram.talk(text="back"))[-1] == "You said back"


async def test_a_revoked_token_stops_the_account_in_the_middle_and_nothing_is_lost(telegram: Telegram) -> None:
    await telegram.talk(text="hello")
    telegram.world.config.token = "700001:another"
    await telegram.talk(text="are you there")
    assert await telegram.house.state() == ("blocked", "Unauthorized")
    await telegram.house.change(secrets={"token": "700001:another"})
    await telegram.house.send()
    assert telegram.world.said() == ["You said hello", "You said are you there"]


async def test_a_picture_that_telegram_does_not_take_goes_as_a_file(telegram: Telegram) -> None:
    await telegram.talk(text="hello")
    channel = telegram.house.channel
    (message, _) = await telegram.house.messages()
    part = Part("see", file=File("image", "image/png", "plan.png", b"GIF89a not a png"))
    result = await channel.send(Sending(uuid4(), message, part, str(ADA), telegram.house.account))
    assert result.fate == Fate.SENT
    assert telegram.methods()[-2:] == ["sendPhoto", "sendDocument"]
    assert telegram.world.user().chat[-1]["document"]["file_name"] == "plan.png"


async def test_forged_old_and_endless_webhooks_are_refused_before_anything_is_read(telegram: Telegram) -> None:
    body = json.dumps({"update_id": 9, "message": {}}).encode()
    right = {"X-Telegram-Bot-Api-Secret-Token": SECRETS["secret_token"]}
    for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}, {"X-Telegram-Bot-Api-Secret-Token": SECRETS["secret_token"][:-1]}):
        assert (await telegram.house.post(body, headers)).status_code == 401
    assert (await telegram.house.post(b"x" * 10_000_000, right)).status_code == 413
    assert await telegram.house.rows(ChannelIntakeRow) == []
    assert (await telegram.house.http.get(telegram.house.hook)).status_code == 401


async def test_json_of_an_unknown_shape_is_stored_acknowledged_and_flagged(telegram: Telegram) -> None:
    right = {"X-Telegram-Bot-Api-Secret-Token": SECRETS["secret_token"]}
    bodies = (
        b'{"update_id": 1, "business_boost": {}}',
        b'{"hello": "world"}',
        b"[]",
        b'{"update_id": 2, "message": {"date": []}}',
        b"no json",
    )
    for body in bodies:
        assert (await telegram.house.post(body, right)).status_code == 200
    assert (await telegram.talk(text="after that"))[-1] == "You said after that"
    assert len(await telegram.house.notes()) == 5


@pytest.mark.parametrize(
    ("code", "words", "problem"),
    [
        (400, "bad request: chat not found", Problem.RECIPIENT),
        (400, "bad request: message is too long", Problem.BAD_REQUEST),
        (400, "bad request: photo_invalid_dimensions", Problem.MEDIA),
        (400, "bad request: wrong file identifier/http url specified", Problem.MEDIA),
        (401, "unauthorized", Problem.AUTH),
        (403, "forbidden: bot was blocked by the user", Problem.OPTED_OUT),
        (403, "forbidden: user is deactivated", Problem.RECIPIENT),
        (403, "forbidden: bot can't initiate conversation with a user", Problem.RECIPIENT),
        (404, "not found", Problem.AUTH),
        (413, "request entity too large", Problem.MEDIA),
        (429, "too many requests: retry after 3", Problem.RATE_PAIR),
    ],
)
def test_each_refusal_has_its_meaning(code: int, words: str, problem: Problem) -> None:
    assert _problem(code, words) == problem


async def test_a_server_error_leaves_the_fate_unknown(telegram: Telegram) -> None:
    await telegram.talk(text="hello")
    telegram.world.errors.append({"error_code": 502, "description": "Bad Gateway"})
    await telegram.house.say(Content("two"))
    assert [x.state for x in await telegram.house.letters()] == ["unknown"]
