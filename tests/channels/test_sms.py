"""SMS from end to end: a phone of the simulator writes, a bot answers through the real outbox; receipts, opt-out, errors, bad input."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from channels.models import ChannelIntakeRow
from channels.sms.client import TwilioApi
from channels.sms.send import SmsChannel
from context.attachments.keeping import Upload, keep_file
from context.types import Button, Content
from kit.blobs import DirectoryBlobs
from kit.db import Database
from kit.errors import InvalidInputError
from simulators.twilio.api import build
from simulators.twilio.world import ADA, World
from tests.channels.house import JPEG, House, account_of, house, serving

pytestmark = pytest.mark.integration


@dataclass
class Sms:
    """The simulator and the house."""

    world: World
    house: House
    api: TwilioApi
    folder: Path

    async def talk(self, body: str = "", media: list[tuple[str, str]] | None = None) -> list[str]:
        """Writes, lets everything happen, and returns what the phone has got so far."""
        post = await self.world.write(body, media=media)
        assert (post.status, post.answer.endswith(b"<Response/>")) == (200, True)
        await self.house.settle()
        return self.world.said()

    async def deliveries(self) -> list[str]:
        """How far our messages got."""
        return [str(m.delivery) for m in await self.house.messages() if m.direction == "out" and m.visibility == "public"]


@pytest.fixture
async def sms(database: Database, tmp_path: Path) -> AsyncIterator[Sms]:
    """A number with its webhook entered."""
    app, world = build()
    async with serving(app) as url:
        world.config.media_url = url
        settings = {"base_url": url, "account_sid": world.config.account_sid, "from": world.config.number}
        account = account_of("sms", "15559990000", secrets={"auth_token": world.config.auth_token}, **settings)
        async with house(database, account, tmp_path) as known:
            assert isinstance(known.channel, SmsChannel)
            await known.channel.api.connect(account, known.hook)
            yield Sms(world, known, known.channel.api, tmp_path)


async def test_a_message_comes_in_and_its_answer_goes_out(sms: Sms) -> None:
    assert await sms.talk("hello") == ["You said hello"]
    assert "The shop is active" in await sms.api.test(sms.house.account)
    with pytest.raises(InvalidInputError):
        await sms.api.connect(dataclasses.replace(sms.house.account, settings={**sms.house.account.settings, "from": ""}), sms.house.hook)


async def test_receipts_settle_a_message_in_whatever_order_they_come(sms: Sms) -> None:
    await sms.talk("hello")
    for status in ("queued", "delivered", "sent", "sending"):
        assert (await sms.world.status(0, status)).status == 200
        await sms.house.settle()
    assert await sms.deliveries() == ["delivered"]


async def test_a_message_that_failed_at_the_carrier_is_shown_with_its_code(sms: Sms) -> None:
    await sms.talk("hello")
    await sms.world.status(0, "undelivered", 30006)
    await sms.house.settle()
    assert await sms.deliveries() == ["failed"]
    assert [(x.problem, x.code) for x in await sms.house.letters()] == [("recipient_unreachable", "30006")]


async def test_options_are_numbered_and_the_number_counts(sms: Sms) -> None:
    assert (await sms.talk("menu"))[-1] == "What may it be?\n\n1. Track my order\n2. Talk to a person"
    assert (await sms.talk("2"))[-1] == "chosen /talk_to_human"


async def test_a_long_text_goes_in_messages_of_at_most_1600_letters(sms: Sms) -> None:
    texts = await sms.talk("long")
    assert len(texts) == 7
    assert all(len(t) <= 1600 for t in texts)


async def test_typography_is_made_plain_unless_it_is_kept(sms: Sms) -> None:
    await sms.talk("hello")
    await sms.house.say(Content("It’s “here”"))
    await sms.house.change(settings={"keep_typography": "on"})
    await sms.house.say(Content("It’s “here”"))
    assert sms.world.said()[1:] == ['It\'s "here"', "It’s “here”"]


async def test_stop_is_obeyed_shown_and_lifted_by_start(sms: Sms) -> None:
    await sms.talk("hello")
    await sms.talk("STOP")
    calls = len(sms.world.calls)
    await sms.house.say(Content("one more thing"))
    assert len(sms.world.calls) == calls
    assert [x.problem for x in await sms.house.letters()] == ["recipient_opted_out"]
    assert any("gets no SMS" in m.content.text for m in await sms.house.messages() if m.visibility == "note")
    await sms.talk("START")
    assert (await sms.talk("back"))[-1] == "You said back"


async def test_an_opt_out_that_only_twilio_knows_is_told_to_the_agent(sms: Sms) -> None:
    await sms.talk("hello")
    sms.world.stopped.add(ADA)
    await sms.house.say(Content("one more thing"))
    assert [(x.problem, x.code) for x in await sms.house.letters()] == [("recipient_opted_out", "21610")]


async def test_a_picture_is_fetched_with_the_login_checked_and_kept(sms: Sms) -> None:
    await sms.talk("see", media=[(sms.world.upload(JPEG, "image/jpeg"), "image/jpeg")])
    assert await sms.house.files() == [("stored", "image/jpeg", None)]


async def test_files_that_lie_are_gone_or_lie_elsewhere_are_refused(sms: Sms) -> None:
    lying = sms.world.upload(b"%PDF-1.7 not a picture", "image/jpeg")
    elsewhere = "http://169.254.169.254/latest/meta-data"
    gone = sms.world.config.media_url + "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME9"
    await sms.talk("see", media=[(url, "image/jpeg") for url in (lying, elsewhere, gone)])
    notes = sorted(str(note)[:28].strip() for _, _, note in await sms.house.files())
    assert notes == ["The file is answered with 40", "The file lies at an address", "The file says image/jpeg and"]


async def test_a_file_goes_out_as_a_link_or_as_mms(sms: Sms) -> None:
    await sms.talk("hello")
    blobs = DirectoryBlobs(sms.folder)
    async with sms.house.database.transaction() as session:
        kept = await keep_file(session, blobs, Upload("lamp.jpg", JPEG), owner="staff:1")
    await sms.house.say(Content("your lamp", attachments=(kept.attachment,)))
    text, url = sms.world.said()[-1].split("\n")
    assert (text, url.startswith(f"{sms.house.url}/media/{kept.id}/")) == ("your lamp", True)
    answer = await sms.house.http.get(url)
    assert (answer.content, answer.headers["content-type"], answer.headers["x-content-type-options"]) == (JPEG, "image/jpeg", "nosniff")
    parts = url.split("/")
    parts[-2] = parts[-2][:-1] + ("0" if parts[-2][-1] != "0" else "1")
    assert (await sms.house.http.get("/".join(parts))).status_code == 404
    await sms.house.change(settings={"mms": "on"})
    await sms.house.say(Content("your lamp", attachments=(kept.attachment,)))
    assert (sms.world.sent[-1]["body"], sms.world.sent[-1]["media"].startswith(sms.house.url)) == ("your lamp", True)


async def test_a_messaging_service_may_choose_the_number(sms: Sms) -> None:
    await sms.house.change(settings={"messaging_service_sid": sms.world.config.service})
    await sms.talk("hello")
    assert (sms.world.calls[-1]["MessagingServiceSid"], "From" in sms.world.calls[-1]) == (sms.world.config.service, False)


async def test_webhooks_with_the_newer_signature_are_believed(sms: Sms) -> None:
    sms.world.config.signing_key = "a-signing-key"
    assert (await sms.world.write("hello")).status == 503  # no key is known here: the account is incomplete
    await sms.house.change(secrets={"signing_key": "a-signing-key"})
    assert await sms.talk("hello") == ["You said hello"]


async def test_a_revoked_token_stops_the_account_in_the_middle_and_nothing_is_lost(sms: Sms) -> None:
    await sms.talk("hello")
    await sms.world.write("are you there")
    sms.world.config.auth_token = "another"
    await sms.house.settle()
    assert await sms.house.state() == ("blocked", "Authenticate")
    await sms.house.change(secrets={"auth_token": "another"})
    await sms.house.send()
    assert sms.world.said() == ["You said hello", "You said are you there"]


async def test_rates_wait_and_a_server_error_is_settled_by_its_receipt_only(sms: Sms) -> None:
    await sms.talk("hello")
    sms.world.errors += [(429, {"code": 20429, "message": "Too Many Requests"}), (500, {})]
    await sms.house.say(Content("slow"))
    sms.house.outbox.rates._paused.clear()
    await sms.house.send()
    assert await sms.deliveries() == ["sent", "unknown"]
    assert len(sms.world.calls) == 3


async def test_forged_changed_and_endless_webhooks_are_refused(sms: Sms) -> None:
    form = [("Body", "hi"), ("From", ADA), ("MessageSid", "SM9")]
    right = sms.world.headers(sms.house.hook, form)
    body = b"Body=hi&From=%2B15550001111&MessageSid=SM9"
    for headers, content in (({}, body), (right | {"X-Twilio-Signature": "AAAA"}, body), (right, body + b"&To=x")):
        assert (await sms.house.post(content, headers)).status_code == 401
    assert (await sms.house.post(b"x" * 10_000_000, right)).status_code == 413
    assert await sms.house.rows(ChannelIntakeRow) == []
    assert (await sms.house.post(body, right)).status_code == 200


async def test_a_replayed_webhook_is_acknowledged_and_does_nothing(sms: Sms) -> None:
    await sms.talk("hello")
    await sms.talk("STOP")
    stop = sms.world.teller.posts[-1]
    await sms.talk("START")
    await sms.house.post(stop.body, stop.headers)
    assert (await sms.talk("still here"))[-1] == "You said still here"
    assert len(await sms.house.rows(ChannelIntakeRow)) == 4


async def test_a_form_of_an_unknown_shape_is_stored_acknowledged_and_flagged(sms: Sms) -> None:
    for form in ({"EventType": "teleported"}, {"MessageSid": "SM9", "MessageStatus": "teleported"}, {"MessageSid": "SM8"}):
        assert (await sms.world.tell(sms.house.hook, form)).status == 200
    assert (await sms.talk("after that"))[-1] == "You said after that"
    assert len(await sms.house.notes()) == 3


async def test_many_choices_are_numbered(sms: Sms) -> None:
    await sms.talk("hello")
    await sms.house.say(Content("Which?", tuple(Button(f"Choice {n}", f"/choose{n}") for n in range(1, 15))))
    assert (await sms.talk("14"))[-1] == "chosen /choose14"
