"""One-time codes that the widget asks for: to addresses that never wrote, where the house allows it; and whose they are then."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.errors import install_error_handlers
from channels.codes import MOST_AN_HOUR, AccountSender
from channels.models import ChannelAccountRow
from channels.web.endpoints import widget_router
from channels.web.services import WidgetServices
from channels.web.setup import Setup
from context.contacts import is_verified
from context.identity.models import IdentifierRow, IdentityCodeRow, LinkSuggestionRow
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ContactRow, IdentityRow, MessageRow
from context.stream import Hub
from context.types import Inbound
from kit.blobs import MemoryBlobs
from kit.db import Database
from kit.limits import RateLimit

pytestmark = pytest.mark.integration
Row = TypeVar("Row")
ADDRESS, NUMBER, BOX = "ana@customer.example", "+85362000001", "support@shop.example"
CODES, REDEEM = "/v1/widget/identity/codes", "/v1/widget/identity/codes/redeem"


@dataclass
class Door:
    """The widget's API of a house with a mailbox and an SMS number."""

    http: httpx.AsyncClient
    database: Database
    setup: Setup = field(default_factory=lambda: Setup(codes=True))
    who: dict[str, str] = field(default_factory=dict)

    async def enter(self) -> object:
        opened = (await self.http.post("/v1/widget/sessions", json={"language": "pt"})).json()
        self.who = {"Authorization": f"Bearer {opened['token']}"}
        return (opened["config"]["asks"] or {}).get("codes")

    async def ask(self, kind: str = "email", value: str = ADDRESS) -> list[MessageRow]:
        """Asks for a code; all messages that were written."""
        assert (await self.http.post(CODES, json={"kind": kind, "value": value}, headers=self.who)).status_code == 202
        return await self.rows(MessageRow)

    async def redeem(self, code: str) -> int:
        return (await self.http.post(REDEEM, json={"code": code}, headers=self.who)).status_code

    async def rows(self, table: type[Row]) -> list[Row]:
        async with self.database.transaction() as session:
            return list((await session.execute(select(table))).scalars())


@pytest.fixture
async def door(database: Database, ledger: Ledger) -> AsyncIterator[Door]:
    app = FastAPI()
    install_error_handlers(app)
    async with database.transaction() as session:
        session.add(ChannelAccountRow(channel="email", account=BOX, name="Mail"))
        session.add(ChannelAccountRow(channel="sms", account="+85328000000", name="SMS"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baton.example") as client:
        made = Door(client, database)
        sender, limit = AccountSender(lambda: made.setup.codes), RateLimit(per_second=100, burst=100)
        services = WidgetServices(
            database, ledger, Hub(database), "Shop", limit, blobs=MemoryBlobs(), code_sender=sender, setup=lambda: made.setup
        )
        app.include_router(widget_router(services))
        yield made


def code_in(message: MessageRow) -> str:
    return str(re.findall(r"\d{6}", message.text)[0])


async def test_a_code_goes_to_an_address_that_never_wrote_and_proves_it(door: Door, database: Database) -> None:
    assert await door.enter() == ["email", "phone"]
    (message,) = await door.ask()
    assert (message.channel, message.account, message.address, message.author) == ("email", BOX, ADDRESS, "system")
    assert "é o seu código" in message.text
    assert await door.redeem(code_in(message)) == 204
    assert await door.redeem(code_in(message)) == 401
    (identifier,) = await door.rows(IdentifierRow)
    assert (identifier.value, identifier.verified, identifier.method) == (ADDRESS, True, "code")
    async with database.transaction() as session:
        assert await is_verified(session, identifier.contact_id)
        of_mail = (await session.execute(select(IdentityRow).where(IdentityRow.external_id == ADDRESS))).scalar_one()
        assert of_mail.contact_id == identifier.contact_id  # what comes from that mailbox now is theirs
    shown = (await door.http.get("/v1/widget/messages", headers=door.who)).json()["messages"]
    assert shown == []  # a code is seen where it came, and nowhere else


async def test_a_code_goes_by_sms_to_a_number(door: Door) -> None:
    await door.enter()
    (message,) = await door.ask("phone", "+853 6200 0001")
    assert (message.channel, message.address) == ("sms", NUMBER)


async def test_where_the_house_does_not_allow_it_nothing_is_sent_and_the_answer_is_the_same(door: Door) -> None:
    door.setup = Setup()
    assert await door.enter() is None
    assert await door.ask() == []
    assert await door.redeem("123456") == 401


async def test_strangers_get_few_codes_in_an_hour(door: Door, database: Database, ledger: Ledger) -> None:
    await door.enter()
    async with database.transaction() as session:
        contact = ContactRow(name="Bo")
        session.add(contact)
        await session.flush()
        for number in range(MOST_AN_HOUR):
            values = {"kind": "email", "value": f"{number}@x.example", "code_hash": "", "sent": True}
            session.add(IdentityCodeRow(contact_id=contact.id, at=ledger.now, expires_at=ledger.now, **values))
    assert await door.ask() == []


async def test_who_wrote_from_that_address_before_is_suggested_not_merged(door: Door, database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        before = await record_inbound(session, ledger, Inbound("email", BOX, ADDRESS, "<one@customer.example>", "Where is it?"))
    await door.enter()
    message = next(m for m in await door.ask() if m.author == "system")
    assert await door.redeem(code_in(message)) == 204
    (suggestion,) = await door.rows(LinkSuggestionRow)
    assert before.contact_id in (suggestion.one_id, suggestion.other_id)
    assert all(contact.merged_into is None for contact in await door.rows(ContactRow))
