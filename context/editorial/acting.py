"""Who is at the other end of /v1/articles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from context.editorial.services import ArticleServices
from context.publishing import EDIT
from context.staff.accounts import access_token_staff, check_may
from context.staff.models import StaffRow


@asynccontextmanager
async def acting(services: ArticleServices, token: str | None) -> AsyncIterator[tuple[AsyncSession, StaffRow]]:
    """A transaction of somebody who may edit. Raises NotAuthenticatedError, NotAllowedError."""
    async with services.database.transaction() as session:
        staff = await access_token_staff(session, token)
        check_may(staff, EDIT)
        yield session, staff
