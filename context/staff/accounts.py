"""Accounts, logins and tokens. Passwords are argon2id hashes; tokens are random and kept as SHA-256 only."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

import argon2
from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.models import ApiTokenRow, CustomRoleRow, LoginTryRow, StaffRow, StaffSessionRow
from context.staff.permissions import BUILT_IN, check_permissions
from context.staff.rights import check_may as check_may
from context.staff.rights import limit_to
from context.staff.rights import may as may
from kit.clock import Clock, utc_now
from kit.errors import ConflictError, InvalidInputError, NotAuthenticatedError, TooManyRequestsError

SESSION = timedelta(hours=12)
TRY_WINDOW = timedelta(minutes=15)
MAX_TRIES = 8
MIN_PASSWORD = 10
SEEN_EVERY = timedelta(minutes=1)  # how exactly the last use of a session or token is known
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_hasher = argon2.PasswordHasher()
_hashing = asyncio.Semaphore(2)  # a hash takes a core and 64 MB for a moment


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


def hash_password(password: str) -> str:
    """How a password is kept. Raises InvalidInputError for a short one."""
    if len(password) < MIN_PASSWORD:
        raise InvalidInputError("The password is too short", hint=f"Use at least {MIN_PASSWORD} characters.")
    return _hasher.hash(password)


async def create_staff(session: AsyncSession, *, email: str, name: str, role: str, password: str, demo: bool = False) -> StaffRow:
    """A new account; `role` is a built-in or a custom one.

    Raises InvalidInputError for a weak password, a malformed address or an unknown role, ConflictError for an address in use.
    """
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise InvalidInputError(f"{email!r} is not an e-mail address")
    kept = _hasher.hash(password) if demo else hash_password(password)
    await expect_role(session, role)
    if await find_staff(session, address):
        raise ConflictError(f"There is an account for {address} already")
    row = StaffRow(email=address, name=name.strip() or address, role=str(role), password_hash=kept, demo=demo, active=True)
    session.add(row)
    await session.flush()
    await session.refresh(row, ["custom_permissions"])
    return row


async def expect_role(session: AsyncSession, role: str) -> frozenset[str]:
    """What a role allows; a custom one stays as it is until the transaction ends. Raises InvalidInputError for an unknown one."""
    if role in BUILT_IN:
        return BUILT_IN[role]
    row = await session.get(CustomRoleRow, role, populate_existing=True, with_for_update={"read": True})
    if row is None:
        raise InvalidInputError(f"There is no role {role!r}")
    return frozenset(row.permissions)


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


async def forget_try(session: AsyncSession, try_id: UUID) -> None:
    """The password was right: the try no longer counts."""
    await session.execute(delete(LoginTryRow).where(LoginTryRow.id == try_id))


async def end_login(session: AsyncSession, try_id: UUID, staff: StaffRow, *, device: str = "", clock: Clock = utc_now) -> str:
    """The password was right: the try no longer counts, and a session is open. Returns its token."""
    await forget_try(session, try_id)
    return await open_session(session, staff, device=device, clock=clock)


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


async def open_session(session: AsyncSession, staff: StaffRow, *, device: str = "", clock: Clock = utc_now) -> str:
    """A new login session; returns its token, which is shown nowhere else. `device`: what the browser says of itself."""
    token, now = secrets.token_urlsafe(32), clock()
    row = StaffSessionRow(token_hash=token_hash(token), staff_id=staff.id, device=device[:300], used_at=now, expires_at=now + SESSION)
    session.add(row)
    await session.flush()
    return token


async def find_session_staff(session: AsyncSession, token: str | None, *, clock: Clock = utc_now) -> StaffRow | None:
    """Whose live session this is, or None."""
    if not token:
        return None
    now = clock()
    query = (
        select(StaffRow, StaffSessionRow.used_at)
        .join(StaffSessionRow, StaffSessionRow.staff_id == StaffRow.id)
        .where(StaffSessionRow.token_hash == token_hash(token), StaffSessionRow.expires_at > now, StaffRow.active)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    if found.used_at < now - SEEN_EVERY:
        await session.execute(update(StaffSessionRow).where(StaffSessionRow.token_hash == token_hash(token)).values(used_at=now))
    staff: StaffRow = found[0]
    limit_to(staff.id, None)
    return staff


async def find_sessions_staff(session: AsyncSession, tokens: Collection[str], *, clock: Clock = utc_now) -> dict[str, StaffRow]:
    """Whose live sessions these are; those that are over are left out."""
    now, hashes = clock(), {token_hash(token): token for token in tokens}
    query = (
        select(StaffRow, StaffSessionRow.token_hash, StaffSessionRow.used_at)
        .join(StaffSessionRow, StaffSessionRow.staff_id == StaffRow.id)
        .where(StaffSessionRow.token_hash.in_(hashes), StaffSessionRow.expires_at > now, StaffRow.active)
    )
    found = (await session.execute(query)).all()
    unseen = [row.token_hash for row in found if row.used_at < now - SEEN_EVERY]
    if unseen:
        await session.execute(update(StaffSessionRow).where(StaffSessionRow.token_hash.in_(unseen)).values(used_at=now))
    return {hashes[row.token_hash]: row[0] for row in found}


async def close_session(session: AsyncSession, token: str) -> None:
    """Ends a login session."""
    await session.execute(delete(StaffSessionRow).where(StaffSessionRow.token_hash == token_hash(token)))


async def create_api_token(
    session: AsyncSession,
    staff: StaffRow,
    *,
    label: str,
    permissions: Collection[str] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """A token for the /v1 API that acts as `staff`, with `permissions` at most; shown once."""
    token = "bt_" + secrets.token_urlsafe(32)
    limit = None if permissions is None else check_permissions(permissions)
    row = ApiTokenRow(token_hash=token_hash(token), staff_id=staff.id, label=label, permissions=limit, expires_at=expires_at)
    session.add(row)
    await session.flush()
    return token


async def access_token_staff(session: AsyncSession, token: str | None, *, clock: Clock = utc_now) -> StaffRow:
    """Whose API token this is; from here on `may` knows the limits of the token. Raises NotAuthenticatedError."""
    now = clock()
    query = select(StaffRow, ApiTokenRow).join(ApiTokenRow, ApiTokenRow.staff_id == StaffRow.id)
    query = query.where(ApiTokenRow.token_hash == token_hash(token or ""), StaffRow.active)
    found = (await session.execute(query.where(or_(ApiTokenRow.expires_at.is_(None), ApiTokenRow.expires_at > now)))).one_or_none()
    if found is None:
        raise NotAuthenticatedError("The API token is missing, unknown or expired", hint="Make one with `baton create-agent --token`.")
    staff: StaffRow = found[0]
    known: ApiTokenRow = found[1]
    if known.used_at is None or known.used_at < now - SEEN_EVERY:  # at once, before anything else is locked
        await session.execute(update(ApiTokenRow).where(ApiTokenRow.token_hash == known.token_hash).values(used_at=now))
    limit_to(staff.id, known.permissions)
    return staff


async def get_staff(session: AsyncSession, staff_id: UUID) -> StaffRow:
    """The account. Raises NotAuthenticatedError when it is gone or no longer active."""
    staff = await session.get(StaffRow, staff_id, populate_existing=True)
    if staff is None or not staff.active:
        raise NotAuthenticatedError("This account is not active any more")
    return staff
