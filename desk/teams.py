"""Deleting a team whose conversations go on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ConversationRow
from context.staff import teams
from context.staff.models import StaffRow
from context.staff.rights import check_may
from desk.models import SlaClockRow


async def access_delete_team(session: AsyncSession, staff: StaffRow, team_id: UUID) -> None:
    """As `context.staff.teams.access_delete_team`, in the order of locks that every turn keeps: the conversation before its clocks.

    The database takes the team from clocks and conversations by itself, but in an order of its own, which stops a turn in its middle.
    """
    check_may(staff, "manage_teams")
    await lock_conversations_of(session, team_id)
    await teams.access_delete_team(session, staff, team_id)


async def lock_conversations_of(session: AsyncSession, team_id: UUID) -> None:
    """Locks all conversations that belong to a team or have a clock of it."""
    timed = select(SlaClockRow.conversation_id).where(SlaClockRow.team_id == team_id)
    query = select(ConversationRow.id).where((ConversationRow.team_id == team_id) | ConversationRow.id.in_(timed))
    await session.execute(query.order_by(ConversationRow.id).with_for_update())
