"""The queue from outside: rules and teams over the API; an upset customer is given to who is online, and supervisors are alerted."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.e2e.customer import Customer
from tests.e2e.test_api import token
from tests.e2e.waiting import empty_queue
from tests.live import LiveBaton

pytestmark = pytest.mark.e2e
PROBE = """rules:
  - {name: lawyers, when: {language: pt, alert: legal}, team: probe}
"""


def raised(http: httpx.Client, detail: str) -> dict[str, Any]:
    """The alert about this, once it is there: it is raised beside the assigning, by another job."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found: list[dict[str, Any]] = [a for a in http.get("/v1/alerts").json()["alerts"] if a["detail"] == detail]
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no alert about {detail}")


def standing(http: httpx.Client, customer: Customer) -> dict[str, Any]:
    """Who has the conversation, who would get it, and what else waits."""
    found = customer.read()
    return {"state": found["state"], "said": [m["text"] for m in found["messages"]], "queue": http.get("/v1/queue").json()}


def test_an_upset_customer_reaches_who_is_online_at_once_and_supervisors_are_alerted(live: LiveBaton) -> None:
    empty_queue(live)
    sam, ana = token(live, "sam@lantern.example.com"), token(live, "ana@lantern.example.com")
    with httpx.Client(base_url=live.url, headers=sam, timeout=20) as http:
        before = http.get("/v1/routing/rules").json()["versions"][0]["source"]
        returns = next(t for t in http.get("/v1/teams").json()["teams"] if t["key"] == "returns")
        ana_id = next(m["staff_id"] for m in returns["members"] if m["level"] == 2)
        team = http.put("/v1/teams/probe", json={"name": "Probe", "members": [{"staff_id": ana_id}]}).json()["id"]
        assert http.put("/v1/routing/rules", json={"source": PROBE}).status_code == 200
        try:
            customer = Customer(live.url, language="pt")
            customer.say("Quero falar com uma pessoa, o meu advogado vai tratar disto")
            asked = time.monotonic()
            while customer.handler != "agent":
                httpx.put(f"{live.url}/v1/presence", json={"state": "online"}, headers=ana, timeout=20)  # as a console does all the time
                assert time.monotonic() - asked < 60, f"nobody was given the conversation: {standing(http, customer)}"
                time.sleep(0.2)
            alert = raised(http, "advogado")
            assert (alert["kind"], alert["priority"], alert["agent_name"]) == ("legal", 3, "Ana (demo agent)")
            assert http.post(f"/v1/alerts/{alert['id']}/acknowledge").status_code == 204
            assert alert["id"] not in [a["id"] for a in http.get("/v1/alerts").json()["alerts"]]
            assert http.get("/v1/sla").json()["first_response"]["running"] >= 1
            time.sleep(3.1)  # nobody lets go of a conversation in which the customer has just written
            resolved = httpx.post(f"{live.url}/v1/conversations/{alert['conversation_id']}/resolve", headers=ana, timeout=20)
            assert resolved.status_code == 204, resolved.text
        finally:
            http.put("/v1/routing/rules", json={"source": before})
            http.delete(f"/v1/teams/{team}")
            httpx.put(f"{live.url}/v1/presence", json={"state": "away"}, headers=ana, timeout=20)
