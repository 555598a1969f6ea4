"""`cancel_order`: an order that has not left the warehouse is cancelled, and the desk is told to pay it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints
from sqlalchemy import update

from context.actions.rights import access_locked_order, lock_order
from context.actions.service_request import find_repeat, store_request
from context.actions.types import Action, ActionContext, ActionRefusedError, ActionResult
from context.models import OrderRow
from context.orders.policy import ChangeRefusal, refusal_of_change
from context.orders.types import OrderStatus
from context.shop.types import RequestKind

SENTENCES = {
    ChangeRefusal.ALREADY_CANCELLED: "The order was cancelled already",
    ChangeRefusal.SENT: "The parcel has left the warehouse",
    ChangeRefusal.IN_STORE: "The order waits in the store or was fetched",
    ChangeRefusal.ARRIVED: "The order has arrived already",
}


@dataclass(frozen=True)
class CancelOrder:
    """`reason` are the customer's own words, when there are any."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    order_number: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


async def _run(context: ActionContext, arguments: CancelOrder) -> ActionResult:
    """The status changes in Baton's own table; the stored request tells the shop what to do beyond that."""
    number = await lock_order(context, arguments.order_number)
    repeated = await find_repeat(context)
    if repeated is not None:
        return repeated
    order = await access_locked_order(context, number)
    refusal = refusal_of_change(order)
    if refusal is not None:
        raise ActionRefusedError(refusal.value, SENTENCES[refusal])
    await context.session.execute(update(OrderRow).where(OrderRow.number == number).values(status=OrderStatus.CANCELLED.value))
    details = {"reason": arguments.reason, "status_before": str(order.status), "total": order.total, "currency": order.currency}
    return await store_request(context, RequestKind.CANCEL, action=CANCEL_ORDER.name, details=details, order_number=number)


CANCEL_ORDER = Action("cancel_order", CancelOrder, _run)
