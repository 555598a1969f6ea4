"""Messenger, Instagram and public comments from end to end, against a simulated page."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from channels.base import Account, Hook, SignatureError
from channels.comments import reply_privately
from channels.messenger.door import PageDoor
from channels.messenger.send import CommentChannel, PageChannel
from channels.models import ChannelAddressRow, ChannelIntakeRow, ChannelSendRow
from context.conversations import lock_conversation
from context.models import ContactRow, ConversationRow, MessageRow
from context.outbound import Writer, add_message
from context.ownership import hand_back, take_over
from context.staff.models import StaffRow
from context.types import Author, Content
from kit.clock import utc_now
from kit.db import Database
from kit.errors import ConflictError
from simulators.messenger.server import build
from simulators.messenger.world import World
from tests.channels.house import JPEG, House, account_of, house, serving

pytestmark = pytest.mark.integration
SECRETS = {"token": "simulated-page-token", "app_secret": "simulated-app-secret", "verify_token": "simulated-verify-token"}
PAGE = "110001"


@dataclass
class Page:
    """The simulator and the house."""

    world: World
    house: House

    async def talk(self, **content: Any) -> list[str]:
        """Somebody writes, everything happens; what the page has said so far."""
        assert (await self.world.write(**content)).status == 200
        await self.house.settle()
        await self.world.quiet()
        return self.world.said()

    async def comments(self) -> list[ConversationRow]:
        """The conversations of comments."""
        return [c for c in await self.house.rows(ConversationRow) if c.thread_key.startswith("comment:")]

    async def speak(self, text: str, *, author: Author = Author.AGENT, **custom: Any) -> None:
        """Something is said in the last conversation."""
        async with self.house.database.transaction() as session:
            query = select(ConversationRow.id).order_by(ConversationRow.opened_at.desc()).limit(1)
            conversation = await lock_conversation(session, (await session.execute(query)).scalar_one())
            await add_message(
                session, self.house.ledger, conversation, content=Content(text, custom=custom), author=author, writer=Writer(name="Mia")
            )
        await self.house.send()


@contextlib.asynccontextmanager
async def page_house(database: Database, account: Account, folder: Path, world: World) -> AsyncIterator[House]:
    """The house of a page; what the provider still has to tell is heard before it is closed."""
    async with house(database, account, folder) as known:
        world.config.hook_url = known.hook
        yield known
        await world.quiet()
        for channel in known.outbox.channels.values():
            if isinstance(channel, (PageChannel, CommentChannel)):
                await channel.client.close()


@pytest.fixture(params=["messenger", "instagram"])
async def page(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> AsyncIterator[Page]:
    """Each of the two kinds."""
    app, world = build({"kind": "page" if request.param == "messenger" else "instagram"})
    async with serving(app) as url:
        account = account_of(request.param, PAGE, secrets=SECRETS, base_url=url)
        async with page_house(database, account, tmp_path, world) as known:
            yield Page(world, known)


def page_account(url: str) -> Account:
    """The account of a page."""
    return account_of("messenger", PAGE, secrets=SECRETS, base_url=url)


async def staff_of(database: Database) -> StaffRow:
    """An agent."""
    async with database.transaction() as session:
        row = StaffRow(name="Mia", email="mia@shop.example", role="agent", password_hash="x")
        session.add(row)
        await session.flush()
        return row


async def test_a_message_comes_in_and_its_answer_goes_out_once(page: Page) -> None:
    assert await page.talk(text="hello ä 你好") == ["You said hello ä 你好"]
    await page.house.settle()
    (sent,) = [m for m in await page.house.messages() if m.direction == "out"]
    assert sent.delivery == "sent"
    assert len(page.world.said()) == 1


async def test_quick_replies_mean_their_payload(page: Page) -> None:
    await page.talk(text="menu")
    assert [r["title"] for r in page.world.person().chat[-1]["quick_replies"]] == ["Track my order", "Talk to a person"]
    await page.world.tap("Track my order")
    await page.house.settle()
    assert page.world.said()[-1] == "chosen /track_order"


async def test_our_echoes_are_receipts_and_those_of_people_stand_in_the_conversation(page: Page) -> None:
    page.world.config.echo_first = True
    await page.talk(text="hello")
    assert len(await page.house.messages()) == 2
    sides = {"sender": {"id": PAGE}, "recipient": {"id": "7001"}, "timestamp": int(time.time() * 1000)}
    await page.world.tell({**sides, "message": {"mid": "m_suite", "text": "from the phone", "is_echo": True, "app_id": 99}})
    await page.house.settle()
    last = (await page.house.messages())[-1]
    assert (last.content.text, last.author) == ("from the phone", "agent")
    (row,) = await page.house.rows(ConversationRow)
    assert row.handler != "bot"
    assert page.world.said() == ["You said hello"]


async def test_a_lost_answer_is_settled_by_the_echo_and_nothing_is_sent_twice(page: Page) -> None:
    page.world.config.lose, page.world.config.echo_first = 1, True
    await page.talk(text="hello")
    await page.house.settle()
    assert len(page.world.said()) == 1
    (sent,) = [m for m in await page.house.messages() if m.direction == "out"]
    assert sent.delivery == "sent"


async def test_receipts_by_watermark_and_by_id(page: Page) -> None:
    await page.talk(text="hello")
    person = page.world.person()
    mid, now = person.chat[-1]["mid"], int(time.time() * 1000) + 1000
    await page.world.tell(page.world.event(person, delivery={"mids": [mid], "watermark": now}))
    await page.world.tell(page.world.event(person, read={"mid": mid} if page.world.config.kind == "instagram" else {"watermark": now}))
    await page.house.settle()
    (sent,) = [m for m in await page.house.messages() if m.direction == "out"]
    assert sent.delivery == "read"


async def test_edits_unsends_replies_and_reactions_belong_to_their_message(page: Page) -> None:
    await page.talk(text="hallo")
    person = page.world.person()
    theirs, ours = person.chat[0]["mid"], person.chat[1]["mid"]
    await page.world.tell(page.world.event(person, message_edit={"mid": theirs, "text": "hello", "num_edit": 1}))
    await page.world.tell(page.world.event(person, reaction={"mid": ours, "action": "react", "reaction": "love", "emoji": "❤"}))
    await page.talk(text="that", reply_to={"mid": ours})
    await page.world.tell(page.world.event(person, message={"mid": theirs, "is_deleted": True}))
    await page.house.settle()
    first, said, second, _ = await page.house.messages()
    assert first.metadata["original_text"] == "hallo"
    assert "revoked" in first.metadata
    assert said.metadata["reactions"] == {"7001": "❤"}
    assert second.metadata["reply_to"] == str(said.id)


async def test_files_come_in_checked_and_go_out(page: Page) -> None:
    base = str(page.house.account.settings["base_url"])
    page.world.files |= {"good": ("image/jpeg", JPEG), "liar": ("image/jpeg", b"%PDF-1.4 no picture")}
    for name in ("good", "liar"):
        await page.talk(attachments=[{"type": "image", "payload": {"url": f"{base}/files/{name}"}}])
    await page.talk(attachments=[{"type": "image", "payload": {"url": "https://169.254.169.254/latest"}}])
    assert sorted(state for state, _, _ in await page.house.files()) == ["refused", "refused", "stored"]
    (asked, *_rest) = await page.house.messages()
    async with page.house.database.transaction() as session:
        conversation = await lock_conversation(session, asked.conversation_id)
        content = Content("Here", attachments=asked.content.attachments)
        await add_message(session, page.house.ledger, conversation, content=content, author=Author.BOT)
    await page.house.send()
    assert [m["attachment"]["type"] for m in page.world.person().chat if m["from"] == "page" and "attachment" in m] == ["image"]


async def test_long_texts_go_in_parts_that_fit(page: Page) -> None:
    said = await page.talk(text="long")
    assert len(said) > 4
    assert "".join("".join(said).split()) == "word" * 2000


async def test_after_a_day_people_may_write_where_the_app_was_reviewed_and_the_bot_may_not(page: Page) -> None:
    await page.talk(text="hello")
    page.world.person().wrote -= 2 * 86_400
    async with page.house.database.transaction() as session:
        await session.execute(update(ChannelAddressRow).values(last_inbound_at=utc_now() - timedelta(days=2)))
    await page.speak("from the bot", author=Author.BOT)
    await page.speak("too late")
    assert {letter.problem for letter in await page.house.letters()} == {"window_closed"}
    await page.house.change(settings={"human_agent": "on"})
    await page.speak("from Mia")
    assert page.world.said() == ["You said hello", "from Mia"]
    assert page.world.calls[-1][1]["tag"] == "HUMAN_AGENT"


async def test_a_token_that_is_revoked_in_the_midst_stops_the_account_and_loses_nothing(page: Page) -> None:
    page.world.config.token = "another"
    await page.talk(text="hello")
    assert (await page.house.state())[0] == "blocked"
    await page.house.change(secrets={"token": "another"})
    await page.house.send()
    assert page.world.said() == ["You said hello"]


@pytest.mark.parametrize(
    ("code", "subcode", "state"),
    [(10, 2018278, "failed"), (551, None, "failed"), (613, None, "waiting"), (2, None, "waiting"), (100, None, "failed")],
)
async def test_refusals_have_their_reaction(database: Database, tmp_path: Path, code: int, subcode: int | None, state: str) -> None:
    app, world = build()
    async with serving(app) as url, page_house(database, page_account(url), tmp_path, world) as known:
        world.failures.append((code, subcode, 400))
        await world.write(text="hello")
        await known.intake.work_off()
        for conversation_id, waiting in await known._unanswered():
            assert waiting
            async with database.transaction() as session:
                conversation = await lock_conversation(session, conversation_id)
                await add_message(session, known.ledger, conversation, content=Content("hi"), author=Author.BOT)
        await known.outbox.send_all()
        (row,) = await known.rows(ChannelSendRow)
        assert row.state == state


async def test_a_comment_belongs_to_people_at_once_and_is_answered_in_public(page: Page) -> None:
    await page.world.comment("Is it in stock?")
    await page.house.settle()
    (conversation,) = await page.comments()
    assert conversation.handler == "queue"
    assert conversation.channel.endswith("_comments")
    assert page.world.answers() == page.world.said() == []
    await page.speak("Yes, it is")
    assert page.world.answers() == ["Yes, it is"]
    await page.house.settle()
    assert len([m for m in await page.house.messages() if m.direction == "in"]) == 1


async def test_answers_to_a_comment_are_one_conversation_and_another_comment_is_another(page: Page) -> None:
    await page.world.comment("First")
    root = next(iter(page.world.comments))
    await page.world.comment("And in red?", parent=root)
    await page.world.comment("Second")
    await page.house.settle()
    assert len(await page.comments()) == 2
    assert len(await page.house.rows(ContactRow)) == 1


async def test_no_comment_is_without_an_owner_also_after_it_was_resolved_or_given_back(page: Page) -> None:
    await page.world.comment("First")
    await page.house.settle()
    mia = await staff_of(page.house.database)
    async with page.house.database.transaction() as session:
        conversation = await lock_conversation(session, (await page.comments())[0].id)
        await take_over(session, page.house.ledger, conversation, staff=mia)
        with pytest.raises(ConflictError):
            await hand_back(session, page.house.ledger, conversation, staff=mia)
    await page.house.settle()
    assert page.world.answers() == []  # "Mia has joined" is not for the public
    async with page.house.database.transaction() as session:
        await session.execute(update(ConversationRow).values(status="resolved"))
    await page.world.comment("More", parent=next(iter(page.world.comments)))
    await page.house.settle()
    assert sorted(c.handler for c in await page.comments() if c.status == "open") == ["queue"]


async def test_a_comment_moves_into_a_private_thread_once_and_within_its_time(page: Page) -> None:
    await page.world.comment("Where is my order?")
    await page.house.settle()
    mia = await staff_of(page.house.database)
    conversation_id = (await page.comments())[0].id

    async def reply() -> None:
        async with page.house.database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            await reply_privately(session, page.house.ledger, conversation, staff=mia, text="May I have the number?")

    with pytest.raises(ConflictError, match="do not hold"):
        await reply()
    async with page.house.database.transaction() as session:
        await take_over(session, page.house.ledger, await lock_conversation(session, conversation_id), staff=mia)
    async with page.house.database.transaction() as session:
        await session.execute(update(MessageRow).where(MessageRow.direction == "in").values(at=utc_now() - timedelta(days=8)))
    with pytest.raises(ConflictError, match="older than seven days"):
        await reply()
    async with page.house.database.transaction() as session:
        await session.execute(update(MessageRow).where(MessageRow.direction == "in").values(at=utc_now()))
    await reply()
    await page.house.send()
    assert page.world.said() == ["May I have the number?"]
    assert page.world.answers() == []
    with pytest.raises(ConflictError, match="answered privately already"):
        await reply()
    await page.talk(text="It is LC-1")
    assert len({c.contact_id for c in await page.house.rows(ConversationRow)}) == 1
    assert len(await page.house.rows(ConversationRow)) == 2


async def test_comments_that_are_changed_or_taken_back_are_so_here(database: Database, tmp_path: Path) -> None:
    app, world = build()
    async with serving(app) as url, page_house(database, page_account(url), tmp_path, world) as known:
        await world.comment("bad words")
        name = next(iter(world.comments))
        world.comments[name].text = "good words"
        await world.tell(world.change(name, "edited"), name="changes")
        await world.tell(world.change(name, "remove"), name="changes")
        await known.settle()
        (message, *_rest) = await known.messages()
        assert (message.content.text, message.metadata["original_text"]) == ("good words", "bad words")
        assert "revoked" in message.metadata


BOX = Account(uuid4(), "messenger", PAGE, "Page", secrets=SECRETS)


def signed(body: bytes, secret: str = SECRETS["app_secret"]) -> dict[str, str]:
    """The header of a body."""
    return {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def test_the_signature_covers_every_byte() -> None:
    body, door = b'{"object":"page","entry":[]}', PageDoor("messenger")
    door.check(Hook("POST", "", {}, signed(body), body), BOX)
    good = signed(body)["x-hub-signature-256"]
    for headers, raw in (
        ({}, body), (signed(body), body + b" "), (signed(body, "x"), body), ({"x-hub-signature-256": good.upper()}, body),
        ({"x-hub-signature-256": good.replace("sha256", "sha1")}, body), ({"x-hub-signature-256": "é"}, body),
    ):  # fmt: skip
        with pytest.raises(SignatureError):
            door.check(Hook("POST", "", {}, headers, raw), BOX)


async def test_forged_huge_and_unknown_bodies(page: Page) -> None:
    body = json.dumps(
        {"object": page.world.config.kind, "entry": [{"id": PAGE, "messaging": [7, {"timestamp": "x"}], "changes": ["x"]}]}
    ).encode()
    assert (await page.house.post(body, {})).status_code == 401
    huge = b"x" * 10_000_000
    assert (await page.house.post(huge, signed(huge))).status_code == 413
    assert await page.house.rows(ChannelIntakeRow) == []
    for raw in (body, b"not json", b"[" * 100_000, b'{"object":"user","entry":[]}'):
        assert (await page.house.post(raw, signed(raw))).status_code == 200
    await page.talk(text="hello")
    assert len(await page.house.notes()) == 4
    assert page.world.said() == ["You said hello"]


async def test_a_replayed_webhook_is_one_message(page: Page) -> None:
    await page.talk(text="hello")
    post = next(p for p in page.world.teller.posts if b"is_echo" not in p.body)
    assert (await page.house.post(post.body, post.headers)).status_code == 200
    await page.house.settle()
    assert await page.house.heard() == ["hello"]
    assert len(page.world.said()) == 1


async def test_the_handshake_asks_for_the_word_that_was_entered(page: Page) -> None:
    params = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": SECRETS["verify_token"]}
    assert (await page.house.http.get(page.house.hook, params=params)).text == "42"
    assert (await page.house.http.get(page.house.hook, params=params | {"hub.verify_token": "x"})).status_code == 403
