"""The list of alerts for supervisors: read, and seen to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import lock_conversation
from context.desk_events import AlertAcknowledged
from context.events import Actor
from context.ledger import Ledger
from context.models import ContactRow, ConversationRow
from context.staff.models import StaffRow
from context.staff.rights import check_may
from desk.models import AlertRow
from kit.errors import NotFoundError


@dataclass(frozen=True)
class AlertView:
    """An alert with whom it is about. `detail` are the customer's words that raised it, if there are any."""

    id: UUID
    conversation_id: UUID
    kind: str
    severity: int
    detail: str
    message_id: UUID | None
    at: datetime
    contact_name: str | None
    channel: str
    handler: str
    team_id: UUID | None
    priority: int
    agent_name: str | None
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None


async def access_alerts(session: AsyncSession, staff: StaffRow, *, standing: bool = True, limit: int = 200) -> list[AlertView]:
    """Alerts, the most serious and newest first: those that stand, or all. Raises NotAllowedError."""
    check_may(staff, "supervise")
    query = (
        select(AlertRow, ConversationRow, ContactRow.name, StaffRow.name)
        .join(ConversationRow, ConversationRow.id == AlertRow.conversation_id)
        .join(ContactRow, ContactRow.id == ConversationRow.contact_id)
        .join(StaffRow, StaffRow.id == ConversationRow.agent_id, isouter=True)
    )
    if standing:
        query = query.where(AlertRow.acknowledged_at.is_(None)).order_by(AlertRow.severity.desc(), AlertRow.at.desc())
    else:
        query = query.order_by(AlertRow.at.desc())
    return [_view(*row) for row in await session.execute(query.limit(limit))]


def _view(alert: AlertRow, conversation: ConversationRow, contact_name: str | None, agent_name: str | None) -> AlertView:
    return AlertView(
        alert.id, alert.conversation_id, alert.kind, alert.severity, alert.detail, alert.message_id, alert.at, contact_name,
        conversation.channel, conversation.handler, conversation.team_id, conversation.priority, agent_name, alert.acknowledged_at,
        alert.acknowledged_by,
    )  # fmt: skip


async def count_alerts(session: AsyncSession) -> int:
    """How many stand."""
    return (await session.execute(select(func.count()).select_from(AlertRow).where(AlertRow.acknowledged_at.is_(None)))).scalar_one()


async def access_acknowledge(session: AsyncSession, ledger: Ledger, staff: StaffRow, alert_id: UUID) -> None:
    """Somebody sees to an alert; a second time changes nothing. Raises NotAllowedError, NotFoundError."""
    check_may(staff, "supervise")
    found = await session.get(AlertRow, alert_id)
    if found is None:
        raise NotFoundError("There is no such alert")
    conversation = await lock_conversation(session, found.conversation_id)
    await session.refresh(found)
    if found.acknowledged_at is not None:
        return
    found.acknowledged_at, found.acknowledged_by = ledger.now, staff.id
    event = AlertAcknowledged(alert_id=str(alert_id), kind=found.kind, staff_id=str(staff.id))
    await ledger.append(session, event, actor=Actor("agent", str(staff.id)), conversation=conversation)
