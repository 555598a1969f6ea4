"""An outside program on the /v1 API: reads, takes, answers, hands back; the OpenAPI document describes it."""

from __future__ import annotations

import time
from uuid import uuid4

import httpx
import pytest

from tests.e2e.customer import Customer, words
from tests.e2e.test_bad_input import baton
from tests.live import LiveBaton

pytestmark = pytest.mark.e2e


def token(live: LiveBaton, email: str) -> dict[str, str]:
    """The header of a new token of this person."""
    made = baton("create-agent", email, "--token", uuid4().hex[:6], live=live)
    return {"Authorization": f"Bearer {made.stderr.rsplit(' ', 1)[-1].strip()}"}


@pytest.fixture(scope="module")
def ana(live: LiveBaton) -> dict[str, str]:
    """An agent's token."""
    return token(live, "ana@lantern.example.com")


def wait_for(customer: Customer, author: str) -> str:
    """The newest message of this author, as soon as there is one."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = [m for m in customer.read()["messages"] if m["author"] == author]
        if found:
            return str(found[-1]["text"])
        time.sleep(0.05)
    raise AssertionError(f"nothing from {author}")


def test_a_program_takes_answers_and_hands_back(live: LiveBaton, ana: dict[str, str]) -> None:
    customer, mark = Customer(live.url), uuid4().hex
    customer.say("Where are your stores?")
    customer.say("I want to talk to a person")
    customer.send(f"it is about {mark}")
    with httpx.Client(base_url=live.url, headers=ana, timeout=20) as http:
        waiting = http.get("/v1/conversations", params={"handler": "queue"}).json()
        mine = next(c for c in waiting if mark in c["preview"])
        path = f"/v1/conversations/{mine['id']}"
        assert http.post(f"{path}/messages", json={"text": "too early"}).status_code == 409
        assert http.post(f"{path}/take").status_code == 204
        assert http.post(f"{path}/messages", json={"text": "Hello from the API"}).status_code == 201
        assert http.post(f"{path}/messages", json={"text": "for us only", "note": True}).status_code == 201
        assert wait_for(customer, "agent") == "Hello from the API"
        assert "for us only" not in words(customer.read()["messages"])
        stored = http.get(f"{path}/messages").json()
        assert [m["intent"] for m in stored if m["author"] == "customer"][1] == "talk_to_human"
        events = [e["name"] for e in http.get("/v1/events", params={"conversation_id": mine["id"], "limit": 200}).json()]
        assert {"message.received", "handoff.queued", "handoff.accepted", "agent.replied"} <= set(events)
        assert http.get(f"/v1/contacts/{mine['contact_id']}").json()["identities"][0]["channel"] == "web"
        assert http.post(f"{path}/hand-back").status_code == 204
    assert customer.handler == "bot"


def test_two_agents_cannot_hold_the_same_conversation(live: LiveBaton, ana: dict[str, str]) -> None:
    customer, mark = Customer(live.url), uuid4().hex
    customer.say("a person please")
    customer.send(mark)
    bo = token(live, "bo@lantern.example.com")
    with httpx.Client(base_url=live.url, timeout=20) as http:
        found = next(c for c in http.get("/v1/conversations", headers=ana).json() if mark in c["preview"])
        path = f"/v1/conversations/{found['id']}"
        assert http.post(f"{path}/take", headers=ana).status_code == 204
        assert http.post(f"{path}/take", headers=bo).status_code == 409
        assert http.post(f"{path}/messages", json={"text": "me too"}, headers=bo).status_code == 409
        assert http.post(f"{path}/resolve", headers=ana).status_code == 204


def test_an_editor_may_not_read_conversations(live: LiveBaton) -> None:
    eva = token(live, "eva@lantern.example.com")
    assert httpx.get(f"{live.url}/v1/conversations", headers=eva).status_code == 403


def test_an_order_is_read_by_its_number(live: LiveBaton, ana: dict[str, str]) -> None:
    found = httpx.get(f"{live.url}/v1/orders/lc100001", headers=ana).json()
    assert found["customer_name"] == "Ana Demo"
    assert httpx.get(f"{live.url}/v1/orders/LC-000000", headers=ana).status_code == 404


def test_every_route_is_described(live: LiveBaton) -> None:
    document = httpx.get(f"{live.url}/openapi.json").json()
    assert {"/v1/widget/messages", "/v1/conversations/{conversation_id}/take", "/v1/events/stream", "/healthz"} <= set(document["paths"])
    assert httpx.get(f"{live.url}/docs").status_code == 200
    assert "text/plain" in httpx.get(f"{live.url}/metrics").headers["Content-Type"]


def test_what_a_customer_asked_for_is_listed_for_the_desk(live: LiveBaton, ana: dict[str, str]) -> None:
    customer = Customer(live.url)
    met = customer.say("I wish to make a formal complaint, nobody answered my letter")
    answer = words(customer.press("record", met))
    with httpx.Client(base_url=live.url, headers=ana, timeout=20) as http:
        mine = [r for r in http.get("/v1/requests", params={"status": "open"}).json() if r["reference"] in answer]
    assert [(r["kind"], r["order_number"]) for r in mine] == [("complaint", None)], answer
    assert "nobody answered my letter" in mine[0]["details"]["words"]
    assert httpx.get(f"{live.url}/v1/requests", timeout=20).status_code == 401
