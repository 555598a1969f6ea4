"""What the routes of /v1 need, and who may call them: a token acts as one staff member, whose rights are checked in every route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header
from sqlalchemy.ext.asyncio import AsyncSession

from context.ledger import Ledger
from context.staff.accounts import access_token_staff, check_may
from context.staff.models import StaffRow
from context.stream import Hub
from kit.db import Database


@dataclass(frozen=True)
class ApiServices:
    """What the endpoints need."""

    database: Database
    ledger: Ledger
    hub: Hub


def staff_token(authorization: Annotated[str | None, Header()] = None) -> str | None:
    """The token of the Authorization header."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


Token = Annotated[str | None, Depends(staff_token)]


async def access(session: AsyncSession, token: str | None, what: str = "converse") -> StaffRow:
    """The token's owner, who must be allowed to do `what`. Raises NotAuthenticatedError and NotAllowedError."""
    staff = await access_token_staff(session, token)
    check_may(staff, what)
    return staff
