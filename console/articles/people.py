"""The people behind the ids in articles."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.obeying import EDIT
from context.staff.models import StaffRow
from context.staff.rights import who_may


async def find_names(session: AsyncSession, editors: Iterable[str]) -> dict[str, str]:
    """Names of people by id; other editors (an import) keep their own word."""
    ids = {UUID(editor) for editor in editors if _is_id(editor)}
    if not ids:
        return {}
    rows = (await session.execute(select(StaffRow.id, StaffRow.name).where(StaffRow.id.in_(ids)))).all()
    return {str(found): name for found, name in rows}


async def find_editors(session: AsyncSession) -> dict[str, str]:
    """Names of everybody who may edit articles, by id."""
    query = select(StaffRow.id, StaffRow.name).where(StaffRow.active, who_may(EDIT))
    return {str(found): name for found, name in (await session.execute(query.order_by(StaffRow.name))).all()}


def _is_id(editor: str) -> bool:
    try:
        UUID(editor)
    except ValueError:
        return False
    return True
