"""`change_address`: an order that has not left the warehouse goes to another address in the same country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints
from sqlalchemy import update

from context.actions.cancel_order import SENTENCES
from context.actions.rights import access_locked_order, lock_order
from context.actions.service_request import find_repeat, store_request
from context.actions.types import Action, ActionContext, ActionRefusedError, ActionResult
from context.models import OrderRow
from context.orders.policy import refusal_of_change
from context.shop.types import RequestKind


@dataclass(frozen=True)
class ChangeAddress:
    """`line` is street, number, floor and the like; `city` the town with its postcode, if it has one. The country stays."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    order_number: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    line: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]
    city: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


async def _run(context: ActionContext, arguments: ChangeAddress) -> ActionResult:
    number = await lock_order(context, arguments.order_number)
    repeated = await find_repeat(context)
    if repeated is not None:
        return repeated
    order = await access_locked_order(context, number)
    refusal = refusal_of_change(order)
    if refusal is not None:
        raise ActionRefusedError(refusal.value, SENTENCES[refusal])
    address = {**order.address, "line": arguments.line, "city": arguments.city}
    await context.session.execute(update(OrderRow).where(OrderRow.number == number).values(address=address))
    details = {"address": address, "address_before": order.address}
    return await store_request(context, RequestKind.ADDRESS, action=CHANGE_ADDRESS.name, details=details, order_number=number)


CHANGE_ADDRESS = Action("change_address", ChangeAddress, _run)
