"""People: inviting, roles, disabling, passwords, sessions. Each function checks that `by` may do it, and records that it was done.

Nobody changes their own role or disables themselves, nobody touches somebody who may do more than they, and the last admin stays.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.conversations import lock_conversation
from context.ledger import Ledger
from context.models import ConversationRow
from context.staff.accounts import create_staff, expect_role, get_staff, hash_password
from context.staff.audit import Subject, record_change
from context.staff.models import ApiTokenRow, PasswordLinkRow, StaffRow, StaffSessionRow
from context.staff.passwords import make_link
from context.staff.rights import check_covers, check_may, permissions_of
from context.staff.roles import stand_in_line
from context.types import Role, Status
from kit.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError

RIGHT = "manage_people"


class LastAdminError(ConflictError):
    """This is the last active admin."""


@dataclass(frozen=True)
class PersonView:
    """A person as those who manage people see them; `seen_at`: when a session was used last."""

    id: UUID
    email: str
    name: str
    role: str
    active: bool
    temporary: bool
    created_at: datetime
    seen_at: datetime | None
    sessions: int
    tokens: int
    holds: int


@dataclass(frozen=True)
class Invitation:
    """A wish for a new account; `temporary`: opened with a temporary password in place of a link."""

    email: str
    name: str
    role: str
    temporary: bool = False


@dataclass(frozen=True)
class Invited:
    """A person with what opens their account, shown once: a link's token, or a temporary password."""

    person: PersonView
    link: str | None
    password: str | None


async def access_people(session: AsyncSession, by: StaffRow, *, now: datetime) -> list[PersonView]:
    """Everybody with an account, by name, disabled people last. Raises NotAllowedError."""
    check_may(by, RIGHT)
    return await _views(session, now)


async def invite(session: AsyncSession, ledger: Ledger, by: StaffRow, wish: Invitation) -> Invited:
    """A new account, opened with a one-time link or, if `temporary`, with a password that only serves to choose another."""
    check_may(by, RIGHT)
    check_covers(by, await expect_role(session, wish.role))
    password = secrets.token_urlsafe(12)
    person = await create_staff(session, email=wish.email, name=wish.name, role=wish.role, password=password)
    opened = await _open(session, ledger, person, password if wish.temporary else None)
    await _record(session, ledger, by, "person.invited", person, ("", wish.role))
    return Invited(await _view(session, ledger, person.id), *opened)


async def reset_password(session: AsyncSession, ledger: Ledger, by: StaffRow, person_id: UUID, *, temporary: bool = False) -> Invited:
    """Ends the sessions of a person and gives them a new way in; the old password no longer serves."""
    person = await _other(session, by, person_id)
    if not person.active:
        raise ConflictError("This account is disabled", hint="Enable it first.")
    password = secrets.token_urlsafe(12)
    person.password_hash = hash_password(password)
    await _end_sessions(session, person.id)
    opened = await _open(session, ledger, person, password if temporary else None)
    await _record(session, ledger, by, "person.password_reset", person)
    return Invited(await _view(session, ledger, person.id), *opened)


async def give_role(session: AsyncSession, ledger: Ledger, by: StaffRow, person_id: UUID, role: str) -> PersonView:
    """Another role. Raises LastAdminError, NotAllowedError for one's own and for more than one may do oneself."""
    person = await _other(session, by, person_id)
    check_covers(by, await expect_role(session, role))
    if role != Role.ADMIN:
        await _expect_another_admin(session, person)
    before, person.role = person.role, role
    await session.flush()
    await session.refresh(person, ["custom_permissions"])
    await _record(session, ledger, by, "person.role_changed", person, (before, role))
    return await _view(session, ledger, person.id)


async def rename(session: AsyncSession, ledger: Ledger, by: StaffRow, person_id: UUID, name: str) -> PersonView:
    """Another name; customers see it too. One's own may be changed."""
    check_may(by, RIGHT)
    person = by if person_id == by.id else await _other(session, by, person_id)
    named = " ".join(name.split())
    if not 1 <= len(named) <= 100:
        raise InvalidInputError("A name has 1 to 100 characters")
    before, person.name = person.name, named
    await _record(session, ledger, by, "person.renamed", person, (before, named))
    return await _view(session, ledger, person.id)


async def disable(session: AsyncSession, ledger: Ledger, by: StaffRow, person_id: UUID) -> PersonView:
    """Closes an account: sessions, links and tokens end, and what the person held goes back to the queue. Raises LastAdminError."""
    person = await _other(session, by, person_id)
    await _expect_another_admin(session, person)
    person.active = False
    await session.flush()
    await _end_sessions(session, person.id)
    await session.execute(delete(PasswordLinkRow).where(PasswordLinkRow.staff_id == person.id))
    await session.execute(delete(ApiTokenRow).where(ApiTokenRow.staff_id == person.id))
    returned = await _return_conversations(session, ledger, person)
    await _record(session, ledger, by, "person.disabled", person, ("", f"{returned} conversations back in the queue"))
    return await _view(session, ledger, person.id)


async def enable(session: AsyncSession, ledger: Ledger, by: StaffRow, person_id: UUID) -> PersonView:
    """Opens a disabled account again, with its old password; tokens do not come back."""
    person = await _other(session, by, person_id)
    person.active = True
    await _record(session, ledger, by, "person.enabled", person)
    return await _view(session, ledger, person.id)


async def list_sessions(session: AsyncSession, by: StaffRow, person_id: UUID, *, now: datetime) -> Sequence[StaffSessionRow]:
    """The live sessions of a person, the last used first; one's own may be seen by everybody."""
    if person_id != by.id:
        check_may(by, RIGHT)
    query = select(StaffSessionRow).where(StaffSessionRow.staff_id == person_id, StaffSessionRow.expires_at > now)
    return list((await session.execute(query.order_by(StaffSessionRow.used_at.desc()))).scalars())


async def end_session(session: AsyncSession, ledger: Ledger, by: StaffRow, person_id: UUID, session_id: UUID | None = None) -> None:
    """Ends one session of a person, or all of them."""
    person = by if person_id == by.id else await _other(session, by, person_id)
    await _end_sessions(session, person.id, session_id)
    await _record(session, ledger, by, "person.sessions_ended", person)


async def _other(session: AsyncSession, by: StaffRow, person_id: UUID) -> StaffRow:
    """Somebody else whom `by` may change, locked."""
    check_may(by, RIGHT)
    if person_id == by.id:
        raise NotAllowedError("Nobody does this to their own account", hint="Ask a colleague who may manage people.")
    await stand_in_line(session)
    by = await get_staff(session, by.id)  # as it is now: another change may have come first
    check_may(by, RIGHT)
    person = await session.get(StaffRow, person_id, populate_existing=True, with_for_update={"of": StaffRow})
    if person is None:
        raise NotFoundError("There is no such person")
    check_covers(by, permissions_of(person))
    return person


async def _expect_another_admin(session: AsyncSession, person: StaffRow) -> None:
    if person.role != Role.ADMIN or not person.active:
        return
    others = select(func.count()).select_from(StaffRow).where(StaffRow.role == Role.ADMIN, StaffRow.active, StaffRow.id != person.id)
    if not (await session.execute(others)).scalar_one():
        raise LastAdminError(hint="Make somebody else an admin first.")


async def _open(session: AsyncSession, ledger: Ledger, person: StaffRow, password: str | None) -> tuple[str | None, str | None]:
    person.temporary = password is not None
    await session.execute(delete(PasswordLinkRow).where(PasswordLinkRow.staff_id == person.id))
    link = await make_link(session, person, now=ledger.now) if password is None else None
    return link, password


async def _end_sessions(session: AsyncSession, person_id: UUID, session_id: UUID | None = None) -> None:
    ended = delete(StaffSessionRow).where(StaffSessionRow.staff_id == person_id)
    await session.execute(ended if session_id is None else ended.where(StaffSessionRow.id == session_id))


async def _return_conversations(session: AsyncSession, ledger: Ledger, person: StaffRow) -> int:
    held = select(ConversationRow.id).where(ConversationRow.agent_id == person.id, ConversationRow.status != Status.RESOLVED)
    found = list((await session.execute(held.order_by(ConversationRow.id))).scalars())
    for conversation_id in found:
        conversation = await lock_conversation(session, conversation_id)
        if conversation.agent_id == person.id and conversation.status != Status.RESOLVED:
            await ownership.release(session, ledger, conversation, staff=person, reason="disabled")
    return len(found)


async def _record(
    session: AsyncSession, ledger: Ledger, by: StaffRow, action: str, person: StaffRow, change: tuple[str, str] = ("", "")
) -> None:
    details = {name: value for name, value in zip(("before", "after"), change, strict=True) if value}
    await record_change(session, by, action, Subject("person", str(person.id), person.name), at=ledger.now, details=details)


async def _view(session: AsyncSession, ledger: Ledger, person_id: UUID) -> PersonView:
    return next(one for one in await _views(session, ledger.now, person_id))


async def _views(session: AsyncSession, now: datetime, person_id: UUID | None = None) -> list[PersonView]:
    await session.flush()
    live = select(func.count()).where(StaffSessionRow.staff_id == StaffRow.id, StaffSessionRow.expires_at > now)
    seen = select(func.max(StaffSessionRow.used_at)).where(StaffSessionRow.staff_id == StaffRow.id)
    tokens = select(func.count()).where(ApiTokenRow.staff_id == StaffRow.id)
    holds = select(func.count()).where(ConversationRow.agent_id == StaffRow.id, ConversationRow.status != Status.RESOLVED)
    query = select(StaffRow, *(one.scalar_subquery() for one in (seen, live, tokens, holds)))
    query = query.order_by(StaffRow.active.desc(), func.lower(StaffRow.name), StaffRow.id)
    rows = (await session.execute(query if person_id is None else query.where(StaffRow.id == person_id))).all()
    return [
        PersonView(p.id, p.email, p.name, p.role, p.active, p.temporary, p.created_at, *counted) for p, *counted in rows
    ]  # fmt: skip
