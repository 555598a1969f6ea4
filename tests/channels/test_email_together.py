"""Messages of one turn go out as one mail: claimed, sent and settled together, never twice. Real SMTP and IMAP servers in a process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import update

from channels.base import File, Part, Sending, SendResult
from channels.bundling import fits, join
from channels.email.capabilities import CAPABILITIES
from channels.email.send import EmailChannel
from channels.letters import replay
from channels.models import ChannelSendRow
from context.conversations import lock_conversation
from context.models import ConversationRow
from context.outbound import Writer, add_message
from context.types import Author, Content
from kit.db import Database
from tests.channels.mail_corpus import bounce, mail
from tests.channels.mail_house import MailHouse, Provider, mail_house, running_provider

pytestmark = pytest.mark.integration


class Killed(BaseException):
    """The process is no more."""


class DyingChannel(EmailChannel):
    """A channel whose process dies before or after the provider took the mail."""

    def __init__(self, *, after: bool) -> None:
        super().__init__()
        self.after = after

    async def send(self, sending: Sending) -> SendResult:
        if self.after:
            await super().send(sending)
        raise Killed


@pytest.fixture(scope="module")
def provider_process() -> Iterator[Provider]:
    """One provider for the file."""
    with running_provider() as provider:
        yield provider


@pytest.fixture
async def mails(database: Database, provider_process: Provider, tmp_path: Path) -> AsyncIterator[MailHouse]:
    """The house of one mailbox, in which one mail came and was answered."""
    provider_process.act("reset")
    async with mail_house(database, provider_process, tmp_path) as known:
        await known.receive(mail())
        yield known


async def turn(mails: MailHouse, *texts: str, author: Author = Author.BOT) -> None:
    """One turn says several things; nothing is sent yet."""
    turn_id = uuid4() if author == Author.BOT else None
    async with mails.house.database.transaction() as session:
        conversation = await lock_conversation(session, (await mails.house.rows(ConversationRow))[0].id)
        for number, text in enumerate(texts):
            writer = Writer(turn_id=turn_id, ordinal=number if turn_id else None)
            await add_message(session, mails.house.ledger, conversation, content=Content(text), author=author, writer=writer)


async def states(mails: MailHouse) -> list[str]:
    """What became of the messages after the first answer, in their order."""
    return [m.delivery.value for m in await mails.house.messages() if m.direction == "out"][1:]


async def age_claims(mails: MailHouse) -> None:
    """Time passes: who claimed something and has not said what became of it is dead."""
    async with mails.house.database.transaction() as session:
        await session.execute(update(ChannelSendRow).values(claimed_at=ChannelSendRow.claimed_at - timedelta(seconds=60)))


async def test_messages_of_one_turn_are_one_mail_in_their_order_and_thread(mails: MailHouse) -> None:
    await turn(mails, "Your order is on its way.", "It comes on Monday.", "Anything else?")
    await mails.house.send()
    sent = mails.provider.sent()
    assert len(sent) == 2
    assert sent[1]["text"].strip() == "Your order is on its way.\n\nIt comes on Monday.\n\nAnything else?"
    assert sent[1]["headers"]["In-Reply-To"] == "<one@customer.example>"
    assert await states(mails) == ["sent"] * 3
    assert {row.provider_id for row in await mails.house.rows(ChannelSendRow)} == {m["headers"]["Message-ID"] for m in sent}
    await mails.receive(mail("Thanks", id="<two@c>", In_Reply_To=sent[1]["headers"]["Message-ID"]))
    assert len(await mails.house.rows(ConversationRow)) == 1


async def test_another_turn_and_what_people_write_are_mails_of_their_own_in_order(mails: MailHouse) -> None:
    await turn(mails, "one", "two")
    await turn(mails, "three")
    await turn(mails, "four", "five", author=Author.AGENT)
    await mails.house.send()
    assert [m["text"].strip() for m in mails.provider.sent()][1:] == ["one\n\ntwo", "three", "four", "five"]
    assert "Auto-Submitted" not in mails.provider.sent()[-1]["headers"]


async def test_what_does_not_fit_into_one_mail_goes_in_the_next(mails: MailHouse) -> None:
    await turn(mails, "a" * 60_000, "b" * 60_000, "c")
    await mails.house.send()
    assert [m["text"].strip()[:1] + m["text"].strip()[-1:] for m in mails.provider.sent()][1:] == ["aa", "bc"]
    assert await states(mails) == ["sent"] * 3


async def test_a_mail_that_is_refused_for_now_comes_again_whole_under_the_same_name(mails: MailHouse) -> None:
    mails.provider.act("fail", command="DATA", answer="451 4.3.0 try later")
    await turn(mails, "one", "two")
    await mails.house.send()
    assert await states(mails) == ["queued", "queued"]
    await mails.house.send()
    (sent,) = mails.provider.sent()[1:]
    assert sent["text"].strip() == "one\n\ntwo"
    assert await states(mails) == ["sent", "sent"]


@pytest.mark.parametrize("after", [False, True])
async def test_a_kill_in_the_midst_leaves_all_of_them_unknown_and_sends_none_again(mails: MailHouse, after: bool) -> None:
    await turn(mails, "one", "two")
    dying = replace(mails.house.outbox, channels={"email": DyingChannel(after=after)})
    with pytest.raises(Killed):
        await dying.send_all()
    before = len(mails.provider.sent())
    assert before == 1 + after
    await age_claims(mails)
    await mails.house.send()
    assert await states(mails) == ["unknown", "unknown"]
    assert len(mails.provider.sent()) == before


async def test_a_connection_lost_after_the_mail_leaves_all_of_them_unknown_until_a_report_settles_them(mails: MailHouse) -> None:
    mails.provider.act("fail", command="DATA", answer="250 taken", lost=True)
    await turn(mails, "one", "two")
    await mails.house.send()
    assert await states(mails) == ["unknown", "unknown"]
    await mails.receive(bounce(mails.provider.sent()[-1]["headers"]["Message-ID"], action="delivered", status="2.0.0"))
    assert await states(mails) == ["delivered", "delivered"]


async def test_a_bounce_fails_all_of_them_and_each_may_be_sent_again_by_itself(mails: MailHouse) -> None:
    await turn(mails, "one", "two")
    await mails.house.send()
    await mails.receive(bounce(mails.provider.sent()[-1]["headers"]["Message-ID"]))
    assert await states(mails) == ["failed", "failed"]
    letters = {letter.text: letter.id for letter in await mails.house.letters()}
    assert sorted(letters) == ["one", "two"]
    async with mails.house.database.transaction() as session:
        await replay(session, mails.house.ledger, letters["one"])
    await mails.house.send()
    assert mails.provider.sent()[-1]["text"].strip() == "one"
    await mails.receive(bounce(mails.provider.sent()[-1]["headers"]["Message-ID"], action="delivered", status="2.0.0"))
    assert await states(mails) == ["delivered", "failed"]


def test_files_are_joined_as_long_as_the_mail_may_be_that_large() -> None:
    small, large = (File("document", "text/plain", name, b"x" * size) for name, size in (("a", 10), ("b", 19_999_995)))
    joined = join(Part("one", file=small), Part("", file=large))
    assert (joined.text, [joined.file, *joined.more]) == ("one", [small, large])
    assert not fits(joined, CAPABILITIES)
    assert fits(join(Part("one", file=small), Part("two", file=small)), CAPABILITIES)
