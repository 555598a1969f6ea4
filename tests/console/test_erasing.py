"""Below the customer: how much there is, given out, and erased by who may."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from console.services import ConsoleServices
from context.models import ContactRow
from context.staff.models import AuditRow
from context.types import Role
from tests.console.desk import OpenPage, open_page, waiting_conversation

pytestmark = pytest.mark.integration


async def opened(services: ConsoleServices, role: Role) -> tuple[OpenPage, UUID, str]:
    """The page of somebody with this role, with a waiting conversation open; its id and that of its customer."""
    found = await waiting_conversation(services, who="ana")
    page = await open_page(services, role=role)
    await page.ask("open", conversation=str(found))
    return page, found, page.screen.last("opened")["contact"]["id"]


async def test_an_admin_sees_how_much_there_is_and_erases_it(services: ConsoleServices) -> None:
    page, found, contact = await opened(services, Role.ADMIN)
    await page.ask("standing", conversation=str(found))
    counts = page.screen.last("standing")["counts"]
    assert (counts["conversations"], counts["open_conversations"], counts["open_requests"]) == (1, 1, 0)
    await page.ask("erase", conversation=str(found), contact=contact, id="1")
    assert page.screen.last("done")["id"] == "1"
    shown = page.screen.last("opened")
    assert (shown["contact"]["name"], shown["contact"]["erasedAt"] is None, shown["row"]["status"]) == ("", False, "resolved")
    assert {message["text"] for message in shown["messages"]} == {""}
    async with services.database.transaction() as session:
        entry = (await session.execute(select(AuditRow).where(AuditRow.action == "contact.erased"))).scalar_one()
        assert (entry.actor_id, entry.subject_id) == (str(page.staff.id), contact)


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
async def test_who_may_not_is_refused_and_is_not_shown_the_button(services: ConsoleServices, role: Role) -> None:
    page, found, contact = await opened(services, role)
    await page.ask("meta")
    assert page.screen.last("meta")["mayErase"] is False
    for kind in ("standing", "erase"):
        await page.ask(kind, conversation=str(found), contact=contact, id=kind)
        assert page.screen.last("failed")["id"] == kind
    async with services.database.transaction() as session:
        assert (await session.execute(select(ContactRow.erased_at))).scalars().all() == [None]


async def test_nobody_else_is_erased_than_who_was_meant(services: ConsoleServices) -> None:
    page, found, _ = await opened(services, Role.ADMIN)
    await page.ask("erase", conversation=str(found), contact=str(uuid4()), id="1")
    assert page.screen.last("failed")["id"] == "1"
    async with services.database.transaction() as session:
        assert (await session.execute(select(ContactRow.erased_at))).scalars().all() == [None]
