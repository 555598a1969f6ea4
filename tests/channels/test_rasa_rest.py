"""Rasa's REST and callback channels, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from channels.base import Account, Fate, Part, Sending
from channels.rasa.send import CallbackChannel
from channels.rasa.types import DoorSettings
from context.conversations import view_message
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.types import Author, Button, Citation, Content, Delivery, Direction, Visibility
from kit.clock import utc_now
from kit.db import Database
from tests.channels.rasa_doors import Doors, serving_doors

pytestmark = pytest.mark.integration
URL = "/webhooks/rest/webhook"


@pytest.fixture
async def doors(database: Database, ledger: Ledger) -> AsyncIterator[Doors]:
    """Open doors with a callback."""
    async with serving_doors(database, ledger, DoorSettings(callback_url="http://127.0.0.1:9/replies")) as running:
        yield running


@pytest.fixture
async def http(doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the doors."""
    async with httpx.AsyncClient(base_url=doors.url, timeout=40) as client:
        yield client


async def say(http: httpx.AsyncClient, text: str, *, sender: str = "ana", **more: Any) -> list[dict[str, Any]]:
    """What is said to a message."""
    answer = await http.post(URL, json={"sender": sender, "message": text, **more})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_a_message_is_answered_in_the_same_request(doors: Doors, http: httpx.AsyncClient) -> None:
    assert await say(http, "hello") == [{"recipient_id": "ana", "text": "You said hello"}]
    assert (await http.get("/webhooks/rest/")).json() == {"status": "ok"}
    assert (await http.get("/webhooks/callback/")).json() == {"status": "ok"}


async def test_every_part_of_a_message_has_rasa_s_shape(doors: Doors, http: httpx.AsyncClient) -> None:
    doors.script = lambda _text: [
        Content("One\n\nTwo"),
        Content("Choose", buttons=(Button("Yes", "/affirm"),)),
        Content("https://x.example/a.png", custom={"image": "https://x.example/a.png"}),
        Content("", custom={"custom": {"kind": "map"}}),
        Content("see", custom={"attachment": "https://x.example/a.pdf"}),
        Content("We take it back.", citations=(Citation("returns", "Returns", "/help/en/returns", "p", 0.9),)),
    ]
    said = [{k: v for k, v in m.items() if k != "recipient_id"} for m in await say(http, "all")]
    assert said == [
        {"text": "One"},
        {"text": "Two"},
        {"text": "Choose", "buttons": [{"title": "Yes", "payload": "/affirm"}]},
        {"image": "https://x.example/a.png"},
        {"custom": {"kind": "map"}},
        {"text": "see"},
        {"attachment": "https://x.example/a.pdf"},
        {"text": f"We take it back.\nReturns: {doors.url}/help/en/returns"},
    ]


async def test_a_stream_has_a_line_for_each_message(doors: Doors, http: httpx.AsyncClient) -> None:
    doors.script = lambda text: [Content(text), Content("bye")]
    answer = await http.post(URL, params={"stream": "true"}, json={"sender": "rui", "message": "olá"})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert [json.loads(line)["text"] for line in answer.text.splitlines()] == ["olá", "bye"]


async def test_a_button_s_payload_is_taken_as_such(doors: Doors, http: httpx.AsyncClient, database: Database) -> None:
    await say(http, '/affirm{"size": "L"}')
    async with database.transaction() as session:
        row = (await session.execute(select(MessageRow).where(MessageRow.author == Author.CUSTOMER))).scalar_one()
    assert (row.payload, row.channel, row.account) == ('/affirm{"size": "L"}', "rest", "rest")


async def test_what_a_person_says_later_comes_with_the_next_request(doors: Doors, http: httpx.AsyncClient, database: Database) -> None:
    assert [m["text"] for m in await say(http, "a person")] == ["You said a person"]
    async with database.transaction() as session:
        conversation = (await session.execute(select(ConversationRow))).scalar_one()
    await doors.human_says(conversation.id, "Hello, this is Ana")
    said = [m["text"] for m in await say(http, "finally")]
    assert said[-1] == "Hello, this is Ana"
    assert await say(http, "still there?") == []
    later = asyncio.create_task(say(http, "and now?"))
    await asyncio.sleep(0.4)
    await doors.human_says(conversation.id, "Yes")
    assert [m["text"] for m in await later] == ["Yes"]


async def test_messages_are_handed_out_once_and_marked(doors: Doors, http: httpx.AsyncClient, database: Database) -> None:
    await say(http, "one")
    assert [m["text"] for m in await say(http, "two")] == ["You said two"]
    async with database.transaction() as session:
        states = set((await session.execute(select(MessageRow.delivery).where(MessageRow.direction == Direction.OUT))).scalars())
    assert states == {Delivery.DELIVERED}


async def test_a_client_that_hangs_up_loses_nothing(doors: Doors, http: httpx.AsyncClient) -> None:
    doors.slow = 0.8
    async with httpx.AsyncClient(base_url=doors.url, timeout=0.3) as hasty:
        with pytest.raises(httpx.ReadTimeout):
            await hasty.post(URL, json={"sender": "ana", "message": "first"})
    await asyncio.sleep(1.5)
    assert [m["text"] for m in await say(http, "second")] == ["You said first", "You said second"]


async def test_a_message_with_an_id_is_taken_once_and_answered_again(doors: Doors, http: httpx.AsyncClient, database: Database) -> None:
    metadata = {"message_id": "m-1", "language": "pt-BR", "shop": {"cart": 3}}
    first = await say(http, "hello", metadata=metadata)
    await say(http, "more")
    assert await say(http, "hello", metadata=metadata) == first
    async with database.transaction() as session:
        rows = list(
            (await session.execute(select(MessageRow).where(MessageRow.author == Author.CUSTOMER).order_by(MessageRow.seq))).scalars()
        )
    assert [r.text for r in rows] == ["hello", "more"]
    assert [r.body for r in rows] == [{"metadata": metadata}, {}]


async def test_senders_and_front_ends_do_not_meet(doors: Doors, http: httpx.AsyncClient, database: Database) -> None:
    await asyncio.gather(*(say(http, f"from {i}", sender=f"s{i}") for i in range(8)), say(http, "x", sender="s0", input_channel="kiosk"))
    async with database.transaction() as session:
        assert len(list((await session.execute(select(ConversationRow.id))).scalars())) == 9
        accounts = set((await session.execute(select(ConversationRow.account))).scalars())
    assert accounts == {"rest", "kiosk"}


async def test_two_messages_at_once_lose_and_double_nothing(doors: Doors, http: httpx.AsyncClient) -> None:
    doors.slow = 0.05
    found = await asyncio.gather(*(say(http, f"m{i}") for i in range(6)))
    rest = await say(http, "last")
    assert sorted(m["text"] for said in [*found, rest] for m in said) == sorted([f"You said m{i}" for i in range(6)] + ["You said last"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"nonsense", 400), (b"[]", 400), (b'{"sender": "a"}', 400), (b'{"sender": {"a": 1}, "message": "x"}', 400),
        (b'{"sender": "a", "message": 7}', 400), (b'{"sender": "a", "message": "   "}', 400),
        (b'{"sender": "a\\u0000", "message": "x"}', 400), (b'{"sender": "\\ud83d", "message": "x"}', 400),
        (b'{"message": "x", "metadata": {"a": "\\u0000"}}', 400), (b'{"message": "x", "metadata": {"a": "\\ud83d"}}', 400),
        (b'{"message": "x", "metadata": {"a": NaN}}', 400),
        (json.dumps({"message": "x", "metadata": {"a": "x" * 20_000}}).encode(), 413), (b"\xff\xfe", 400),
        (json.dumps({"sender": "a" * 500, "message": "x"}).encode(), 400), (json.dumps({"message": "x" * 5000}).encode(), 413),
        (b'{"message": "' + b"x" * 1_100_000 + b'"}', 413), (b"[" * 200_000, 400),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_as_rasa_refuses(http: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await http.post(URL, content=body)
    assert answer.status_code == status
    assert answer.json().keys() == {"version", "status", "message", "reason", "details", "help", "code"}
    assert (answer.json()["code"], answer.json()["status"]) == (status, "failure")


async def test_pages_of_other_sites_may_not_call_unless_they_are_named(
    doors: Doors, http: httpx.AsyncClient, database: Database, ledger: Ledger
) -> None:
    asking = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in (await http.options(URL, headers=asking)).headers
    assert "access-control-allow-origin" not in (await http.get("/webhooks/rest/", headers=asking)).headers
    assert (await http.get("/elsewhere", headers=asking)).headers["access-control-allow-origin"] == "*"
    settings = DoorSettings(cors=("https://shop.example",))
    async with serving_doors(database, ledger, settings) as named, httpx.AsyncClient(base_url=named.url) as client:
        allowed = await client.options(URL, headers=asking)
        assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
        other = await client.options(URL, headers=asking | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


async def test_the_callback_channel_says_success_and_nothing_else(doors: Doors, http: httpx.AsyncClient, database: Database) -> None:
    answer = await http.post("/webhooks/callback/webhook", json={"sender": "bo", "message": "hi"})
    assert (answer.status_code, answer.text) == (200, "success")
    async with database.transaction() as session:
        row = (await session.execute(select(MessageRow).where(MessageRow.author == Author.CUSTOMER))).scalar_one()
    assert (row.channel, row.text) == ("callback", "hi")


async def test_a_callback_that_nobody_set_up_is_refused(database: Database, ledger: Ledger) -> None:
    async with serving_doors(database, ledger, DoorSettings()) as running, httpx.AsyncClient(base_url=running.url) as client:
        answer = await client.post("/webhooks/callback/webhook", json={"sender": "bo", "message": "hi"})
    assert (answer.status_code, answer.json()["reason"]) == (404, "NotFound")


def outgoing(text: str) -> Sending:
    """A message on its way."""
    row = MessageRow(
        id=uuid4(), conversation_id=uuid4(), seq=1, direction=Direction.OUT, author=Author.BOT, author_name=None,
        visibility=Visibility.PUBLIC, text=text, payload=None, body={}, channel="callback", account="callback", external_id=None,
        delivery=Delivery.QUEUED, at=utc_now(), understanding=None,
    )  # fmt: skip
    message = view_message(row)
    return Sending(message.id, message, Part(text), "bo", Account(message.id, "callback", "callback", "callback"))


@pytest.mark.parametrize(
    ("answers", "fate", "posts"),
    [
        ([200, 200], Fate.SENT, 2),
        ([503], Fate.LATER, 1),
        ([200, 503], Fate.UNKNOWN, 2),
        ([404], Fate.FAILED, 1),
        ([httpx.ConnectError("no")], Fate.LATER, 1),
        ([200, httpx.ConnectError("no")], Fate.UNKNOWN, 2),
        ([httpx.ReadTimeout("late")], Fate.UNKNOWN, 1),
    ],
)
async def test_a_callback_s_fate_is_told_and_nothing_is_sent_twice(answers: list[Any], fate: Fate, posts: int) -> None:
    given: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        given.append(json.loads(request.content))
        outcome = answers[len(given) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return httpx.Response(outcome)

    channel = CallbackChannel("http://x.example", base_url="http://b", transport=httpx.MockTransport(answer))
    assert (await channel.send(outgoing("a\n\nb"))).fate == fate
    assert given == [{"recipient_id": "bo", "text": t} for t in "ab"][:posts]
