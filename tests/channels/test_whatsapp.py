"""WhatsApp's door and bodies: the reference's signature vectors and batch, every type, every code; pywa's types as an outside oracle."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pywa import WhatsApp
from pywa import types as pywa_types
from pywa import utils as pywa_utils

from channels.base import Account, AccountIncompleteError, Choice, Fate, File, Hook, Part, Problem, Sending, ShapeError, SignatureError
from channels.happenings import AccountNotice, AddressChanged, CustomerMessage, Edited, OptOut, Reaction, Receipt, TemplateChanged, Unknown
from channels.problems import REACTIONS
from channels.problems import Reaction as Consequence
from channels.whatsapp.bodies import message_body
from channels.whatsapp.client import GraphClient
from channels.whatsapp.door import WhatsAppDoor
from channels.whatsapp.errors import CODES, refusal
from channels.whatsapp.parse import parse
from channels.whatsapp.send import WhatsAppChannel
from context.types import Author, Content, Delivery, Direction, MessageView, Visibility
from kit.clock import utc_now
from simulators.whatsapp import shapes
from simulators.whatsapp.checks import check_body
from simulators.whatsapp.world import Config, World

VECTOR = b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[]}],"n":"\\u00e4"}'
SIGNED = "sha256=8e7cdfd661af4642baa85e92d382ee03d4842fb5d4adc7861093ed7a0be9aeab"
ACCOUNT = Account(uuid4(), "whatsapp", "1065", "Shop", secrets={"app_secret": "app_secret_123", "verify_token": "v", "token": "t"})
BATCH = (Path(__file__).parent / "payloads" / "whatsapp_batch.json").read_bytes()
DOOR = WhatsAppDoor()


def hook(body: bytes = VECTOR, signature: str | None = SIGNED, query: dict[str, str] | None = None) -> Hook:
    """A request."""
    return Hook("POST", "https://b.example/h", query or {}, {} if signature is None else {"x-hub-signature-256": signature}, body)


def test_the_references_signature_is_right_in_the_door_and_in_the_simulator_and_in_pywa() -> None:
    DOOR.check(hook(), ACCOUNT)
    assert shapes.signature("app_secret_123", VECTOR) == SIGNED
    assert pywa_utils.webhook_updates_validator(app_secret="app_secret_123", request_body=VECTOR, x_hub_signature=SIGNED)


@pytest.mark.parametrize(
    "wrong",
    [
        hook(VECTOR.replace(b"1", b"2")), hook(signature=None), hook(signature=SIGNED.replace("sha256", "sha1")),
        hook(signature=SIGNED.upper()),
        hook(json.dumps(json.loads(VECTOR), ensure_ascii=False).encode()), hook(signature="sha256=é"), hook(signature=SIGNED[:-1]),
    ],
)  # fmt: skip
def test_one_byte_another_header_or_written_anew_is_refused(wrong: Hook) -> None:
    with pytest.raises(SignatureError):
        DOOR.check(wrong, ACCOUNT)
    with pytest.raises(SignatureError):
        DOOR.check(hook(), replace(ACCOUNT, secrets={"app_secret": "another"}))
    with pytest.raises(AccountIncompleteError):
        DOOR.check(hook(), replace(ACCOUNT, secrets={}))


def test_the_handshake_gives_the_challenge_back_as_plain_text() -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "v"}
    answer = DOOR.greet(hook(query=asked), ACCOUNT)
    assert (answer.body, answer.type) == (b"1158201444", "text/plain")
    for wrong in ({"hub.mode": "unsubscribe"}, {"hub.verify_token": "w"}, {"hub.verify_token": "é"}):
        with pytest.raises(SignatureError):
            DOOR.greet(hook(query=asked | wrong), ACCOUNT)


def test_the_references_batch_gives_all_its_messages_and_statuses() -> None:
    found = parse(BATCH)
    messages = [h for h in found if isinstance(h, CustomerMessage)]
    assert [(m.inbound.external_id, m.inbound.identity, m.inbound.text) for m in messages] == [
        ("wamid.A1", "DE.1001", "Grüße"), ("wamid.B1", "DE.1002", "Fri 10:00"), ("wamid.A2", "DE.1001", "[poll: cannot be shown here]"),
    ]  # fmt: skip
    assert (messages[0].aliases, messages[1].aliases, messages[1].username) == (("491711234567",), (), "@bo")
    assert (messages[1].choice, messages[1].inbound.metadata["reply_to_external"]) == ("slot_3", "wamid.OUT7")
    assert [(r.status, str(r.key)[:8]) for r in found if isinstance(r, Receipt)] == [("read", "0b7c4a30"), ("sent", "0b7c4a30")]
    (moved,) = [h for h in found if isinstance(h, AddressChanged)]
    assert (moved.account, moved.old, moved.new, moved.proof) == ("2077", "491711234567", "491719999999", None)
    assert isinstance(found[-1], Unknown)


def told(entry: dict[str, Any], *, people: list[Any] | None = None) -> Any:
    """What one message of the simulated provider becomes."""
    common = {"from": "491711234567", "id": "wamid.X", "timestamp": "1790000000"}
    return parse(shapes.envelope(Config(), [shapes.change(Config(), messages=[common | entry], people=people or [])]))[0]


def test_reactions_edits_and_number_changes_are_no_messages() -> None:
    reaction = told({"type": "reaction", "reaction": {"message_id": "wamid.Y", "emoji": "👍"}})
    assert reaction == Reaction(Config().phone_number_id, "491711234567", "wamid.Y", "👍", datetime.fromtimestamp(1790000000, UTC))
    assert told({"type": "reaction", "reaction": {"message_id": "wamid.Y"}}).emoji == ""
    inner = {"type": "text", "text": {"body": "new"}}
    edited = told({"type": "edit", "edit": {"original_message_id": "wamid.Y", "message": inner}})
    assert (type(edited), edited.text) == (Edited, "new")
    assert told({"type": "revoke", "revoke": {"original_message_id": "wamid.Y"}}).text is None
    changed = {"type": "user_changed_user_id", "user_id": "DE.2", "body": "x"}
    assert told({"type": "system", "system": changed, "from_user_id": "DE.1"}).new == "DE.2"
    assert isinstance(told({"type": "text", "text": {"body": "x"}, "group_id": "g"}), Unknown)


def test_what_is_rare_becomes_what_it_is() -> None:
    reply = {"response": "accept", "is_permanent": False, "response_source": "user_action"}
    call = told({"type": "interactive", "interactive": {"type": "call_permission_reply", "call_permission_reply": reply}})
    assert (call.inbound.text, call.inbound.metadata["call_permission_reply"]) == ("[call permission: accept]", reply)
    metadata = {"phone_number_id": "1065", "display_phone_number": "1555"}
    played = {"id": "wamid.Y", "status": "played", "timestamp": "1790000000", "recipient_id": "491711234567"}
    trouble = {"code": 131031, "title": "Account locked", "message": "Account locked", "error_data": {"details": "Review it"}}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [played], "errors": [trouble]}
    heard, notice = parse(shapes.envelope(Config(), [{"field": "messages", "value": value}]))
    assert (type(heard), getattr(heard, "status", "")) == (Receipt, "played")
    assert (type(notice), "131031" in getattr(notice, "text", "")) == (AccountNotice, True)


def test_an_advertisement_forwarding_and_a_product_stand_beside_the_message() -> None:
    message = told(
        {
            "type": "text", "text": {"body": "is it there?"}, "referral": {"source_type": "ad", "headline": "Lamps", "ctwa_clid": "c"},
            "context": {"frequently_forwarded": True, "id": "wamid.P", "referred_product": {"catalog_id": "1", "product_retailer_id": "L"}},
        }
    )  # fmt: skip
    assert message.free_entry
    metadata = message.inbound.metadata
    assert (metadata["forwarded"], metadata["referral"]["headline"], metadata["product"]["product_retailer_id"]) == ("often", "Lamps", "L")


@pytest.mark.parametrize("voice", [True, False])
def test_a_voice_note_is_a_file_to_be_fetched(voice: bool) -> None:
    message = told({"type": "audio", "audio": {"id": "7", "mime_type": "audio/ogg; codecs=opus", "sha256": "s", "voice": voice}})
    assert (message.inbound.text, message.media[0].kind) == (("[voice message]", "voice") if voice else ("[audio]", "audio"))


@pytest.mark.parametrize("body", ["not json", '{"flow_token": 1', "[]", ""])
def test_a_form_may_hold_anything(body: str) -> None:
    reply = {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": body}}
    assert told({"type": "interactive", "interactive": reply}).inbound.text == "[form] Sent"


def test_administration_tells_of_templates_numbers_and_bans() -> None:
    def of(field: str, value: dict[str, Any]) -> Any:
        entry = {"id": "1021", "time": 1790000000, "changes": [{"field": field, "value": value}]}
        return parse(json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode())[0]

    template = {"message_template_name": "n", "message_template_language": "en-US", "message_template_id": 8}
    assert of("message_template_status_update", template | {"event": "REJECTED", "reason": "SCAM"}) == TemplateChanged(
        "1021", "n", "en_US", status="REJECTED", reason="SCAM", provider_id="8"
    )
    assert of("template_category_update", template | {"new_category": "MARKETING"}).category == "MARKETING"
    assert of("message_template_quality_update", template | {"new_quality_score": "RED"}).quality == "RED"
    banned = of("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}})
    assert isinstance(banned, AccountNotice)
    assert banned.blocked
    assert not of("phone_number_quality_update", {"event": "DOWNGRADE", "current_limit": "TIER_250"}).blocked
    metadata = {"metadata": {"phone_number_id": "1"}}
    wish = {"wa_id": "49", "category": "marketing_messages", "value": "stop", "timestamp": "1790000000"}
    assert isinstance(of("user_preferences", metadata | {"user_preferences": [wish]}), OptOut)
    update = {"user_id": {"previous": "DE.1", "current": "DE.2"}, "wa_id": "49", "timestamp": 1790000000}
    assert of("user_id_update", metadata | {"user_id_update": [update]}).proof == "49"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"object":"page","entry":[]}', b"\xff", b"[" * 100_000])
def test_what_is_no_webhook_of_whatsapp_has_no_shape(body: bytes) -> None:
    with pytest.raises(ShapeError):
        parse(body)


def test_one_broken_entry_does_not_hide_the_others() -> None:
    whole = {"from": "49", "id": "wamid.1", "timestamp": "1790000000", "type": "text", "text": {"body": "here"}}
    entries = [7, None, {}, whole | {"timestamp": "soon"}, whole | {"type": "location", "location": {}}, whole]
    found = parse(shapes.envelope(Config(), [shapes.change(Config(), messages=entries)]))
    assert [type(h) for h in found] == [Unknown] * 5 + [CustomerMessage]


def test_pywa_reads_the_simulated_webhooks_as_we_do() -> None:
    world = World()
    customer = world.customer("491711234567", name="Ann")
    bodies: list[dict[str, Any]] = [
        {"type": "text", "text": {"body": "Grüße"}},
        {"type": "location", "location": {"latitude": 1.5, "longitude": 2.5, "name": "There"}},
        {"type": "image", "image": {"id": "7", "mime_type": "image/png", "sha256": "s", "caption": "c"}},
        {"type": "reaction", "reaction": {"message_id": "wamid.Y", "emoji": "👍"}},
        {
            "type": "contacts",
            "contacts": [{"name": {"formatted_name": "Bo", "first_name": "Bo"}, "phones": [{"phone": "+49", "type": "CELL"}]}],
        },
    ]
    client = pywa_client([])
    for body in bodies:
        message = world.add(customer, out=True, body=body)
        entries = {"messages": [shapes.message_entry(customer, message)], "people": [shapes.contact_entry(customer)]}
        raw = shapes.envelope(world.config, [shapes.change(world.config, **entries)])
        theirs = pywa_types.Message.from_update(client=client, update=json.loads(raw))
        ours = parse(raw)[0]
        assert (theirs.id, theirs.from_user.wa_id, theirs.type.value) == (message.id, customer.phone, body["type"])
        if isinstance(ours, CustomerMessage):
            assert ours.inbound.external_id == theirs.id
            assert ours.at == theirs.timestamp.astimezone(UTC)
            assert ours.inbound.profile_name == theirs.from_user.name
        if body["type"] == "text":
            assert isinstance(ours, CustomerMessage)
            assert ours.inbound.text == theirs.text


def test_pywa_reads_the_simulated_statuses_as_we_do() -> None:
    world = World()
    customer = world.customer("491711234567", name="Ann")
    key = str(uuid4())
    message = world.add(customer, out=False, body={"type": "text", "text": {"body": "x"}}, key=key)
    for state, code in (("sent", None), ("delivered", None), ("read", None), ("failed", 131047)):
        entry = shapes.status_entry(customer, message, state, 1790000000.0, code=code)
        raw = shapes.envelope(world.config, [shapes.change(world.config, statuses=[entry], people=[shapes.contact_entry(customer)])])
        theirs = pywa_types.MessageStatus.from_update(client=pywa_client([]), update=json.loads(raw))
        ours = parse(raw)[0]
        assert isinstance(ours, Receipt)
        assert (ours.provider_id, ours.status, str(ours.key)) == (theirs.id, theirs.status.value, theirs.tracker)
        assert (ours.code is None) == (theirs.error is None)


def sending(part: Part, **more: Any) -> Sending:
    """A part on its way."""
    message = MessageView(
        uuid4(),
        uuid4(),
        1,
        Direction.OUT,
        Author.BOT,
        None,
        Visibility.PUBLIC,
        Content(part.text),
        None,
        "whatsapp",
        Delivery.QUEUED,
        utc_now(),
    )
    return Sending(uuid4(), message, part, more.pop("to", "491711234567"), ACCOUNT, **more)


PARTS = {
    "text": Part("Hello https://x.example"),
    "button": Part("Which?", buttons=(Choice("Yes", "b:1"), Choice("No", "b:2"))),
    "list": Part("Which?", rows=tuple(Choice(f"Row {n}", f"b:{n}", "more") for n in range(10))),
    "cta_url": Part("Track", special={"link": {"title": "Track", "url": "https://t.example"}}),
    "location_request_message": Part("Where?", special={"location_request": True}),
    "template": Part("x", special={"template": {"name": "n", "language": "en", "components": []}}),
    "location": Part("", special={"location": {"latitude": 1.0, "longitude": 2.0}}),
}


@pytest.mark.parametrize("kind", sorted(PARTS))
def test_each_body_passes_the_simulated_providers_checks(kind: str) -> None:
    world = World()
    world.templates.append({"name": "n", "language": "en", "status": "APPROVED", "components": []})
    check_body(world, message_body(sending(PARTS[kind], reply_to="wamid.R")))


@pytest.mark.parametrize("kind", ["text", "button", "list", "cta_url", "location_request_message", "location"])
def test_pywa_writes_the_same_bodies(kind: str) -> None:
    ours, theirs = message_body(sending(PARTS[kind])), without_empty(pywa_bodies()[kind])
    for name in ("messaging_product", "type", ours["type"]):
        assert ours[name] == theirs[name]


def without_empty(value: Any) -> Any:
    """Without what is None or empty, which pywa writes and Meta passes over."""
    if isinstance(value, dict):
        return {name: without_empty(v) for name, v in value.items() if v not in (None, "")}
    return [without_empty(v) for v in value] if isinstance(value, list) else value


def pywa_client(bodies: list[dict[str, Any]]) -> WhatsApp:
    """pywa's client; what it sends is put into `bodies`."""

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, json={"messages": [{"id": "wamid.1"}], "contacts": [{"input": "49", "wa_id": "49"}]})

    session = httpx.Client(base_url="https://graph.facebook.com", transport=httpx.MockTransport(answer))
    return WhatsApp(phone_id="1065", token="t", session=session)


def pywa_bodies() -> dict[str, dict[str, Any]]:
    """What pywa sends for the same things."""
    bodies: list[dict[str, Any]] = []
    client = pywa_client(bodies)
    to = "491711234567"
    client.send_message(to=to, text="Hello https://x.example", preview_url=True)
    client.send_message(to=to, text="Which?", buttons=[pywa_types.Button("Yes", "b:1"), pywa_types.Button("No", "b:2")])
    rows = [pywa_types.SectionRow(f"Row {n}", f"b:{n}", "more") for n in range(10)]
    client.send_message(to=to, text="Which?", buttons=pywa_types.SectionList("Choose", [pywa_types.Section("", rows)]))
    client.send_message(to=to, text="Track", buttons=pywa_types.URLButton("Track", "https://t.example"))
    client.request_location(to=to, text="Where?")
    client.send_location(to=to, latitude=1.0, longitude=2.0)
    return dict(zip(("text", "button", "list", "cta_url", "location_request_message", "location"), bodies, strict=True))


def test_a_person_without_a_number_is_addressed_by_the_user_id() -> None:
    assert message_body(sending(Part("x"), to="DE.1"))["recipient"] == "DE.1"
    both = message_body(sending(Part("x"), to="DE.1", addresses=("DE.1", "491711234567")))
    assert (both["to"], "recipient" in both) == ("+491711234567", False)


def test_every_documented_code_has_a_consequence() -> None:
    for code, problem in CODES.items():
        result = refusal({"code": code, "message": "m", "error_data": {"details": "d"}}, status=400)
        assert (result.problem, result.code, result.reason) == (problem, str(code), "m: d")
        waits = REACTIONS[problem] not in {Consequence.TELL, Consequence.TEMPLATE}
        assert result.fate == (Fate.LATER if waits else Fate.FAILED)
    assert refusal({"code": 250}, status=403).problem == Problem.PERMISSION
    assert refusal({"code": 999_999}, status=500).problem == Problem.TRANSIENT
    assert refusal(None, status=404).problem == Problem.BAD_REQUEST


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (httpx.Response(200, json={"messages": [{"id": "wamid.1"}]}), Fate.SENT),
        (httpx.Response(200, json={}), Fate.UNKNOWN),
        (httpx.Response(200, text="<html>"), Fate.UNKNOWN),
        (httpx.Response(502, text="bad gateway"), Fate.UNKNOWN),
        (httpx.Response(503, text="busy"), Fate.LATER),
        (httpx.Response(500, json={"error": {"code": 131000}}), Fate.LATER),
        (httpx.Response(401, json={"error": {"code": 190}}), Fate.LATER),
        (httpx.Response(400, json={"error": {"code": 131047}}), Fate.FAILED),
        (httpx.Response(400, json=[]), Fate.FAILED),
        (httpx.ConnectError("no"), Fate.LATER),
        (httpx.ReadTimeout("late"), Fate.UNKNOWN),
        (httpx.RemoteProtocolError("cut"), Fate.UNKNOWN),
    ],
)
async def test_what_may_have_gone_out_is_unknown_and_what_did_not_comes_later(answer: Any, fate: Fate) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer t"
        if not isinstance(answer, httpx.Response):
            raise answer
        return answer

    channel = WhatsAppChannel(GraphClient(httpx.MockTransport(respond)))
    assert (await channel.send(sending(Part("x")))).fate == fate
    await channel.client.close()


async def test_a_file_that_cannot_be_uploaded_was_not_sent() -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(400, json={"error": {"code": 131053, "message": "bad"}})

    channel = WhatsAppChannel(GraphClient(httpx.MockTransport(respond)))
    result = await channel.send(sending(Part("", file=File("image", "image/png", "p.png", b"x"))))
    assert (result.fate, result.problem, asked) == (Fate.FAILED, Problem.MEDIA, ["/v26.0/1065/media"])
    await channel.client.close()


@pytest.mark.parametrize(
    "url", ["http://lookaside.fbsbx.com/x", "https://evil.example/x", "https://fbsbx.com.evil.example/", "https://10.0.0.1/"]
)
async def test_the_token_goes_to_no_other_host(url: str) -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={"url": url, "file_size": "3"})

    client = GraphClient(httpx.MockTransport(respond))
    with pytest.raises(Exception, match="not Meta's"):
        await client.fetch("7", ACCOUNT, max_bytes=1000)
    assert len(asked) == 1
    await client.close()
