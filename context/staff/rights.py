"""Whether a person may do something: what their role allows, within the limits of the API token they came with."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from context.staff.models import CustomRoleRow, StaffRow
from context.staff.permissions import BUILT_IN, PERMISSIONS
from kit.errors import NotAllowedError

_limit: ContextVar[tuple[UUID, frozenset[str]] | None] = ContextVar("limit", default=None)


def limit_to(staff_id: UUID, permissions: Iterable[str] | None) -> None:
    """From here on in this request, that person may do no more than this (None: all that the role allows)."""
    _limit.set(None if permissions is None else (staff_id, frozenset(permissions)))


def permissions_of(staff: StaffRow) -> frozenset[str]:
    """All that a person may do now."""
    known = BUILT_IN.get(staff.role)
    allowed = frozenset(staff.custom_permissions or ()) & PERMISSIONS.keys() if known is None else known
    limit = _limit.get()
    return allowed & limit[1] if limit is not None and limit[0] == staff.id else allowed


def may(staff: StaffRow, what: str) -> bool:
    """Whether the role allows `what` (a key of PERMISSIONS; another one is a KeyError)."""
    PERMISSIONS[what]
    return what in permissions_of(staff)


def check_may(staff: StaffRow, what: str) -> None:
    """Raises NotAllowedError unless the role allows `what`."""
    if not may(staff, what):
        raise NotAllowedError(f"Your role ({staff.role}) does not allow this", hint=f"It needs the permission: {what}.")


def check_covers(staff: StaffRow, permissions: Iterable[str]) -> None:
    """Raises NotAllowedError when somebody would give, or touch, more than they may do themselves."""
    beyond = sorted(set(permissions) - permissions_of(staff))
    if beyond:
        raise NotAllowedError("Nobody can give or change more than they may do themselves", hint=f"Beyond you: {', '.join(beyond)}.")


def who_may(what: str) -> ColumnElement[bool]:
    """The condition, for queries over StaffRow, that the role allows `what`."""
    roles = [role for role, allowed in BUILT_IN.items() if what in allowed]
    custom = select(CustomRoleRow.name).where(CustomRoleRow.permissions.contains([what]))
    return or_(StaffRow.role.in_(roles), StaffRow.role.in_(custom))
