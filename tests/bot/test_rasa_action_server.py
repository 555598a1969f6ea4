"""rasa-sdk's protocol over HTTP: the refusals word for word, and the answers of a server that no Baton stands behind."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import httpx
import pytest

from app.action_server import build_action_app, serving
from app.project import open_project
from app.rasa_alone import AloneActions
from app.settings import ROOT
from bot.fakes import MemoryKnowledge
from bot.rasa.serving import ActionRefusedError, UnknownActionError

ARTICLES = ((("returns",), "Return policy", "You can send things back within 30 days."),)
Json = dict[str, Any]


class Scripted:
    """Answers by the name of the action."""

    def names(self) -> Iterable[str]:
        """Two of them."""
        return ["action_fine", "action_shy"]

    async def run(self, call: Mapping[str, Any]) -> Json:
        """Does what the name says."""
        name = str(call["next_action"])
        if name == "action_shy":
            raise ActionRefusedError(name, "not now")
        if name == "action_broken":
            raise RuntimeError("secret details")
        if name != "action_fine":
            raise UnknownActionError(name)
        return {"events": [], "responses": [{"text": call["sender_id"]}]}

    async def say(self, call: Mapping[str, Any]) -> Json:
        """The name of the response."""
        return {"text": call["response"]}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A server that wants no token."""
    transport = httpx.ASGITransport(build_action_app(Scripted(), token=None))
    async with httpx.AsyncClient(transport=transport, base_url="http://actions") as client:
        yield client


@pytest.fixture
async def alone() -> AsyncIterator[httpx.AsyncClient]:
    """The server for a Rasa of somebody's own, with one article."""
    actions = AloneActions(open_project(ROOT), MemoryKnowledge(ARTICLES))
    transport = httpx.ASGITransport(build_action_app(actions, token=None))
    async with httpx.AsyncClient(transport=transport, base_url="http://actions") as client:
        yield client


def call(name: str, text: str, *, intent: str = "faq", slots: Json | None = None) -> Json:
    """A call as Rasa 3.6 makes it; `slots` of its own domain."""
    user = {"event": "user", "timestamp": 1.0, "text": text, "parse_data": {"intent": {"name": intent, "confidence": 0.9}, "entities": []}}
    listened = {"event": "action", "name": "action_listen", "policy": None, "confidence": None}
    events = [listened, *({"event": "slot", "name": n, "value": v} for n, v in (slots or {}).items()), user]
    tracker = {"sender_id": "somebody", "slots": slots or {}, "events": events, "latest_message": user["parse_data"]}
    return {"next_action": name, "sender_id": "somebody", "tracker": tracker, "domain": {}, "version": "3.6.21"}


async def test_it_is_well_and_lists_its_actions(http: httpx.AsyncClient) -> None:
    assert (await http.get("/health")).json() == {"status": "ok"}
    assert (await http.get("/actions")).json() == [{"name": "action_fine"}, {"name": "action_shy"}]


async def test_an_action_runs_also_when_rasa_deflates_its_call(http: httpx.AsyncClient) -> None:
    body = json.dumps({"next_action": "action_fine", "sender_id": "x"}).encode()
    plain = await http.post("/webhook", content=body)
    deflated = await http.post("/webhook", content=zlib.compress(body), headers={"Content-Encoding": "deflate"})
    assert plain.json() == deflated.json() == {"events": [], "responses": [{"text": "x"}]}


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [("action_shy", 400, "not now"), ("action_none", 404, "Baton has no action 'action_none'"), ("action_broken", 500, "RuntimeError in")],
)
async def test_refusals_are_worded_as_rasa_sdk_s(http: httpx.AsyncClient, name: str, status: int, error: str) -> None:
    got = await http.post("/webhook", json={"next_action": name, "sender_id": "x"})
    assert (got.status_code, got.json()["action_name"]) == (status, name)
    assert got.json()["error"].startswith(error)
    assert "secret" not in got.text


@pytest.mark.parametrize("body", [b"", b"no json", b"[1, 2]", b"\xff\xfe", b"[" * 100_000, b'{"a": ' + b"1" * 5_000_001 + b"}"])
async def test_a_body_that_is_no_call_is_refused(http: httpx.AsyncClient, body: bytes) -> None:
    got = await http.post("/webhook", content=body)
    assert (got.status_code, got.json()) == (400, {"error": "Invalid body request"})


async def test_a_token_is_wanted_where_one_is_set() -> None:
    app = build_action_app(Scripted(), token="open sesame")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://actions") as http:
        without = await http.post("/webhook", json={"next_action": "action_fine", "sender_id": "x"})
        wrong = await http.get("/actions", params={"token": "close sesame"})
        right = await http.get("/actions", params={"token": "open sesame"})  # what `token:` in endpoints.yml becomes
        health = await http.get("/health")
    assert [r.status_code for r in (without, wrong, right, health)] == [403, 403, 200, 200]


async def test_it_serves_within_a_process_and_lets_the_port_go() -> None:
    async with serving(build_action_app(Scripted(), token=None), host="127.0.0.1", port=0) as port, httpx.AsyncClient() as http:
        assert (await http.get(f"http://127.0.0.1:{port}/health")).status_code == 200
        with pytest.raises(OSError, match="in use"):
            (await asyncio.start_server(lambda *_: None, "127.0.0.1", port)).close()
    (await asyncio.start_server(lambda *_: None, "127.0.0.1", port)).close()


async def test_a_rasa_of_your_own_gets_the_article_s_answer(alone: httpx.AsyncClient) -> None:
    got = await alone.post("/webhook", json=call("action_answer_from_knowledge", "How do returns work?", slots={"their_own": 1}))
    assert (got.status_code, got.json()["events"]) == (200, [])
    assert got.json()["responses"] == [{"text": "You can send things back within 30 days."}]


async def test_a_question_without_an_answer_is_declined_in_the_customer_s_language(alone: httpx.AsyncClient) -> None:
    got = await alone.post("/webhook", json=call("action_answer_from_knowledge", "Até que horas estão abertos no domingo?"))
    said = got.json()["responses"][0]
    assert got.status_code == 200
    assert "Return policy" in [b["title"] for b in said["buttons"]]
    assert any(word in said["text"].lower() for word in ("não", "nao", "desculp"))


@pytest.mark.parametrize("name", ["action_handoff", "action_handoff_angry"])
async def test_a_handoff_is_refused_where_baton_has_no_conversation(alone: httpx.AsyncClient, name: str) -> None:
    got = await alone.post("/webhook", json=call(name, "a person please", intent="talk_to_human"))
    assert (got.status_code, got.json()["action_name"]) == (500, name)
    assert "only in Baton's own conversations" in got.json()["error"]


async def test_an_order_is_neither_shown_nor_tried(alone: httpx.AsyncClient) -> None:
    slots = {"order_number": "LC-100001", "order_proof": "ana.demo@example.com", "order_known": "LC-100001"}
    got = await alone.post("/webhook", json=call("action_show_order", "show it", slots=slots))
    assert (got.status_code, "Orders are shown only" in got.json()["error"]) == (500, True)


async def test_nobody_alone_asks_for_an_action_of_the_engine(alone: httpx.AsyncClient) -> None:
    got = await alone.post("/webhook", json=call("action_baton_after_reading", "x"))
    assert got.status_code == 404


async def test_words_of_the_project_are_said_with_the_slots(alone: httpx.AsyncClient) -> None:
    body = call("", "hello") | {
        "response": "utter_order_head",
        "arguments": {"number": "LC-1", "status": "paid"},
        "channel": {"name": "rest"},
    }
    got = await alone.post("/nlg", json=body)
    assert got.json() == {"text": "Order LC-1: paid."}
