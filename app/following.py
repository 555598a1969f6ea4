"""What follows from an action that was done for a customer: who they are by the order they proved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.wiring import FOLLOW_ACTION, FOLLOW_RESOLVED, FOLLOW_VERIFIED, Base
from context.actions.cancel_order import CANCEL_ORDER
from context.actions.change_address import CHANGE_ADDRESS
from context.actions.order_try import NOTE_ORDER_TRY
from context.actions.report_problem import REPORT_PROBLEM
from context.actions.request_invoice import REQUEST_INVOICE
from context.actions.request_return import REQUEST_RETURN
from context.conversations import get_conversation
from context.crm.linking import CrmSync
from context.identity.by_order import link_by_order
from context.orders.telling import plan_write_back

TOLD = {
    REQUEST_RETURN.name: "Return asked for",
    REPORT_PROBLEM.name: "Problem with a parcel",
    CANCEL_ORDER.name: "Cancellation asked for",
    CHANGE_ADDRESS.name: "New address asked for",
    REQUEST_INVOICE.name: "Invoice asked for",
}


@dataclass(frozen=True)
class Following:
    """The jobs. Each looks first whether its work is done, as it may run again."""

    base: Base
    crm: CrmSync | None = None

    async def action(self, *, conversation_id: str | None, event_data: dict[str, Any], **_: Any) -> None:
        """Follows `action.done`."""
        action, result = event_data["action"], event_data["result"]
        if action in TOLD and result.get("order_number"):
            await self._tell_shop(action, event_data["key"], result)
        if conversation_id is None or action != NOTE_ORDER_TRY.name or not result.get("right"):
            return
        async with self.base.database.transaction() as session:
            conversation = await get_conversation(session, UUID(conversation_id))
            await link_by_order(session, self.base.ledger, conversation.contact_id, result["order_number"])

    async def _tell_shop(self, action: str, key: str, result: dict[str, Any]) -> None:
        """A return as what it is, all else as a note; nothing for an order that only the own table has."""
        kind = "return" if action == REQUEST_RETURN.name else "note"
        data = {"reference": result.get("reference"), "text": f"{TOLD[action]}, reference {result.get('reference')} (Baton)"}
        async with self.base.database.transaction() as session:
            await plan_write_back(session, key=f"{action}:{key}", kind=kind, order_number=result["order_number"], data=data)

    async def verified(self, *, event_data: dict[str, Any], **_: Any) -> None:
        """Follows `contact.verified`: the customer system is asked who that is."""
        if self.crm is not None:
            await self.crm.pull(UUID(event_data["contact_id"]))

    async def resolved(self, *, conversation_id: str | None, **_: Any) -> None:
        """Follows `conversation.resolved`: the customer system is told how it ended."""
        if self.crm is not None and conversation_id is not None:
            await self.crm.push(UUID(conversation_id))

    def handlers(self) -> dict[str, Callable[..., Awaitable[None]]]:
        """The jobs by name."""
        return {FOLLOW_ACTION: self.action, FOLLOW_VERIFIED: self.verified, FOLLOW_RESOLVED: self.resolved}
