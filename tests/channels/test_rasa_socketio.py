"""Rasa's Socket.IO channel, with a real client that behaves as the popular web widgets do."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import socketio  # type: ignore[import-untyped]
from sqlalchemy import select

from channels.rasa.credentials import CredentialsError, with_credentials
from channels.rasa.types import DoorSettings, SocketOptions
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.types import Author, Button, Content, Delivery, Direction
from kit.db import Database
from tests.channels.rasa_doors import Doors, serving_doors
from tests.channels.test_rasa_tokens import SECRET, token

pytestmark = pytest.mark.integration
WIDGET = SocketOptions(session_persistence=True)


class Widget:
    """As rasa-webchat: asks for its session when it is connected, sends it along with each message, keeps what is uttered."""

    def __init__(self, doors: Doors, *, session: str | None = None, path: str = "/socket.io", user_event: str = "user_uttered") -> None:
        self.doors, self.session, self.path, self.user_event = doors, session, path, user_event
        self.client = socketio.AsyncClient(reconnection=False)
        self.uttered: list[Any] = []
        self.confirmed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.client.on("bot_uttered", self._keep)
        self.client.on("session_confirm", self._confirm)

    async def _keep(self, payload: Any) -> None:
        self.uttered.append(payload)

    async def _confirm(self, session: Any) -> None:
        self.session = session
        if not self.confirmed.done():
            self.confirmed.set_result(session)

    async def open(self, *, transports: list[str] | None = None, headers: dict[str, str] | None = None, auth: Any = None) -> None:
        """Connects and asks for the session."""
        options = {"transports": transports, "headers": headers or {}, "auth": auth}
        await self.client.connect(self.doors.url, socketio_path=self.path, wait_timeout=5, **options)
        await self.client.emit("session_request", {"session_id": self.session})
        await asyncio.wait_for(self.confirmed, 5)

    async def say(self, text: Any, **more: Any) -> None:
        """Sends a message."""
        await self.client.emit(self.user_event, {"message": text, "session_id": self.session, "customData": {"language": "en"}, **more})

    async def hear(self, count: int) -> list[Any]:
        """The first `count` messages."""
        deadline = time.monotonic() + 10
        while len(self.uttered) < count:
            assert time.monotonic() < deadline, f"only {self.uttered}"
            await asyncio.sleep(0.02)
        return self.uttered


@contextlib.asynccontextmanager
async def widget(doors: Doors, **options: Any) -> AsyncIterator[Widget]:
    """An open widget."""
    opening = {name: options.pop(name) for name in ("transports", "headers", "auth") if name in options}
    one = Widget(doors, **options)
    try:
        await one.open(**opening)
        yield one
    finally:
        await one.client.disconnect()


async def wait_until_delivered(database: Database) -> None:
    """Waits until every message to the customer is marked: that happens just after it was pushed."""
    query, deadline = select(MessageRow.delivery).where(MessageRow.direction == Direction.OUT), time.monotonic() + 5
    while True:
        async with database.transaction() as session:
            states = set((await session.execute(query)).scalars())
        if states == {Delivery.DELIVERED}:
            return
        assert time.monotonic() < deadline, states
        await asyncio.sleep(0.05)


@pytest.fixture
async def doors(database: Database, ledger: Ledger) -> AsyncIterator[Doors]:
    """Open doors that keep sessions."""
    async with serving_doors(database, ledger, DoorSettings(socket=WIDGET)) as running:
        yield running


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], None])
async def test_a_widget_talks_over_every_transport(doors: Doors, transports: list[str] | None) -> None:
    doors.script = lambda text: [
        Content(f"One: {text}\n\nTwo", buttons=(Button("Yes", "/affirm"),)),
        Content("", custom={"image": "https://x.example/a.png"}),
    ]
    async with widget(doors, transports=transports) as page:
        await page.say("hi")
        said = await page.hear(3)
    assert said == [
        {"text": "One: hi", "quick_replies": []},
        {"text": "Two", "quick_replies": [{"content_type": "text", "title": "Yes", "payload": "/affirm"}]},
        {"attachment": {"type": "image", "payload": {"src": "https://x.example/a.png"}}},
    ]


async def test_a_session_is_given_when_none_is_named_and_kept_when_one_is(doors: Doors, database: Database) -> None:
    async with widget(doors) as fresh:
        assert len(str(fresh.session)) == 32
    async with widget(doors, session="mine-1") as page:
        assert page.session == "mine-1"
        await page.say("one")
        await page.hear(1)
    async with widget(doors, session="mine-1") as again:
        await again.say("two")
        assert (await again.hear(1))[0] == {"text": "You said two"}
        assert len(again.uttered) == 1
    async with database.transaction() as session:
        assert len(list((await session.execute(select(ConversationRow.id))).scalars())) == 1


async def test_what_a_person_writes_later_is_pushed_also_after_being_away(doors: Doors, database: Database) -> None:
    async with widget(doors, session="s") as page:
        await page.say("a person please")
        await page.hear(1)
        async with database.transaction() as session:
            conversation = (await session.execute(select(ConversationRow))).scalar_one()
        await doors.human_says(conversation.id, "Ana here")
        assert (await page.hear(3))[-1] == {"text": "Ana here"}
    await doors.human_says(conversation.id, "Are you there?")
    async with widget(doors, session="s") as back:
        assert await back.hear(1) == [{"text": "Are you there?"}]
        await doors.human_says(conversation.id, "Good")
        assert await back.hear(2) == [{"text": "Are you there?"}, {"text": "Good"}]
    await wait_until_delivered(database)


async def test_two_pages_of_one_session_both_hear_and_others_do_not(doors: Doors) -> None:
    async with widget(doors, session="s") as one, widget(doors, session="s") as two, widget(doors, session="t") as other:
        await one.say("hi")
        assert await one.hear(1) == await two.hear(1) == [{"text": "You said hi"}]
        await asyncio.sleep(0.3)
        assert (len(one.uttered), len(two.uttered), other.uttered) == (1, 1, [])


async def test_without_persistence_the_connection_is_the_sender(database: Database, ledger: Ledger) -> None:
    async with serving_doors(database, ledger, DoorSettings()) as doors, widget(doors, session="named") as page:
        await page.say("hi", session_id=None)
        assert await page.hear(1) == [{"text": "You said hi"}]
        async with database.transaction() as session:
            row = (await session.execute(select(MessageRow).where(MessageRow.author == Author.CUSTOMER))).scalar_one()
        assert not str(row.external_id).startswith("named")


async def test_names_path_and_namespace_are_those_of_the_credentials(database: Database, ledger: Ledger) -> None:
    options = SocketOptions(user_message_evt="said", session_persistence=True, socketio_path="/chat/io")
    async with (
        serving_doors(database, ledger, DoorSettings(socket=options)) as doors,
        widget(doors, session="s", path="/chat/io", user_event="said") as page,
    ):
        await page.say("hi")
        assert await page.hear(1) == [{"text": "You said hi"}]


async def test_a_door_with_a_key_opens_for_a_signed_token_only(database: Database, ledger: Ledger) -> None:
    locked = DoorSettings(socket=SocketOptions(session_persistence=True, jwt_key=SECRET))
    async with serving_doors(database, ledger, locked) as doors:
        async with widget(doors, session="s", auth={"token": f"Bearer {token({'user': 'x'})}"}) as page:
            await page.say("hi")
            await page.hear(1)
        for auth in (None, {}, {"token": "x"}, {"token": token({}, secret="other" * 8)}):
            with pytest.raises(socketio.exceptions.ConnectionError):
                async with widget(doors, session="s", auth=auth):
                    raise AssertionError("it opened")


async def test_pages_of_other_sites_are_refused_unless_they_are_named(database: Database, ledger: Ledger) -> None:
    foreign = {"Origin": "https://evil.example"}
    async with serving_doors(database, ledger, DoorSettings(socket=WIDGET)) as doors:
        with pytest.raises(socketio.exceptions.ConnectionError):
            async with widget(doors, transports=["websocket"], headers=foreign):
                raise AssertionError("it opened")
    async with (
        serving_doors(database, ledger, DoorSettings(socket=WIDGET, cors=("*",))) as public,
        widget(public, transports=["websocket"], headers=foreign) as page,
    ):
        await page.say("hi")
        assert await page.hear(1) == [{"text": "You said hi"}]


async def test_odd_payloads_neither_end_the_connection_nor_are_stored(doors: Doors, database: Database) -> None:
    async with widget(doors, session="s") as page:
        for odd in (None, 7, ["x"], {"message": None, "session_id": "s"}, {"message": "x"}, {"message": "x", "session_id": 7}):
            await page.client.emit("user_uttered", odd)
        await page.client.emit("session_request", [1])
        await page.say("x" * 5000)
        await page.say("fine", metadata="{not json")
        await page.say("hi")
        said = [m["text"] for m in await page.hear(4)]
    assert said[-1] == "You said hi"
    assert any("at most 4,000" in text for text in said)
    async with database.transaction() as session:
        stored = list((await session.execute(select(MessageRow.text).where(MessageRow.author == Author.CUSTOMER))).scalars())
    assert stored == ["hi"]


async def test_a_flood_is_slowed_down(doors: Doors, database: Database) -> None:
    async with widget(doors, session="s") as page:
        for number in range(30):
            await page.say(f"m{number}")
        said = await page.hear(30)
    assert sum("Too many" in m["text"] for m in said) >= 5


def test_credentials_are_read_as_rasa_reads_them() -> None:
    found = with_credentials(
        DoorSettings(),
        {
            "rest": None,
            "callback": {"url": "https://x.example/bot"},
            "socketio": {"session_persistence": True, "jwt_key": "k", "bot_message_evt": "said"},
        },
    )
    assert found.callback_url == "https://x.example/bot"
    assert found.socket == SocketOptions(session_persistence=True, jwt_key="k", bot_message_evt="said")
    assert with_credentials(DoorSettings(callback_url="https://mine"), {"callback": {"url": "https://x"}}).callback_url == "https://mine"


@pytest.mark.parametrize(
    "wrong", [[], {"socketio": 7}, {"socketio": {"jwt_method": "none"}}, {"socketio": {"socketio_path": "/console/x"}},
              {"socketio": {"socketio_path": "io"}}, {"callback": {"url": 7}}, {"socketio": {"jwt_key": 7}}],
)  # fmt: skip
def test_wrong_credentials_are_named(wrong: Any) -> None:
    with pytest.raises(CredentialsError):
        with_credentials(DoorSettings(), wrong)
