"""Deleting a team whose conversations go on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ConversationRow
from context.staff.models import StaffRow, TeamRow
from context.staff.rights import check_may
from desk.models import SlaClockRow
from kit.errors import NotFoundError


async def access_delete_team(session: AsyncSession, staff: StaffRow, team_id: UUID) -> None:
    """Deletes a team; its conversations belong to none then. Raises NotAllowedError, NotFoundError."""
    check_may(staff, "manage_teams")
    await delete_team(session, team_id)


async def delete_team(session: AsyncSession, team_id: UUID) -> None:
    """As `access_delete_team`, for commands of the operator.

    The database takes the team from clocks and conversations by itself, but in an order of its own, which stops a turn in its middle.
    So the conversations are locked first, as every turn does before it touches their clocks.
    """
    timed = select(SlaClockRow.conversation_id).where(SlaClockRow.team_id == team_id)
    query = select(ConversationRow.id).where((ConversationRow.team_id == team_id) | ConversationRow.id.in_(timed))
    await session.execute(query.order_by(ConversationRow.id).with_for_update())
    gone = await session.execute(delete(TeamRow).where(TeamRow.id == team_id).returning(TeamRow.id))
    if gone.first() is None:
        raise NotFoundError("There is no such team")
