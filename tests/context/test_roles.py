"""Roles: what the built-in ones allow, custom ones, and that nobody raises anybody beyond themselves."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.accounts import access_token_staff, create_api_token, create_staff, get_staff, open_session
from context.staff.accounts import find_session_staff as find_by_session
from context.staff.audit import AuditFilter, access_changes
from context.staff.models import StaffRow, StaffSessionRow
from context.staff.permissions import BUILT_IN, PERMISSIONS
from context.staff.rights import check_may, may, who_may
from context.staff.roles import list_roles, remove_role, save_role
from context.types import Role
from kit.clock import utc_now
from kit.db import Database
from kit.errors import ConflictError, InvalidInputError, NotAllowedError, NotAuthenticatedError

pytestmark = pytest.mark.integration
PASSWORD = "long enough to pass"


async def person(session: AsyncSession, role: str, name: str = "Mei") -> StaffRow:
    return await create_staff(session, email=f"{uuid.uuid4().hex}@shop.example", name=name, role=role, password=PASSWORD)


async def test_each_built_in_role_may_what_its_description_says(session: AsyncSession) -> None:
    able = {role: {what for what in PERMISSIONS if may(await person(session, role), what)} for role in Role}
    assert able[Role.AGENT] == {"converse"}
    assert able[Role.EDITOR] == {"edit_articles", "teach", "manage_bot"}
    assert "manage_people" not in able[Role.SUPERVISOR]
    assert able[Role.SUPERVISOR] >= {"converse", "supervise", "view_reports", "manage_routing"}
    assert able[Role.ADMIN] == set(PERMISSIONS)


def test_every_permission_is_described_in_both_languages() -> None:
    assert all(found.en and any("\u4e00" <= letter <= "\u9fff" for letter in found.zh_hant) for found in PERMISSIONS.values())
    assert all(able <= set(PERMISSIONS) for able in BUILT_IN.values())


async def test_a_permission_that_does_not_exist_is_a_mistake_of_ours(session: AsyncSession) -> None:
    with pytest.raises(KeyError):
        may(await person(session, Role.ADMIN), "fly")


async def test_a_custom_role_allows_its_permissions_and_changes_at_once(session: AsyncSession) -> None:
    admin = await person(session, Role.ADMIN)
    await save_role(session, admin, "Night lead", description="", permissions=["supervise", "converse"])
    lead = await person(session, "Night lead")
    assert may(lead, "supervise")
    with pytest.raises(NotAllowedError, match="Night lead"):
        check_may(lead, "edit_articles")
    await save_role(session, admin, "Night lead", description="", permissions=["edit_articles"])
    lead = await get_staff(session, lead.id)
    assert may(lead, "edit_articles")
    assert not may(lead, "supervise")


async def test_queries_find_who_may(session: AsyncSession) -> None:
    admin = await person(session, Role.ADMIN, "Ada")
    await save_role(session, admin, "Writers", description="", permissions=["edit_articles"])
    for role, name in ((Role.AGENT, "Bo"), (Role.EDITOR, "Eva"), ("Writers", "Wen")):
        await person(session, role, name)
    found = (await session.execute(select(StaffRow.name).where(who_may("edit_articles")).order_by(StaffRow.name))).scalars()
    assert list(found) == ["Ada", "Eva", "Wen"]


async def test_a_role_needs_a_free_name_and_known_permissions(session: AsyncSession) -> None:
    admin = await person(session, Role.ADMIN)
    for name, permissions in (("Admin", ["converse"]), ("  ", ["converse"]), ("x" * 61, ["converse"]), ("Empty", []), ("Odd", ["fly"])):
        with pytest.raises(InvalidInputError):
            await save_role(session, admin, name, description="", permissions=permissions)
    with pytest.raises(InvalidInputError, match="no role"):
        await person(session, "Nobody made this")


async def test_nobody_makes_a_role_that_may_more_than_themselves_or_changes_their_own(session: AsyncSession) -> None:
    admin = await person(session, Role.ADMIN)
    await save_role(session, admin, "Role keeper", description="", permissions=["manage_roles", "converse"])
    await save_role(session, admin, "Strong", description="", permissions=["administer"])
    keeper = await person(session, "Role keeper")
    for name, permissions in (("New", ["administer"]), ("Role keeper", ["converse"]), ("Strong", ["converse"])):
        with pytest.raises(NotAllowedError):
            await save_role(session, keeper, name, description="", permissions=permissions)
    with pytest.raises(NotAllowedError):
        await remove_role(session, keeper, "Strong")
    with pytest.raises(NotAllowedError):
        await save_role(session, await person(session, Role.SUPERVISOR), "New", description="", permissions=["converse"])


async def test_a_role_that_somebody_has_stays_and_one_that_nobody_has_goes(session: AsyncSession) -> None:
    admin = await person(session, Role.ADMIN)
    for name in ("Used", "Unused"):
        await save_role(session, admin, name, description="", permissions=["converse"])
    await person(session, "Used")
    with pytest.raises(ConflictError, match="still have"):
        await remove_role(session, admin, "Used")
    await remove_role(session, admin, "Unused")
    assert [role.name for role in await list_roles(session) if role.custom] == ["Used"]
    changes = await access_changes(session, admin, AuditFilter(kind="role"))
    assert [(one.action, one.subject.name) for one in changes] == [
        ("role.removed", "Unused"), ("role.created", "Unused"), ("role.created", "Used"),
    ]  # fmt: skip


async def test_a_token_does_no_more_than_its_permissions_in_every_transaction_of_the_request(database: Database) -> None:
    async with database.transaction() as session:
        sam, other = await person(session, Role.SUPERVISOR), await person(session, Role.SUPERVISOR)
        token = await create_api_token(session, sam, label="reports", permissions=["view_reports", "converse"])
        full = await create_api_token(session, sam, label="all")

    async def request(given: str) -> list[bool]:
        async with database.transaction() as session:
            await access_token_staff(session, given)
        async with database.transaction() as session:
            again, colleague = await get_staff(session, sam.id), await get_staff(session, other.id)
            return [may(again, "converse"), may(again, "supervise"), may(colleague, "supervise")]

    assert await asyncio.create_task(request(token)) == [True, False, True]
    assert await asyncio.create_task(request(full)) == [True, True, True]
    assert may(sam, "supervise")


async def test_an_expired_token_opens_nothing_and_use_is_noted(database: Database) -> None:
    async with database.transaction() as session:
        ana = await person(session, Role.AGENT)
        token = await create_api_token(session, ana, label="short", expires_at=utc_now() + timedelta(hours=1))
        assert (await access_token_staff(session, token)).id == ana.id
    async with database.transaction() as session:
        with pytest.raises(NotAuthenticatedError, match="expired"):
            await access_token_staff(session, token, clock=lambda: utc_now() + timedelta(hours=2))


async def test_a_session_knows_when_it_was_used_last(database: Database) -> None:
    async with database.transaction() as session:
        ana = await person(session, Role.AGENT)
        token = await open_session(session, ana, device="Firefox")
    async with database.transaction() as session:
        later = utc_now() + timedelta(hours=3)
        assert await find_by_session(session, token, clock=lambda: later) is not None
    async with database.transaction() as session:
        row = (await session.execute(select(StaffSessionRow))).scalar_one()
        assert (row.used_at, row.device) == (later, "Firefox")
