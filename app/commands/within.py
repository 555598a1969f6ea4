"""What a command does within one transaction of the database, which is started where it does not run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.commands.common import run, settings
from app.migrate import migrate
from app.settings import Settings
from app.supervise import database_of
from app.wiring import Base, build_base

T = TypeVar("T")


def within(action: Callable[[Settings, Base, AsyncSession], Awaitable[T]]) -> T:
    """What `action` gives, with the settings, the base and a session; jobs that it asks for are kept with its transaction."""
    found = settings()

    async def body(url: str) -> T:
        base = build_base(url)
        try:
            async with base.jobs.app.open_async(), base.database.transaction() as session:
                return await action(found, base, session)
        finally:
            await base.database.close()

    with database_of(found) as url:
        migrate(url)
        return run(body(url))
