"""Logins: right ones open a session, wrong ones count, also when many come at once."""

from __future__ import annotations

import asyncio

import pytest

from context.staff.accounts import (
    MAX_TRIES,
    WrongLoginError,
    begin_login,
    check_password,
    create_staff,
    end_login,
    find_session_staff,
    find_staff,
)
from context.types import Role
from kit.db import Database
from kit.errors import ConflictError, InvalidInputError, TooManyRequestsError

pytestmark = pytest.mark.integration


async def log_in(database: Database, password: str) -> str:
    """Logs Ana in as the console does; returns the session's token."""
    async with database.transaction() as session:
        try_id = await begin_login(session, "ana@example.com")
        found = await find_staff(session, "ana@example.com")
    staff = await check_password(found, password)
    async with database.transaction() as session:
        return await end_login(session, try_id, staff)


async def make_ana(database: Database) -> None:
    """An agent's account."""
    async with database.transaction() as session:
        await create_staff(session, email="Ana@Example.com ", name="Ana", role=Role.AGENT, password="long enough")


async def test_many_wrong_logins_at_once_are_limited_like_one_after_the_other(database: Database) -> None:
    await make_ana(database)
    outcomes = await asyncio.gather(*(log_in(database, "wrong password") for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(o, WrongLoginError) for o in outcomes) == MAX_TRIES
    assert sum(isinstance(o, TooManyRequestsError) for o in outcomes) == 20 - MAX_TRIES


async def test_right_logins_do_not_count(database: Database) -> None:
    await make_ana(database)
    for _ in range(MAX_TRIES + 1):
        token = await log_in(database, "long enough")
    async with database.transaction() as session:
        staff = await find_session_staff(session, token)
        assert staff is not None
        assert staff.email == "ana@example.com"
        assert await find_session_staff(session, token + "x") is None


async def test_an_account_that_is_not_there_is_a_wrong_login_too(database: Database) -> None:
    with pytest.raises(WrongLoginError):
        await check_password(None, "anything")


async def test_weak_passwords_odd_addresses_and_doubles_are_refused(database: Database) -> None:
    await make_ana(database)
    async with database.transaction() as session:
        with pytest.raises(InvalidInputError, match="too short"):
            await create_staff(session, email="b@example.com", name="B", role=Role.AGENT, password="short")
        with pytest.raises(InvalidInputError, match="not an e-mail"):
            await create_staff(session, email="nobody", name="B", role=Role.AGENT, password="long enough")
        with pytest.raises(ConflictError):
            await create_staff(session, email="ana@example.com", name="B", role=Role.AGENT, password="long enough")
