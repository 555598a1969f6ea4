"""Answers of a web chat that nobody reads go by e-mail, once and together; an answer to the mail goes on in the same conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.wiring import CONSEQUENCES
from channels.web.continuing import Continuer
from channels.web.presence import Presence
from channels.web.receipts import record_read
from channels.web.sessions import Visitor, open_session
from channels.web.setup import Setup
from channels.web.stream import read_messages
from context.conversations import lock_conversation
from context.identity.identifiers import Method, parse_identifier
from context.identity.linking import claim
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ContactRow, ConversationRow, IdentityRow, VisitorSessionRow
from context.outbound import Writer, add_message, record_agent_reply
from context.ownership import hand_off, take_over
from context.staff.models import StaffRow
from context.types import Author, Content, HandoffReason, HandoffRequest, Inbound
from kit.clock import utc_now
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from tests.channels.mail_corpus import mail
from tests.channels.mail_house import MailHouse, Provider, mail_house, running_provider

pytestmark = pytest.mark.integration
ADDRESS = "ana@customer.example"
AFTER = timedelta(minutes=5)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """One provider for the file."""
    with running_provider() as known:
        yield known


@dataclass
class Chat:
    """A visitor's chat, and the mailbox beside it."""

    mails: MailHouse
    database: Database
    visitor: Visitor
    conversation_id: UUID
    staff: StaffRow
    later: timedelta = timedelta(0)

    async def reply(self, *texts: str) -> None:
        """The person who holds the conversation answers."""
        for text in texts:
            async with self.database.transaction() as session:
                conversation = await lock_conversation(session, self.conversation_id)
                await record_agent_reply(session, self.mails.house.ledger, conversation, staff=self.staff, text=text)

    async def pass_time(self, minutes: float = 10, *, after: timedelta = AFTER) -> int:
        """It is looked for unread answers after so many minutes; how many mails were written."""
        self.later += timedelta(minutes=minutes)
        ledger = Ledger(RecordingEnqueuer(), CONSEQUENCES, clock=lambda: utc_now() + self.later)
        written = await Continuer(self.database, ledger, lambda: Setup(email_after=after), "The Shop").continue_all(after)
        await self.mails.house.send()
        return written

    async def leave_address(self, address: str = ADDRESS) -> None:
        async with self.database.transaction() as session:
            contact_id = (await session.get_one(ConversationRow, self.conversation_id)).contact_id
            await claim(session, contact_id, parse_identifier("email", address), method=Method.TYPED, at=utc_now())

    async def shown(self) -> list[str]:
        """What the widget shows."""
        async with self.database.transaction() as session:
            return [m["text"] for m in (await read_messages(session, self.visitor, after=0))[0]]


@pytest.fixture
async def chat(database: Database, provider: Provider, tmp_path: Path) -> AsyncIterator[Chat]:
    """A visitor has asked for a person, one has taken over, and no address is known."""
    provider.act("reset")
    async with mail_house(database, provider, tmp_path) as mails:
        ledger = mails.house.ledger
        async with database.transaction() as session:
            _token, visitor = await open_session(session, language="en")
            recorded = await record_inbound(session, ledger, Inbound("web", "shop", visitor.id, "1", "A person, please", language="en"))
            conversation = await lock_conversation(session, recorded.message.conversation_id)
            await hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
            staff = StaffRow(email="mia@shop.example", name="Mia", role="agent", password_hash="")
            session.add(staff)
            await session.flush()
            await take_over(session, ledger, conversation, staff=staff)
        yield Chat(mails, database, visitor, recorded.message.conversation_id, staff)


async def test_unread_answers_go_once_and_together_and_the_mail_s_answer_goes_on_in_the_chat(chat: Chat) -> None:
    chat.mails.provider.arrive(mail("I wrote long ago", sender=f"Ana <{ADDRESS}>", id="<old@customer.example>"))
    await chat.mails.settle()
    await chat.leave_address()
    await chat.reply("The teapot is here.", "Shall we send it?")
    assert await chat.pass_time() == 1
    assert await chat.pass_time() == 0
    sent = [m for m in chat.mails.provider.sent() if "teapot" in m["text"]]
    assert [m["to"] for m in sent] == [[ADDRESS]]
    assert "Mia:\nThe teapot is here.\n\nMia:\nShall we send it?" in sent[0]["text"]
    assert "The Shop" in sent[0]["text"]
    answer = mail("Yes, please", sender=f"Ana <{ADDRESS}>", id="<two@customer.example>", In_Reply_To=sent[0]["headers"]["Message-ID"])
    await chat.mails.receive(answer)
    assert (await chat.shown())[-3:] == ["The teapot is here.", "Shall we send it?", "Yes, please"]
    await chat.reply("It is on its way.")
    await chat.mails.house.send()
    last = chat.mails.provider.sent()[-1]
    assert (last["text"].strip(), last["headers"]["In-Reply-To"]) == ("It is on its way.", "<two@customer.example>")
    assert await chat.pass_time() == 0
    async with chat.database.transaction() as session:
        of_mail = (await session.execute(select(IdentityRow).where(IdentityRow.external_id == ADDRESS))).scalar_one()
        assert of_mail.contact_id != (await session.get_one(ConversationRow, chat.conversation_id)).contact_id


async def test_where_a_visitor_is_gone_soon_the_next_sentence_is_waited_for_as_short(chat: Chat) -> None:
    await chat.leave_address()
    await chat.reply("The teapot is here.")
    assert await chat.pass_time(0.75, after=timedelta(seconds=30)) == 1


async def test_somebody_else_who_answers_the_mail_does_not_come_into_the_chat(chat: Chat) -> None:
    await chat.leave_address()
    await chat.reply("The teapot is here.")
    await chat.pass_time()
    sent = chat.mails.provider.sent()[-1]
    await chat.mails.receive(mail("Let me in", sender="Eve <eve@other.example>", id="<e@x>", In_Reply_To=sent["headers"]["Message-ID"]))
    assert "Let me in" not in await chat.shown()


async def test_nothing_goes_while_the_visitor_is_there_has_read_or_left_no_address(chat: Chat) -> None:
    await chat.reply("The teapot is here.")
    assert await chat.pass_time() == 0
    await chat.leave_address()
    presence = Presence(chat.database, clock=lambda: utc_now() + chat.later + timedelta(minutes=9))
    with presence.here(chat.visitor.id):
        await presence.note()
    assert await chat.pass_time() == 0
    async with chat.database.transaction() as session:  # another browser of the same customer
        _token, other = await open_session(session, language="en")
        contact_id = (await session.get_one(ConversationRow, chat.conversation_id)).contact_id
        session.add(IdentityRow(contact_id=contact_id, channel="web", account="shop", external_id=other.id))
        at = utc_now() + chat.later + timedelta(minutes=9)
        await session.execute(update(VisitorSessionRow).where(VisitorSessionRow.visitor == other.id).values(seen_at=at))
    assert await chat.pass_time() == 0
    async with chat.database.transaction() as session:
        await record_read(session, chat.mails.house.ledger, chat.visitor, 100)
    assert await chat.pass_time(60) == 0
    assert chat.mails.provider.sent() == []


async def test_answers_of_the_bot_go_only_after_a_person_was_asked_for(chat: Chat, database: Database) -> None:
    async with database.transaction() as session:
        other = await record_inbound(session, chat.mails.house.ledger, Inbound("web", "shop", "another", "2", "Hello", language="en"))
        await claim(session, other.contact_id, parse_identifier("email", "bo@customer.example"), method=Method.TYPED, at=utc_now())
        for conversation_id in (other.message.conversation_id, chat.conversation_id):
            conversation = await lock_conversation(session, conversation_id)
            await add_message(
                session, chat.mails.house.ledger, conversation, content=Content("I am a bot"), author=Author.BOT, writer=Writer()
            )
    await chat.leave_address()
    assert await chat.pass_time() == 1
    assert [m["to"] for m in chat.mails.provider.sent()] == [[ADDRESS]]
    assert "Automatic assistant:\nI am a bot" in chat.mails.provider.sent()[0]["text"]


async def test_without_a_mailbox_or_an_address_that_was_left_there_is_no_mail(chat: Chat, database: Database) -> None:
    async with database.transaction() as session:
        contact_id = (await session.get_one(ConversationRow, chat.conversation_id)).contact_id
        await claim(session, contact_id, parse_identifier("email", ADDRESS), method=Method.CRM, at=utc_now())
        await session.execute(update(ContactRow).values(email=ADDRESS))
    await chat.reply("The teapot is here.")
    assert await chat.pass_time() == 0
    await chat.leave_address("left@customer.example")
    async with database.plain() as connection:
        await connection.execute("UPDATE channel_account SET state = 'paused'")
    assert await chat.pass_time() == 0


async def test_presence_is_noted_for_who_is_here_and_who_just_left(chat: Chat, database: Database) -> None:
    presence = Presence(database)
    with presence.here(chat.visitor.id), presence.here(chat.visitor.id):
        pass
    await presence.note()
    async with database.transaction() as session:
        assert (await session.execute(select(VisitorSessionRow.seen_at))).scalar_one() is not None
        await session.execute(update(VisitorSessionRow).values(seen_at=None))
    await presence.note()
    async with database.transaction() as session:
        assert (await session.execute(select(VisitorSessionRow.seen_at))).scalar_one() is None
