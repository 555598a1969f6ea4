"""Who looks at open pages is asked of the database for all of them together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login, SessionEndedError
from console.inbox.logins import Logins
from context.staff.accounts import close_session, create_staff, find_sessions_staff, open_session
from context.types import Role
from kit.db import Database
from kit.errors import NotAllowedError

pytestmark = pytest.mark.integration
PASSWORD = "long enough to pass"


class CountingDatabase(Database):
    """Counts transactions."""

    transactions = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        self.transactions += 1
        async with super().transaction() as session:
            yield session


async def hire(database: Database, *roles: str) -> list[Login]:
    """People, each logged in."""
    async with database.transaction() as session:
        people = [
            await create_staff(session, email=f"p{n}@example.com", name=f"P{n}", role=role, password=PASSWORD)
            for n, role in enumerate(roles)
        ]
        return [Login(database, await open_session(session, one)) for one in people]


async def test_all_open_pages_together_ask_once(database: Database) -> None:
    pages = await hire(database, Role.AGENT, Role.AGENT, Role.SUPERVISOR)
    counting = CountingDatabase(database.dsn)
    logins = Logins(counting, every=60)
    with ExitStack() as stack:
        for page in pages:
            stack.enter_context(logins.used_by(page))
        names = [(await logins.check(page, "converse")).name for page in pages * 2]
    assert names == ["P0", "P1", "P2"] * 2
    assert counting.transactions == 1
    await counting.close()


async def test_a_login_that_ended_is_refused_at_the_next_look_and_the_others_go_on(database: Database) -> None:
    gone, stays = await hire(database, Role.AGENT, Role.AGENT)
    logins = Logins(database, every=0)
    with logins.used_by(gone), logins.used_by(stays):
        await logins.check(gone, "converse")
        async with database.transaction() as session:
            await close_session(session, gone.token)
            assert list(await find_sessions_staff(session, [gone.token, stays.token])) == [stays.token]
        with pytest.raises(SessionEndedError):
            await logins.check(gone, "converse")
        assert (await logins.check(stays, "converse")).name == "P1"


async def test_a_role_that_may_not_is_refused_though_the_login_lives(database: Database) -> None:
    (editor,) = await hire(database, Role.EDITOR)
    logins = Logins(database)
    with logins.used_by(editor), pytest.raises(NotAllowedError):
        await logins.check(editor, "converse")
