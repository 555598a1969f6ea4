"""The link to HubSpot against a server of its documented shape, and what comes in and goes out."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select

from context.crm.hubspot import HubSpot
from context.crm.linking import CrmSync
from context.crm.models import CrmNoteRow
from context.crm.port import CrmContact, CrmError, CrmRefusedError, MemoryCrm
from context.customer.keeping import labels_of
from context.events import ConversationResolved
from context.identity.identifiers import Method, parse_identifier
from context.identity.linking import claim
from context.ledger import SYSTEM, Ledger
from context.types import Status
from kit.clock import utc_now
from kit.db import Database
from simulators.hubspot.server import TOKEN, build_app
from tests.context.identity.people import contact, proves, writes

EMAIL = "ana.reis@example.com"


def hubspot(token: str = TOKEN) -> tuple[object, HubSpot]:
    app = build_app()
    return app, HubSpot(token, "http://hubspot.example", transport=httpx.ASGITransport(app))


async def test_hubspot_gives_tags_and_lifecycle_and_takes_notes() -> None:
    app, crm = hubspot()
    found = await crm.find("Ana.Reis@example.com")
    assert found == CrmContact("51", "Ana Reis", ("vip", "press"), {"crm_lifecyclestage": "customer"})
    assert await crm.find("nobody@example.com") is None
    assert await crm.add_note("51", "Asked: <b>why</b>\nOutcome: closed", at=utc_now()) == "1"
    note = app.state.notes[0]  # type: ignore[attr-defined]
    assert note["properties"]["hs_note_body"] == "Asked: &lt;b&gt;why&lt;/b&gt;<br>Outcome: closed"
    assert note["associations"][0]["to"] == {"id": "51"}


@pytest.mark.parametrize("status", [429, 500, 502])
async def test_hubspot_away_is_an_error_to_try_again(status: int) -> None:
    app, crm = hubspot()
    app.state.mode["status"] = status  # type: ignore[attr-defined]
    with pytest.raises(CrmError):
        await crm.find(EMAIL)
    with pytest.raises(CrmError):
        await hubspot("wrong")[1].find(EMAIL)


async def test_a_refused_note_is_another_error() -> None:
    app, crm = hubspot()
    app.state.mode["status"] = 400  # type: ignore[attr-defined]
    with pytest.raises(CrmRefusedError):
        await crm.add_note("51", "x", at=utc_now())


@pytest.mark.integration
async def test_only_a_proven_address_is_looked_up_and_an_outcome_is_noted_once(database: Database, ledger: Ledger) -> None:
    crm = MemoryCrm(contacts={EMAIL: CrmContact("51", "Ana", ("vip", "a,b"), {"crm_stage": "customer"})})
    sync = CrmSync(database, crm)
    async with database.transaction() as session:
        conversation = await writes(session, ledger, "Where is my parcel please?", by="ana")
        contact_id, conversation_id = conversation.contact_id, conversation.id
        await claim(session, contact_id, parse_identifier("email", EMAIL), method=Method.TYPED, at=ledger.now)
    assert not await sync.pull(contact_id)
    async with database.transaction() as session:
        await proves(session, ledger, contact_id, "email", EMAIL)
    assert await sync.pull(contact_id)
    assert await sync.pull(contact_id)  # again: the same
    assert not await sync.push(conversation_id)  # it is still open
    async with database.transaction() as session:
        assert await labels_of(session, contact_id) == ["a b", "vip"]
        assert (await contact(session, contact_id)).attributes == {"crm_stage": "customer"}
        conversation = await writes(session, ledger, "thanks", by="ana")
        await ledger.append(session, ConversationResolved(outcome="confirmed", by="customer"), actor=SYSTEM, conversation=conversation)
        conversation.status = Status.RESOLVED
    crm.down = True
    with pytest.raises(CrmError):
        await sync.push(conversation_id)
    crm.down = False
    assert [await sync.push(conversation_id) for _ in range(2)] == [True, False]
    assert crm.notes[0][0] == "51"
    assert "Asked: Where is my parcel please?" in crm.notes[0][1]
    assert "Outcome: confirmed" in crm.notes[0][1]
    async with database.transaction() as session:
        assert [row.external_id for row in (await session.execute(select(CrmNoteRow))).scalars()] == ["1"]
