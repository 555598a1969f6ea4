"""Accounts, logins and tokens. Passwords are argon2id hashes; tokens are random and kept as SHA-256 only."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from datetime import timedelta
from functools import cache
from uuid import UUID

import argon2
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.models import ApiTokenRow, LoginTryRow, StaffRow, StaffSessionRow
from context.types import Role
from kit.clock import Clock, utc_now
from kit.errors import ConflictError, InvalidInputError, NotAllowedError, NotAuthenticatedError, TooManyRequestsError

SESSION = timedelta(hours=12)
TRY_WINDOW = timedelta(minutes=15)
MAX_TRIES = 8
MIN_PASSWORD = 10
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_hasher = argon2.PasswordHasher()
_hashing = asyncio.Semaphore(2)  # a hash takes a core and 64 MB for a moment

MAY: dict[str, frozenset[Role]] = {
    "converse": frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN}),
    "edit_articles": frozenset({Role.EDITOR, Role.SUPERVISOR, Role.ADMIN}),
    "teach": frozenset({Role.EDITOR, Role.SUPERVISOR, Role.ADMIN}),
    "supervise": frozenset({Role.SUPERVISOR, Role.ADMIN}),
    "administer": frozenset({Role.ADMIN}),
}


@cache
def _nobody() -> str:
    """The hash for an unknown e-mail, so that it takes as long as a wrong password."""
    return _hasher.hash("no such account")


def _verify(password_hash: str | None, password: str) -> None:
    _hasher.verify(password_hash or _nobody(), password)


class WrongLoginError(NotAuthenticatedError):
    """The e-mail address or the password is wrong."""


def token_hash(token: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


async def create_staff(session: AsyncSession, *, email: str, name: str, role: Role, password: str, demo: bool = False) -> StaffRow:
    """A new account. Raises InvalidInputError for a weak password or malformed address, ConflictError for an address in use."""
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise InvalidInputError(f"{email!r} is not an e-mail address")
    if len(password) < MIN_PASSWORD and not demo:
        raise InvalidInputError("The password is too short", hint=f"Use at least {MIN_PASSWORD} characters.")
    if await find_staff(session, address):
        raise ConflictError(f"There is an account for {address} already")
    row = StaffRow(email=address, name=name.strip() or address, role=role, password_hash=_hasher.hash(password), demo=demo, active=True)
    session.add(row)
    await session.flush()
    return row


async def find_staff(session: AsyncSession, email: str) -> StaffRow | None:
    """The account with this address, or None."""
    return (await session.execute(select(StaffRow).where(StaffRow.email == email.strip().lower()))).scalar_one_or_none()


async def begin_login(session: AsyncSession, email: str, *, clock: Clock = utc_now) -> UUID:
    """Counts a try before the password is looked at, so that tries at once count too; `end_login` takes a right one back.

    Raises TooManyRequestsError after 8 failures in 15 minutes.
    """
    address = email.strip().lower()
    digest = hashlib.blake2b(address.encode(), digest_size=8).digest()
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(digest, "big", signed=True)})
    since = clock() - TRY_WINDOW
    tries = select(func.count()).select_from(LoginTryRow).where(LoginTryRow.email == address, LoginTryRow.at > since)
    if (await session.execute(tries)).scalar_one() >= MAX_TRIES:
        raise TooManyRequestsError("Too many failed logins for this address", hint="Wait 15 minutes.")
    row = LoginTryRow(email=address, at=clock())
    session.add(row)
    await session.flush()
    return row.id


async def end_login(session: AsyncSession, try_id: UUID, staff: StaffRow, *, clock: Clock = utc_now) -> str:
    """The password was right: the try no longer counts, and a session is open. Returns its token."""
    await session.execute(delete(LoginTryRow).where(LoginTryRow.id == try_id))
    return await open_session(session, staff, clock=clock)


async def check_password(staff: StaffRow | None, password: str) -> StaffRow:
    """`staff` when this is the password of an active account. Call it outside any transaction: it is slow on purpose.

    Raises WrongLoginError, after the same time whether or not there is an account.
    """
    async with _hashing:
        try:
            await asyncio.to_thread(_verify, staff.password_hash if staff else None, password)
        except argon2.exceptions.VerificationError:
            raise WrongLoginError from None
    if staff is None or not staff.active:
        raise WrongLoginError
    return staff


async def open_session(session: AsyncSession, staff: StaffRow, *, clock: Clock = utc_now) -> str:
    """A new login session; returns its token, which is shown nowhere else."""
    token = secrets.token_urlsafe(32)
    session.add(StaffSessionRow(token_hash=token_hash(token), staff_id=staff.id, expires_at=clock() + SESSION))
    await session.flush()
    return token


async def find_session_staff(session: AsyncSession, token: str | None, *, clock: Clock = utc_now) -> StaffRow | None:
    """Whose live session this token is, or None."""
    if not token:
        return None
    query = (
        select(StaffRow)
        .join(StaffSessionRow, StaffSessionRow.staff_id == StaffRow.id)
        .where(StaffSessionRow.token_hash == token_hash(token), StaffSessionRow.expires_at > clock(), StaffRow.active)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def close_session(session: AsyncSession, token: str) -> None:
    """Ends a login session."""
    await session.execute(delete(StaffSessionRow).where(StaffSessionRow.token_hash == token_hash(token)))


async def create_api_token(session: AsyncSession, staff: StaffRow, *, label: str) -> str:
    """A token for the /v1 API that acts as `staff`; shown once."""
    token = "bt_" + secrets.token_urlsafe(32)
    session.add(ApiTokenRow(token_hash=token_hash(token), staff_id=staff.id, label=label))
    await session.flush()
    return token


async def access_token_staff(session: AsyncSession, token: str | None) -> StaffRow:
    """Whose API token this is. Raises NotAuthenticatedError."""
    query = select(StaffRow).join(ApiTokenRow, ApiTokenRow.staff_id == StaffRow.id)
    query = query.where(ApiTokenRow.token_hash == token_hash(token or ""), StaffRow.active)
    staff = (await session.execute(query)).scalar_one_or_none()
    if staff is None:
        raise NotAuthenticatedError("The API token is missing or unknown", hint="Make one with `baton create-agent --token`.")
    return staff


async def get_staff(session: AsyncSession, staff_id: UUID) -> StaffRow:
    """The account. Raises NotAuthenticatedError when it is gone or no longer active."""
    staff = await session.get(StaffRow, staff_id, populate_existing=True)
    if staff is None or not staff.active:
        raise NotAuthenticatedError("This account is not active any more")
    return staff


def may(staff: StaffRow, what: str) -> bool:
    """Whether the role allows `what` (a key of MAY)."""
    return Role(staff.role) in MAY[what]


def check_may(staff: StaffRow, what: str) -> None:
    """Raises NotAllowedError unless the role allows `what`."""
    if not may(staff, what):
        raise NotAllowedError(f"Your role ({staff.role}) does not allow this")
