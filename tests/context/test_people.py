"""Managing people: who may do what to whom, the last admin, what ends with an account, and links that work once."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import get_conversation, lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.ownership import take_over
from context.staff import people
from context.staff.accounts import (
    WrongLoginError,
    access_token_staff,
    check_password,
    create_api_token,
    create_staff,
    find_session_staff,
    open_session,
)
from context.staff.audit import AuditFilter, access_changes
from context.staff.models import StaffRow
from context.staff.passwords import LinkGoneError, access_link, choose_password
from context.staff.permissions import PERMISSIONS
from context.staff.roles import save_role
from context.staff.tokens import Wish, access_tokens, make_token, revoke_token
from context.types import Inbound, Role
from kit.db import Database
from kit.errors import ConflictError, InvalidInputError, NotAllowedError, NotAuthenticatedError, NotFoundError

pytestmark = pytest.mark.integration
PASSWORD = "long enough to pass"


async def person(session: AsyncSession, role: str = Role.AGENT, name: str = "Mei") -> StaffRow:
    return await create_staff(session, email=f"{uuid.uuid4().hex}@shop.example", name=name, role=role, password=PASSWORD)


async def held_conversation(session: AsyncSession, ledger: Ledger, staff: StaffRow, who: str) -> uuid.UUID:
    inbound = Inbound("web", "main", who, uuid.uuid4().hex, "Where is it?", language="en")
    found = (await record_inbound(session, ledger, inbound)).message.conversation_id
    await take_over(session, ledger, await lock_conversation(session, found), staff=staff)
    return found


async def test_an_invited_person_chooses_a_password_once(session: AsyncSession, ledger: Ledger) -> None:
    admin = await person(session, Role.ADMIN)
    made = await people.invite(session, ledger, admin, people.Invitation("Bo@shop.example", "Bo", Role.AGENT))
    assert made.link is not None
    assert made.password is None
    bo = await choose_password(session, made.link, "a password of Bo", now=ledger.now)
    assert (await check_password(bo, "a password of Bo")).name == "Bo"
    with pytest.raises(LinkGoneError):
        await choose_password(session, made.link, "another password", now=ledger.now)


async def test_an_old_link_and_one_that_nobody_made_open_nothing(session: AsyncSession, ledger: Ledger) -> None:
    admin = await person(session, Role.ADMIN)
    made = await people.invite(session, ledger, admin, people.Invitation("bo@shop.example", "Bo", Role.AGENT))
    for token, now in ((str(made.link), ledger.now + timedelta(days=8)), ("made-up", ledger.now)):
        with pytest.raises(LinkGoneError):
            await access_link(session, token, now=now)
    with pytest.raises(InvalidInputError, match="too short"):
        await choose_password(session, str(made.link), "short", now=ledger.now)
    assert (await access_link(session, str(made.link), now=ledger.now)).name == "Bo"


async def test_two_at_once_use_a_link_once(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        admin = await person(session, Role.ADMIN)
        made = await people.invite(session, ledger, admin, people.Invitation("bo@shop.example", "Bo", Role.AGENT))

    async def choose(password: str) -> None:
        async with database.transaction() as session:
            await choose_password(session, str(made.link), password, now=ledger.now)

    outcomes = await asyncio.gather(choose("first password"), choose("second password"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["LinkGoneError", "NoneType"]


async def test_a_temporary_password_is_marked_and_a_reset_ends_sessions_and_the_old_password(session: AsyncSession, ledger: Ledger) -> None:
    admin, ana = await person(session, Role.ADMIN), await person(session)
    token = await open_session(session, ana)
    made = await people.reset_password(session, ledger, admin, ana.id, temporary=True)
    assert made.person.temporary
    assert await find_session_staff(session, token) is None
    assert (await check_password(ana, str(made.password))).id == ana.id
    with pytest.raises(WrongLoginError):
        await check_password(ana, PASSWORD)


async def test_disabling_ends_sessions_and_tokens_and_returns_what_was_held(session: AsyncSession, ledger: Ledger) -> None:
    admin, ana = await person(session, Role.ADMIN), await person(session, name="Ana")
    browser, token = await open_session(session, ana), await create_api_token(session, ana, label="script")
    held = [await held_conversation(session, ledger, ana, f"c{n}") for n in range(10)]
    found = await people.disable(session, ledger, admin, ana.id)
    assert (found.active, found.sessions, found.tokens, found.holds) == (False, 0, 0, 0)
    assert {(await get_conversation(session, one)).handler for one in held} == {"queue"}
    assert await find_session_staff(session, browser) is None
    with pytest.raises(NotAuthenticatedError):
        await access_token_staff(session, token)
    assert (await people.enable(session, ledger, admin, ana.id)).active
    with pytest.raises(NotAuthenticatedError):
        await access_token_staff(session, token)


async def test_nobody_raises_or_disables_themselves(session: AsyncSession, ledger: Ledger) -> None:
    root = await person(session, Role.ADMIN)
    await save_role(session, root, "People keeper", description="", permissions=["manage_people", "converse"])
    keeper, agent = await person(session, "People keeper"), await person(session)
    for refused in (
        people.give_role(session, ledger, keeper, keeper.id, Role.AGENT),
        people.give_role(session, ledger, keeper, agent.id, Role.ADMIN),
        people.give_role(session, ledger, keeper, root.id, Role.AGENT),
        people.disable(session, ledger, keeper, keeper.id),
        people.disable(session, ledger, keeper, root.id),
        people.reset_password(session, ledger, keeper, root.id),
        people.invite(session, ledger, keeper, people.Invitation("x@shop.example", "X", Role.SUPERVISOR)),
        people.end_session(session, ledger, keeper, root.id),
    ):
        with pytest.raises(NotAllowedError):
            await refused
    assert (await people.give_role(session, ledger, keeper, agent.id, "People keeper")).role == "People keeper"


async def test_agents_and_supervisors_manage_nobody(session: AsyncSession, ledger: Ledger) -> None:
    ana = await person(session)
    for role in (Role.AGENT, Role.EDITOR, Role.SUPERVISOR):
        with pytest.raises(NotAllowedError):
            await people.disable(session, ledger, await person(session, role), ana.id)
        with pytest.raises(NotAllowedError):
            await people.access_people(session, await person(session, role), now=ledger.now)


async def test_the_last_admin_stays_even_when_two_admins_disable_each_other_at_once(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        one, two = await person(session, Role.ADMIN, "One"), await person(session, Role.ADMIN, "Two")

    async def disable(by: StaffRow, other: StaffRow) -> None:
        async with database.transaction() as session:
            await people.disable(session, ledger, by, other.id)

    async def lower(by: StaffRow, other: StaffRow) -> None:
        async with database.transaction() as session:
            await people.give_role(session, ledger, by, other.id, Role.AGENT)

    outcomes = await asyncio.gather(disable(one, two), lower(two, one), return_exceptions=True)
    assert [found is None for found in outcomes].count(True) == 1
    async with database.transaction() as session:
        left = (await session.execute(select(StaffRow).where(StaffRow.role == Role.ADMIN, StaffRow.active))).scalars()
        assert len(list(left)) == 1


async def test_the_last_admin_stays_also_before_somebody_who_may_all_of_it(session: AsyncSession, ledger: Ledger) -> None:
    root = await person(session, Role.ADMIN)
    await save_role(session, root, "Everything", description="", permissions=list(PERMISSIONS))
    other = await person(session, "Everything")
    for refused in (people.disable(session, ledger, other, root.id), people.give_role(session, ledger, other, root.id, "Everything")):
        with pytest.raises(people.LastAdminError):
            await refused
    await person(session, Role.ADMIN)
    assert not (await people.disable(session, ledger, other, root.id)).active


async def test_an_unknown_person_or_role_is_said(session: AsyncSession, ledger: Ledger) -> None:
    admin, ana = await person(session, Role.ADMIN), await person(session)
    with pytest.raises(NotFoundError):
        await people.disable(session, ledger, admin, uuid.uuid4())
    with pytest.raises(InvalidInputError):
        await people.give_role(session, ledger, admin, ana.id, "Nobody made this")
    with pytest.raises(InvalidInputError):
        await people.rename(session, ledger, admin, ana.id, "  ")
    await people.disable(session, ledger, admin, ana.id)
    with pytest.raises(ConflictError, match="disabled"):
        await people.reset_password(session, ledger, admin, ana.id)


async def test_sessions_are_seen_and_ended_one_by_one(session: AsyncSession, ledger: Ledger) -> None:
    admin, ana = await person(session, Role.ADMIN), await person(session)
    for device in ("Firefox", "Chrome"):
        await open_session(session, ana, device=device)
    found = await people.list_sessions(session, admin, ana.id, now=ledger.now)
    await people.end_session(session, ledger, admin, ana.id, next(one.id for one in found if one.device == "Chrome"))
    assert [one.device for one in await people.list_sessions(session, admin, ana.id, now=ledger.now)] == ["Firefox"]
    with pytest.raises(NotAllowedError):
        await people.list_sessions(session, ana, admin.id, now=ledger.now)


async def test_a_token_is_made_listed_and_revoked_and_all_of_it_is_recorded(session: AsyncSession, ledger: Ledger) -> None:
    admin, sam = await person(session, Role.ADMIN, "Ada"), await person(session, Role.SUPERVISOR, "Sam")
    token = await make_token(session, ledger, admin, Wish("nightly report", sam.id, ["view_reports"], days=30))
    assert (await access_token_staff(session, token)).id == sam.id
    listed = (await access_tokens(session, admin))[0]
    assert (listed.label, listed.person, listed.permissions) == ("nightly report", "Sam", ("view_reports",))
    assert listed.expires_at is not None
    await revoke_token(session, ledger, admin, listed.id)
    with pytest.raises(NotAuthenticatedError):
        await access_token_staff(session, token)
    changes = await access_changes(session, admin, AuditFilter(kind="token"))
    assert [(one.actor_name, one.action) for one in changes] == [("Ada", "token.revoked"), ("Ada", "token.made")]
    assert token not in str(changes)


async def test_nobody_makes_a_token_that_may_more_than_they(session: AsyncSession, ledger: Ledger) -> None:
    admin = await person(session, Role.ADMIN)
    await save_role(session, admin, "Token keeper", description="", permissions=["manage_tokens", "converse"])
    keeper = await person(session, "Token keeper")
    for wish in (Wish("all", admin.id), Wish("some", admin.id, ["administer"])):
        with pytest.raises(NotAllowedError):
            await make_token(session, ledger, keeper, wish)
    assert await make_token(session, ledger, keeper, Wish("little", admin.id, ["converse"]))
    for wish in (Wish("", keeper.id), Wish("x", keeper.id, days=0), Wish("x", keeper.id, [])):
        with pytest.raises(InvalidInputError):
            await make_token(session, ledger, keeper, wish)
