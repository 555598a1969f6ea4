"""`request_return`: the customer sends an item back, for a refund or an exchange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from context.actions.rights import may_touch
from context.actions.types import Action, ActionContext, ActionRefusedError, ActionResult
from context.events import ActionDone
from context.models import OrderRow, ReturnRow
from context.orders.importing import next_return_reference
from context.orders.matching import normalise_number
from context.orders.policy import ReturnRefusal, find_item, refusal_of_return
from context.orders.reading import find_order
from context.orders.types import ReturnStatus, ReturnWish
from context.types import Order, OrderItem

SENTENCES = {
    ReturnRefusal.NOT_DELIVERED: "The order has not been delivered yet",
    ReturnRefusal.ALREADY_SETTLED: "It was returned or refunded already",
    ReturnRefusal.TOO_LATE: "The time for sending this item back is over",
    ReturnRefusal.NOT_IN_ORDER: "There is no such item in the order",
    ReturnRefusal.NOT_RETURNABLE: "Such an item can be sent back only when it was damaged or wrong",
}


@dataclass(frozen=True)
class RequestReturn:
    """`item` is a sku or title of the order; `reason` a ReturnReason or the customer's words; `details` are added to what is stored."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    order_number: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    item: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    wish: ReturnWish
    details: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


async def _run(context: ActionContext, arguments: RequestReturn) -> ActionResult:
    """Stores the request once a key. A second wish for the same item, while it is open, changes that request and keeps its reference."""
    number = normalise_number(arguments.order_number)
    await context.session.execute(select(OrderRow.number).where(OrderRow.number == number).with_for_update())  # one at a time for an order
    repeated = await context.session.scalar(select(ReturnRow).where(ReturnRow.key == context.key))
    if repeated is not None:
        return ActionResult(_data(repeated, repeated=True))
    order = await find_order(context.session, number)
    if order is None or not await may_touch(context, order):
        raise ActionRefusedError("not_found", "The order number or its proof does not fit")
    item = _returned_item(context, arguments, order)
    return await _store(context, arguments, order=order, item=item)


def _returned_item(context: ActionContext, arguments: RequestReturn, order: Order) -> OrderItem:
    refusal = refusal_of_return(order, item=arguments.item, reason=arguments.reason, now=context.now)
    item = find_item(order, arguments.item)
    if refusal is not None or item is None:
        refusal = refusal or ReturnRefusal.NOT_IN_ORDER
        raise ActionRefusedError(refusal.value, SENTENCES[refusal])
    return item


async def _store(context: ActionContext, arguments: RequestReturn, *, order: Order, item: OrderItem) -> ActionResult:
    reason = f"{arguments.reason}: {arguments.details}" if arguments.details else arguments.reason
    earlier = await context.session.scalars(select(ReturnRow).where(ReturnRow.order_number == order.number, ReturnRow.item == item.sku))
    by_status = {row.status: row for row in earlier}
    if by_status.keys() & {ReturnStatus.RECEIVED, ReturnStatus.COMPLETED}:
        raise ActionRefusedError(ReturnRefusal.ALREADY_SETTLED.value, SENTENCES[ReturnRefusal.ALREADY_SETTLED])
    row = by_status.get(ReturnStatus.REQUESTED)
    if row is not None:
        row.wish, row.reason = arguments.wish.value, reason
    else:
        row = await _insert(context, order=order, item=item, reason=reason, wish=arguments.wish)
    await context.session.flush()
    data = _data(row)
    return ActionResult(data, (ActionDone(REQUEST_RETURN.name, context.key, data),))


async def _insert(context: ActionContext, *, order: Order, item: OrderItem, reason: str, wish: ReturnWish) -> ReturnRow:
    number, reference = await next_return_reference(context.session)
    values = {
        "reference": reference,
        "number": number,
        "key": context.key,
        "order_number": order.number,
        "item": item.sku,
        "reason": reason,
        "wish": wish.value,
        "status": ReturnStatus.REQUESTED.value,
        "conversation_id": context.conversation_id,
        "at": context.now,
    }
    await context.session.execute(insert(ReturnRow).values(**values).on_conflict_do_nothing(index_elements=["key"]))
    return (await context.session.scalars(select(ReturnRow).where(ReturnRow.key == context.key))).one()


def _data(row: ReturnRow, *, repeated: bool = False) -> dict[str, object]:
    names = ("reference", "order_number", "item", "wish", "status")
    return {name: getattr(row, name) for name in names} | {"repeated": repeated}


REQUEST_RETURN = Action("request_return", RequestReturn, _run)
