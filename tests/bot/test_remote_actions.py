"""Actions of an action server: a real HTTP server on this machine answers well, badly, late or not at all."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.actions.port import ActionContext
from bot.actions.remote import ActionServerDownError, ActionServerSlowError, RemoteActions
from bot.actions.remote_answer import ActionServerError, ActionServerNonsenseError
from bot.actions.remote_config import ActionEndpoint
from bot.dialogue_events import (
    ActionRan,
    ActionRejected,
    BotSaid,
    Followup,
    LoopActive,
    LoopInterrupted,
    Paused,
    ReminderCancelled,
    ReminderSet,
    Restarted,
    Resumed,
    Rewound,
    SessionStarted,
    SlotSet,
    SlotsReset,
    Undone,
    UserSaid,
)
from context.types import Button
from tests.bot.remote_talk import SPACE, make_context
from tests.live import free_port


@dataclass
class Server:
    """What the server shall do with a call, and the calls that came."""

    url: str
    answer: Callable[[], tuple[int, bytes]] = lambda: (200, b'{"events": [], "responses": []}')
    calls: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def say(self, events: Any = (), responses: Any = (), status: int = 200) -> None:
        """Answers this from now on."""
        body = json.dumps({"events": list(events), "responses": list(responses)}).encode()
        self.answer = lambda: (status, body)


@pytest.fixture
def server() -> Iterator[Server]:
    """A running action server."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            scripted.calls.append(json.loads(body))
            scripted.paths.append(self.path)
            scripted.headers.append(dict(self.headers))
            status, answer = scripted.answer()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                self.close_connection = True  # the caller had enough

        def log_message(self, format: str, *arguments: Any) -> None:
            """Says nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    scripted = Server(f"http://127.0.0.1:{http.server_address[1]}/webhook")
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield scripted
    http.shutdown()
    http.server_close()


@pytest.fixture
def context(tmp_path: Path) -> ActionContext:
    """A talk in which the customer has just said where to go."""
    return make_context(tmp_path)


def actions(server: Server, **options: Any) -> RemoteActions:
    """The client of the server."""
    return RemoteActions(ActionEndpoint(server.url, **options))


async def test_a_call_is_what_rasa_would_send(server: Server, context: ActionContext) -> None:
    await actions(server, headers={"X-Shop": "lantern"}, params={"token": "secret"}).run("action_book", context)
    call = server.calls[0]
    assert call.keys() == {"next_action", "sender_id", "tracker", "domain", "version"}
    assert (call["next_action"], call["sender_id"], call["version"]) == ("action_book", str(SPACE), "3.6.21")
    assert call["tracker"].keys() == {
        "sender_id", "slots", "latest_message", "latest_event_time", "followup_action", "paused", "events", "latest_input_channel",
        "active_loop", "latest_action", "latest_action_name",
    }  # fmt: skip
    assert call["tracker"]["slots"] == {"city": "Macau", "seats": None, "name": None, "requested_slot": None}
    assert call["tracker"]["latest_message"]["intent"] == {"name": "book", "confidence": 0.9}
    assert call["tracker"]["latest_message"]["entities"] == [{"entity": "city", "value": "Macau", "start": 3, "end": 8}]
    assert call["tracker"]["latest_message"]["metadata"] == call["tracker"]["events"][1]["metadata"] == {"cart": 3}
    assert [e["event"] for e in call["tracker"]["events"]][-3:] == ["action", "user", "slot"]
    assert all(isinstance(e["timestamp"], float) for e in call["tracker"]["events"])
    assert server.paths == ["/webhook?token=secret"]
    assert server.headers[0]["X-Shop"] == "lantern"


async def test_the_domain_goes_along_whole(server: Server, context: ActionContext) -> None:
    await actions(server).run("action_book", context)
    domain = server.calls[0]["domain"]
    assert domain["intents"] == ["book", {"greet": {"ignore_entities": ["city"]}}]
    assert domain["entities"] == [{"city": {"roles": ["from", "to"]}}]
    assert domain["slots"]["city"]["mappings"] == [{"type": "from_entity", "entity": "city", "role": "to"}]
    assert domain["slots"]["name"]["mappings"][0]["conditions"] == [{"active_loop": "booking_form", "requested_slot": "name"}]
    assert domain["forms"] == {"booking_form": {"required_slots": ["city", "name"]}}
    assert domain["responses"]["utter_where"][0]["buttons"] == [{"title": "Yes", "payload": "/affirm"}]
    assert domain["actions"] == ["action_book", "action_seats", "validate_booking_form"]


async def test_slots_to_check_stand_at_the_end_of_the_events(server: Server, context: ActionContext) -> None:
    await actions(server).run("validate_booking_form", context, candidates=(SlotSet("name", "Rui"),))
    tracker = server.calls[0]["tracker"]
    assert (tracker["events"][-1]["name"], tracker["events"][-1]["value"]) == ("name", "Rui")
    assert tracker["slots"]["name"] == "Rui"
    assert context.tracker.slots["name"] is None


async def test_every_kind_of_event_is_understood(server: Server, context: ActionContext) -> None:
    server.say(
        events=[
            {"event": "slot", "name": "seats", "value": 2, "timestamp": None},
            {"event": "reset_slots"},
            {"event": "followup", "name": "action_listen"},
            {"event": "active_loop", "name": "booking_form"},
            {"event": "active_loop", "name": None},
            {"event": "form", "name": "booking_form"},
            {"event": "loop_interrupted", "is_interrupted": True},
            {"event": "action_execution_rejected", "name": "booking_form"},
            {"event": "restart"},
            {"event": "session_started"},
            {"event": "pause"},
            {"event": "resume"},
            {"event": "rewind"},
            {"event": "undo"},
            {"event": "reminder", "intent": "greet", "date_time": "2026-11-25T12:00:00+00:00", "name": "r", "entities": {"city": "Faro"},
             "kill_on_user_msg": False},
            {"event": "cancel_reminder", "name": "r", "intent": None, "entities": None},
            {"event": "user", "text": "hi", "parse_data": {"intent": {"name": "greet", "confidence": 0.5}, "entities": []}},
            {"event": "bot", "text": "hello", "data": {}},
            {"event": "action", "name": "action_book", "policy": None, "confidence": None},
            {"event": "export"},
            {"event": "agent", "text": "me"},
        ]
    )  # fmt: skip
    result = await actions(server).run("action_book", context)
    assert [type(e) for e in result.events] == [
        SlotSet, SlotsReset, Followup, LoopActive, LoopActive, LoopActive, LoopInterrupted, ActionRejected, Restarted, SessionStarted,
        Paused, Resumed, Rewound, Undone, ReminderSet, ReminderCancelled, UserSaid, BotSaid, ActionRan,
    ]  # fmt: skip
    reminder = next(e for e in result.events if isinstance(e, ReminderSet))
    assert (reminder.intent, reminder.name, reminder.kill_on_user_message) == ("greet", "r", False)
    assert (reminder.entities[0].name, reminder.entities[0].value) == ("city", "Faro")


async def test_responses_become_messages(server: Server, context: ActionContext) -> None:
    empty: dict[str, Any] = {
        "buttons": [],
        "elements": [],
        "custom": {},
        "template": None,
        "response": None,
        "image": None,
        "attachment": None,
    }
    server.say(
        responses=[
            empty | {"text": "Two ways", "buttons": [{"title": "Train", "payload": "/train"}, {"title": "Boat"}]},
            empty | {"text": None, "image": "https://shop.example/map.png"},
            empty | {"text": None, "custom": {"kind": "seats", "free": [1, 2]}},
            empty | {"text": None, "response": "utter_where", "template": "utter_where", "who": "Ana"},
            empty | {"text": None, "elements": [{"title": "Faro", "subtitle": "sunny"}]},
            empty | {"text": None, "attachment": {"type": "file", "payload": {"src": "https://shop.example/a.pdf"}}},
            empty | {"text": None},
        ]
    )
    said = (await actions(server).run("action_book", context)).messages
    assert said[0].buttons == (Button("Train", "/train"), Button("Boat", "Boat"))
    assert (said[1].text, said[1].custom) == ("https://shop.example/map.png", {"image": "https://shop.example/map.png"})
    assert said[2].custom == {"custom": {"kind": "seats", "free": [1, 2]}}
    assert (said[3].text, said[3].buttons) == ("To Macau, with Ana?", (Button("Yes", "/affirm"),))
    assert said[4].text == "Faro : sunny"
    assert said[5].text == "https://shop.example/a.pdf"
    assert len(said) == 6


async def test_an_utterance_that_nobody_wrote_is_left_out_and_noted(server: Server, context: ActionContext) -> None:
    server.say(responses=[{"response": "utter_unknown"}, {"text": "still here"}])
    result = await actions(server).run("action_book", context)
    assert [m.text for m in result.messages] == ["still here"]
    assert "utter_unknown" in result.notes["left_out"]


async def test_a_refused_execution_lets_others_decide(server: Server, context: ActionContext) -> None:
    server.answer = lambda: (400, json.dumps({"action_name": "booking_form", "error": "no"}).encode())
    assert (await actions(server).run("booking_form", context)).events == (ActionRejected("booking_form"),)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, {"action_name": "action_book", "error": "No registered action"}, ActionServerError),
        (500, {"error": "boom", "request_body": {}}, ActionServerError),
        (400, {"error": "Invalid body request"}, ActionServerError),
        (302, {}, ActionServerError),
        (200, ["a list"], ActionServerNonsenseError),
        (200, {"events": "none"}, ActionServerNonsenseError),
        (200, {"events": [{"event": "flying_pig"}]}, ActionServerNonsenseError),
        (200, {"events": [{"event": "slot", "value": 1}]}, ActionServerNonsenseError),
        (200, {"events": [{"event": "reminder", "intent": "greet", "date_time": "soon"}]}, ActionServerNonsenseError),
        (200, {"events": [7]}, ActionServerNonsenseError),
        (200, {"responses": {"text": "hi"}}, ActionServerNonsenseError),
        (200, {"responses": ["hi"]}, ActionServerNonsenseError),
        (200, {"responses": [{"text": ["hi"]}]}, ActionServerNonsenseError),
        (200, {"responses": [{"text": "hi", "buttons": [{"payload": "/x"}]}]}, ActionServerNonsenseError),
        (200, {"responses": [{"text": "x"}] * 1000}, ActionServerNonsenseError),
    ],
)
async def test_an_answer_that_cannot_be_used_is_a_clear_error(
    server: Server, context: ActionContext, status: int, body: Any, error: type[Exception]
) -> None:
    server.answer = lambda: (status, json.dumps(body).encode())
    with pytest.raises(error, match=r"action_book"):
        await actions(server).run("action_book", context)
    assert len(server.calls) == 1


@pytest.mark.parametrize("body", [b"<html><body>Bad gateway</body></html>", b"\xff\xfe\x00", b"{", b"[" * 100_000, b'{"events": NaN}'])
async def test_an_answer_that_is_no_json_is_a_clear_error(server: Server, context: ActionContext, body: bytes) -> None:
    server.answer = lambda: (200, body)
    with pytest.raises(ActionServerNonsenseError):
        await actions(server).run("action_book", context)


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"events": null, "responses": null}'])
async def test_an_empty_answer_does_nothing(server: Server, context: ActionContext, body: bytes) -> None:
    server.answer = lambda: (200, body)
    result = await actions(server).run("action_book", context)
    assert (result.events, result.messages) == ((), ())


async def test_ten_megabytes_are_not_swallowed(server: Server, context: ActionContext) -> None:
    server.answer = lambda: (200, b'{"events": [], "responses": [{"text": "' + b"x" * 10_000_000 + b'"}]}')
    with pytest.raises(ActionServerNonsenseError, match="larger than"):
        await actions(server).run("action_book", context)


async def test_a_server_that_hangs_does_not_hang_the_turn_and_is_not_called_again(server: Server, context: ActionContext) -> None:
    def hang() -> tuple[int, bytes]:
        time.sleep(1.5)
        return 200, b"{}"

    server.answer, began = hang, time.monotonic()
    with pytest.raises(ActionServerSlowError):
        await actions(server, timeout=0.3).run("action_book", context)
    assert time.monotonic() - began < 1.2
    assert len(server.calls) == 1


async def test_the_budget_holds_for_an_answer_that_trickles(server: Server, context: ActionContext) -> None:
    class Drop(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            while True:
                await asyncio.sleep(0.05)
                yield b" "

    transport = httpx.MockTransport(lambda _request: httpx.Response(200, stream=Drop()))
    slow = RemoteActions(ActionEndpoint(server.url, timeout=5, budget=0.4), transport=transport)
    with pytest.raises(ActionServerSlowError, match=r"0\.4 seconds"):
        await slow.run("action_book", context)


async def test_a_server_that_is_down_is_tried_again_and_then_named(context: ActionContext) -> None:
    remote = RemoteActions(ActionEndpoint(f"http://127.0.0.1:{free_port()}/webhook"))
    began = time.monotonic()
    with pytest.raises(ActionServerDownError, match="no action server at"):
        await remote.run("action_book", context)
    assert 1.2 < time.monotonic() - began < 5


async def test_a_server_that_comes_up_in_time_is_used(server: Server, context: ActionContext) -> None:
    tries = []

    def refuse_twice(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        if len(tries) < 3:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, json={"responses": [{"text": "up"}]})

    remote = RemoteActions(ActionEndpoint(server.url), transport=httpx.MockTransport(refuse_twice))
    assert (await remote.run("action_book", context)).messages[0].text == "up"
    assert len({r.headers["Idempotency-Key"] for r in tries}) == 1


async def test_a_lost_answer_is_asked_for_again_only_where_that_was_allowed(server: Server, context: ActionContext) -> None:
    tries = []

    def lose_once(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        if len(tries) == 1:
            raise httpx.ReadError("lost")
        return httpx.Response(200, json={})

    transport = httpx.MockTransport(lose_once)
    with pytest.raises(ActionServerError, match="broke off"):
        await RemoteActions(ActionEndpoint(server.url), transport=transport).run("action_book", context)
    assert len(tries) == 1
    tries.clear()
    await RemoteActions(ActionEndpoint(server.url, idempotent=True), transport=transport).run("action_book", context)
    assert len(tries) == 2
