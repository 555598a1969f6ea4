"""What follows from an action that was done for a customer: who they are by the order they proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.wiring import Base
from context.actions.order_try import NOTE_ORDER_TRY
from context.conversations import get_conversation
from context.identity.by_order import link_by_order


@dataclass(frozen=True)
class Following:
    """The jobs. Each looks first whether its work is done, as it may run again."""

    base: Base

    async def action(self, *, conversation_id: str | None, event_data: dict[str, Any], **_: Any) -> None:
        """Follows `action.done`."""
        result = event_data["result"]
        if conversation_id is None or event_data["action"] != NOTE_ORDER_TRY.name or not result.get("right"):
            return
        async with self.base.database.transaction() as session:
            conversation = await get_conversation(session, UUID(conversation_id))
            await link_by_order(session, self.base.ledger, conversation.contact_id, result["order_number"])
