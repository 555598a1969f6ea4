"""People beside the sender of a mail: kept, copied on people's answers, heard in the same conversation, never taken for the customer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from channels.base import Account
from channels.email.copies import people_beside
from channels.email.reading import read_mail
from channels.models import ChannelSendRow
from context.conversations import lock_conversation
from context.models import ConversationRow, IdentityRow
from context.outbound import add_message
from context.types import Author, Content
from kit.db import Database
from tests.channels.mail_corpus import bounce, mail
from tests.channels.mail_house import MailHouse, Provider, mail_house

pytestmark = pytest.mark.integration
BOB, ANN = "bob@customer.example", "ann@customer.example"
BOX = Account(uuid4(), "email", "support@shop.example", "Shop", settings={"own": "help@shop.example, info@shop.example"})


@pytest.fixture
async def mails(database: Database, provider: Provider, tmp_path: Path) -> AsyncIterator[MailHouse]:
    """The house of one mailbox."""
    async with mail_house(database, provider, tmp_path, authserv="mx.shop.example") as known:
        yield known


async def answer(mails: MailHouse, text: str = "Here it is") -> dict[str, str]:
    """A person answers in the first conversation; the headers of the mail."""
    async with mails.house.database.transaction() as session:
        first = min(await mails.house.rows(ConversationRow), key=lambda row: row.opened_at)
        conversation = await lock_conversation(session, first.id)
        await add_message(session, mails.house.ledger, conversation, content=Content(text), author=Author.AGENT)
    await mails.house.send()
    return dict(mails.provider.sent()[-1]["headers"])


def from_bob(about: str, text: str = "I am her brother", *, id: str = "<b@c>", **headers: str) -> bytes:
    """Bob answers a mail."""
    return mail(text, sender=BOB, id=id, subject="Re: My order", In_Reply_To=about, **headers)


@pytest.mark.parametrize(
    ("headers", "people"),
    [
        ({"Cc": "Bob <bob@customer.example>, Carol <Carol@Other.example>"}, [BOB, "carol@other.example"]),
        ({"Cc": "support@shop.example, Support+orders@shop.example, help@shop.example"}, []),
        ({"Cc": "sales@shop.example, bob@customer.example", "Delivered_To": "<sales@shop.example>"}, [BOB]),
        ({"Cc": "no-reply@robot.example, mailer-daemon@mx.example, ann@customer.example"}, []),
        ({"Cc": "broken <<, undisclosed-recipients:;"}, []),
        ({"Cc": ", ".join(f"p{n}@x.example" for n in range(90))}, [f"p{n}@x.example" for n in range(20)]),
    ],
)
def test_who_is_named_beside_the_sender_without_ourselves_and_machines(headers: dict[str, str], people: list[str]) -> None:
    assert people_beside(read_mail(mail(**headers)), BOX) == people


async def test_people_are_kept_and_get_a_copy_of_what_people_answer_and_of_nothing_a_machine_says(mails: MailHouse) -> None:
    (by_bot,) = await mails.receive(mail(Cc=f"Bob <{BOB}>, support@shop.example"))
    assert (by_bot["to"], by_bot["headers"].get("Cc")) == ([ANN], None)
    (heard, *_rest) = await mails.house.messages()
    assert heard.metadata["cc"] == [BOB]
    headers = await answer(mails)
    assert (headers["To"], headers["Cc"]) == (ANN, BOB)
    assert mails.provider.sent()[-1]["to"] == [ANN, BOB]


async def test_their_answer_stands_in_the_same_conversation_as_another_persons_and_people_see_to_it(mails: MailHouse) -> None:
    await mails.receive(mail(Cc=BOB))
    about = (await answer(mails))["Message-ID"]
    await mails.receive(from_bob(about, Cc=ANN))
    await mails.receive(from_bob(about, "And one thing more", id="<b2@c>", Cc=ANN))
    (conversation,) = await mails.house.rows(ConversationRow)
    assert (conversation.handler, conversation.address) == ("queue", ANN)
    people = {row.external_id: row.contact_id for row in await mails.house.rows(IdentityRow)}
    assert people[BOB] != people[ANN] == conversation.contact_id
    messages = await mails.house.messages()
    assert [(m.author_name, m.content.text) for m in messages if m.direction == "in"][1:] == [
        (BOB, "I am her brother"), (BOB, "And one thing more"),
    ]  # fmt: skip
    assert len([m for m in messages if m.visibility == "note" and BOB in m.content.text]) == 1
    headers = await answer(mails)
    assert (headers["To"], headers["Cc"], headers["In-Reply-To"]) == (ANN, BOB, "<b2@c>")


async def test_who_was_named_once_keeps_their_own_matters_apart(mails: MailHouse) -> None:
    await mails.receive(mail(Cc=BOB))
    await mails.receive(mail("Where is mine?", sender=BOB, id="<own@c>", subject="Lamp"))
    assert len({row.contact_id for row in await mails.house.rows(ConversationRow)}) == 2


async def test_a_forged_sender_and_who_was_never_named_stay_strangers(mails: MailHouse) -> None:
    await mails.receive(mail(Cc=BOB))
    about = (await answer(mails))["Message-ID"]
    forged = "mx.shop.example; dmarc=fail header.from=customer.example"
    await mails.receive(from_bob(about, Authentication_Results=forged))
    await mails.receive(mail("And I?", sender="eve@elsewhere.example", id="<e@c>", In_Reply_To=about))
    first, *others = sorted(await mails.house.rows(ConversationRow), key=lambda row: row.opened_at)
    assert len(others) == 2
    assert [m.content.text for m in await mails.house.messages() if m.direction == "in" and m.conversation_id == first.id] == [
        "My order\n\nWhere is my order?"
    ]


async def test_a_vacation_notice_of_somebody_copied_is_a_note_and_answers_nothing(mails: MailHouse) -> None:
    await mails.receive(mail(Cc=BOB))
    about = (await answer(mails))["Message-ID"]
    count = len(mails.provider.sent())
    assert len(await mails.receive(from_bob(about, "I am away", Auto_Submitted="auto-replied"))) == count
    assert (await mails.house.rows(ConversationRow))[0].handler == "bot"


async def test_a_copy_that_comes_back_is_no_failure_of_the_customers_mail(mails: MailHouse) -> None:
    await mails.receive(mail(Cc=BOB))
    about = (await answer(mails))["Message-ID"]
    await mails.receive(bounce(about, whom=BOB))
    assert (await mails.house.messages())[-1].delivery == "sent"
    await mails.receive(bounce(about).replace(b"<bounce@", b"<second@"))
    assert [m.delivery for m in await mails.house.messages()][-1] == "failed"


async def test_a_copy_that_the_server_refuses_holds_the_customers_mail_not_up(mails: MailHouse) -> None:
    await mails.receive(mail(Cc=BOB))
    mails.provider.act("set", unknown=[BOB])
    await answer(mails)
    assert mails.provider.sent()[-1]["to"] == [ANN]
    last = max(await mails.house.rows(ChannelSendRow), key=lambda row: row.claimed_at)
    assert (last.state, BOB in last.error) == ("accepted", True)


async def test_copies_may_be_switched_off(database: Database, provider: Provider, tmp_path: Path) -> None:
    async with mail_house(database, provider, tmp_path, copies="off") as mails:
        await mails.receive(mail(Cc=BOB))
        assert "Cc" not in await answer(mails)
