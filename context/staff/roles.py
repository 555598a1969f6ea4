"""Custom roles: named sets of permissions. Nobody gives more than they may do themselves, nor changes the role they have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.audit import Subject, record_change
from context.staff.models import CustomRoleRow, StaffRow
from context.staff.permissions import BUILT_IN, check_permissions
from context.staff.rights import check_covers, check_may
from kit.clock import Clock, utc_now
from kit.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError

RIGHT = "manage_roles"
MOST_NAME = 60
_LOCK = 0x6261746F6E0A  # any fixed number: changes of people and roles stand in line


@dataclass(frozen=True)
class RoleView:
    """A role; `people` counts those who are active and have it."""

    name: str
    description: str
    permissions: tuple[str, ...]
    custom: bool
    people: int


async def stand_in_line(session: AsyncSession) -> None:
    """Lets changes of people and roles follow one another, so that two at once cannot remove the last admin."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


async def list_roles(session: AsyncSession) -> list[RoleView]:
    """All roles: the built-in ones, then the custom ones by name."""
    counted = (await session.execute(select(StaffRow.role, func.count()).where(StaffRow.active).group_by(StaffRow.role))).all()
    people = {str(role): count for role, count in counted}
    found = [RoleView(str(role), "", tuple(check_permissions(able)), False, people.get(role, 0)) for role, able in BUILT_IN.items()]
    rows = (await session.execute(select(CustomRoleRow).order_by(CustomRoleRow.name))).scalars()
    return found + [_view(row, people.get(row.name, 0)) for row in rows]


async def save_role(
    session: AsyncSession, staff: StaffRow, name: str, *, description: str, permissions: Collection[str], clock: Clock = utc_now
) -> RoleView:
    """Creates or changes a custom role; who has it may do the new set at once.

    Raises NotAllowedError for more than one may do oneself and for one's own role, InvalidInputError.
    """
    check_may(staff, RIGHT)
    named, able = _checked_name(name), check_permissions(permissions)
    if not able:
        raise InvalidInputError("A role needs at least one permission")
    check_covers(staff, able)
    await stand_in_line(session)
    row = await session.get(CustomRoleRow, named, populate_existing=True, with_for_update=True)
    before = list(row.permissions) if row is not None else []
    _check_other(staff, named)
    check_covers(staff, before)
    if row is None:
        row = CustomRoleRow(name=named, permissions=able, created_at=clock())
        session.add(row)
    row.description, row.permissions, row.changed_at = description.strip()[:300], able, clock()
    await session.flush()
    action = "role.changed" if before else "role.created"
    await record_change(session, staff, action, _subject(named), at=clock(), details={"before": before, "after": able})
    return _view(row, await _count(session, named))


async def remove_role(session: AsyncSession, staff: StaffRow, name: str, *, clock: Clock = utc_now) -> None:
    """Removes a custom role that nobody has. Raises NotFoundError, ConflictError, NotAllowedError."""
    check_may(staff, RIGHT)
    await stand_in_line(session)
    row = await session.get(CustomRoleRow, name, populate_existing=True, with_for_update=True)
    if row is None:
        raise NotFoundError(f"There is no custom role {name!r}")
    check_covers(staff, row.permissions)
    having = select(func.count()).select_from(StaffRow).where(StaffRow.role == name)
    if (await session.execute(having)).scalar_one():
        raise ConflictError("People still have this role", hint="Give them another one first, disabled people too.")
    await session.delete(row)
    await session.flush()
    await record_change(session, staff, "role.removed", _subject(name), at=clock(), details={"before": list(row.permissions)})


def _checked_name(name: str) -> str:
    named = " ".join(name.split())
    if not named or len(named) > MOST_NAME:
        raise InvalidInputError(f"The name of a role has 1 to {MOST_NAME} characters")
    if named.lower() in BUILT_IN:
        raise InvalidInputError(f"{named!r} is a built-in role", hint="Choose another name.")
    return named


def _check_other(staff: StaffRow, name: str) -> None:
    if staff.role == name:
        raise NotAllowedError("Nobody changes their own role", hint="Ask a colleague who may manage roles.")


async def _count(session: AsyncSession, name: str) -> int:
    query = select(func.count()).select_from(StaffRow).where(StaffRow.role == name, StaffRow.active)
    return (await session.execute(query)).scalar_one()


def _view(row: CustomRoleRow, people: int) -> RoleView:
    return RoleView(row.name, row.description, tuple(check_permissions(row.permissions)), True, people)


def _subject(name: str) -> Subject:
    return Subject("role", name, name)
