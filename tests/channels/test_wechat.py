"""WeChat from end to end against a simulated WeChat, in safe and in plain mode; signatures, limits, codes, bad input."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import update

from channels.base import Account, Hook, Problem, ShapeError, SignatureError
from channels.happenings import AccountNotice, Blocked, CustomerMessage, Opened, Unknown
from channels.models import ChannelAddressRow, ChannelIntakeRow, ChannelSendRow
from channels.wechat.client import WeChatApi
from channels.wechat.crypto import decrypt, encrypt, signature
from channels.wechat.door import WeChatDoor
from channels.wechat.errors import CODES, STALE, problem_of
from channels.wechat.parse import parse, read_xml
from context.conversations import lock_conversation
from context.outbound import add_message
from context.types import Author, Content
from kit.clock import utc_now
from kit.db import Database
from kit.errors import InvalidInputError
from simulators.wechat.push import signed, xml_of
from simulators.wechat.server import World, build
from tests.channels.house import JPEG, House, account_of, house, serving

pytestmark = pytest.mark.integration
KEY, APP = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "wx1234567890abcdef"
SECRETS = {"app_secret": "simulated-app-secret", "token": "simulatedtoken", "aes_key": KEY}
NAME = "gh_simulated"


@dataclass
class WeChat:
    """The simulator and the house."""

    world: World
    house: House

    async def talk(self, text: str = "hello", **more: Any) -> list[str]:
        """Somebody writes, everything happens; what was said so far."""
        assert (await self.world.write(text, **more)).status == 200
        await self.house.settle()
        return self.world.said()

    async def speak(self, content: Content) -> None:
        """The bot says something by itself."""
        conversation_id = (await self.house.messages())[0].conversation_id
        async with self.house.database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            await add_message(session, self.house.ledger, conversation, content=content, author=Author.BOT)
        await self.house.send()


@pytest.fixture(params=["safe", "plain"])
async def wechat(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> AsyncIterator[WeChat]:
    """An account, in each mode."""
    app, world = build({"mode": request.param})
    async with serving(app) as url:
        account = account_of("wechat", NAME, secrets=SECRETS, base_url=url, app_id=APP, mode=request.param)
        async with house(database, account, tmp_path) as known:
            world.hook_url = known.hook
            yield WeChat(world, known)


def wechat_account(url: str) -> Account:
    """The account in safe mode."""
    return account_of("wechat", NAME, secrets=SECRETS, base_url=url, app_id=APP)


def test_the_references_vectors_hold() -> None:
    assert signature("mytoken", "1700000000", "nonce42") == "fd581522a38ebec2fca0e36cab4d5753f9d88a94"
    wanted = "4nQOivrU5NFdDWYbOC7KiTD98MZGLqlTCElkMcbNQvcW+qqr7NxVxWtHGTMhRS896R4g5/uEsA3tN5SEwN+Lng=="
    xml = b"<xml><Content>hi</Content></xml>"
    assert encrypt(xml, aes_key=KEY, app_id="wx123", prefix=b"0" * 16) == wanted
    assert decrypt(wanted, aes_key=KEY, app_id="wx123") == xml
    assert signature("mytoken", "1700000000", "nonce42", wanted) == "982b6f3f40c387873bc7ee4e95577c849fab5e99"


@pytest.mark.parametrize(
    "encrypted",
    ["", "AAAA", "not base64!", "A" * 64, "4nQOivrU5NFdDWYbOC7KiTD98MZGLqlTCElkMcbNQvcW+qqr7NxVxWtHGTMhRS896R4g5/uEsA3tN5SEwN+Lna=="],
)
def test_what_is_not_encrypted_for_us_is_refused(encrypted: str) -> None:
    with pytest.raises(ShapeError):
        decrypt(encrypted, aes_key=KEY, app_id="wx123")


def test_another_accounts_app_id_or_a_key_that_is_none_is_refused() -> None:
    ours = encrypt(b"<xml/>", aes_key=KEY, app_id="wx123", prefix=b"0" * 16)
    with pytest.raises(ShapeError):
        decrypt(ours, aes_key=KEY, app_id="wx124")
    with pytest.raises(InvalidInputError):
        decrypt(ours, aes_key="short", app_id="wx123")


async def test_a_message_comes_in_is_acknowledged_at_once_and_its_answer_goes_out_once(wechat: WeChat) -> None:
    assert await wechat.talk("你好 <b>&") == ["You said 你好 <b>&"]
    post = wechat.world.posts[0]
    assert (post.status, post.answer) == (200, b"success")
    await wechat.house.settle()
    assert wechat.world.said() == ["You said 你好 <b>&"]


async def test_a_push_that_comes_three_times_is_one_message(wechat: WeChat) -> None:
    for _ in range(3):
        await wechat.world.write("hello", MsgId=77)
    await wechat.house.settle()
    assert await wechat.house.heard() == ["hello"]
    assert wechat.world.said() == ["You said hello"]


async def test_a_replayed_push_is_one_message_and_an_old_one_is_refused(wechat: WeChat) -> None:
    await wechat.talk("hello")
    post = wechat.world.posts[0]
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(post.url, content=post.body)).status_code == 200
    await wechat.house.settle()
    assert await wechat.house.heard() == ["hello"]
    old = await wechat.world.send(b"<xml></xml>", at=int(time.time()) - 301)
    ahead = await wechat.world.send(b"<xml></xml>", at=int(time.time()) + 400)
    assert (old.status, ahead.status) == (401, 401)


async def test_a_menus_choice_means_its_payload(wechat: WeChat) -> None:
    await wechat.talk("menu")
    menu = wechat.world.person().chat[-1]["msgmenu"]
    assert [r["content"] for r in menu["list"]] == ["Track my order", "Talk to a person"]
    await wechat.world.choose("Track my order")
    await wechat.house.settle()
    assert wechat.world.said()[-1] == "chosen /track_order"


async def test_a_long_text_goes_in_parts_of_2048_bytes(wechat: WeChat) -> None:
    wechat.world.quota = 99
    await wechat.talk("long")
    await wechat.speak(Content("請問這件商品可以退貨嗎？" * 300))
    assert await wechat.house.letters() == []
    assert "".join(wechat.world.said()).count("請問") == 300


async def test_files_come_in_checked_and_go_out(wechat: WeChat) -> None:
    wechat.world.files |= {"good": ("image/jpeg", JPEG), "liar": ("image/jpeg", b"%PDF-1.4 no picture")}
    for name in ("good", "liar", "expired"):
        await wechat.world.tell(MsgType="image", PicUrl="https://x.example/p", MediaId=name)
        await wechat.house.settle()
    assert sorted(state for state, _, _ in await wechat.house.files()) == ["refused", "refused", "stored"]
    (asked, *_rest) = await wechat.house.messages()
    await wechat.speak(Content("Here", attachments=asked.content.attachments))
    assert [m["msgtype"] for m in wechat.world.person().chat if m.get("from") == "account" and m["msgtype"] == "image"] == ["image"]


async def test_one_token_serves_all_and_a_stale_one_is_replaced_once(wechat: WeChat) -> None:
    api = WeChatApi()
    account = wechat.house.account
    tokens = await asyncio.gather(*(api.token(account) for _ in range(20)))
    assert (len(set(tokens)), wechat.world.tokens) == (1, 1)
    wechat.world.access = "changed elsewhere"
    await wechat.talk()
    assert wechat.world.said() == ["You said hello"]
    wechat.world.expires = time.time() - 1
    await wechat.speak(Content("again"))
    assert wechat.world.said()[-1] == "again"
    await api.caller.close()


async def test_a_secret_that_is_changed_in_the_midst_stops_the_account_and_loses_nothing(wechat: WeChat) -> None:
    await wechat.talk()
    wechat.world.app_secret, wechat.world.access = "another", "another token"
    await wechat.speak(Content("later"))
    assert (await wechat.house.state())[0] == "blocked"
    await wechat.house.change(secrets={"app_secret": "another"})
    await wechat.house.send()
    assert wechat.world.said()[-1] == "later"


async def test_five_messages_and_48_hours_are_the_most_and_people_are_told(wechat: WeChat) -> None:
    await wechat.talk()
    for number in range(5):
        await wechat.speak(Content(f"more {number}"))
    (letter,) = await wechat.house.letters()
    assert (letter.problem, letter.code) == ("window_closed", "45047")
    assert "five messages" in str(letter.reason)
    async with wechat.house.database.transaction() as session:
        await session.execute(update(ChannelAddressRow).values(last_inbound_at=utc_now() - timedelta(hours=49)))
    calls = len(wechat.world.calls)
    await wechat.speak(Content("too late"))
    assert len(wechat.world.calls) == calls
    assert {entry.problem for entry in await wechat.house.letters()} == {"window_closed"}


@pytest.mark.parametrize(
    ("code", "state"), [(-1, "waiting"), (45009, "waiting"), (45015, "failed"), (48001, "waiting"), (40003, "failed"), (45002, "failed")]
)
async def test_refusals_have_their_reaction(database: Database, tmp_path: Path, code: int, state: str) -> None:
    app, world = build()
    async with serving(app) as url, house(database, wechat_account(url), tmp_path) as known:
        world.hook_url = known.hook
        await world.write("hello")
        await known.intake.work_off()
        conversation_id = (await known.messages())[0].conversation_id
        async with database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            await add_message(session, known.ledger, conversation, content=Content("hi"), author=Author.BOT)
        world.failures.append(code)
        await known.outbox.send_all()
        (row,) = await known.rows(ChannelSendRow)
        assert (row.state, row.error_code) == (state, str(code))
        assert world.said() == []


def test_each_code_has_its_problem() -> None:
    assert set(STALE) <= {code for code, problem in CODES.items() if problem == Problem.AUTH}
    assert [problem_of(c) for c in (45015, 45047, 45009, 48001, 40003, -1, 99999)] == [
        Problem.WINDOW, Problem.WINDOW, Problem.RATE_ACCOUNT, Problem.PERMISSION, Problem.RECIPIENT, Problem.TRANSIENT, Problem.BAD_REQUEST,
    ]  # fmt: skip


async def test_who_leaves_gets_nothing_more_until_they_come_back(wechat: WeChat) -> None:
    await wechat.talk()
    await wechat.world.tell(MsgType="event", Event="unsubscribe", EventKey="")
    await wechat.house.settle()
    calls = len(wechat.world.calls)
    await wechat.speak(Content("are you there"))
    assert len(wechat.world.calls) == calls
    await asyncio.sleep(1.1)  # their clock counts seconds
    await wechat.world.tell(MsgType="event", Event="subscribe", EventKey="qrscene_7")
    await wechat.talk("back again")
    assert wechat.world.said()[-1] == "You said back again"


BOX = Account(uuid4(), "wechat", NAME, "WeChat", settings={"mode": "plain", "app_id": APP}, secrets=SECRETS)


def one(**fields: object) -> Any:
    """What one push becomes."""
    whole = {"ToUserName": NAME, "FromUserName": "oAnn", "CreateTime": 1_790_000_000, **fields}
    (found,) = parse(xml_of(whole), BOX)
    return found


def test_each_kind_of_message_and_event_becomes_what_it_is() -> None:
    assert one(MsgType="voice", MediaId="m", Format="amr", Recognition="hello", MsgId=1).inbound.text == "hello"
    assert [m.kind for m in one(MsgType="shortvideo", MediaId="m", ThumbMediaId="t", MsgId=2).media] == ["video"]
    place = one(MsgType="location", Location_X="22.3", Location_Y="114.1", Scale="15", Label="Central", MsgId=3)
    assert place.inbound.metadata["location"] == {"latitude": 22.3, "longitude": 114.1, "name": "Central"}
    assert one(MsgType="link", Title="T", Description="D", Url="https://x", MsgId=4).inbound.text == "[link] T D https://x"
    assert one(MsgType="hologram", MsgId=5).inbound.metadata["kind"] == "unsupported"
    click = one(MsgType="event", Event="CLICK", EventKey="/track_order")
    assert isinstance(click, CustomerMessage)
    assert click.choice == "/track_order"
    assert click.inbound.external_id == one(MsgType="event", Event="CLICK", EventKey="/track_order").inbound.external_id
    for event in ("SCAN", "VIEW", "LOCATION"):
        assert isinstance(one(MsgType="event", Event=event, EventKey="x"), Opened)
    assert [one(MsgType="event", Event=e).blocked for e in ("unsubscribe", "subscribe")] == [True, False]
    assert isinstance(one(MsgType="event", Event="unsubscribe"), Blocked)
    assert isinstance(one(MsgType="event", Event="TEMPLATESENDJOBFINISH", Status="success"), AccountNotice)
    for odd in (
        {"MsgType": "event", "Event": "new_thing"},
        {"MsgType": "text", "MsgId": 6},
        {"MsgType": "text", "Content": "x", "ToUserName": "gh_other"},
    ):
        assert isinstance(one(**odd), Unknown)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"not xml", b"<a/>", b"\xff\xfe", b"<xml><a></xml>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>',
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>',
    ],
)  # fmt: skip
def test_xml_that_is_none_or_built_to_hurt_is_refused(body: bytes) -> None:
    with pytest.raises(ShapeError):
        read_xml(body)


def hook(url_query: dict[str, str], body: bytes) -> Hook:
    """A push."""
    return Hook("POST", "https://b.example/hooks", url_query, {}, body)


@pytest.mark.parametrize("mode", ["safe", "plain"])
def test_the_signature_is_asked_for_and_no_mode_is_let_in_for_the_other(mode: str) -> None:
    account = Account(uuid4(), "wechat", NAME, "WeChat", settings={"mode": mode, "app_id": APP}, secrets=SECRETS)
    door, xml = WeChatDoor(), xml_of({"ToUserName": NAME, "Content": "hi"})
    key = KEY if mode == "safe" else None
    query, body = signed(xml, account=NAME, token=SECRETS["token"], aes_key=key, app_id=APP)
    door.check(hook(query, body), account)
    name = "msg_signature" if mode == "safe" else "signature"
    bad = [
        {k: v for k, v in query.items() if k != name},
        query | {name: "0" * 40},
        query | {name: "é"},
        query | {"nonce": "x"},
        query | {"timestamp": "٣"},
        {},
    ]
    for wrong in bad:
        with pytest.raises(SignatureError):
            door.check(hook(wrong, body), account)
    if mode == "safe":
        changed = body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[A")
        plain = signed(xml, account=NAME, token=SECRETS["token"], aes_key=None, app_id=APP)
        for wrong_query, wrong_body in ((query, changed), plain):
            with pytest.raises(SignatureError):
                door.check(hook(wrong_query, wrong_body), account)


async def test_huge_forged_and_unknown_bodies(wechat: WeChat) -> None:
    url = wechat.house.hook
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(url, content=b"<xml></xml>")).status_code == 401
        huge = b"<xml><a>" + b"x" * 10_000_000 + b"</a></xml>"
        assert (await client.post(url, content=huge)).status_code == 413
    assert await wechat.house.rows(ChannelIntakeRow) == []
    assert (await wechat.world.tell(MsgType="event", Event="new_thing")).status == 200
    await wechat.talk()
    assert await wechat.house.notes() == ["the event 'new_thing'"]
    assert wechat.world.said() == ["You said hello"]


async def test_the_handshake_gives_the_word_back_to_who_knows_the_token(wechat: WeChat) -> None:
    query, _ = signed(b"<xml/>", account=NAME, token=SECRETS["token"], aes_key=None, app_id=APP)
    answer = await wechat.house.http.get(wechat.house.hook, params=query | {"echostr": "42"})
    assert answer.text == "42"
    assert (await wechat.house.http.get(wechat.house.hook, params=query | {"signature": "x"})).status_code == 401
    assert dict(parse_qsl(urlsplit(str(answer.url)).query))["echostr"] == "42"
