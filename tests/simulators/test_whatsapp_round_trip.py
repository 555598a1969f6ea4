"""Baton's WhatsApp channel and the simulated provider, one against the other, over HTTP and PostgreSQL."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from channels.accounts import find_account_row
from channels.letters import list_letters, replay
from channels.models import ChannelAddressRow, ChannelIntakeRow, ChannelMediaRow, ChannelSendRow
from channels.registry import capabilities_of
from channels.window import read_window
from context.attachments.keeping import Upload, keep_file
from context.attachments.models import AttachmentRow
from context.conversations import load_content
from context.ledger import Ledger
from context.models import ContactRow, ConversationRow, IdentityRow, MessageRow
from context.types import Button, Content, Delivery
from kit.clock import utc_now
from kit.db import Database
from tests.simulators.whatsapp_house import ANN, NUMBER, House, Simulator, running_simulator, whatsapp_house

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
async def simulator() -> AsyncIterator[Simulator]:
    """One process for all."""
    async with running_simulator() as sim:
        yield sim


@pytest.fixture
async def house(database: Database, ledger: Ledger, simulator: Simulator) -> AsyncIterator[House]:
    """A quiet provider and Baton's parts."""
    async with whatsapp_house(database, ledger, simulator, hook_delay=[0, 0], status_delay=[0.01, 0.02]) as house:
        yield house


async def deliveries(house: House) -> list[str]:
    """How far each message to the customer got."""
    return [m.delivery for m in await house.messages() if m.direction == "out"]


async def count(house: House, table: Any) -> int:
    """How many rows."""
    async with house.database.transaction() as session:
        return len(list((await session.execute(select(table))).all()))


async def test_a_message_is_answered_once_and_its_ticks_arrive(house: House) -> None:
    assert (await house.sim.post("handshake", {}))["verified"]
    await house.sim.say("Where is my parcel?", name="Ann")
    await house.turn()
    (sent,) = await house.sim.sends()
    assert sent["text"]["body"] == "You said Where is my parcel?"
    assert await deliveries(house) == [Delivery.DELIVERED]
    await house.sim.post("read", {"phone": ANN})
    await house.take_in()
    assert await deliveries(house) == [Delivery.READ]


async def test_repeated_reordered_and_batched_webhooks_store_each_message_once(house: House) -> None:
    await house.sim.post("config", {"hook_repeat": 1.0, "hook_reorder": 0.5, "hook_delay": [0, 0.2]})
    for number in range(8):
        await house.sim.say(f"message {number}", phone=f"85290000{number:03}")
    await house.take_in()
    await house.take_in()
    assert sorted(m.text for m in await house.inbound()) == [f"message {n}" for n in range(8)]


async def test_what_waits_together_is_taken_in_the_order_of_the_providers_clock(house: House) -> None:
    now = utc_now().timestamp()
    await house.sim.say("second", at=now)
    await house.sim.say("first", at=now - 5)
    await house.take_in()
    assert [m.text for m in await house.inbound()] == ["first", "second"]


async def test_a_button_comes_back_with_its_own_payload_and_a_forged_one_means_nothing(house: House) -> None:
    payload = "/choose{" + "x" * 400 + "}"
    house.answer = lambda _: [Content("Which?", (Button("This", payload), Button("That", "/that")))]
    await house.sim.say("hi")
    await house.turn()
    (sent,) = await house.sim.sends()
    buttons = sent["interactive"]["action"]["buttons"]
    await house.sim.post("tap", {"phone": ANN, "message": sent["id"], "reply": buttons[0]["reply"]["id"]})
    house.answer = lambda _: []
    await house.turn()
    tapped = (await house.inbound())[-1]
    assert (tapped.text, tapped.payload) == ("This", payload)
    assert tapped.body["metadata"]["reply_to"] == str((await house.messages())[1].id)
    stranger = {"type": "button_reply", "button_reply": {"id": buttons[0]["reply"]["id"], "title": "This"}}
    await house.sim.post("say", {"phone": "85290000001", "message": {"type": "interactive", "interactive": stranger}})
    await house.take_in()
    assert (await house.inbound())[-1].payload is None


@pytest.mark.parametrize(("options", "kind"), [(2, "button"), (7, "list"), (14, None)])
async def test_buttons_lists_and_numbers_pass_the_providers_checks_and_can_be_chosen(house: House, options: int, kind: str | None) -> None:
    house.answer = lambda _: [
        Content("Which?", tuple(Button(f"Order number {n} of yours" if n > 2 else f"N{n}", f"/n{n}") for n in range(options)))
    ]
    await house.sim.say("hi")
    await house.turn()
    house.answer = lambda _: []
    (sent,) = await house.sim.sends()
    if kind is None:
        assert sent["text"]["body"].splitlines()[-1] == "14. Order number 13 of yours"
        await house.sim.say("2")
    else:
        action = sent["interactive"]["action"]
        chosen = action["buttons"][1]["reply"] if kind == "button" else action["sections"][0]["rows"][1]
        await house.sim.post("tap", {"phone": ANN, "message": sent["id"], "reply": chosen["id"]})
    await house.take_in()
    assert (await house.inbound())[-1].payload == ("/n1" if kind else None)


async def test_a_long_answer_with_buttons_is_cut_and_nothing_is_refused(house: House) -> None:
    house.answer = lambda _: [Content("A sentence. " * 500, (Button("Yes", "/yes"),))]
    await house.sim.say("hi")
    await house.turn()
    sends = await house.sim.sends()
    assert [s["type"] for s in sends] == ["text", "text", "interactive"]
    assert (await house.sim.ledger())["refused"] == []
    assert await deliveries(house) == [Delivery.DELIVERED]


def picture() -> bytes:
    """A small PNG."""
    data = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(data, "PNG")
    return data.getvalue()


async def send_file(house: House, data: bytes, **more: str) -> None:
    """A customer sends a file that says it is a PNG."""
    await house.sim.http.post("/sim/file", data={"phone": ANN, "kind": "image"} | more, files={"file": ("p.png", data, "image/png")})


async def test_a_picture_is_fetched_checked_and_stands_in_its_message(house: House) -> None:
    await house.sim.http.post(
        "/sim/file", data={"phone": ANN, "kind": "image", "caption": "broken"}, files={"file": ("p.png", picture(), "image/png")}
    )
    await house.take_in()
    assert await house.media.fetch_some() == 1
    (message,) = await house.inbound()
    (attachment,) = load_content(message.text, message.body).attachments
    assert (message.text, attachment.media_type, attachment.size) == ("broken", "image/png", len(picture()))
    assert list(house.blobs.data.values()) == [picture()]
    assert await house.media.fetch_some() == 0


@pytest.mark.parametrize("data", [b"MZ\x90 not a picture", b"<script>alert(1)</script>", b"%PDF-1.7"])
async def test_a_file_that_lies_about_its_type_is_refused_and_the_message_says_so(house: House, data: bytes) -> None:
    await send_file(house, data)
    await house.take_in()
    await house.media.fetch_some()
    (message,) = await house.inbound()
    assert message.body["metadata"]["file_refused"]
    assert (await count(house, AttachmentRow), house.blobs.data) == (0, {})


async def test_an_address_that_expired_is_asked_for_again(house: House) -> None:
    await house.sim.post("config", {"url_seconds": 0.0})
    await send_file(house, picture())
    await house.take_in()
    await house.media.fetch_some()
    await house.sim.post("config", {"url_seconds": 300.0})
    async with house.database.transaction() as session:
        row = (await session.execute(select(ChannelMediaRow))).scalar_one()
        assert row.state == "waiting"
        row.next_at = None
    await house.media.fetch_some()
    assert await count(house, AttachmentRow) == 1


async def test_every_inbound_type_is_stored_with_words_and_its_data(house: House) -> None:
    contact = {"name": {"formatted_name": "Bo"}, "phones": [{"phone": "+852 9", "type": "CELL"}]}
    item = {"product_retailer_id": "LAMP", "quantity": 2, "item_price": 7.99, "currency": "USD"}
    flow = {"name": "flow", "body": "Sent", "response_json": '{"flow_token":"t","size":"M"}'}
    for message in (
        {"type": "location", "location": {"latitude": 22.28, "longitude": 114.15, "name": "Central"}},
        {"type": "contacts", "contacts": [contact]},
        {"type": "order", "order": {"catalog_id": "c", "text": "these", "product_items": [item]}},
        {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": flow}},
        {"type": "button", "button": {"payload": "STOP", "text": "Stop"}},
        {"type": "unsupported", "unsupported": {"type": "poll"}, "errors": [{"code": 131051}]},
    ):
        await house.sim.post("say", {"phone": ANN, "message": message})
    await house.take_in()
    stored = {m.text: m for m in await house.inbound()}
    words = (
        "[location] Central (22.280000, 114.150000)", "[contact] Bo (+852 9)", "these [order] 2 × LAMP (7.99 USD)", "[form] size: M",
        "Stop", "[poll: cannot be shown here]",
    )  # fmt: skip
    assert set(stored) == set(words)
    assert stored["Stop"].payload == "STOP"
    assert stored[words[0]].body["metadata"]["location"]["latitude"] == 22.28


async def test_reactions_edits_and_revocations_change_the_message_they_are_about(house: House) -> None:
    mine = await house.sim.say("where is it")
    await house.turn()
    (sent,) = await house.sim.sends()
    await house.sim.post("react", {"phone": ANN, "message": sent["id"], "emoji": "👍"})
    await house.sim.post("edit", {"message": mine, "text": "where is LC-1"})
    await house.take_in()
    question, answer = await house.messages()
    assert list(answer.body["metadata"]["reactions"].values()) == ["👍"]
    assert (question.text, question.body["metadata"]["original_text"]) == ("where is LC-1", "where is it")
    await house.sim.post("react", {"phone": ANN, "message": sent["id"], "emoji": ""})
    await house.sim.post("delete", {"message": mine})
    await house.take_in()
    question, answer = await house.messages()
    assert answer.body["metadata"]["reactions"] == {}
    assert question.body["metadata"]["revoked"]
    assert len(await house.inbound()) == 1


async def test_a_person_is_one_contact_with_and_without_a_visible_number(house: House) -> None:
    await house.sim.say("first")
    await house.take_in()
    await house.sim.post("customers", {"phone": ANN, "hidden": True})
    await house.sim.say("second")
    await house.turn()
    assert await count(house, ContactRow) == 1
    assert sorted(await addresses(house)) == sorted([ANN, next(iter({a for a in await addresses(house) if a != ANN}))])
    assert len(await house.sim.sends()) == 2


async def addresses(house: House) -> list[str]:
    """All addresses of customers."""
    async with house.database.transaction() as session:
        return list((await session.execute(select(IdentityRow.external_id))).scalars())


async def test_someone_without_a_number_is_answered_by_the_user_id(house: House) -> None:
    await house.sim.post("customers", {"phone": ANN, "hidden": True, "username": "@ann"})
    await house.sim.say("hi")
    await house.turn()
    assert len(await house.sim.sends()) == 1
    async with house.database.transaction() as session:
        known = (await session.execute(select(ChannelAddressRow))).scalar_one()
    assert (known.username, known.address.startswith("ZZ.")) == ("@ann", True)


@pytest.mark.parametrize("proven", [True, False])
async def test_a_new_number_moves_only_with_the_user_id(house: House, proven: bool) -> None:
    await house.sim.say("hi")
    await house.take_in()
    await house.sim.post("number", {"phone": ANN, "new": "85298887777", "user_id": proven})
    await house.take_in()
    assert ("85298887777" in await addresses(house)) is proven
    flagged = await count_flagged(house)
    assert flagged == (0 if proven else 1)


async def count_flagged(house: House) -> int:
    """Webhooks that people should look at."""
    async with house.database.transaction() as session:
        query = select(ChannelIntakeRow.id).where(ChannelIntakeRow.state == "flagged")
        return len(list((await session.execute(query)).scalars()))


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_closed_window_is_told_to_the_agent(house: House, at_once: bool) -> None:
    await house.sim.say("hi")
    await house.take_in()
    await house.sim.post("config", {"window_hours": 0.0, "window_at_once": at_once})
    await house.reply_all()
    await house.outbox.send_all()
    await house.take_in()
    assert await deliveries(house) == [Delivery.FAILED]
    async with house.database.transaction() as session:
        (letter,) = await list_letters(session)
        conversation = (await session.execute(select(ConversationRow))).scalar_one()
        window = await read_window(session, conversation, capabilities_of("whatsapp"), now=utc_now() + timedelta(hours=25))
    assert (letter.problem, letter.code) == ("window_closed", "131047")
    assert (window.open, window.templates) == (False, True)


@pytest.mark.parametrize(
    ("code", "status", "state"),
    [(131026, 400, "failed"), (131009, 400, "failed"), (131000, 500, "waiting"), (130429, 429, "waiting"), (131056, 400, "waiting")],
)
async def test_each_kind_of_refusal_has_its_consequence(house: House, code: int, status: int, state: str) -> None:
    await house.sim.say("hi")
    await house.take_in()
    await house.sim.post("fail", {"count": 1, "code": code, "status": status})
    await house.reply_all()
    await house.outbox.send_all()
    async with house.database.transaction() as session:
        row = (await session.execute(select(ChannelSendRow))).scalar_one()
    assert (row.state, row.error_code) == (state, str(code))
    assert (row.next_at is not None) == (state == "waiting")


async def test_a_failure_told_later_is_tried_again_where_that_helps(house: House) -> None:
    await house.sim.say("hi")
    await house.take_in()
    await house.sim.post("fail", {"count": 1, "code": 131000, "later": True})
    await house.reply_all()
    await house.outbox.send_all()
    await house.take_in()
    async with house.database.transaction() as session:
        row = (await session.execute(select(ChannelSendRow))).scalar_one()
        assert (row.state, row.attempts) == ("waiting", 1)
        row.next_at = None
    await house.outbox.send_all()
    await house.take_in()
    assert await deliveries(house) == [Delivery.DELIVERED]


async def test_an_answer_that_is_lost_is_settled_by_its_status_and_not_sent_again(house: House) -> None:
    await house.sim.post("config", {"fail_after": 1.0, "status_delay": [0.4, 0.5]})
    await house.sim.say("hi")
    await house.take_in()
    await house.reply_all()
    await house.outbox.send_all()
    assert await deliveries(house) == [Delivery.UNKNOWN]
    deadline = time.monotonic() + 20
    while await deliveries(house) != [Delivery.DELIVERED] and time.monotonic() < deadline:
        await house.turn()
    assert len(await house.sim.sends()) == 1
    assert await deliveries(house) == [Delivery.DELIVERED]


async def test_a_token_revoked_in_the_middle_stops_the_account_and_the_message_goes_when_it_is_mended(house: House) -> None:
    await house.sim.say("hi")
    await house.take_in()
    await house.sim.post("config", {"token": "another"})
    await house.reply_all()
    await house.outbox.send_all()
    async with house.database.transaction() as session:
        row = await find_account_row(session, "whatsapp", NUMBER)
        assert row is not None
        assert row.state == "blocked"
        row.state = "active"
        send = (await session.execute(select(ChannelSendRow))).scalar_one()
        send.next_at = None
    await house.sim.post("config", {"token": "simulated-token"})
    house.outbox._not_before.clear()
    await house.outbox.send_all()
    assert len(await house.sim.sends()) == 1


async def test_a_dead_letter_is_replayed(house: House) -> None:
    await house.sim.say("hi")
    await house.take_in()
    await house.sim.post("fail", {"count": 1, "code": 131026})
    await house.reply_all()
    await house.outbox.send_all()
    async with house.database.transaction() as session:
        (letter,) = await list_letters(session)
        await replay(session, house.ledger, letter.id)
    await house.outbox.send_all()
    assert len(await house.sim.sends()) == 1


async def test_unknown_webhooks_are_kept_acknowledged_and_flagged(house: House) -> None:
    await house.sim.post("raw", {"field": "some_future_field", "value": {"x": 1}})
    await house.sim.post("raw", {"field": "messages", "value": {"no": "metadata"}})
    await house.sim.say("still here")
    await house.take_in()
    assert [m.text for m in await house.inbound()] == ["still here"]
    assert await count_flagged(house) >= 1


@pytest.mark.parametrize(
    ("body", "signature", "status"),
    [(b"{}", None, 401), (b"{}", "sha256=" + "0" * 64, 401), (b"{}", "sha1=x", 401), (b"x" * 10_000_000, "sha256=" + "0" * 64, 413)],
)
async def test_webhooks_without_the_right_signature_or_of_ten_megabytes_store_nothing(
    house: House, body: bytes, signature: str | None, status: int
) -> None:
    headers = {"X-Hub-Signature-256": signature} if signature else {}
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(house.hook_url, content=body, headers=headers)).status_code == status
        assert (await client.get(house.hook_url, params={"hub.mode": "subscribe", "hub.verify_token": "no"})).status_code == 403
        assert (await client.post(house.hook_url + "0", content=b"{}")).status_code == 404
    assert await count(house, ChannelIntakeRow) == 0


async def test_a_clock_that_runs_ahead_does_not_hold_the_window_open(house: House) -> None:
    await house.sim.say("hi", at=utc_now().timestamp() + 86_400 * 30)
    await house.take_in()
    async with house.database.transaction() as session:
        known = (await session.execute(select(ChannelAddressRow))).scalar_one()
    assert known.last_inbound_at is not None
    assert known.last_inbound_at <= utc_now()


async def test_a_message_of_the_shops_own_app_stands_in_the_talk_and_the_bot_is_silent(house: House) -> None:
    await house.sim.say("hi")
    await house.take_in()
    metadata = {"phone_number_id": NUMBER, "display_phone_number": "1"}
    echo = {"from": "1", "to": ANN, "id": "wamid.echo", "timestamp": "1790000000", "type": "text", "text": {"body": "Boss here"}}
    for _ in range(2):
        await house.sim.post("raw", {"field": "smb_message_echoes", "value": {"metadata": metadata, "message_echoes": [echo]}})
    await house.take_in()
    assert [m.text for m in await house.messages() if m.author == "agent"] == ["Boss here"]
    async with house.database.transaction() as session:
        assert (await session.execute(select(ConversationRow.handler))).scalar_one() == "queue"
    await house.outbox.send_all()
    assert [s for s in await house.sim.sends() if s.get("text", {}).get("body") == "Boss here"] == []


async def test_files_go_out_by_upload(house: House) -> None:
    await house.sim.say("hi")
    await house.take_in()
    async with house.database.transaction() as session:
        kept = await keep_file(session, house.blobs, Upload("p.png", picture()), owner="staff:1")
    await house.reply(Content("Here is the picture", attachments=(kept.attachment,)))
    await house.outbox.send_all()
    (sent,) = await house.sim.sends()
    assert (sent["type"], sent["image"]["caption"]) == ("image", "Here is the picture")


@pytest.mark.parametrize(
    ("custom", "kind"),
    [
        ({"location_request": True}, "location_request_message"), ({"link": {"title": "Track", "url": "https://t.example/1"}}, "cta_url"),
        ({"contact_request": True}, "contact_request"), ({"flow": {"flow_id": "1", "flow_cta": "Book", "flow_token": "t"}}, "flow"),
    ],
)  # fmt: skip
async def test_special_messages_pass_the_providers_checks(house: House, custom: dict[str, Any], kind: str) -> None:
    await house.sim.say("hi")
    await house.take_in()
    await house.reply(Content("Please", custom=custom))
    await house.outbox.send_all()
    (sent,) = await house.sim.sends()
    assert sent["interactive"]["type"] == kind


async def test_a_reaction_and_a_reply_in_context_go_out(house: House) -> None:
    external = await house.sim.say("hi")
    await house.take_in()
    (message,) = await house.inbound()
    await house.reply(Content("To this", custom={"reply_to": str(message.id)}))
    await house.reply(Content("👍", custom={"reaction": {"to": external, "emoji": "👍"}}))
    await house.outbox.send_all()
    answer, reaction = await house.sim.sends()
    assert (answer["context"]["message_id"], reaction["reaction"]["emoji"]) == (external, "👍")
    assert await deliveries(house) in (["sent", "sent"], ["delivered", "sent"], ["delivered", "delivered"])


async def test_seen_messages_get_blue_ticks_and_typing(house: House) -> None:
    external = await house.sim.say("hi")
    await house.take_in()
    await house.channel.seen(house.account, external, typing=True)
    chat = (await house.sim.http.get(f"/sim/chat/{ANN}")).json()
    assert (chat["typing"], chat["messages"][0]["state"]) == (True, "read")
    assert await count(house, MessageRow) == 1
