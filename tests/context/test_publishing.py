"""Two people at the same instant: what is approved is what was read, and details changed by one stay when another changes others."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from context.ledger import Ledger
from context.publishing import NotReviewedError, change_details, publish_article, submit_article
from context.staff.accounts import create_staff
from context.staff.models import StaffRow
from context.types import Role
from kit.db import Database
from knowledge.articles import create_article, get_article, save_draft
from tests.knowledge.fakes import RETURNS

pytestmark = pytest.mark.integration
MOMENT = 0.3


async def people(database: Database) -> tuple[StaffRow, StaffRow]:
    async with database.transaction() as session:
        found = [
            await create_staff(session, email=f"{name}@shop.example", name=name, role=Role.EDITOR, password="long enough to pass")
            for name in ("eva", "ed")
        ]
        await create_article(session, RETURNS, editor=str(found[0].id))
    return found[0], found[1]


async def test_a_text_that_changes_while_it_is_approved_is_not_published(database: Database, ledger: Ledger) -> None:
    eva, ed = await people(database)
    async with database.transaction() as session:
        await submit_article(session, ledger, staff=eva, article_id=RETURNS.id, language="en")

    async def approve() -> None:
        async with database.transaction() as session:
            await publish_article(session, ledger, staff=ed, article_id=RETURNS.id, language="en", second_person=True)

    async with database.transaction() as session:
        await save_draft(session, replace(RETURNS, body="Not read by anybody."), editor=str(eva.id), expected_version=1)
        approving = asyncio.create_task(approve())
        await asyncio.sleep(MOMENT)
        assert not approving.done()
    with pytest.raises(NotReviewedError):
        await approving
    async with database.transaction() as session:
        assert (await get_article(session, RETURNS.id)).status == "draft"


async def test_two_who_change_different_details_at_once_do_not_undo_each_other(database: Database, ledger: Ledger) -> None:
    eva, ed = await people(database)

    async def tag() -> None:
        async with database.transaction() as session:
            await change_details(session, ledger, staff=ed, article_id=RETURNS.id, changes={"tags": ("new",)})

    async with database.transaction() as session:
        await change_details(session, ledger, staff=eva, article_id=RETURNS.id, changes={"category": "changed"})
        tagging = asyncio.create_task(tag())
        await asyncio.sleep(MOMENT)
    await tagging
    async with database.transaction() as session:
        details = (await get_article(session, RETURNS.id)).details
    assert (details.category, details.tags) == ("changed", ("new",))
