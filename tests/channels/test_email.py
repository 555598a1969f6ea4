"""E-mail from end to end: real SMTP and IMAP servers in a process of their own, the real outbox, a scripted bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import update

from channels.base import Account, Fate, Part, Problem, Sending
from channels.email.mailbox import REFUSED
from channels.email.models import MailboxRow
from channels.email.send import EmailChannel
from channels.models import ChannelIntakeRow, ChannelSendRow
from context.conversations import lock_conversation
from context.models import ConversationRow
from context.outbound import Writer, add_message
from context.saying import say
from context.types import Author, Content, Delivery, Direction, MessageView, Visibility
from kit.clock import utc_now
from kit.db import Database
from tests.channels.house import JPEG
from tests.channels.mail_corpus import bounce, mail, with_files
from tests.channels.mail_house import MailHouse, Provider, mail_house

pytestmark = pytest.mark.integration


@pytest.fixture
async def mails(database: Database, provider: Provider, tmp_path: Path) -> AsyncIterator[MailHouse]:
    """The house of one mailbox."""
    async with mail_house(database, provider, tmp_path) as known:
        yield known


async def speak(mails: MailHouse, content: Content, *, author: Author = Author.BOT, number: int = 0) -> None:
    """Something is said in a conversation."""
    async with mails.house.database.transaction() as session:
        conversation = await lock_conversation(session, (await mails.house.rows(ConversationRow))[number].id)
        await add_message(session, mails.house.ledger, conversation, content=content, author=author, writer=Writer(name="Mia"))
    await mails.house.send()


def said() -> MessageView:
    """A message of the bot."""
    return MessageView(
        id=uuid4(), conversation_id=uuid4(), seq=1, direction=Direction.OUT, author=Author.BOT, author_name=None,
        visibility=Visibility.PUBLIC, content=Content("hi"), payload=None, channel="email", delivery=Delivery.QUEUED, at=utc_now(),
    )  # fmt: skip


async def test_a_mail_is_read_answered_in_its_thread_and_marked_as_seen(mails: MailHouse) -> None:
    (answer,) = await mails.receive(mail())
    headers = answer["headers"]
    assert answer["to"] == ["ann@customer.example"]
    assert answer["text"].strip() == "You said My order\n\nWhere is my order?"
    assert headers["Subject"] == "Re: My order"
    assert headers["In-Reply-To"] == headers["References"] == "<one@customer.example>"
    assert headers["From"] == "The Shop <support@shop.example>"
    assert (headers["Auto-Submitted"], headers["X-Auto-Response-Suppress"], headers["Precedence"]) == ("auto-replied", "All", "auto_reply")
    assert mails.provider.state()["box"][0]["flags"] == ["\\Seen"]
    await mails.settle()
    assert len(mails.provider.sent()) == 1


async def test_a_thread_is_one_conversation_and_another_mail_is_another(mails: MailHouse) -> None:
    (answer,) = await mails.receive(mail())
    ours = answer["headers"]["Message-ID"]
    reply = mail(
        "Thanks\n\nOn Sun, 22 Nov 2026 at 10:00, The Shop <s@shop.example> wrote:\n> hi",
        id="<two@c>",
        subject="Re: My order",
        In_Reply_To=ours,
    )
    (_, second) = await mails.receive(reply)
    assert second["headers"]["In-Reply-To"] == "<two@c>"
    assert second["headers"]["References"] == f"{ours} <two@c>"
    await mails.receive(mail("Something else", id="<three@c>", subject="Lamp"))
    conversations = await mails.house.rows(ConversationRow)
    assert len(conversations) == 2
    assert len({c.contact_id for c in conversations}) == 1
    assert len({c.thread_key for c in conversations}) == 2
    assert sorted(await mails.house.heard()) == ["Lamp\n\nSomething else", "My order\n\nWhere is my order?", "Thanks"]


async def test_somebody_else_in_a_thread_sees_nothing_of_it_and_people_are_told(mails: MailHouse) -> None:
    (answer,) = await mails.receive(mail())
    await mails.receive(mail("I am her brother", sender="bob@customer.example", id="<b@c>", In_Reply_To=answer["headers"]["Message-ID"]))
    one, other = sorted(await mails.house.rows(ConversationRow), key=lambda c: c.opened_at)
    assert one.thread_key == other.thread_key
    assert one.contact_id != other.contact_id
    notes = [m for m in await mails.house.messages() if m.visibility == "note"]
    assert [n.conversation_id for n in notes] == [other.id]
    assert "bob@customer.example" in notes[0].content.text


async def test_a_mail_that_is_read_twice_is_one_message_also_after_the_numbers_changed(mails: MailHouse) -> None:
    await mails.receive(mail())
    mails.provider.act("renumber")
    await mails.settle()
    await mails.receive(mail(), times=1)
    assert await mails.house.heard() == ["My order\n\nWhere is my order?"]
    assert len(mails.provider.sent()) == 1
    (row,) = await mails.house.rows(MailboxRow)
    assert (row.validity, row.last_uid) == (mails.provider.state()["validity"], 101)


async def test_a_crash_between_storing_and_counting_loses_and_doubles_nothing(mails: MailHouse) -> None:
    await mails.receive(mail())
    async with mails.house.database.transaction() as session:
        await session.execute(update(MailboxRow).values(last_uid=0))
    await mails.settle()
    assert len(await mails.house.rows(ChannelIntakeRow)) == 1
    assert len(mails.provider.sent()) == 1


async def test_old_mail_of_a_mailbox_that_is_new_to_us_is_left_alone(database: Database, provider: Provider, tmp_path: Path) -> None:
    provider.arrive(mail(id="<old@c>"))
    async with mail_house(database, provider, tmp_path, from_uid="") as mails:
        await mails.settle()
        await mails.receive(mail("new", id="<new@c>"))
        assert await mails.house.heard() == ["My order\n\nnew"]


async def test_new_mail_is_told_by_the_server_at_once(mails: MailHouse) -> None:
    following = asyncio.create_task(mails.reader.read(mails.account, follow=True))
    await asyncio.sleep(0.5)
    await asyncio.to_thread(mails.provider.arrive, mail())
    for _ in range(60):
        await asyncio.sleep(0.05)
        if await mails.house.rows(ChannelIntakeRow):
            break
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert len(await mails.house.rows(ChannelIntakeRow)) == 1


async def test_a_server_without_idle_is_asked_again(database: Database, provider: Provider, tmp_path: Path) -> None:
    provider.act("set", idle=False)
    async with mail_house(database, provider, tmp_path, poll_seconds="0.2") as mails:
        following = asyncio.create_task(mails.reader.read(mails.account, follow=True))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(provider.arrive, mail())
        await asyncio.sleep(1.0)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        assert len(await mails.house.rows(ChannelIntakeRow)) == 1


async def test_automatic_mail_is_noted_in_its_thread_and_never_answered(mails: MailHouse) -> None:
    (answer,) = await mails.receive(mail())
    about = answer["headers"]["Message-ID"]
    vacation = mail("I am away", id="<v@c>", subject="Out of office", In_Reply_To=about, Auto_Submitted="auto-replied")
    for _ in range(2):
        assert len(await mails.receive(vacation)) == 1
    notes = [m.content.text for m in await mails.house.messages() if m.visibility == "note"]
    assert notes == ["Auto-Submitted: auto-replied: I am away"]
    await mails.receive(mail("Buy now", id="<n@c>", subject="News", List_Unsubscribe="<https://n.example>"))
    assert len(await mails.house.rows(ConversationRow)) == 1
    assert await mails.house.notes() == ["automatic mail, not answered: List-Unsubscribe"]


async def test_two_machines_stop_writing_to_each_other_after_five_answers(mails: MailHouse) -> None:
    for number in range(7):
        sent = await mails.receive(mail(f"answer {number}", id=f"<l{number}@c>", subject=f"Loop {number}"))
    assert len(sent) == 5
    assert {c.handler for c in await mails.house.rows(ConversationRow)} == {"bot", "queue"}


async def test_our_own_mail_that_comes_back_is_known(mails: MailHouse) -> None:
    (answer,) = await mails.receive(mail())
    assert len(await mails.receive(answer["raw"].encode("latin-1"))) == 1
    assert len(await mails.house.heard()) == 1


async def test_a_bounce_marks_the_message_as_failed_and_makes_a_dead_letter(mails: MailHouse) -> None:
    (answer,) = await mails.receive(mail())
    await mails.receive(bounce(answer["headers"]["Message-ID"]))
    (sent,) = [m for m in await mails.house.messages() if m.direction == "out"]
    assert sent.delivery == "failed"
    (letter,) = await mails.house.letters()
    assert (letter.problem, letter.code) == ("recipient_unreachable", "5.1.1")


async def test_files_come_in_checked_and_go_out_in_one_mail(mails: MailHouse) -> None:
    raw = with_files(
        ("photo.jpg", "image/jpeg", JPEG), ("notes.txt", "text/plain", b"some words"), ("liar.jpg", "image/jpeg", b"%PDF-1.4 no picture")
    )
    await mails.receive(raw)
    assert sorted(state for state, _, _ in await mails.house.files()) == ["refused", "stored", "stored"]
    (asked, *_rest) = await mails.house.messages()
    assert len(asked.content.attachments) == 2
    assert "says image/jpeg" in asked.metadata["file_refused"]
    await speak(mails, Content("Here you are", attachments=asked.content.attachments), author=Author.AGENT)
    last = mails.provider.sent()[-1]
    assert last["text"].strip() == "Here you are"
    assert sorted(f["name"] for f in last["files"]) == ["notes.txt", "photo.jpg"]


async def test_what_people_write_is_not_marked_as_automatic_and_small_talk_of_the_system_stays_here(mails: MailHouse) -> None:
    await mails.receive(mail())
    async with mails.house.database.transaction() as session:
        conversation = await lock_conversation(session, (await mails.house.rows(ConversationRow))[0].id)
        await say(session, mails.house.ledger, conversation, "agent_joined", name="Mia")
    await speak(mails, Content("Dear Ann <b>you</b>"), author=Author.AGENT)
    sent = mails.provider.sent()
    assert len(sent) == 2
    assert "Auto-Submitted" not in sent[1]["headers"]
    assert "&lt;b&gt;you&lt;/b&gt;" in sent[1]["raw"]


async def test_a_buttons_number_may_be_answered_by_mail(mails: MailHouse) -> None:
    (asked,) = await mails.receive(mail("menu", subject=""))
    assert "1. Track my order" in asked["text"]
    (_, answer) = await mails.receive(mail("1", id="<n1@c>", subject="Re:", In_Reply_To=asked["headers"]["Message-ID"]))
    assert answer["text"].strip() == "chosen /track_order"


@pytest.mark.parametrize(
    ("command", "answer", "state", "problem"),
    [
        ("MAIL", "451 4.3.0 try later", "waiting", "transient"), ("MAIL", "550 5.7.1 not allowed", "waiting", "permission"),
        ("RCPT", "450 4.2.1 mailbox busy", "waiting", "transient"), ("RCPT", "452 4.5.3 too many", "waiting", "rate_account"),
        ("RCPT", "550 5.1.1 unknown", "failed", "recipient_unreachable"), ("RCPT", "421 4.7.0 slow down", "waiting", "rate_account"),
        ("DATA", "451 4.3.0 try later", "waiting", "transient"), ("DATA", "552 5.3.4 too big", "failed", "media"),
        ("DATA", "554 5.7.1 looks like spam", "failed", "bad_request"),
    ],
)  # fmt: skip
async def test_each_refusal_has_its_reaction(mails: MailHouse, command: str, answer: str, state: str, problem: str) -> None:
    mails.provider.act("fail", command=command, answer=answer)
    await mails.receive(mail())
    (row,) = await mails.house.rows(ChannelSendRow)
    assert (row.state, row.error_class) == (state, problem)
    assert mails.provider.sent() == []


async def test_a_connection_lost_after_the_mail_leaves_an_unknown_fate_and_sends_nothing_twice(mails: MailHouse) -> None:
    mails.provider.act("fail", command="DATA", answer="250 taken", lost=True)
    await mails.receive(mail())
    await mails.settle()
    (row,) = await mails.house.rows(ChannelSendRow)
    assert row.state == "unknown"
    assert len(mails.provider.sent()) == 1


async def test_a_password_that_is_changed_in_the_midst_stops_the_account_and_loses_nothing(mails: MailHouse) -> None:
    await mails.receive(mail())
    mails.provider.act("set", password="another")
    await speak(mails, Content("later"))
    state, reason = await mails.house.state()
    assert state == "blocked"
    assert "535" in str(reason) or "wrong user or password" in str(reason)
    with pytest.raises(REFUSED):
        await mails.reader.read(mails.account)
    await mails.house.change(secrets={"password": "another"})
    await mails.house.send()
    assert [m["text"].strip() for m in mails.provider.sent()][-1] == "later"


async def test_a_mailbox_that_refuses_the_login_is_not_asked_again_and_again(mails: MailHouse) -> None:
    mails.provider.act("set", password="another")
    await mails.reader._follow(mails.account)
    assert (await mails.house.state())[0] == "blocked"
    assert mails.provider.state()["logins"] == 1


async def test_a_mail_that_is_too_large_is_announced_and_not_fetched(mails: MailHouse) -> None:
    await mails.receive(mail("x") + b"y" * 36_000_000)
    (heard,) = await mails.house.heard()
    assert "too large to be fetched" in heard
    assert len((await mails.house.rows(ChannelIntakeRow))[0].body) < 2000


async def test_a_mail_that_is_none_is_kept_and_flagged_and_holds_nothing_up(mails: MailHouse) -> None:
    await mails.receive(b"Subject: no sender\r\n\r\nhello")
    await mails.receive(mail())
    assert await mails.house.notes() == ["The mail has no sender"]
    assert len(await mails.house.heard()) == 1


async def test_an_address_cannot_bring_headers_along() -> None:
    account = Account(uuid4(), "email", "support@shop.example", "Shop", secrets={"password": "p"})
    result = await EmailChannel().send(Sending(uuid4(), said(), Part("hi"), "a@b.example\r\nBcc: all@c.example", account))
    assert (result.fate, result.problem) == (Fate.FAILED, Problem.RECIPIENT)


async def test_passwords_leave_this_machine_encrypted_only(provider: Provider) -> None:
    account = provider.account(smtp_host="mail.elsewhere.example")
    result = await EmailChannel().send(Sending(uuid4(), said(), Part("hi"), "ann@customer.example", account))
    assert "would get the password in plain text" in str(result.reason)
