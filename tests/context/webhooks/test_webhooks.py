"""Outgoing webhooks: signed as the specification has it, sent at least once, logged, sent again, and never into the own network."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from app.wiring import CONSEQUENCES
from context.events import Actor, RatingAsked, RatingGiven
from context.ledger import Ledger
from context.staff.models import AuditRow
from context.types import Role
from context.webhooks.models import WebhookDeliveryRow
from context.webhooks.sending import WebhookSender
from context.webhooks.signing import sign, verify
from kit.clock import FixedClock
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from kit.outside import Answer, Outside, OutsideError, UrlError, check_url
from tests.context.customer.outside import Outside as Caller

pytestmark = pytest.mark.integration
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330"}
BODY = b'{"test": 2432232314}'


class Receiver:
    """The other side: what it got, and what it answers next."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes, dict[str, str]]] = []
        self.answers: list[Answer | str] = []

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        self.got.append((url, body, dict(headers)))
        answer = self.answers.pop(0) if self.answers else Answer(204, b"")
        if isinstance(answer, str):
            raise OutsideError(answer)
        return answer


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 5, 4, 9, 0, tzinfo=UTC))


@pytest.fixture
def ledger(enqueuer: RecordingEnqueuer, clock: FixedClock) -> Ledger:
    return Ledger(enqueuer, CONSEQUENCES, clock)


@pytest.fixture
async def caller(database: Database, ledger: Ledger) -> AsyncIterator[Caller]:
    made = Caller(database, ledger)
    yield made
    await made.http.aclose()


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def sender(database: Database, receiver: Receiver, clock: FixedClock) -> WebhookSender:
    return WebhookSender(database, receiver.post, clock, jitter=lambda: 0.0)


async def happens(database: Database, ledger: Ledger, *, rated: bool = True) -> None:
    """Something happens, and the sequencer numbers it."""
    async with database.transaction() as session:
        event = RatingGiven(rating_id=str(uuid4()), score=5, comment_given=False) if rated else RatingAsked(rating_id="r")
        await ledger.append(session, event, actor=Actor("customer"))
        await session.flush()
        await session.execute(text("UPDATE event SET position = id WHERE position IS NULL"))


async def subscribe(caller: Caller, *events: str) -> tuple[UUID, str]:
    body = {"url": "https://crm.example/hook", "events": list(events) or ["rating.*"]}
    made = await caller.ask("POST", "/webhooks", json=body, role=Role.ADMIN, status=201)
    return UUID(made["id"]), made["secret"]


def test_the_signature_is_that_of_the_specification() -> None:
    signature = sign([SECRET], VECTOR["webhook-id"], 1614265330, BODY)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    headers = VECTOR | {"webhook-signature": f"v2,nonsense v1 {signature}"}
    assert verify(SECRET, headers, BODY, now=1614265330 + 299)
    for other, body, now in ((SECRET, BODY + b" ", 1614265330), (SECRET, BODY, 1614265330 + 301), ("whsec_AAAA", BODY, 1614265330)):
        assert not verify(other, headers, body, now=now)
    for broken in ({"webhook-signature": "v1,é"}, {"webhook-timestamp": "soon"}, {"webhook-timestamp": "¹"}, {"webhook-id": ""}):
        assert not verify(SECRET, headers | broken, BODY, now=1614265330)


async def test_an_event_arrives_once_signed_and_thin(
    database: Database, ledger: Ledger, caller: Caller, receiver: Receiver, sender: WebhookSender, clock: FixedClock
) -> None:
    await happens(database, ledger)  # before the webhook was made
    webhook, secret = await subscribe(caller, "rating.given")
    await happens(database, ledger)
    await happens(database, ledger, rated=False)  # not wanted
    assert [await sender.step(), await sender.step()] == [1, 0]
    url, body, headers = receiver.got[0]
    assert url == "https://crm.example/hook"
    assert verify(secret, headers, body, now=clock().timestamp())
    told = json.loads(body)
    assert (told["type"], told["data"]["score"], len(receiver.got)) == ("rating.given", 5, 1)
    page = await caller.ask("GET", f"/webhooks/{webhook}/deliveries", role=Role.ADMIN)
    assert [(d["id"], d["state"], d["tries"]) for d in page["items"]] == [(headers["webhook-id"], "sent", 1)]


async def test_what_fails_is_tried_again_with_growing_pauses_under_the_same_id(
    database: Database, ledger: Ledger, caller: Caller, receiver: Receiver, sender: WebhookSender, clock: FixedClock
) -> None:
    webhook, _secret = await subscribe(caller)
    await happens(database, ledger)
    receiver.answers = [Answer(500, b""), Answer(301, b""), "no answer", Answer(503, b"", retry_after=9000.0)]
    waits = []
    for _ in range(4):
        assert await sender.step() == 1
        async with database.transaction() as session:
            due = (await session.execute(select(WebhookDeliveryRow.next_at))).scalar_one()
        assert due is not None
        waits.append((due - clock()).total_seconds())
        assert await sender.step() == 0  # not before its time
        clock.advance(waits[-1])
    assert waits == [5, 300, 1800, 9000]
    assert await sender.step() == 1
    assert len({headers["webhook-id"] for _url, _body, headers in receiver.got}) == 1
    assert len({headers["webhook-timestamp"] for _url, _body, headers in receiver.got}) == 5
    delivery = (await caller.ask("GET", f"/webhooks/{webhook}/deliveries", role=Role.ADMIN))["items"][0]
    tries = await caller.ask("GET", f"/webhooks/{webhook}/deliveries/{delivery['id']}/tries", role=Role.ADMIN)
    assert [(one["status"], one["error"]) for one in tries] == [(500, None), (301, None), (None, "no answer"), (503, None), (204, None)]


async def test_who_is_gone_is_stopped_and_a_replay_brings_it_all(
    database: Database, ledger: Ledger, caller: Caller, receiver: Receiver, sender: WebhookSender, clock: FixedClock
) -> None:
    webhook, _secret = await subscribe(caller)
    await happens(database, ledger)
    receiver.answers = [Answer(410, b"")]
    await sender.step()
    path = f"/webhooks/{webhook}"
    shown = (await caller.ask("GET", "/webhooks", role=Role.ADMIN))[0]
    assert (shown["active"], shown["stopped_for"], shown["secret"]) == (False, "gone", None)
    await happens(database, ledger)
    assert await sender.step() == 0
    await caller.ask("PATCH", path, json={"active": True}, role=Role.ADMIN)
    assert await caller.ask("POST", f"{path}/replay", json={}, role=Role.ADMIN) == {"again": 1}
    assert await sender.step() == 2  # the one that failed, and what happened meanwhile
    one = (await caller.ask("GET", f"{path}/deliveries?state=sent", role=Role.ADMIN))["items"][0]
    assert await caller.ask("POST", f"{path}/replay", json={"delivery_id": one["id"]}, role=Role.ADMIN) == {"again": 1}
    assert await sender.step() == 1
    assert receiver.got[-1][2]["webhook-id"] == one["id"]


async def test_a_secret_is_changed_while_both_sign(
    database: Database, ledger: Ledger, caller: Caller, receiver: Receiver, sender: WebhookSender, clock: FixedClock
) -> None:
    webhook, old = await subscribe(caller)
    fresh = (await caller.ask("POST", f"/webhooks/{webhook}/secret", role=Role.ADMIN))["secret"]
    await caller.ask("POST", f"/webhooks/{webhook}/trial", role=Role.ADMIN, status=202)
    await sender.step()
    _url, body, headers = receiver.got[0]
    assert [verify(secret, headers, body, now=clock().timestamp()) for secret in (old, fresh, SECRET)] == [True, True, False]


async def test_what_is_changed_over_the_api_stands_in_the_record_of_changes_without_secrets(database: Database, caller: Caller) -> None:
    webhook, secret = await subscribe(caller)
    await caller.ask("PATCH", f"/webhooks/{webhook}", json={"active": False}, role=Role.ADMIN)
    fresh = (await caller.ask("POST", f"/webhooks/{webhook}/secret", role=Role.ADMIN))["secret"]
    await caller.ask("POST", f"/webhooks/{webhook}/replay", json={}, role=Role.ADMIN)
    assert (await caller.send("DELETE", f"/webhooks/{webhook}", role=Role.AGENT)).status_code == 403
    await caller.ask("DELETE", f"/webhooks/{webhook}", role=Role.ADMIN, status=204)
    async with database.transaction() as session:
        entries = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars().all()
    told = ["webhook.added", "webhook.changed", "webhook.secret_changed", "webhook.sent_again", "webhook.removed"]
    assert [entry.action for entry in entries] == told
    assert {entry.subject_name for entry in entries} == {"https://crm.example/hook"}
    assert not any(word in str(entry.details) for word in (secret, fresh) for entry in entries)


async def test_two_workers_send_an_event_once(
    database: Database, ledger: Ledger, caller: Caller, receiver: Receiver, sender: WebhookSender, clock: FixedClock
) -> None:
    await subscribe(caller)
    for _ in range(5):
        await happens(database, ledger)
    other = WebhookSender(database, receiver.post, clock)
    assert await sender.step() + await other.step() == 5
    assert len({headers["webhook-id"] for _url, _body, headers in receiver.got}) == len(receiver.got) == 5


@pytest.mark.parametrize(
    "url", ["http://crm.example/x", "ftp://crm.example", "https://", "https://user:pw@crm.example", "https://a b", "nonsense"]
)
async def test_an_address_that_cannot_be_is_refused(caller: Caller, url: str) -> None:
    assert (await caller.send("POST", "/webhooks", json={"url": url}, role=Role.ADMIN)).status_code == 422


async def test_an_event_that_there_is_not_is_refused_and_only_admins_see_webhooks(caller: Caller) -> None:
    body = {"url": "https://crm.example/x", "events": ["message.lost"]}
    assert (await caller.send("POST", "/webhooks", json=body, role=Role.ADMIN)).status_code == 422
    assert (await caller.send("GET", "/webhooks", role=Role.SUPERVISOR)).status_code == 403


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "169.254.169.254", "0x7f.1", "[::ffff:127.0.0.1]", "2130706433"]
)
async def test_nothing_is_sent_into_the_own_network(host: str) -> None:
    with pytest.raises(OutsideError, match=r"private|no host|did not answer"):
        await Outside(seconds=2).post(f"https://{host}/x", b"{}", {})


def test_an_address_with_tricks_is_none() -> None:
    for url in ("https://a\r\nHost: b", "https://a\\b", "//a", "https://[::1"):
        with pytest.raises(UrlError):
            check_url(url)
