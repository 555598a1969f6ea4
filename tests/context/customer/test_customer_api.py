"""The customer-context API as a system outside uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from context.identity.identifiers import Method
from context.inbound import record_inbound
from context.ledger import Ledger
from context.orders.importing import import_orders
from context.types import Inbound, Role
from kit.clock import utc_now
from kit.db import Database
from kit.limits import RateLimit
from sample_shop.orders import sample_orders
from tests.context.customer.outside import Outside
from tests.context.identity.people import proves, writes

pytestmark = pytest.mark.integration


@pytest.fixture
async def outside(database: Database, ledger: Ledger) -> AsyncIterator[Outside]:
    made = Outside(database, ledger)
    yield made
    await made.http.aclose()


async def new(outside: Outside, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = await outside.ask("POST", "/contacts", json=fields, status=201)
    return found


async def test_a_contact_comes_in_is_read_changed_and_found(outside: Outside) -> None:
    made = await new(outside, name="Ana Reis", email="Ana@Example.com", phone="6200 0000", attributes={"tier": "gold"})
    assert (made["email"], made["phone"], made["verified"]) == ("ana@example.com", "+85362000000", False)
    assert {(i["kind"], i["verified"]) for i in made["identifiers"]} == {("email", False), ("phone", False)}
    changed = await outside.ask("PATCH", f"/contacts/{made['id']}", json={"attributes": {"tier": None, "size": "M"}, "language": "pt"})
    assert (changed["attributes"], changed["language"]) == ({"size": "M"}, "pt")
    for query in ("q=ana", "q=62000000", "q=6200-0000", "identifier=email:ANA@example.com", "q=reis%20ana"):
        assert [c["id"] for c in (await outside.ask("GET", f"/contacts?{query}"))["items"]] == [made["id"]], query
    for query in ("q=nobody", "q=%25", "identifier=email:other@example.com", "identifier=phone:x"):
        assert (await outside.ask("GET", f"/contacts?{query}"))["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"email": "no address"}, {"phone": "call me"}, {"unknown": 1}, {"attributes": {"a": {"b": {"c": {"d": 1}}}}},
        {"attributes": {"bad key": 1}}, {"attributes": {"big": "x" * 9000}}, {"attributes": [1]}, {"name": "x" * 201},
    ],
)  # fmt: skip
async def test_malformed_contacts_are_refused(outside: Outside, body: dict[str, Any]) -> None:
    assert (await outside.send("POST", "/contacts", json=body)).status_code == 422
    made = await new(outside, name="Ana")
    if "unknown" not in body:
        assert (await outside.send("PATCH", f"/contacts/{made['id']}", json=body)).status_code == 422


async def test_an_oversize_body_is_refused(outside: Outside) -> None:
    assert (await outside.send("POST", "/contacts", content=b'{"name": "' + b"x" * 1_000_001 + b'"}')).status_code == 413


async def test_an_etag_guards_a_change_and_spares_a_reading(outside: Outside) -> None:
    path = f"/contacts/{(await new(outside, name='Ana'))['id']}"
    read = await outside.send("GET", path)
    tag = read.headers["etag"]
    assert (await outside.send("GET", path, headers={"If-None-Match": tag})).status_code == 304
    assert (await outside.send("PATCH", path, json={"name": "Ana R."}, headers={"If-Match": tag})).status_code == 200
    refused = await outside.send("PATCH", path, json={"name": "Other"}, headers={"If-Match": tag})
    assert (refused.status_code, refused.json()["error"]) == (412, "changed")
    assert (await outside.ask("GET", path))["name"] == "Ana R."


async def test_an_idempotency_key_does_a_thing_once(outside: Outside) -> None:
    key = {"Idempotency-Key": "import-1"}
    first = await outside.send("POST", "/contacts", json={"name": "Ana"}, headers=key)
    again = await outside.send("POST", "/contacts", json={"name": "Ana"}, headers=key)
    assert (first.json()["id"], again.headers["idempotent-replayed"]) == (again.json()["id"], "true")
    assert (await outside.send("POST", "/contacts", json={"name": "Rui"}, headers=key)).status_code == 422
    other = await outside.send("POST", "/contacts", json={"name": "Ana"}, headers=key, role=Role.ADMIN)
    assert other.json()["id"] != first.json()["id"]  # keys are each sender's own


async def test_pages_meet_everyone_once(outside: Outside) -> None:
    made = {(await new(outside, name=f"Ana {n}"))["id"] for n in range(5)}
    seen, cursor = [], ""
    while cursor is not None:
        page = await outside.ask("GET", f"/contacts?q=ana&limit=2{cursor and '&cursor=' + cursor}")
        seen += [c["id"] for c in page["items"]]
        cursor = page["next"]
        await new(outside, name="Ana, who came while somebody read")
    assert (set(seen), len(seen)) == (made, 5)
    for wrong in ("x", "eyJ9", "WyIyMDI2IiwgIngiXQ"):
        assert (await outside.send("GET", f"/contacts?cursor={wrong}")).status_code == 422


async def test_the_view_holds_all_channels_orders_and_calls(outside: Outside, database: Database, ledger: Ledger) -> None:
    order = sample_orders(utc_now().date())[0]
    async with database.transaction() as session:
        await import_orders(session, [order])
        conversation = await writes(session, ledger, "where is it?", by="ana")
        contact_id = conversation.contact_id
        await writes(session, ledger, "from the phone", by="853", channel="whatsapp")
    path = f"/contacts/{contact_id}"
    assert (await outside.ask("GET", f"{path}/view"))["orders"] == []  # nothing is proven yet
    async with database.transaction() as session:
        await proves(session, ledger, contact_id, "email", order.email, Method.SIGNED)
    note = await outside.ask("POST", f"{path}/notes", json={"text": "Likes tea"}, status=201)
    call = {"id": "c-1", "direction": "in", "seconds": 61, "at": utc_now().isoformat(), "source": "pbx"}
    assert await outside.ask("POST", f"{path}/calls", json=call, status=201)
    later = call | {"transcript": [{"by": "customer", "text": "Good day"}], "summary": "Asked for an invoice"}
    assert await outside.ask("POST", f"{path}/calls", json=later)
    view = await outside.ask("GET", f"{path}/view")
    assert [o["number"] for o in view["orders"]] == [order.number]
    kinds = {line["kind"] for line in view["timeline"]}
    assert kinds == {"message", "conversation", "note", "order", "call"}
    told = next(line for line in view["timeline"] if line["kind"] == "call")
    assert (told["data"]["summary"], told["data"]["transcript"][0]["text"]) == ("Asked for an invoice", "Good day")
    assert note["text"] == "Likes tea"
    seen, cursor = [], ""
    while cursor is not None:
        page = await outside.ask("GET", f"{path}/timeline?limit=2{cursor and '&cursor=' + cursor}")
        seen += [(line["kind"], line["id"]) for line in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == len(view["timeline"])


async def test_the_shop_tells_only_with_consent_and_each_event_once(outside: Outside) -> None:
    path = f"/contacts/{(await new(outside, name='Ana'))['id']}"
    at = utc_now().isoformat()
    body = {"events": [{"id": f"e{n}", "kind": "page.viewed", "at": at, "data": {"page": "/lamps"}} for n in range(2)]}
    refused = await outside.send("POST", f"{path}/events", json=body)
    assert (refused.status_code, refused.json()["error"]) == (403, "no_consent")
    await outside.ask("PUT", f"{path}/consent/tracking", json={"granted": True, "source": "banner"}, status=204)
    assert await outside.ask("POST", f"{path}/events", json=body) == {"new": 2}
    assert await outside.ask("POST", f"{path}/events", json=body) == {"new": 0}
    future = {"events": [{"id": "f", "kind": "page.viewed", "at": (utc_now() + timedelta(hours=1)).isoformat()}]}
    malformed: tuple[dict[str, Any], ...] = (
        future,
        {"events": [{"id": "x", "kind": "odd", "at": at}]},
        {"events": []},
        {"events": [{"id": "n", "kind": "page.viewed", "at": "2026-01-01T00:00:00"}]},
    )
    for wrong in malformed:
        assert (await outside.send("POST", f"{path}/events", json=wrong)).status_code == 422
    await outside.ask("PUT", f"{path}/consent/tracking", json={"granted": False}, status=204)
    assert (await outside.ask("GET", f"{path}/timeline"))["items"] == []
    assert (await outside.ask("GET", path))["consent"]["tracking"]["granted"] is False
    assert (await outside.send("PUT", f"{path}/consent/odd", json={"granted": True})).status_code == 422


async def test_labels_and_segments_by_readable_rules(outside: Outside, database: Database, ledger: Ledger) -> None:
    order = max(sample_orders(utc_now().date()), key=lambda o: o.total if o.status not in ("cancelled", "refunded", "returned") else 0)
    async with database.transaction() as session:
        await import_orders(session, [order])
        ana, rui = [(await writes(session, ledger, by=by)).contact_id for by in ("ana", "rui")]
        await proves(session, ledger, ana, "email", order.email, Method.SIGNED)
    rule = {"kind": "segment", "rule": f"spent >= {order.total // 100} and orders >= 1"}
    assert (await outside.send("PUT", "/segments/big%20spender", json=rule)).status_code == 403
    await outside.ask("PUT", "/segments/big%20spender", json=rule, role=Role.ADMIN, status=204)
    await outside.ask("PUT", "/segments/quiet", json={"kind": "label", "rule": "messages < 2"}, role=Role.ADMIN, status=204)
    assert [c["id"] for c in (await outside.ask("GET", "/contacts?segment=big%20spender"))["items"]] == [str(ana)]
    read = await outside.ask("GET", f"/contacts/{ana}")
    assert (read["segments"], read["labels"]) == (["big spender", *["high value"] * (order.total >= 200_000)], ["quiet"])
    await outside.ask("PUT", f"/contacts/{rui}/labels/vip", status=204)
    assert [c["id"] for c in (await outside.ask("GET", "/contacts?label=vip"))["items"]] == [str(rui)]
    await outside.ask("DELETE", f"/contacts/{rui}/labels/vip", status=204)
    assert (await outside.ask("GET", f"/contacts/{rui}"))["labels"] == ["quiet"]
    async with database.transaction() as session:  # live: the next message ends it
        await record_inbound(session, ledger, Inbound("web", "shop", "rui", uuid4().hex, "again"))
    assert (await outside.ask("GET", f"/contacts/{rui}"))["labels"] == []
    assert {r["name"] for r in await outside.ask("GET", "/segments")} >= {"high value", "at risk", "frequent technical problem", "quiet"}
    for wrong in (
        "spent",
        "wealth > 3",
        "spent >= many",
        "events > 1",
        'orders of "x" > 1',
        "",
        "spent > 1 and",
        "days_since_order < 3 within 2 days",
    ):
        refused = await outside.send("PUT", "/segments/x", json={"kind": "segment", "rule": wrong}, role=Role.ADMIN)
        assert refused.status_code == 422, wrong
    assert (await outside.send("GET", "/contacts?segment=nobody")).status_code == 404


async def test_identifiers_merges_suggestions_and_keys_over_http(outside: Outside) -> None:
    one, two = await new(outside, name="Ana", phone="+85362000000"), await new(outside, name="Ana Reis", phone="6200 0000")
    suggestion = (await outside.ask("GET", f"/link-suggestions?contact_id={one['id']}"))[0]
    merged = (await outside.ask("POST", f"/link-suggestions/{suggestion['id']}", json={"decision": "confirm"}))["contact_id"]
    assert merged in (one["id"], two["id"])
    assert [(await outside.ask("GET", f"/contacts/{c['id']}"))["id"] for c in (one, two)] == [merged, merged]
    merge = (await outside.ask("GET", f"/contacts/{merged}/merges"))[0]
    assert (await outside.ask("POST", f"/merges/{merge['id']}/undo"))["undone_at"] is not None
    assert (await outside.ask("GET", f"/contacts/{one['id']}"))["id"] == one["id"]
    claim = {"kind": "email", "value": "ana@example.com"}
    added = await outside.ask("POST", f"/contacts/{one['id']}/identifiers", json=claim, status=201)
    assert (added["verified"], added["method"]) == (False, "api")
    assert (await outside.send("POST", f"/contacts/{one['id']}/identifiers", json=claim | {"verified": True})).status_code == 403
    proven = await outside.ask(
        "POST", f"/contacts/{one['id']}/identifiers", json=claim | {"verified": True}, role=Role.SUPERVISOR, status=201
    )
    assert (proven["verified"], proven["method"]) == (True, "agent")
    assert (await outside.ask("PATCH", f"/identifiers/{proven['id']}", json={"shared": True}))["shared"] is True
    assert (await outside.send("POST", "/identity/keys", json={"id": "shop"})).status_code == 403
    key = await outside.ask("POST", "/identity/keys", json={"id": "shop"}, role=Role.ADMIN, status=201)
    assert len(key["secret"]) >= 48
    assert (await outside.ask("GET", "/identity/keys", role=Role.ADMIN))[0]["secret"] is None
    await outside.ask("DELETE", "/identity/keys/shop", role=Role.ADMIN, status=204)


async def test_too_many_calls_are_told_when_to_come_again(database: Database, ledger: Ledger) -> None:
    outside = Outside(database, ledger, limit=RateLimit(per_second=0.1, burst=2))
    answers = [await outside.send("GET", "/segments") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert [a.headers["ratelimit-remaining"] for a in answers] == ["1", "0", "0"]
    assert 0 < int(answers[2].headers["retry-after"]) <= 10
    other = await outside.send("GET", "/segments", role=Role.ADMIN)
    assert other.status_code == 200
    await outside.http.aclose()


async def test_nobody_without_a_token_or_the_right_reads_anything(outside: Outside) -> None:
    made = await new(outside, name="Ana")
    for path in ("/contacts", f"/contacts/{made['id']}", f"/contacts/{made['id']}/view", "/segments", "/link-suggestions", "/webhooks"):
        assert (await outside.http.get(f"/v1{path}")).status_code == 401
        assert (await outside.send("GET", path, role=Role.EDITOR)).status_code == 403
    assert (await outside.send("GET", f"/contacts/{uuid4()}")).status_code == 404
