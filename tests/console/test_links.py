"""Beside the customer: by what they are known, and who may be the same person, for an agent to decide."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from console.services import ConsoleServices
from context.conversations import get_conversation
from context.identity.identifiers import Method, parse_identifier
from context.identity.linking import claim, prove
from context.identity.models import IdentifierRow, LinkSuggestionRow
from context.models import ContactRow
from kit.clock import utc_now
from tests.console.desk import OpenPage, customer_writes, open_page, waiting_conversation

pytestmark = pytest.mark.integration
NUMBER = parse_identifier("phone", "+853 6200 0001")


async def known_twice(services: ConsoleServices) -> tuple[UUID, UUID]:
    """Ana's conversation waits; Bo has proven the number that she only said."""
    found, other = await waiting_conversation(services, who="ana"), await customer_writes(services, who="bo")
    async with services.database.transaction() as session:
        ana, bo = [(await get_conversation(session, one)).contact_id for one in (found, other)]
        await prove(session, services.ledger, bo, NUMBER, method=Method.CODE)
        await claim(session, ana, NUMBER, method=Method.TYPED, at=utc_now())
    return found, other


async def opened(services: ConsoleServices) -> tuple[OpenPage, UUID, str]:
    """The page with that conversation open, and the suggestion beside it."""
    found, _ = await known_twice(services)
    page = await open_page(services)
    await page.ask("open", conversation=str(found))
    (link,) = page.screen.last("side")["links"]
    assert (link["name"], link["value"], link["doubts"]) == ("Bo", NUMBER.value, ["name"])
    return page, found, link["id"]


async def test_what_is_only_said_stands_beside_the_customer_as_that(services: ConsoleServices) -> None:
    page, _, _ = await opened(services)
    assert page.screen.last("side")["known"] == [{"kind": "phone", "value": NUMBER.value, "verified": False}]


async def test_an_agent_confirms_and_the_two_are_one(services: ConsoleServices) -> None:
    page, found, link = await opened(services)
    await page.ask("link", conversation=str(found), suggestion=link, decision="confirm", id="1")
    assert page.screen.last("done")["id"] == "1"
    assert page.screen.last("side")["links"] == []
    async with services.database.transaction() as session:
        merged = (await session.execute(select(ContactRow.merged_into).where(ContactRow.merged_into.is_not(None)))).scalars().all()
    assert len(merged) == 1


async def test_an_agent_says_that_they_are_two_who_share_a_number(services: ConsoleServices) -> None:
    page, found, link = await opened(services)
    await page.ask("link", conversation=str(found), suggestion=link, decision="dismiss", shared=True)
    assert page.screen.last("side")["links"] == []
    async with services.database.transaction() as session:
        row = (await session.execute(select(LinkSuggestionRow))).scalar_one()
        assert (row.state, row.decided_by) == ("dismissed", str(page.staff.id))
        assert set((await session.execute(select(IdentifierRow.shared))).scalars()) == {True}


@pytest.mark.parametrize("change", [{"suggestion": str(uuid4())}, {"decision": "perhaps"}, {"conversation": str(uuid4())}])
async def test_what_is_not_beside_this_customer_cannot_be_decided(services: ConsoleServices, change: dict[str, str]) -> None:
    page, found, link = await opened(services)
    await page.ask("link", **({"conversation": str(found), "suggestion": link, "decision": "confirm", "id": "1"} | change))
    assert page.screen.last("failed")["id"] == "1"
    async with services.database.transaction() as session:
        assert (await session.execute(select(LinkSuggestionRow.state))).scalar_one() == "open"
