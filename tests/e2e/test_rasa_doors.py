"""Clients made for Rasa talk to a real Baton that serves a Rasa 3 project with an action server: every door, bot and person."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import socketio  # type: ignore[import-untyped]

from tests.e2e.test_api import token
from tests.live import LiveBaton, new_folder
from tests.small_project import INTENTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
KEY = {"token": "a-long-token"}
DOMAIN = """
version: "3.1"
intents: [greet, track_order, opening_hours, affirm, EXTERNAL_parcel_came]
entities: [city, parcel]
slots:
  city:
    type: text
    influence_conversation: true
    mappings:
    - type: from_entity
      entity: city
  parcel:
    type: text
    influence_conversation: false
    mappings:
    - type: from_entity
      entity: parcel
responses:
  utter_greet:
  - text: "Hello from the desk"
    buttons:
    - title: "Opening hours"
      payload: '/opening_hours{"city": "Macau"}'
  utter_hours:
  - text: "We open at nine in {city}"
  utter_hours_nowhere:
  - text: "We open at ten"
  utter_came:
  - text: "Parcel {parcel} has come"
  utter_default:
  - text: "Pardon?"
actions: [action_track]
"""
RULES = """
version: "3.1"
rules:
- rule: greet
  steps:
  - intent: greet
  - action: utter_greet
- rule: hours where the city is known
  condition:
  - slot_was_set:
    - city
  steps:
  - intent: opening_hours
  - action: utter_hours
- rule: hours
  condition:
  - slot_was_set:
    - city: null
  steps:
  - intent: opening_hours
  - action: utter_hours_nowhere
- rule: track
  steps:
  - intent: track_order
  - action: action_track
- rule: came
  steps:
  - intent: EXTERNAL_parcel_came
  - action: utter_came
"""


@dataclass
class Outside:
    """A server of others: the action server (/webhook) and the one that takes callbacks (/replies)."""

    url: str
    calls: list[dict[str, Any]] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    """Runs it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = b"{}"
            if self.path == "/replies":
                here.replies.append(body)
            else:
                here.calls.append(body)
                answer = json.dumps({"events": [], "responses": [{"text": f"Parcel of {body['sender_id']} is on its way"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Says nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Outside(f"http://127.0.0.1:{http.server_address[1]}")
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield here
    http.shutdown()
    http.server_close()


def write_project(folder: Path, outside: Outside) -> Path:
    """A Rasa project with credentials and endpoints."""
    (folder / "data").mkdir(parents=True)
    sentences = {**INTENTS, "affirm": ("yes", "yes please", "of course", "sure thing", "that is right", "correct")}
    cities = (
        "is the shop in [Lisbon](city) open",
        "when do you open in [Macau](city)",
        "opening hours of [Porto](city)",
        "hours in [Faro](city)",
    )
    nlu = {**sentences, "opening_hours": (*sentences["opening_hours"], *cities)}
    lines = "".join(f"- intent: {name}\n  examples: |\n" + "".join(f"    - {s}\n" for s in said) for name, said in nlu.items())
    (folder / "data" / "nlu.yml").write_text(f'version: "3.1"\nnlu:\n{lines}')
    (folder / "data" / "rules.yml").write_text(RULES)
    (folder / "domain.yml").write_text(DOMAIN)
    (folder / "config.yml").write_text("language: en\npolicies:\n- name: RulePolicy\n")
    (folder / "credentials.yml").write_text(f"rest:\ncallback:\n  url: {outside.url}/replies\nsocketio:\n  session_persistence: true\n")
    (folder / "endpoints.yml").write_text(f"action_endpoint:\n  url: {outside.url}/webhook\n")
    return folder


@pytest.fixture(scope="module")
def rasa(outside: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBaton]:
    """A Baton with open doors over the project."""
    project = write_project(tmp_path_factory.mktemp("project") / "bot", outside)
    project.chmod(0o755)
    folder = new_folder()
    environment = {
        "BATON_PROJECT": str(project),
        "BATON_RASA_DOORS": "on",
        "BATON_RASA_TOKEN": KEY["token"],
        "BATON_RASA_CORS": "https://shop.example",
    }
    baton = LiveBaton(folder, environment=environment)
    baton.start()
    try:
        yield baton
    finally:
        baton.stop()
        shutil.rmtree(folder, ignore_errors=True)


def connect(baton: LiveBaton, **options: Any) -> httpx.Client:
    """A client that keeps no connection open."""
    return httpx.Client(base_url=baton.url, timeout=40, limits=httpx.Limits(max_keepalive_connections=0), **options)


class Client:
    """A client of the REST channel, like Chatbot-Widget."""

    def __init__(self, baton: LiveBaton) -> None:
        self.sender = uuid4().hex[:10]
        self.http = connect(baton)

    def say(self, text: str, **more: Any) -> list[dict[str, Any]]:
        """What is said to a message."""
        answer = self.http.post("/webhooks/rest/webhook", json={"sender": self.sender, "message": text, **more})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        assert all(m.pop("recipient_id") == self.sender for m in found)
        return found

    def api(self, method: str, path: str, body: Any = None, **params: str) -> httpx.Response:
        """A call of the HTTP API about this sender."""
        return self.http.request(method, f"/conversations/{self.sender}/{path}", params={**KEY, **params}, json=body)


def test_the_rest_channel_answers_buttons_and_actions_included(rasa: LiveBaton, outside: Outside) -> None:
    client = Client(rasa)
    greeted = client.say("good morning")
    assert greeted[-1] == {
        "text": "Hello from the desk", "buttons": [{"title": "Opening hours", "payload": '/opening_hours{"city": "Macau"}'}]
    }  # fmt: skip
    assert client.say(greeted[-1]["buttons"][0]["payload"]) == [{"text": "We open at nine in Macau"}]
    tracked = client.say("where is my parcel", metadata={"cart": 3})
    assert tracked[0]["text"].endswith("is on its way")
    call = outside.calls[-1]
    assert (call["next_action"], call["tracker"]["slots"]["city"], call["tracker"]["latest_input_channel"]) == (
        "action_track",
        "Macau",
        "rest",
    )
    assert call["tracker"]["latest_message"]["metadata"] == {"cart": 3}
    streamed = client.http.post("/webhooks/rest/webhook?stream=true", json={"sender": client.sender, "message": "hello there"})
    assert json.loads(streamed.text.splitlines()[-1])["text"] == "Hello from the desk"


def test_a_person_answers_through_the_rest_channel(rasa: LiveBaton) -> None:
    client, mark = Client(rasa), uuid4().hex
    client.say("hello there")
    client.say(f"where is my parcel {mark}")
    agent = connect(rasa, headers=token(rasa, "ana@lantern.example.com"))
    mine = next(c for c in agent.get("/v1/conversations", params={"limit": 100}).json() if mark in c["preview"])
    assert agent.post(f"/v1/conversations/{mine['id']}/take").status_code == 204
    assert agent.post(f"/v1/conversations/{mine['id']}/messages", json={"text": "Ana here"}).status_code == 201
    assert client.say("thanks")[-1] == {"text": "Ana here"}
    assert client.api("POST", "trigger_intent", {"name": "greet"}).status_code == 409
    deadline = time.monotonic() + 10
    while agent.post(f"/v1/conversations/{mine['id']}/resolve").status_code != 204:  # not while the customer has just written
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert "Hello from the desk" in [m.get("text") for m in client.say("hello there")]


def test_the_callback_channel_posts_the_replies(rasa: LiveBaton, outside: Outside) -> None:
    sender = uuid4().hex
    answer = httpx.post(f"{rasa.url}/webhooks/callback/webhook", json={"sender": sender, "message": "good morning"})
    assert answer.text == "success"
    deadline = time.monotonic() + 20
    while not (mine := [r for r in outside.replies if r["recipient_id"] == sender and "Hello" in r.get("text", "")]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert mine[0]["buttons"][0]["title"] == "Opening hours"


def test_a_socket_io_widget_hears_bot_and_person(rasa: LiveBaton) -> None:
    asyncio.run(_talk_over_socket(rasa, uuid4().hex))


async def _talk_over_socket(rasa: LiveBaton, session: str) -> None:
    client, uttered, confirmed = socketio.AsyncClient(), asyncio.Queue[Any](), asyncio.Queue[Any]()
    client.on("bot_uttered", uttered.put)
    client.on("session_confirm", confirmed.put)
    await client.connect(rasa.url)
    await client.emit("session_request", {"session_id": session})
    assert await asyncio.wait_for(confirmed.get(), 10) == session
    await client.emit("user_uttered", {"message": f"where is my parcel {session}", "session_id": session, "customData": {}})
    while not (await asyncio.wait_for(uttered.get(), 20))["text"].endswith("is on its way"):
        pass
    await asyncio.to_thread(_write_as_agent, rasa, session)
    while (await asyncio.wait_for(uttered.get(), 20))["text"] != "Bo writes":
        pass
    await client.disconnect()


def _write_as_agent(rasa: LiveBaton, mark: str) -> None:
    with connect(rasa, headers=token(rasa, "bo@lantern.example.com")) as agent:
        mine = next(c for c in agent.get("/v1/conversations", params={"limit": 100}).json() if mark in c["preview"])
        agent.post(f"/v1/conversations/{mine['id']}/take").raise_for_status()
        agent.post(f"/v1/conversations/{mine['id']}/messages", json={"text": "Bo writes"}).raise_for_status()


def test_both_socket_io_servers_live_beside_each_other(rasa: LiveBaton) -> None:
    ours = httpx.get(f"{rasa.url}/socket.io/?EIO=4&transport=polling")
    console = httpx.get(f"{rasa.url}/console/_nicegui_ws/socket.io/?EIO=4&transport=polling", headers={"Origin": rasa.url})
    assert ours.text.startswith("0{")
    assert '"sid"' in ours.text
    assert console.status_code != 404
    assert httpx.get(f"{rasa.url}/", timeout=10).status_code == 200


def test_the_api_parses_and_says_its_state(rasa: LiveBaton) -> None:
    with connect(rasa) as http:
        assert http.get("/version").json()["version"] == "3.6.21"
        assert http.get("/status").status_code == 401
        status = http.get("/status", params=KEY).json()
        assert status["model_id"]
        assert status["num_active_training_jobs"] == 0
        parsed = http.post("/model/parse", params=KEY, json={"text": "when do you open in Macau", "message_id": "m1"}).json()
        assert (parsed["intent"]["name"], parsed["message_id"], parsed["text"]) == ("opening_hours", "m1", "when do you open in Macau")
        assert {"entity", "value", "start", "end", "extractor"} <= parsed["entities"][0].keys()
        assert parsed["intent_ranking"][0]["name"] == "opening_hours"
        command = http.post("/model/parse", params=KEY, json={"text": '/greet{"city": "Faro"}'}).json()
        assert (command["intent"], command["entities"][0]["value"]) == ({"name": "greet", "confidence": 1.0}, "Faro")
        odd = http.post("/model/parse", params=KEY, content=b'{"text": "\\ud83d \\u0000 hi"}')
        assert odd.status_code == 200
        began = time.monotonic()
        for _ in range(10):
            http.post("/model/parse", params=KEY, json={"text": "good morning"}).raise_for_status()
        assert (time.monotonic() - began) / 10 < 1


def test_the_tracker_is_read_changed_and_put_anew(rasa: LiveBaton) -> None:
    client = Client(rasa)
    fresh = client.api("GET", "tracker").json()
    assert [e["event"] for e in fresh["events"]] == ["session_started", "action"] or fresh["events"][0]["event"] == "action"
    assert client.say("what are your opening hours")[-1] == {"text": "We open at ten"}
    slot = {"event": "slot", "name": "city", "value": "Porto", "timestamp": None}
    changed = client.api("POST", "tracker/events", slot).json()
    assert (changed["sender_id"], changed["slots"]["city"]) == (client.sender, "Porto")
    assert client.say("what are your opening hours") == [{"text": "We open at nine in Porto"}]
    tracker = client.api("GET", "tracker", include_events="ALL").json()
    assert tracker["latest_message"]["intent"]["name"] == "opening_hours"
    assert tracker["latest_action_name"] == "action_listen"
    assert client.api("GET", "tracker", include_events="NONE").json()["events"] is None
    story = client.api("GET", "story").text
    assert "action: utter_hours\n" in story
    assert "intent: opening_hours" in story
    predicted = client.api("POST", "predict").json()
    assert predicted["scores"][0]["score"] >= predicted["scores"][-1]["score"]
    anew = client.api("PUT", "tracker/events", [{"event": "action", "name": "action_listen"}]).json()
    assert (anew["slots"]["city"], len(anew["events"])) == (None, 1)
    assert client.say("what are your opening hours") == [{"text": "We open at ten"}]
    assert client.api("POST", "tracker/events", {"event": "flying_pig"}).status_code == 400
    noted = client.api("POST", "messages", {"text": "when do you open in Macau", "sender": "user"}).json()
    assert (noted["latest_message"]["intent"]["name"], noted["slots"]["city"]) == ("opening_hours", "Macau")


def test_appended_words_of_the_bot_go_out_when_asked(rasa: LiveBaton) -> None:
    client = Client(rasa)
    client.say("good morning")
    said = {"event": "bot", "text": "A word from the shop", "data": {"buttons": [{"title": "Ok", "payload": "/affirm"}]}}
    client.api("POST", "tracker/events", said).raise_for_status()
    client.api("POST", "tracker/events", said, execute_side_effects="true").raise_for_status()
    heard = client.say("hello there")
    assert [m for m in heard if m["text"] == said["text"]] == [{"text": said["text"], "buttons": [{"title": "Ok", "payload": "/affirm"}]}]


def test_an_intent_is_triggered_from_outside(rasa: LiveBaton) -> None:
    client = Client(rasa)
    client.say("good morning")
    answer = client.api("POST", "trigger_intent", {"name": "EXTERNAL_parcel_came", "entities": {"parcel": "P-7"}}).json()
    assert answer["messages"] == [{"recipient_id": client.sender, "text": "Parcel P-7 has come"}]
    assert answer["tracker"]["slots"]["parcel"] == "P-7"
    assert client.api("POST", "trigger_intent", {"name": "nothing"}).status_code == 404


def test_doors_are_closed_unless_they_are_opened(live: LiveBaton) -> None:
    for path in ("/webhooks/rest/", "/version", "/status", "/conversations/x/tracker", "/socket.io/?EIO=4&transport=polling"):
        assert httpx.get(f"{live.url}{path}").status_code == 404
