"""Choosing a password: with a one-time link, or after a login with a temporary password, which leads to such a link."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.accounts import hash_password, token_hash
from context.staff.models import PasswordLinkRow, StaffRow, StaffSessionRow
from kit.errors import NotAuthenticatedError

INVITATION = timedelta(days=7)
AFTER_LOGIN = timedelta(minutes=15)


class LinkGoneError(NotAuthenticatedError):
    """This link was used already, or its time has passed."""


async def make_link(session: AsyncSession, person: StaffRow, *, now: datetime, lasts: timedelta = INVITATION) -> str:
    """The token of a link with which this person chooses a password, once; it is kept as a hash only."""
    token = secrets.token_urlsafe(32)
    session.add(PasswordLinkRow(token_hash=token_hash(token), staff_id=person.id, created_at=now, expires_at=now + lasts))
    await session.flush()
    return token


async def access_link(session: AsyncSession, token: str, *, now: datetime, use: bool = False) -> StaffRow:
    """Whose link this is. Raises LinkGoneError when it is unknown, used, too old, or the account is disabled."""
    query = select(PasswordLinkRow, StaffRow).join(StaffRow, StaffRow.id == PasswordLinkRow.staff_id)
    query = query.where(PasswordLinkRow.token_hash == token_hash(token), PasswordLinkRow.expires_at > now, StaffRow.active)
    found = (await session.execute(query.with_for_update(of=PasswordLinkRow) if use else query)).one_or_none()
    if found is None:
        raise LinkGoneError(hint="Ask for a new one.")
    person: StaffRow = found[1]
    return person


async def choose_password(session: AsyncSession, token: str, password: str, *, now: datetime) -> StaffRow:
    """Sets the password of whose link this is; the link and all sessions of before end. Raises LinkGoneError, InvalidInputError."""
    person = await access_link(session, token, now=now, use=True)
    person.password_hash, person.temporary = hash_password(password), False
    await session.execute(delete(PasswordLinkRow).where(PasswordLinkRow.staff_id == person.id))
    await session.execute(delete(StaffSessionRow).where(StaffSessionRow.staff_id == person.id))
    await session.flush()
    return person
