"""API tokens as those who manage them see them: what each may do, until when, when it was used last; made (shown once) and revoked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.ledger import Ledger
from context.staff.accounts import create_api_token
from context.staff.audit import Subject, record_change
from context.staff.models import ApiTokenRow, StaffRow
from context.staff.permissions import check_permissions
from context.staff.rights import check_covers, check_may, permissions_of
from kit.errors import InvalidInputError, NotFoundError

RIGHT = "manage_tokens"
MOST_DAYS = 3650


@dataclass(frozen=True)
class TokenView:
    """A token; `permissions` None: all that its person may do."""

    id: UUID
    label: str
    person_id: UUID
    person: str
    permissions: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True)
class Wish:
    """What somebody asks for; `days` None: it does not end by itself."""

    label: str
    person_id: UUID
    permissions: Collection[str] | None = None
    days: int | None = None


async def access_tokens(session: AsyncSession, by: StaffRow) -> list[TokenView]:
    """All tokens, the newest first. Raises NotAllowedError."""
    check_may(by, RIGHT)
    query = select(ApiTokenRow, StaffRow.name).join(StaffRow, StaffRow.id == ApiTokenRow.staff_id)
    return [_view(row, name) for row, name in (await session.execute(query.order_by(ApiTokenRow.created_at.desc()))).all()]


async def make_token(session: AsyncSession, ledger: Ledger, by: StaffRow, wish: Wish) -> str:
    """A token that acts as a person, with these permissions at most; returned once. Nobody makes one that may more than they do."""
    check_may(by, RIGHT)
    person = await session.get(StaffRow, wish.person_id, populate_existing=True)
    if person is None or not person.active:
        raise NotFoundError("There is no such person")
    label = " ".join(wish.label.split())
    if not 1 <= len(label) <= 100:
        raise InvalidInputError("A label has 1 to 100 characters")
    if wish.days is not None and not 1 <= wish.days <= MOST_DAYS:
        raise InvalidInputError(f"A token lasts 1 to {MOST_DAYS} days, or without end")
    wanted = None if wish.permissions is None else check_permissions(wish.permissions)
    if wanted == []:
        raise InvalidInputError("A token needs at least one permission")
    able = permissions_of(person)
    check_covers(by, able if wanted is None else able & set(wanted))
    ends = None if wish.days is None else ledger.now + timedelta(days=wish.days)
    token = await create_api_token(session, person, label=label, permissions=wanted, expires_at=ends)
    details = {"person": person.name, "after": wanted or "all", "days": wish.days}
    await record_change(session, by, "token.made", Subject("token", label, label), at=ledger.now, details=details)
    return token


async def revoke_token(session: AsyncSession, ledger: Ledger, by: StaffRow, token_id: UUID) -> None:
    """Ends a token at once. Raises NotFoundError, NotAllowedError."""
    check_may(by, RIGHT)
    row = (await session.execute(select(ApiTokenRow).where(ApiTokenRow.id == token_id).with_for_update())).scalar_one_or_none()
    if row is None:
        raise NotFoundError("There is no such token")
    await session.delete(row)
    await session.flush()
    await record_change(session, by, "token.revoked", Subject("token", row.label, row.label), at=ledger.now)


def _view(row: ApiTokenRow, person: str) -> TokenView:
    able = None if row.permissions is None else tuple(check_permissions(row.permissions))
    return TokenView(row.id, row.label, row.staff_id, person, able, row.created_at, row.expires_at, row.used_at)
