"""Rasa's HTTP API: who may use it, and what is passed on to a worker. The worker's own answers: `tests/app/test_door_questions.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from channels.rasa.types import DoorSettings
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.types import Author
from kit.db import Database
from kit.errors import ConflictError, NotFoundError, UnavailableError
from tests.channels.rasa_doors import Doors, serving_doors
from tests.channels.test_rasa_tokens import MADE, SECRET, token

pytestmark = pytest.mark.integration
OPEN = DoorSettings(token="t0k3n", jwt_secret=SECRET)
KEY = {"token": "t0k3n"}
STATE = {"sender_id": "ana", "events": []}


@pytest.fixture
async def doors(database: Database, ledger: Ledger) -> AsyncIterator[Doors]:
    """Doors with a token and a secret."""
    async with serving_doors(database, ledger, OPEN) as running:
        running.worker.answers = dict.fromkeys(("tracker", "append", "replace", "message"), STATE) | {
            "status": {"model_id": "m"}, "story": "version: x", "predict": {"scores": []}, "knows_intent": {"known": True},
            "parse": {"text": "hi"},
        }  # fmt: skip
        yield running


@pytest.fixture
async def http(doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with httpx.AsyncClient(base_url=doors.url, timeout=40) as client:
        yield client


def bearer(role: str | None, name: str = "ana") -> dict[str, str]:
    """The header of a token for this role."""
    return {"Authorization": f"Bearer {token({'user': {'username': name, 'role': role}})}"}


async def test_the_version_is_open_and_what_a_client_expects(http: httpx.AsyncClient) -> None:
    assert (await http.get("/version")).json() == {"version": "3.6.21", "minimum_compatible_version": "3.6.21"}


TALK = "/conversations/ana"
ROUTES = [("GET", "/status"), ("POST", "/model/parse"), ("POST", "/model/train"), ("PUT", "/model"), ("DELETE", "/model"),
          ("GET", f"{TALK}/tracker"), ("POST", f"{TALK}/tracker/events"), ("PUT", f"{TALK}/tracker/events"),
          ("POST", f"{TALK}/trigger_intent"), ("POST", f"{TALK}/messages"), ("GET", f"{TALK}/story"), ("POST", f"{TALK}/predict"),
          ("POST", f"{TALK}/execute")]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_every_route_asks_for_a_token(doors: Doors, http: httpx.AsyncClient, method: str, path: str) -> None:
    for options in ({}, {"params": {"token": "wrong"}}, {"params": {"token": ""}}, {"headers": {"Authorization": "Bearer x.y.z"}},
                    {"headers": {"Authorization": f"Bearer {token({}, secret='another secret, of thirty-two')}"}}):  # fmt: skip
        answer = await http.request(method, path, **options)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["reason"]) == (401, "NotAuthenticated")
    assert (await http.request(method, path, headers=bearer(None))).status_code == 403
    assert doors.worker.asked == []


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_without_a_token_in_the_settings_every_route_is_closed(database: Database, ledger: Ledger, method: str, path: str) -> None:
    async with serving_doors(database, ledger, DoorSettings()) as closed, httpx.AsyncClient(base_url=closed.url) as client:
        for options in ({}, {"params": {"token": "None"}}, {"headers": bearer("admin")}):
            answer = await client.request(method, path, **options)  # type: ignore[arg-type]
            assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (403, "failure", 403)


async def test_a_user_reaches_the_conversation_of_their_name_only(http: httpx.AsyncClient) -> None:
    assert (await http.get("/conversations/ana/tracker", headers=bearer("user"))).json() == STATE
    assert (await http.get("/conversations/bo/tracker", headers=bearer("user"))).status_code == 403
    assert (await http.get("/status", headers=bearer("user"))).status_code == 403
    assert (await http.get("/conversations/bo/tracker", headers=bearer("admin"))).status_code == 200
    assert (await http.get("/conversations/bo/tracker", headers={"Authorization": f"Bearer {MADE['HS256']}"})).status_code == 200


async def test_what_is_asked_is_passed_on(doors: Doors, http: httpx.AsyncClient) -> None:
    assert (await http.get("/status", params=KEY)).json() == {"model_id": "m"}
    parsed = await http.post("/model/parse", params=KEY, json={"text": "hi", "message_id": "7"})
    assert parsed.json() == {"text": "hi", "message_id": "7"}
    await http.get("/conversations/a/b/tracker", params={**KEY, "include_events": "applied"})
    events = [{"event": "slot", "name": "size", "value": "L"}]
    await http.post("/conversations/ana/tracker/events", params={**KEY, "execute_side_effects": "true"}, json=events[0])
    await http.put("/conversations/ana/tracker/events", params=KEY, json=events)
    await http.post("/conversations/ana/messages", params=KEY, json={"text": "hi", "sender": "user"})
    assert (await http.get("/conversations/ana/story", params=KEY)).text == "version: x"
    assert doors.worker.asked[1:] == [
        ("parse", {"text": "hi"}),
        ("tracker", {"sender": "a/b", "verbosity": "APPLIED"}),
        ("append", {"sender": "ana", "events": events, "verbosity": "AFTER_RESTART", "side_effects": True}),
        ("replace", {"sender": "ana", "events": events, "verbosity": "AFTER_RESTART"}),
        ("message", {"sender": "ana", "text": "hi", "verbosity": "AFTER_RESTART"}),
        ("story", {"sender": "ana"}),
    ]


async def test_an_intent_is_triggered_where_the_customer_is(doors: Doors, http: httpx.AsyncClient, database: Database) -> None:
    await http.post("/webhooks/rest/webhook", json={"sender": "ana", "message": "hi"})
    body = {"name": "EXTERNAL_dry_plant", "entities": [{"entity": "plant", "value": "rose"}, {"entity": "plant", "value": "fern"}]}
    answer = await http.post("/conversations/ana/trigger_intent", params=KEY, json=body)
    said = 'You said /EXTERNAL_dry_plant{"plant": ["rose", "fern"]}'
    assert answer.json() == {"tracker": STATE, "messages": [{"recipient_id": "ana", "text": said}]}
    assert (await http.post("/webhooks/rest/webhook", json={"sender": "ana", "message": "x"})).json()[0]["text"] == "You said x"
    async with database.transaction() as session:
        assert len(list((await session.execute(select(ConversationRow.id))).scalars())) == 1
        rows = list(
            (await session.execute(select(MessageRow).where(MessageRow.author == Author.CUSTOMER).order_by(MessageRow.seq))).scalars()
        )
    assert [r.text for r in rows] == ["hi", "EXTERNAL: EXTERNAL_dry_plant", "x"]


async def test_an_intent_can_be_triggered_by_the_conversation_s_own_id(doors: Doors, http: httpx.AsyncClient, database: Database) -> None:
    await http.post("/webhooks/rest/webhook", json={"sender": "ana", "message": "hi"})
    async with database.transaction() as session:
        conversation = (await session.execute(select(ConversationRow))).scalar_one()
    answer = await http.post(f"/conversations/{conversation.id}/trigger_intent", params=KEY, json={"name": "greet"})
    assert answer.json()["messages"] == [{"recipient_id": "ana", "text": "You said /greet{}"}]


async def test_the_bot_is_not_triggered_beside_a_person(doors: Doors, http: httpx.AsyncClient) -> None:
    await http.post("/webhooks/rest/webhook", json={"sender": "ana", "message": "a person"})
    answer = await http.post("/conversations/ana/trigger_intent", params=KEY, json={"name": "greet"})
    assert (answer.status_code, answer.json()["reason"]) == (409, "Conflict")


async def test_an_unknown_intent_is_not_triggered(doors: Doors, http: httpx.AsyncClient, database: Database) -> None:
    doors.worker.answers["knows_intent"] = {"known": False}
    answer = await http.post("/conversations/ana/trigger_intent", params=KEY, json={"name": "fly"})
    assert (answer.status_code, answer.json()["reason"]) == (404, "NotFound")
    async with database.transaction() as session:
        assert (await session.execute(select(ConversationRow.id))).first() is None


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/model/parse", None, 400), ("POST", "/model/parse", {"text": 7}, 400), ("POST", "/model/parse", ["hi"], 400),
        ("POST", "/model/parse?emulation_mode=wit", {"text": "x"}, 400),
        ("GET", "/conversations/ana/tracker?include_events=SOME", None, 400), ("GET", "/conversations/ana/tracker?until=1", None, 501),
        ("POST", "/conversations/ana/tracker/events", None, 400), ("POST", "/conversations/ana/tracker/events", [], 400),
        ("POST", "/conversations/ana/tracker/events", [{"name": "x"}], 400), ("PUT", "/conversations/ana/tracker/events", "x", 400),
        ("POST", "/conversations/ana/trigger_intent", {}, 400), ("POST", "/conversations/ana/trigger_intent", {"name": 7}, 400),
        ("POST", "/conversations/ana/trigger_intent", {"name": "a", "entities": [7]}, 400),
        ("POST", "/conversations/ana/messages", {"text": "x", "sender": "bot"}, 400),
        ("POST", "/conversations/ana/messages", {"sender": "user"}, 400),
        ("POST", "/conversations/ana/execute", {"name": "action_x"}, 501), ("POST", "/model/train", {}, 501), ("PUT", "/model", {}, 501),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_says_why_in_rasa_s_shape(
    http: httpx.AsyncClient, method: str, path: str, body: Any, status: int
) -> None:
    answer = await http.request(method, path, params=httpx.URL(path).params.merge(KEY), json=body)
    assert answer.status_code == status
    assert answer.json()["code"] == status
    assert answer.json()["message"]


@pytest.mark.parametrize(
    ("error", "status"), [(NotFoundError("gone"), 404), (ConflictError("busy"), 409), (UnavailableError("nobody"), 503)]
)  # fmt: skip
async def test_what_the_worker_refuses_is_passed_on(doors: Doors, http: httpx.AsyncClient, error: Exception, status: int) -> None:
    doors.worker.answers["tracker"] = error
    answer = await http.get("/conversations/ana/tracker", params=KEY)
    assert (answer.status_code, answer.json()["message"]) == (status, str(error))
